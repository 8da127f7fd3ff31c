//! What is shown of an application in AWS.

use serde_json::json;

use crate::expect_runs;
use crate::scripted::{ACCOUNT, Answer, Script};
use crate::world::{no_stack, records, shop_in, shown, stack};

#[test]
fn lists() {
    let (sandbox, _server) = shop_in(records());
    expect_runs!(
        "lists",
        sandbox.wharf("app ls"),
        sandbox.wharf("app ls --json"),
        sandbox.wharf("env ls"),
        sandbox.wharf("env ls --json"),
        sandbox.wharf("svc ls"),
        sandbox.wharf("svc ls --json"),
        sandbox.wharf("svc ls --progress json"),
    );
}

#[test]
fn nothing_to_list() {
    let (sandbox, _server) = shop_in(Script::default());
    expect_runs!(
        "empty_lists",
        sandbox.wharf("app ls"),
        sandbox.wharf("app ls --json"),
        sandbox.wharf("env ls")
    );
}

/// An AWS in which `web` runs in `test` with one task.
fn running() -> Script {
    running_as(&json!({}))
}

/// The same, with what the service has besides or otherwise.
fn running_as(besides: &serde_json::Value) -> Script {
    let arn = |rest: &str| format!("arn:aws:ecs:eu-west-1:{ACCOUNT}:{rest}");
    let mut service = json!({
        "serviceArn": arn("service/shop-cluster/web-svc"), "serviceName": "web-svc", "status": "ACTIVE",
        "clusterArn": arn("cluster/shop-cluster"), "desiredCount": 1, "runningCount": 1, "pendingCount": 0,
        "taskDefinition": arn("task-definition/shop-test-web:3"), "loadBalancers": [], "events": [],
        "deployments": [{
            "id": "ecs-svc/1", "status": "PRIMARY", "taskDefinition": arn("task-definition/shop-test-web:3"),
            "desiredCount": 1, "runningCount": 1, "pendingCount": 0, "failedTasks": 0, "rolloutState": "COMPLETED",
            "createdAt": 1_767_225_600.0, "updatedAt": 1_767_225_600.0
        }]
    });
    let members = besides.as_object().into_iter().flatten();
    members.for_each(|(name, value)| service[name] = value.clone());
    let task = json!({
        "taskArn": arn("task/shop-cluster/0123456789abcdef0123456789abcdef"), "lastStatus": "RUNNING", "desiredStatus": "RUNNING",
        "healthStatus": "HEALTHY", "taskDefinitionArn": arn("task-definition/shop-test-web:3"), "group": "service:web-svc",
        "startedAt": 1_767_225_600.0, "createdAt": 1_767_225_600.0, "launchType": "FARGATE", "containers": [
            {"name": "web", "lastStatus": "RUNNING", "healthStatus": "HEALTHY", "image": "web:1", "imageDigest": "sha256:00"}]
    });
    let found =
        json!({"ResourceTagMappingList": [{"ResourceARN": arn("service/shop-cluster/web-svc"), "Tags": []}]});
    records()
        .on("tagging:GetResources", "cloudwatch:alarm", Answer::Json(json!({"ResourceTagMappingList": []})))
        .on("tagging:GetResources", "ecs:service", Answer::Json(found))
        .on("tagging:GetResources", "", Answer::Json(json!({"ResourceTagMappingList": []})))
        .on("ecs:DescribeServices", "", Answer::Json(json!({"services": [service], "failures": []})))
        .on("ecs:ListTasks", "STOPPED", Answer::Json(json!({"taskArns": []})))
        .on(
            "ecs:ListTasks",
            "",
            Answer::Json(json!({"taskArns": [arn("task/shop-cluster/0123456789abcdef0123456789abcdef")]})),
        )
        .on("ecs:DescribeTasks", "", Answer::Json(json!({"tasks": [task], "failures": []})))
        .on("monitoring:DescribeAlarms", "", Answer::Xml("<MetricAlarms/>".to_owned()))
}

#[test]
fn status() {
    let (sandbox, _server) = shop_in(running());
    let (page, json) =
        (sandbox.wharf("status -n web -e test"), sandbox.wharf("svc status -n web -e test --json"));
    let value: serde_json::Value = serde_json::from_str(&json.stdout).unwrap();
    assert_eq!(value["Service"]["runningCount"], 1, "{value}");
    // Ages change from day to day, and with them the widths of columns.
    insta::with_settings!({filters => vec![(r"\d+ [a-z]+ ago", "[AGE]"), (r" {2,}", "  "), (r"-{3,}", "---")]}, {
        insta::assert_snapshot!("status", format!("{}\n{}", shown(&page), shown(&json)));
    });
}

