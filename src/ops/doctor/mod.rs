//! What there is of an application in AWS, whoever deployed it, and what a takeover would do to it. Reads only.
//!
//! [`permissions`]: what may not be done; [`runtime`]: dates on which functions age; [`stack_set`]: the application's
//! StackSet; [`advice`]: what is stuck, what was never deployed; `kind`: what a stack is; `page`: how it reads.

pub mod advice;
mod kind;
mod page;
pub mod permissions;
pub mod runtime;
pub mod stack_set;

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::Serialize;

use super::app::upgrade::Upgrade;
use super::stacks::{is_ours, refuse_newer, version_of};
use super::takeover::Takeover;
use super::{Error, Result, Session, app, env, service};
use crate::aws::cloudformation::Stack;
use crate::aws::{self, Connection, Kind};
use crate::deploy::Pauses;
use crate::facts;
use crate::name::{AppName, WorkloadName};
use crate::ops::package::Findings;
use crate::stack::app::roles_stack_name;
use crate::stack::infrastructure::stack_set_name;
use crate::store;
use crate::takeover::machinery;
use crate::workspace;
use crate::yaml::template;
use kind::{functions, is_nobodys, role};
use runtime::Retirement;

/// What to examine.
#[derive(Debug, Clone)]
pub struct Options {
    /// The application.
    pub app: AppName,
    /// Whether CloudFormation looks for drift, which starts something in AWS.
    pub drift: bool,
}

/// What was found.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// The application.
    pub app: String,
    /// Its 12-digit account.
    pub account: String,
    /// The region of its records.
    pub region: String,
    /// Its StackSet; absent when there is none, or it can't be read.
    pub stack_set: Option<stack_set::Examined>,
    /// Its stacks: the application's own, environments, services and jobs, pipelines, tasks. Tasks that were run outside of
    /// environments belong to no application: those in its regions are listed, too.
    pub stacks: Vec<Examined>,
    /// Services and jobs of the workspace that are not deployed, by name and environment.
    pub not_deployed: Vec<advice::Undeployed>,
    /// Actions that were refused, sorted; what they would have shown is missing.
    pub missing_permissions: Vec<String>,
    /// What may not be done with the application, told before it is tried.
    pub permissions: permissions::Permissions,
}

/// How good it stands with a stack.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Health {
    /// Nothing to do.
    Good,
    /// Something to know or to do.
    Attention,
    /// Something to mend.
    Bad,
}

/// A stack, examined.
#[derive(Debug, Clone, Serialize)]
pub struct Examined {
    /// Its name.
    pub stack: String,
    /// `application`, `environment`, `workload`, `pipeline` or `task`.
    pub kind: &'static str,
    /// What it is for people, such as `service api in test`.
    #[serde(skip)]
    pub title: String,
    /// What has to come before its deployment.
    #[serde(skip)]
    pub needs: Needs,
    /// Name of its environment, workload, pipeline or task; empty for the application's own.
    pub name: String,
    /// Its environment; empty outside of environments.
    pub environment: String,
    /// Its 12-digit account.
    pub account: String,
    /// Its region.
    pub region: String,
    /// Its status, such as `UPDATE_COMPLETE`.
    pub status: String,
    /// Version in its template's metadata; empty when it says none.
    pub version: String,
    /// `copilot` or `wharf`.
    pub made_by: &'static str,
    /// Logical ids of its custom resources.
    pub custom_resources: Vec<String>,
    /// Its Lambda functions.
    pub functions: Vec<Function>,
    /// What a takeover would do; absent where none is due or where it can't be told.
    pub takeover: Option<Takeover>,
    /// Of the application's own stack: what `wharf app upgrade` would do to it. Absent where it would do nothing, and of all
    /// others.
    pub upgrade: Option<Upgrade>,
    /// Resources that somebody changed behind CloudFormation's back; absent when that was not looked for.
    pub drifted: Option<Vec<String>>,
    /// What is worth knowing, a sentence each without a period.
    pub findings: Vec<String>,
    /// How good it stands.
    pub health: Health,
    /// What that means, and what to do.
    pub verdict: String,
}

