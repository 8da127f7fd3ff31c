//! Jobs: deployed, run, failing, stopped by deletion. Worker Services: a message from a topic to its queue.

use std::time::{Duration, Instant};

use serde_json::Value;

use crate::support::Emulator;

/// A workspace with an application and a deployed environment.
fn environment(emulator: &Emulator, app: &str) {
    let sandbox = &emulator.sandbox;
    sandbox.wharf(&format!("app init {app}")).ends(0);
    sandbox.wharf("env init --name test --default-config").ends(0);
    sandbox.wharf("env deploy --name test").ends(0);
}

fn job(variables: &str) -> String {
    format!(
        "name: report\ntype: Scheduled Job\non:\n  schedule: \"0 9 * * 1-5/2\"\nimage:\n  build: report/Dockerfile\n\
         cpu: 256\nmemory: 512\nvariables:\n  PROBE_LINES: \"2\"\n{variables}"
    )
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|_| panic!("{text}"))
}

#[test]
fn a_job_from_nothing_to_nothing() {
    let Some(emulator) = Emulator::new() else { return };
    let sandbox = &emulator.sandbox;
    emulator.write_probe("report");
    environment(&emulator, "batch");
    sandbox
        .wharf(
            "job init --name report --dockerfile report/Dockerfile --schedule '0 9 * * 1-5/2' --timeout 10m",
        )
        .ends(0);
    // A job that is registered and in the workspace is made once more without harm, as a service is.
    sandbox.wharf("job init --name report").ends(0);
    sandbox.write("wharf/report/manifest.yml", job("  PROBE_EXIT_AFTER: \"1\"\n  PROBE_EXIT_CODE: \"0\"\n"));
    sandbox.wharf("job deploy --env test").ends(0);
    let listed = sandbox.wharf("job ls --json").expect(0).stdout;
    assert_eq!(
        json(&listed),
        serde_json::json!({"jobs": [{"app": "batch", "name": "report", "type": "Scheduled Job"}]})
    );
    let status = json(&sandbox.wharf("job status --json").expect(0).stdout);
    assert_eq!(status["schedule"], "cron(0 9 ? * 2,4,6 *)", "{status}");
    assert_eq!(status["runs"], serde_json::json!([]), "{status}");
    assert!(status["nextRun"].as_str().is_some_and(|next| next.ends_with("T09:00:00Z")), "{status}");

    // A run that ends well: its lines, its outcome.
    let run = sandbox.wharf("job run --follow").expect(0);
    assert!(run.stdout.contains(" line 2") && run.stdout.contains("SUCCEEDED"), "{}", run.transcript());
    let lines = sandbox.wharf("job logs").expect(0).stdout;
    assert_eq!(lines.matches(" line 2").count(), 1, "{lines}");
    let lines = sandbox.wharf("job logs --include-state-machine").expect(0).stdout;
    assert!(lines.contains(" line 2") && lines.contains("ExecutionStarted"), "{lines}");
    let again = sandbox.wharf("deploy --name report --env test --force").expect(0);
    assert!(again.stderr.contains("nothing to change"), "{}", again.transcript());

    // A run that fails: exit code 1 and why.
    sandbox.write("wharf/report/manifest.yml", job("  PROBE_EXIT_AFTER: \"1\"\n  PROBE_EXIT_CODE: \"9\"\n"));
    sandbox.wharf("job deploy --env test").ends(0);
    let failed = sandbox.wharf("job run --follow").expect(1);
    assert!(!failed.stdout.contains("exiting with 0"), "lines of another run:\n{}", failed.transcript());
    assert!(failed.stderr.contains("container report exited with 9"), "{}", failed.transcript());
    let status = json(&sandbox.wharf("job status --json --last 1").expect(0).stdout);
    assert_eq!(status["runs"].as_array().map(Vec::len), Some(1), "{status}");
    assert_eq!(status["runs"][0]["exitCodes"][0]["exitCode"], 9, "{status}");

    // Deleted while it runs: nothing goes on, nothing is left.
    sandbox.write("wharf/report/manifest.yml", job(""));
    sandbox.wharf("job deploy --env test").ends(0);
    sandbox.wharf("job run").ends(0);
    let until = Instant::now() + Duration::from_secs(30);
    while !sandbox.wharf("job logs --since 10m").stdout.contains("line 2") {
        assert!(Instant::now() < until, "the job does not start");
        std::thread::sleep(Duration::from_millis(200));
    }
    sandbox.wharf("job delete --name report --yes").ends(0);
    sandbox.wharf("app delete --yes").ends(0);
    assert_eq!(emulator.leftovers(), Vec::<String>::new());
}

