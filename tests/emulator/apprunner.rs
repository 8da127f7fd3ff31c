//! A service on App Runner: made, deployed, seen, paused, resumed, broken, deleted.

use crate::support::Emulator;

fn json(text: &str) -> serde_json::Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

fn manifest(more: &str) -> String {
    format!(
        "name: web\ntype: Request-Driven Web Service\nimage:\n  build: web/Dockerfile\n  port: 8080\n\
         http:\n  healthcheck: /health\nnetwork:\n  vpc:\n    placement: private\ncpu: 256\nmemory: 512\n\
         publish:\n  topics:\n    - name: sold\nvariables:\n  PROBE_LINES: 3\n{more}"
    )
}

#[test]
fn from_nothing_over_a_pause_and_a_broken_image_to_nothing() {
    let Some(emulator) = Emulator::new() else { return };
    let sandbox = &emulator.sandbox;
    emulator.write_probe("web");
    let first = sandbox
        .wharf(
            "init --app shop --name web --type 'Request-Driven Web Service' --ingress-type Internet \
             --dockerfile web/Dockerfile --port 8080 --env test --deploy",
        )
        .expect(0);
    assert!(first.stdout.contains(".awsapprunner.com"), "{}", first.transcript());

    let status = json(&sandbox.wharf("status --json").expect(0).stdout);
    assert_eq!(status["status"], "RUNNING", "{status}");
    assert!(status["source"]["imageId"].as_str().unwrap().contains("/shop/web"), "{status}");
    assert_eq!(status["operations"][0]["type"], "CREATE_SERVICE", "{status}");

    // Into the environment's network, with a topic and a health check.
    sandbox.write("wharf/web/manifest.yml", manifest(""));
    sandbox.wharf("svc deploy").ends(0);
    let shown = json(&sandbox.wharf("svc show --json --resources").expect(0).stdout);
    assert_eq!(shown["routes"][0]["ingress"], "internet", "{shown}");
    let variables: Vec<&str> = shown["variables"]
        .as_array()
        .unwrap()
        .iter()
        .map(|variable| variable["name"].as_str().unwrap())
        .collect();
    assert!(variables.contains(&"COPILOT_SERVICE_DISCOVERY_ENDPOINT"), "{shown}");
    let kinds: Vec<&str> = shown["resources"]["test"]
        .as_array()
        .unwrap()
        .iter()
        .map(|found| found["type"].as_str().unwrap())
        .collect();
    assert!(
        kinds.contains(&"AWS::AppRunner::VpcConnector") && kinds.contains(&"AWS::SNS::Topic"),
        "{kinds:?}"
    );
    let lines = sandbox.wharf("logs --limit 100").expect(0).stdout;
    assert!(lines.contains("GET /health 200"), "{lines}");
    let system = sandbox.wharf("svc logs --log-group system").expect(0).stdout;
    assert!(system.contains("Service deployment completed successfully."), "{system}");

    // Anew, although nothing changed.
    sandbox.wharf("svc deploy --force").ends(0);
    let status = json(&sandbox.wharf("svc status --json").expect(0).stdout);
    assert_eq!(status["operations"][0]["type"], "START_DEPLOYMENT", "{status}");

    sandbox.wharf("svc pause --yes").ends(0);
    assert_eq!(json(&sandbox.wharf("svc status --json").expect(0).stdout)["status"], "PAUSED");
    let again = sandbox.wharf("svc pause --yes").expect(0);
    assert!(again.stderr.contains("paused already"), "{}", again.transcript());
    sandbox.wharf("svc resume").ends(0);
    assert_eq!(json(&sandbox.wharf("svc status --json").expect(0).stdout)["status"], "RUNNING");

    // A broken version: fails, says why with the container's last lines, rolls back.
    sandbox
        .write("wharf/web/manifest.yml", manifest("  PROBE_EXIT_AFTER: \"0\"\n  PROBE_EXIT_CODE: \"7\"\n"));
    let broken = sandbox.wharf("svc deploy").expect(1);
    assert!(broken.stderr.contains("exit code: 7"), "{}", broken.transcript());
    assert_eq!(json(&sandbox.wharf("svc status --json").expect(0).stdout)["status"], "RUNNING");

    // Only from the environment's network.
    sandbox.write("wharf/web/manifest.yml", manifest("").replace("http:\n", "http:\n  private: true\n"));
    let private = sandbox.wharf("svc deploy").expect(0);
    assert!(private.stdout.contains(".vpc."), "{}", private.transcript());
    let shown = json(&sandbox.wharf("svc show --json").expect(0).stdout);
    assert_eq!(shown["routes"][0]["ingress"], "environment", "{shown}");

    sandbox.wharf("svc delete --env test --yes").ends(0);
    let gone = sandbox.wharf("app delete --yes").expect(0);
    assert_eq!(emulator.leftovers(), Vec::<String>::new(), "{}", gone.transcript());
}