/// What has to come before a stack's next deployment.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Needs {
    /// Nothing.
    #[default]
    Nothing,
    /// An environment of wharf's: Copilot's can't look after its host names.
    Environment,
    /// A manifest in this workspace.
    Manifest,
    /// A newer version of wharf.
    Upgrade,
}

/// A Lambda function of a stack.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Function {
    /// Its logical id.
    pub id: String,
    /// Its runtime.
    pub runtime: String,
    /// When AWS retires the runtime; absent for a runtime that is not known.
    pub retirement: Option<Retirement>,
}

/// What would be deployed over a stack.
#[derive(Debug, Default)]
pub(super) struct Foreseen {
    /// What taking it over does; none when there is nothing to take over.
    pub takeover: Option<Takeover>,
    /// The manifest's text after interpolation.
    pub manifest: String,
    /// What is to be said of the manifest.
    pub findings: Vec<Findings>,
    /// Whether the environment has to be taken over first.
    pub after_environment: bool,
}

/// Examines an application.
///
/// # Errors
/// It does not exist, or its records can't be read. What is refused on the way is in the report.
pub async fn examine(session: &Session, options: &Options) -> Result<Report> {
    let app = &options.app;
    let record = session.app(app).await?;
    let connection = session.aws().await;
    let mut doctor = Doctor {
        session,
        options,
        app: facts::App::from(&record),
        denied: BTreeSet::new(),
        managers: vec![],
    };
    let home = connection.region_name().await?;
    let set = doctor.stack_set(connection).await?;
    let environments = session.store().await.environments(app).await?;
    let mut regions: BTreeSet<String> =
        set.iter().flat_map(|set| &set.instances).map(|instance| instance.region.clone()).collect();
    let here = environments.iter().filter(|environment| environment.account_id == record.account);
    regions.extend(here.map(|environment| environment.region.clone()));
    regions.remove(&home);
    let mut stacks = doctor.stacks_of(connection, None).await?;
    for region in regions {
        stacks.extend(doctor.stacks_of(&connection.region(&region), None).await?);
    }
    for environment in &environments {
        let manager = session.manager(environment).await;
        stacks.extend(doctor.stacks_of(&manager, Some(environment)).await?);
    }
    let first = environments.first().map(|environment| environment.name.as_str());
    let permissions = doctor.permissions(connection, &home, first, &stacks).await?;
    Ok(Report {
        app: app.to_string(),
        account: record.account,
        region: home,
        stack_set: set,
        not_deployed: advice::undeployed(session, app, &stacks),
        stacks,
        missing_permissions: doctor.denied.into_iter().collect(),
        permissions,
    })
}

struct Doctor<'a> {
    session: &'a Session,
    options: &'a Options,
    app: facts::App,
    denied: BTreeSet<String>,
    /// Manager roles that may do too little.
    managers: Vec<permissions::Manager>,
}

