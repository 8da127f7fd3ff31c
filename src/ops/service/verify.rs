//! What a deployment would meet: the checks of [`preflight`] over workloads of the workspace, before a deployment and by
//! themselves.

use std::collections::BTreeSet;

use futures_util::future::join_all;

use super::deploy::{Deploy, load_all};
use super::environment::{self, Place, Ready};
use super::features::needs;
use super::render::Loaded;
use super::topics;
use super::trial;
use crate::aws::cloudformation;
use crate::deploy::repair;
use crate::diagnostic::Source;
use crate::facts::Facts;
use crate::model::workload::{self, Workload};
use crate::name::{AppName, EnvName, WorkloadName};
use crate::ops::preflight::{self, Checked, Finding, Ground, Outcome, Verified};
use crate::ops::{Error, Result, Session, stacks};
use crate::stack::document::{environment_stack, workload_stack};
use crate::stack::workload::rule_slots;
use crate::store::parting::Parting;
use crate::workspace::Workspace;
use crate::workspace::list::Owner;

/// Looks at everything that deploying workloads rests on, and changes nothing.
///
/// # Errors
/// A faulty manifest, an environment that is not deployed, credentials that do not do: then nothing can be looked at.
pub async fn verify(session: &Session, options: &Deploy, names: &[WorkloadName]) -> Result<Verified> {
    let loaded = load_all(session, options, names).await?;
    let record = session.env(&options.app, &options.env).await?;
    let manager = session.manager(&record).await;
    let name = environment_stack(&options.app, &options.env);
    let stack = manager.cloudformation().stack(&name).await?;
    if let Some(busy) = stack.filter(cloudformation::Stack::is_in_progress) {
        // Everything else is known once it has come to its end.
        let finding = is_busy("environment", &busy.name, &busy.status);
        let checked = loaded.iter().map(|one| Checked::new(&one.model, &options.env, vec![finding.clone()]));
        return Ok(Verified { workloads: checked.collect() });
    }
    let mut place = environment::read(session, &options.app, &options.env).await?;
    place.together = topics::together(loaded.iter().map(|one| &one.model));
    let access = access(&place).await;
    let workloads = join_all(loaded.iter().map(|one| of_one(session, options, &place, one, &access))).await;
    Ok(Verified { workloads: workloads.into_iter().collect::<Result<_>>()? })
}

/// The checks that come before a deployment, of what is new or another than what is deployed. `jobs`: each with the manifest
/// that is deployed, if there is a stack.
///
/// # Errors
/// [`Error::Preflight`] when the deployment would fail.
pub(super) async fn before(
    session: &Session,
    options: &Deploy,
    place: &Place,
    jobs: &[(&Loaded, &Ready, Option<&str>)],
) -> Result<()> {
    if options.change.skip_preflight {
        return Ok(());
    }
    let mut workloads = vec![];
    for (loaded, ready, deployed) in jobs {
        let around = (&options.app, &options.env);
        let mut ground = ground(session, place, around, &loaded.model, &ready.facts);
        ground.subnets = &ready.subnets;
        ground.is_new = deployed.is_none();
        ground.before = deployed.and_then(|text| as_deployed(around, text));
        workloads.push(ground);
    }
    let workloads = join_all(workloads.iter().map(|ground| preflight::examine(ground, vec![]))).await;
    judged(session, Verified { workloads })
}

/// What checks before a deployment come to.
///
/// # Errors
/// [`Error::Preflight`] when it would fail.
pub(super) fn judged(session: &Session, verified: Verified) -> Result<()> {
    if verified.has_failed() {
        return Err(Error::Preflight(verified));
    }
    for (name, finding) in verified.with(Outcome::Warning) {
        session.warn(format!("{name}: {}. {}", finding.sentence(), finding.next.join(" ")));
    }
    // What AWS does not answer for another reason is told by `verify` alone.
    let unknown = verified.with(Outcome::NotChecked).filter(|(_, finding)| finding.is_denied());
    let unknown: Vec<String> = unknown.map(|(_, finding)| finding.sentence()).collect();
    if !unknown.is_empty() {
        session.note(format!("Not checked before the deployment: {}.", unknown.join("; ")));
    }
    Ok(())
}

/// The manifest in the template of what is deployed.
pub(super) fn deployed_manifest(document: &serde_json::Value) -> String {
    document["Metadata"]["Manifest"].as_str().unwrap_or_default().to_owned()
}

