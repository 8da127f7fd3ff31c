//! Resources of Copilot's templates that only served Copilot: they may go, nothing is lost with them.
//!
//! Custom resources are known by their types. What hangs on them is found by how they are tied together, so that templates
//! of all versions are covered: the functions that answer them, the roles of those functions, permissions and clocks that
//! call them. A custom resource of the user's own, and what belongs to it, is none of these.

use std::collections::BTreeSet;

use serde_json::Value;

/// Types of Copilot's custom resources.
const CUSTOM: [&str; 12] = [
    "Custom::BucketCleanerFunction",
    "Custom::CertificateReplicatorFunction",
    "Custom::CertificateValidationFunction",
    "Custom::CustomDomainFunction",
    "Custom::DNSDelegationFunction",
    "Custom::DynamicDesiredCountFunction",
    "Custom::EnvControllerFunction",
    "Custom::NLBCertValidatorFunction",
    "Custom::NLBCustomDomainFunction",
    "Custom::RulePriorityFunction",
    "Custom::TriggerStateMachine",
    "Custom::UniqueJSONValuesFunction",
];

/// Those of them that made certificates, records, or associations of host names.
const NAMES: [&str; 6] = [
    "Custom::CertificateReplicatorFunction",
    "Custom::CertificateValidationFunction",
    "Custom::CustomDomainFunction",
    "Custom::DNSDelegationFunction",
    "Custom::NLBCertValidatorFunction",
    "Custom::NLBCustomDomainFunction",
];

/// What no custom resource leads to, by logical id and type: the calculator of a worker's backlog, the state
/// machine that copied the files of a static site, a role that Application Auto Scaling does not need, and the role that
/// several functions of an environment share.
/// The calculator's log group is none of them: it holds what was logged, and stays.
const NAMED: [(&str, &str); 5] = [
    ("AutoScalingRole", "AWS::IAM::Role"),
    ("BacklogPerTaskCalculatorFunction", "AWS::Lambda::Function"),
    ("CopyAssetsStateMachine", "AWS::StepFunctions::StateMachine"),
    ("CopyAssetsStateMachineRole", "AWS::IAM::Role"),
    ("CustomResourceRole", "AWS::IAM::Role"),
];

/// Logical id of the resource that the first update adds, with a number behind it where that is taken.
pub const HANDLE: &str = "WharfTakeover";
/// Its type: it costs nothing and does nothing.
pub const HANDLE_TYPE: &str = "AWS::CloudFormation::WaitConditionHandle";

/// Resources of a template in normal form that are answered by somebody's function.
pub fn custom_resources(template: &Value) -> impl Iterator<Item = (&str, &Value)> {
    resources(template).filter(|(_, resource)| is_custom(resource))
}

/// Copilot's custom resources in the template of one of its own stacks, in normal form. Stacks of addons are none of its own,
/// whatever types are in them.
pub fn of_copilot(template: &Value) -> impl Iterator<Item = (&str, &Value)> {
    resources(template).filter(|(_, resource)| is_of_copilot(kind(resource)))
}

/// Whether custom resources of a type are Copilot's, in one of its own stacks.
#[must_use]
pub fn is_of_copilot(kind: &str) -> bool {
    CUSTOM.contains(&kind)
}

/// Whether Copilot's custom resources of a type made certificates, records, or associations of host names.
#[must_use]
pub fn makes_names(kind: &str) -> bool {
    NAMES.contains(&kind)
}

/// Whether a resource is answered by somebody's function.
#[must_use]
pub fn is_custom(resource: &Value) -> bool {
    let kind = kind(resource);
    kind.starts_with("Custom::") || kind == "AWS::CloudFormation::CustomResource"
}

/// The resources of a template with their logical ids.
pub fn resources(template: &Value) -> impl Iterator<Item = (&str, &Value)> {
    template["Resources"].as_object().into_iter().flatten().map(|(id, resource)| (id.as_str(), resource))
}

