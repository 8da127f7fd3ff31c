//! What the outputs of an addons template are for.

use serde_json::Value as Json;

use super::merge::Merged;
use crate::diagnostic::Diagnostics;

/// What an output of an addons template is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AddonKind {
    /// A container variable.
    Variable,
    /// A secret: the output is the ARN of a Secrets Manager secret.
    Secret,
    /// A managed policy of the task role.
    ManagedPolicy,
    /// A security group of the service.
    SecurityGroup,
}

/// An output of an addons template.
#[derive(Debug, Clone, PartialEq)]
pub struct AddonOutput {
    /// Its logical id.
    pub id: String,
    /// What it is for.
    pub kind: AddonKind,
}

/// The outputs in their order. Only a plain `Ref` of a resource can be anything but a variable.
pub(super) fn classify(merged: &Merged, findings: &mut [Diagnostics]) -> Vec<AddonOutput> {
    let mut outputs = vec![];
    for (id, output) in merged.section("Outputs") {
        if id.is_empty() || !id.chars().all(|c| c.is_ascii_alphanumeric()) {
            if let Some(place) = merged.place("Outputs", id) {
                findings[place.file]
                    .warn("addons/output", format!("the output `{id}` does not reach the service"))
                    .at(place.span)
                    .help("names of outputs hold letters and digits only");
            }
            continue;
        }
        let reference = output["Value"].as_object().filter(|value| value.len() == 1);
        let resource = reference.and_then(|value| value.get("Ref")).and_then(Json::as_str);
        let kind = resource.and_then(|id| merged.get("Resources", id)?["Type"].as_str());
        let kind = match kind.unwrap_or_default() {
            "AWS::SecretsManager::Secret" => AddonKind::Secret,
            "AWS::IAM::ManagedPolicy" => AddonKind::ManagedPolicy,
            "AWS::EC2::SecurityGroup" => AddonKind::SecurityGroup,
            _ => AddonKind::Variable,
        };
        outputs.push(AddonOutput { id: id.to_owned(), kind });
    }
    outputs
}
