//! Checks before a deployment changes anything: what would make it fail minutes later is found while nothing is built,
//! pushed, uploaded or changed.
//!
//! A [`Ground`] is a workload as it is meant to be deployed, with what is known of its environment. Every check looks at it
//! and at AWS, reads only, and gives [`Finding`]s. They run side by side, workloads too; many things are asked for in one call
//! where the API takes many.
//!
//! | outcome | means |
//! |---|---|
//! | [`Outcome::Failed`] | the deployment would fail: it does not begin |
//! | [`Outcome::Warning`] | it would go through, but not do what is meant |
//! | [`Outcome::NotChecked`] | AWS could not be asked, mostly for lack of a permission: never a failure |
//!
//! **What is asked in a deployment.** Only what is new or differs from the manifest that the deployed template holds
//! ([`Ground::changed`]): deploying what is unchanged asks AWS nothing here. `wharf verify` asks everything.
//!
//! | module | checks |
//! |---|---|
//! | `secrets` | secrets and parameters: there, readable for the execution role, with a usable key |
//! | `images` | images by location, exposed ports, environment files |
//! | `network` | subnets, security groups, file systems, free addresses |
//! | `routing` | certificates, listener rules, limits of load balancers |
//! | `account` | Fargate's quotas, names that are taken |
//! | `quotas` | quotas of load balancing, networks and clusters against what there is |
//! | [`release`] | of a rollback: images and files of the release |
//!
//! [`CHECKS`] is the list of them, from which `docs/preflight.md` is made.

mod account;
mod images;
mod network;
mod page;
mod quotas;
pub(in crate::ops) mod release;
mod routing;
mod secrets;
#[cfg(test)]
mod testing;

use std::collections::BTreeMap;

use serde::Serialize;

use super::Session;
use crate::aws::{self, Connection};
use crate::deploy::failure::KINDS;
use crate::facts::Facts;
use crate::model::container::Container;
use crate::model::environment::Environment;
use crate::model::service::Service;
use crate::model::workload::Workload;
use crate::name::{AppName, EnvName};
use crate::stack::features::Feature;
use crate::stack::workload::priority::RuleSlot;

/// A check as it is documented.
#[derive(Debug, Clone, Copy)]
pub struct Check {
    /// Its stable name, such as `secrets`.
    pub name: &'static str,
    /// What it looks at, a phrase.
    pub looks_at: &'static str,
    /// What it asks AWS, an action each; empty when it asks nothing.
    pub asks: &'static [&'static str],
}

