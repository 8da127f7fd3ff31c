//! What a stack is, and which functions it holds.

use serde_json::Value;

use super::Function;
use super::runtime::retirement;
use crate::aws::cloudformation::Stack;
use crate::store;
use crate::takeover::machinery;

/// Type by which the stack of a pipeline is known.
const PIPELINE: &str = "AWS::CodePipeline::Pipeline";

/// What a stack is: kind, name, and a title for people.
pub(super) fn role(
    stack: &Stack,
    environment: Option<&store::Environment>,
    document: &Value,
) -> (&'static str, String, String) {
    let tag = |key: &str| stack.tags.get(key).cloned();
    if let Some(task) = tag("copilot-task") {
        return ("task", task.clone(), format!("Task {task}"));
    }
    match (environment, tag("copilot-service"), tag("copilot-pipeline")) {
        (Some(env), Some(name), _) => ("workload", name.clone(), format!("{name} in {}", env.name)),
        (Some(env), None, _) => ("environment", env.name.to_string(), format!("Environment {}", env.name)),
        (None, _, Some(name)) => ("pipeline", name.clone(), format!("Pipeline {name}")),
        // Early ones carry no tag of their own, and their stack is named as they are.
        (None, ..) if machinery::resources(document).any(|(_, one)| machinery::kind(one) == PIPELINE) => {
            ("pipeline", stack.name.clone(), format!("Pipeline {}", stack.name))
        }
        (None, ..) => ("application", String::new(), "Application".to_owned()),
    }
}

/// Whether a stack is of a task that belongs to no application.
pub(super) fn is_nobodys(stack: &Stack) -> bool {
    stack.tags.contains_key("copilot-task") && !stack.tags.contains_key("copilot-application")
}

/// The Lambda functions of a template.
pub(super) fn functions(document: &Value) -> Vec<Function> {
    machinery::resources(document)
        .filter(|(_, resource)| machinery::kind(resource) == "AWS::Lambda::Function")
        .map(|(id, resource)| {
            let runtime = resource["Properties"]["Runtime"].as_str().unwrap_or_default();
            Function { id: id.to_owned(), runtime: runtime.to_owned(), retirement: retirement(runtime) }
        })
        .collect()
}