#[test]
fn messages_of_a_topic_reach_the_workers_queue() {
    let Some(emulator) = Emulator::new() else { return };
    let sandbox = &emulator.sandbox;
    for folder in ["shop", "orders"] {
        emulator.write_probe(folder);
    }
    environment(&emulator, "store");
    sandbox.write(
        "wharf/shop/manifest.yml",
        "name: shop\ntype: Backend Service\nimage:\n  build: shop/Dockerfile\ncpu: 256\nmemory: 512\n\
         publish:\n  topics:\n    - name: paid_out\n    - name: moved\n      fifo: true\n",
    );
    sandbox.write(
        "wharf/orders/manifest.yml",
        "name: orders\ntype: Worker Service\nimage:\n  build: orders/Dockerfile\ncpu: 256\nmemory: 512\n\
         subscribe:\n  topics:\n    - name: paid_out\n      service: shop\n      filter_policy:\n        store: [north]\n\
         \x20   - name: moved\n      service: shop\n      queue:\n        fifo: true\n\
         \x20 queue:\n    timeout: 1s\n    dead_letter:\n      tries: 1\n",
    );
    // The subscriber goes first by name, the publisher by its order.
    sandbox.wharf("deploy --name shop/1,orders/2 --env test --init-wkld").ends(0);
    let topic = |name: &str| format!("arn:aws:sns:us-west-2:{}:store-test-shop-{name}", emulator.account);
    let variables = json(&sandbox.wharf("svc show --name orders --json").expect(0).stdout);
    let variable = |name: &str| {
        let all = variables["variables"].as_array().unwrap();
        let found = all.iter().find(|variable| variable["name"] == name);
        found.and_then(|found| found["value"].as_str()).unwrap_or_else(|| panic!("{variables}")).to_owned()
    };
    let queue = variable("COPILOT_QUEUE_URI");
    let own = json(&variable("COPILOT_TOPIC_QUEUE_URIS"));
    let own = own["shopMovedfifoEventsQueue"].as_str().unwrap_or_else(|| panic!("{own}")).to_owned();

    // The filter policy lets only one of two messages through.
    emulator.publish(&topic("paid_out"), "for-the-south", "&MessageAttributes.entry.1.Name=store&MessageAttributes.entry.1.Value.DataType=String&MessageAttributes.entry.1.Value.StringValue=south");
    emulator.publish(&topic("paid_out"), "for-the-north", "&MessageAttributes.entry.1.Name=store&MessageAttributes.entry.1.Value.DataType=String&MessageAttributes.entry.1.Value.StringValue=north");
    emulator.publish(&topic("moved.fifo"), "moved-one", "&MessageGroupId=a&MessageDeduplicationId=1");
    let received = emulator.receive(&queue);
    assert!(received.contains("for-the-north") && !received.contains("for-the-south"), "{received}");
    assert!(emulator.receive(&own).contains("moved-one"));
    // Received once and not deleted: it is a dead letter when it is asked for again.
    std::thread::sleep(Duration::from_millis(1500));
    assert!(!emulator.receive(&queue).contains("for-the-north"));
    let status = json(&sandbox.wharf("svc status --name orders --env test --json").expect(0).stdout);
    assert_eq!(status["Service"]["runningCount"], 1, "{status}");

    for service in ["orders", "shop"] {
        sandbox.wharf(&format!("svc delete --name {service} --yes")).ends(0);
    }
    sandbox.wharf("app delete --yes").ends(0);
    assert_eq!(emulator.leftovers(), Vec::<String>::new());
}
