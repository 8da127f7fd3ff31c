//! What the roles of a task may do.

use serde::Serialize;
use serde_json::Value;

use super::addons::{self, AddonKind, Addons};
use super::{Condition, Ids, Parameter};
use crate::facts::Facts;
use crate::model::container::Container;
use crate::stack::expr;

/// Name of the container that routes logs.
pub const LOG_ROUTER: &str = "firelens_log_router";

/// An environment file that a container may have: a parameter with its ARN, empty without one.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct EnvFileView {
    /// Condition that holds when there is a file.
    pub condition: String,
    /// Parameter with its ARN.
    pub parameter: String,
    /// Name of the policy that lets the file be read.
    pub policy_name: Value,
    /// Container that reads it.
    #[serde(skip)]
    pub container: String,
    /// What the parameter is.
    #[serde(skip)]
    pub description: &'static str,
}

impl EnvFileView {
    fn new(container: &str, parameter: String, condition: String, policy: &str) -> Self {
        let workload = expr::sub("${AppName}-${EnvName}-${WorkloadName}");
        Self {
            condition,
            parameter,
            policy_name: expr::join("", vec![workload, Value::from(policy)]),
            container: container.to_owned(),
            description: "ARN of the environment file.",
        }
    }

    /// The parameter with the file's ARN.
    #[must_use]
    pub fn parameter(&self, facts: &Facts) -> Parameter {
        let arn = facts.env_files.get(&self.container).cloned().unwrap_or_default();
        Parameter::optional(&self.parameter, arn, self.description)
    }

    /// The condition that there is a file.
    #[must_use]
    pub fn condition(&self) -> Condition {
        Condition::differs(&self.condition, &self.parameter, Value::from(""))
    }
}

/// The environment files of a task: the main container's first, then the log router's, then the sidecars'.
#[must_use]
pub fn env_files(main: &Container, router: bool, sidecars: &[Container]) -> Vec<EnvFileView> {
    let mut files =
        vec![EnvFileView::new(&main.name, "EnvFileARN".into(), "HasEnvFile".into(), "GetEnvFilePolicy")];
    if router {
        files.push(EnvFileView::new(
            LOG_ROUTER,
            "LoggingEnvFileARN".into(),
            "HasLoggingEnvFile".into(),
            "GetLoggingEnvFilePolicy",
        ));
    }
    let (mut parameters, mut conditions, mut policies) = (Ids::default(), Ids::default(), Ids::default());
    for sidecar in sidecars {
        files.push(EnvFileView::new(
            &sidecar.name,
            parameters.take("EnvFileARNFor", &sidecar.name, ""),
            conditions.take("HasEnvFileFor", &sidecar.name, ""),
            &policies.take("GetEnvFilePolicyFor", &sidecar.name, ""),
        ));
    }
    files
}

/// Managed policies of the task role that addons give.
#[must_use]
pub fn managed_policies(addons: Option<&Addons>) -> Vec<Value> {
    addons
        .into_iter()
        .flat_map(|addons| addons.of(&[AddonKind::ManagedPolicy]))
        .map(|id| addons::if_there(addons::output(id)))
        .collect()
}
