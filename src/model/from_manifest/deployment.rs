//! `deployment`: how a new version takes over.

use super::Check;
use crate::diagnostic::Span;
use crate::manifest::count::Count;
use crate::manifest::decode::{Decode, Form, Spanned};
use crate::manifest::deployment as written;
use crate::manifest::http::Http;
use crate::manifest::scalar::Duration;
use crate::model::service::{Deployment, Kind, Pace, RollbackAlarms, Shift};

/// Minutes the old version stays ready when nothing is said.
const BAKE: u64 = 5;
/// Longest of ECS's bake times in minutes.
const MAX_BAKE: u64 = 24 * 60;
/// Longest deployment that CloudFormation takes, in minutes; it gives up a resource after 36 hours.
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-properties-ecs-service-canaryconfiguration.html>
const MAX_TOTAL: u64 = 33 * 60;

/// Minutes that ECS waits more in each stage that moves traffic behind a network load balancer.
/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/nlb-resources-for-blue-green.html>
const NLB_DELAY: u64 = 10;

/// What of the service a strategy depends on.
pub(super) struct Surroundings<'a> {
    /// What the service is.
    pub kind: Kind,
    /// The application load balancer's block.
    pub http: Option<&'a Http>,
    /// Whether there is a network load balancer.
    pub nlb: bool,
    /// Whether other services reach it by Service Connect.
    pub connect: bool,
    /// How many tasks run.
    pub count: Option<&'a Count>,
}

/// How a new version takes over.
pub(super) fn deployment(
    given: Option<&written::Deployment>,
    around: &Surroundings<'_>,
    check: &mut Check<'_>,
) -> Deployment {
    let recreate = given
        .and_then(|deployment| deployment.rolling)
        .is_some_and(|rolling| rolling.value == written::Rolling::Recreate);
    let (min_healthy_percent, max_percent) = if recreate { (0, 100) } else { (100, 200) };
    Deployment {
        min_healthy_percent,
        max_percent,
        shift: given.and_then(|given| shift(given, around, check)),
        rollback: rollback(given, around.kind, check),
    }
}

fn shift(given: &written::Deployment, around: &Surroundings<'_>, check: &mut Check<'_>) -> Option<Shift> {
    let bake = minutes(given.bake_time.as_ref(), "bake_time", check);
    let canary = given.canary.as_ref().map(|canary| {
        (part(canary.percent, "percent", 0.1, check), minutes(canary.bake_time.as_ref(), "bake_time", check))
    });
    let linear = given.linear.as_ref().map(|linear| {
        (part(linear.step, "step", 3.0, check), minutes(linear.bake_time.as_ref(), "bake_time", check))
    });
    let blocks = [
        ("canary", given.canary.as_ref().map(Decode::span), written::Strategy::Canary),
        ("linear", given.linear.as_ref().map(Decode::span), written::Strategy::Linear),
    ];
    let Some(strategy) = given.strategy else {
        let alone = [("bake_time", given.bake_time.as_ref().map(Decode::span)), (blocks[0].0, blocks[0].1)];
        for (key, at) in alone.into_iter().chain([(blocks[1].0, blocks[1].1)]) {
            if let Some(at) = at.filter(|_| check.complete) {
                check
                    .error("model/deployment", at, format!("`{key}` is for a `strategy`, and there is none"))
                    .help("set `strategy: blue_green`, `canary` or `linear`");
            }
        }
        return None;
    };
    if let Some(rolling) = given.rolling {
        check.exclusive(("rolling", rolling.span), ("strategy", strategy.span));
    }
    for (key, at, of) in blocks {
        if let Some(at) = at.filter(|_| of != strategy.value) {
            let strategy = strategy.value.as_str();
            check
                .warn("model/deployment", at, format!("`{key}` has no effect with `strategy: {strategy}`"))
                .help(format!("remove it, or set `strategy: {key}`"));
        }
    }
    let pace = match strategy.value {
        written::Strategy::BlueGreen => Pace::AtOnce,
        written::Strategy::Canary => {
            let (percent, bake) = canary.unwrap_or_default();
            Pace::Canary { percent: percent.unwrap_or(5.0), bake_minutes: bake.unwrap_or(10) }
        }
        written::Strategy::Linear => {
            let (step, bake) = linear.unwrap_or_default();
            Pace::Linear { step: step.unwrap_or(10.0), bake_minutes: bake.unwrap_or(6) }
        }
    };
    let shift = Shift { pace, bake_minutes: bake.unwrap_or(BAKE) };
    check_length(&shift, strategy.span, around.nlb, check);
    check_traffic(strategy, around, check);
    Some(shift)
}

/// A bake time in whole minutes, if one is given.
fn minutes(value: Option<&Spanned<Duration>>, key: &str, check: &mut Check<'_>) -> Option<u64> {
    let value = value?;
    let minute = Duration::seconds(60).nanos();
    let (whole, rest) = (value.value.nanos() / minute, value.value.nanos() % minute);
    let minutes = u64::try_from(whole).ok().filter(|minutes| rest == 0 && *minutes <= MAX_BAKE);
    if minutes.is_none() {
        check
            .error(
                "model/range",
                value.span,
                format!("`{key}` is a duration from 0m to 24h in whole minutes"),
            )
            .help("such as `10m`");
    }
    Some(minutes.unwrap_or_default())
}

