//! How many tasks run, on which capacity, and what rolls a deployment back.

use serde::Serialize;
use serde_json::Value;

use super::{events, number};
use crate::model::service::{Count, RollbackAlarms, Scaling, ScalingTarget};
use crate::name::{AppName, EnvName, WorkloadName};
use crate::stack::expr;

/// Longest name of an alarm.
const MAX_ALARM_NAME: usize = 255;

/// Scaling as the template prints it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ScalingView {
    min: u64,
    max: u64,
    policies: Vec<PolicyView>,
    /// Whether queues count.
    has_backlog: bool,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
struct PolicyView {
    id: String,
    description: String,
    name: Value,
    metric: &'static str,
    statistic: &'static str,
    load_balancer: Option<Value>,
    target_group: Option<Value>,
    /// Logical id of the queue whose backlog counts.
    queue: Option<String>,
    cooldown_in: u64,
    cooldown_out: u64,
    target: Value,
}

/// The load balancer whose metrics scale a service, as CloudWatch names it.
#[derive(Debug, Clone, PartialEq)]
pub struct Measured {
    /// Value of the dimension `LoadBalancer`.
    pub load_balancer: Value,
    /// Value of the dimension `TargetGroup`.
    pub target_group: Value,
}

/// Scaling by metrics. Metrics of a load balancer count only when there is one; `queues` are the logical ids of queues.
#[must_use]
pub fn scaling(scaling: &Scaling, measured: Option<&Measured>, queues: &[&str]) -> ScalingView {
    let policy =
        |what: &str, metric, statistic, target: &ScalingTarget, measured: Option<&Measured>| PolicyView {
            id: format!("AutoScalingPolicy{what}"),
            description: format!("Scales the number of tasks by {what}"),
            name: expr::sub(&format!("${{WorkloadName}}-{what}-ScalingPolicy")),
            metric,
            statistic,
            load_balancer: measured.map(|measured| measured.load_balancer.clone()),
            target_group: measured.map(|measured| measured.target_group.clone()),
            queue: None,
            cooldown_in: target.cooldown_in,
            cooldown_out: target.cooldown_out,
            target: number(target.value),
        };
    let mut policies = vec![];
    for (metric, target) in [
        ("ECSServiceAverageCPUUtilization", &scaling.cpu),
        ("ECSServiceAverageMemoryUtilization", &scaling.memory),
    ] {
        policies.extend(target.as_ref().map(|target| policy(metric, metric, "Average", target, None)));
    }
    if let Some(measured) = measured {
        for (what, metric, statistic, target) in [
            ("ALBSumRequestCountPerTarget", "RequestCountPerTarget", "Sum", &scaling.requests),
            ("ALBAverageResponseTime", "TargetResponseTime", "Average", &scaling.response_time),
        ] {
            policies.extend(
                target.as_ref().map(|target| policy(what, metric, statistic, target, Some(measured))),
            );
        }
    }
    for (queue, target) in
        queues.iter().flat_map(|queue| scaling.backlog.iter().map(move |target| (queue, target)))
    {
        // Copilot's name: a policy under another one would be a new resource.
        let name = vec![
            expr::reference("WorkloadName"),
            Value::from("BacklogPerTask"),
            expr::attribute(queue, "QueueName"),
        ];
        policies.push(PolicyView {
            name: expr::join("-", name),
            description: format!("Scales the number of tasks by messages in {queue}"),
            queue: Some((*queue).to_owned()),
            ..policy(queue, "", "", target, None)
        });
    }
    let has_backlog = scaling.backlog.is_some();
    ScalingView { min: scaling.min, max: scaling.max, policies, has_backlog }
}

/// Parameter with the name of the function that Copilot computed the backlog with: its log group, which is kept, is named
/// after it. Only the deployed stack knows the name; a new stack gets one that says what it is ([`calculator`]).
pub const CALCULATOR: &str = "BacklogPerTaskCalculatorFunction";

/// The name behind [`CALCULATOR`] in a stack that never had the function.
#[must_use]
pub fn calculator(stack: &str) -> String {
    // Names of functions have at most 64 characters; that of a log group may have 512.
    format!("{stack}-BacklogPerTaskCalculator")
}

/// A capacity provider of a service.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CapacityView {
    name: &'static str,
    weight: u64,
    base: Option<u64>,
}

