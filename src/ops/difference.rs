//! How a stack that would be deployed differs from the deployed one.

use serde::Serialize;

use super::package::Packaged;
use super::{Error, Result};
use crate::aws::Connection;
use crate::yaml::template;

/// The difference of two templates, line by line, both in the same normal form.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// Name of the stack.
    pub stack: String,
    /// Unified diff; empty when there is no difference.
    pub text: String,
}

impl Difference {
    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }
}

/// Compares a packaged stack with the deployed one: templates and parameters. A stack that does not exist is empty.
pub(super) async fn with_deployed(connection: &Connection, packaged: &Packaged) -> Result<Difference> {
    let name = &packaged.stack.name;
    let cloudformation = connection.cloudformation();
    let text = cloudformation.template(name).await?.unwrap_or_default();
    let parameters = cloudformation.stack(name).await?.map(|stack| stack.parameters).unwrap_or_default();
    let deployed = template::parse(&text)
        .map_err(|error| Error::BadTemplate { stack: name.clone(), message: error.to_string() })?;
    let old = document(deployed, &parameters);
    let new = document(packaged.stack.template.clone(), &packaged.stack.parameters);
    Ok(Difference { stack: name.clone(), text: unified(&old, &new) })
}

fn document(
    mut template: serde_json::Value,
    parameters: &std::collections::BTreeMap<String, String>,
) -> String {
    if let Some(map) = template.as_object_mut() {
        if !parameters.is_empty() {
            map.insert("(parameter values)".to_owned(), serde_json::json!(parameters));
        }
        if map.is_empty() {
            return String::new();
        }
    }
    template::to_yaml(&template)
}

fn unified(old: &str, new: &str) -> String {
    if old == new {
        return String::new();
    }
    similar::TextDiff::from_lines(old, new)
        .unified_diff()
        .context_radius(3)
        .header("deployed", "new")
        .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_documents_have_no_difference() {
        assert_eq!(unified("a: 1\n", "a: 1\n"), "");
        assert!(unified("a: 1\n", "a: 2\n").contains("-a: 1\n+a: 2\n"));
    }
}