impl Doctor<'_> {
    /// The value, or nothing and a note when it was refused.
    fn allowed<T>(&mut self, result: std::result::Result<T, aws::Error>) -> Result<Option<T>> {
        match result {
            Ok(value) => Ok(Some(value)),
            Err(error) => match &error.kind {
                Kind::AccessDenied(denied) => {
                    let action = match denied.action.as_str() {
                        "" => error.to_string(),
                        action => action.to_owned(),
                    };
                    self.denied.insert(action);
                    Ok(None)
                }
                _ => Err(error.into()),
            },
        }
    }

    /// The StackSet with its instances and what is being done to it.
    async fn stack_set(&mut self, connection: &Connection) -> Result<Option<stack_set::Examined>> {
        let door = connection.cloudformation();
        let name = stack_set_name(&self.options.app);
        let Some(set) = self.allowed(door.stack_set(&name).await)?.flatten() else { return Ok(None) };
        let instances = self.allowed(door.stack_instances(&name, None, None).await)?.unwrap_or_default();
        let operations = self.allowed(door.stack_set_operations(&name).await)?.unwrap_or_default();
        let lagging = app::upgrade::lagging(connection, &self.app, &instances).await;
        let lagging = self.allowed(lagging)?.unwrap_or_default();
        let now = Timestamp::now();
        stack_set::examined(&self.app, set, (instances, &lagging), operations, now).map(Some)
    }

    /// Stacks of an environment, or those outside of environments in a region of the application's account.
    async fn stacks_of(
        &mut self,
        connection: &Connection,
        environment: Option<&store::Environment>,
    ) -> Result<Vec<Examined>> {
        let mut found = self.allowed(connection.cloudformation().stacks().await)?.unwrap_or_default();
        found.retain(|stack| {
            let tag = |key: &str| stack.tags.get(key).map(String::as_str);
            let ours = tag("copilot-application") == Some(self.options.app.as_str())
                && tag("copilot-environment") == environment.map(|environment| environment.name.as_str());
            (ours || (is_nobodys(stack) && environment.is_none()))
                && stack.parent_id.is_empty()
                && stack.status != "DELETE_COMPLETE"
        });
        found.sort_by(|one, other| (one.name.len(), &one.name).cmp(&(other.name.len(), &other.name)));
        let mut examined = vec![];
        for stack in found {
            examined.push(self.examined(connection, &stack, environment).await?);
        }
        Ok(examined)
    }

    async fn examined(
        &mut self,
        connection: &Connection,
        stack: &Stack,
        environment: Option<&store::Environment>,
    ) -> Result<Examined> {
        let text = self.allowed(connection.cloudformation().template(&stack.name).await)?.flatten();
        let text = text.unwrap_or_default();
        let document = template::parse(&text).unwrap_or_default();
        let version = version_of(&text).unwrap_or_default();
        let ours = is_ours(&version);
        let place = crate::takeover::known::Known::of_stack(&stack.id);
        let (kind, name, title) = role(stack, environment, &document);
        let mut examined = Examined {
            stack: stack.name.clone(),
            kind,
            title,
            needs: Needs::Nothing,
            name,
            environment: environment.map(|environment| environment.name.to_string()).unwrap_or_default(),
            account: place.account,
            region: place.region,
            status: stack.status.clone(),
            version,
            made_by: if ours { "wharf" } else { "copilot" },
            custom_resources: machinery::custom_resources(&document).map(|(id, _)| id.to_owned()).collect(),
            functions: functions(&document),
            takeover: None,
            upgrade: None,
            drifted: None,
            findings: vec![],
            health: Health::Good,
            verdict: String::new(),
        };
        let is_roles = stack.name == roles_stack_name(&self.options.app);
        if is_roles && is_at_rest(&stack.status) && !text.is_empty() {
            examined.upgrade = app::upgrade::of_deployed_roles(&self.app, stack, &text)?;
        }
        if let Err(error) = refuse_newer(&stack.name, Some(&text), false) {
            examined.findings.push(error.to_string());
            examined.needs = Needs::Upgrade;
        }
        let foreseen = match environment {
            Some(environment) if is_at_rest(&stack.status) => self.foreseen(&mut examined, environment).await,
            _ => None,
        };
        if let Some(foreseen) = foreseen {
            examined.findings.extend(advice::about_manifest(&document, &foreseen));
            if foreseen.after_environment {
                examined
                    .findings
                    .push("an environment of Copilot's can't look after its host names".to_owned());
                examined.needs = Needs::Environment;
            }
            examined.takeover = foreseen.takeover;
        }
        if let (Some(environment), "environment") = (environment, examined.kind) {
            self.about_manager(&mut examined, environment, &document);
        }
        if is_nobodys(stack) {
            examined
                .findings
                .push("it was run outside of environments and belongs to no application".to_owned());
        }
        if self.options.drift && is_at_rest(&stack.status) {
            examined.drifted = self.drift(connection, &stack.name).await?;
        }
        judge(&mut examined);
        Ok(examined)
    }

    /// What would be deployed; none, with a finding, when that can't be told.
    async fn foreseen(
        &mut self,
        examined: &mut Examined,
        environment: &store::Environment,
    ) -> Option<Foreseen> {
        let (session, app) = (self.session, &self.options.app);
        let result = match examined.kind {
            "environment" => env::foresee(session, app, &environment.name).await,
            "workload" => match WorkloadName::new(examined.name.as_str()) {
                Ok(name) => service::foresee(session, app, &environment.name, &name).await,
                Err(_) => return None,
            },
            _ => return None,
        };
        match result {
            Ok(foreseen) => Some(foreseen),
            Err(Error::Manifest(findings)) => {
                examined.findings.extend(advice::shown(std::slice::from_ref(&findings)));
                None
            }
            Err(Error::Workspace(workspace::Error::NoManifest { path, .. })) => {
                examined.findings.push(format!("it has no manifest here: {} does not exist", path.display()));
                examined.needs = Needs::Manifest;
                None
            }
            Err(error) => {
                if let Error::Aws(aws::Error { kind: Kind::AccessDenied(denied), .. }) = &error {
                    self.denied.insert(denied.action.clone());
                }
                examined.findings.push(format!("what a deployment does can't be told: {error}"));
                None
            }
        }
    }

    async fn drift(&mut self, connection: &Connection, stack: &str) -> Result<Option<Vec<String>>> {
        let door = connection.cloudformation();
        let Some(id) = self.allowed(door.detect_drift(stack).await)? else { return Ok(None) };
        let mut pauses = Pauses::new(self.session.inputs.polling);
        loop {
            self.session.check_interrupt()?;
            let Some((status, _)) = self.allowed(door.drift_detection(&id).await)? else { return Ok(None) };
            match status.as_str() {
                "DETECTION_IN_PROGRESS" => pauses.wait().await,
                // Of a failed search some resources are known all the same.
                _ => break,
            }
        }
        let Some(drifted) = self.allowed(door.drifted(stack).await)? else { return Ok(None) };
        let line = |one: aws::cloudformation::drift::Drifted| match one.properties.is_empty() {
            true => format!("{} is {}", one.logical_id, one.status.to_lowercase()),
            false => format!("{}: {}", one.logical_id, one.properties.join(", ")),
        };
        Ok(Some(drifted.into_iter().map(line).collect()))
    }
}

