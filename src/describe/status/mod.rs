//! A service at work: deployments, tasks, targets, alarms and what ECS said last.
//!
//! [`status`] reads it; [`Status`] is the view.

mod page;
mod read;

use serde::Serialize;

pub(super) use read::condition;
pub use read::{find, status};

use super::rfc3339;

/// A service at work. Serialises to the JSON of `svc status --json`.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Status {
    /// The ECS service.
    #[serde(rename = "Service")]
    pub service: Service,
    /// Tasks that run or are about to.
    pub tasks: Vec<Task>,
    /// Alarms of the service.
    pub alarms: Vec<Alarm>,
    /// Tasks that stopped lately (ECS forgets them after about an hour), the last one first.
    pub stopped_tasks: Vec<Task>,
    /// Targets of the service's target groups.
    pub target_health_descriptions: Vec<TargetHealth>,
    /// The last messages of the ECS service, newest first.
    pub events: Vec<Event>,
    /// Parts that could not be read, and why; the rest holds.
    pub warnings: Vec<String>,
}

/// State of an ECS service.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Service {
    /// Tasks there should be.
    pub desired_count: i64,
    /// Tasks that run.
    pub running_count: i64,
    /// Tasks that are being started.
    pub pending_count: i64,
    /// `ACTIVE`, `DRAINING` or `INACTIVE`.
    pub status: String,
    /// Its deployments, the primary one first.
    pub deployments: Vec<Deployment>,
    /// When the primary deployment last changed.
    #[serde(serialize_with = "rfc3339")]
    pub last_deployment_at: Option<i64>,
    /// ARN of the task definition in use.
    pub task_definition: String,
    /// Name of the ECS service.
    pub name: String,
    /// Name of its cluster.
    pub cluster: String,
    /// The deployment that moves its traffic to a new version right now; left out when none does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub traffic_shift: Option<TrafficShift>,
}

/// A deployment of a service that moves traffic from one version to the next.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TrafficShift {
    /// Its id.
    pub id: String,
    /// `BLUE_GREEN`, `CANARY` or `LINEAR`.
    pub strategy: String,
    /// ECS's status, such as `IN_PROGRESS` or `ROLLBACK_IN_PROGRESS`.
    pub status: String,
    /// Why it has that status; empty without a reason.
    pub status_reason: String,
    /// Its lifecycle stage, such as `BAKE_TIME`; empty before the first.
    pub lifecycle_stage: String,
    /// When ECS last changed something of it: mostly the beginning of the stage.
    #[serde(serialize_with = "rfc3339")]
    pub updated_at: Option<i64>,
    /// Percent of the production traffic that the new version gets; `None` when ECS does not say.
    pub new_percent: Option<f64>,
    /// Percent of the production traffic that the old version gets; `None` when ECS does not say.
    pub old_percent: Option<f64>,
    /// Percent of the test traffic that the new version gets; `None` without test traffic.
    pub test_percent: Option<f64>,
    /// Minutes that the old version stays ready after all traffic went over.
    pub bake_minutes: u32,
    /// Percent of the traffic that goes first (canary) or with each step (linear); `None` with blue/green.
    pub step_percent: Option<f64>,
    /// Minutes before the next part follows; 0 with blue/green.
    pub step_bake_minutes: u32,
    /// Names of the alarms that ring and take it back.
    pub ringing_alarms: Vec<String>,
    /// It as it is told in words.
    #[serde(skip)]
    pub(super) shift: crate::event::Shift,
}

/// A deployment of a service: tasks of one task definition.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Deployment {
    /// Its id, `ecs-svc/…`.
    pub id: String,
    /// Tasks it should have.
    pub desired_count: i64,
    /// Tasks of it that run.
    pub running_count: i64,
    /// Tasks of it that are being started.
    pub pending_count: i64,
    /// Tasks of it that failed to start or to become healthy.
    pub failed_tasks: i64,
    /// When it began.
    #[serde(serialize_with = "rfc3339")]
    pub created_at: Option<i64>,
    /// When it last changed.
    #[serde(serialize_with = "rfc3339")]
    pub updated_at: Option<i64>,
    /// `FARGATE`, `EC2` or `EXTERNAL`; empty with capacity providers.
    pub launch_type: String,
    /// ARN of its task definition.
    pub task_definition: String,
    /// `PRIMARY`, `ACTIVE` (being replaced) or `INACTIVE`.
    pub status: String,
    /// `COMPLETED`, `IN_PROGRESS` or `FAILED`; empty when ECS does not say.
    pub rollout_state: String,
    /// Why it has that state; empty without a reason.
    pub rollout_state_reason: String,
}

