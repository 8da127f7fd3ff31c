//! The records as they are stored: JSON whose field names and order are Copilot's. Unknown fields are read over.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::facts;
use crate::name::{AppName, EnvName, WorkloadName};

/// Version of the application record's layout.
const VERSION: &str = "1.0";

fn version() -> String {
    VERSION.to_owned()
}

/// An application.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct App {
    /// Its name.
    pub name: AppName,
    /// The 12-digit account it lives in.
    #[serde(default)]
    pub account: String,
    /// Name (not ARN) of the IAM policy that bounds every role; empty without one.
    #[serde(rename = "permissionsBoundary", default, skip_serializing_if = "String::is_empty")]
    pub permissions_boundary: String,
    /// Its domain; empty without one.
    #[serde(default)]
    pub domain: String,
    /// Hosted zone of the domain; empty without one.
    #[serde(rename = "domainHostedZoneID", default)]
    pub domain_hosted_zone_id: String,
    /// Version of the record's layout, `1.0`.
    #[serde(default = "version")]
    pub version: String,
    /// Tags put on every stack.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    tags: Option<BTreeMap<String, String>>,
}

impl App {
    /// A new application without domain.
    #[must_use]
    pub fn new(name: AppName, account: impl Into<String>) -> Self {
        Self {
            name,
            account: account.into(),
            permissions_boundary: String::new(),
            domain: String::new(),
            domain_hosted_zone_id: String::new(),
            version: version(),
            tags: None,
        }
    }

    /// The application with these tags on every stack.
    #[must_use]
    pub fn with_tags(self, tags: BTreeMap<String, String>) -> Self {
        Self { tags: (!tags.is_empty()).then_some(tags), ..self }
    }

    /// Tags put on every stack.
    #[must_use]
    pub fn tags(&self) -> BTreeMap<String, String> {
        self.tags.clone().unwrap_or_default()
    }
}

impl From<&App> for facts::App {
    fn from(app: &App) -> Self {
        Self {
            name: app.name.clone(),
            account: app.account.clone(),
            domain: app.domain.clone(),
            permissions_boundary: app.permissions_boundary.clone(),
            tags: app.tags(),
        }
    }
}

/// An environment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Environment {
    /// Its application.
    pub app: AppName,
    /// Its name.
    pub name: EnvName,
    /// Its region.
    pub region: String,
    /// Its 12-digit account.
    #[serde(rename = "accountID")]
    pub account_id: String,
    /// Always empty; kept for older readers.
    #[serde(rename = "registryURL", default)]
    pub registry_url: String,
    /// The role CloudFormation changes the environment's stacks with.
    #[serde(rename = "executionRoleARN", default)]
    pub execution_role_arn: String,
    /// The role a deployer takes on.
    #[serde(rename = "managerRoleARN", default)]
    pub manager_role_arn: String,
    /// Network settings of an environment made before environments had manifests.
    #[serde(rename = "customConfig", default, skip_serializing_if = "Option::is_none")]
    pub custom_config: Option<serde_json::Value>,
    /// Container insights of an environment made before environments had manifests.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub telemetry: Option<serde_json::Value>,
}

impl From<&Environment> for facts::Env {
    /// What the record says; version, endpoint and manifest are in the stack.
    fn from(env: &Environment) -> Self {
        Self {
            name: env.name.clone(),
            region: env.region.clone(),
            account: env.account_id.clone(),
            version: String::new(),
            service_discovery_endpoint: String::new(),
            manifest: None,
        }
    }
}

/// A service or job.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Workload {
    /// Its application.
    pub app: AppName,
    /// Its name.
    pub name: WorkloadName,
    /// Its type as manifests write it, such as `Load Balanced Web Service`.
    #[serde(rename = "type")]
    pub kind: String,
}

impl Workload {
    /// Whether it is a job (and not a service).
    #[must_use]
    pub fn is_job(&self) -> bool {
        self.kind.ends_with(" Job")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_application_keeps_copilots_layout() {
        let app = App::new(AppName::new("shop").unwrap(), "123456789012");
        assert_eq!(
            serde_json::to_string(&app).unwrap(),
            r#"{"name":"shop","account":"123456789012","domain":"","domainHostedZoneID":"","version":"1.0"}"#
        );
        let app = app.with_tags(BTreeMap::from([("team".to_owned(), "a".to_owned())]));
        let app = App { permissions_boundary: "bound".into(), ..app };
        assert_eq!(
            serde_json::to_string(&app).unwrap(),
            r#"{"name":"shop","account":"123456789012","permissionsBoundary":"bound","domain":"","domainHostedZoneID":"","version":"1.0","tags":{"team":"a"}}"#
        );
    }

    #[test]
    fn old_and_newer_records_are_read() {
        let env: Environment = serde_json::from_str(
            r#"{"app":"shop","name":"test","region":"r","accountID":"1","registryURL":"","executionRoleARN":"","managerRoleARN":"","customConfig":{"importVPC":{"id":"vpc-1"}},"telemetry":{"containerInsights":true},"prod":true}"#,
        )
        .unwrap();
        assert_eq!(env.custom_config.unwrap()["importVPC"]["id"], "vpc-1");
        let app: App = serde_json::from_str(r#"{"name":"shop","account":"1","tags":null,"new":1}"#).unwrap();
        assert_eq!((app.version.as_str(), app.tags().len()), ("1.0", 0));
    }

    #[test]
    fn jobs_are_told_from_services() {
        let workload: Workload =
            serde_json::from_str(r#"{"app":"shop","name":"nightly","type":"Scheduled Job"}"#).unwrap();
        assert!(workload.is_job());
    }
}
