//! What happens while something is carried out, as serialisable values.
//!
//! Work emits events through a [`Reporter`]; `ui` turns them into a live tree, plain lines or JSON lines, and recorded
//! events are the fixtures of the progress tests. Every event is self-contained: a reporter that missed the earlier
//! ones still shows something true. Identifiers (`id`, `stack`, `service`) tie events of one thing together.

mod shift;

use serde::{Deserialize, Serialize};

pub use shift::{Phase, Share, Shift};

/// An event with its time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// Milliseconds since the Unix epoch.
    pub at: i64,
    /// What happened.
    #[serde(flatten)]
    pub event: Event,
}

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// A piece of work outside CloudFormation begins: a build, a push, an upload, a record written.
    StepStarted {
        /// Names the step in later events; unique within a command.
        id: String,
        /// What it is.
        kind: Step,
        /// What it does, for people, such as `Build image api`.
        title: String,
    },
    /// The step came further. `total` 0: not known.
    StepProgress {
        /// The step.
        id: String,
        /// Units done: steps of a build, layers of a push, bytes of an upload.
        done: u64,
        /// Units in all.
        total: u64,
        /// What it does right now.
        message: String,
    },
    /// One line of output of a program the step runs.
    StepOutput {
        /// The step.
        id: String,
        /// The line without its end.
        line: String,
    },
    /// The step ended.
    StepFinished {
        /// The step.
        id: String,
        /// How it ended.
        outcome: Outcome,
        /// What came of it, such as a digest; or why it failed or was skipped.
        detail: String,
    },
    /// A workload waits for others before its stack changes.
    Waiting {
        /// The workload's name.
        workload: String,
        /// What this is for people, such as `service web in test`.
        title: String,
        /// The workloads it still waits for; none: it waits no more.
        on: Vec<String>,
        /// The workload whose failure keeps this one from ever beginning; empty while it may begin.
        failed: String,
    },
    /// CloudFormation begins to change a stack.
    StackStarted {
        /// The stack's name.
        stack: String,
        /// What is done to it.
        operation: Operation,
        /// What this is for people, such as `service api in test`.
        title: String,
        /// What the change set will do, in the order of the template; empty when deleting.
        changes: Vec<ResourceChange>,
    },
    /// A resource of a stack changed its state.
    Resource {
        /// The stack's name.
        stack: String,
        /// The resource's logical id.
        logical_id: String,
        /// Its type, such as `AWS::ECS::Service`.
        resource_type: String,
        /// Its physical id; empty while it has none.
        physical_id: String,
        /// CloudFormation's status, such as `CREATE_IN_PROGRESS`.
        status: String,
        /// CloudFormation's reason; empty without one.
        reason: String,
    },
    /// State of a deployment of an ECS service, sent when it changed.
    Deployment {
        /// The stack the service belongs to.
        stack: String,
        /// Name of the ECS service.
        service: String,
        /// The deployment.
        deployment: Deployment,
    },
    /// State of a deployment of an ECS service that moves traffic from the old version to the new one, sent when it changed.
    Shift {
        /// The stack the service belongs to.
        stack: String,
        /// Name of the ECS service.
        service: String,
        /// Where it is.
        shift: Shift,
    },
    /// State of a task of an ECS service, sent when it changed.
    Task {
        /// The stack the service belongs to.
        stack: String,
        /// Name of the ECS service.
        service: String,
        /// The task.
        task: Task,
    },
    /// A message of the ECS service itself.
    ServiceMessage {
        /// The stack the service belongs to.
        stack: String,
        /// Name of the ECS service.
        service: String,
        /// The message without its `(service …)` prefix.
        message: String,
    },
    /// State of a target behind a load balancer, sent when it changed.
    Target {
        /// The stack the service belongs to.
        stack: String,
        /// Name of the ECS service.
        service: String,
        /// Address of the target.
        target: String,
        /// `initial`, `healthy`, `unhealthy`, `draining`, `unused`.
        state: String,
        /// The load balancer's reason; empty without one.
        reason: String,
    },
    /// CloudFormation is done with a stack in express mode, before what it made runs; its services are followed on.
    StackApplied {
        /// The stack's name.
        stack: String,
        /// CloudFormation's status, such as `UPDATE_COMPLETE`.
        status: String,
    },
    /// A change of a stack is over.
    StackFinished {
        /// The stack's name.
        stack: String,
        /// Final status, such as `UPDATE_COMPLETE`, or `DELETE_COMPLETE` for a stack that is gone.
        status: String,
        /// Whether what was asked for was reached.
        outcome: Outcome,
        /// Why not; empty otherwise.
        reason: String,
    },
    /// Something to know that belongs to no step.
    Note {
        /// How much it matters.
        level: Level,
        /// The text.
        text: String,
    },
}

