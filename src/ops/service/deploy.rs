//! Deploying services: one, or several side by side.
//!
//! Every manifest is read and every fact is known before anything changes. Then images are built and pushed, the
//! environment gets what the services need on demand, in one update, and the stacks change side by side. A service that fails
//! does not stop the others.

use std::collections::BTreeMap;

use futures_util::future::join_all;
use futures_util::{StreamExt, TryStreamExt, stream};

use super::environment::{self, Place, Ready, Taken};
use super::render::{self, Around, Loaded};
use super::site::{self, Publishing};
use super::{plan as planning, release, request_driven, restart};
use crate::deploy::Failure;
use crate::deploy::failure::RULE_PRIORITY;
use crate::deploy::stack::Applied;
use crate::describe;
use crate::model::workload::Workload;
use crate::name::{AppName, EnvName, WorkloadName};
use crate::ops::doctor::Foreseen;
use crate::ops::plan;
use crate::ops::stacks::{self, Change, Target};
use crate::ops::takeover::{self, Takeover};
use crate::ops::{Error, Report, Result, Session};
use crate::stack::Stack;
use crate::stack::document::workload_stack;
use crate::stack::workload::Priorities;

/// How services are deployed.
#[derive(Debug, Clone)]
pub struct Deploy {
    /// Their application.
    pub app: AppName,
    /// The environment.
    pub env: EnvName,
    /// Tag of the images instead of the git commit.
    pub tag: Option<String>,
    /// Tags of all resources besides the application's.
    pub resource_tags: BTreeMap<String, String>,
    /// Whether tasks start anew when nothing changed.
    pub force: bool,
    /// How stacks are changed.
    pub change: Change,
}

/// Services that are deployed side by side.
pub type Group = Vec<WorkloadName>;

/// Sorts `NAME` and `NAME/ORDER` into groups that follow one another; names without an order come last.
///
/// # Errors
/// A name that is none, an order that is no number.
pub fn groups(names: &[String]) -> Result<Vec<Group>> {
    let mut sorted: BTreeMap<u64, Group> = BTreeMap::new();
    for text in names {
        let (name, order) = match text.split_once('/') {
            Some((name, order)) => {
                let order = order.parse().map_err(|_| {
                    Error::Usage(format!("{text:?}: what follows the slash is the order, a number from 0 on"))
                })?;
                (name, order)
            }
            None => (text.as_str(), u64::MAX),
        };
        let name = WorkloadName::new(name).map_err(|error| Error::Usage(format!("{name:?}: {error}")))?;
        let group = sorted.entry(order).or_default();
        if !group.contains(&name) {
            group.push(name);
        }
    }
    Ok(sorted.into_values().collect())
}

/// A service on its way.
struct Job {
    loaded: Loaded,
    ready: Ready,
    /// The files of a workload that is a site.
    site: Option<Publishing>,
    /// Of a stack that is taken over: what is to be deployed, with images as they are foreseen.
    taken_over: Option<Stack>,
    /// The certificate that wharf manages for it alone.
    certificate: Option<String>,
}

