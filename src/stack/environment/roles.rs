//! The two roles of an environment: the one with which CloudFormation makes resources, the one that manages.

use serde::Serialize;
use serde_json::Value;

use super::super::document;
use super::traffic::AccessLogs;
use crate::facts::{Facts, partition};
use crate::model::environment::Environment;

/// What the roles' template reads.
#[derive(Debug, Serialize)]
pub(in crate::stack) struct View {
    /// ARN of the policy that bounds every role.
    permissions_boundary: Option<Value>,
    /// Whether the template is that of the bootstrap stack.
    bootstrap: bool,
    /// Whether certificates and records are managed.
    domain: bool,
    /// Whether the environment may have a zone of its own.
    managed_zone: bool,
    /// ARNs of certificates that the manifest names.
    imported_certificates: Vec<String>,
    /// ARNs of the artifact bucket and its objects; empty when unknown.
    artifact_objects: Vec<String>,
    /// ARN of the artifact bucket's key; empty when unknown.
    artifact_key: String,
    /// The load balancer's access logs.
    access_logs: Option<AccessLogs>,
}

impl View {
    /// The roles as the bootstrap stack has them.
    pub fn of_bootstrap(facts: &Facts) -> Self {
        let bucket = &facts.artifacts.bucket;
        let arn = format!("arn:{}:s3:::{bucket}", partition(&facts.env.region));
        let artifact_objects = if bucket.is_empty() { vec![] } else { vec![arn.clone(), format!("{arn}/*")] };
        Self {
            permissions_boundary: document::permissions_boundary(&facts.app),
            bootstrap: true,
            domain: false,
            managed_zone: false,
            imported_certificates: vec![],
            artifact_objects,
            artifact_key: facts.artifacts.kms_key_arn.clone(),
            access_logs: None,
        }
    }

    /// The roles as the environment's stack has them.
    pub(super) fn of_environment(
        model: &Environment,
        facts: &Facts,
        access_logs: Option<AccessLogs>,
    ) -> Self {
        let certificates = model.public.certificates.iter().chain(&model.private.certificates);
        let cdn = model.cdn.as_ref().and_then(|cdn| cdn.certificate.as_ref());
        Self {
            bootstrap: false,
            domain: !facts.app.domain.is_empty(),
            managed_zone: model.public.certificates.is_empty(),
            imported_certificates: certificates.chain(cdn).cloned().collect(),
            access_logs,
            ..Self::of_bootstrap(facts)
        }
    }
}

/// Who may take the managing role: the application's account.
pub(in crate::stack) fn tools_account(facts: &Facts) -> String {
    if facts.root_user_arn.is_empty() {
        format!("arn:{}:iam::{}:root", partition(&facts.env.region), facts.app.account)
    } else {
        facts.root_user_arn.clone()
    }
}
