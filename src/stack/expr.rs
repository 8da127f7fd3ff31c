//! Intrinsic functions of CloudFormation as values of views.
//!
//! `Fn::Sub` reads `${…}` in its text. So a user's text never goes into one: it is placed as a value of its own, or joined
//! with [`join`].

use serde_json::{Value, json};

/// `{"Ref": name}`: a parameter's value or a resource's reference value.
#[must_use]
pub fn reference(name: &str) -> Value {
    json!({"Ref": name})
}

/// `{"Ref": "AWS::NoValue"}`: the property is left out.
#[must_use]
pub fn no_value() -> Value {
    reference("AWS::NoValue")
}

/// `{"Fn::GetAtt": [id, attribute]}`.
#[must_use]
pub fn attribute(id: &str, attribute: &str) -> Value {
    json!({"Fn::GetAtt": [id, attribute]})
}

/// `{"Fn::Sub": text}` for a text of ours.
#[must_use]
pub fn sub(text: &str) -> Value {
    json!({"Fn::Sub": text})
}

/// `{"Fn::If": [condition, yes, no]}`.
#[must_use]
pub fn when(condition: &str, yes: Value, no: Value) -> Value {
    json!({"Fn::If": [condition, yes, no]})
}

/// `{"Fn::Join": [separator, parts]}`.
#[must_use]
pub fn join(separator: &str, parts: Vec<Value>) -> Value {
    json!({"Fn::Join": [separator, parts]})
}

/// `{"Fn::Split": [separator, text]}`.
#[must_use]
pub fn split(separator: &str, text: Value) -> Value {
    json!({"Fn::Split": [separator, text]})
}

/// `{"Fn::ImportValue": name}`: the value of an export with a name that the user gives.
#[must_use]
pub fn export(name: &str) -> Value {
    json!({"Fn::ImportValue": name})
}

/// The environment's export `<app>-<env>-<suffix>`, by the stack's parameters `AppName` and `EnvName`.
#[must_use]
pub fn environment_export(suffix: &str) -> Value {
    json!({"Fn::ImportValue": {"Fn::Sub": format!("${{AppName}}-${{EnvName}}-{suffix}")}})
}
