//! What rendering a pipeline needs to know.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{App, Artifacts};
use crate::name::{EnvName, WorkloadName};

/// Everything rendering a pipeline needs besides its manifest. Every field but the application's name is optional in a
/// file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PipelineFacts {
    /// The application.
    pub app: App,
    /// The region the pipeline is in: the application's.
    #[serde(default)]
    pub region: String,
    /// Buckets and keys of the application by region: those of the pipeline and of its stages' environments.
    #[serde(default)]
    pub artifacts: BTreeMap<String, Artifacts>,
    /// The environments by name.
    #[serde(default)]
    pub environments: BTreeMap<EnvName, Environment>,
    /// Services and jobs of the workspace: what a stage deploys that names nothing.
    #[serde(default)]
    pub workloads: Vec<WorkloadName>,
    /// ARN of the existing connection that the manifest names; empty without one.
    #[serde(default)]
    pub connection_arn: String,
    /// Whether the pipeline was deployed before pipelines had stacks of the name `pipeline-<app>-<name>`.
    #[serde(default)]
    pub legacy: bool,
    /// The pipeline's own `Name` in the deployed template, which would be replaced under another one; absent when it has
    /// none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deployed_name: Option<serde_json::Value>,
}

/// An environment that a stage deploys to.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Environment {
    /// Its region.
    pub region: String,
    /// The role CloudFormation changes its stacks with.
    pub execution_role_arn: String,
    /// The role that starts the change.
    pub manager_role_arn: String,
}

impl PipelineFacts {
    /// Facts of a fresh application.
    #[must_use]
    pub fn new(app: App) -> Self {
        Self {
            app,
            region: String::new(),
            artifacts: BTreeMap::new(),
            environments: BTreeMap::new(),
            workloads: vec![],
            connection_arn: String::new(),
            legacy: false,
            deployed_name: None,
        }
    }
}
