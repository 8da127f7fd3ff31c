//! What whoever asks may not do, told before it is tried: IAM is asked about the caller, and the templates of environments
//! say what their manager roles may do.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::Value;

use super::{Doctor, Examined};
use crate::aws::iam::simulation::{Decision, Question};
use crate::aws::sts::Identity;
use crate::aws::{Connection, Kind};
use crate::describe::facts::regional;
use crate::facts::{self, partition};
use crate::ops::Result;
use crate::ops::permissions::{MANAGER, Need, Place, Purpose, USER, document, policy};
use crate::store;

/// Logical id of the manager role in environments' templates.
const MANAGER_ROLE: &str = "EnvironmentManagerRole";

/// What may not be done.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Permissions {
    /// ARN of the user or role whose policies were looked at; of the session where its role can't be told.
    pub principal: String,
    /// Why nothing can be told of it; empty when it can.
    pub untold: String,
    /// What its policies don't allow, sorted by action.
    pub denied: Vec<Refused>,
    /// What they may not allow: policies of the organization, or conditions on what only a call brings along, decide.
    pub unsure: Vec<Refused>,
    /// Manager roles of environments that may not do all that wharf asks for.
    pub managers: Vec<Manager>,
}

impl Permissions {
    /// A policy, as JSON text, that allows what is denied.
    #[must_use]
    pub fn policy(&self) -> String {
        document(self.denied.iter().map(|one| (one.action.as_str(), one.resource.as_str())))
    }
}

/// Something that is not allowed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Refused {
    /// The action, such as `ecr:PutImage`.
    pub action: String,
    /// ARN of what it was asked for, or `*`.
    pub resource: String,
    /// What wharf needs it for.
    pub purposes: Vec<Purpose>,
    /// Why it is refused.
    pub reason: String,
}

/// A manager role that may do too little.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Manager {
    /// Its environment.
    pub environment: String,
    /// ARN of the role.
    pub role: String,
    /// The actions that it is not allowed, sorted.
    pub missing: Vec<String>,
}

/// What there is of an application that decides what is needed.
#[derive(Debug, Clone, Copy)]
struct Scope {
    /// Whether it has a domain.
    domain: bool,
    /// Whether it has pipelines.
    pipelines: bool,
    /// Whether drift is looked for.
    drift: bool,
}

impl Scope {
    const fn needs(self, purpose: Purpose) -> bool {
        match purpose {
            Purpose::Domain => self.domain,
            Purpose::Pipeline => self.pipelines,
            Purpose::Drift => self.drift,
            _ => true,
        }
    }
}

/// Actions that the manager role of an environment's template is not allowed; none when the template has no such role.
fn missing_of_manager(document: &Value, scope: Scope) -> Vec<String> {
    let role = &document["Resources"][MANAGER_ROLE];
    if role.is_null() {
        return vec![];
    }
    let needed = MANAGER.iter().filter(|need| scope.needs(need.purpose)).flat_map(|need| need.actions);
    let missing: BTreeSet<&str> = needed.copied().filter(|action| !policy::may_allow(role, action)).collect();
    missing.into_iter().map(str::to_owned).collect()
}

/// Who is asked about.
enum Principal {
    /// A user or role.
    Known(String),
    /// The account's root, who may do everything.
    Root,
    /// It can't be told, for this reason.
    Unknown(String),
}

