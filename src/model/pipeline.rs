//! A pipeline as meant.

use serde_json::Value;

pub use super::from_manifest::pipeline::{Read, read};
use crate::name::{EnvName, PipelineName};

/// A pipeline as meant.
#[derive(Debug, Clone, PartialEq)]
pub struct Pipeline {
    /// Its name.
    pub name: PipelineName,
    /// Where the source comes from.
    pub source: Source,
    /// How templates and images are built.
    pub build: Build,
    /// The environments that are deployed to, one after the other; at least one.
    pub stages: Vec<Stage>,
}

/// Where the source comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// The branch whose changes start the pipeline.
    pub branch: String,
    /// Where the branch is.
    pub origin: Origin,
}

/// A repository with the way to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// GitHub or Bitbucket through a connection.
    Connection {
        /// `GitHub` or `Bitbucket`.
        provider: &'static str,
        /// The repository's owner.
        owner: String,
        /// The repository's name.
        repository: String,
        /// Name of an existing connection; absent: the stack has one of its own.
        name: Option<String>,
        /// Whether the build gets a clone with its history instead of files.
        clone: bool,
        /// The manifest's word for that; absent when it says nothing.
        format: Option<&'static str>,
    },
    /// GitHub with a personal access token.
    Token {
        /// The repository's owner.
        owner: String,
        /// The repository's name.
        repository: String,
        /// Name of the secret with the token.
        secret: String,
    },
    /// CodeCommit in the pipeline's own account and region.
    CodeCommit {
        /// The repository's name.
        repository: String,
        /// The region that the manifest's address names; empty when it names none.
        region: String,
        /// Whether the build gets a clone with its history instead of files.
        clone: bool,
        /// The manifest's word for that; absent when it says nothing.
        format: Option<&'static str>,
    },
}

/// How templates and images are built.
#[derive(Debug, Clone, PartialEq)]
pub struct Build {
    /// The image the build runs in.
    pub image: String,
    /// Path of the build's commands from the root of the repository.
    pub buildspec: String,
    /// A policy document with more rights.
    pub policy: Option<Value>,
}

/// A stage: an environment that is deployed to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stage {
    /// The environment.
    pub env: EnvName,
    /// Whether somebody has to approve first.
    pub requires_approval: bool,
    /// What runs before the deployments.
    pub before: Vec<Action>,
    /// What is deployed.
    pub deployments: Deployments,
    /// What runs after the deployments.
    pub after: Vec<Action>,
    /// Commands that test what was deployed.
    pub test_commands: Vec<String>,
}

/// What a stage deploys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Deployments {
    /// All services and jobs of the workspace at once.
    Everything,
    /// These.
    These(Vec<Deployment>),
}

/// A stack that is deployed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deployment {
    /// Its name in the manifest: as a rule that of a service or job.
    pub name: String,
    /// Name of the stack; absent: that of the service or job.
    pub stack: Option<String>,
    /// Path of the template in what the build hands on; absent: where `package` writes it.
    pub template: Option<String>,
    /// Path of the parameters in what the build hands on; absent: where `package` writes them.
    pub parameters: Option<String>,
    /// How many deployments come before it, one after the other; 0: none.
    pub rank: u32,
}

/// Commands in a build project of their own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Action {
    /// Its name.
    pub name: String,
    /// Path of the commands from the root of the repository.
    pub buildspec: String,
    /// How many actions of its kind come before it, one after the other; 0: none.
    pub rank: u32,
}
