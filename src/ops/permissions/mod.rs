//! What wharf asks of AWS, and for what: the permissions that whoever runs it needs, and those of the roles it takes on.
//!
//! `table` is the one list; `tests/permissions.rs` holds it against the calls of `aws/` and makes `docs/permissions.md` of it.
//! [`policy`] tells what a policy document allows.

pub mod policy;
mod table;

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::{Value, json};

pub use table::{DNS, MANAGER, NEEDS_NONE, SITE, USER};

/// What something is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Purpose {
    /// Looking at what is there.
    Look,
    /// Deploying services and jobs.
    Deploy,
    /// Making, changing and taking over environments.
    Environment,
    /// Making applications, bringing them up to date, adding services and jobs to them.
    Application,
    /// Names in an application with a domain.
    Domain,
    /// Pipelines.
    Pipeline,
    /// Deleting what was made.
    Delete,
    /// Looking for what was changed by hand.
    Drift,
    /// Reading current prices.
    Prices,
}

impl Purpose {
    /// All of them, in the order in which people meet them.
    pub const ALL: [Self; 9] = [
        Self::Look,
        Self::Deploy,
        Self::Environment,
        Self::Application,
        Self::Domain,
        Self::Pipeline,
        Self::Delete,
        Self::Drift,
        Self::Prices,
    ];

    /// Its name in tables and in JSON.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Look => "look",
            Self::Deploy => "deploy",
            Self::Environment => "environment",
            Self::Application => "application",
            Self::Domain => "domain",
            Self::Pipeline => "pipeline",
            Self::Delete => "delete",
            Self::Drift => "drift",
            Self::Prices => "prices",
        }
    }

    /// What it is for people, with the commands.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Look => "looking: `status`, `logs`, `show`, `ls`, `cost`, `diff`, `verify`, `doctor`",
            Self::Deploy => "deploying services and jobs: `deploy`, `rollback`, `job run`, `svc restart`",
            Self::Environment => "environments: `env init`, `env deploy`, taking them over",
            Self::Application => "applications: `app init`, `app upgrade`, `svc init`, `job init`",
            Self::Domain => "applications with a domain",
            Self::Pipeline => "pipelines: `pipeline init`, `pipeline deploy`",
            Self::Delete => "deleting: `svc delete`, `env delete`, `pipeline delete`, `app delete`",
            Self::Drift => "`doctor --drift`",
            Self::Prices => "`cost --refresh`",
        }
    }
}

impl Serialize for Purpose {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.word())
    }
}

/// Why AWS asks for a permission.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Through {
    /// A call of wharf's.
    Call,
    /// Comes along with a call, such as the tags of what is made.
    Along,
    /// A call of the container engine that pushes images.
    Engine,
    /// A call of CloudFormation, for stacks that it makes with the permissions of whoever runs wharf.
    CloudFormation,
}

/// What is done with a kind of resource, for a purpose.
#[derive(Debug, Clone, Copy)]
pub struct Need {
    /// What for.
    pub purpose: Purpose,
    /// Why AWS asks.
    pub through: Through,
    /// ARN of what it is done with, or `*`. `{partition}`, `{region}`, `{account}`, `{app}`, `{env}`, `{workload}`,
    /// `{pipeline}` and `{bucket}` stand for what they say, `*` for anything.
    pub resource: &'static str,
    /// The actions, as policies name them.
    pub actions: &'static [&'static str],
}

/// What the placeholders of a resource stand for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place<'a> {
    /// The partition, such as `aws`.
    pub partition: &'a str,
    /// The region.
    pub region: &'a str,
    /// The 12-digit account.
    pub account: &'a str,
    /// The application.
    pub app: &'a str,
    /// An environment.
    pub env: &'a str,
    /// A service or job.
    pub workload: &'a str,
    /// A pipeline.
    pub pipeline: &'a str,
    /// The application's bucket in the region.
    pub bucket: &'a str,
    /// What stands for anything.
    pub any: &'a str,
}

