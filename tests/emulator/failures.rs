//! Deployments that fail: the screen ends with the first cause, the exit code is 1, and nothing that ran is lost.

use crate::support::Emulator;

/// An application with an environment and one registered backend service whose manifest each test writes.
fn prepared(emulator: &Emulator) {
    let sandbox = &emulator.sandbox;
    emulator.write_probe("api");
    sandbox.wharf("app init fail").ends(0);
    sandbox.wharf("env init --name test --default-config").ends(0);
    sandbox.wharf("env deploy --name test").ends(0);
    sandbox.wharf("svc init --name api --svc-type 'Backend Service' --dockerfile api/Dockerfile").ends(0);
}

fn backend(image: &str, rest: &str) -> String {
    format!("name: api\ntype: Backend Service\nimage:\n{image}cpu: 256\nmemory: 512\ncount: 1\n{rest}")
}

const BUILT: &str = "  build: api/Dockerfile\n  port: 8080\n";

#[test]
fn the_first_cause_is_told() {
    let Some(emulator) = Emulator::new() else { return };
    let sandbox = &emulator.sandbox;
    prepared(&emulator);

    // A program that ends at once: its exit code and its last lines.
    sandbox.write(
        "wharf/api/manifest.yml",
        backend(BUILT, "variables:\n  PROBE_EXIT_AFTER: 0.3\n  PROBE_EXIT_CODE: 3\n  PROBE_STDERR: the database is not there\n"),
    );
    let run = sandbox.wharf("deploy").expect(1);
    assert!(run.stderr.contains("exit code 3"), "{}", run.transcript());
    assert!(run.stderr.contains("the database is not there"), "{}", run.transcript());

    // The failed first try is no dead end: the next deployment takes its place.
    sandbox.write("wharf/api/manifest.yml", backend(BUILT, ""));
    sandbox.wharf("deploy").ends(0);

    // An image that does not exist.
    sandbox
        .write("wharf/api/manifest.yml", backend("  location: 127.0.0.1:1/nothing:here\n  port: 8080\n", ""));
    let run = sandbox.wharf("deploy").expect(1);
    assert!(run.stderr.contains("127.0.0.1:1/nothing:here"), "{}", run.transcript());
    assert!(run.stderr.to_lowercase().contains("pull"), "{}", run.transcript());

    // A secret that does not exist.
    sandbox.write("wharf/api/manifest.yml", backend(BUILT, "secrets:\n  TOKEN: /fail/test/nowhere\n"));
    let run = sandbox.wharf("deploy").expect(1);
    assert!(run.stderr.contains("/fail/test/nowhere"), "{}", run.transcript());

    // A container health check that fails.
    let check = "  healthcheck:\n    command: [CMD, /probe, check, 'http://127.0.0.1:8080/status/500']\n    interval: 5s\n    retries: 1\n";
    sandbox.write("wharf/api/manifest.yml", backend(&format!("{BUILT}{check}"), ""));
    let run = sandbox.wharf("deploy").expect(1);
    assert!(run.stderr.contains("health check"), "{}", run.transcript());

    // Told to fail fast: the second task that ends in the same way is enough, the first one is not.
    sandbox.write(
        "wharf/api/manifest.yml",
        backend(BUILT, "variables:\n  PROBE_EXIT_AFTER: 0.3\n  PROBE_EXIT_CODE: 4\n"),
    );
    let run = sandbox.wharf("deploy --fail-fast").expect(1);
    assert!(run.stderr.contains("This won't end well"), "{}", run.transcript());
    assert!(run.stderr.contains("exit code 4"), "{}", run.transcript());
    assert!(!run.stderr.contains("stopped by the user"), "{}", run.transcript());

    // A deployment that nobody waits for is picked up again, and ends as it would have; then there is nothing to follow.
    sandbox.write(
        "wharf/api/manifest.yml",
        backend(BUILT, "variables:\n  PROBE_EXIT_AFTER: 0.3\n  PROBE_EXIT_CODE: 5\n"),
    );
    let run = sandbox.wharf("deploy --detach").expect(0);
    assert!(run.stderr.contains("wharf watch --name api --env test"), "{}", run.transcript());
    let run = sandbox.wharf("watch --name api").expect(1);
    assert!(run.stderr.contains("Update service api in test"), "{}", run.transcript());
    assert!(run.stderr.contains("exit code 5"), "{}", run.transcript());
    let run = sandbox.wharf("watch --name api").expect(0);
    assert!(run.stderr.contains("ended in UPDATE_ROLLBACK_COMPLETE"), "{}", run.transcript());
    let run = sandbox.wharf("watch").expect(0);
    assert!(run.stderr.contains("Nothing is being deployed to test."), "{}", run.transcript());

    // What ran goes on running.
    let status = sandbox.wharf("status --json").expect(0);
    let status: serde_json::Value = serde_json::from_str(&status.stdout).unwrap();
    assert_eq!(status["Service"]["runningCount"], 1, "{status}");
    sandbox.wharf("app delete --yes").ends(0);
    assert_eq!(emulator.leftovers(), Vec::<String>::new());
}

