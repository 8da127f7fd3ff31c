//! A service or job as meant for one environment.

use std::collections::BTreeMap;

use super::container::{Container, LogRouter, Variable, Volume};
use super::events::Events;
pub use super::from_manifest::service::read;
pub use super::job::Job;
use super::routing::{Http, Nlb, Target};
use crate::name::WorkloadName;

/// Kinds of workloads that run as ECS tasks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Reached from the internet (or the network) through a load balancer.
    LoadBalancedWeb,
    /// Reached inside the environment only.
    Backend,
    /// Reads from a queue.
    Worker,
    /// Runs at times, as one task.
    Job,
}

impl Kind {
    /// The `type` of the manifest.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::LoadBalancedWeb => "Load Balanced Web Service",
            Self::Backend => "Backend Service",
            Self::Worker => "Worker Service",
            Self::Job => "Scheduled Job",
        }
    }
}

/// A service or job as meant.
#[derive(Debug, Clone, PartialEq)]
pub struct Service {
    /// Its name.
    pub name: WorkloadName,
    /// Its kind.
    pub kind: Kind,
    /// When it runs; a Scheduled Job always has one, others never.
    pub job: Option<Job>,
    /// CPU units of a task (1024 = one vCPU).
    pub cpu: u64,
    /// Memory of a task in MiB.
    pub memory: u64,
    /// What the task's containers run on.
    pub platform: Platform,
    /// How many tasks run.
    pub count: Count,
    /// Whether commands may be run in its containers.
    pub exec: bool,
    /// The container called as the service.
    pub main: Container,
    /// Further containers, sorted by name; without those that features add (log router, tracing).
    pub sidecars: Vec<Container>,
    /// Port the main container listens on (`image.port`), if any.
    pub port: Option<u16>,
    /// Application load balancer routing, if any.
    pub http: Option<Http>,
    /// Network load balancer routing, if any.
    pub nlb: Option<Nlb>,
    /// Where the service's own traffic goes: the main rule's target, else the main container's port. None = no port.
    pub target: Option<Target>,
    /// Seconds in which failing load balancer checks do not count; set when a load balancer is there.
    pub grace_period: Option<u64>,
    /// Where its tasks stand in the network.
    pub network: Network,
    /// Volumes, managed one first, then sorted by name.
    pub storage: Storage,
    /// Days its logs are kept.
    pub log_retention: u64,
    /// Log router (FireLens), if logs go anywhere else.
    pub log_router: Option<LogRouter>,
    /// Topics it publishes.
    pub topics: Vec<Topic>,
    /// What it reads from; a Worker Service always has a queue, others never.
    pub events: Option<Events>,
    /// How a new version replaces the old one.
    pub deployment: Deployment,
    /// Whether an X-Ray collector runs beside the main container.
    pub tracing: bool,
    /// Changes of the rendered task definition, in order (`taskdef_overrides`).
    pub taskdef_overrides: Vec<TaskdefOverride>,
}

/// Operating system family and processor of a task (ECS `RuntimePlatform`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Platform {
    /// `LINUX`, `WINDOWS_SERVER_2019_CORE`, …
    pub os: String,
    /// `X86_64` or `ARM64`.
    pub architecture: String,
}

impl Platform {
    /// Whether this is a Windows family.
    #[must_use]
    pub fn is_windows(&self) -> bool {
        self.os.starts_with("WINDOWS")
    }

    /// Whether this is what ECS takes when nothing is said.
    #[must_use]
    pub fn is_default(&self) -> bool {
        self.os == "LINUX" && self.architecture == "X86_64"
    }

    /// The name container builders use, such as `linux/arm64`.
    #[must_use]
    pub fn docker(&self) -> String {
        let os = if self.is_windows() { "windows" } else { "linux" };
        let architecture = if self.architecture == "ARM64" { "arm64" } else { "amd64" };
        format!("{os}/{architecture}")
    }
}

/// How many tasks run, and on which capacity.
#[derive(Debug, Clone, PartialEq)]
pub enum Count {
    /// A fixed number on Fargate.
    Fixed(u64),
    /// A fixed number on Fargate Spot.
    Spot(u64),
    /// Between two bounds, by metrics.
    Scaled(Box<Scaling>),
}

impl Count {
    /// Whether messages in queues make the number of tasks change.
    #[must_use]
    pub fn by_backlog(&self) -> bool {
        matches!(self, Self::Scaled(scaling) if scaling.backlog.is_some())
    }

    /// The number of tasks a new service starts with.
    #[must_use]
    pub fn initial(&self) -> u64 {
        match self {
            Self::Fixed(count) | Self::Spot(count) => *count,
            Self::Scaled(scaling) => scaling.min,
        }
    }
}

/// A metric's target and its cooldowns.
#[derive(Debug, Clone, PartialEq)]
pub struct ScalingTarget {
    /// Percent, requests, seconds, or messages.
    pub value: f64,
    /// Seconds to wait after tasks were taken away.
    pub cooldown_in: u64,
    /// Seconds to wait after tasks were added.
    pub cooldown_out: u64,
}

