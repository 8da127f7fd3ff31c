//! The stack that an environment begins with: the two roles with which it is made and managed, nothing else.
//!
//! It has the environment's name: the first deployment of the environment updates it in place.

use std::collections::BTreeMap;

use super::environment::roles;
use super::render::{RenderError, render};
use super::{Stack, document};
use crate::facts::Facts;

/// Version in the metadata of the bootstrap stack's template.
pub const BOOTSTRAP_VERSION: &str = "bootstrap";

/// The stack that an environment begins with.
///
/// # Errors
/// [`RenderError`]: a fault in a built-in template, never in the input.
pub fn bootstrap(facts: &Facts) -> Result<Stack, RenderError> {
    let parameters = [
        ("AppName", facts.app.name.to_string()),
        ("EnvironmentName", facts.env.name.to_string()),
        ("ToolsAccountPrincipalARN", roles::tools_account(facts)),
    ];
    Ok(Stack {
        name: document::environment_stack(&facts.app.name, &facts.env.name),
        template: render("environment/bootstrap.yml", &roles::View::of_bootstrap(facts))?,
        parameters: parameters
            .map(|(name, value)| (name.to_owned(), value))
            .into_iter()
            .collect::<BTreeMap<_, _>>(),
        tags: document::tags(&facts.app, Some(&facts.env.name), None),
    })
}
