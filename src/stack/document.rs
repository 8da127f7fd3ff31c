//! What every document has: its sections in one order, its metadata, the names and tags of stacks.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::{TEMPLATE_VERSION, expr};
use crate::facts::App;
use crate::name::{AppName, EnvName, WorkloadName};

/// Longest name of a stack.
const MAX_STACK_NAME: usize = 128;

/// Sections of a template in the order in which people read them.
const SECTIONS: [&str; 10] = [
    "AWSTemplateFormatVersion",
    "Description",
    "Metadata",
    "Transform",
    "Parameters",
    "Mappings",
    "Rules",
    "Conditions",
    "Resources",
    "Outputs",
];

/// Adds `Metadata.Version` and, where there is one, `Metadata.Manifest`, and puts the sections in their order.
#[must_use]
pub fn finished(template: Value, manifest: Option<&str>) -> Value {
    let Value::Object(mut sections) = template else { return template };
    let mut metadata = match sections.remove("Metadata") {
        Some(Value::Object(map)) => map,
        _ => Map::new(),
    };
    metadata.insert("Version".to_owned(), Value::from(TEMPLATE_VERSION));
    if let Some(text) = manifest {
        metadata.insert("Manifest".to_owned(), Value::from(text));
    }
    sections.insert("Metadata".to_owned(), Value::Object(metadata));
    ordered(sections)
}

fn ordered(mut sections: Map<String, Value>) -> Value {
    let mut ordered = Map::new();
    for name in SECTIONS {
        // An empty section is no section: CloudFormation refuses a null.
        if let Some(section) = sections.remove(name).filter(|section| !is_empty(section)) {
            ordered.insert(name.to_owned(), section);
        }
    }
    ordered.extend(sections);
    Value::Object(ordered)
}

fn is_empty(section: &Value) -> bool {
    match section {
        Value::Null => true,
        Value::Object(map) => map.is_empty(),
        _ => false,
    }
}

/// Name of an environment's stack.
#[must_use]
pub fn environment_stack(app: &AppName, env: &EnvName) -> String {
    format!("{app}-{env}")
}

/// Name of a workload's stack, cut to what CloudFormation takes.
#[must_use]
pub fn workload_stack(app: &AppName, env: &EnvName, workload: &WorkloadName) -> String {
    let mut name = format!("{app}-{env}-{workload}");
    // Names are ASCII, so every byte is a boundary.
    name.truncate(MAX_STACK_NAME);
    name
}

/// Tags of a stack: the application's own, then ours, which win.
#[must_use]
pub fn tags(app: &App, env: Option<&EnvName>, workload: Option<&WorkloadName>) -> BTreeMap<String, String> {
    let mut tags = app.tags.clone();
    tags.insert("copilot-application".to_owned(), app.name.to_string());
    if let Some(env) = env {
        tags.insert("copilot-environment".to_owned(), env.to_string());
    }
    if let Some(workload) = workload {
        tags.insert("copilot-service".to_owned(), workload.to_string());
    }
    tags
}

/// ARN of the policy that bounds every role, in the account of the stack; none without one.
#[must_use]
pub fn permissions_boundary(app: &App) -> Option<Value> {
    let name = &app.permissions_boundary;
    (!name.is_empty()).then(|| {
        let prefix = expr::sub("arn:${AWS::Partition}:iam::${AWS::AccountId}:policy/");
        expr::join("", vec![prefix, Value::from(name.as_str())])
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn metadata_is_added_and_sections_are_ordered() {
        let template =
            json!({"Resources": {"A": {}}, "Parameters": {}, "Description": "x", "Metadata": {"K": 1}});
        let done = finished(template, Some("name: a\n"));
        assert_eq!(
            serde_json::to_string(&done).unwrap(),
            format!(
                r#"{{"Description":"x","Metadata":{{"K":1,"Version":"{TEMPLATE_VERSION}","Manifest":"name: a\n"}},"Resources":{{"A":{{}}}}}}"#
            )
        );
    }

    #[test]
    fn stack_names_end_at_128() {
        let app = AppName::new("a".repeat(120)).unwrap();
        let (env, svc) = (EnvName::new("prod").unwrap(), WorkloadName::new("api-service").unwrap());
        assert_eq!(workload_stack(&app, &env, &svc).len(), 128);
    }
}
