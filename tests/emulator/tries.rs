//! `--try`: containers run on this machine before anything changes in AWS, with a real engine.

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::support::Emulator;

const WEB: &str = "name: web\ntype: Load Balanced Web Service\nimage:\n  build: web/Dockerfile\n  port: 8080\n\
    http:\n  path: /\n  healthcheck: {path: /health, interval: 5s, timeout: 2s, grace_period: 0s, unhealthy_threshold: 2}\n\
    cpu: 256\nmemory: 512\ncount: 1\n";

fn prepared(emulator: &Emulator) {
    let sandbox = &emulator.sandbox;
    emulator.write_probe("web");
    sandbox.wharf("app init tries").ends(0);
    sandbox.wharf("env init --name test --default-config").ends(0);
    sandbox.wharf("env deploy --name test").ends(0);
    sandbox.wharf("svc init --name web --svc-type 'Load Balanced Web Service' --dockerfile web/Dockerfile --port 8080").ends(0);
}

/// Containers, or volumes, of tries of a process that the engine has.
fn left(emulator: &Emulator, what: &str, process: u32) -> Vec<String> {
    let format = if what == "ps" {
        ["ps", "--all", "--format={{.Names}}"]
    } else {
        ["volume", "ls", "--format={{.Name}}"]
    };
    let output = Command::new("docker")
        .args(format)
        .args(["--filter", "label=wharf.try"])
        .envs(emulator.sandbox.variables())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().filter(|name| name.contains(&format!("-{process}-"))).map(str::to_owned).collect()
}