/// A resource's type; empty when it has none.
#[must_use]
pub fn kind(resource: &Value) -> &str {
    resource["Type"].as_str().unwrap_or_default()
}

/// Logical ids of the machinery in a template in normal form.
#[must_use]
pub fn machinery(template: &Value) -> BTreeSet<&str> {
    let mut found: BTreeSet<&str> = resources(template)
        .filter(|(id, resource)| {
            CUSTOM.contains(&kind(resource))
                || NAMED.contains(&(*id, kind(resource)))
                || (id.starts_with(HANDLE) && kind(resource) == HANDLE_TYPE)
        })
        .map(|(id, _)| id)
        .collect();
    // Functions that answer nobody but machinery, then what leads to them and what they run with.
    for step in [function, caller, role] {
        let more: Vec<&str> = resources(template)
            .filter(|(id, resource)| !found.contains(id) && step(template, id, resource, &found))
            .map(|(id, _)| id)
            .collect();
        found.extend(more);
    }
    found
}

fn function(template: &Value, id: &str, resource: &Value, found: &BTreeSet<&str>) -> bool {
    let mut answered = custom_resources(template)
        .filter(|(_, custom)| references(&custom["Properties"]["ServiceToken"]).contains(id))
        .map(|(custom, _)| custom)
        .peekable();
    kind(resource) == "AWS::Lambda::Function"
        && answered.peek().is_some()
        && answered.all(|custom| found.contains(custom))
}

/// A permission to call, or a clock that calls, nobody but machinery.
fn caller(_: &Value, _: &str, resource: &Value, found: &BTreeSet<&str>) -> bool {
    let called = match kind(resource) {
        "AWS::Lambda::Permission" => references(&resource["Properties"]["FunctionName"]),
        "AWS::Events::Rule" => references(&resource["Properties"]["Targets"]),
        _ => return false,
    };
    !called.is_empty() && called.iter().all(|id| found.contains(id))
}

/// A role that functions of the machinery run with, and nobody else.
fn role(template: &Value, id: &str, resource: &Value, found: &BTreeSet<&str>) -> bool {
    let mut users = resources(template)
        .filter(|(_, other)| references(&other["Properties"]).contains(id))
        .map(|(user, _)| user)
        .peekable();
    kind(resource) == "AWS::IAM::Role" && users.peek().is_some() && users.all(|user| found.contains(user))
}

/// Names that a value refers to by `Ref`, `Fn::GetAtt` and `Fn::Sub`: logical ids, and names of parameters.
#[must_use]
pub fn references(value: &Value) -> BTreeSet<&str> {
    let mut found = BTreeSet::new();
    collect(value, &mut found);
    found
}

fn collect<'a>(value: &'a Value, found: &mut BTreeSet<&'a str>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| collect(item, found)),
        Value::Object(map) => {
            for (key, value) in map {
                match (key.as_str(), value) {
                    ("Ref", Value::String(id)) => {
                        found.insert(id);
                    }
                    ("Fn::GetAtt", Value::Array(pair)) => {
                        found.extend(pair.first().and_then(Value::as_str));
                    }
                    ("Fn::Sub", Value::String(text)) => found.extend(names_in(text)),
                    ("Fn::Sub", Value::Array(parts)) => {
                        if let Some(text) = parts.first().and_then(Value::as_str) {
                            found.extend(names_in(text));
                        }
                        parts.iter().skip(1).for_each(|part| collect(part, found));
                    }
                    (_, value) => collect(value, found),
                }
            }
        }
        _ => {}
    }
}