/// Deploys a group of services side by side.
///
/// # Errors
/// A faulty manifest, an environment that is not deployed, a failed build: before any stack changes. A failed deployment:
/// after all services of the group came to their end.
pub async fn deploy(session: &Session, options: &Deploy, names: &[WorkloadName]) -> Result<Report> {
    let loaded = load_all(session, options, names).await?;
    let mut place = environment::read(session, &options.app, &options.env).await?;
    let mut jobs = vec![];
    let (mut due, mut risks) = (vec![], vec![]);
    let looks = loaded.iter().map(|loaded| look(session, options, &place, loaded));
    let looked: Vec<Look> = stream::iter(looks).buffered(LOOKS_AT_ONCE).try_collect().await?;
    for (loaded, Look { deployed, ready, site }) in loaded.into_iter().zip(looked) {
        if let Some(site) = &site {
            session.note(format!("{} in {}: {}.", loaded.model.name(), options.env, site.sentence()));
        }
        let mut job = Job { loaded, ready, site, taken_over: None, certificate: None };
        if let Some(deployed) = deployed {
            if deployed.has_custom_resources() {
                due.extend(judge(session, options, &place, &mut job, &deployed).await?);
            }
            // A takeover is judged more strictly: it replaces and loses nothing at all.
            if job.taken_over.is_none() {
                let (loaded, ready) = (&job.loaded, &job.ready);
                risks.extend(planning::risks(session, options, &place, loaded, ready, &deployed).await?);
            }
        }
        jobs.push(job);
    }
    takeover::gate(&due, options.change.takeover)?;
    plan::gate(risks, &options.change.allow_replace)?;
    for job in &jobs {
        session.report_findings(std::slice::from_ref(&job.loaded.findings));
        session.report_findings(&job.loaded.addons.findings);
    }
    for result in
        join_all(jobs.iter_mut().map(|job| {
            place.artifacts(session, &job.loaded, &mut job.ready.facts, options.tag.as_deref(), true)
        }))
        .await
    {
        result?;
    }
    session.check_interrupt()?;
    for result in join_all(jobs.iter().map(|job| secure(session, options, &place, job))).await {
        result?;
    }
    let services: Vec<&Loaded> = jobs.iter().map(|job| &job.loaded).collect();
    place.switch_on(session, &services, &options.change).await?;
    for job in &mut jobs {
        job.certificate = place.certificate(session, &job.loaded, &job.ready.facts).await?;
    }
    let mut taken = Taken::new();
    let mut stacks = vec![];
    for job in &jobs {
        let priorities = place.priorities(&job.loaded, &job.ready.facts, &mut taken).await?;
        stacks.push(
            stack_of(
                session,
                options,
                &place,
                (&job.loaded, &job.ready, job.certificate.as_deref()),
                &priorities,
            )
            .await?,
        );
    }
    let results = join_all(
        jobs.iter().zip(stacks).map(|(job, stack)| settle(session, options, &place, job, stack, &taken)),
    )
    .await;
    let mut report = Report::default();
    let mut failures = vec![];
    for (job, result) in jobs.iter().zip(results) {
        let name = job.loaded.model.name();
        let result = match result {
            // A stack that still changes has not let go of what it does not need any more: the next deployment tidies up.
            Ok(one) if !options.change.detach => finish(session, options, &mut place, job, one).await,
            result => result,
        };
        match result {
            Ok(one) => {
                report.done.extend(one.done);
                report.urls.extend(one.urls);
                report.next.extend(one.next);
            }
            Err(error) => failures.push((name.clone(), error)),
        }
    }
    match (failures.len(), jobs.len()) {
        (0, _) => Ok(report),
        (_, 1) => Err(failures.remove(0).1),
        _ => Err(Error::Several { done: report, failures }),
    }
}

/// Reads the manifests of services that are registered.
pub(super) async fn load_all(
    session: &Session,
    options: &Deploy,
    names: &[WorkloadName],
) -> Result<Vec<Loaded>> {
    let mut loaded = vec![];
    for name in names {
        loaded.push(render::load(session, &options.app, name, &options.env)?);
    }
    let store = session.store().await;
    let records = loaded.iter().map(|service| store.workload(&options.app, service.model.name()));
    stream::iter(records).buffered(LOOKS_AT_ONCE).try_collect::<Vec<_>>().await?;
    Ok(loaded)
}

/// Services that are looked at side by side.
const LOOKS_AT_ONCE: usize = 8;

/// What there is of a service before anything changes.
struct Look {
    deployed: Option<takeover::Deployed>,
    ready: Ready,
    site: Option<Publishing>,
}

/// Looks at what is deployed of a service, once for all that need it.
async fn look(session: &Session, options: &Deploy, place: &Place, loaded: &Loaded) -> Result<Look> {
    let stack = workload_stack(&options.app, &options.env, loaded.model.name());
    let deployed = takeover::deployed(session, &place.manager, &stack).await?;
    let text = deployed.as_ref().map(|deployed| deployed.text.as_str());
    stacks::refuse_newer(&stack, text, options.change.allow_downgrade)?;
    if let Workload::RequestDriven(service) = &loaded.model {
        request_driven::refuse_other_tags(service, text)?;
    }
    let ready = place.ready(session, loaded, deployed.as_ref().map(|deployed| &deployed.stack)).await?;
    place.check_hosts(&loaded.model)?;
    let site = site::prepare(session, place, loaded, &ready.facts).await?;
    Ok(Look { deployed, ready, site })
}

/// What deploying a service would do. Nothing is built or uploaded.
pub(in crate::ops) async fn foresee(
    session: &Session,
    app: &AppName,
    env: &EnvName,
    name: &WorkloadName,
) -> Result<Foreseen> {
    let options = Deploy {
        app: app.clone(),
        env: env.clone(),
        tag: None,
        resource_tags: BTreeMap::new(),
        force: false,
        change: Change::default(),
    };
    let loaded = render::load(session, app, name, env)?;
    let place = environment::read(session, app, env).await?;
    let ready = place.prepare(session, &loaded).await?;
    let mut job = Job { loaded, ready, site: None, taken_over: None, certificate: None };
    let stack = workload_stack(app, env, name);
    let due = match takeover::deployed(session, &place.manager, &stack).await? {
        Some(deployed) => judge(session, &options, &place, &mut job, &deployed).await?,
        None => None,
    };
    let Loaded { raw, findings, addons, .. } = job.loaded;
    Ok(Foreseen {
        takeover: due,
        manifest: raw,
        findings: std::iter::once(findings).chain(addons.findings).collect(),
    })
}

