//! A deployed stack, as far as views need it.

use std::collections::BTreeMap;

use futures_util::try_join;
use serde::Serialize;
use serde_json::Value as Json;

use super::Error;
use crate::aws::cloudformation::Stack;
use crate::aws::cloudformation::events::StackResource;
use crate::aws::{self, Connection};
use crate::yaml::template;

/// What a deployed stack says.
#[derive(Debug, Clone, PartialEq)]
pub struct Deployed {
    /// Its name.
    pub name: String,
    /// Its status, such as `UPDATE_COMPLETE`.
    pub status: String,
    /// Milliseconds since the Unix epoch of its last change.
    pub changed: i64,
    /// Values of its parameters.
    pub parameters: BTreeMap<String, String>,
    /// Values of its outputs.
    pub outputs: BTreeMap<String, String>,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
    /// Its template with long-form intrinsics; null when it can't be read.
    pub template: Json,
}

/// A resource of a stack, as `--resources` lists it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Resource {
    /// Its type, such as `AWS::ECS::Service`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Its physical id; empty while it has none.
    #[serde(rename = "physicalID")]
    pub physical_id: String,
    /// Its logical id.
    #[serde(rename = "logicalID")]
    pub logical_id: String,
}

impl From<StackResource> for Resource {
    fn from(found: StackResource) -> Self {
        Self { kind: found.resource_type, physical_id: found.physical_id, logical_id: found.logical_id }
    }
}

/// Reads the stack `name` with its template; `None` when there is none.
///
/// # Errors
/// What AWS reports.
pub async fn read(connection: &Connection, name: &str) -> Result<Option<Deployed>, aws::Error> {
    let door = connection.cloudformation();
    let (stack, template) = try_join!(door.stack(name), door.template(name))?;
    // A stack that only waits for its first change set was never deployed.
    let deployed = stack.filter(|stack| stack.status != "REVIEW_IN_PROGRESS");
    Ok(deployed.map(|stack| Deployed::new(stack, &template.unwrap_or_default())))
}

/// The resources of the stack `name`, by logical id; empty when there is none.
///
/// # Errors
/// What AWS reports.
pub async fn resources(connection: &Connection, name: &str) -> Result<Vec<Resource>, Error> {
    let found = connection.cloudformation().resources(name).await?.unwrap_or_default();
    let mut resources: Vec<Resource> = found
        .into_iter()
        .filter(|resource| resource.status != "DELETE_COMPLETE")
        .map(Resource::from)
        .collect();
    resources.sort_by(|a, b| a.logical_id.cmp(&b.logical_id));
    Ok(resources)
}

impl Deployed {
    /// The stack with its template's text.
    #[must_use]
    pub fn new(stack: Stack, template: &str) -> Self {
        Self {
            changed: stack.updated.unwrap_or(stack.created),
            outputs: stack.outputs.into_iter().map(|(name, output)| (name, output.value)).collect(),
            name: stack.name,
            status: stack.status,
            parameters: stack.parameters,
            tags: stack.tags,
            template: template::parse(template).unwrap_or(Json::Null),
        }
    }

    /// A stack of which nothing is known but its name.
    pub(super) fn none(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            status: String::new(),
            changed: 0,
            parameters: BTreeMap::new(),
            outputs: BTreeMap::new(),
            tags: BTreeMap::new(),
            template: Json::Null,
        }
    }

    /// The manifest it was made from, with variables filled in; `None` when the template holds none (bootstrapped
    /// environments, stacks of very old versions).
    #[must_use]
    pub fn manifest(&self) -> Option<&str> {
        self.template["Metadata"]["Manifest"].as_str().filter(|text| !text.trim().is_empty())
    }

    /// Version of its template, such as `v2.0.0`; `v0.0.0` when the template names none.
    #[must_use]
    pub fn version(&self) -> &str {
        self.template["Metadata"]["Version"].as_str().unwrap_or("v0.0.0")
    }

    /// A parameter's value; empty when there is none.
    #[must_use]
    pub fn parameter(&self, name: &str) -> &str {
        self.parameters.get(name).map_or("", String::as_str)
    }

    /// An output's value; empty when there is none.
    #[must_use]
    pub fn output(&self, name: &str) -> &str {
        self.outputs.get(name).map_or("", String::as_str)
    }

    /// A value of the template as text: a scalar, or the value of the parameter it refers to.
    pub(super) fn text(&self, value: &Json) -> Option<String> {
        match value {
            Json::String(text) => Some(text.clone()),
            Json::Number(number) => Some(number.to_string()),
            Json::Object(object) if object.len() == 1 => {
                self.parameters.get(object.get("Ref")?.as_str()?).cloned()
            }
            _ => None,
        }
    }
}

#[cfg(test)]
pub(super) fn deployed(parameters: &[(&str, &str)], outputs: &[(&str, &str)], template: &str) -> Deployed {
    let map = |pairs: &[(&str, &str)]| {
        pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    };
    Deployed {
        name: "shop-test-api".into(),
        status: "UPDATE_COMPLETE".into(),
        changed: 0,
        parameters: map(parameters),
        outputs: map(outputs),
        tags: BTreeMap::new(),
        template: template::parse(template).unwrap(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_template_tells_version_and_manifest() {
        let stack = deployed(
            &[("TargetPort", "80")],
            &[],
            "Metadata:\n  Version: v1.30.0\n  Manifest: |\n    name: api\n",
        );
        assert_eq!((stack.version(), stack.manifest()), ("v1.30.0", Some("name: api\n")));
        assert_eq!(stack.text(&serde_json::json!({"Ref": "TargetPort"})).as_deref(), Some("80"));
        assert_eq!(stack.text(&serde_json::json!({"Ref": "AWS::Region"})), None);
        let bare = deployed(&[], &[], "Resources: {}");
        assert_eq!((bare.version(), bare.manifest()), ("v0.0.0", None));
    }
}
