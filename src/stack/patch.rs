//! The user's changes of a rendered template (`overrides/cfn.patches.yml`), and what a CDK application made of one.
//!
//! A list of `op` (`add`, `remove`, `replace`), `path` (a JSON pointer into the template) and `value`, made in their
//! order. Paths go through the normal form: an intrinsic function is a map with its long name (`/Fn::Sub`).
//!
//! Copilot's templates held Lambda functions and custom resources that wharf's do not. A patch of one of those has
//! nothing left to do; it is passed over and reported, so that patches written for Copilot go on working.

use serde_json::{Map, Value};

use crate::yaml::node::{self, Node, Span};
use crate::yaml::template;

/// What a patch does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Op {
    /// Puts a value into a map (instead of the one there), or before an element of a list; `-` appends.
    Add,
    /// Takes a value away.
    Remove,
    /// Puts a value in the place of one that is there.
    Replace,
}

/// One change.
#[derive(Debug, Clone, PartialEq)]
pub struct Patch {
    /// What it does.
    pub op: Op,
    /// JSON pointer to what it changes.
    pub path: String,
    /// The new value in normal form; null for a removal.
    pub value: Value,
    /// Where it stands in the file.
    pub span: Span,
}

/// Why a patch file can't be read or a patch not be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {}: {message}", span.line)]
pub struct PatchError {
    /// What is wrong.
    pub message: String,
    /// Where.
    pub span: Span,
}

/// Reads a patch file. A file without any patch is an empty list.
///
/// # Errors
/// [`PatchError`] when the text is no YAML, or an entry is no patch.
pub fn read(text: &str) -> Result<Vec<Patch>, PatchError> {
    let root =
        node::parse(text).map_err(|error| PatchError { message: error.message.clone(), span: error.span })?;
    if root.as_mapping().is_some_and(<[_]>::is_empty) || root.is_null() {
        return Ok(vec![]);
    }
    let entries = root.as_sequence().ok_or_else(|| PatchError {
        message: format!("patches are a list of op, path and value, not {}", root.describe()),
        span: root.span,
    })?;
    entries.iter().map(entry).collect()
}

fn entry(entry: &Node) -> Result<Patch, PatchError> {
    let fault = |message: String, at: &Node| PatchError { message, span: at.span };
    let text = |key: &str| {
        let node = entry.get(key).ok_or_else(|| fault(format!("a patch needs {key:?}"), entry))?;
        let text =
            node.as_str().ok_or_else(|| fault(format!("{key:?} is a text, not {}", node.describe()), node));
        text.map(|text| (text, node))
    };
    let (op, path) = (text("op")?, text("path")?);
    let op = match op.0 {
        "add" => Op::Add,
        "remove" => Op::Remove,
        "replace" => Op::Replace,
        other => {
            return Err(fault(format!("{other:?} is no operation; there are add, remove and replace"), op.1));
        }
    };
    if !path.0.is_empty() && !path.0.starts_with('/') {
        return Err(fault(format!("the path {:?} does not start with a slash", path.0), path.1));
    }
    let value = match (op, entry.get("value")) {
        (Op::Remove, _) => Value::Null,
        (_, Some(value)) => template::normal(value),
        (_, None) => return Err(fault("a patch that adds or replaces needs \"value\"".to_owned(), entry)),
    };
    Ok(Patch { op, path: path.0.to_owned(), value, span: entry.span })
}

/// Makes the changes in their order, and says so in the template's description. The result holds the paths that were
/// passed over because they lead into resources only Copilot had.
///
/// # Errors
/// [`PatchError`] on the first patch whose path does not lead to a place it can change.
pub fn apply(document: &mut Value, patches: &[Patch]) -> Result<Vec<String>, PatchError> {
    let mut passed_over = vec![];
    for patch in patches {
        if leads_nowhere(document, &patch.path) {
            passed_over.push(patch.path.clone());
            continue;
        }
        one(document, patch).map_err(|message| PatchError {
            message: format!("{:?}: {message}", patch.path),
            span: patch.span,
        })?;
    }
    if !patches.is_empty() {
        describe(document, "Changed by YAML patches.");
    }
    Ok(passed_over)
}

