//! From nothing to a running service, through changes and failures, and back to nothing.

use crate::support::{Emulator, get};

/// The address that the last line of a deployment names.
fn url(output: &str) -> String {
    let at = output.find("http://").unwrap_or_else(|| panic!("no address in:\n{output}"));
    output[at..].split_whitespace().next().unwrap().trim_end_matches(['.', ',']).to_owned()
}

fn manifest(variables: &str) -> String {
    format!(
        "name: web\ntype: Load Balanced Web Service\nimage:\n  build: web/Dockerfile\n  port: 8080\n\
         http:\n  path: /\n  healthcheck:\n    path: /health\n    interval: 10s\n    timeout: 5s\n    healthy_threshold: 2\n\
         cpu: 256\nmemory: 512\ncount: 1\nvariables:\n  PROBE_LINES: 3\n{variables}"
    )
}

#[test]
fn first_deployment_changes_a_broken_image_and_deletion() {
    let Some(emulator) = Emulator::new() else { return };
    let sandbox = &emulator.sandbox;
    emulator.write_probe("web");

    // Init to deploy in one go, without a single question.
    let first = sandbox
        .wharf(
            "init --app shop --name web --type 'Load Balanced Web Service' --dockerfile web/Dockerfile --port 8080 \
             --env test --deploy",
        )
        .expect(0);
    let address = url(&first.stdout);
    assert!(!get(&address).is_empty());

    // Seeing.
    let status = sandbox.wharf("status --json").expect(0);
    let status: serde_json::Value = serde_json::from_str(&status.stdout).unwrap();
    assert_eq!(status["Service"]["runningCount"], 1, "{status}");
    assert_eq!(status["Service"]["deployments"].as_array().unwrap().len(), 1, "{status}");
    let shown = sandbox.wharf("svc show -n web --json").expect(0);
    let shown: serde_json::Value = serde_json::from_str(&shown.stdout).unwrap();
    assert_eq!(
        shown["routes"][0]["url"].as_str().map(|url| url.trim_end_matches('/')),
        Some(address.trim_end_matches('/'))
    );
    assert_eq!(sandbox.wharf("app ls").expect(0).stdout, "shop\n");
    assert_eq!(sandbox.wharf("env ls").expect(0).stdout, "test\n");
    let listed = sandbox.wharf("svc ls --json").expect(0).stdout;
    assert_eq!(
        serde_json::from_str::<serde_json::Value>(&listed).unwrap(),
        serde_json::json!({"services": [{"app": "shop", "name": "web", "type": "Load Balanced Web Service"}]})
    );

    // Logs: the program's own lines, every request once.
    get(&format!("{}/log/marker-one", address.trim_end_matches('/')));
    let mut lines = String::new();
    for _ in 0..50 {
        lines = sandbox.wharf("logs --since 1h").expect(0).stdout;
        if lines.contains("marker-one") {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(200));
    }
    assert_eq!(lines.matches(" marker-one").count(), 1, "{lines}");
    assert_eq!(lines.matches("GET /log/marker-one 200").count(), 1, "{lines}");

    // Nothing changed: says so, and is quick about it.
    let again = sandbox.wharf("svc deploy").expect(0);
    assert!(
        again.stdout.contains("nothing to change") || again.stderr.contains("nothing to change"),
        "{}",
        again.transcript()
    );

    // A new image: the running task is replaced by one of the new version.
    sandbox.write("wharf/web/manifest.yml", manifest("  GREETING: second\n"));
    sandbox.write("web/extra.txt", "changes the image");
    sandbox.write(
        "web/Dockerfile",
        "FROM scratch\nCOPY probe /probe\nCOPY extra.txt /extra.txt\nEXPOSE 8080\nENTRYPOINT [\"/probe\"]\n",
    );
    let second = sandbox.wharf("svc deploy --progress lines").expect(0);
    assert_eq!(url(&second.stdout), address);
    let status = sandbox.wharf("status --json").expect(0);
    let status: serde_json::Value = serde_json::from_str(&status.stdout).unwrap();
    let revision = status["Service"]["taskDefinition"].as_str().unwrap().to_owned();
    assert!(revision.ends_with(":2"), "{revision}");

    // Back to the first release, and forward again; what failed is no release.
    let releases = |count: usize| {
        let listed = sandbox.wharf("svc releases -n web --json").expect(0).stdout;
        let listed: serde_json::Value = serde_json::from_str(&listed).unwrap();
        let releases = listed["releases"].as_array().unwrap().clone();
        assert_eq!(releases.len(), count, "{listed}");
        assert_eq!(releases[0]["current"], true);
        releases
    };
    let before = releases(2);
    let back = sandbox.wharf("rollback --yes").expect(0);
    assert_eq!(url(&back.stdout), address);
    let now = releases(3);
    assert_eq!(now[0]["id"], before[1]["id"]);
    assert_eq!(now[0]["images"], before[1]["images"]);
    let to = format!("rollback --yes --to {}", before[0]["id"].as_str().unwrap());
    sandbox.wharf(&to).ends(0);
    releases(4);
    let none = sandbox.wharf("rollback --yes --to ffffffffff").expect(1);
    assert!(none.stderr.contains("has no release ffffffffff"), "{}", none.transcript());
    // The workspace still means the second release: nothing to change.
    let same = sandbox.wharf("svc deploy").expect(0);
    assert!(same.transcript().contains("nothing to change"), "{}", same.transcript());

    // A broken image: fails, says why, rolls back; the old version goes on answering.
    sandbox
        .write("wharf/web/manifest.yml", manifest("  PROBE_EXIT_AFTER: \"0\"\n  PROBE_EXIT_CODE: \"7\"\n"));
    let broken = sandbox.wharf("svc deploy").expect(1);
    assert!(broken.stderr.contains("exit code 7"), "{}", broken.transcript());
    assert!(broken.stderr.contains("rolled back"), "{}", broken.transcript());
    assert!(!get(&address).is_empty());
    let status = sandbox.wharf("status --json").expect(0);
    let status: serde_json::Value = serde_json::from_str(&status.stdout).unwrap();
    assert_eq!(status["Service"]["runningCount"], 1, "{status}");

    // Gone: nothing of the application is left in the account.
    let gone = sandbox.wharf("app delete --yes").expect(0);
    assert_eq!(emulator.leftovers(), Vec::<String>::new(), "{}", gone.transcript());
}

