//! How a change of a stack ended: as an event, and as the result of the function that began it.

use super::Failure;
use super::failure::{Evidence, explain};
use super::watch::End;
use crate::event::{Event, Outcome, Reporter};

/// Says how a creation or an update ended.
///
/// # Errors
/// It failed, or the user stopped it.
pub(super) fn conclude(reporter: &dyn Reporter, stack: &str, end: &End) -> Result<(), Failure> {
    let status = end.status.as_str();
    if matches!(status, "CREATE_COMPLETE" | "UPDATE_COMPLETE" | "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS") {
        finished(reporter, stack, status, Outcome::Done, "");
        return Ok(());
    }
    if end.interrupted {
        finished(reporter, stack, status, Outcome::Cancelled, "stopped by the user");
        return Err(Failure::Interrupted { stack: stack.to_owned(), status: status.to_owned() });
    }
    Err(failed(reporter, stack, end))
}

/// Says how a deletion ended.
///
/// # Errors
/// It failed.
pub(super) fn conclude_deletion(reporter: &dyn Reporter, stack: &str, end: &End) -> Result<(), Failure> {
    if end.status == "DELETE_COMPLETE" {
        finished(reporter, stack, &end.status, Outcome::Done, "");
        return Ok(());
    }
    Err(failed(reporter, stack, end))
}

/// Says that a change failed, with its first cause.
fn failed(reporter: &dyn Reporter, stack: &str, end: &End) -> Failure {
    let evidence = Evidence::of(stack, end);
    let cause = explain(&evidence);
    finished(reporter, stack, &end.status, Outcome::Failed, &cause.headline);
    Failure::Failed {
        stack: stack.to_owned(),
        status: end.status.clone(),
        cause: Box::new(cause),
        evidence: Box::new(evidence),
    }
}

/// Says that a change is over.
pub(super) fn finished(reporter: &dyn Reporter, stack: &str, status: &str, outcome: Outcome, reason: &str) {
    reporter.report(Event::StackFinished {
        stack: stack.to_owned(),
        status: status.to_owned(),
        outcome,
        reason: reason.to_owned(),
    });
}