/// A part of the traffic in percent, if one is given. ECS takes one digit behind the point.
fn part(value: Option<Spanned<f64>>, key: &str, min: f64, check: &mut Check<'_>) -> Option<f64> {
    let value = value?;
    let tenths = value.value * 10.0;
    if !(min..=100.0).contains(&value.value) || (tenths - tenths.round()).abs() > 1e-6 {
        let message = format!(
            "`{key}` is a percentage from {min} to 100 with at most one digit behind the point, not {}",
            value.value
        );
        check.error("model/range", value.span, message);
    }
    Some(tenths.round() / 10.0)
}

/// CloudFormation refuses what could take longer than it waits.
fn check_length(shift: &Shift, at: Span, nlb: bool, check: &mut Check<'_>) {
    let (moves, pause) = match shift.pace {
        Pace::AtOnce => (1, 0),
        Pace::Canary { bake_minutes, .. } => (2, bake_minutes),
        // A step has at least 3 percent.
        Pace::Linear { step, bake_minutes } => ((100.0 / step.max(3.0)).ceil() as u64, bake_minutes),
    };
    // Test traffic and every part of the production traffic wait for it.
    let delay = if nlb { (moves + 1) * NLB_DELAY } else { 0 };
    let total = (moves - 1) * pause + shift.bake_minutes + delay;
    if total > MAX_TOTAL {
        check
            .error(
                "model/deployment",
                at,
                format!("a deployment would wait for {total} minutes, and CloudFormation takes at most {MAX_TOTAL}"),
            )
            .help(if nlb {
                "shorten `bake_time`, or take larger steps: ECS waits 10 minutes more at a network load balancer each time"
            } else {
                "shorten `bake_time`"
            });
    }
}

/// What ECS can't shift, or not wholly.
fn check_traffic(strategy: Spanned<written::Strategy>, around: &Surroundings<'_>, check: &mut Check<'_>) {
    let word = strategy.value.as_str();
    let balanced = around.http.is_some() || around.nlb;
    if strategy.value != written::Strategy::BlueGreen && !balanced && !around.connect && check.complete {
        check
            .error(
                "model/deployment",
                strategy.span,
                format!("`{word}` moves traffic in parts, and this service gets none that ECS could move"),
            )
            .help(match around.kind {
                Kind::Worker => "use `blue_green`, or leave `strategy` out",
                _ => "set `http`, `nlb` or `network.connect`, or use `blue_green`",
            });
    }
    let rules = around.http.into_iter().flat_map(|http| {
        std::iter::once(&http.rule).chain(http.additional_rules.iter().flat_map(|rules| &rules.items))
    });
    for redirect in rules.filter_map(|rule| rule.redirect_to_https).filter(|redirect| !redirect.value) {
        check
            .error(
                "model/deployment",
                redirect.span,
                format!(
                    "`{word}` moves the traffic of one listener rule, and plain HTTP would have a second one"
                ),
            )
            .other(strategy.span, "the strategy is given here")
            .help("remove `redirect_to_https: false`, or leave `strategy` out");
    }
    if let Some(Form::Full(scaling)) = around.count {
        let measured = [
            ("requests", scaling.requests.as_ref().map(Decode::span)),
            ("response_time", scaling.response_time.as_ref().map(Decode::span)),
        ];
        for (key, at) in measured {
            if let Some(at) = at {
                check
                    .error(
                        "model/deployment",
                        at,
                        format!("`{key}` is measured at one target group, and with `{word}` traffic changes between two"),
                    )
                    .other(strategy.span, "the strategy is given here")
                    .help("scale by `cpu_percentage` or `memory_percentage`");
            }
        }
    }
}

fn rollback(given: Option<&written::Deployment>, kind: Kind, check: &mut Check<'_>) -> RollbackAlarms {
    match given.and_then(|deployment| deployment.rollback_alarms.as_ref()) {
        None => RollbackAlarms::None,
        Some(Form::Short(names)) if names.items.is_empty() => RollbackAlarms::None,
        Some(Form::Short(names)) => {
            RollbackAlarms::Names(names.items.iter().map(|name| name.value.clone()).collect())
        }
        Some(Form::Full(full)) => {
            let mut percent = |value: Option<Spanned<f64>>, key: &str| {
                let value = value?;
                if !(0.0..=100.0).contains(&value.value) {
                    let message = format!("`{key}` is a percentage from 0 to 100, not {}", value.value);
                    check.error("model/range", value.span, message);
                }
                Some(value.value)
            };
            let cpu = percent(full.cpu_utilization, "cpu_utilization");
            let memory = percent(full.memory_utilization, "memory_utilization");
            if let Some(delayed) = full.messages_delayed.filter(|_| kind != Kind::Worker) {
                check
                    .error("model/alarms", delayed.span, "only a Worker Service reads from a queue")
                    .help("remove `messages_delayed`");
            }
            let messages_delayed = full.messages_delayed.map(|delayed| delayed.value);
            if cpu.is_none() && memory.is_none() && messages_delayed.is_none() {
                RollbackAlarms::None
            } else {
                RollbackAlarms::Thresholds { cpu, memory, messages_delayed }
            }
        }
    }
}
