//! How many tasks run.

use super::Check;
use crate::diagnostic::Span;
use crate::manifest::count as written;
use crate::manifest::decode::{Decode, Form, Spanned};
use crate::model::service::{Count, Kind, Platform, Scaling, ScalingTarget};

/// Pause after tasks were taken away, in seconds.
const COOLDOWN_IN: u64 = 120;
/// Pause after tasks were added, in seconds.
const COOLDOWN_OUT: u64 = 60;

/// The number of tasks, or what makes it change. `load_balanced` says whether an application load balancer is there.
///
/// Fargate Spot runs Linux tasks of both architectures, but no Windows tasks:
/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-capacity-providers.html>
pub(super) fn count(
    written: Option<&written::Count>,
    kind: Kind,
    load_balanced: bool,
    platform: &Platform,
    check: &mut Check<'_>,
) -> Count {
    let scaling = match written {
        None => return Count::Fixed(1),
        Some(Form::Short(count)) => return Count::Fixed(count.value),
        Some(Form::Full(scaling)) => scaling,
    };
    let from = scaling.range.as_ref().and_then(|range| range.full()).and_then(|bounds| bounds.spot_from);
    if let Some(spot) = scaling.spot.or(from).filter(|_| platform.is_windows()) {
        check
            .error("model/platform", spot.span, "Fargate Spot does not run Windows tasks")
            .help("remove `spot`: Windows tasks run on Fargate");
    }
    scaled(scaling, kind, load_balanced, check)
}

fn scaled(written: &written::Scaling, kind: Kind, load_balanced: bool, check: &mut Check<'_>) -> Count {
    let metrics: Vec<(&str, Span)> = [
        ("cpu_percentage", written.cpu_percentage.as_ref().map(Decode::span)),
        ("memory_percentage", written.memory_percentage.as_ref().map(Decode::span)),
        ("requests", written.requests.as_ref().map(Decode::span)),
        ("response_time", written.response_time.as_ref().map(Decode::span)),
        ("queue_delay", written.queue_delay.as_ref().map(Decode::span)),
    ]
    .into_iter()
    .filter_map(|(key, span)| Some((key, span?)))
    .collect();
    let worker = kind == Kind::Worker;
    if let Some(delay) = written.queue_delay.as_ref().filter(|_| !worker) {
        check
            .error("model/scaling", delay.span, "only a Worker Service reads from a queue")
            .help("remove `queue_delay`");
    }
    for (key, span) in metrics.iter().filter(|(key, _)| matches!(*key, "requests" | "response_time")) {
        if !load_balanced {
            check
                .error(
                    "model/scaling",
                    *span,
                    format!("`{key}` is measured by the application load balancer, and there is none"),
                )
                .help(if worker {
                    "scale by `cpu_percentage`, `memory_percentage` or `queue_delay`"
                } else {
                    "set `http`, or scale by `cpu_percentage` or `memory_percentage`"
                });
        }
    }
    if let Some(spot) = written.spot {
        let other = written.range.as_ref().map(|range| ("range", range.span())).or(metrics.first().copied());
        if let Some(other) = other {
            check.exclusive(("spot", spot.span), other);
        }
        return Count::Spot(spot.value);
    }
    let Some(range) = &written.range else {
        if metrics.is_empty() {
            check.missing(
                written.span,
                "range",
                "write a number, `spot`, or `range` with a metric such as `cpu_percentage: 70`",
            );
        } else {
            check.missing(written.span, "range", "tasks scale between two bounds, such as `range: 1-10`");
        }
        return Count::Fixed(1);
    };
    let (min, max, spot_from) = bounds(range, check);
    if metrics.is_empty() && check.complete {
        check.error("model/scaling", range.span(), "nothing makes the number of tasks change").help(
            if worker {
                "set a metric: `cpu_percentage`, `memory_percentage` or `queue_delay`"
            } else {
                "set a metric: `cpu_percentage`, `memory_percentage`, `requests` or `response_time`"
            },
        );
    }
    let general = cooldown(written.cooldown.as_ref(), (COOLDOWN_IN, COOLDOWN_OUT), check);
    let percent = |metric: Option<&Form<Spanned<_>, written::PercentTarget>>, check: &mut Check<'_>| {
        target(metric, |full| (full.value, full.cooldown.as_ref(), full.span), general, check).map(
            |(value, cooldown): (crate::manifest::scalar::Percent, _)| {
                scaling_target(value.0 as f64, cooldown)
            },
        )
    };
    Count::Scaled(Box::new(Scaling {
        min,
        max,
        spot_from,
        cpu: percent(written.cpu_percentage.as_ref(), check),
        memory: percent(written.memory_percentage.as_ref(), check),
        requests: target(
            written.requests.as_ref(),
            |full| (full.value, full.cooldown.as_ref(), full.span),
            general,
            check,
        )
        .map(|(value, cooldown)| scaling_target(value as f64, cooldown)),
        response_time: target(
            written.response_time.as_ref(),
            |full| (full.value, full.cooldown.as_ref(), full.span),
            general,
            check,
        )
        .map(|(value, cooldown)| scaling_target(value.secs_f64(), cooldown)),
        backlog: written.queue_delay.as_ref().and_then(|delay| backlog(delay, general, check)),
    }))
}