/// The workload as it was deployed; none when its manifest can't be read any more.
pub(super) fn as_deployed((app, env): (&AppName, &EnvName), text: &str) -> Option<Workload> {
    let source = Source { path: "the deployed manifest".to_owned(), text: text.to_owned() };
    Some(workload::read(&source, app, env, &|_| None).0?.model)
}

async fn of_one(
    session: &Session,
    options: &Deploy,
    place: &Place,
    loaded: &Loaded,
    access: &[Finding],
) -> Result<Checked> {
    let name = workload_stack(&options.app, &options.env, loaded.model.name());
    let mut known = access.to_vec();
    let stack = place.manager.cloudformation().stack(&name).await?;
    if let Some(busy) = stack.as_ref().filter(|stack| stack.is_in_progress()) {
        known.push(is_busy("stack", &busy.name, &busy.status));
        return Ok(Checked::new(&loaded.model, &options.env, known));
    }
    let is_new = stack.as_ref().is_none_or(|stack| stacks::is_leftover(&stack.status));
    known.push(standing(&name, stack.as_ref().map(|stack| stack.status.as_str())));
    if !is_new {
        let text = place.manager.cloudformation().template(&name).await?;
        if let Err(error) = stacks::refuse_newer(&name, text.as_deref(), false) {
            let advice = "Update wharf, or give `--allow-downgrade`.";
            known.push(Finding::failed("stack", &name, "", error.to_string()).advice(advice));
        }
    }
    let what = format!("environment {}", options.env);
    let ready = match place.prepare(session, loaded).await {
        Ok(ready) => {
            let version = if place.version().is_empty() { "without a version" } else { place.version() };
            known.push(Finding::ok("environment", what, format!("has what it needs ({version})")));
            ready
        }
        Err(Error::Interrupted) => return Err(Error::Interrupted),
        Err(Error::Aws(error)) => {
            known.push(Finding::not_checked("environment", what, &error));
            nothing_ready(options, place)
        }
        Err(error) => {
            known.push(Finding::failed("environment", what, "", error.to_string()).advice(needed(&error)));
            nothing_ready(options, place)
        }
    };
    let mut ground = ground(session, place, (&options.app, &options.env), &loaded.model, &ready.facts);
    ground.subnets = &ready.subnets;
    ground.is_new = is_new;
    let mut checked = preflight::examine(&ground, known).await;
    if options.change.try_here {
        checked.checks.extend(trial::findings(session, options, place, (loaded, &ready)).await?);
    }
    Ok(checked)
}

/// Tries workloads on this machine, before anything changes in AWS.
///
/// # Errors
/// [`Error::Preflight`] when the deployment would fail; as [`trial::trial`].
pub(super) async fn tried(
    session: &Session,
    options: &Deploy,
    place: &Place,
    jobs: &[(&Loaded, &Ready)],
) -> Result<()> {
    if !options.change.try_here || jobs.is_empty() {
        return Ok(());
    }
    let verified = Verified { workloads: trial::trial(session, options, place, jobs).await? };
    if verified.has_failed() {
        return Err(Error::Preflight(verified));
    }
    let open = [Outcome::Warning, Outcome::NotChecked].into_iter().flat_map(|outcome| verified.with(outcome));
    for (name, finding) in open {
        let said = format!("{name}: not settled by the try: {}.", finding.sentence());
        session.warn(format!("{said} {}", finding.next.join(" ")).trim_end());
        finding.lines.iter().for_each(|line| session.note(format!("{name}: {line}")));
    }
    Ok(())
}

/// What to do where the environment lacks something.
fn needed(error: &Error) -> String {
    match error {
        Error::OldEnvironment { env, .. } => format!("Run `wharf env deploy --name {env}`."),
        Error::NoTopic { service, .. } => {
            format!("Deploy {service} first, or correct `subscribe.topics` in the manifest.")
        }
        Error::NoLoadBalancer { .. } => "Correct `http.alb` in the manifest.".to_owned(),
        Error::NoSubnets { .. } => "Correct `network.vpc.placement` in the manifest.".to_owned(),
        _ => "Correct the manifest, or deploy the environment anew.".to_owned(),
    }
}

fn nothing_ready(options: &Deploy, place: &Place) -> Ready {
    let mut facts = Facts::new(options.app.clone(), options.env.clone());
    facts.env = crate::facts::Env::from(&place.record);
    Ready { facts, subnets: vec![], hosts: vec![], parting: Parting::default(), awaited: BTreeSet::new() }
}

