//! The streams as programs see them: closed outputs, JSON lines, signals, and secrets that never show.

use std::io::Read as _;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::changes::deployed_environment;
use crate::expect_runs;
use crate::sandbox::Sandbox;
use crate::scripted::{Answer, Script};
use crate::world::{API, SECRET, point, records, shop, shop_in, shop_with};

/// Presses Ctrl-C.
pub fn interrupt(child: &Child) {
    signal(child, "INT");
}

fn signal(child: &Child, name: &str) {
    let sent = Command::new("kill").args([format!("-{name}"), child.id().to_string()]).status().unwrap();
    assert!(sent.success());
}

/// A reader that is gone before anything is written, as `| head -0` leaves it.
#[test]
fn a_closed_output_ends_the_command_quietly() {
    let sandbox = shop_with(API);
    for args in [
        &["svc", "package", "--offline"][..],
        &["version"],
        &["completion", "bash"],
        &["svc", "ls", "--local"],
        &["--help"],
    ] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output = sandbox
            .command(&sandbox.work())
            .args(args)
            .stdout(writer)
            .stderr(Stdio::piped())
            .output()
            .unwrap();
        let run = sandbox.finish(&args.join(" "), output);
        assert!(!run.stderr.contains("error") && !run.stderr.contains("panic"), "{}", run.transcript());
        run.ends(3);
    }
}

#[test]
fn a_full_disk_is_told() {
    let Ok(full) = std::fs::OpenOptions::new().write(true).open("/dev/full") else { return };
    let sandbox = shop_with(API);
    let output = sandbox
        .command(&sandbox.work())
        .args(["svc", "package", "--offline", "-n", "api", "-e", "test"])
        .stdout(full)
        .stderr(Stdio::piped())
        .output()
        .unwrap();
    expect_runs!("full_disk", sandbox.finish("svc package --offline -n api -e test > /dev/full", output));
}

