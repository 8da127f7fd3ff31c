//! Express mode: CloudFormation is done before anything runs, and wharf proves that it runs or goes back.

use std::io::{BufRead, BufReader};
use std::process::Stdio;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::sandbox::Sandbox;
use crate::support::Emulator;

/// A service of an image that is played: one with `fail` in its name exits with 1.
fn manifest(name: &str, image: &str, more: &str) -> String {
    format!(
        "name: {name}\ntype: Backend Service\nimage:\n  location: example.com/{image}\n  port: 8080\ncpu: 256\nmemory: 512\ncount: 1\n{more}"
    )
}

/// An application with an environment and the service `api`, whose manifest is `manifest`.
fn prepared(emulator: &Emulator, manifest: &str) {
    let sandbox = &emulator.sandbox;
    sandbox.wharf("app init express").ends(0);
    sandbox.wharf("env init --name test --default-config").ends(0);
    sandbox.wharf("env deploy --name test").ends(0);
    sandbox
        .wharf("svc init --name api --svc-type 'Backend Service' --image example.com/good:1 --port 8080")
        .ends(0);
    sandbox.write("wharf/api/manifest.yml", manifest);
}

/// Ids of the releases, newest first.
fn releases(sandbox: &Sandbox) -> Vec<String> {
    let listed = sandbox.wharf("svc releases -n api -e test --json").expect(0).stdout;
    let listed: Value = serde_json::from_str(&listed).unwrap();
    let releases = listed["releases"].as_array().unwrap().iter();
    releases.map(|release| release["id"].as_str().unwrap().to_owned()).collect()
}

/// Running tasks of the service, and images of its tasks that do not stop.
fn running(sandbox: &Sandbox) -> (u64, Vec<String>) {
    let status = sandbox.wharf("svc status -n api -e test --json").expect(0).stdout;
    let status: Value = serde_json::from_str(&status).unwrap();
    let tasks = status["tasks"].as_array().unwrap().iter();
    let images = tasks
        .filter(|task| task["lastStatus"] == "RUNNING")
        .flat_map(|task| task["images"].as_array().unwrap().clone())
        .map(|image| image["ID"].as_str().unwrap().to_owned());
    (status["Service"]["runningCount"].as_u64().unwrap(), images.collect())
}

/// Whether ECS has taken the service back to the version before, and that runs.
fn has_gone_back(emulator: &Emulator) -> bool {
    let messages = emulator.service_messages();
    let back = messages.iter().position(|message| message.contains("rolling back to"));
    back.is_some_and(|back| messages[..back].iter().any(|message| message.contains("deployment completed")))
}

/// Runs a command until its JSON lines hold `event`, then kills it.
fn killed_at(sandbox: &Sandbox, command: &str, event: &str) {
    let mut process = sandbox
        .command(&sandbox.work())
        .args(shell_words::split(&format!("{command} --progress json")).unwrap())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let lines = BufReader::new(process.stdout.take().unwrap()).lines();
    let wanted = format!("\"event\":\"{event}\"");
    let found = lines.map_while(Result::ok).any(|line| line.contains(&wanted));
    process.kill().unwrap();
    process.wait().unwrap();
    assert!(found, "{command} came to its end without {event}");
}

#[test]
fn express_deployments_are_proven_and_recorded() {
    let Some(emulator) = Emulator::played() else { return };
    let sandbox = &emulator.sandbox;
    prepared(&emulator, &manifest("api", "good:1", ""));
    let first = sandbox.wharf("svc deploy -n api -e test --express --progress lines").expect(0);
    assert!(first.stderr.contains("CloudFormation is done (express mode)"), "{}", first.transcript());
    let at = |text: &str| first.stderr.find(text).unwrap_or_else(|| panic!("{text}: {}", first.transcript()));
    assert!(at("CloudFormation is done") < at("1 of 1 running, completed"), "{}", first.transcript());
    assert_eq!(releases(sandbox).len(), 1);

    // The same again: proven with a look, nothing to follow.
    let same = sandbox.wharf("svc deploy -n api -e test --express --progress lines").expect(0);
    assert!(same.transcript().contains("nothing to change"), "{}", same.transcript());
    assert!(!same.transcript().contains("Nobody has followed"), "{}", same.transcript());
    let all = sandbox.wharf("deploy --all -e test").expect(0);
    assert!(all.transcript().contains("Unchanged in test: api."), "{}", all.transcript());

    // Another version, then one without the mode, which waits in CloudFormation again.
    sandbox.write("wharf/api/manifest.yml", manifest("api", "good:2", ""));
    sandbox.wharf("svc deploy -n api -e test --express").ends(0);
    assert_eq!(running(sandbox), (1, vec!["example.com/good:2".to_owned()]));
    sandbox.write("wharf/api/manifest.yml", manifest("api", "good:3", ""));
    let slow = sandbox.wharf("svc deploy -n api -e test --progress lines").expect(0);
    assert!(!slow.stderr.contains("express mode"), "{}", slow.transcript());
    assert_eq!(releases(sandbox).len(), 3);
    // And back, with the plan before it.
    let back = sandbox.wharf("rollback -n api -e test --express --diff --diff-yes").expect(0);
    assert!(back.stdout.contains("good:3 -> example.com/good:2"), "{}", back.transcript());
    assert_eq!(running(sandbox), (1, vec!["example.com/good:2".to_owned()]));
    sandbox.wharf("app delete --yes").ends(0);
    assert_eq!(emulator.leftovers(), Vec::<String>::new());
}

