//! The user's changes of the rendered task definition (`taskdef_overrides`).
//!
//! A path stands below the properties of the task definition: keys joined by dots, each with an index where it is a list:
//! `ContainerDefinitions[0].Ulimits[-].Name`. `[-]` appends. Maps and lists that are missing are made.

use serde_json::{Map, Value};

use crate::model::service::TaskdefOverride;

/// Why a change can't be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("taskdef_overrides: {path:?}: {problem}")]
pub struct TaskdefError {
    /// The path as written.
    pub path: String,
    /// What is wrong with it.
    pub problem: String,
}

/// An element of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Index {
    At(usize),
    Append,
}

/// A key, and the element below it when it is a list.
type Segment<'a> = (&'a str, Option<Index>);

/// Makes the changes in their order.
///
/// # Errors
/// [`TaskdefError`] on the first path that is no path, is refused, or does not fit the task definition.
pub fn apply(template: &mut Value, changes: &[TaskdefOverride]) -> Result<(), TaskdefError> {
    for change in changes {
        let fault = |problem: String| TaskdefError { path: change.path.clone(), problem };
        let segments = parse(&change.path).map_err(fault)?;
        refuse(&segments).map_err(fault)?;
        let Some(properties) = template.pointer_mut("/Resources/TaskDefinition/Properties") else {
            continue;
        };
        *locate(properties, &segments).map_err(fault)? = change.value.clone();
    }
    Ok(())
}

fn parse(path: &str) -> Result<Vec<Segment<'_>>, String> {
    path.split('.')
        .map(|segment| {
            let (key, index) = match segment.strip_suffix(']').and_then(|rest| rest.split_once('[')) {
                None => (segment, None),
                Some((key, "-")) => (key, Some(Index::Append)),
                Some((key, number)) => {
                    let at = number.parse().ok().filter(|_| number.bytes().all(|b| b.is_ascii_digit()));
                    (
                        key,
                        Some(Index::At(
                            at.ok_or_else(|| format!("{number:?} is no index; write a number or -"))?,
                        )),
                    )
                }
            };
            let known = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
            if key.is_empty() || !key.chars().all(known) {
                return Err(format!("{segment:?} is no key; keys hold letters, digits, _ and -"));
            }
            Ok((key, index))
        })
        .collect()
}

/// Refuses what names the task definition and its containers: everything else in the stack refers to these names.
fn refuse(segments: &[Segment<'_>]) -> Result<(), String> {
    match segments {
        [("Family", None)] => Err("the family can't be changed, it names the task definition".to_owned()),
        [("ContainerDefinitions", Some(Index::At(_))), ("Name", None)] => {
            Err("names of containers can't be changed, load balancers and commands refer to them".to_owned())
        }
        _ => Ok(()),
    }
}

fn locate<'a>(root: &'a mut Value, segments: &[Segment<'_>]) -> Result<&'a mut Value, String> {
    let mut here = root;
    for (key, index) in segments {
        if here.is_null() {
            *here = Value::Object(Map::new());
        }
        let Value::Object(map) = here else {
            return Err(format!("there is no {key:?} to change: what holds it is no map"));
        };
        here = map.entry(*key).or_insert(Value::Null);
        let Some(index) = index else { continue };
        if here.is_null() {
            *here = Value::Array(vec![]);
        }
        let Value::Array(items) = here else {
            return Err(format!("{key:?} is no list"));
        };
        let length = items.len();
        here = match index {
            Index::Append => {
                items.push(Value::Null);
                &mut items[length]
            }
            Index::At(at) => items.get_mut(*at).ok_or_else(|| {
                format!("{key:?} has {length} elements, there is none with index {at}; [-] appends")
            })?,
        };
    }
    Ok(here)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn changed(changes: &[(&str, Value)]) -> Result<Value, String> {
        let mut template = json!({"Resources": {"TaskDefinition": {"Properties": {
            "Family": "f", "ContainerDefinitions": [{"Name": "main", "PortMappings": [{"ContainerPort": 80}]}]}}}});
        let changes: Vec<_> = changes
            .iter()
            .map(|(path, value)| TaskdefOverride { path: (*path).to_owned(), value: value.clone() })
            .collect();
        apply(&mut template, &changes).map_err(|error| error.to_string())?;
        Ok(template["Resources"]["TaskDefinition"]["Properties"].clone())
    }

    #[test]
    fn missing_lists_and_maps_are_made() {
        let after = changed(&[
            ("ContainerDefinitions[0].Ulimits[-].Name", json!("cpu")),
            ("ContainerDefinitions[0].Ulimits[0].SoftLimit", json!(1024)),
            ("ContainerDefinitions[0].PortMappings[-].ContainerPort", json!(2056)),
            ("ContainerDefinitions[0].PortMappings[1].Protocol", json!("udp")),
            ("ContainerDefinitions[0].LinuxParameters.Capabilities.Add[-]", json!("AUDIT_CONTROL")),
            ("PidMode", json!("task")),
        ]);
        assert_eq!(
            after.unwrap(),
            json!({"Family": "f", "ContainerDefinitions": [{"Name": "main",
                "PortMappings": [{"ContainerPort": 80}, {"ContainerPort": 2056, "Protocol": "udp"}],
                "Ulimits": [{"Name": "cpu", "SoftLimit": 1024}],
                "LinuxParameters": {"Capabilities": {"Add": ["AUDIT_CONTROL"]}}}], "PidMode": "task"})
        );
    }

    #[test]
    fn faults_name_the_path() {
        let fault = |path: &str| changed(&[(path, json!(1))]).unwrap_err();
        insta::assert_snapshot!(
            ["Family", "ContainerDefinitions[0].Name", "ContainerDefinitions[1].Cpu", "Family.A", "Family[0]",
             "A[x]", "A[+1]", "A..B", ""].map(fault).join("\n"),
            @r#"
        taskdef_overrides: "Family": the family can't be changed, it names the task definition
        taskdef_overrides: "ContainerDefinitions[0].Name": names of containers can't be changed, load balancers and commands refer to them
        taskdef_overrides: "ContainerDefinitions[1].Cpu": "ContainerDefinitions" has 1 elements, there is none with index 1; [-] appends
        taskdef_overrides: "Family.A": there is no "A" to change: what holds it is no map
        taskdef_overrides: "Family[0]": "Family" is no list
        taskdef_overrides: "A[x]": "x" is no index; write a number or -
        taskdef_overrides: "A[+1]": "+1" is no index; write a number or -
        taskdef_overrides: "A..B": "" is no key; keys hold letters, digits, _ and -
        taskdef_overrides: "": "" is no key; keys hold letters, digits, _ and -
        "#
        );
    }
}
