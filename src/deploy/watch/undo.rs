//! Taking back a change that goes on: because the user asks to stop, or because it can't end well any more.

use super::Follower;
use super::service::ServiceTracker;
use crate::deploy::failure::{Evidence, hopeless};
use crate::deploy::note;
use crate::event::Level;

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
}

impl Follower<'_> {
    /// Takes the change back for the user, who asked to stop.
    pub(super) async fn undo(&self) {
        let door = self.connection.cloudformation();
        let (text, done) = match &self.change.undo {
            Undo::Delete { role_arn } => (
                format!(
                    "Stopping: stack {} is deleted again. Interrupt once more to leave without waiting.",
                    self.change.stack
                ),
                door.delete_stack(self.change.stack_id, role_arn.as_deref()).await,
            ),
            Undo::Cancel => (
                format!(
                    "Stopping: stack {} is rolled back. Interrupt once more to leave without waiting.",
                    self.change.stack
                ),
                door.cancel_update(self.change.stack_id).await,
            ),
            Undo::Nothing => (
                format!(
                    "Stack {} can't be stopped half-way. Interrupt once more to leave without waiting.",
                    self.change.stack
                ),
                Ok(()),
            ),
        };
        match done {
            Ok(()) => note(self.change.reporter, Level::Info, text),
            Err(error) => {
                note(self.change.reporter, Level::Warning, format!("It can't be stopped any more: {error}."));
            }
        }
    }

    /// Takes the change back once it is clear that the new tasks will never stay up; says whether it did.
    pub(super) async fn give_up(&self) -> bool {
        let trackers = self.services.values().map(|watched| &watched.tracker);
        let Some(cause) = trackers.filter_map(|tracker| hopeless(&self.evidence(tracker))).next() else {
            return false;
        };
        let door = self.connection.cloudformation();
        let (done, what) = match &self.change.undo {
            Undo::Delete { role_arn } => {
                (door.delete_stack(self.change.stack_id, role_arn.as_deref()).await, "deleted again")
            }
            Undo::Cancel => (door.cancel_update(self.change.stack_id).await, "rolled back"),
            Undo::Nothing => return true,
        };
        // One that is over, or on its way back by itself, needs no help.
        if done.is_ok() {
            let text = format!(
                "This won't end well: {}. Stack {} is {what} now instead of after more tries (`--fail-fast=false` waits for them).",
                cause.headline, self.change.stack
            );
            note(self.change.reporter, Level::Warning, text);
        }
        true
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
