//! The first of the two updates: the deployed template, in which nothing but policies of custom resources changes.
//!
//! The text stays as it is; lines are put into it. So comments and short tags live on, and whoever compares the template
//! with the one before sees what was done and nothing else. Where the text does not allow that (a template in which two
//! resources share an anchor) it is written anew from its normal form.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::machinery::{self, HANDLE, HANDLE_TYPE};
use crate::yaml::node::{self, Node, SyntaxError};
use crate::yaml::template;

/// The attributes that keep what a resource has made.
const POLICIES: [&str; 2] = ["DeletionPolicy", "UpdateReplacePolicy"];
const RETAIN: &str = "Retain";

/// Whether CloudFormation lets go of a resource without deleting it.
#[must_use]
pub fn is_retained(resource: &Value) -> bool {
    POLICIES.iter().all(|policy| resource[*policy] == RETAIN)
}

/// A deployed template with all custom resources retained, and one new resource that makes the update a change:
/// CloudFormation does not take up an update in which nothing but policies differ.
///
/// # Errors
/// [`SyntaxError`] when the text is no template.
pub fn retained(text: &str) -> Result<String, SyntaxError> {
    retained_where(text, &|_, resource| machinery::is_custom(resource))
}

/// Chooses resources by logical id and normal form.
type Chosen<'a> = dyn Fn(&str, &Value) -> bool + 'a;

/// A deployed template with the resources that `chosen` takes retained, and the one new resource.
///
/// # Errors
/// [`SyntaxError`] when the text is no template.
pub fn retained_where(text: &str, chosen: &Chosen<'_>) -> Result<String, SyntaxError> {
    let wanted = tree(template::parse(text)?, chosen);
    if let Some(edited) = edited(text, &node::parse(text)?, chosen)
        && template::parse(&edited).as_ref() == Ok(&wanted)
    {
        return Ok(edited);
    }
    // JSON stays JSON.
    if serde_json::from_str::<Value>(text).is_ok() {
        return Ok(serde_json::to_string_pretty(&wanted).unwrap_or_default());
    }
    Ok(template::to_yaml(&wanted))
}

/// The same in normal form.
fn tree(mut document: Value, chosen: &Chosen<'_>) -> Value {
    let handle = free_handle(&machinery::resources(&document).map(|(id, _)| id).collect());
    let Some(resources) = document["Resources"].as_object_mut() else { return document };
    for (_, resource) in resources.iter_mut().filter(|(id, resource)| chosen(id, resource)) {
        for policy in POLICIES {
            resource[policy] = Value::from(RETAIN);
        }
    }
    resources.insert(handle, json!({"Type": HANDLE_TYPE}));
    document
}

fn free_handle(taken: &BTreeSet<&str>) -> String {
    let names = std::iter::once(HANDLE.to_owned()).chain((2..).map(|number| format!("{HANDLE}{number}")));
    names.into_iter().find(|name| !taken.contains(name.as_str())).unwrap_or_default()
}

/// The text with the policies and the handle put in; `None` where that can't be done in the text.
fn edited(text: &str, root: &Node, chosen: &Chosen<'_>) -> Option<String> {
    let resources = root.get("Resources")?.as_mapping()?;
    let mut insertions: Vec<(std::ops::Range<usize>, String)> = vec![];
    let ids = resources.iter().filter_map(|(id, _)| id.as_str()).collect();
    let first = &resources.first()?.0;
    let id = free_handle(&ids);
    insertions.push(put_before(text, first, &[(&id, Put::Resource)])?);
    for (id, resource) in resources {
        let normal = template::normal(resource);
        if !chosen(id.as_str().unwrap_or_default(), &normal) || is_retained(&normal) {
            continue;
        }
        let mut missing = vec![];
        for policy in POLICIES {
            match resource.get(policy) {
                Some(value) => {
                    value.as_str()?;
                    insertions.push((value.span.start..value.span.end, RETAIN.to_owned()));
                }
                None => missing.push((policy, Put::Policy)),
            }
        }
        if !missing.is_empty() {
            insertions.push(put_before(text, &resource.as_mapping()?.first()?.0, &missing)?);
        }
    }
    insertions.sort_by_key(|(range, _)| std::cmp::Reverse(range.start));
    let mut edited = text.to_owned();
    for (range, insertion) in insertions {
        if !edited.is_char_boundary(range.start) || !edited.is_char_boundary(range.end) {
            return None;
        }
        edited.replace_range(range, &insertion);
    }
    Some(edited)
}

#[derive(Clone, Copy)]
enum Put {
    Policy,
    Resource,
}

