//! Deployments that move traffic from one version to the next and were taken back: why, by what ECS and CloudWatch say.
//!
//! ECS's guide on troubleshooting blue/green deployments gives the words of `statusReason`, "Service deployment rolled back
//! because …"; the messages of the service repeat them after "deployment failed: ".

use super::pattern::{self, Pattern};
use super::{Cause, Evidence, FailedService, FailedShift, RungAlarm, task};
use crate::deploy::watch::service::says_alarm;

/// What ECS's reasons mean.
const REASONS: &[Pattern] = &[
    // "… missing permissions on ECS Infrastructure Role '…'", "…/ECSNetworkingWithELB is not authorized to perform:
    // elasticloadbalancing:ModifyRule …": also as the reason of a lifecycle hook, so it stands first.
    Pattern::new(
        "shift_role",
        &[&["elasticloadbalancing:", "infrastructure role"], &["not authorized", "missing permissions"]],
        "the role that ECS moves the traffic of {name} with may not do it[: {word} is not allowed]",
    )
    .word(&["authorized to perform:"]),
    // "Service deployment rolled back because of invalid networking configuration. One or more rules not found"
    Pattern::new(
        "shift_rule",
        &[&[
            "rules not found",
            "rule not found",
            "rulenotfound",
            "listeners not found",
            "listener not found",
            "listenernotfound",
        ]],
        "the listener rule that leads to {name} is gone, so ECS could not move its traffic",
    ),
    Pattern::new(
        "shift_rule",
        &[&["listener rule arn:", "listener arn:"], &["not found", "does not exist"]],
        "the listener rule that leads to {name} is gone, so ECS could not move its traffic",
    ),
    // "… should have exactly one target group serving traffic but found 2 …", "Production listener rule is forwarding traffic
    // to unexpected target group …"
    Pattern::new(
        "shift_weights",
        &[&["exactly one target group serving traffic", "unexpected target group"]],
        "the listener rule of {name} sends traffic where ECS does not expect it",
    ),
    // "Target group … is not associated with either productionListenerRule or testListenerRule.", "Both targetGroup and
    // alternateTargetGroup must be associated with …", "The target group … does not exist."
    Pattern::new(
        "shift_target_group",
        &[&["target group", "targetgroup"], &["associated with", "does not exist", "not found"]],
        "the listener rule of {name} does not lead to both of its target groups[: {word}]",
    )
    .word(&["target group "]),
    // "… because TEST_TRAFFIC_SHIFT lifecycle hook(s) failed. Lifecycle hook target … returned FAILED status."
    Pattern::new(
        "lifecycle_hook",
        &[&["lifecycle hook(s) failed", "hook execution failure", "lifecycle hook target"]],
        "a lifecycle hook of the deployment of {name} failed[ in stage {word}]",
    )
    .word(&["rolled back because "]),
];

/// Whether a deployment that moves traffic did not end well.
pub(super) fn failed(evidence: &Evidence) -> bool {
    evidence.services.iter().any(|service| service.shift.is_some())
}

/// An alarm that took the deployment back, of any strategy.
pub(super) fn alarm(evidence: &Evidence) -> Option<Cause> {
    evidence.services.iter().find_map(|service| {
        let said = texts(service).find(|text| says_alarm(text));
        let named = service.shift.is_some() && !service.alarms.is_empty();
        if said.is_none() && !named {
            return None;
        }
        let who = match service.alarms.as_slice() {
            [] => "an alarm".to_owned(),
            [alarm] => format!("alarm {}", alarm.name),
            alarms => {
                let names: Vec<&str> = alarms.iter().map(|alarm| alarm.name.as_str()).collect();
                format!("alarms {}", names.join(", "))
            }
        };
        let name = task::short(&service.name);
        let cause =
            Cause::new("alarm", format!("{who} went off {}, which ECS took back", when(service, name)));
        let cause = service.alarms.iter().filter(|alarm| !alarm.reason.is_empty()).fold(cause, state);
        Some(cause.detail(said.cloned().unwrap_or_default()))
    })
}

