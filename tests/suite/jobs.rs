//! `wharf job`: jobs of a workspace and of an application in AWS.

use serde_json::json;

use crate::expect_runs;
use crate::sandbox::Sandbox;
use crate::scripted::{ACCOUNT, Answer, Script};
use crate::world::{no_stack, point, records, shop, shown, stack, template};

/// A manifest of a job.
const NIGHTLY: &str = "name: nightly\ntype: Scheduled Job\nimage:\n  location: public.ecr.aws/docker/library/alpine:3\n\
    on:\n  schedule: \"0 3 * * 1-5/2\"\nretries: 2\ntimeout: 1h\n";

fn batch() -> Sandbox {
    let sandbox = shop();
    sandbox.write("wharf/nightly/manifest.yml", NIGHTLY);
    sandbox
}

#[test]
fn jobs_without_aws() {
    let sandbox = batch();
    insta::assert_snapshot!("job_package", shown(&sandbox.wharf("job package --offline")));
    expect_runs!(
        "job_offline",
        sandbox.wharf("job package --offline --all --output-dir out"),
        sandbox.wharf("job package --offline --name web"),
        sandbox.wharf("svc package --offline --name nightly"),
        sandbox.wharf("job ls --local --app shop"),
        sandbox.wharf("job ls --local --json --app shop"),
        sandbox.wharf("svc ls --local --app shop"),
    );
    assert!(sandbox.read("out/nightly-test.params.json").contains("\"Schedule\": \"cron(0 3 ? * 2,4,6 *)\""));
}

#[test]
fn what_is_wrong_with_a_new_job() {
    let sandbox = batch();
    expect_runs!(
        "job_init_wrong",
        sandbox.wharf("job init --name report --image alpine"),
        sandbox.wharf("job init --name report --image alpine --schedule never"),
        sandbox.wharf("job init --name report --image alpine --schedule @daily --timeout 500ms"),
        sandbox.wharf("job init --name report --image alpine --schedule @daily --retries some"),
        sandbox.wharf("job init --job-type 'Backend Service' --image alpine --schedule @daily"),
        sandbox.wharf("job init --name web"),
        sandbox.wharf("svc init --name nightly"),
        sandbox.wharf("init --app shop --name back --type 'Backend Service' --image x --schedule @daily"),
    );
}

const MACHINE: &str = "arn:aws:states:eu-west-1:123456789012:stateMachine:shop-test-nightly";

fn resources() -> Answer {
    let member = |id: &str, kind: &str, physical: &str| {
        format!(
            "<member><LogicalResourceId>{id}</LogicalResourceId><PhysicalResourceId>{physical}</PhysicalResourceId>\
             <ResourceType>{kind}</ResourceType><ResourceStatus>CREATE_COMPLETE</ResourceStatus>\
             <LastUpdatedTimestamp>2026-01-02T03:04:05Z</LastUpdatedTimestamp></member>"
        )
    };
    let members = member("StateMachine", "AWS::StepFunctions::StateMachine", MACHINE)
        + &member("LogGroup", "AWS::Logs::LogGroup", "/copilot/shop-test-nightly");
    Answer::Xml(format!("<StackResourceSummaries>{members}</StackResourceSummaries>"))
}

/// An execution; its task ended with this exit code.
fn execution(name: &str, status: &str, code: i64) -> serde_json::Value {
    let task = json!({
        "TaskArn": format!("arn:aws:ecs:eu-west-1:{ACCOUNT}:task/cluster/0123456789abcdef"),
        "Containers": [{"Name": "nightly", "ExitCode": code}]
    });
    let mut told = json!({
        "executionArn": format!("arn:aws:states:eu-west-1:{ACCOUNT}:execution:shop-test-nightly:{name}"),
        "name": name, "status": status, "startDate": 1_767_225_600.0, "stopDate": 1_767_225_660.0
    });
    match status {
        "SUCCEEDED" => told["output"] = task.to_string().into(),
        "FAILED" => {
            told["error"] = "States.TaskFailed".into();
            told["cause"] = task.to_string().into();
        }
        _ => {}
    }
    told
}

/// An AWS in which the job was deployed, and its next run comes to `outcome`.
fn deployed(outcome: serde_json::Value) -> Script {
    let parameters = [("Schedule", "cron(0 3 ? * 2,4,6 2199)")];
    let event = json!({"logStreamName": "copilot/nightly/0123456789abcdef", "timestamp": 1_767_225_601_000_i64,
        "ingestionTime": 1_767_225_601_000_i64, "message": "41 rows", "eventId": "1"});
    let stream = json!({"logStreamName": "copilot/nightly/0123456789abcdef",
        "firstEventTimestamp": 1_767_225_601_000_i64, "lastEventTimestamp": 1_767_225_601_000_i64});
    records()
        .on("cloudformation:ListStackResources", "shop-test-nightly", resources())
        .on(
            "cloudformation:DescribeStacks",
            "shop-test-nightly&",
            stack("shop-test-nightly", "UPDATE_COMPLETE", &parameters, &[]),
        )
        .on(
            "cloudformation:DescribeStacks",
            "shop-test&",
            stack("shop-test", "UPDATE_COMPLETE", &[], &[("ClusterId", "cluster")]),
        )
        .on("cloudformation:GetTemplate", "", template("Resources: {}\n"))
        .on("ecs:ListTasks", "", Answer::Json(json!({"taskArns": []})))
        .on(
            "states:StartExecution",
            "",
            Answer::Json(json!({"executionArn": outcome["executionArn"], "startDate": 1_767_225_600.0})),
        )
        .on("states:ListExecutions", "", Answer::Json(json!({"executions": [outcome.clone()]})))
        .on("states:DescribeExecution", "", Answer::Json(outcome))
        .on("logs:DescribeLogStreams", "", Answer::Json(json!({"logStreams": [stream]})))
        .on("logs:FilterLogEvents", "", Answer::Json(json!({"events": [event]})))
}

