//! When a job runs.

use super::Check;
use crate::diagnostic::Span;
use crate::manifest::service::Service as Written;
use crate::model::job::Job;
use crate::model::schedule::{Schedule, schedule};

/// Longest timeout of a state machine in seconds, and most tries of a state:
/// <https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html>
const MAX: u64 = 99_999_999;

/// Schedule, timeout and retries. `at` is to blame for a missing `on`.
pub(super) fn job(written: &Written, at: Span, check: &mut Check<'_>) -> Job {
    let given = written.trigger.as_ref().and_then(|trigger| trigger.schedule.as_ref());
    let schedule = match given {
        Some(text) => schedule(&text.value).unwrap_or_else(|fault| {
            check.error("model/schedule", text.span, fault.message).help(fault.help);
            Schedule::Never
        }),
        None => {
            let help = "when the job runs, such as `schedule: \"@daily\"`; `none` for never by itself";
            match &written.trigger {
                Some(trigger) => check.missing(trigger.span, "schedule", help),
                None => check.missing(at, "on", "when the job runs: `on: {schedule: \"@daily\"}`"),
            }
            Schedule::Never
        }
    };
    let timeout = check.seconds(written.timeout.as_ref(), "timeout", 1, MAX);
    if let Some(timeout) =
        written.timeout.as_ref().filter(|timeout| timeout.value.nanos() % 1_000_000_000 != 0)
    {
        check
            .error("model/range", timeout.span, "`timeout` is in whole seconds")
            .help("write for example `1h30m` or `90s`");
    }
    let retries = check.range(written.retries.as_ref(), "retries", 0, MAX).unwrap_or_default();
    Job { schedule, timeout, retries }
}
