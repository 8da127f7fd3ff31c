//! What is followed, and how it ended.

use super::service::ServiceTracker;
use super::witness::Witness;
use super::{Health, Undo};
use crate::aws::cloudformation::Stack;
use crate::aws::cloudformation::events::StackEvent;
use crate::deploy::failure::{FailedInstances, FailedResource};
use crate::deploy::{Interrupt, Polling};
use crate::event::Reporter;

/// A change that goes on.
pub struct Change<'a> {
    /// ARN of the stack.
    pub stack_id: &'a str,
    /// Its name.
    pub stack: &'a str,
    /// Its newest events from before the change, newest first.
    pub before: &'a [StackEvent],
    /// How it stood before the change; `None` for a new one.
    pub stood: Option<&'a Stack>,
    /// Whether the end of the cleanup after an update is waited for (deletion of what was replaced).
    pub cleanup: bool,
    /// What to do when the user asks to stop.
    pub undo: Undo,
    /// Whether CloudFormation is done before what it made runs (express mode): then services are followed on.
    pub express: bool,
    /// Whether CloudFormation is done already, and only services are followed, those of the whole stack.
    pub proof_only: bool,
    /// Ids of deployments of ECS services that are not of this change.
    pub known: &'a [String],
    /// Whether it is undone as soon as it is clear that the new tasks will never stay up.
    pub fail_fast: bool,
    /// Takes the events.
    pub reporter: &'a dyn Reporter,
    /// How often the user asked to stop.
    pub interrupt: Option<Interrupt>,
    /// How often to ask.
    pub polling: Polling,
}

impl<'a> Change<'a> {
    /// A change of the stack `stack` with the ARN `stack_id` that is followed to its end and not undone. `before`: the stack's
    /// newest events from before it, newest first.
    #[must_use]
    pub fn new(
        (stack_id, stack): (&'a str, &'a str),
        before: &'a [StackEvent],
        reporter: &'a dyn Reporter,
        polling: Polling,
    ) -> Self {
        Self {
            stack_id,
            stack,
            before,
            stood: None,
            cleanup: true,
            undo: Undo::Nothing,
            express: false,
            proof_only: false,
            known: &[],
            fail_fast: false,
            reporter,
            interrupt: None,
            polling,
        }
    }
}

/// How a change ended, and what was seen on the way.
#[derive(Debug, Clone)]
pub struct End {
    /// The stack's final status; `DELETE_COMPLETE` for one that is gone.
    pub status: String,
    /// CloudFormation's first reason at the level of the stack; empty without one.
    pub reason: String,
    /// Resources that failed, in order.
    pub failed: Vec<FailedResource>,
    /// The services that were changed.
    pub services: Vec<ServiceTracker>,
    /// What was read of their tasks and targets.
    pub witness: Witness,
    /// What was read of services on App Runner that failed.
    pub instances: Vec<FailedInstances>,
    /// Whether the user asked to stop and the change was undone.
    pub interrupted: bool,
    /// Whether what it made runs, as far as CloudFormation did not wait for that.
    pub health: Health,
}