/// A command that waits for AWS until it is told to stop.
fn stopped_by(name: &str) -> crate::sandbox::Run {
    let server = records()
        .on("logs:DescribeLogStreams", "", Answer::error("ResourceNotFoundException", "none"))
        .start();
    let mut sandbox = shop();
    point(&mut sandbox, &server.url());
    let child = sandbox
        .command(&sandbox.work())
        .args(["logs", "-n", "web", "-e", "test", "--follow"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let until = Instant::now() + Duration::from_secs(30);
    // It looks again and again for a log group that is not there yet.
    let looks = || server.actions().iter().filter(|action| *action == "logs:DescribeLogStreams").count();
    while looks() < 2 {
        assert!(Instant::now() < until, "{:?}", server.actions());
        std::thread::sleep(Duration::from_millis(20));
    }
    signal(&child, name);
    sandbox.finish("logs -n web -e test --follow", child.wait_with_output().unwrap())
}

/// Whoever follows logs ends it with Ctrl-C: that is no failure.
#[test]
fn following_ends_with_a_signal() {
    expect_runs!("follow_interrupted", stopped_by("INT"), stopped_by("TERM"));
}

/// Ctrl-C while AWS does not answer.
#[test]
fn a_signal_while_aws_is_silent() {
    let server = Script::default().on("*", "", Answer::Late(Duration::from_secs(30))).start();
    let mut sandbox = shop();
    point(&mut sandbox, &server.url());
    for args in [&["app", "ls"][..], &["svc", "deploy", "-n", "web", "-e", "test"]] {
        let before = server.actions().len();
        let until = Instant::now() + Duration::from_secs(30);
        let child = sandbox
            .command(&sandbox.work())
            .args(args)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        while server.actions().len() == before {
            assert!(Instant::now() < until, "{args:?} asked nothing");
            std::thread::sleep(Duration::from_millis(20));
        }
        let begin = Instant::now();
        interrupt(&child);
        let run = sandbox.finish(&args.join(" "), child.wait_with_output().unwrap());
        assert!(begin.elapsed() < Duration::from_secs(10), "{:?} {}", begin.elapsed(), run.transcript());
        assert!(run.stderr.contains("interrupted"), "{}", run.transcript());
        run.ends(130);
    }
}

/// Every line of stdout is a JSON object, the last one is the result.
#[track_caller]
fn json_lines(sandbox: &Sandbox, args: &str, code: i32) -> Vec<Value> {
    let run = sandbox.wharf(&format!("{args} --progress json")).expect(code);
    let lines: Vec<Value> = run
        .stdout
        .lines()
        .map(|line| {
            serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}\n{}", run.transcript()))
        })
        .collect();
    assert!(lines.iter().all(|line| line["event"].is_string()), "{}", run.transcript());
    let results: Vec<usize> = lines
        .iter()
        .enumerate()
        .filter(|(_, line)| line["event"] == "result")
        .map(|(index, _)| index)
        .collect();
    assert_eq!(results, [lines.len() - 1], "{}", run.transcript());
    lines
}

#[test]
fn json_lines_end_with_the_result() {
    let (mut sandbox, _server) = shop_in(deployed_environment(records()));
    sandbox.only_programs(&[]);
    let result = |lines: Vec<Value>| lines.last().unwrap().clone();
    assert_eq!(result(json_lines(&sandbox, "app ls", 0))["value"]["applications"][0], "shop");
    assert_eq!(result(json_lines(&sandbox, "svc ls --local", 0))["value"]["services"][1]["name"], "web");
    assert_eq!(result(json_lines(&sandbox, "app init shop", 0))["exit_code"], 0);
    let text = result(json_lines(&sandbox, "svc package --offline -n api -e test", 0))["text"]
        .as_str()
        .unwrap()
        .to_owned();
    assert_eq!(text, sandbox.wharf("svc package --offline -n api -e test").expect(0).stdout);
    let failed = result(json_lines(&sandbox, "svc deploy -n web -e test", 1));
    assert_eq!(failed["exit_code"], 1);
    assert!(failed["errors"][0]["headline"].as_str().unwrap().contains("container engine"), "{failed}");
    let faulty = shop_with("name: api\ntype: Backend Service\nimage: {}\n");
    assert_eq!(
        result(json_lines(&faulty, "svc package --offline -n api", 1))["errors"][0]["headline"],
        "wharf/api/manifest.yml has 1 error"
    );
    // A program that asked for JSON is told about missing flags too, not asked.
    let missing = result(json_lines(&sandbox, "svc init", 1));
    assert!(missing["errors"][0]["headline"].as_str().unwrap().contains("--svc-type"), "{missing}");
    // `--json` asks for a document of its own shape: it stays as it is.
    assert_eq!(
        sandbox.wharf("app ls --json --progress json").expect(0).stdout,
        "{\"applications\":[\"shop\"]}\n"
    );
}

/// Every command with credentials, a registry's password and an account's keys on the command line: none shows up.
#[test]
fn secrets_do_not_show() {
    let failing = "Authorization failed for do-not-log";
    for script in [
        records(),
        deployed_environment(records()),
        Script::default().on(
            "*",
            "",
            Answer::Error(
                403,
                "SignatureDoesNotMatch".to_owned(),
                format!("{failing}\nThe String-to-Sign was {SECRET}"),
            ),
        ),
        Script::default().on("*", "", Answer::Xml("<not".to_owned())),
    ] {
        let (mut sandbox, _server) = shop_in(script);
        let docker =
            "read -r password; echo \"login of $* with ${password:+a password}\" >&2; env >&2; exit 1";
        sandbox.only_programs(&[("docker", docker)]).set("AWS_SESSION_TOKEN", format!("token-{SECRET}"));
        for args in [
            "app ls",
            "app show",
            "env ls",
            "env show -n test",
            "svc ls",
            "svc show -n web",
            "status -n web -e test",
            "logs -n web -e test",
            "svc deploy -n web -e test",
            "svc package -n api -e test",
            "env deploy -n test",
            "app init shop",
            "svc delete -n web --yes",
            "env init --name prod --default-config --aws-access-key-id AKIDOTHER --aws-secret-access-key do-not-show-this-secret-key",
            "env init --name prod --aws-access-key-id AKIDOTHER",
        ] {
            for progress in ["lines", "json"] {
                let run = sandbox.wharf(&format!("{args} --progress {progress}"));
                assert!(run.code != 0 || !run.stdout.is_empty() || !run.stderr.is_empty());
                for secret in [SECRET, "registry-password", "role-secret", "role-token"] {
                    let shows = run.stdout.contains(secret) || run.stderr.contains(secret);
                    assert!(!shows, "{secret} shows up: {}{}", run.stdout, run.stderr);
                }
            }
        }
    }
}

/// A debug build of the arguments or the environment would show here.
#[test]
fn a_secret_in_the_environment_of_a_usage_error() {
    let mut sandbox = Sandbox::new();
    sandbox.set("WHARF_ENV_SECRET_ACCESS_KEY", SECRET).set("WHARF_ENV_SESSION_TOKEN", SECRET);
    for args in ["env init --help", "env init --profile x --name test", "env init --nonsense"] {
        let run = sandbox.wharf(args);
        assert!(
            !run.stdout.contains(SECRET) && !run.stderr.contains(SECRET),
            "{args}: {}{}",
            run.stdout,
            run.stderr
        );
    }
}

/// Output that is read line by line arrives line by line.
#[test]
fn a_reader_of_one_line() {
    let sandbox = shop_with(API);
    let mut child = sandbox
        .command(&sandbox.work())
        .args(["completion", "bash"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut first = [0; 8];
    child.stdout.take().unwrap().read_exact(&mut first).unwrap();
    let output = child.wait_with_output().unwrap();
    // The script may fit into the pipe: then nothing was noticed.
    assert!(matches!(output.status.code(), Some(0 | 3)), "{:?}", output.status);
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}