/// A workload in its environment, as a new one.
pub(super) fn ground<'a>(
    session: &'a Session,
    place: &'a Place,
    (app, env): (&'a AppName, &'a EnvName),
    model: &'a Workload,
    facts: &'a Facts,
) -> Ground<'a> {
    let slots = match model {
        // What is wrong with an imported load balancer is told when the stack is rendered.
        Workload::Container(service) => rule_slots(service, &place.model, facts).unwrap_or_default(),
        Workload::RequestDriven(_) | Workload::StaticSite(_) => vec![],
    };
    let overrides =
        |workspace: &Workspace| workspace.overrides_folder(Owner::Workload(model.name())).is_dir();
    Ground {
        workspace: Some(session),
        manager: &place.manager,
        app,
        env,
        region: &place.record.region,
        environment: &place.model,
        features: &place.parameters,
        outputs: &place.outputs,
        exports: &place.exports,
        model,
        facts,
        subnets: &[],
        slots,
        overridden: session.workspace().is_ok_and(overrides),
        is_new: true,
        before: None,
    }
}

/// What a workload needs and the environment's template is too old for.
pub(super) fn lacking(place: &Place, model: &Workload) -> Option<Finding> {
    let feature = *needs(model).missing(&place.parameters).first()?;
    let env = &place.record.name;
    let detail = format!("can't have {feature} yet: its template is older than {}", feature.since());
    let advice = format!("Run `wharf env deploy --name {env}` to bring it up to date.");
    Some(Finding::failed("environment", format!("environment {env}"), "", detail).advice(advice))
}

/// The environment's roles. That it was read says that the manager role can be taken on.
async fn access(place: &Place) -> Vec<Finding> {
    let role = |arn: &str| arn.rsplit('/').next().unwrap_or_default().to_owned();
    let manager = format!("role {}", role(&place.record.manager_role_arn));
    let name = role(&place.record.execution_role_arn);
    let what = format!("role {name}");
    let execution = match place.manager.iam().role(&name).await {
        Ok(Some(_)) => Finding::ok("access", what, "is there, for CloudFormation"),
        Ok(None) => Finding::failed("access", what, "role", "does not exist").advice(format!(
            "Run `wharf env deploy --name {}`: the environment's stack makes it.",
            place.record.name
        )),
        Err(error) => Finding::not_checked("access", what, &error),
    };
    vec![Finding::ok("access", manager, "can be taken on"), execution]
}

fn is_busy(check: &'static str, name: &str, status: &str) -> Finding {
    Finding::failed(check, format!("stack {name}"), "stack_busy", format!("is in {status}"))
}

/// Whether a stack that nothing changes now can be updated.
pub(super) fn standing(name: &str, status: Option<&str>) -> Finding {
    let what = format!("stack {name}");
    let Some(status) = status else { return Finding::ok("stack", what, "is new") };
    if status == repair::STATUS {
        let detail = format!("is in {status}: its rollback is continued first");
        let advice = "Mend in AWS what could not be rolled back, or give it up with `--resources-to-skip`.";
        return Finding::failed("stack", what, "", detail).mild().advice(advice);
    }
    if stacks::is_leftover(status) {
        return Finding::ok("stack", what, format!("is in {status}: it is removed and made anew"));
    }
    if status == "DELETE_FAILED" {
        let advice = "Delete it in the CloudFormation console, where it says what it could not delete.";
        return Finding::failed("stack", what, "", format!("is in {status}")).advice(advice);
    }
    Finding::ok("stack", what, format!("is in {status}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stacks_that_stand_badly_are_told() {
        let seen = |status: &str| standing("shop-test-web", Some(status));
        assert_eq!(standing("shop-test-web", None).detail, "is new");
        assert_eq!(seen("UPDATE_COMPLETE").outcome, Outcome::Ok);
        assert_eq!(seen("ROLLBACK_COMPLETE").outcome, Outcome::Ok);
        assert_eq!(seen("UPDATE_ROLLBACK_FAILED").outcome, Outcome::Warning);
        assert_eq!(seen("DELETE_FAILED").outcome, Outcome::Failed);
        assert_eq!(is_busy("stack", "shop-test-web", "UPDATE_IN_PROGRESS").code, "stack_busy");
    }
}