/// Says in a template's description who changed it.
fn describe(document: &mut Value, by: &str) {
    if let Some(Value::String(description)) = document.get_mut("Description") {
        description.push(' ');
        description.push_str(by);
    }
}

/// A template as a CDK application printed it, without the parameter and the rule by which the CDK looks for its own
/// bootstrap stack: wharf deploys it, not the CDK. The template's description says who changed it.
///
/// # Errors
/// A text that says what is wrong when `text` is no template.
pub fn from_cdk(text: &str) -> Result<Value, String> {
    let mut document = template::parse(text).map_err(|error| error.to_string())?;
    if !document.get("Resources").is_some_and(Value::is_object) {
        return Err("it has no section Resources; the application must have one stack".to_owned());
    }
    if let Some(map) = document.as_object_mut() {
        map.shift_remove("Rules");
        if let Some(parameters) = map.get_mut("Parameters").and_then(Value::as_object_mut) {
            parameters.shift_remove("BootstrapVersion");
            if parameters.is_empty() {
                map.shift_remove("Parameters");
            }
        }
    }
    describe(&mut document, "Changed by a CDK application.");
    Ok(document)
}

/// Whether a path leads into a resource of Copilot's machinery that the template does not have.
fn leads_nowhere(document: &Value, path: &str) -> bool {
    let mut parts = path.split('/').skip(1);
    let (Some("Resources"), Some(id)) = (parts.next(), parts.next()) else { return false };
    // A path that ends at the resource may add one.
    parts.next().is_some() && document.pointer(&format!("/Resources/{id}")).is_none() && is_machinery(id)
}

fn is_machinery(id: &str) -> bool {
    const ROLES: [&str; 6] = [
        "AutoScalingRole",
        "CustomResourceRole",
        "EnvControllerRole",
        "NLBCertValidatorRole",
        "NLBCustomDomainRole",
        "RulePriorityFunctionRole",
    ];
    id.ends_with("Function") || id.ends_with("FunctionRole") || id.ends_with("Action") || ROLES.contains(&id)
}

fn one(document: &mut Value, patch: &Patch) -> Result<(), String> {
    let Some((parent, last)) = patch.path.rsplit_once('/') else {
        return match patch.op {
            Op::Remove => Err("the whole template can't be removed".to_owned()),
            Op::Add | Op::Replace => {
                *document = patch.value.clone();
                Ok(())
            }
        };
    };
    let key = last.replace("~1", "/").replace("~0", "~");
    let holder = document.pointer_mut(parent).ok_or_else(|| format!("there is nothing at {parent:?}"))?;
    match holder {
        Value::Object(map) => in_map(map, key, patch),
        Value::Array(items) => in_list(items, &key, patch),
        _ => Err(format!("{parent:?} is neither a map nor a list")),
    }
}

fn in_map(map: &mut Map<String, Value>, key: String, patch: &Patch) -> Result<(), String> {
    if patch.op != Op::Add && !map.contains_key(&key) {
        return Err(format!("there is no {key:?}"));
    }
    match patch.op {
        Op::Add | Op::Replace => map.insert(key, patch.value.clone()),
        // The order of the others stays.
        Op::Remove => map.shift_remove(&key),
    };
    Ok(())
}