impl Doctor<'_> {
    fn scope(&self, pipelines: bool) -> Scope {
        Scope { domain: !self.app.domain.is_empty(), pipelines, drift: self.options.drift }
    }

    /// Notes what an environment's manager role may not do.
    pub(super) fn about_manager(
        &mut self,
        examined: &mut Examined,
        environment: &store::Environment,
        document: &Value,
    ) {
        // Manager roles have nothing to do with pipelines.
        let missing = missing_of_manager(document, self.scope(false));
        if missing.is_empty() {
            return;
        }
        examined.findings.push(format!(
            "its manager role is not allowed all that wharf asks for ({} actions): `wharf env deploy --name {}` changes that",
            missing.len(),
            environment.name
        ));
        self.managers.push(Manager {
            environment: environment.name.to_string(),
            role: environment.manager_role_arn.clone(),
            missing,
        });
    }

    /// What the caller may not do in the region of the records. `env`: an environment, if there is one; `stacks`: all that there are.
    pub(super) async fn permissions(
        &mut self,
        connection: &Connection,
        region: &str,
        env: Option<&str>,
        stacks: &[Examined],
    ) -> Result<Permissions> {
        let pipeline = stacks.iter().find(|stack| stack.kind == "pipeline").map(|stack| stack.name.as_str());
        let scope = self.scope(pipeline.is_some());
        let identity = connection.sts().caller_identity().await?;
        let managers = std::mem::take(&mut self.managers);
        let session = Permissions { principal: identity.arn.clone(), managers, ..Permissions::default() };
        let principal = match Self::principal(connection, &identity).await {
            Principal::Known(arn) => arn,
            Principal::Root => return Ok(session),
            Principal::Unknown(untold) => return Ok(Permissions { untold, ..session }),
        };
        let places = Places::read(self, connection, region, (env, pipeline)).await?;
        let mut questions: BTreeMap<String, BTreeMap<&str, BTreeSet<Purpose>>> = BTreeMap::new();
        for need in USER.iter().filter(|need| scope.needs(need.purpose)) {
            let actions = questions.entry(places.arn(need, &self.app, region)).or_default();
            for action in need.actions {
                actions.entry(*action).or_default().insert(need.purpose);
            }
        }
        let (mut denied, mut unsure) = (vec![], vec![]);
        for (resource, needed) in &questions {
            let actions: Vec<&str> = needed.keys().copied().collect();
            let question = Question { principal: &principal, actions: &actions, resource, region };
            // What can't be told keeps nobody from the rest.
            let untold = match connection.iam().simulate(&question).await {
                Ok(Some(answers)) => {
                    for answer in answers {
                        let Some(reason) = reason(&answer.decision) else { continue };
                        let sure = matches!(answer.decision, Decision::Denied { .. });
                        let purposes = needed.get(answer.action.as_str()).into_iter().flatten();
                        let purposes = purposes.copied().collect();
                        let refused =
                            Refused { action: answer.action, resource: resource.clone(), purposes, reason };
                        if sure { denied.push(refused) } else { unsure.push(refused) }
                    }
                    continue;
                }
                Ok(None) => "IAM does not know this role".to_owned(),
                Err(error) if matches!(error.kind, Kind::AccessDenied(_)) => {
                    "IAM may not be asked (iam:SimulatePrincipalPolicy is refused)".to_owned()
                }
                Err(error) => format!("IAM can't be asked: {error}"),
            };
            return Ok(Permissions { principal, untold, ..session });
        }
        for list in [&mut denied, &mut unsure] {
            list.sort_by(|one, other| (&one.action, &one.resource).cmp(&(&other.action, &other.resource)));
        }
        Ok(Permissions { principal, denied, unsure, ..session })
    }

    /// The user or role behind an identity.
    async fn principal(connection: &Connection, identity: &Identity) -> Principal {
        let subject = identity.arn.splitn(6, ':').nth(5).unwrap_or_default();
        let (kind, rest) = subject.split_once('/').unwrap_or((subject, ""));
        match kind {
            "root" => Principal::Root,
            "user" => Principal::Known(identity.arn.clone()),
            "assumed-role" => {
                let name = rest.split('/').next().unwrap_or_default();
                // The session says nothing of the role's path.
                match connection.iam().role(name).await.unwrap_or_default() {
                    Some(role) => Principal::Known(role.arn),
                    None if name.starts_with("AWSReservedSSO_") => {
                        let why = "the path of the role can't be read (iam:GetRole)";
                        Principal::Unknown(why.to_owned())
                    }
                    None => {
                        let partition = identity.arn.split(':').nth(1).unwrap_or("aws");
                        let arn = format!("arn:{partition}:iam::{}:role/{name}", identity.account);
                        Principal::Known(arn)
                    }
                }
            }
            _ => Principal::Unknown("IAM tells nothing of federated users".to_owned()),
        }
    }
}

/// Why something is not allowed; none when it is.
fn reason(decision: &Decision) -> Option<String> {
    match decision {
        Decision::Allowed => None,
        Decision::Denied { boundary: true, .. } => {
            Some("the permissions boundary does not allow it".to_owned())
        }
        Decision::Denied { explicit: true, .. } => Some("a policy refuses it".to_owned()),
        Decision::Denied { .. } => Some("no policy allows it".to_owned()),
        Decision::Organization => {
            Some("a policy of the organization may refuse it: IAM can't evaluate its conditions".to_owned())
        }
        Decision::Conditions(keys) => Some(format!("it depends on {}", keys.join(", "))),
    }
}

/// Names of what there is, for the ARNs of questions: policies may allow things by name.
struct Places {
    env: String,
    workload: String,
    pipeline: String,
    bucket: String,
}

impl Places {
    async fn read(
        doctor: &Doctor<'_>,
        connection: &Connection,
        region: &str,
        (env, pipeline): (Option<&str>, Option<&str>),
    ) -> Result<Self> {
        let app = &doctor.app;
        let workloads = doctor.session.store().await.workloads(&app.name).await?;
        let workload = workloads.first().map(|one| one.name.as_str());
        let regional = regional(connection, &app.name, &app.account, region).await.unwrap_or_default();
        let bucket = Some(regional.artifacts.bucket).filter(|bucket| !bucket.is_empty());
        let named = |name: Option<&str>| name.unwrap_or("x").to_owned();
        Ok(Self {
            env: named(env),
            workload: named(workload),
            pipeline: named(pipeline),
            bucket: bucket.unwrap_or_else(|| format!("stackset-{}-x", app.name)),
        })
    }

    fn arn(&self, need: &Need, app: &facts::App, region: &str) -> String {
        need.arn(&Place {
            partition: partition(region),
            region,
            account: &app.account,
            app: app.name.as_str(),
            env: &self.env,
            workload: &self.workload,
            pipeline: &self.pipeline,
            bucket: &self.bucket,
            any: "x",
        })
    }
}
