//! What is known of a failed change ([`Evidence`]), and its first cause in words ([`explain()`]).
//!
//! CloudFormation says of a service that does not come up no more than "circuit breaker was triggered". The reason is in the
//! tasks that ECS stopped, in the load balancer's view of them, and in what their containers wrote last. [`watch`] keeps these
//! while the change runs, because ECS forgets stopped tasks and a rollback takes targets and logs away; [`explain()`] is a pure
//! function of all that.
//!
//! [`watch`]: super::watch

mod apprunner;
mod ending;
mod explain;
mod hopeless;
mod kinds;
mod pattern;
mod resource;
mod shift;
mod start;
mod target;
mod task;

use serde::{Deserialize, Serialize};

use super::watch::End;

pub use explain::explain;
pub use hopeless::hopeless;
pub use kinds::{KINDS, Kind};
pub use task::exit;

/// Code of the cause that another rule of the listener has the priority of a new rule.
pub const RULE_PRIORITY: &str = "rule_priority";

/// All that is known of a failed change.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Evidence {
    /// The stack.
    pub stack: String,
    /// The status it ended in.
    pub status: String,
    /// CloudFormation's reason at the level of the stack; empty without one.
    pub reason: String,
    /// Resources that failed, in the order they did, without those that were only cancelled because of another.
    pub resources: Vec<FailedResource>,
    /// ECS services that were being changed.
    pub services: Vec<FailedService>,
    /// Tasks of these services that stopped during the change, oldest first.
    pub tasks: Vec<StoppedTask>,
    /// Services on App Runner that failed.
    #[serde(default)]
    pub instances: Vec<FailedInstances>,
}

impl Evidence {
    /// What was seen of a change of `stack` on the way to its end.
    #[must_use]
    pub fn of(stack: &str, end: &End) -> Self {
        Self {
            stack: stack.to_owned(),
            status: end.status.clone(),
            reason: end.reason.clone(),
            resources: end.failed.clone(),
            services: end.services.iter().map(|tracker| end.witness.service(tracker)).collect(),
            tasks: end.services.iter().flat_map(|tracker| end.witness.tasks(tracker)).collect(),
            instances: end.instances.clone(),
        }
    }
}

/// A resource CloudFormation could not make, change or remove.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct FailedResource {
    /// Name of the stack it is in: the changed one, or one nested in it.
    pub stack: String,
    /// Its logical id.
    pub logical_id: String,
    /// Its type.
    pub resource_type: String,
    /// Its physical id; empty when it never had one.
    pub physical_id: String,
    /// `CREATE_FAILED`, `UPDATE_FAILED`, `DELETE_FAILED`.
    pub status: String,
    /// CloudFormation's reason.
    pub reason: String,
}

/// An ECS service that was being changed.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct FailedService {
    /// Its name.
    pub name: String,
    /// Name of its cluster.
    pub cluster: String,
    /// Its messages during the change, oldest first.
    pub messages: Vec<String>,
    /// ECS's reasons for failed rollouts.
    pub rollouts: Vec<String>,
    /// Targets as last seen unhealthy.
    pub targets: Vec<UnhealthyTarget>,
    /// The deployment that was to move its traffic to the new version and did not end well; `None` of a rolling one.
    pub shift: Option<FailedShift>,
    /// Alarms that took the deployment back.
    pub alarms: Vec<RungAlarm>,
}

/// A deployment that moves traffic to a new version, and that did not end well.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct FailedShift {
    /// `BLUE_GREEN`, `CANARY`, `LINEAR`.
    pub strategy: String,
    /// ECS's status, such as `ROLLBACK_SUCCESSFUL`.
    pub status: String,
    /// ECS's reason for the status.
    pub reason: String,
    /// ECS's reason for the rollback; empty without one.
    pub rollback: String,
    /// The last lifecycle stage before it was taken back, such as `BAKE_TIME`; empty when unknown.
    pub stage: String,
    /// Percent of the production traffic that the new version got at most.
    pub most: f64,
    /// Whether somebody asked ECS to stop it.
    pub requested: bool,
}

