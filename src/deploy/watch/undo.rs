//! Taking back a change that goes on: because the user asks to stop, or because it can't end well any more.

use super::Follower;
use super::service::ServiceTracker;
use crate::aws::{Error, Kind};
use crate::deploy::failure::{Cause, Evidence, hopeless};
use crate::deploy::note;
use crate::event::{Level, Phase};

/// How to undo what was begun when the user asks to stop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Undo {
    /// The new stack is deleted, with this role.
    Delete {
        /// The role CloudFormation deletes with; `None`: the caller's own rights.
        role_arn: Option<String>,
    },
    /// The update is cancelled, which rolls it back.
    Cancel,
    /// Nothing is undone.
    Nothing,
    /// Nothing is undone, and nothing is followed any more.
    Leave,
}

impl Follower<'_> {
    /// Takes the change back for the user, who asked to stop.
    ///
    /// # Errors
    /// AWS could not be asked: it is worth asking again.
    pub(super) async fn undo(&self) -> Result<(), Error> {
        let stack = self.change.stack;
        let text = match self.take_back().await {
            Some(Ok(what)) => {
                let traffic = self.traffic().map(|words| format!(" {words}")).unwrap_or_default();
                format!("Stopping: stack {stack} is {what}.{traffic}")
            }
            Some(Err(error)) if was_not_heard(&error) => return Err(error),
            Some(Err(error)) => {
                note(self.change.reporter, Level::Warning, format!("It can't be stopped any more: {error}."));
                return Ok(());
            }
            None => format!("Stack {stack} can't be stopped half-way."),
        };
        note(
            self.change.reporter,
            Level::Info,
            format!("{text} Interrupt once more to leave without waiting."),
        );
        Ok(())
    }

    /// Takes the change back once it is clear that the new tasks will never stay up; says whether there is no more to do.
    pub(super) async fn give_up(&self) -> bool {
        let Some(cause) = self.hopeless() else { return false };
        match self.take_back().await {
            Some(Ok(what)) => {
                let text = format!(
                    "This won't end well: {}. Stack {} is {what} now instead of after more tries (`--fail-fast=false` waits for them).",
                    cause.headline, self.change.stack
                );
                note(self.change.reporter, Level::Warning, text);
                true
            }
            // One that is over, or on its way back by itself, needs no help.
            Some(Err(error)) => !was_not_heard(&error),
            None => true,
        }
    }

    /// Why the new tasks of a service will never stay up; `None` while they may.
    pub(super) fn hopeless(&self) -> Option<Cause> {
        let mut trackers = self.services.values().map(|watched| &watched.tracker);
        trackers.find_map(|tracker| hopeless(&self.evidence(tracker)))
    }

    /// Takes the change back and says in words what becomes of the stack; `None` when nothing is undone.
    async fn take_back(&self) -> Option<Result<&'static str, Error>> {
        let door = self.connection.cloudformation();
        let (done, what) = match &self.change.undo {
            Undo::Delete { role_arn } => {
                (door.delete_stack(self.change.stack_id, role_arn.as_deref()).await, "deleted again")
            }
            Undo::Cancel => (door.cancel_update(self.change.stack_id).await, "rolled back"),
            Undo::Nothing | Undo::Leave => return None,
        };
        Some(done.map(|()| what))
    }

    /// What becomes of the traffic of a service whose deployment moves it; `None` when none does, or it has no old version.
    fn traffic(&self) -> Option<String> {
        if self.change.undo != Undo::Cancel {
            return None;
        }
        let mut shifts = self.services.values().filter_map(|watched| watched.tracker.shifts().current());
        shifts.find_map(|shift| match shift.phase() {
            Phase::Start | Phase::Test => {
                Some("No traffic has gone to the new version yet: all of it stays with the old one.".to_owned())
            }
            Phase::Move | Phase::Step | Phase::Bake => {
                let shares = shift.production.map(|_| format!(" ({})", shift.shares())).unwrap_or_default();
                Some(format!("Traffic{shares} goes back to the old version, whose tasks still run."))
            }
            Phase::CleanUp => Some(
                "The old tasks are ending: tasks of the old version start again, then traffic goes back to them."
                    .to_owned(),
            ),
            Phase::Back => Some("ECS is already moving traffic back to the old version.".to_owned()),
            Phase::Over => None,
        })
    }

    /// What is known of a service's new tasks.
    fn evidence(&self, tracker: &ServiceTracker) -> Evidence {
        let mut tasks = self.witness.tasks(tracker);
        tasks.retain(|task| Some(&task.task_definition) == tracker.current());
        Evidence {
            stack: self.change.stack.to_owned(),
            services: vec![self.witness.service(tracker)],
            tasks,
            ..Evidence::default()
        }
    }
}

/// Whether a request has failed before AWS looked at what was asked.
fn was_not_heard(error: &Error) -> bool {
    matches!(error.kind, Kind::Throttled | Kind::Unreachable { .. }) || error.is_about_credentials()
}