/// A task.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Task {
    /// Health of its essential containers: `HEALTHY`, `UNHEALTHY`, `UNKNOWN` (also without health checks).
    pub health: String,
    /// Its id.
    pub id: String,
    /// Images of its containers.
    pub images: Vec<Image>,
    /// Its state, such as `RUNNING`.
    pub last_status: String,
    /// When its containers were started.
    #[serde(serialize_with = "rfc3339")]
    pub started_at: Option<i64>,
    /// When it stopped.
    #[serde(serialize_with = "rfc3339")]
    pub stopped_at: Option<i64>,
    /// Why it stopped; empty while it runs.
    pub stopped_reason: String,
    /// Kind of the reason, such as `EssentialContainerExited`; empty while it runs.
    pub stop_code: String,
    /// The capacity provider it runs on, such as `FARGATE_SPOT`; empty when the launch type decides.
    pub capacity_provider: String,
    /// ARN of its task definition.
    #[serde(rename = "taskDefinitionARN")]
    pub task_definition_arn: String,
    /// Its containers.
    pub containers: Vec<Container>,
    /// Its private addresses.
    pub addresses: Vec<String>,
    /// Availability zone it runs in; empty before it is placed.
    pub availability_zone: String,
}

/// An image a container runs.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Image {
    /// Its address as the task definition has it.
    #[serde(rename = "ID")]
    pub id: String,
    /// Its digest without `sha256:`; empty before it is pulled.
    #[serde(rename = "Digest")]
    pub digest: String,
}

/// A container of a task.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Container {
    /// Its name.
    pub name: String,
    /// Its state, such as `RUNNING`.
    pub last_status: String,
    /// `HEALTHY`, `UNHEALTHY` or `UNKNOWN`.
    pub health: String,
    /// The code it exited with; `None` while it runs and when it never started.
    pub exit_code: Option<i32>,
    /// Why it stopped or did not start, such as `CannotPullContainerError: …`; empty without a reason.
    pub reason: String,
}

/// An alarm that watches the service.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Alarm {
    /// Its ARN.
    pub arn: String,
    /// Its name.
    pub name: String,
    /// When it goes off, such as `CPUUtilization > 70 for 3 datapoints within 3 minutes`.
    pub condition: String,
    /// `OK`, `ALARM` or `INSUFFICIENT_DATA`.
    pub status: String,
    /// What it is for: `Rollback`, `Auto Scaling` or `Custom`.
    #[serde(rename = "type")]
    pub kind: String,
    /// When its state last changed.
    #[serde(serialize_with = "rfc3339")]
    pub updated_times: Option<i64>,
}

/// A target of a target group.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TargetHealth {
    /// How it is.
    pub health_status: HealthStatus,
    /// Id of the task it is; empty when no task known has its address.
    #[serde(rename = "taskID")]
    pub task_id: String,
    /// ARN of the target group.
    pub target_group: String,
}

/// State of a target.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct HealthStatus {
    /// Its address.
    #[serde(rename = "targetID")]
    pub target_id: String,
    /// The load balancer's words; empty when it is healthy.
    pub description: String,
    /// `healthy`, `unhealthy`, `initial`, `draining`, `unused`, `unavailable`.
    pub state: String,
    /// The load balancer's reason, such as `Target.Timeout`; empty when it is healthy.
    pub reason: String,
}

/// A message of an ECS service.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Event {
    /// When it was said.
    #[serde(serialize_with = "rfc3339")]
    pub created_at: Option<i64>,
    /// The message without its `(service …)` prefix.
    pub message: String,
}