#[test]
fn express_goes_back_when_the_new_version_does_not_come_up() {
    let Some(emulator) = Emulator::played() else { return };
    let sandbox = &emulator.sandbox;
    // A first version that fails: nothing is left, and the next deployment begins anew.
    prepared(&emulator, &manifest("api", "fail:0", ""));
    let first = sandbox.wharf("svc deploy -n api -e test --express").expect(1);
    assert!(first.stderr.contains("exited with code 1"), "{}", first.transcript());
    assert!(first.stderr.contains("express-test-api was removed again"), "{}", first.transcript());
    let none = sandbox.wharf("svc status -n api -e test");
    assert_ne!(none.code, 0, "{}", none.transcript());

    sandbox.write("wharf/api/manifest.yml", manifest("api", "good:1", ""));
    sandbox.wharf("svc deploy -n api -e test --express").ends(0);
    let before = releases(sandbox);
    for flags in ["", " --fail-fast"] {
        sandbox.write("wharf/api/manifest.yml", manifest("api", "fail:2", ""));
        let failed = sandbox.wharf(&format!("svc deploy -n api -e test --express{flags}")).expect(1);
        let said = failed.transcript();
        assert!(failed.stderr.contains("exited with code 1"), "{said}");
        assert!(failed.stderr.contains("is deployed again, and runs"), "{said}");
        assert_eq!(running(sandbox), (1, vec!["example.com/good:1".to_owned()]), "{said}");
        assert_eq!(releases(sandbox), before, "what failed is no release");
        // The stack holds what runs.
        sandbox.write("wharf/api/manifest.yml", manifest("api", "good:1", ""));
        sandbox.wharf("diff -n api -e test").ends(0);
    }
    // The next one is an ordinary one.
    sandbox.write("wharf/api/manifest.yml", manifest("api", "good:3", ""));
    sandbox.wharf("svc deploy -n api -e test").ends(0);
    assert_eq!(running(sandbox), (1, vec!["example.com/good:3".to_owned()]));
    sandbox.wharf("app delete --yes").ends(0);
    assert_eq!(emulator.leftovers(), Vec::<String>::new());
}

#[test]
fn express_killed_before_it_is_proven_is_brought_to_its_end() {
    let Some(emulator) = Emulator::played() else { return };
    let sandbox = &emulator.sandbox;
    prepared(&emulator, &manifest("api", "good:1", ""));
    sandbox.wharf("svc deploy -n api -e test --express").ends(0);

    // A good version: the next run records it.
    sandbox.write("wharf/api/manifest.yml", manifest("api", "good:2", ""));
    killed_at(sandbox, "svc deploy -n api -e test --express", "stack_applied");
    assert_eq!(releases(sandbox).len(), 1);
    sandbox.wharf("svc deploy -n api -e test").ends(0);
    assert_eq!(running(sandbox), (1, vec!["example.com/good:2".to_owned()]));
    let before = releases(sandbox);
    assert_eq!(before.len(), 2);

    // A bad version, looked at again once ECS has given it up: not "nothing to change".
    sandbox.write("wharf/api/manifest.yml", manifest("api", "fail:3", ""));
    killed_at(sandbox, "svc deploy -n api -e test --express", "stack_applied");
    let patience = Instant::now();
    while !has_gone_back(&emulator) {
        assert!(patience.elapsed() < Duration::from_secs(60), "{:#?}", emulator.service_messages());
        std::thread::sleep(Duration::from_millis(200));
    }
    assert_eq!(running(sandbox), (1, vec!["example.com/good:2".to_owned()]));
    let watched = sandbox.wharf("watch -n api -e test").expect(1);
    assert!(watched.stderr.contains("exited with code 1"), "{}", watched.transcript());
    let again = sandbox.wharf("svc deploy -n api -e test").expect(1);
    assert!(again.stderr.contains("Nobody has followed the last deployment"), "{}", again.transcript());
    assert!(again.stderr.contains("exited with code 1"), "{}", again.transcript());
    assert!(again.stderr.contains("is deployed again, and runs"), "{}", again.transcript());
    assert_eq!(releases(sandbox), before);
    sandbox.write("wharf/api/manifest.yml", manifest("api", "good:2", ""));
    sandbox.wharf("diff -n api -e test").ends(0);

    // The same with another version after it: what it can fall back on runs again before it begins.
    sandbox.write("wharf/api/manifest.yml", manifest("api", "fail:4", ""));
    killed_at(sandbox, "svc deploy -n api -e test --express", "stack_applied");
    sandbox.write("wharf/api/manifest.yml", manifest("api", "good:5", ""));
    let next = sandbox.wharf("svc deploy -n api -e test --fail-fast").expect(0);
    assert!(next.stderr.contains("this one goes on"), "{}", next.transcript());
    assert_eq!(running(sandbox), (1, vec!["example.com/good:5".to_owned()]));
    assert_eq!(releases(sandbox).len(), 3);
    sandbox.wharf("app delete --yes").ends(0);
    assert_eq!(emulator.leftovers(), Vec::<String>::new());
}