/// Pairs put before the first key of a map, in the map's own style.
fn put_before(text: &str, key: &Node, pairs: &[(&str, Put)]) -> Option<(std::ops::Range<usize>, String)> {
    let at = key.span.start;
    let line = text.get(..at)?.rfind('\n').map_or(0, |end| end + 1);
    let before = text.get(line..at)?;
    let in_braces = text.get(..at)?.trim_end().ends_with('{');
    let mut out = String::new();
    for (name, put) in pairs {
        if in_braces {
            let value = match put {
                Put::Policy => json!(RETAIN).to_string(),
                Put::Resource => json!({"Type": HANDLE_TYPE}).to_string(),
            };
            out.push_str(&format!("\"{name}\": {value}, "));
            continue;
        }
        // A key behind something else on its line (`- key`, `? key`) has no block of its own.
        if !before.chars().all(|c| c == ' ') {
            return None;
        }
        match put {
            Put::Policy => out.push_str(&format!("{name}: {RETAIN}\n{before}")),
            Put::Resource => out.push_str(&format!("{name}:\n{before}  Type: {HANDLE_TYPE}\n{before}")),
        }
    }
    Some((at..at, out))
}

/// The template's sections but for what a first update adds: what a stack had before its takeover began.
#[must_use]
pub fn without_handles(document: &Value) -> Value {
    let mut document = document.clone();
    if let Some(resources) = document["Resources"].as_object_mut() {
        let kept: Map<String, Value> = std::mem::take(resources)
            .into_iter()
            .filter(|(id, resource)| !(id.starts_with(HANDLE) && machinery::kind(resource) == HANDLE_TYPE))
            .collect();
        *resources = kept;
    }
    document
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_stays_but_for_the_policies() {
        let text = "# a comment\nMetadata:\n  Manifest: |\n    name: api  # mine\nResources: # more\n  Logs:\n    Type: AWS::Logs::LogGroup\n    Properties: {RetentionInDays: !Ref Days}\n\
            \x20 Action:\n    Metadata:\n      'aws:copilot:description': \"x: y\"\n    Type: Custom::EnvControllerFunction\n    Properties:\n      ServiceToken: !GetAtt F.Arn # short\n\
            \x20 Flow: { Type: 'Custom::RulePriorityFunction', Properties: {A: 1} }\n  Kept:\n    Type: Custom::X\n    DeletionPolicy: Delete\n";
        insta::assert_snapshot!(retained(text).unwrap(), @r#"
        # a comment
        Metadata:
          Manifest: |
            name: api  # mine
        Resources: # more
          WharfTakeover:
            Type: AWS::CloudFormation::WaitConditionHandle
          Logs:
            Type: AWS::Logs::LogGroup
            Properties: {RetentionInDays: !Ref Days}
          Action:
            DeletionPolicy: Retain
            UpdateReplacePolicy: Retain
            Metadata:
              'aws:copilot:description': "x: y"
            Type: Custom::EnvControllerFunction
            Properties:
              ServiceToken: !GetAtt F.Arn # short
          Flow: { "DeletionPolicy": "Retain", "UpdateReplacePolicy": "Retain", Type: 'Custom::RulePriorityFunction', Properties: {A: 1} }
          Kept:
            UpdateReplacePolicy: Retain
            Type: Custom::X
            DeletionPolicy: Retain
        "#);
    }

    #[test]
    fn json_stays_json_and_windows_lines_are_read() {
        let json = "{\"Resources\": {\"A\": {\"Type\": \"Custom::X\"}}}";
        let done = retained(json).unwrap();
        let read: Value = serde_json::from_str(&done).unwrap();
        assert!(is_retained(&read["Resources"]["A"]), "{done}");
        assert_eq!(read["Resources"]["WharfTakeover"]["Type"], HANDLE_TYPE);
        let windows = "Resources:\r\n  A:\r\n    Type: Custom::X\r\n";
        let read = template::parse(&retained(windows).unwrap()).unwrap();
        assert!(is_retained(&read["Resources"]["A"]));
    }

    #[test]
    fn what_can_not_be_edited_is_written_anew() {
        let text =
            "Resources:\n  A: &one\n    Type: Custom::X\n  B: *one\n  C: {Type: T, DeletionPolicy: Retain}\n";
        let read = template::parse(&retained(text).unwrap()).unwrap();
        for id in ["A", "B"] {
            assert!(is_retained(&read["Resources"][id]), "{id}");
        }
        assert!(!is_retained(&read["Resources"]["C"]));
    }

    #[test]
    fn a_second_handle_has_another_name() {
        let once = retained("Resources:\n  A:\n    Type: Custom::X\n").unwrap();
        let twice = template::parse(&retained(&once).unwrap()).unwrap();
        assert!(
            twice["Resources"]["WharfTakeover"].is_object()
                && twice["Resources"]["WharfTakeover2"].is_object()
        );
        let plain = without_handles(&twice);
        assert_eq!(machinery::resources(&plain).map(|(id, _)| id).collect::<Vec<_>>(), ["A"]);
        assert!(retained("a: [").is_err());
    }
}