#[test]
fn two_services_at_once() {
    let Some(emulator) = Emulator::new() else { return };
    let sandbox = &emulator.sandbox;
    emulator.write_probe("web");
    sandbox.wharf("app init pair").ends(0);
    sandbox.wharf("env init --name test --default-config").ends(0);
    sandbox.wharf("svc init --name front --svc-type 'Load Balanced Web Service' --dockerfile web/Dockerfile --port 8080").ends(0);
    sandbox.wharf("svc init --name back --svc-type 'Backend Service' --dockerfile web/Dockerfile").ends(0);
    sandbox.wharf("env deploy --name test").ends(0);
    let deployed = sandbox.wharf("deploy --all --env test").expect(0);
    assert!(!get(&url(&deployed.stdout)).is_empty());
    for service in ["front", "back"] {
        let status = sandbox.wharf(&format!("svc status -n {service} -e test --json")).expect(0);
        let status: serde_json::Value = serde_json::from_str(&status.stdout).unwrap();
        assert_eq!(status["Service"]["runningCount"], 1, "{status}");
    }
    let refused = sandbox.wharf("env delete --name test --yes").expect(1);
    assert!(refused.stderr.contains("back") && refused.stderr.contains("front"), "{}", refused.transcript());
    sandbox.wharf("svc delete --name back --yes").ends(0);
    sandbox.wharf("svc delete --name front --env test --yes").ends(0);
    sandbox.wharf("env delete --name test --yes").ends(0);
    sandbox.wharf("app delete --yes").ends(0);
    assert_eq!(emulator.leftovers(), Vec::<String>::new());
}
