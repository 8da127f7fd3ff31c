//! How a change of a stack ended: as an event, and as the result of the function that began it.

use super::Failure;
use super::failure::{Evidence, explain};
use super::watch::{End, Health};
use crate::event::{Event, Outcome, Reporter};

/// Says how a creation or an update ended.
///
/// # Errors
/// It failed, or the user stopped it.
pub(super) fn conclude(reporter: &dyn Reporter, stack: &str, end: &End) -> Result<(), Failure> {
    let status = end.status.as_str();
    if is_done(status) && end.health == Health::Proven {
        finished(reporter, stack, status, Outcome::Done, "");
        return Ok(());
    }
    if end.interrupted || end.health == Health::Stopped {
        finished(reporter, stack, status, Outcome::Cancelled, "stopped by the user");
        return Err(Failure::Interrupted { stack: stack.to_owned(), status: status.to_owned() });
    }
    Err(failed(reporter, stack, end))
}

/// Whether CloudFormation did what was asked for.
#[must_use]
pub fn is_done(status: &str) -> bool {
    matches!(status, "CREATE_COMPLETE" | "UPDATE_COMPLETE" | "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS")
}

/// What became of a stack whose change failed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Back {
    /// What CloudFormation's status says.
    #[default]
    Status,
    /// CloudFormation was done in express mode, and what stood before was deployed again.
    Deployed,
    /// CloudFormation was done in express mode, and the new stack was deleted again.
    Deleted,
    /// CloudFormation was done in express mode, and the stack stays as it is for this reason, a sentence.
    Left(String),
}

/// What became of the stack, a sentence. `status`: CloudFormation's.
#[must_use]
pub fn ending(stack: &str, status: &str, back: &Back) -> String {
    match (back, status) {
        (Back::Deployed, _) => {
            format!("What the stack {stack} held before is deployed again, and runs.")
        }
        (Back::Deleted, _) | (_, "DELETE_COMPLETE") => format!("The new stack {stack} was removed again."),
        (Back::Left(why), _) => format!("The stack {stack} holds the new version all the same. {why}"),
        (_, "ROLLBACK_COMPLETE") => {
            format!("The new stack {stack} was rolled back; the next deployment replaces it.")
        }
        (_, "UPDATE_ROLLBACK_COMPLETE") => {
            format!("The stack {stack} was rolled back: what ran before goes on running.")
        }
        (_, "UPDATE_ROLLBACK_FAILED") => format!(
            "The stack {stack} could not be rolled back (UPDATE_ROLLBACK_FAILED); the next deployment continues the rollback."
        ),
        (_, status) => format!("The stack {stack} is in {status}."),
    }
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
        back: Back::default(),
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