impl Need {
    /// The resource's ARN in a place.
    #[must_use]
    pub fn arn(&self, place: &Place<'_>) -> String {
        if self.resource == "*" {
            return "*".to_owned();
        }
        // After a whole word `*` also stands for nothing.
        let mut resource = String::new();
        for part in self.resource.split_inclusive('*') {
            let Some(text) = part.strip_suffix('*') else {
                resource += part;
                continue;
            };
            resource += text;
            if place.any == "*" || text.ends_with(['/', ':', '-']) {
                resource += place.any;
            }
        }
        resource
            .replace("{partition}", place.partition)
            .replace("{region}", place.region)
            .replace("{account}", place.account)
            .replace("{app}", place.app)
            .replace("{env}", place.env)
            .replace("{workload}", place.workload)
            .replace("{pipeline}", place.pipeline)
            .replace("{bucket}", place.bucket)
    }
}

/// A policy, as JSON text, that allows these actions on these resources: statements by resource.
#[must_use]
pub fn document<'a>(allowed: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let mut by_resource: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (action, resource) in allowed {
        by_resource.entry(resource).or_default().insert(action);
    }
    // Resources with the same actions share a statement.
    let mut by_actions: BTreeMap<BTreeSet<&str>, Vec<&str>> = BTreeMap::new();
    for (resource, actions) in by_resource {
        by_actions.entry(actions).or_default().push(resource);
    }
    let statements: Vec<Value> = by_actions
        .into_iter()
        .map(|(actions, resources)| json!({"Effect": "Allow", "Action": actions, "Resource": resources}))
        .collect();
    serde_json::to_string_pretty(&json!({"Version": "2012-10-17", "Statement": statements}))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resources_have_known_placeholders_only() {
        let place = Place {
            partition: "aws",
            region: "eu-west-1",
            account: "123456789012",
            app: "shop",
            env: "test",
            workload: "api",
            pipeline: "main",
            bucket: "stackset-shop-x",
            any: "x",
        };
        for need in [USER, MANAGER, SITE, DNS].concat() {
            let arn = need.arn(&place);
            assert!(!arn.contains(['{', '}']), "{arn}");
            assert!(arn == "*" || arn.starts_with("arn:aws:"), "{arn}");
            assert!(!need.actions.is_empty(), "{arn}");
        }
    }

    #[test]
    fn what_stands_for_anything_is_left_out_after_a_word() {
        let need =
            |resource| Need { purpose: Purpose::Look, through: Through::Call, resource, actions: &["a:B"] };
        let place = |any| Place {
            partition: "aws",
            region: "r",
            account: "1",
            app: "shop",
            env: "test",
            workload: "api",
            pipeline: "main",
            bucket: "b",
            any,
        };
        let told = |any| {
            ["p/{app}*", "p/{app}/*", "p-{app}-*:{region}"].map(|resource| need(resource).arn(&place(any)))
        };
        assert_eq!(told("x"), ["p/shop", "p/shop/x", "p-shop-x:r"]);
        assert_eq!(told("*"), ["p/shop*", "p/shop/*", "p-shop-*:r"]);
    }

    #[test]
    fn a_policy_has_a_statement_for_resources_of_the_same_actions() {
        let allowed = [
            ("s3:GetObject", "b"),
            ("s3:PutObject", "a"),
            ("s3:GetObject", "a"),
            ("s3:PutObject", "b"),
            ("x:Y", "*"),
        ];
        let policy: Value = serde_json::from_str(&document(allowed)).unwrap();
        assert_eq!(
            policy["Statement"],
            json!([
                {"Effect": "Allow", "Action": ["s3:GetObject", "s3:PutObject"], "Resource": ["a", "b"]},
                {"Effect": "Allow", "Action": ["x:Y"], "Resource": ["*"]},
            ])
        );
    }

    #[test]
    fn nothing_is_said_twice() {
        for table in [USER, MANAGER, SITE, DNS] {
            let mut said = BTreeSet::new();
            for need in table {
                for action in need.actions {
                    assert!(
                        said.insert((need.purpose, need.resource, need.through as u8, *action)),
                        "{action} with {} for {:?}",
                        need.resource,
                        need.purpose
                    );
                }
            }
        }
    }
}
