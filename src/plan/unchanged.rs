//! Whether a stack is what it would be after it is deployed once more: then CloudFormation need not be asked.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::stack::Stack;

/// Sections of a template of which a change alone is no change to CloudFormation.
const WITHOUT_EFFECT: &[&str] = &["Metadata"];

/// A stack as it is deployed.
#[derive(Debug, Clone, Copy)]
pub struct Deployed<'a> {
    /// CloudFormation's status, such as `UPDATE_COMPLETE`.
    pub status: &'a str,
    /// Its template in normal form.
    pub template: &'a Value,
    /// Values of its parameters; `****` for secret ones.
    pub parameters: &'a BTreeMap<String, String>,
    /// Its tags.
    pub tags: &'a BTreeMap<String, String>,
}

/// What differs between the deployed stack and the wanted one, for people; `None` when nothing does.
#[must_use]
pub fn difference(deployed: Deployed<'_>, wanted: &Stack) -> Option<String> {
    if !matches!(deployed.status, "CREATE_COMPLETE" | "UPDATE_COMPLETE") {
        return Some(format!("its stack is in {}", deployed.status));
    }
    content(deployed, wanted)
}

/// The same, whatever state the stack is in.
#[must_use]
pub fn content(deployed: Deployed<'_>, wanted: &Stack) -> Option<String> {
    let sections = |template: &Value| -> BTreeMap<String, Value> {
        let all = template.as_object().into_iter().flatten();
        let all = all.filter(|(name, _)| !WITHOUT_EFFECT.contains(&name.as_str()));
        all.map(|(name, value)| (name.clone(), value.clone())).collect()
    };
    if sections(deployed.template) != sections(&wanted.template) {
        return Some("its template changed".to_owned());
    }
    let is_known = |name: &str, value: &String| {
        let known = deployed.parameters.get(name);
        known.is_some_and(|known| known == value || known == "****")
    };
    if let Some((name, _)) = wanted.parameters.iter().find(|(name, value)| !is_known(name, value)) {
        return Some(match name.as_str() {
            "ContainerImage" => "its image changed".to_owned(),
            "AddonsTemplateURL" => "its addons changed".to_owned(),
            "EnvFileARN" => "its environment file changed".to_owned(),
            name => format!("its parameter {name} changed"),
        });
    }
    (deployed.tags != &wanted.tags).then(|| "its tags changed".to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn map(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn everything_but_metadata_counts() {
        let template = json!({"Metadata": {"Manifest": "a"}, "Resources": {"A": {"Type": "T"}}});
        let stack = |template: Value, parameters: &[(&str, &str)], tags: &[(&str, &str)]| Stack {
            name: "s".to_owned(),
            template,
            parameters: map(parameters),
            tags: map(tags),
        };
        let (parameters, tags) = (map(&[("ContainerImage", "x@1"), ("Secret", "****")]), map(&[("a", "b")]));
        let deployed =
            |status| Deployed { status, template: &template, parameters: &parameters, tags: &tags };
        let same = stack(
            json!({"Metadata": {"Manifest": "b"}, "Resources": {"A": {"Type": "T"}}}),
            &[("ContainerImage", "x@1"), ("Secret", "s")],
            &[("a", "b")],
        );
        assert_eq!(difference(deployed("UPDATE_COMPLETE"), &same), None);
        for status in ["UPDATE_ROLLBACK_COMPLETE", "UPDATE_FAILED"] {
            assert_eq!(difference(deployed(status), &same), Some(format!("its stack is in {status}")));
            assert_eq!(content(deployed(status), &same), None);
        }
        let said = |wanted: &Stack| difference(deployed("CREATE_COMPLETE"), wanted).unwrap_or_default();
        let other = Stack { template: json!({"Resources": {"A": {"Type": "U"}}}), ..same.clone() };
        assert_eq!(said(&other), "its template changed");
        let image = Stack { parameters: map(&[("ContainerImage", "x@2")]), ..same.clone() };
        assert_eq!(said(&image), "its image changed");
        let more = Stack { parameters: map(&[("New", "1")]), ..same.clone() };
        assert_eq!(said(&more), "its parameter New changed");
        assert_eq!(said(&Stack { tags: map(&[]), ..same }), "its tags changed");
    }
}