fn started(emulator: &Emulator, args: &str) -> Child {
    let mut command = emulator.sandbox.command(&emulator.sandbox.work());
    command
        .args(shell_words::split(args).unwrap())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// Waits until the process has a container.
fn trying(emulator: &Emulator, child: &Child) {
    let begun = Instant::now();
    while left(emulator, "ps", child.id()).is_empty() {
        assert!(begun.elapsed() < Duration::from_secs(60), "no container came");
        std::thread::sleep(Duration::from_millis(50));
    }
}

fn signal(child: &Child, name: &str) {
    let sent = Command::new("kill").args([&format!("-{name}"), &child.id().to_string()]).status().unwrap();
    assert!(sent.success());
}

#[test]
fn what_fails_here_is_not_deployed() {
    let Some(emulator) = Emulator::new() else { return };
    let sandbox = &emulator.sandbox;
    prepared(&emulator);
    let with = |rest: &str| sandbox.write("wharf/web/manifest.yml", format!("{WEB}{rest}"));
    let fails = |said: &[&str]| {
        let run = sandbox.wharf("svc deploy --name web --env test --try").expect(1);
        for text in said {
            assert!(run.stderr.contains(text), "{text}: {}", run.transcript());
        }
        assert!(!run.stderr.contains("Push image"), "{}", run.transcript());
        assert!(
            run.stderr.contains("Nothing was pushed, uploaded or changed in AWS"),
            "{}",
            run.transcript()
        );
    };
    // It ends by itself.
    with(
        "variables:\n  PROBE_EXIT_AFTER: 0.3\n  PROBE_EXIT_CODE: 3\n  PROBE_STDERR: the database is not there\n",
    );
    fails(&["container web: exited with code 3", "the database is not there", "--try-env"]);
    // The health check gets another answer.
    with("variables:\n  PROBE_HEALTH_STATUS: 404\n");
    fails(&["GET /health at port 8080 of web: answered 404, and 200 counts as healthy"]);
    // It listens somewhere else.
    with("variables:\n  PORT: 3000\n");
    fails(&["nothing listens on it; the containers listen on 3000"]);
    // Its command is not there.
    with("entrypoint: /nowhere\n");
    fails(&["could not be started: its entry point or command can't be run"]);
    // Its own health check fails.
    with("");
    let check = WEB.replace(
        "  port: 8080\n",
        "  port: 8080\n  healthcheck: {command: [CMD, /probe, check, 'http://127.0.0.1:8080/status/500'], interval: 5s, retries: 1}\n",
    );
    sandbox.write("wharf/web/manifest.yml", check);
    fails(&["health check of container web: its command ended with exit code"]);
    // A secret that is not here is no failure of the try, but said (that it is not in AWS is another check's). Its value may be
    // given.
    with(
        "variables:\n  PROBE_EXIT_AFTER: 0.3\nsecrets:\n  DB_PASSWORD: /tries/db\n  PROBE_HEALTH_STATUS: /tries/status\n",
    );
    let run = sandbox.wharf("verify --name web --env test --try").expect(1);
    let said = "not here were: secret DB_PASSWORD, secret PROBE_HEALTH_STATUS";
    assert!(run.stdout.contains(said), "{}", run.transcript());
    with("secrets:\n  PROBE_HEALTH_STATUS: /tries/status\n");
    sandbox.write("try.env", "PROBE_HEALTH_STATUS=404\n");
    let open = sandbox.wharf("verify --name web --env test --try --try-env try.env").expect(2);
    assert!(open.stderr.contains("chmod 600"), "{}", open.transcript());
    let file = sandbox.work().join("try.env");
    std::fs::set_permissions(file, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    let run = sandbox.wharf("verify --name web --env test --try --try-env try.env").expect(1);
    assert!(run.stdout.contains("answered 404"), "{}", run.transcript());

    // Containers that others wait for, one to its end and one until it is healthy, in one network.
    let ordered =
        WEB.replace("  port: 8080\n", "  port: 8080\n  depends_on: {init: success, aside: healthy}\n");
    let sides = "sidecars:\n  aside:\n    image: {build: web/Dockerfile}\n    variables: {PORT: '9000', PROBE_LISTEN_AFTER: '1'}\n    healthcheck: {command: [CMD, /probe, check, 'http://127.0.0.1:9000/health'], interval: 5s, retries: 2}\n  init:\n    image: {build: web/Dockerfile}\n    essential: false\n    command: [exit, 'CODE']\n";
    let both = |code: &str| {
        sandbox.write("wharf/web/manifest.yml", format!("{ordered}{}", sides.replace("CODE", code)))
    };
    both("0");
    let run = sandbox.wharf("verify --name web --env test --try").expect(0);
    assert!(run.stdout.contains("health check of container aside"), "{}", run.transcript());
    assert!(run.stdout.contains("answered 200 after"), "{}", run.transcript());
    both("7");
    let run = sandbox.wharf("verify --name web --env test --try").expect(1);
    assert!(run.stdout.contains("container init"), "{}", run.transcript());
    assert!(run.stdout.contains("exited with code 7"), "{}", run.transcript());

    // What works here is deployed, with the image that was built for the try.
    with(
        "sidecars:\n  aside:\n    image: {build: web/Dockerfile}\n    essential: false\n    variables: {PORT: '9000', PROBE_EXIT_AFTER: '1'}\n  init:\n    image: {build: web/Dockerfile}\n    essential: false\n    command: [exit, '0']\n",
    );
    let run = sandbox.wharf("svc deploy --name web --env test --try").expect(0);
    assert!(
        run.stderr.contains("GET /health at port 8080 of web: answered 200 after"),
        "{}",
        run.transcript()
    );
    assert_eq!(run.stderr.matches("✔ Build image web:").count(), 1, "{}", run.transcript());
    // Now it is there already, and tried again without a build.
    let run = sandbox.wharf("svc deploy --name web --env test --try").expect(0);
    assert!(run.stderr.contains("answered 200 after"), "{}", run.transcript());
    sandbox.wharf("app delete --yes").ends(0);
    assert_eq!(emulator.leftovers(), Vec::<String>::new());
}

#[test]
fn nothing_of_a_try_stays() {
    let Some(emulator) = Emulator::new() else { return };
    let sandbox = &emulator.sandbox;
    prepared(&emulator);
    let slow = "variables:\n  PROBE_LISTEN_AFTER: 60\nstorage:\n  volumes:\n    scratch: {path: /scratch}\n";
    sandbox.write("wharf/web/manifest.yml", format!("{WEB}{slow}"));
    // Ctrl-C: in order.
    let child = started(&emulator, "svc deploy --name web --env test --try");
    let process = child.id();
    trying(&emulator, &child);
    assert_eq!(left(&emulator, "volume", process).len(), 1);
    signal(&child, "INT");
    let ended = child.wait_with_output().unwrap();
    assert_eq!(ended.status.code(), Some(130), "{}", String::from_utf8_lossy(&ended.stderr));
    assert_eq!(left(&emulator, "ps", process), Vec::<String>::new());
    assert_eq!(left(&emulator, "volume", process), Vec::<String>::new());
    // Killed: the next try removes it.
    let mut child = started(&emulator, "svc deploy --name web --env test --try");
    let process = child.id();
    trying(&emulator, &child);
    signal(&child, "KILL");
    child.wait().unwrap();
    assert_eq!(left(&emulator, "ps", process).len(), 1);
    sandbox.write("wharf/web/manifest.yml", WEB);
    let run = sandbox.wharf("verify --name web --env test --try").expect(0);
    assert!(run.stderr.contains("that an earlier try left"), "{}", run.transcript());
    assert_eq!(left(&emulator, "ps", process), Vec::<String>::new());
    assert_eq!(left(&emulator, "volume", process), Vec::<String>::new());
    sandbox.wharf("app delete --yes").ends(0);
    assert_eq!(emulator.leftovers(), Vec::<String>::new());
}

#[test]
fn a_job_is_tried_to_its_end() {
    let Some(emulator) = Emulator::new() else { return };
    let sandbox = &emulator.sandbox;
    emulator.write_probe("web");
    sandbox.wharf("app init tries").ends(0);
    sandbox.wharf("env init --name test --default-config").ends(0);
    sandbox.wharf("env deploy --name test").ends(0);
    sandbox.wharf("job init --name nightly --schedule '@daily' --dockerfile web/Dockerfile").ends(0);
    let job = |code: u32| {
        format!(
            "name: nightly\ntype: Scheduled Job\nimage:\n  build: web/Dockerfile\non:\n  schedule: '@daily'\ncpu: 256\nmemory: 512\ncommand: [exit, '{code}']\n"
        )
    };
    sandbox.write("wharf/nightly/manifest.yml", job(4));
    let run = sandbox.wharf("job deploy --name nightly --env test --try").expect(1);
    assert!(run.stderr.contains("exited with code 4"), "{}", run.transcript());
    sandbox.write("wharf/nightly/manifest.yml", job(0));
    let run = sandbox.wharf("verify --name nightly --env test --try").expect(0);
    assert!(run.stdout.contains("ended with exit code 0"), "{}", run.transcript());
    sandbox.wharf("app delete --yes").ends(0);
    assert_eq!(emulator.leftovers(), Vec::<String>::new());
}