/// All checks, in the order in which they are listed.
pub const CHECKS: &[Check] = &[
    Check {
        name: "access",
        looks_at: "credentials, the environment's manager role, that the role of CloudFormation is there",
        asks: &["sts:AssumeRole", "iam:GetRole"],
    },
    Check {
        name: "environment",
        looks_at: "whether the environment has what the workload needs: version of its template, topics it subscribes to, an imported load balancer, subnets by tags",
        asks: &[
            "cloudformation:DescribeStacks",
            "elasticloadbalancing:DescribeLoadBalancers",
            "tag:GetResources",
        ],
    },
    Check {
        name: "stack",
        looks_at: "whether the workload's stack can be updated",
        asks: &["cloudformation:DescribeStacks"],
    },
    Check {
        name: "release",
        looks_at: "of a rollback: the release's images by digest, the template of its addons and its environment files, which may have been removed since",
        asks: &["ecr:DescribeRepositories", "ecr:DescribeImages", "s3:GetObject"],
    },
    Check {
        name: "secrets",
        looks_at: "secrets and parameters: in the region, with the tags that the execution role's policy asks for, with a value and a key that is not disabled. Values are never read, so a JSON key is not looked for",
        asks: &["ssm:DescribeParameters", "secretsmanager:DescribeSecret", "kms:DescribeKey"],
    },
    Check {
        name: "env_files",
        looks_at: "environment files of the workspace, which are uploaded by a deployment",
        asks: &[],
    },
    Check {
        name: "images",
        looks_at: "images by location in ECR: there, and for the platform of the tasks",
        asks: &["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
    },
    Check {
        name: "port",
        looks_at: "the ports that the Dockerfile, or an image by location in ECR, exposes, against `image.port`",
        asks: &["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
    },
    Check {
        name: "network",
        looks_at: "subnets and security groups by id: in the environment's VPC",
        asks: &["ec2:DescribeSubnets", "ec2:DescribeSecurityGroups"],
    },
    Check {
        name: "addresses",
        looks_at: "free addresses of the subnets, for the new tasks beside the old ones",
        asks: &["ec2:DescribeSubnets"],
    },
    Check {
        name: "file_systems",
        looks_at: "file systems of EFS by id: available, with a mount target",
        asks: &["elasticfilesystem:DescribeFileSystems"],
    },
    Check {
        name: "certificates",
        looks_at: "imported certificates: issued, and standing for every alias",
        asks: &["acm:DescribeCertificate"],
    },
    Check {
        name: "rules",
        looks_at: "new listener rules: with conditions that no other workload's rule has, and within the load balancer's limit",
        asks: &[
            "elasticloadbalancing:DescribeRules",
            "elasticloadbalancing:DescribeAccountLimits",
            "tag:GetResources",
        ],
    },
    Check {
        name: "quota",
        looks_at: "quotas against what the account has in the region now and what the deployment adds: Fargate's vCPUs, load balancers, target groups, elastic addresses for NAT gateways, services of the cluster; for a new environment VPCs",
        asks: &[
            "servicequotas:GetServiceQuota",
            "cloudwatch:GetMetricData",
            "elasticloadbalancing:DescribeAccountLimits",
            "elasticloadbalancing:DescribeLoadBalancers",
            "elasticloadbalancing:DescribeTargetGroups",
            "ec2:DescribeAddresses",
            "ec2:DescribeVpcs",
            "ecs:DescribeClusters",
        ],
    },
    Check {
        name: "names",
        looks_at: "the log group's name, which is fixed: of a new stack, whether something outside of it has the name",
        asks: &["logs:DescribeLogStreams"],
    },
    Check {
        name: "try",
        looks_at: "with `--try`: whether the containers stay up on this machine and answer the health checks",
        asks: &["ecr:GetAuthorizationToken"],
    },
];

/// How the lack of a permission is told.
const DENIED: &str = "missing permission";

/// What came of looking at one thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It is as it must be.
    Ok,
    /// The deployment would go through, but not do what is meant.
    Warning,
    /// The deployment would fail.
    Failed,
    /// It could not be looked at.
    NotChecked,
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The check, by its name in [`CHECKS`].
    pub check: &'static str,
    /// What was looked at, such as `parameter /shop/db`.
    pub what: String,
    /// What came of it.
    pub outcome: Outcome,
    /// Code of the failure that it would come to, as in `docs/failures.md`; empty when it is none of these.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub code: &'static str,
    /// What was found, a clause.
    pub detail: String,
    /// What to do, a sentence each; empty when all is well.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub next: Vec<String>,
    /// Last lines of the container's log, where one was tried and did not do what it should.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<String>,
}

impl Finding {
    /// All is well.
    pub(in crate::ops) fn ok(
        check: &'static str,
        what: impl Into<String>,
        detail: impl Into<String>,
    ) -> Self {
        Self {
            check,
            what: what.into(),
            outcome: Outcome::Ok,
            code: "",
            detail: detail.into(),
            next: vec![],
            lines: vec![],
        }
    }

    /// The deployment would fail with the cause `code`, whose remedies are this one's.
    pub(in crate::ops) fn failed(
        check: &'static str,
        what: impl Into<String>,
        code: &'static str,
        detail: impl Into<String>,
    ) -> Self {
        let kind = KINDS.iter().find(|kind| kind.code == code);
        let next = kind.map(|kind| kind.remedy.iter().map(|text| (*text).to_owned()).collect());
        Self {
            outcome: Outcome::Failed,
            code: kind.map(|kind| kind.code).unwrap_or_default(),
            next: next.unwrap_or_default(),
            ..Self::ok(check, what, detail)
        }
    }

    /// The same as a warning.
    pub(in crate::ops) fn mild(self) -> Self {
        Self { outcome: Outcome::Warning, ..self }
    }

    /// The same with other advice.
    pub(in crate::ops) fn advice(self, next: impl Into<String>) -> Self {
        Self { next: vec![next.into()], ..self }
    }

    /// It could not be looked at, in words.
    pub(in crate::ops) fn unknown(
        check: &'static str,
        what: impl Into<String>,
        why: impl Into<String>,
    ) -> Self {
        Self { outcome: Outcome::NotChecked, ..Self::ok(check, what, why) }
    }

    /// It could not be looked at, as AWS could not be asked.
    pub(in crate::ops) fn not_checked(
        check: &'static str,
        what: impl Into<String>,
        error: &aws::Error,
    ) -> Self {
        let aws::Kind::AccessDenied(denied) = &error.kind else {
            return Self::unknown(check, what, error.to_string());
        };
        let action = match denied.action.as_str() {
            "" => format!("of {} for {}", error.service, error.operation),
            action => action.to_owned(),
        };
        Self::unknown(check, what, format!("{DENIED} {action}"))
    }

    /// Whether it could not be looked at for lack of a permission.
    pub(in crate::ops) fn is_denied(&self) -> bool {
        self.outcome == Outcome::NotChecked && self.detail.starts_with(DENIED)
    }

    /// What was found, as a sentence for people.
    #[must_use]
    pub fn sentence(&self) -> String {
        format!("{}: {}", self.what, self.detail)
    }
}

/// What was found of a workload.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Checked {
    /// `service`, `job`, or `environment` for one that is deployed anew.
    pub kind: &'static str,
    /// Its name.
    pub name: String,
    /// The environment.
    pub environment: String,
    /// What was looked at, in the order of [`CHECKS`].
    pub checks: Vec<Finding>,
}

