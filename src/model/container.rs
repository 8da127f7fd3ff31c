//! Containers of a task: images, variables, secrets, health checks, volumes, logging.

use std::collections::BTreeMap;

/// Where a container's image comes from.
#[derive(Debug, Clone, PartialEq)]
pub enum Image {
    /// Built from a Dockerfile of the workspace and pushed to the workload's repository.
    Build(Build),
    /// An image that exists, verbatim as in the manifest.
    Location(String),
}

/// How an image is built. Paths are relative to the workspace root.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Build {
    /// Path of the Dockerfile.
    pub dockerfile: String,
    /// Path of the build context.
    pub context: String,
    /// Stage to build; the last one when absent.
    pub target: Option<String>,
    /// Build arguments.
    pub args: BTreeMap<String, String>,
    /// Images whose layers may be reused.
    pub cache_from: Vec<String>,
}

/// The value of a container variable.
#[derive(Debug, Clone, PartialEq)]
pub enum Variable {
    /// A literal text.
    Text(String),
    /// The value of a CloudFormation export with this name.
    Export(String),
}

/// Where a secret's value is read from when a container starts.
#[derive(Debug, Clone, PartialEq)]
pub enum Secret {
    /// Name or ARN of an SSM parameter, or ARN of a Secrets Manager secret.
    From(String),
    /// A CloudFormation export that holds such a name or ARN.
    Export(String),
    /// Name of a Secrets Manager secret of the environment's account and region, with an optional `:key::` suffix.
    SecretsManager(String),
}

/// A container's own health check (ECS `HealthCheck`).
#[derive(Debug, Clone, PartialEq)]
pub struct HealthCheck {
    /// `["CMD-SHELL", …]` or `["CMD", …]`.
    pub command: Vec<String>,
    /// Seconds between checks, 5 to 300.
    pub interval: u64,
    /// Failures before the container counts as unhealthy, 1 to 10.
    pub retries: u64,
    /// Seconds a check may take, 2 to 60.
    pub timeout: u64,
    /// Seconds after the start in which failures do not count, 0 to 300.
    pub start_period: u64,
}

/// When a container that others depend on counts as there (ECS `ContainerDependency.Condition`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dependency {
    /// It has started.
    Start,
    /// It has run to its end.
    Complete,
    /// It has ended with exit code 0.
    Success,
    /// Its health check passes.
    Healthy,
}

impl Dependency {
    /// The word ECS uses.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Start => "START",
            Self::Complete => "COMPLETE",
            Self::Success => "SUCCESS",
            Self::Healthy => "HEALTHY",
        }
    }
}

/// Transport protocol of a container port.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// TCP; also what TLS and HTTP ride on.
    Tcp,
    /// UDP.
    Udp,
}

impl Protocol {
    /// The word ECS uses: lower case.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Tcp => "tcp",
            Self::Udp => "udp",
        }
    }
}

/// A port that a container listens on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Port {
    /// The port, 1 to 65535.
    pub number: u16,
    /// Its protocol.
    pub protocol: Protocol,
}

/// A volume mounted into a container.
#[derive(Debug, Clone, PartialEq)]
pub struct Mount {
    /// Name of the volume.
    pub volume: String,
    /// Absolute path in the container.
    pub path: String,
    /// Whether the container may only read it.
    pub read_only: bool,
}

/// What every container of a task has, the main one as well as sidecars.
#[derive(Debug, Clone, PartialEq)]
pub struct Container {
    /// Its name; the main container is called as the workload.
    pub name: String,
    /// Where its image comes from.
    pub image: Image,
    /// ARN of the secret with the credentials of a private registry.
    pub credentials: Option<String>,
    /// Whether the task ends when it ends; absent = not said, which ECS takes as true.
    pub essential: Option<bool>,
    /// Replaces the image's entry point.
    pub entrypoint: Vec<String>,
    /// Replaces the image's command.
    pub command: Vec<String>,
    /// Variables of the manifest, sorted by name.
    pub variables: BTreeMap<String, Variable>,
    /// Secrets of the manifest, sorted by name.
    pub secrets: BTreeMap<String, Secret>,
    /// Path of a `.env` file, relative to the workspace root.
    pub env_file: Option<String>,
    /// Docker labels.
    pub labels: BTreeMap<String, String>,
    /// Containers that must be there first, by name.
    pub depends_on: BTreeMap<String, Dependency>,
    /// Its own health check.
    pub health_check: Option<HealthCheck>,
    /// Ports it listens on, in the order they are rendered: computed over the whole service (MANIFEST 6.4).
    pub ports: Vec<Port>,
    /// Volumes mounted into it, sorted by volume name for the main container, as written for sidecars.
    pub mounts: Vec<Mount>,
}

/// A volume of a task.
#[derive(Debug, Clone, PartialEq)]
pub struct Volume {
    /// Its name.
    pub name: String,
    /// What is behind it.
    pub source: VolumeSource,
}

/// What is behind a volume.
#[derive(Debug, Clone, PartialEq)]
pub enum VolumeSource {
    /// Scratch space that goes with the task.
    Scratch,
    /// The environment's file system, in a directory of the workload's own with this POSIX user.
    ManagedEfs {
        /// User id, not 0.
        uid: u32,
        /// Group id.
        gid: u32,
    },
    /// A file system of the user's.
    Efs {
        /// Its id: a text or an export.
        id: Variable,
        /// Directory of it that is mounted.
        root_dir: String,
        /// Whether the task role's rights count (IAM authorisation).
        iam: bool,
        /// Access point to go through.
        access_point: Option<String>,
        /// Whether any container may write to it.
        writable: bool,
    },
}

/// FireLens: a log router beside the main container.
#[derive(Debug, Clone, PartialEq)]
pub struct LogRouter {
    /// Its image.
    pub image: String,
    /// Options of the main container's log driver.
    pub destination: BTreeMap<String, String>,
    /// Whether ECS metadata is added to records; rendered as text.
    pub metadata: bool,
    /// Secret options of the main container's log driver.
    pub secret_options: BTreeMap<String, Secret>,
    /// Path of a configuration file in the router's image.
    pub config_file: Option<String>,
    /// Variables of the router.
    pub variables: BTreeMap<String, Variable>,
    /// Secrets of the router.
    pub secrets: BTreeMap<String, Secret>,
    /// Path of a `.env` file for the router.
    pub env_file: Option<String>,
}