#[test]
fn a_health_check_that_finds_nothing() {
    let Some(emulator) = Emulator::new() else { return };
    let sandbox = &emulator.sandbox;
    emulator.write_probe("web");
    sandbox.wharf("app init sick").ends(0);
    sandbox.wharf("env init --name test --default-config").ends(0);
    sandbox.wharf("env deploy --name test").ends(0);
    sandbox
        .wharf("svc init --name web --svc-type 'Load Balanced Web Service' --dockerfile web/Dockerfile --port 8080")
        .ends(0);
    sandbox.write(
        "wharf/web/manifest.yml",
        "name: web\ntype: Load Balanced Web Service\nimage:\n  build: web/Dockerfile\n  port: 8080\nhttp:\n  path: /\n  \
         healthcheck:\n    path: /status/404\n    interval: 60s\n    timeout: 5s\n    unhealthy_threshold: 3\n    \
         grace_period: 0s\ncpu: 256\nmemory: 512\n",
    );
    let run = sandbox.wharf("deploy").expect(1);
    assert!(run.stderr.contains("/status/404"), "{}", run.transcript());
    assert!(run.stderr.contains("404"), "{}", run.transcript());
    sandbox.wharf("app delete --yes").ends(0);
    assert_eq!(emulator.leftovers(), Vec::<String>::new());
}

#[test]
fn following_loses_and_doubles_nothing() {
    let Some(emulator) = Emulator::new() else { return };
    let sandbox = &emulator.sandbox;
    prepared(&emulator);
    sandbox.write("wharf/api/manifest.yml", backend(BUILT, "variables:\n  PROBE_LINES: 200\n"));
    // Follows from before the service exists: waits for its first line.
    let mut follow = sandbox.command(&sandbox.work());
    follow.args(["logs", "--follow", "--since", "1h", "--json", "--name", "api", "--env", "test"]);
    let mut follow =
        follow.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::null()).spawn().unwrap();
    let stdout = follow.stdout.take().unwrap();
    let (told, lines) = std::sync::mpsc::channel();
    let reader = std::thread::spawn(move || {
        use std::io::BufRead;
        for line in std::io::BufReader::new(stdout).lines().map_while(Result::ok) {
            let line: serde_json::Value = serde_json::from_str(&line).unwrap();
            told.send(line["message"].as_str().unwrap_or_default().to_owned()).unwrap();
        }
    });
    sandbox.wharf("deploy").ends(0);
    let wanted: Vec<String> = (1..=200).map(|number| format!("line {number}")).collect();
    let mut seen: Vec<String> = vec![];
    while !seen.contains(&wanted[199]) {
        let next = lines.recv_timeout(std::time::Duration::from_secs(30));
        seen.push(next.unwrap_or_else(|_| panic!("nothing follows {seen:?}")));
    }
    // Time to say something twice.
    std::thread::sleep(std::time::Duration::from_secs(2));
    let interrupted =
        std::process::Command::new("kill").args(["-INT", &follow.id().to_string()]).status().unwrap();
    assert!(interrupted.success());
    let _ = follow.wait().unwrap();
    reader.join().unwrap();
    seen.extend(lines);
    let found: Vec<&String> = seen.iter().filter(|line| wanted.contains(line)).collect();
    assert_eq!(found, wanted.iter().collect::<Vec<_>>(), "{seen:?}");
    sandbox.wharf("app delete --yes").ends(0);
}