/// What was found of workloads that are deployed together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Verified {
    /// One for each workload.
    pub workloads: Vec<Checked>,
}

impl Verified {
    /// Those of an outcome, each with its workload's name.
    pub fn with(&self, outcome: Outcome) -> impl Iterator<Item = (&str, &Finding)> {
        self.workloads.iter().flat_map(move |workload| {
            let found = workload.checks.iter().filter(move |finding| finding.outcome == outcome);
            found.map(|finding| (workload.name.as_str(), finding))
        })
    }

    /// Whether containers were tried and one of them did not do what it should.
    #[must_use]
    pub fn has_failed_try(&self) -> bool {
        self.with(Outcome::Failed).any(|(_, finding)| finding.check == super::trial::run::CHECK)
    }

    /// Whether a deployment would fail.
    #[must_use]
    pub fn has_failed(&self) -> bool {
        self.with(Outcome::Failed).next().is_some()
    }
}

/// A workload as it is meant, in its environment.
pub(in crate::ops) struct Ground<'a> {
    /// What reads the workspace that the workload is from; none: it is that of a release, whose files were uploaded.
    pub workspace: Option<&'a Session>,
    /// The way to the environment.
    pub manager: &'a Connection,
    /// Its application.
    pub app: &'a AppName,
    /// Its environment.
    pub env: &'a EnvName,
    /// The environment's region.
    pub region: &'a str,
    /// The environment as deployed.
    pub environment: &'a Environment,
    /// Parameters of the environment's stack: what it has on demand.
    pub features: &'a BTreeMap<String, String>,
    /// Outputs of the environment's stack.
    pub outputs: &'a BTreeMap<String, String>,
    /// Values of its exports by their names.
    pub exports: &'a BTreeMap<String, String>,
    /// The workload.
    pub model: &'a Workload,
    /// What AWS says.
    pub facts: &'a Facts,
    /// Subnets behind a placement by tags.
    pub subnets: &'a [String],
    /// Its listener rules.
    pub slots: Vec<RuleSlot>,
    /// Whether the user's overrides change its template, so that its roles may be allowed more.
    pub overridden: bool,
    /// Whether it has no stack yet.
    pub is_new: bool,
    /// The workload as deployed: what is the same is not looked at again. None: everything is looked at.
    pub before: Option<Workload>,
}

impl Ground<'_> {
    /// Whether `part` of the workload is to be looked at: all of it, or it is another than what is deployed.
    pub fn changed<T: PartialEq>(&self, part: impl Fn(&Workload) -> T) -> bool {
        self.before.as_ref().is_none_or(|before| part(before) != part(self.model))
    }

    /// The same for a part that only containers on ECS have.
    pub fn service_changed<T: PartialEq>(&self, part: impl Fn(&Service) -> T) -> bool {
        self.changed(|workload| workload.container().map(&part))
    }

    /// Whether the environment has something on demand already.
    pub fn has(&self, feature: Feature) -> bool {
        self.features.get(feature.parameter()).is_some_and(|workloads| !workloads.is_empty())
    }

    /// Its name with application and environment, `shop-test-web`.
    pub fn full_name(&self) -> String {
        format!("{}-{}-{}", self.app, self.env, self.model.name())
    }
}