/// Whether a stack in this status can be updated.
pub(super) fn is_at_rest(status: &str) -> bool {
    matches!(
        status,
        "CREATE_COMPLETE"
            | "UPDATE_COMPLETE"
            | "UPDATE_ROLLBACK_COMPLETE"
            | "IMPORT_COMPLETE"
            | "IMPORT_ROLLBACK_COMPLETE"
    )
}

/// The verdict: what the stack's state means for its next deployment.
fn judge(examined: &mut Examined) {
    let (health, verdict) = verdict(examined);
    examined.health = health;
    examined.verdict = verdict;
}

fn verdict(examined: &Examined) -> (Health, String) {
    if let Some(stuck) = advice::stuck(examined) {
        return (Health::Bad, stuck);
    }
    if examined.status.ends_with("_IN_PROGRESS") {
        return (Health::Attention, "is being changed: look again when that is done".to_owned());
    }
    let drifted = examined.drifted.as_ref().is_some_and(|drifted| !drifted.is_empty());
    match (&examined.takeover, examined.made_by) {
        (Some(takeover), _) if !takeover.comparison.is_safe() => {
            let problem = takeover.problems().into_iter().next().unwrap_or_default();
            (Health::Bad, format!("can't be taken over as it is: {problem}"))
        }
        (Some(takeover), _) if takeover.begun => {
            (Health::Attention, "is half taken over: the next deployment finishes it".to_owned())
        }
        (Some(_), _) if examined.needs == Needs::Environment => (
            Health::Attention,
            format!(
                "is ready once `wharf env deploy --name {}` has taken its environment over",
                examined.environment
            ),
        ),
        (Some(_), _) => {
            (Health::Attention, "is ready: the next deployment takes it over in two updates".to_owned())
        }
        // Of a newer version's is said more below.
        (None, _)
            if examined.needs != Needs::Upgrade
                && examined.upgrade.as_ref().is_some_and(Upgrade::is_refused) =>
        {
            let problems = examined.upgrade.iter().flat_map(|upgrade| &upgrade.problems);
            let problem = problems.map(|problem| problem.what.as_str()).next().unwrap_or_default();
            (Health::Bad, format!("can't be upgraded as it is: {problem}"))
        }
        (None, _) if drifted => (Health::Bad, "has drifted: see above".to_owned()),
        (None, _) if examined.needs == Needs::Upgrade => {
            (Health::Attention, "is a newer wharf's: upgrade this one before you deploy".to_owned())
        }
        (None, "wharf") if examined.upgrade.is_some() => {
            (Health::Attention, "is not as this version has it: `wharf app upgrade` mends that".to_owned())
        }
        (None, "wharf") => (Health::Good, "is wharf's: nothing to take over".to_owned()),
        (None, _) if examined.needs == Needs::Manifest => (
            Health::Attention,
            format!(
                "has no manifest here and goes on as it is: `wharf svc show --name {} --manifest {}` prints the deployed one",
                examined.name, examined.environment
            ),
        ),
        (None, _) if examined.findings.iter().any(|text| text.contains("can't be told")) => {
            (Health::Attention, "can't be judged: see above".to_owned())
        }
        (None, _) if examined.custom_resources.is_empty() => match examined.kind {
            "task" => (Health::Good, "is a task: nothing to take over".to_owned()),
            "application" if examined.stack.starts_with("StackSet-") => {
                (Health::Good, "is one of the StackSet: it changes with that".to_owned())
            }
            "application" => {
                (Health::Attention, "is Copilot's: `wharf app upgrade` brings it up to date".to_owned())
            }
            _ => (Health::Attention, "is Copilot's: the next deployment updates it in place".to_owned()),
        },
        (None, _) => (Health::Attention, "is Copilot's: it goes on as it is".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::takeover::compare::{Comparison, Fate, Verdict};

    fn examined(status: &str, made_by: &'static str) -> Examined {
        Examined {
            stack: "shop-test".into(),
            kind: "environment",
            title: "Environment test".into(),
            needs: Needs::Nothing,
            name: "test".into(),
            environment: "test".into(),
            account: "123456789012".into(),
            region: "eu-west-1".into(),
            status: status.into(),
            version: "v1.33.4".into(),
            made_by,
            custom_resources: vec![],
            functions: vec![],
            takeover: None,
            drifted: None,
            upgrade: None,
            findings: vec![],
            health: Health::Good,
            verdict: String::new(),
        }
    }

    fn takeover(begun: bool, verdict: Verdict) -> Option<Takeover> {
        let fate =
            Fate { id: "Logs".into(), kind: "AWS::Logs::LogGroup".into(), verdict, properties: vec![] };
        Some(Takeover {
            stack: "shop-test".into(),
            title: "environment test".into(),
            version: "v1.33.4".into(),
            begun,
            comparison: Comparison { resources: vec![fate], lost_exports: vec![] },
            lives_on: Default::default(),
        })
    }

    fn upgrade(problems: &[&str]) -> Option<Upgrade> {
        let problem = |what: &&str| app::upgrade::Problem { what: (*what).to_owned(), next: String::new() };
        let problems = problems.iter().map(problem).collect();
        Some(Upgrade { template_version: "v1.2.0".into(), to: "v2.0.0".into(), stacks: vec![], problems })
    }

    #[test]
    fn every_state_has_its_verdict() {
        let fine = || examined("UPDATE_COMPLETE", "copilot");
        let told = |examined: Examined| {
            let (health, verdict) = verdict(&examined);
            format!("{health:?}: {verdict}")
        };
        let lines = [
            told(examined("UPDATE_ROLLBACK_FAILED", "copilot")),
            told(examined("UPDATE_IN_PROGRESS", "copilot")),
            told(Examined { takeover: takeover(false, Verdict::Machinery), ..fine() }),
            told(Examined { takeover: takeover(true, Verdict::Machinery), ..fine() }),
            told(Examined { takeover: takeover(false, Verdict::Lost), ..fine() }),
            told(Examined { drifted: Some(vec!["Service".into()]), ..fine() }),
            told(examined("UPDATE_COMPLETE", "wharf")),
            told(Examined { findings: vec!["what a deployment does can't be told: x".into()], ..fine() }),
            told(Examined { kind: "application", ..fine() }),
            told(Examined { kind: "application", stack: "StackSet-shop-infrastructure-1".into(), ..fine() }),
            told(Examined { kind: "application", upgrade: upgrade(&[]), ..fine() }),
            told(Examined { kind: "application", upgrade: upgrade(&["Zone would be lost"]), ..fine() }),
            told(Examined {
                kind: "application",
                upgrade: upgrade(&[]),
                ..examined("UPDATE_COMPLETE", "wharf")
            }),
            told(Examined {
                needs: Needs::Environment,
                takeover: takeover(false, Verdict::Machinery),
                ..fine()
            }),
            told(Examined { needs: Needs::Manifest, kind: "workload", name: "api".into(), ..fine() }),
            told(Examined { needs: Needs::Upgrade, ..examined("UPDATE_COMPLETE", "wharf") }),
            told(examined("REVIEW_IN_PROGRESS", "copilot")),
            told(examined("ROLLBACK_COMPLETE", "copilot")),
            told(examined("UPDATE_FAILED", "wharf")),
            told(examined("DELETE_FAILED", "wharf")),
            told(Examined { kind: "pipeline", ..examined("ROLLBACK_COMPLETE", "wharf") }),
            told(fine()),
            told(Examined { custom_resources: vec!["Own".into()], ..fine() }),
        ];
        insta::assert_snapshot!(lines.join("\n"), @r"
        Bad: is stuck in UPDATE_ROLLBACK_FAILED: the next deployment continues its rollback before it changes anything
        Attention: is being changed: look again when that is done
        Attention: is ready: the next deployment takes it over in two updates
        Attention: is half taken over: the next deployment finishes it
        Bad: can't be taken over as it is: Logs (AWS::Logs::LogGroup) of shop-test would be lost
        Bad: has drifted: see above
        Good: is wharf's: nothing to take over
        Attention: can't be judged: see above
        Attention: is Copilot's: `wharf app upgrade` brings it up to date
        Good: is one of the StackSet: it changes with that
        Attention: is Copilot's: `wharf app upgrade` brings it up to date
        Bad: can't be upgraded as it is: Zone would be lost
        Attention: is not as this version has it: `wharf app upgrade` mends that
        Attention: is ready once `wharf env deploy --name test` has taken its environment over
        Attention: has no manifest here and goes on as it is: `wharf svc show --name api --manifest test` prints the deployed one
        Attention: is a newer wharf's: upgrade this one before you deploy
        Bad: never came to be: the next deployment makes it
        Bad: never came to be (ROLLBACK_COMPLETE): the next deployment removes what is left and makes it anew
        Bad: was left as it failed (UPDATE_FAILED): the next deployment goes on from there
        Bad: is stuck in DELETE_FAILED: delete it again, which says what is in the way
        Bad: is stuck in ROLLBACK_COMPLETE: mend it first
        Attention: is Copilot's: the next deployment updates it in place
        Attention: is Copilot's: it goes on as it is
        ");
    }
}
