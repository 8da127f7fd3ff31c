//! Stacks of workloads.
//!
//! * [`mod@service`]: the stacks of services and jobs, put together from the parts below.
//! * [`mod@request_driven`]: the stacks of services on App Runner.
//! * [`site`]: the stacks of static sites.
//! * [`container`]: containers of a task; [`storage`]: its volumes; [`access`]: what its roles may do.
//! * [`job`]: the rule and the state machine of a job, instead of an ECS service.
//! * [`network`]: subnets, security groups, Service Connect; [`scaling`]: number of tasks and what rolls back a deployment;
//!   [`shift`]: how traffic goes over to a new version.
//! * [`routing`]: application load balancers; [`nlb`]: network load balancers; [`priority`]: priorities of listener rules.
//! * [`addons`], [`topics`], [`events`]: the nested stack, topics, queues and subscriptions; [`taskdef`]: the user's changes of the task definition.
//!
//! A part is a view (what a template under `templates/workload/` prints) and the function that makes it from the model.

pub mod access;
pub mod addons;
pub mod container;
pub mod events;
pub mod job;
pub mod network;
pub mod nlb;
pub mod priority;
pub mod request_driven;
pub mod routing;
pub mod scaling;
pub mod service;
pub mod shift;
pub mod site;
pub mod storage;
pub mod taskdef;
pub mod topics;

use std::collections::BTreeSet;

use serde::Serialize;
use serde_json::Value;

use super::expr;

pub use addons::{AddonKind, AddonOutput, Addons};
pub use priority::{Priorities, RuleSlot};
pub use routing::path_patterns;
pub use service::{Input, NLB_CERTIFICATE_PARAMETER, rule_slots, service};
pub use site::{SiteInput, site};

/// Why a workload's stack can't be made.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum StackError {
    /// A fault in a template of ours.
    #[error(transparent)]
    Render(#[from] super::render::RenderError),
    /// A load balancer that the service is put behind, of which nothing is known.
    #[error(
        "the load balancer {name:?} (http.alb) is not known: it was not found in AWS, or the facts have no load_balancer"
    )]
    LoadBalancer {
        /// Its name or ARN as in the manifest.
        name: String,
    },
    /// A load balancer that the service is put behind has listeners that can't be told apart.
    #[error(
        "the load balancer {name:?} (http.alb) has {found}; wharf needs one HTTP listener, one HTTPS listener, or one of each"
    )]
    Listeners {
        /// Its name or ARN as in the manifest.
        name: String,
        /// The listeners it has, in words.
        found: String,
    },
    /// A key of the user's that CloudFormation would read as one of its functions.
    #[error("{place}: the key {key:?} is the name of a CloudFormation function and can't be used here")]
    Function {
        /// The field of the manifest.
        place: &'static str,
        /// The key.
        key: String,
    },
    /// A change of the task definition that can't be made.
    #[error(transparent)]
    Taskdef(#[from] taskdef::TaskdefError),
}

/// A parameter of a template with its value.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Parameter {
    /// Its name.
    pub name: String,
    /// `String` or `Number`.
    pub kind: &'static str,
    /// Whether it only takes `true` and `false`.
    pub flag: bool,
    /// Its default, if any.
    pub default: Option<&'static str>,
    /// What it is, where the name does not say it.
    pub description: Option<&'static str>,
    /// Its value: goes into the stack, not into the template.
    #[serde(skip)]
    pub value: String,
}

impl Parameter {
    /// A text parameter.
    pub fn text(name: impl Into<String>, value: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            kind: "String",
            flag: false,
            default: None,
            description: None,
            value: value.into(),
        }
    }

    /// A number parameter.
    pub fn number(name: impl Into<String>, value: impl ToString) -> Self {
        Self { kind: "Number", ..Self::text(name, value.to_string()) }
    }

    /// A parameter that is `true` or `false`.
    pub fn flag(name: impl Into<String>, value: bool) -> Self {
        Self { flag: true, ..Self::text(name, value.to_string()) }
    }

    /// A text parameter that may be left empty, with a description.
    pub fn optional(name: impl Into<String>, value: impl Into<String>, description: &'static str) -> Self {
        Self { default: Some(""), description: Some(description), ..Self::text(name, value) }
    }
}

/// A condition of a template.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Condition {
    /// Its name.
    pub name: String,
    /// Its test.
    pub test: Value,
}

impl Condition {
    /// A condition that holds when a parameter is not this value.
    pub fn differs(name: impl Into<String>, parameter: &str, value: Value) -> Self {
        let equal = serde_json::json!({"Fn::Equals": [expr::reference(parameter), value]});
        Self { name: name.into(), test: serde_json::json!({"Fn::Not": [equal]}) }
    }

    /// A condition that holds when a value is this one.
    pub fn equals(name: impl Into<String>, left: Value, right: Value) -> Self {
        Self { name: name.into(), test: serde_json::json!({"Fn::Equals": [left, right]}) }
    }
}

/// Hands out logical ids made from users' names: only letters and digits, of bounded length, each one once.
#[derive(Debug, Default)]
pub struct Ids(BTreeSet<String>);

impl Ids {
    /// Most characters of a name that go into an id: CloudFormation takes 255 for the whole.
    const MAX: usize = 128;

    /// `prefix`, the letters and digits of `name`, `suffix`; with a number behind the name when that is taken.
    pub fn take(&mut self, prefix: &str, name: &str, suffix: &str) -> String {
        let mut base = crate::name::alphanumeric(name);
        base.truncate(Self::MAX);
        let mut id = format!("{prefix}{base}{suffix}");
        let mut number = 2;
        while !self.0.insert(id.clone()) {
            id = format!("{prefix}{base}{number}{suffix}");
            number += 1;
        }
        id
    }
}

/// `id` of the first of several resources of a kind, `id1`, `id2`, … of the further ones.
#[must_use]
pub fn indexed(id: &str, index: usize) -> String {
    if index == 0 { id.to_owned() } else { format!("{id}{index}") }
}

/// A number without a fraction where it has none: `70`, not `70.0`.
#[must_use]
pub fn number(value: f64) -> Value {
    // Every whole number below 2^53 is exact in both forms.
    if value.fract() == 0.0 && value.abs() < 9e15 { Value::from(value as i64) } else { Value::from(value) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_unique_and_short() {
        let mut ids = Ids::default();
        assert_eq!(ids.take("EnvFileARNFor", "log-router", ""), "EnvFileARNForlogrouter");
        assert_eq!(ids.take("EnvFileARNFor", "logrouter", ""), "EnvFileARNForlogrouter2");
        assert_eq!(ids.take("", &"a".repeat(1000), "SNSTopic").len(), 136);
        assert_eq!(ids.take("X", "💥", ""), "X");
    }

    #[test]
    fn whole_numbers_have_no_fraction() {
        assert_eq!(number(70.0).to_string(), "70");
        assert_eq!(number(0.25).to_string(), "0.25");
    }
}