/// Names in the `${…}` of a text, without attributes.
fn names_in(text: &str) -> impl Iterator<Item = &str> {
    text.split("${").skip(1).filter_map(|rest| {
        let name = rest.split_once('}')?.0.trim();
        (!name.starts_with('!')).then(|| name.split('.').next().unwrap_or(name))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn template() -> Value {
        let arn = |id: &str| json!({"Fn::GetAtt": [id, "Arn"]});
        json!({"Resources": {
            "EnvControllerAction": {"Type": "Custom::EnvControllerFunction", "Properties": {"ServiceToken": arn("EnvControllerFunction")}},
            "EnvControllerFunction": {"Type": "AWS::Lambda::Function", "Properties": {"Role": arn("EnvControllerRole")}},
            "EnvControllerRole": {"Type": "AWS::IAM::Role"},
            "BacklogPerTaskCalculatorFunction": {"Type": "AWS::Lambda::Function", "Properties": {"Role": arn("BacklogPerTaskCalculatorRole")}},
            "BacklogPerTaskCalculatorRole": {"Type": "AWS::IAM::Role"},
            "BacklogPerTaskCalculatorLogGroup": {"Type": "AWS::Logs::LogGroup", "Properties": {
                "LogGroupName": {"Fn::Sub": "/aws/lambda/${BacklogPerTaskCalculatorFunction}"}}},
            "BacklogPerTaskScheduledRule": {"Type": "AWS::Events::Rule", "Properties": {"Targets": [{"Arn": arn("BacklogPerTaskCalculatorFunction")}]}},
            "PermissionToInvokeBacklogPerTaskCalculatorLambda": {"Type": "AWS::Lambda::Permission", "Properties": {
                "FunctionName": {"Ref": "BacklogPerTaskCalculatorFunction"}, "SourceArn": arn("BacklogPerTaskScheduledRule")}},
            "WharfTakeover": {"Type": "AWS::CloudFormation::WaitConditionHandle"},
            "TaskRole": {"Type": "AWS::IAM::Role"},
            "TaskDefinition": {"Type": "AWS::ECS::TaskDefinition", "Properties": {"TaskRoleArn": arn("TaskRole")}},
            "OwnAction": {"Type": "Custom::Own", "Properties": {"ServiceToken": {"Fn::Sub": "${OwnFunction.Arn}"}}},
            "OwnFunction": {"Type": "AWS::Lambda::Function", "Properties": {"Role": arn("OwnRole")}},
            "OwnRole": {"Type": "AWS::IAM::Role"},
            "Shared": {"Type": "AWS::IAM::Role"},
        }})
    }

    #[test]
    fn what_hangs_on_copilots_custom_resources_is_machinery() {
        let template = template();
        let found: Vec<&str> = machinery(&template).into_iter().collect();
        assert_eq!(
            found,
            [
                "BacklogPerTaskCalculatorFunction",
                "BacklogPerTaskCalculatorRole",
                "BacklogPerTaskScheduledRule",
                "EnvControllerAction",
                "EnvControllerFunction",
                "EnvControllerRole",
                "PermissionToInvokeBacklogPerTaskCalculatorLambda",
                "WharfTakeover",
            ]
        );
    }

    #[test]
    fn a_role_that_serves_others_too_stays() {
        let mut template = template();
        template["Resources"]["TaskDefinition"]["Properties"]["ExecutionRoleArn"] =
            json!({"Fn::GetAtt": ["EnvControllerRole", "Arn"]});
        assert!(!machinery(&template).contains("EnvControllerRole"));
        // And so does a function that answers a custom resource of the user's.
        template["Resources"]["OwnAction"]["Properties"]["ServiceToken"] =
            json!({"Fn::GetAtt": ["EnvControllerFunction", "Arn"]});
        assert!(!machinery(&template).contains("EnvControllerFunction"));
    }

    #[test]
    fn references_are_found_in_texts() {
        let value = json!({"Fn::Sub": ["${A.Arn}/${!Literal}/${B}${AWS::Region}", {"B": {"Ref": "C"}}]});
        assert_eq!(references(&value).into_iter().collect::<Vec<_>>(), ["A", "AWS::Region", "B", "C"]);
    }
}