fn at(script: Script) -> (Sandbox, crate::scripted::Scripted) {
    let server = script.start();
    let mut sandbox = batch();
    point(&mut sandbox, &server.url());
    (sandbox, server)
}

#[test]
fn runs_of_a_job() {
    let (sandbox, _server) = at(deployed(execution("8d1b6c3e", "SUCCEEDED", 0)));
    expect_runs!(
        "job_runs",
        sandbox.wharf("job ls"),
        sandbox.wharf("job run -n nightly -e test"),
        sandbox.wharf("job run -n nightly -e test --json"),
        sandbox.wharf("job run -n nightly -e test --follow"),
        sandbox.wharf("job status -n nightly -e test --json"),
        sandbox.wharf("job logs -n nightly -e test"),
        sandbox.wharf("job logs -n nightly -e test --last 3 --json"),
    );
}

#[test]
fn a_job_is_shown() {
    let arn = format!("arn:aws:cloudformation:eu-west-1:{ACCOUNT}:stack/shop-test-nightly/1");
    let tag = |key: &str, value: &str| json!({"Key": key, "Value": value});
    let tags = [
        tag("copilot-application", "shop"),
        tag("copilot-environment", "test"),
        tag("copilot-service", "nightly"),
    ];
    let found = json!({"ResourceTagMappingList": [{"ResourceARN": arn, "Tags": tags}]});
    let script = deployed(execution("8d1b6c3e", "SUCCEEDED", 0))
        .on("tagging:GetResources", "", Answer::Json(found))
        .on("cloudformation:GetTemplateSummary", "", Answer::Xml("<Metadata>{}</Metadata>".to_owned()))
        .on("cloudformation:*", "", no_stack());
    let (sandbox, _server) = at(script);
    expect_runs!(
        "job_show",
        sandbox.wharf("job show -n nightly"),
        sandbox.wharf("job show -n nightly --json"),
        sandbox.wharf("job show -n nightly --resources"),
        sandbox.wharf("job show -n nothing"),
        sandbox.wharf("job show -n nightly --manifest prod"),
        sandbox.wharf("job show -n nightly --manifest test"),
    );
}

/// What a job and a service have in common is shown by either group, of its own sort only.
#[test]
fn the_other_group_is_named() {
    let (sandbox, server) = at(records().on("cloudformation:*", "", no_stack()));
    expect_runs!(
        "other_group",
        sandbox.wharf("svc show -n nightly"),
        sandbox.wharf("svc status -n nightly -e test"),
        sandbox.wharf("status -n nightly -e test"),
        sandbox.wharf("svc logs -n nightly -e test"),
        sandbox.wharf("svc delete -n nightly --yes"),
        sandbox.wharf("svc deploy -n nightly -e test"),
        sandbox.wharf("svc package -n nightly -e test"),
        sandbox.wharf("svc pause -n nightly -e test --yes"),
        sandbox.wharf("job show -n web"),
        sandbox.wharf("job status -n web -e test"),
        sandbox.wharf("job logs -n web -e test"),
        sandbox.wharf("job delete -n web --yes"),
        sandbox.wharf("job deploy -n web -e test"),
        sandbox.wharf("job package -n web -e test"),
        sandbox.wharf("job run -n web -e test"),
    );
    // Nothing but records was looked at.
    let others: Vec<_> =
        server.actions().into_iter().filter(|action| !action.starts_with("ssm:Get")).collect();
    assert_eq!(others, [""; 0]);
}

#[test]
fn a_run_that_fails_ends_with_its_reason() {
    let (sandbox, _server) = at(deployed(execution("8d1b6c3e", "FAILED", 3)));
    let (late, _late_server) = at(deployed(execution("8d1b6c3e", "TIMED_OUT", 0)));
    expect_runs!(
        "job_failed",
        sandbox.wharf("job run -n nightly -e test --follow"),
        late.wharf("job run -n nightly -e test --follow"),
    );
}

#[test]
fn what_is_no_job_does_not_run() {
    let script = records().on("cloudformation:DescribeStacks", "StackName=", no_stack()).on(
        "cloudformation:DescribeStacks",
        "",
        Answer::Xml("<Stacks/>".to_owned()),
    );
    let (sandbox, _server) = at(script.on("cloudformation:*", "", no_stack()));
    expect_runs!(
        "job_refused",
        sandbox.wharf("job run -n web -e test"),
        sandbox.wharf("job run -n nightly -e test"),
        sandbox.wharf("job status -n nightly -e test"),
        sandbox.wharf("job status -n gone -e test"),
        sandbox.wharf("job delete -n nightly"),
        sandbox.wharf("job logs -n nightly -e test --follow --last 2"),
        sandbox.wharf("job logs -n nightly -e test --tasks a --include-state-machine"),
    );
}
