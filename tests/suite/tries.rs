//! `--try`, with container engines that are played.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;

use crate::changes::{deployed_environment, unchanged};
use crate::expect_runs;
use crate::sandbox::{Run, Sandbox};
use crate::scripted::{Answer, Script, Scripted};
use crate::world::{records, shop_in, shown};

const API: &str = "name: api\ntype: Backend Service\nimage:\n  location: nginx:1\n  port: 8080\n\
    http:\n  path: /\n  healthcheck: {path: /health, interval: 5s, timeout: 2s, grace_period: 0s}\n\
    cpu: 256\nmemory: 512\ncount: 1\nvariables:\n  LEVEL: debug\n";

/// A server that answers every request with a status; its port.
fn answering(status: u16) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let _ = stream.read(&mut [0; 1024]);
            let _ = write!(stream, "HTTP/1.1 {status} X\r\nContent-Length: 0\r\n\r\n");
        }
    });
    port
}

/// docker, as far as a try needs it. `run` and `state` are what those commands do; every call is kept, and what was in the
/// file of variables.
fn docker(run: &str, state: &str, port: u16) -> String {
    format!(
        "here=$(dirname \"$0\"); echo \"$*\" >> $here/calls\n\
         case \"$1 $2\" in\n\
         'image inspect') echo linux/amd64 ;;\n\
         'container inspect') echo '4f2a {state}' ;;\n\
         'context inspect') echo unix:///var/run/docker.sock ;;\n\
         'run '*) for word in \"$@\"; do case $word in --env-file=*) /bin/cat ${{word#--env-file=}} >> $here/variables ;; esac; done\n{run} ;;\n\
         'version '*) echo linux/amd64 ;;\n\
         'port '*) echo 127.0.0.1:{port} ;;\n\
         'logs '*) echo 'starting' >&2; echo 'fatal: the password t0p-secret is wrong' >&2 ;;\n\
         esac"
    )
}

const RUNS: &str = "{\"Status\":\"running\",\"Running\":true,\"ExitCode\":0,\"Pid\":0}";
const ENDED: &str = "{\"Status\":\"exited\",\"Running\":false,\"ExitCode\":3,\"OOMKilled\":false}";

fn shop(manifest: &str, engine: &str) -> (Sandbox, Scripted) {
    shop_with("docker", manifest, engine)
}

fn shop_with(program: &str, manifest: &str, engine: &str) -> (Sandbox, Scripted) {
    let script =
        records().on("servicequotas:*", "", Answer::Json(serde_json::json!({"Quota": {"Value": 64.0}})));
    let (mut sandbox, server) = shop_in(deployed_environment(script_of(script)));
    sandbox.write("wharf/api/manifest.yml", manifest);
    let script = engine.to_owned();
    let dirname = std::fs::canonicalize("/usr/bin/dirname").unwrap();
    sandbox.only_programs(&[
        (program, script.as_str()),
        ("uname", "echo machine"),
        ("dirname", &format!("exec {} \"$@\"", dirname.display())),
    ]);
    (sandbox, server)
}

fn script_of(script: Script) -> Script {
    script.on("logs:DescribeLogStreams", "", Answer::error("ResourceNotFoundException", "no"))
}

/// The run with times and process ids as they never are the same.
fn steady(run: Run) -> String {
    let text = shown(&run);
    let mut out = String::new();
    let mut rest = text.as_str();
    while let Some(at) = rest.find("after ") {
        let (before, after) = rest.split_at(at + 6);
        out.push_str(before);
        rest = after.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
        if rest.len() != after.len() {
            out.push('…');
        }
    }
    out + rest
}

/// Compares a text without its times with what is expected.
fn kept(name: &str, text: String) {
    insta::with_settings!({filters => vec![(r"(?m)^ +\d+s ", "      …s "), ("\"at\":\\d+", "\"at\":0")]}, {
        insta::assert_snapshot!(name, text);
    });
}

fn calls(sandbox: &Sandbox) -> String {
    std::fs::read_to_string(sandbox.work().join("../bin/calls")).unwrap_or_default()
}

#[test]
fn a_service_that_answers() {
    let (sandbox, server) = shop(API, &docker("echo 4f2a", RUNS, answering(200)));
    let run = sandbox.wharf("verify -n api -e test --try").expect(0);
    assert!(run.stdout.contains("GET /health at port 8080 of api"), "{}", run.transcript());
    assert!(run.stdout.contains("answered 200 after"), "{}", run.transcript());
    let calls = calls(&sandbox);
    assert!(calls.contains("rm --force --volumes wharf-try-"), "{calls}");
    let variables = std::fs::read_to_string(sandbox.work().join("../bin/variables")).unwrap();
    assert!(
        variables.contains("LEVEL=debug\n") && variables.contains("COPILOT_SERVICE_NAME=api\n"),
        "{variables}"
    );
    assert!(!calls.contains("debug"), "a value stands on a command line: {calls}");
    unchanged(&server);
}