/// Scaling by metrics.
#[derive(Debug, Clone, PartialEq)]
pub struct Scaling {
    /// Fewest tasks.
    pub min: u64,
    /// Most tasks.
    pub max: u64,
    /// From this task on they run on Fargate Spot; absent: all on Fargate.
    pub spot_from: Option<u64>,
    /// Average CPU utilisation in percent.
    pub cpu: Option<ScalingTarget>,
    /// Average memory utilisation in percent.
    pub memory: Option<ScalingTarget>,
    /// Requests per task and minute.
    pub requests: Option<ScalingTarget>,
    /// Average response time in seconds.
    pub response_time: Option<ScalingTarget>,
    /// Messages per task in each queue of a Worker Service.
    pub backlog: Option<ScalingTarget>,
}

/// Subnets of the tasks.
#[derive(Debug, Clone, PartialEq)]
pub enum Placement {
    /// The environment's public subnets, with public addresses.
    Public,
    /// The environment's private subnets, out through NAT gateways.
    Private,
    /// These subnets by id, without public addresses.
    Subnets(Vec<String>),
    /// Subnets that carry all of these tags (key → accepted values): ids are read from EC2 before rendering.
    Tagged(BTreeMap<String, Vec<String>>),
}

/// Where tasks stand in the network.
#[derive(Debug, Clone, PartialEq)]
pub struct Network {
    /// Their subnets.
    pub placement: Placement,
    /// Security groups besides the environment's: ids or exports.
    pub security_groups: Vec<Variable>,
    /// Whether the environment's security group is left out.
    pub deny_default: bool,
    /// Service Connect, if on.
    pub connect: Option<Connect>,
}

/// ECS Service Connect.
#[derive(Debug, Clone, PartialEq)]
pub struct Connect {
    /// Name under which others reach the service; its own name when absent.
    pub alias: Option<String>,
    /// Port others reach it on and container behind it; absent: it only calls others.
    pub target: Option<Target>,
}

/// Storage of a task.
#[derive(Debug, Clone, PartialEq)]
pub struct Storage {
    /// Ephemeral storage in GiB, 21 to 200; absent: Fargate's 20.
    pub ephemeral: Option<u64>,
    /// Whether the main container's root file system is read only; absent: not said.
    pub readonly_fs: Option<bool>,
    /// Volumes, the managed one first, then sorted by name.
    pub volumes: Vec<Volume>,
}

/// An SNS topic the service publishes.
#[derive(Debug, Clone, PartialEq)]
pub struct Topic {
    /// Its name, without `.fifo`.
    pub name: String,
    /// FIFO settings, if it is a FIFO topic.
    pub fifo: Option<FifoTopic>,
}

/// Settings of a FIFO topic.
#[derive(Debug, Clone, PartialEq)]
pub struct FifoTopic {
    /// Content-based deduplication; absent: not said.
    pub content_based_deduplication: Option<bool>,
}

/// How a new version replaces the old one.
#[derive(Debug, Clone, PartialEq)]
pub struct Deployment {
    /// Least part of the desired count that stays running, in percent.
    pub min_healthy_percent: u64,
    /// Most tasks that may run at once, in percent of the desired count.
    pub max_percent: u64,
    /// How traffic goes over to a new version that runs beside the old one; `None`: tasks are replaced one by one.
    pub shift: Option<Shift>,
    /// What rolls a deployment back besides the circuit breaker.
    pub rollback: RollbackAlarms,
}

/// How traffic goes over to a new version that runs beside the old one (ECS blue/green, canary and linear).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Shift {
    /// In which parts.
    pub pace: Pace,
    /// Minutes the old version stays ready after all traffic went over, 0 to 1440.
    pub bake_minutes: u64,
}

/// In which parts traffic goes over.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Pace {
    /// All at once.
    AtOnce,
    /// A first part, then the rest.
    Canary {
        /// The first part in percent, 0.1 to 100.
        percent: f64,
        /// Minutes before the rest follows, 0 to 1440.
        bake_minutes: u64,
    },
    /// In equal steps.
    Linear {
        /// Part of each step in percent, 3 to 100.
        step: f64,
        /// Minutes between two steps, 0 to 1440.
        bake_minutes: u64,
    },
}

/// Alarms that roll a deployment back.
#[derive(Debug, Clone, PartialEq)]
pub enum RollbackAlarms {
    /// None.
    None,
    /// Existing alarms by name.
    Names(Vec<String>),
    /// Alarms made with the service, by thresholds.
    Thresholds {
        /// CPU utilisation in percent.
        cpu: Option<f64>,
        /// Memory utilisation in percent.
        memory: Option<f64>,
        /// Delayed messages in the queue of a Worker Service.
        messages_delayed: Option<u64>,
    },
}

/// A change of the rendered task definition.
#[derive(Debug, Clone, PartialEq)]
pub struct TaskdefOverride {
    /// Path below the task definition's properties, such as `ContainerDefinitions[0].Ulimits[-]`.
    pub path: String,
    /// The new value.
    pub value: serde_json::Value,
}