/// Kinds of steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// Building an image.
    Build,
    /// Pushing an image.
    Push,
    /// Uploading a file.
    Upload,
    /// Anything else done through an API or in the workspace.
    Work,
}

/// How something ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// As wanted.
    Done,
    /// Nothing had to be done.
    Skipped,
    /// It failed.
    Failed,
    /// It was stopped.
    Cancelled,
}

/// What is done to a stack.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Operation {
    /// It is made.
    Create,
    /// It is changed.
    Update,
    /// It is removed.
    Delete,
}

/// What a change set will do to a resource.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResourceChange {
    /// The resource's logical id.
    pub logical_id: String,
    /// Its type.
    pub resource_type: String,
    /// `Add`, `Modify`, `Remove`, `Import`, `Dynamic` (CloudFormation's words).
    pub action: String,
    /// `True`, `False`, `Conditional` for a modification; empty otherwise.
    pub replacement: String,
    /// What the resource is for, from the template's `aws:copilot:description`; empty without one.
    pub title: String,
}

/// A deployment of an ECS service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deployment {
    /// Its id, `ecs-svc/…`.
    pub id: String,
    /// `PRIMARY` (the newest), `ACTIVE` (being replaced), `INACTIVE`.
    pub status: String,
    /// Revision of the task definition, `family:number`.
    pub task_definition: String,
    /// Tasks wanted.
    pub desired: u32,
    /// Tasks running.
    pub running: u32,
    /// Tasks starting.
    pub pending: u32,
    /// Tasks that failed.
    pub failed: u32,
    /// `IN_PROGRESS`, `COMPLETED`, `FAILED`; empty when ECS says nothing.
    pub rollout: String,
    /// ECS's reason for the rollout's state.
    pub reason: String,
}

/// A task of an ECS service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Task {
    /// Its id: the last part of its ARN.
    pub id: String,
    /// Revision of its task definition, `family:number`.
    pub task_definition: String,
    /// `PROVISIONING`, `PENDING`, `ACTIVATING`, `RUNNING`, `DEACTIVATING`, `STOPPING`, `STOPPED` ….
    pub status: String,
    /// `HEALTHY`, `UNHEALTHY`, `UNKNOWN`.
    pub health: String,
    /// Why it stopped; empty while it runs.
    pub stopped_reason: String,
    /// Its containers.
    pub containers: Vec<Container>,
}

/// A container of a task.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Container {
    /// Its name.
    pub name: String,
    /// `PENDING`, `RUNNING`, `STOPPED`.
    pub status: String,
    /// Its exit code, once it ended.
    pub exit_code: Option<i32>,
    /// ECS's reason, such as `CannotPullContainerError: …`; empty without one.
    pub reason: String,
}

/// How much a note matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// Good to know.
    Info,
    /// Something may not be as wanted.
    Warning,
}

/// Takes events as they happen.
pub trait Reporter: Send + Sync {
    /// Shows, stores or drops `event`. Never blocks for long and never fails.
    fn report(&self, event: Event);
}