/// An alarm that took a deployment back.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct RungAlarm {
    /// Its name.
    pub name: String,
    /// Why it rings, in CloudWatch's words; empty when that could not be read.
    pub reason: String,
}

/// A service on App Runner that failed.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct FailedInstances {
    /// Its name.
    pub name: String,
    /// What App Runner said, oldest first.
    pub messages: Vec<String>,
    /// The last lines its container wrote, oldest first.
    pub logs: Vec<String>,
}

/// A target a load balancer found unhealthy.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct UnhealthyTarget {
    /// Its address or id.
    pub target: String,
    /// The port it was asked at.
    pub port: u16,
    /// Code of the reason, such as `Target.ResponseCodeMismatch`.
    pub reason: String,
    /// The reason for people, such as `Health checks failed with these codes: [404]`.
    pub description: String,
    /// Path of the health check; empty when unknown or not an HTTP one.
    pub path: String,
    /// HTTP codes that would have been healthy; empty when unknown.
    pub expected: String,
}

/// A task that stopped.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct StoppedTask {
    /// Its id.
    pub id: String,
    /// Name of its service.
    pub service: String,
    /// Revision of its task definition, `family:number`.
    pub task_definition: String,
    /// Code of the reason, such as `EssentialContainerExited`; empty when ECS gave none.
    pub code: String,
    /// The reason.
    pub reason: String,
    /// Architecture the task definition asks for, `X86_64` or `ARM64`; empty when unknown.
    pub architecture: String,
    /// Its memory in MiB; empty when unknown.
    pub memory: String,
    /// Its containers.
    pub containers: Vec<StoppedContainer>,
}

/// A container of a task that stopped.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct StoppedContainer {
    /// Its name.
    pub name: String,
    /// Its image.
    pub image: String,
    /// Whether the task ends with it.
    pub essential: bool,
    /// Its exit code, when it ran and ended.
    pub exit_code: Option<i32>,
    /// ECS's reason, such as `CannotPullContainerError: …`; empty without one.
    pub reason: String,
    /// `HEALTHY`, `UNHEALTHY`, `UNKNOWN`; empty when unknown.
    pub health: String,
    /// Ports it is to listen on.
    pub ports: Vec<u16>,
    /// The last lines it wrote, oldest first.
    pub logs: Vec<String>,
}

/// The first cause of a failure, in words.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Cause {
    /// Names the kind of cause for machines, one of [`KINDS`], such as `container_exited`.
    pub code: String,
    /// One sentence without a period: what happened, where, why.
    pub headline: String,
    /// Facts that support it, each one line.
    pub details: Vec<String>,
    /// What to do, each one sentence.
    pub next: Vec<String>,
    /// What the container wrote last, when that belongs to the cause.
    pub logs: Vec<String>,
}

impl Cause {
    /// A cause with the advice of its kind.
    fn new(code: &str, headline: impl Into<String>) -> Self {
        let cause = Self { code: code.to_owned(), headline: headline.into(), ..Self::default() };
        cause.instead(kinds::remedy(code))
    }

    fn detail(mut self, detail: impl Into<String>) -> Self {
        let detail = detail.into();
        if !detail.is_empty() && !self.details.contains(&detail) {
            self.details.push(detail);
        }
        self
    }

    /// Advice of this case in the place of the first of its kind.
    fn first(mut self, next: &str) -> Self {
        self.next = [next.to_owned()].into_iter().chain(self.next.into_iter().skip(1)).collect();
        self
    }

    /// Advice of this case in the place of that of its kind.
    fn instead(mut self, next: &[&str]) -> Self {
        self.next = next.iter().map(|&step| step.to_owned()).collect();
        self
    }

    fn next(mut self, next: impl Into<String>) -> Self {
        self.next.push(next.into());
        self
    }

    fn logs(mut self, logs: &[String]) -> Self {
        self.logs = logs.to_vec();
        self
    }
}