/// What laying a service's new stack over the deployed one means, when that is a takeover. Nothing is built or uploaded.
async fn judge(
    session: &Session,
    options: &Deploy,
    place: &Place,
    job: &mut Job,
    deployed: &takeover::Deployed,
) -> Result<Option<Takeover>> {
    let mut ready = job.ready.clone();
    place.artifacts(session, &job.loaded, &mut ready.facts, options.tag.as_deref(), false).await?;
    let priorities = place.priorities(&job.loaded, &ready.facts, &mut Taken::new()).await?;
    let wanted = stack_of(session, options, place, (&job.loaded, &ready, None), &priorities).await?;
    let due = takeover::judge(
        &place.manager,
        deployed,
        &wanted,
        &title(options, job),
        (&place.outputs, &place.exports),
    )
    .await?;
    job.taken_over = due.is_some().then_some(wanted);
    Ok(due)
}

/// The first update of a stack that is taken over.
async fn secure(session: &Session, options: &Deploy, place: &Place, job: &Job) -> Result<()> {
    let Some(wanted) = &job.taken_over else { return Ok(()) };
    let title = title(options, job);
    takeover::secure(session, &place.manager, wanted, &target(options, place, job, &title)).await
}

fn title(options: &Deploy, job: &Job) -> String {
    format!("{} {} in {}", job.loaded.model.noun(), job.loaded.model.name(), options.env)
}

fn target<'a>(options: &Deploy, place: &'a Place, job: &'a Job, title: &'a str) -> Target<'a> {
    Target {
        role_arn: Some(&place.record.execution_role_arn),
        bucket: Some((&job.ready.facts.artifacts.bucket, &place.record.region)),
        change: options.change.clone(),
        ..Target::new(title)
    }
}

/// Once a service's stack is deployed: its names lead to it, and the environment lets go of what it does not need any more.
/// Its report may have an address more.
async fn finish(
    session: &Session,
    options: &Deploy,
    place: &mut Place,
    job: &Job,
    mut report: Report,
) -> Result<Report> {
    let name = job.loaded.model.name();
    place.settle_names(session, &job.loaded, &job.ready, job.certificate.as_deref()).await?;
    place.switch_off(session, name, &job.loaded).await?;
    if matches!(job.loaded.model, Workload::RequestDriven(_)) {
        report.urls = addresses(place, &options.app, &options.env, name).await?;
    }
    Ok(report)
}

/// A service's stack with the tags that were asked for.
pub(super) async fn stack_of(
    session: &Session,
    options: &Deploy,
    place: &Place,
    (loaded, ready, certificate): (&Loaded, &Ready, Option<&str>),
    priorities: &Priorities,
) -> Result<Stack> {
    let around = Around {
        environment: &place.model,
        facts: &ready.facts,
        priorities,
        subnets: &ready.subnets,
        certificate,
    };
    let mut stack = render::render(session, loaded, &around).await?;
    let own = stack.tags.clone();
    stack.tags.extend(options.resource_tags.clone());
    stack.tags.extend(own.into_iter().filter(|(key, _)| key.starts_with("copilot-")));
    Ok(stack)
}

/// Deploys a service's stack; when somebody else took the priority of one of its listener rules meanwhile, once more with
/// another one.
async fn settle(
    session: &Session,
    options: &Deploy,
    place: &Place,
    job: &Job,
    mut stack: Stack,
    taken: &Taken,
) -> Result<Report> {
    let name = job.loaded.model.name();
    for _ in 0..MORE_TRIES {
        match apply(session, options, place, job, &stack).await {
            Err(error) if is_priority_in_use(&error) && !options.change.no_rollback => {}
            result => return result,
        }
        session.check_interrupt()?;
        session.note(format!(
            "A priority among the listener rules of {name} was taken meanwhile; trying again with a free one."
        ));
        let mut taken = place.with_new_rules(taken).await?;
        let priorities = place.priorities(&job.loaded, &job.ready.facts, &mut taken).await?;
        stack = stack_of(
            session,
            options,
            place,
            (&job.loaded, &job.ready, job.certificate.as_deref()),
            &priorities,
        )
        .await?;
    }
    apply(session, options, place, job, &stack).await
}