/// The capacity of a service; empty: plain Fargate.
#[must_use]
pub fn capacity(count: &Count) -> Vec<CapacityView> {
    let spot = CapacityView { name: "FARGATE_SPOT", weight: 1, base: None };
    match count {
        Count::Fixed(_) => vec![],
        Count::Spot(_) => vec![spot],
        Count::Scaled(scaling) => match scaling.spot_from {
            None => vec![],
            // The tasks before this one are the base that never runs on Spot.
            Some(from) if from >= scaling.min => {
                let base = Some(from.saturating_sub(1));
                vec![spot, CapacityView { name: "FARGATE", weight: 0, base }]
            }
            Some(_) => vec![spot],
        },
    }
}

/// A rollback alarm as the template prints it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AlarmView {
    id: &'static str,
    title: String,
    /// Name of the alarm.
    pub name: String,
    description: String,
    metric: &'static str,
    /// Logical id of the queue that is measured instead of the service.
    queue: Option<&'static str>,
    threshold: Value,
}

/// Name of a rollback alarm; each of the three names is cut alike when the whole would be too long.
#[must_use]
pub fn alarm_name(app: &AppName, env: &EnvName, workload: &WorkloadName, kind: &str) -> String {
    let name = format!("{app}-{env}-{workload}-{kind}");
    if name.len() <= MAX_ALARM_NAME {
        return name;
    }
    let most = (MAX_ALARM_NAME - kind.len() - 3) / 3;
    let cut = |name: &str| name.chars().take(most).collect::<String>();
    format!("{}-{}-{}-{kind}", cut(app.as_str()), cut(env.as_str()), cut(workload.as_str()))
}

/// The alarms that are made with a service.
#[must_use]
pub fn alarms(
    rollback: &RollbackAlarms,
    app: &AppName,
    env: &EnvName,
    workload: &WorkloadName,
) -> Vec<AlarmView> {
    let RollbackAlarms::Thresholds { cpu, memory, messages_delayed } = rollback else { return vec![] };
    let alarm = |id, kind, what: &str, metric, threshold: f64| AlarmView {
        id,
        title: format!("Alarm that rolls a deployment back: {what} utilization"),
        name: alarm_name(app, env, workload, kind),
        description: format!(
            "Roll back ECS service if {what} utilization is greater than or equal to {}% twice in 3 minutes.",
            number(threshold)
        ),
        metric,
        queue: None,
        threshold: number(threshold),
    };
    let cpu = cpu.map(|at| alarm("CPURollbackAlarm", "CopilotRollbackCPUAlarm", "CPU", "CPUUtilization", at));
    let memory = memory
        .map(|at| alarm("MemoryRollbackAlarm", "CopilotRollbackMemAlarm", "memory", "MemoryUtilization", at));
    let delayed = messages_delayed.map(|at| AlarmView {
        id: "MessagesDelayedRollbackAlarm",
        title: "Alarm that rolls a deployment back: delayed messages".to_owned(),
        name: alarm_name(app, env, workload, "CopilotRollbackMsgsDelayedAlarm"),
        description: format!(
            "Roll back worker service if number of messages delayed is greater than or equal to {at} twice in 3 minutes."
        ),
        metric: "ApproximateNumberOfMessagesDelayed",
        queue: Some(events::QUEUE),
        threshold: Value::from(at),
    });
    cpu.into_iter().chain(memory).chain(delayed).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_alarm_names_are_cut() {
        let (app, env) = (AppName::new("a".repeat(100)).unwrap(), EnvName::new("b".repeat(100)).unwrap());
        let svc = WorkloadName::new("c".repeat(100)).unwrap();
        let name = alarm_name(&app, &env, &svc, "CopilotRollbackCPUAlarm");
        assert!(name.len() <= MAX_ALARM_NAME);
        assert!(name.ends_with("-CopilotRollbackCPUAlarm"));
    }

    #[test]
    fn spot_begins_behind_the_base() {
        let scaling = |spot_from| {
            Count::Scaled(Box::new(Scaling {
                min: 3,
                max: 9,
                spot_from,
                cpu: None,
                memory: None,
                requests: None,
                response_time: None,
                backlog: None,
            }))
        };
        let base = |from| capacity(&scaling(Some(from))).iter().map(|c| c.base).collect::<Vec<_>>();
        assert_eq!(base(6), [None, Some(5)]);
        assert_eq!(base(3), [None, Some(2)]);
        assert_eq!(base(2), [None]);
        assert!(capacity(&scaling(None)).is_empty());
    }
}