/// Messages a task may have before it: as many as it works off in the longest time that a message may wait.
fn backlog(delay: &written::QueueDelay, general: (u64, u64), check: &mut Check<'_>) -> Option<ScalingTarget> {
    let mut time = |value: Option<Spanned<crate::manifest::scalar::Duration>>, key: &str, help: &str| {
        let Some(value) = value else {
            check.missing(delay.span, key, help);
            return None;
        };
        if value.value.nanos() <= 0 {
            check.error("model/scaling", value.span, format!("`{key}` is a time longer than 0"));
            return None;
        }
        Some(value)
    };
    let latency = time(delay.acceptable_latency, "acceptable_latency", "the longest time a message may wait");
    let processing = time(delay.msg_processing_time, "msg_processing_time", "the time one message takes");
    let (latency, processing) = (latency?, processing?);
    if processing.value > latency.value {
        check
            .error("model/scaling", processing.span, "one message takes longer than any message may wait")
            .other(latency.span, "the longest wait")
            .help("raise `acceptable_latency` to at least `msg_processing_time`");
    }
    let messages = latency.value.nanos().unsigned_abs().div_ceil(processing.value.nanos().unsigned_abs());
    Some(scaling_target(messages as f64, cooldown(delay.cooldown.as_ref(), general, check)))
}

fn scaling_target(value: f64, (cooldown_in, cooldown_out): (u64, u64)) -> ScalingTarget {
    ScalingTarget { value, cooldown_in, cooldown_out }
}

fn cooldown(written: Option<&written::Cooldown>, default: (u64, u64), check: &mut Check<'_>) -> (u64, u64) {
    let Some(written) = written else { return default };
    (
        check.seconds(written.scale_in.as_ref(), "in", 0, 86_400).unwrap_or(default.0),
        check.seconds(written.scale_out.as_ref(), "out", 0, 86_400).unwrap_or(default.1),
    )
}

/// Value, cooldown and place of a metric's full form.
type Parts<'a, T> = (Option<Spanned<T>>, Option<&'a written::Cooldown>, Span);

fn target<'a, T: Copy, F>(
    metric: Option<&'a Form<Spanned<T>, F>>,
    parts: impl Fn(&'a F) -> Parts<'a, T>,
    general: (u64, u64),
    check: &mut Check<'_>,
) -> Option<(T, (u64, u64))> {
    match metric? {
        Form::Short(value) => Some((value.value, general)),
        Form::Full(full) => {
            let (value, own, span) = parts(full);
            if value.is_none() {
                check.missing(span, "value", "the target of the metric");
            }
            Some((value?.value, cooldown(own, general, check)))
        }
    }
}

fn bounds(
    written: &Form<Spanned<crate::manifest::scalar::Range>, written::Bounds>,
    check: &mut Check<'_>,
) -> (u64, u64, Option<u64>) {
    let (min, max, spot_from) = match written {
        Form::Short(range) => (range.value.min, range.value.max, None),
        Form::Full(bounds) => {
            for (key, value) in [("min", bounds.min), ("max", bounds.max)] {
                if value.is_none() {
                    check.missing(bounds.span, key, "a range has both `min` and `max`");
                }
            }
            let (Some(min), Some(max)) = (bounds.min, bounds.max) else { return (1, 1, None) };
            (min.value, max.value, bounds.spot_from.map(|spot| spot.value))
        }
    };
    if min > max {
        check
            .error(
                "model/scaling",
                written.span(),
                format!("the range ends at {max}, before it begins at {min}"),
            )
            .help(format!("write `range: {max}-{min}`"));
    }
    (min, max, spot_from)
}
