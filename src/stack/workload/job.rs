//! What starts the tasks of a job: a rule with its schedule, and a state machine that tries again and keeps time.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Value, json};

use super::Input;
use super::network;
use crate::model::job::Job;
use crate::model::schedule::Schedule;
use crate::model::service::Service;
use crate::stack::expr;

/// Name of the state that runs the task.
const STATE: &str = "Run Fargate Task";
/// Seconds before a failed task is tried again the first time.
const INTERVAL: u64 = 10;
/// By how much the pause grows with every further try.
const BACKOFF: f64 = 1.5;
/// What a rule that never fires has instead of a schedule: it needs one.
const IDLE: &str = "rate(5 minutes)";

/// Rule and state machine as the template prints them.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct JobView {
    /// The rule's schedule.
    schedule: Value,
    /// `ENABLED` or `DISABLED`.
    state: &'static str,
    /// The state machine in Amazon States Language, with `${Name}` for what is in `substitutions`.
    definition: Value,
    substitutions: BTreeMap<&'static str, Value>,
}

/// Value of the parameter `Schedule`.
#[must_use]
pub fn schedule(job: &Job) -> &str {
    match &job.schedule {
        Schedule::Never => "none",
        Schedule::At(expression) => expression,
    }
}

/// Rule and state machine of a job.
#[must_use]
pub fn view(input: &Input<'_>, job: &Job) -> JobView {
    let Input { service, .. } = *input;
    let groups = security_groups(input);
    let mut substitutions = BTreeMap::from([
        ("AssignPublicIp", Value::from(network::public_ip(&service.network.placement))),
        ("Cluster", expr::environment_export("ClusterId")),
        ("ContainerName", expr::reference("WorkloadName")),
        ("Subnets", subnets(input)),
        ("TaskDefinition", expr::reference("TaskDefinition")),
    ]);
    let definition = definition(service, job, groups.is_some());
    substitutions.extend(groups.map(|groups| ("SecurityGroups", groups)));
    JobView {
        schedule: match job.schedule {
            Schedule::Never => Value::from(IDLE),
            Schedule::At(_) => expr::reference("Schedule"),
        },
        state: if job.schedule == Schedule::Never { "DISABLED" } else { "ENABLED" },
        definition: with_partition(&format!("{definition:#}")),
        substitutions,
    }
}

/// Texts between quotes, joined so that the definition reads them as a list.
const BETWEEN: &str = "\",\"";

/// A text of the user's as it stands between the quotes of the definition.
fn quoted(value: Value) -> Value {
    match value {
        Value::String(text) => {
            let json = Value::from(text).to_string();
            Value::from(json.get(1..json.len() - 1).unwrap_or_default())
        }
        // Exports and outputs hold ids.
        other => other,
    }
}

fn subnets(input: &Input<'_>) -> Value {
    match network::subnets(&input.service.network.placement, input.tagged_subnets) {
        Value::Array(ids) => expr::join(BETWEEN, ids.into_iter().map(quoted).collect()),
        split => json!({"Fn::Join": [BETWEEN, split]}),
    }
}

/// The tasks' security groups; none when the VPC's default one is meant.
fn security_groups(input: &Input<'_>) -> Option<Value> {
    let joined = |groups: Vec<Value>| expr::join(BETWEEN, groups.into_iter().map(quoted).collect());
    let network = &input.service.network;
    let own = network::security_groups(network, None);
    let of_addons = network::addon_security_groups(input.addons);
    if of_addons.is_empty() {
        return (!own.is_empty()).then(|| joined(own));
    }
    let all = own.iter().cloned().chain(of_addons).collect();
    Some(expr::when("HasAddons", joined(all), joined(own)))
}

/// The definition with the partition put in. Not as a substitution: linters check the address of an integration.
fn with_partition(definition: &str) -> Value {
    let mut parts = vec![];
    for (index, part) in definition.split(PARTITION).enumerate() {
        if index > 0 {
            parts.push(expr::reference("AWS::Partition"));
        }
        parts.push(Value::from(part));
    }
    expr::join("", parts)
}

/// What stands in the definition for the partition.
const PARTITION: &str = "${Partition}";

fn definition(service: &Service, job: &Job, groups: bool) -> Value {
    let mut network = json!({"AssignPublicIp": "${AssignPublicIp}", "Subnets": ["${Subnets}"]});
    if groups {
        network["SecurityGroups"] = json!(["${SecurityGroups}"]);
    }
    let mut parameters = json!({
        "LaunchType": "FARGATE",
        "PlatformVersion": "LATEST",
        "Cluster": "${Cluster}",
        "TaskDefinition": "${TaskDefinition}",
        "PropagateTags": "TASK_DEFINITION",
        // So the tasks of an execution are found.
        "Group.$": "$$.Execution.Name",
        "NetworkConfiguration": {"AwsvpcConfiguration": network},
    });
    if service.exec {
        parameters["EnableExecuteCommand"] = json!(true);
    }
    let mut state = json!({
        "Type": "Task",
        "Resource": format!("arn:{PARTITION}:states:::ecs:runTask.sync"),
        "Parameters": parameters,
        "End": true,
    });
    if job.retries > 0 {
        state["Retry"] = json!([{
            "ErrorEquals": ["States.ALL"],
            "IntervalSeconds": INTERVAL,
            "MaxAttempts": job.retries,
            "BackoffRate": BACKOFF,
        }]);
    }
    let mut machine = json!({
        "Version": "1.0",
        "Comment": "Runs the task of a job",
        "StartAt": STATE,
        "States": {STATE: state},
    });
    if let Some(timeout) = job.timeout {
        machine["TimeoutSeconds"] = json!(timeout);
    }
    machine
}
