//! What CloudFormation will be told: a pure function of model, facts and artifacts.
//!
//! No I/O, no clock, no randomness: the same input gives the same bytes.
//!
//! * [`render`]: a built-in template and its view become a document; [`expr`]: intrinsic functions as values of views.
//! * [`document`]: what every document has: sections in one order, metadata, the names and tags of stacks.
//! * [`environment`] and its beginning, [`bootstrap`]; [`features`]: what an environment has on demand.
//! * [`app`]: the roles and the zone of an application; [`infrastructure`]: its key, bucket and repositories in a region.
//! * [`pipeline`]: what builds and deploys by itself.
//! * [`workload`]: stacks of services; [`patch`]: the user's changes of a rendered template.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

pub mod app;
pub mod bootstrap;
pub mod document;
pub mod environment;
pub mod expr;
pub mod features;
pub mod infrastructure;
pub mod patch;
pub mod pipeline;
pub mod render;
pub mod workload;

/// A stack as a value: everything a change set needs.
#[derive(Debug, Clone, PartialEq)]
pub struct Stack {
    /// Its name.
    pub name: String,
    /// Its template in normal form (long-form intrinsics).
    pub template: Value,
    /// Values of the template's parameters.
    pub parameters: BTreeMap<String, String>,
    /// Tags put on the stack and, by CloudFormation, on its resources.
    pub tags: BTreeMap<String, String>,
}

impl Stack {
    /// The template as YAML.
    #[must_use]
    pub fn template_yaml(&self) -> String {
        crate::yaml::template::to_yaml(&self.template)
    }

    /// The parameters file: `{"Parameters": {…}, "Tags": {…}}`, two spaces, keys sorted, no newline at the end.
    #[must_use]
    pub fn parameters_json(&self) -> String {
        let object = |map: &BTreeMap<String, String>| {
            Value::Object(
                map.iter().map(|(k, v)| (k.clone(), Value::from(v.as_str()))).collect::<Map<_, _>>(),
            )
        };
        let file = json!({"Parameters": object(&self.parameters), "Tags": object(&self.tags)});
        serde_json::to_string_pretty(&file).unwrap_or_default()
    }
}

/// Version that templates carry, such as `v2.0.0`: above every Copilot release, so an old `copilot` does not overwrite
/// what wharf deployed.
pub const TEMPLATE_VERSION: &str = concat!("v", env!("CARGO_PKG_VERSION"));