/// Why an alarm rings; behind its name only where the headline has several.
fn state(cause: Cause, alarm: &RungAlarm) -> Cause {
    cause.detail(format!("{}: {}", alarm.name, alarm.reason))
}

/// When in a deployment something happened.
fn when(service: &FailedService, name: &str) -> String {
    let Some(shift) = &service.shift else { return format!("during the deployment of {name}") };
    match shift.stage.as_str() {
        "BAKE_TIME" => format!("in the bake time of the deployment of {name}"),
        _ if shift.most <= 0.0 => {
            format!("before any traffic went to the new version in the deployment of {name}")
        }
        _ => format!("at {}% of the traffic in the deployment of {name}", shift.most),
    }
}

/// What ECS found wrong with the load balancer, its role or a hook.
pub(super) fn refused(evidence: &Evidence) -> Option<Cause> {
    evidence.services.iter().filter(|service| service.shift.is_some()).find_map(|service| {
        let text = texts(service).find(|text| pattern::find(REASONS, "", text).is_some())?;
        let name = task::short(&service.name);
        let found = pattern::find(REASONS, "", text)?;
        Some(with_stage(found.cause(text, &[("name", name)]), service).detail(text.clone()))
    })
}

/// A deployment that was taken back although its tasks were well.
pub(super) fn taken_back(evidence: &Evidence) -> Option<Cause> {
    evidence.services.iter().find_map(|service| {
        let shift = service.shift.as_ref()?;
        let name = task::short(&service.name);
        let cause = if shift.requested {
            Cause::new("deployment_stopped", format!("somebody stopped the deployment of {name}"))
        } else if texts(service).any(|text| text.to_lowercase().contains("circuit breaker")) {
            let when = if shift.most > 0.0 { "" } else { " before any traffic went to the new version" };
            let why = "its new tasks did not stay up, and none of them is left to tell why";
            Cause::new("circuit_breaker", format!("ECS gave up on {name}{when}: {why}"))
        } else {
            Cause::new("shift", format!("ECS took the deployment of {name} back{}", reason(shift)))
        };
        let cause = with_stage(cause, service);
        // Messages repeat the reason.
        let news = texts(service).filter(|text| {
            **text == shift.reason || shift.reason.is_empty() || !text.contains(&shift.reason)
        });
        Some(news.take(3).fold(cause, |cause, text| cause.detail(text.clone())))
    })
}

fn reason(shift: &FailedShift) -> String {
    match shift.reason.trim_end_matches('.') {
        "" => " and does not say why".to_owned(),
        reason => match reason.strip_prefix("Service deployment rolled back ") {
            Some(why) => format!(" {why}"),
            None => format!(": {reason}"),
        },
    }
}

/// With how far the deployment came.
fn with_stage(cause: Cause, service: &FailedService) -> Cause {
    let Some(shift) = &service.shift else { return cause };
    let strategy = shift.strategy.to_lowercase();
    let stage = if shift.stage.is_empty() { String::new() } else { format!(" in stage {}", shift.stage) };
    let traffic = match shift.most {
        most if most <= 0.0 => "no traffic went to the new version".to_owned(),
        most => format!("the new version had {most}% of the traffic"),
    };
    cause.detail(format!("It was taken back{stage} (strategy {strategy}); {traffic}."))
}