fn in_list(items: &mut Vec<Value>, key: &str, patch: &Patch) -> Result<(), String> {
    let length = items.len();
    if key == "-" && patch.op == Op::Add {
        items.push(patch.value.clone());
        return Ok(());
    }
    let index: usize = key
        .parse()
        .ok()
        .filter(|_| key.bytes().all(|b| b.is_ascii_digit()))
        .ok_or_else(|| format!("{key:?} is no index of a list"))?;
    // One behind the last may be added, not changed.
    if index >= length + usize::from(patch.op == Op::Add) {
        return Err(format!("the list has {length} elements, there is none with index {index}"));
    }
    match patch.op {
        Op::Add => items.insert(index, patch.value.clone()),
        Op::Replace => items[index] = patch.value.clone(),
        Op::Remove => {
            items.remove(index);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn patched(text: &str) -> Result<(Value, Vec<String>), String> {
        let mut document = json!({"Description": "A stack.", "Resources": {
            "A": {"Properties": {"List": [1, 2], "a/b": "x", "Name": {"Fn::Sub": "${B}"}}}, "B": {}}});
        let passed_over = read(text)
            .and_then(|patches| apply(&mut document, &patches))
            .map_err(|error| error.to_string())?;
        Ok((document, passed_over))
    }

    #[test]
    fn patches_are_made_in_order() {
        let text = "
- {op: add, path: /Resources/A/Properties/List/-, value: !Ref B}
- {op: add, path: /Resources/A/Properties/List/0, value: 0}
- {op: replace, path: /Resources/A/Properties/List/1, value: one}
- {op: remove, path: /Resources/A/Properties/a~1b}
- {op: replace, path: /Resources/A/Properties/Name/Fn::Sub, value: '${C}'}
- {op: add, path: /Resources/A/DependsOn, value: B}
- {op: remove, path: /Resources/B}
";
        assert_eq!(
            patched(text).unwrap().0,
            json!({"Description": "A stack. Changed by YAML patches.", "Resources": {"A": {
                "Properties": {"List": [0, "one", 2, {"Ref": "B"}], "Name": {"Fn::Sub": "${C}"}}, "DependsOn": "B"}}})
        );
    }

    #[test]
    fn patches_of_copilots_machinery_are_passed_over() {
        let text = "
- {op: replace, path: /Resources/RulePriorityFunction/Properties/Runtime, value: nodejs22.x}
- {op: add, path: /Resources/EnvControllerRole/Properties/Path, value: /x/}
";
        let (_, passed_over) = patched(text).unwrap();
        assert_eq!(
            passed_over,
            [
                "/Resources/RulePriorityFunction/Properties/Runtime",
                "/Resources/EnvControllerRole/Properties/Path"
            ]
        );
        let own = "- {op: add, path: /Resources/MyFunction, value: {Type: 'AWS::Lambda::Function'}}";
        assert!(patched(own).unwrap().0["Resources"]["MyFunction"].is_object());
    }

    #[test]
    fn the_cdks_own_parts_are_left_out() {
        let text = "Description: A stack.\nParameters:\n  App: {Type: String}\n  BootstrapVersion: {Type: String}\nResources: {A: {Type: T}}\nRules: {CheckBootstrapVersion: {}}\n";
        assert_eq!(
            from_cdk(text).unwrap(),
            json!({"Description": "A stack. Changed by a CDK application.", "Parameters": {"App": {"Type": "String"}},
                   "Resources": {"A": {"Type": "T"}}})
        );
        assert_eq!(
            from_cdk("Parameters: {BootstrapVersion: {}}\nResources: {}\n").unwrap(),
            json!({"Resources": {}})
        );
        assert!(from_cdk("Successfully synthesized to cdk.out").unwrap_err().contains("Resources"));
        assert!(from_cdk("a: [").unwrap_err().contains("line"));
    }

    #[test]
    fn faults_say_what_and_where() {
        let fault = |text: &str| patched(text).unwrap_err();
        insta::assert_snapshot!(
            ["a: 1", "- 1", "- {op: move, path: /A}", "- {op: add, path: A, value: 1}", "- {op: add, path: /A}",
             "\n- {op: remove, path: /Resources/C}", "- {op: replace, path: /Resources/C/D/E, value: 1}",
             "- {op: replace, path: /Resources/A/Properties/List/2, value: 1}",
             "- {op: remove, path: /Resources/A/Properties/List/-}", "- {op: remove, path: ''}",
             "- {op: add, path: /Description/x, value: 1}", "- [",
            ].map(fault).join("\n"),
            @r#"
        line 1: patches are a list of op, path and value, not a map
        line 1: a patch needs "op"
        line 1: "move" is no operation; there are add, remove and replace
        line 1: the path "A" does not start with a slash
        line 1: a patch that adds or replaces needs "value"
        line 2: "/Resources/C": there is no "C"
        line 1: "/Resources/C/D/E": there is nothing at "/Resources/C/D"
        line 1: "/Resources/A/Properties/List/2": the list has 2 elements, there is none with index 2
        line 1: "/Resources/A/Properties/List/-": "-" is no index of a list
        line 1: "": the whole template can't be removed
        line 1: "/Description/x": "/Description" is neither a map nor a list
        line 1: while parsing a node, did not find expected node content
        "#
        );
        assert_eq!(read("").unwrap(), []);
    }
}