#[test]
fn other_engines_try_too() {
    for program in ["podman", "finch", "nerdctl"] {
        let says = docker("echo 4f2a", RUNS, answering(200)).replace("'version '*)", "'version '*|'info '*)");
        let (sandbox, server) = shop_with(program, API, &says);
        let run = sandbox.wharf("verify -n api -e test --try");
        assert!(run.stdout.contains("answered 200 after"), "{program}: {}", run.transcript());
        let calls = calls(&sandbox);
        let started = calls.lines().find(|call| call.starts_with("run ")).unwrap_or_default();
        assert!(started.contains("--publish=127.0.0.1::8080") && !started.contains("--memory"), "{started}");
        // The others know no such option.
        assert_eq!(started.contains("--no-healthcheck"), program == "podman", "{started}");
        assert!(calls.contains("rm --force --volumes wharf-try-"), "{program}: {calls}");
        let variables = std::fs::read_to_string(sandbox.work().join("../bin/variables")).unwrap();
        assert!(variables.contains("LEVEL=debug\n"), "{program}: {variables}");
        unchanged(&server);
    }
}

#[test]
fn a_service_with_the_wrong_answer_is_not_deployed() {
    let (sandbox, server) = shop(API, &docker("echo 4f2a", RUNS, answering(404)));
    let run = sandbox.wharf("svc deploy -n api -e test --try").expect(1);
    kept("try_wrong_answer", steady(run));
    unchanged(&server);
}

#[test]
fn a_service_that_ends() {
    let (sandbox, server) = shop(API, &docker("echo 4f2a", ENDED, 1));
    let runs = [
        sandbox.wharf("svc deploy -n api -e test --try").expect(1),
        sandbox.wharf("deploy -n api -e test --try --progress json").expect(1),
        sandbox.wharf("verify -n api -e test --try").expect(1),
    ];
    kept("try_ended", runs.map(steady).join("\n"));
    unchanged(&server);
}

#[test]
fn values_for_a_try_are_never_shown() {
    let manifest = format!("{API}secrets:\n  PASSWORD: /shop/password\n  TOKEN: /shop/token\n");
    let (sandbox, server) = shop(&manifest, &docker("echo 4f2a", ENDED, 1));
    sandbox.write("try.env", "# for me\nPASSWORD=t0p-secret\n");
    let file = sandbox.work().join("try.env");
    std::fs::set_permissions(&file, std::os::unix::fs::PermissionsExt::from_mode(0o644)).unwrap();
    let open = sandbox.wharf("svc deploy -n api -e test --skip-preflight --try --try-env try.env").expect(1);
    std::fs::set_permissions(&file, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    let run = sandbox.wharf("verify -n api -e test --try --try-env try.env").expect(0);
    let text = run.transcript();
    assert!(text.contains("not here were: secret TOKEN"), "{text}");
    assert!(text.contains("the password *** is wrong"), "{text}");
    let warned = sandbox.wharf("svc deploy -n api -e test --skip-preflight --try --try-env try.env");
    let said = &warned.stderr;
    assert!(
        said.contains("not settled by the try: container api: exited with code 3"),
        "{}",
        warned.transcript()
    );
    assert!(
        said.contains("not here were: secret TOKEN") && !said.contains("t0p-secret"),
        "{}",
        warned.transcript()
    );
    let lines = said.lines().filter(|line| line.contains("fatal: the password *** is wrong")).count();
    assert_eq!(lines, 1, "{}", warned.transcript());
    assert!(!said.contains("nothing to do"), "{}", warned.transcript());
    let variables = std::fs::read_to_string(sandbox.work().join("../bin/variables")).unwrap();
    assert!(variables.contains("PASSWORD=t0p-secret\nTOKEN=placeholder\n"), "{variables}");
    for shown in [text, open.transcript(), calls(&sandbox)] {
        assert!(!shown.contains("t0p-secret"), "{shown}");
    }
    expect_runs!("try_open_file", open);
    unchanged(&server);
}

#[test]
fn what_keeps_a_try_from_telling() {
    // The command is not in the image; the machine can't run the image; the engine is off; a file without `--try`.
    let missing = "echo 'docker: Error response from daemon: failed to create task: exec: \"serve\": executable file not found in $PATH' >&2; exit 127";
    let (sandbox, server) = shop(API, &docker(missing, RUNS, 1));
    let missing = sandbox.wharf("svc deploy -n api -e test --try").expect(1);
    unchanged(&server);
    let arm = format!("{API}platform: linux/arm64\n");
    let engine = docker("echo 4f2a", ENDED, 1)
        .replace("'image inspect') echo linux/amd64", "'image inspect') echo linux/arm64")
        .replace("'logs '*) echo 'starting' >&2", "'logs '*) echo 'exec /app: exec format error'");
    let (sandbox, server) = shop(&arm, &engine);
    let foreign = sandbox.wharf("verify -n api -e test --try").expect(0);
    assert!(
        foreign.stdout.contains("tasks run on linux/arm64, which this machine (linux/amd64) can't run"),
        "{}",
        foreign.transcript()
    );
    unchanged(&server);
    let off = "echo 'ERROR: Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?' >&2; exit 1";
    let (sandbox, server) = shop(API, off);
    let off = sandbox.wharf("svc deploy -n api -e test --try").expect(1);
    unchanged(&server);
    let usage = sandbox.wharf("svc deploy -n api -e test --try-env x").expect(2);
    expect_runs!("try_cannot_tell", missing, usage);
    assert!(off.transcript().contains("docker is not running"), "{}", off.transcript());
}