/// What ECS says of why, the most to the point first.
fn texts(service: &FailedService) -> impl Iterator<Item = &String> {
    let shift = service.shift.iter().flat_map(|shift| [&shift.reason, &shift.rollback]);
    shift.chain(&service.messages).chain(&service.rollouts).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::super::explain;
    use super::*;

    fn of(reason: &str, stage: &str, most: f64) -> Cause {
        let shift = FailedShift {
            strategy: "BLUE_GREEN".into(),
            status: "ROLLBACK_SUCCESSFUL".into(),
            reason: reason.into(),
            stage: stage.into(),
            most,
            ..FailedShift::default()
        };
        let service = FailedService { name: "api".into(), shift: Some(shift), ..FailedService::default() };
        explain(&Evidence { services: vec![service], ..Evidence::default() })
    }

    #[test]
    fn reasons_of_ecs() {
        let network = "Service deployment rolled back because of invalid networking configuration";
        let hook = "Service deployment rolled back because TEST_TRAFFIC_SHIFT lifecycle hook(s) failed.";
        for (reason, code) in [
            (format!("{network}. One or more rules not found"), "shift_rule"),
            (
                format!(
                    "{network}: Target group arn:tg is not associated with either productionListenerRule or testListenerRule."
                ),
                "shift_target_group",
            ),
            (
                format!(
                    "{network}. Both targetGroup and alternateTargetGroup must be associated with the productionListenerRule or testListenerRule."
                ),
                "shift_target_group",
            ),
            (format!("{network}. The target group arn:tg does not exist."), "shift_target_group"),
            (
                format!(
                    "{network}. productionListenerRule arn:r should have exactly one target group serving traffic but found 2 target groups which are serving traffic"
                ),
                "shift_weights",
            ),
            (
                format!(
                    "{network}. Production listener rule is forwarding traffic to unexpected target group arn:tg. Expected traffic to be forwarded to either targetGroupArn: a or alternateTargetGroupArn: b"
                ),
                "shift_weights",
            ),
            (
                format!(
                    "{network}. ECS was unable to manage the ELB resources due to missing permissions on ECS Infrastructure Role 'arn:role'."
                ),
                "shift_role",
            ),
            (
                format!(
                    "{hook} User: arn:aws:sts::1:assumed-role/r/ECSNetworkingWithELB is not authorized to perform: elasticloadbalancing:ModifyListener on resource: arn:l"
                ),
                "shift_role",
            ),
            (format!("{hook} Lifecycle hook target arn:f returned FAILED status."), "lifecycle_hook"),
            (
                format!(
                    "{hook} ECS was unable to invoke hook target arn:f due to User: arn:u is not authorized to perform: lambda:InvokeFunction"
                ),
                "lifecycle_hook",
            ),
            (format!("{network}. The listener rule arn:r does not exist."), "shift_rule"),
            ("Service deployment rolled back because of one or more active alarms.".to_owned(), "alarm"),
            (
                "Service deployment rolled back because the circuit breaker threshold was exceeded."
                    .to_owned(),
                "circuit_breaker",
            ),
            (format!("{network}. Something new."), "shift"),
        ] {
            let cause = of(&reason, "PRODUCTION_TRAFFIC_SHIFT", 0.0);
            assert_eq!(cause.code, code, "{cause:#?}");
            assert!(cause.details.contains(&reason), "{cause:#?}");
            assert!(!cause.next.is_empty(), "{cause:#?}");
        }
    }

    #[test]
    fn the_headline_says_when() {
        let alarms = "Service deployment rolled back because of one or more active alarms.";
        assert_eq!(
            of(alarms, "BAKE_TIME", 100.0).headline,
            "an alarm went off in the bake time of the deployment of api, which ECS took back"
        );
        assert_eq!(
            of(alarms, "PRODUCTION_TRAFFIC_SHIFT", 12.5).headline,
            "an alarm went off at 12.5% of the traffic in the deployment of api, which ECS took back"
        );
        assert_eq!(
            of(alarms, "SCALE_UP", 0.0).headline,
            "an alarm went off before any traffic went to the new version in the deployment of api, which ECS took back"
        );
        let hook = of(
            "Service deployment rolled back because POST_SCALE_UP lifecycle hook(s) failed. Lifecycle hook target arn:f returned FAILED status.",
            "POST_SCALE_UP",
            0.0,
        );
        assert_eq!(hook.headline, "a lifecycle hook of the deployment of api failed in stage POST_SCALE_UP");
    }
}