/// Tries after the first one when priorities of listener rules are taken by others.
const MORE_TRIES: u32 = 2;

fn is_priority_in_use(error: &Error) -> bool {
    matches!(error, Error::Deploy(failure)
        if matches!(&**failure, Failure::Failed { cause, .. } if cause.code == RULE_PRIORITY))
}

async fn apply(
    session: &Session,
    options: &Deploy,
    place: &Place,
    job: &Job,
    stack: &Stack,
) -> Result<Report> {
    let name = job.loaded.model.name();
    let title = title(options, job);
    let target = target(options, place, job, &title);
    let applied = stacks::apply(session, &place.manager, stack, &target).await?;
    let mut report = Report::default();
    // A site is its files, of which a release would hold none.
    if !matches!(applied, Applied::Started { .. }) && job.site.is_none() {
        release::keep(session, place, stack, &job.ready.facts.images).await;
    }
    match applied {
        Applied::Started { .. } => {
            report.done.push(format!("CloudFormation has begun to deploy {name} to {}.", options.env));
            let env = &options.env;
            report.next.push(format!("Run `wharf watch --name {name} --env {env}` to follow it."));
            if job.site.is_some() {
                report.next.push(format!(
                    "Run `wharf svc deploy --name {name} --env {}` once it is done: it uploads the files.",
                    options.env
                ));
            }
            return Ok(report);
        }
        applied if job.site.is_some() => {
            report.done.push(publish(session, options, place, job, &applied).await?);
        }
        // A job has no tasks that run on: every run takes the newest task definition.
        Applied::Unchanged if options.force && !job.loaded.model.is_job() => match &job.loaded.model {
            Workload::Container(_) => {
                restart::restart(session, place, &stack.name, name).await?;
                report.done.push(format!("The tasks of {name} in {} were started anew.", options.env));
            }
            Workload::RequestDriven(_) => {
                let (app, env) = (options.app.clone(), options.env.clone());
                let target = describe::Target { app, env, workload: name.clone() };
                request_driven::restart(session, &place.manager, &target).await?;
                report.done.push(format!("{name} in {} was deployed anew.", options.env));
            }
            // Its files are published after its stack, changed or not.
            Workload::StaticSite(_) => {}
        },
        Applied::Unchanged => {
            report.done.push(format!("{name} in {} is up to date: there is nothing to change.", options.env));
            if !job.loaded.model.is_job() {
                let what = if job.loaded.model.container().is_some() {
                    "starts its tasks"
                } else {
                    "deploys its image"
                };
                report.next.push(format!("`--force` {what} anew all the same."));
            }
        }
        Applied::Done { .. } => report.done.push(format!("{name} is deployed to {}.", options.env)),
    }
    report.urls = addresses(place, &options.app, &options.env, name).await?;
    Ok(report)
}

/// Publishes a site whose stack stands, and says what came of both.
async fn publish(
    session: &Session,
    options: &Deploy,
    place: &Place,
    job: &Job,
    applied: &Applied,
) -> Result<String> {
    let (name, env) = (job.loaded.model.name(), &options.env);
    let published = match &job.site {
        Some(site) => site.publish(session, place, &job.ready.facts, name).await?,
        None => None,
    };
    Ok(match (published, applied) {
        (Some(files), _) => format!("{name} is published to {env} ({files})."),
        (None, Applied::Unchanged) => format!("{name} in {env} is up to date: there is nothing to change."),
        (None, _) => format!("{name} is deployed to {env}; its files are as they were."),
    })
}

/// Addresses that answer for a service now.
pub(super) async fn addresses(
    place: &Place,
    app: &AppName,
    env: &EnvName,
    name: &WorkloadName,
) -> Result<Vec<String>> {
    let target = describe::Target { app: app.clone(), env: env.clone(), workload: name.clone() };
    Ok(describe::service::addresses(&place.manager, &target).await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn services_are_grouped_by_their_order() {
        let names = |groups: Vec<Group>| -> Vec<Vec<String>> {
            groups.into_iter().map(|group| group.into_iter().map(String::from).collect()).collect()
        };
        let texts = ["web", "db/1", "api/2", "cache/1", "db/1"].map(str::to_owned);
        assert_eq!(names(groups(&texts).unwrap()), [vec!["db", "cache"], vec!["api"], vec!["web"]]);
        assert!(groups(&["web/first".to_owned()]).is_err());
        assert!(groups(&["Web".to_owned()]).is_err());
    }
}