/// Containers of the manifest, the main one first.
pub(in crate::ops) fn containers(workload: &Workload) -> Vec<&Container> {
    match workload {
        Workload::Container(service) => std::iter::once(&service.main).chain(&service.sidecars).collect(),
        Workload::RequestDriven(service) => vec![&service.main],
        Workload::StaticSite(_) => vec![],
    }
}

pub(in crate::ops) use quotas::environment;

/// Looks at a workload; `known`: what was found on the way here. Reads only.
pub(in crate::ops) async fn examine(ground: &Ground<'_>, known: Vec<Finding>) -> Checked {
    let (secrets, images, network, routing, account, quotas) = tokio::join!(
        secrets::check(ground),
        images::check(ground),
        network::check(ground),
        routing::check(ground),
        account::check(ground),
        quotas::check(ground),
    );
    let found = [known, secrets, images, network, routing, account, quotas];
    Checked::new(ground.model, ground.env, found.concat())
}

impl Checked {
    /// What was found of a workload, in the order of [`CHECKS`].
    pub(in crate::ops) fn new(model: &Workload, env: &EnvName, mut checks: Vec<Finding>) -> Self {
        checks.sort_by_key(|finding| CHECKS.iter().position(|check| check.name == finding.check));
        Self { kind: model.noun(), name: model.name().to_string(), environment: env.to_string(), checks }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn findings_take_the_remedies_of_the_failure_they_foresee() {
        let finding = Finding::failed("secrets", "parameter /a", "parameter_not_found", "does not exist");
        assert_eq!((finding.outcome, finding.code), (Outcome::Failed, "parameter_not_found"));
        assert!(finding.next[0].contains("tags"), "{finding:?}");
        assert_eq!(finding.sentence(), "parameter /a: does not exist");
        let own = finding.advice("Do it.").mild();
        assert_eq!((own.outcome, own.next), (Outcome::Warning, vec!["Do it.".to_owned()]));
    }

    #[test]
    fn a_refusal_names_the_permission() {
        let refusal = |message: &str| {
            aws::Error::reported("KMS", "DescribeKey", 400, "AccessDeniedException", message, "")
        };
        let named = refusal("User: arn:x is not authorized to perform: kms:DescribeKey on resource: arn:y");
        let finding = Finding::not_checked("secrets", "key k", &named);
        assert_eq!(
            (finding.outcome, finding.detail.as_str()),
            (Outcome::NotChecked, "missing permission kms:DescribeKey")
        );
        let silent = Finding::not_checked("secrets", "key k", &refusal("no"));
        assert_eq!(silent.detail, "missing permission of KMS for DescribeKey");
    }

    #[tokio::test(flavor = "current_thread")]
    async fn what_is_deployed_as_it_is_meant_is_not_asked_about() {
        let manifest = "name: web\ntype: Load Balanced Web Service\nimage:\n  location: 111122223333.dkr.ecr.eu-west-1.amazonaws.com/web:1\n  port: 80\n\
             http:\n  path: /\nsecrets:\n  DB: /shop/db\nnetwork:\n  vpc:\n    placement:\n      subnets: [subnet-1]\n    security_groups: [sg-1]\n\
             storage:\n  volumes:\n    data:\n      path: /data\n      efs:\n        id: fs-1\n";
        let server = aws::testing::server(|_| aws::testing::json_error("AccessDeniedException", "no"));
        let bench = testing::Bench::new(manifest);
        let mut ground = bench.ground(&server);
        ground.before = Some(bench.model.clone());
        ground.is_new = false;
        let checked = examine(&ground, vec![]).await;
        assert_eq!((checked.checks, server.actions()), (vec![], vec![]));
        ground.before = None;
        let all = examine(&ground, vec![]).await;
        let names: Vec<&str> = all.checks.iter().map(|finding| finding.check).collect();
        assert!(
            !all.checks.is_empty() && all.checks.iter().all(|one| one.outcome == Outcome::NotChecked),
            "{all:?}"
        );
        for name in ["secrets", "images", "network", "addresses", "file_systems", "quota"] {
            assert!(names.contains(&name), "{name}: {names:?}");
        }
    }
}