#[test]
fn status_while_traffic_goes_over() {
    let deployment =
        format!("arn:aws:ecs:eu-west-1:{ACCOUNT}:service-deployment/shop-cluster/web-svc/Xk3bT9pQ2mWv");
    let service = json!({
        "currentServiceDeployment": deployment, "deploymentConfiguration": {"strategy": "LINEAR"}
    });
    let shift = |stage: &str, status: &str, new: f64| {
        json!({"serviceDeployments": [{
            "serviceDeploymentArn": deployment, "status": status, "lifecycleStage": stage, "updatedAt": 1_767_225_600.0,
            "createdAt": 1_767_225_000.0, "statusReason": "",
            "deploymentConfiguration": {
                "strategy": "LINEAR", "bakeTimeInMinutes": 10,
                "linearConfiguration": {"stepPercent": 25.0, "stepBakeTimeInMinutes": 6}
            },
            "sourceServiceRevisions": [{"arn": "old", "requestedProductionTrafficWeight": 100.0 - new}],
            "targetServiceRevision": {"arn": "new", "requestedProductionTrafficWeight": new}
        }], "failures": []})
    };
    let mut shown_all = String::new();
    for (stage, status, new) in [
        ("PRODUCTION_TRAFFIC_SHIFT", "IN_PROGRESS", 25.0),
        ("BAKE_TIME", "ROLLBACK_IN_PROGRESS", 0.0),
        ("CLEAN_UP", "SUCCESSFUL", 100.0),
    ] {
        let answer = Answer::Json(shift(stage, status, new));
        let (sandbox, _server) =
            shop_in(running_as(&service).on("ecs:DescribeServiceDeployments", "", answer));
        let json = sandbox.wharf("svc status -n web -e test --json");
        let value: serde_json::Value = serde_json::from_str(&json.stdout).unwrap();
        let found = serde_json::to_string_pretty(&value["Service"]["trafficShift"]).unwrap();
        shown_all.push_str(&format!("{}{found}\n", shown(&sandbox.wharf("status -n web -e test"))));
    }
    insta::with_settings!({filters => vec![(r"\d+ [a-z]+ ago", "[AGE]"), (r" {2,}", "  "), (r"-{3,}", "---")]}, {
        insta::assert_snapshot!("status_shift", shown_all);
    });
}

#[test]
fn status_of_what_does_not_run() {
    let script = records()
        .on("tagging:*", "", Answer::Json(json!({"ResourceTagMappingList": []})))
        .on("ec2:DescribeManagedPrefixLists", "", Answer::Xml("<prefixListSet/>".to_owned()))
        .on("cloudformation:*", "", no_stack());
    let (sandbox, _server) = shop_in(script);
    expect_runs!(
        "not_deployed",
        sandbox.wharf("status -n web -e test"),
        sandbox.wharf("logs -n web -e test --previous"),
        sandbox.wharf("svc show -n web --manifest test"),
        sandbox.wharf("env show -n test --manifest"),
        sandbox.wharf("env show -n test --facts"),
        sandbox.wharf("svc package -n web -e test"),
        sandbox.wharf("svc package -n web -e test --diff"),
        sandbox.wharf("env package -n test --diff"),
    );
}

#[test]
fn shown_applications_environments_and_services() {
    let script = running()
        .on(
            "cloudformation:DescribeStacks",
            "StackName=shop-test&",
            stack("shop-test", "CREATE_COMPLETE", &[], &[]),
        )
        .on(
            "cloudformation:DescribeStacks",
            "StackName=shop-test-web&",
            stack("shop-test-web", "UPDATE_COMPLETE", &[], &[]),
        )
        .on("cloudformation:DescribeStacks", "", no_stack())
        .on(
            "cloudformation:GetTemplateSummary",
            "",
            Answer::Xml("<Metadata>{\"TemplateVersion\":\"v1.2.0\"}</Metadata>".to_owned()),
        )
        .on(
            "cloudformation:GetTemplate",
            "",
            crate::world::template("Metadata:\n  Version: v1.33.0\nResources: {}\n"),
        )
        .on("ec2:DescribeManagedPrefixLists", "", Answer::Xml(String::new()))
        .on("cloudformation:*", "", no_stack());
    let (sandbox, _server) = shop_in(script);
    expect_runs!(
        "shown",
        sandbox.wharf("app show"),
        sandbox.wharf("app show --json"),
        sandbox.wharf("env show"),
        sandbox.wharf("env show --json"),
    );
}

#[test]
fn log_lines() {
    let line = |at: i64, text: &str| {
        json!({"timestamp": at, "ingestionTime": at, "message": text, "eventId": at.to_string(),
            "logStreamName": "copilot/web/0123456789abcdef0123456789abcdef"})
    };
    let events = [line(1_767_225_600_000, "listening on 8080"), line(1_767_225_601_000, "GET /healthz 200")];
    let script = records().on("logs:DescribeLogStreams", "", Answer::Json(json!({"logStreams": []}))).on(
        "logs:FilterLogEvents",
        "",
        Answer::Json(json!({"events": events, "searchedLogStreams": []})),
    );
    let (sandbox, _server) = shop_in(script);
    expect_runs!(
        "log_lines",
        sandbox.wharf("logs -n web -e test --start-time 2026-01-01T00:00:00Z"),
        sandbox.wharf("svc logs -n web -e test --start-time 2026-01-01T00:00:00Z --json"),
        sandbox.wharf("logs -n web -e test --start-time 2026-01-01T00:00:00Z --progress json"),
        sandbox.wharf("logs -n web -e test --start-time 2026-01-01T00:00:00Z --container sidecar"),
        sandbox.wharf("logs -n web -e test --limit 1"),
    );
    let script = records().on(
        "logs:*",
        "",
        Answer::error("ResourceNotFoundException", "The specified log group does not exist."),
    );
    let (sandbox, _server) = shop_in(script);
    expect_runs!(
        "no_log_group",
        sandbox.wharf("logs -n web -e test"),
        sandbox.wharf("logs -n web -e test --log-group nowhere")
    );
}
