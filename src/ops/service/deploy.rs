//! Deploying services: one, or several side by side.
//!
//! Every manifest is read and every fact is known before anything changes. Then images are built and pushed, the
//! environment gets what the services need on demand, in one update, and the stacks change side by side, each as soon as
//! those that it depends on are deployed. A service that fails stops those that depend on it and no others.

use std::collections::BTreeMap;

use futures_util::future::join_all;
use futures_util::{StreamExt, TryStreamExt, stream};

use super::apply::{addresses, settle};
use super::environment::{self, Place, Ready, Taken};
use super::render::{self, Around, Loaded};
use super::run::Run;
use super::site::{self, Publishing};
use super::{express, many, plan as planning, request_driven, topics, unchanged, verify};
use crate::deploy::watch;
use crate::model::workload::Workload;
use crate::name::{AppName, EnvName, WorkloadName};
use crate::ops::doctor::Foreseen;
use crate::ops::owner::Owner;
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
    /// Whether services of which nothing changed since they were deployed are left as they are.
    pub only_changed: bool,
    /// Why services are deployed, in a clause each, where that is not that they were asked for.
    pub why: BTreeMap<WorkloadName, String>,
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
pub(super) struct Job {
    pub loaded: Loaded,
    pub ready: Ready,
    /// The files of a workload that is a site.
    pub site: Option<Publishing>,
    /// Of a stack that is taken over: what is to be deployed, with images as they are foreseen.
    taken_over: Option<Stack>,
    /// The certificate that wharf manages for it alone.
    pub certificate: Option<String>,
    /// Why it is deployed, in a clause; none when it is as it would be deployed.
    pub changed: Option<String>,
    /// Whether others wait for it, so that it is followed to its end in any case.
    awaited: bool,
    /// The manifest of the deployed stack, if there is one.
    pub before: Option<String>,
    /// The deployed stack as it was looked at, if there is one.
    pub deployed: Option<takeover::Deployed>,
}

impl Job {
    /// One that is only looked at.
    fn new(loaded: Loaded, ready: Ready, site: Option<Publishing>) -> Self {
        Self {
            loaded,
            ready,
            site,
            taken_over: None,
            certificate: None,
            changed: None,
            awaited: false,
            before: None,
            deployed: None,
        }
    }

    pub fn name(&self) -> &WorkloadName {
        self.loaded.model.name()
    }

    /// Whether nobody follows it to its end.
    pub fn is_detached(&self, options: &Deploy) -> bool {
        options.change.detach && !self.awaited
    }
}

/// Deploys services side by side, each as soon as those that it depends on are deployed.
///
/// # Errors
/// A faulty manifest, dependencies in a circle, an environment that is not deployed: before any stack changes. A failed build or
/// deployment: after all services that do not depend on it came to their end.
pub async fn deploy(session: &Session, options: &Deploy, names: &[WorkloadName]) -> Result<Report> {
    let loaded = load_all(session, options, names).await?;
    let mut after = many::after(session, &loaded)?;
    let mut place = environment::read(session, &options.app, &options.env).await?;
    place.together = topics::together(loaded.iter().map(|one| &one.model));
    let looked_at = loaded.into_iter().map(|loaded| prepared(session, options, &place, loaded));
    let looked_at: Vec<Prepared> = stream::iter(looked_at).buffered(LOOKS_AT_ONCE).try_collect().await?;
    let (mut jobs, mut due, mut risks) = (vec![], vec![], vec![]);
    for one in looked_at {
        if let Some(site) = &one.job.site {
            session.note(format!("{} in {}: {}.", one.job.name(), options.env, site.sentence()));
        }
        jobs.push(one.job);
        due.extend(one.due);
        risks.extend(one.risks);
    }
    let awaited: Vec<_> = jobs.iter().map(|job| (job.name(), &job.ready.awaited)).collect();
    after = many::with_topics(after, &awaited)?;
    takeover::gate(&due, options.change.takeover)?;
    plan::gate(risks, &options.change.allow_replace)?;
    let changing = jobs.iter().filter(|job| job.changed.is_some());
    let checked: Vec<_> = changing.map(|job| (&job.loaded, &job.ready, job.before.as_deref())).collect();
    verify::before(session, options, &place, &checked).await?;
    let tried: Vec<_> = checked.iter().map(|(loaded, ready, _)| (*loaded, *ready)).collect();
    verify::tried(session, options, &place, &tried).await?;
    for job in &jobs {
        session.report_findings(std::slice::from_ref(&job.loaded.findings));
        session.report_findings(&job.loaded.addons.findings);
    }
    let mut run = Run::new(session, options, &jobs, &after);
    for on in after.iter().flatten() {
        jobs[*on].awaited = true;
    }
    let here = &place;
    let artifacts = jobs.iter_mut().enumerate().filter(|(index, _)| run.goes_on(*index));
    let artifacts = artifacts.map(|(index, job)| async move {
        let (facts, tag) = (&mut job.ready.facts, options.tag.as_deref());
        (index, here.artifacts(session, &job.loaded, facts, tag, true).await)
    });
    let results: Vec<(usize, Result<()>)> =
        stream::iter(artifacts).buffer_unordered(LOOKS_AT_ONCE).collect().await;
    session.check_interrupt()?;
    run.fail(results);
    let securing = jobs.iter().enumerate().filter(|(index, _)| run.goes_on(*index));
    let securing =
        securing.map(|(index, job)| async move { (index, secure(session, options, here, job).await) });
    run.fail(join_all(securing).await);
    if run.is_over(&jobs) {
        return run.report(&jobs);
    }
    let alive = jobs.iter().enumerate().filter(|(index, _)| !run.is_lost(*index));
    let services: Vec<&Loaded> = alive.map(|(_, job)| &job.loaded).collect();
    place.switch_on(session, &services, &options.change).await?;
    let mut taken = Taken::new();
    let mut stacks: Vec<Option<Stack>> = vec![];
    for (index, job) in jobs.iter_mut().enumerate() {
        let stack = match run.is_lost(index) {
            true => None,
            false => match wanted(session, options, &place, job, &mut taken).await {
                Ok(stack) => stack,
                Err(error) => {
                    run.fail([(index, Err::<(), _>(error))]);
                    None
                }
            },
        };
        stacks.push(stack);
    }
    let (here, taken) = (&place, &taken);
    run.carry_out(&jobs, |index| {
        let (job, stack) = (jobs.get(index)?, stacks.get_mut(index)?.take()?);
        Some(async move {
            let wanted = stack.clone();
            let change = settle(session, options, here, job, stack, taken);
            here.parting_with_names(session, &job.loaded.model, &job.ready.before(), &wanted, change).await
        })
    })
    .await;
    for (index, job) in jobs.iter().enumerate() {
        // A stack that still changes has not let go of what it does not need any more: the next deployment tidies up.
        if job.is_detached(options) || run.is_lost(index) {
            continue;
        }
        let report = run.take(index);
        let finished = match job.changed {
            Some(_) => finish(session, options, &mut place, job, report).await,
            None => tidy(session, &mut place, job).await.map(|()| report),
        };
        run.put(index, finished);
    }
    run.report(&jobs)
}

/// A service that was looked at; nothing has changed yet.
struct Prepared {
    job: Job,
    due: Option<Takeover>,
    risks: Vec<plan::Risk>,
}

async fn prepared(session: &Session, options: &Deploy, place: &Place, loaded: Loaded) -> Result<Prepared> {
    let Look { deployed, ready, site } = look(session, options, place, &loaded).await?;
    let mut job = Job::new(loaded, ready, site);
    job.before = deployed.as_ref().map(|deployed| verify::deployed_manifest(&deployed.document));
    let (mut due, mut risks) = (None, vec![]);
    if let Some(deployed) = &deployed
        && deployed.has_custom_resources()
    {
        due = judge(session, options, place, &mut job, deployed).await?;
    }
    job.changed = match &deployed {
        _ if !options.only_changed => {
            let why = options.why.get(job.name()).cloned();
            Some(why.unwrap_or_else(|| "it was asked for".to_owned()))
        }
        None => Some("it is not deployed yet".to_owned()),
        Some(_) if job.taken_over.is_some() => Some("it is taken over from Copilot".to_owned()),
        Some(deployed) if watch::is_unproven(&place.manager, &deployed.stack).await? => {
            Some("its last deployment, in express mode, was not followed to its end".to_owned())
        }
        Some(deployed) => unchanged::changed(session, options, place, &job, deployed).await?,
    };
    // A takeover is judged more strictly: it replaces and loses nothing at all.
    if let Some(deployed) = deployed.as_ref().filter(|_| job.taken_over.is_none() && job.changed.is_some()) {
        let (loaded, ready) = (&job.loaded, &job.ready);
        risks = planning::risks(session, options, place, loaded, ready, deployed).await?;
        express::refuse(&options.change, Some(&loaded.model), &risks)?;
    } else if job.taken_over.is_none() && job.changed.is_some() {
        express::refuse(&options.change, Some(&job.loaded.model), &[])?;
    }
    job.deployed = deployed;
    Ok(Prepared { job, due, risks })
}

/// The stack as it is deployed now that everything it refers to is there; none for a service that has not changed.
async fn wanted(
    session: &Session,
    options: &Deploy,
    place: &Place,
    job: &mut Job,
    taken: &mut Taken,
) -> Result<Option<Stack>> {
    job.certificate = place.certificate(session, &job.loaded.model, &job.ready.before()).await?;
    if job.changed.is_none() {
        return Ok(None);
    }
    let priorities = place.priorities(&job.loaded, &job.ready.facts, taken).await?;
    let given = (&job.loaded, &job.ready, job.certificate.as_deref());
    stack_of(session, options, place, given, &priorities).await.map(Some)
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

/// Services that are looked at side by side: AWS throttles reads by account and region.
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
    let owner = Owner::workload(&options.app, &options.env, loaded.model.name());
    owner.check(deployed.as_ref().map(|deployed| &deployed.stack))?;
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
        only_changed: false,
        why: BTreeMap::new(),
        change: Change::default(),
    };
    let loaded = render::load(session, app, name, env)?;
    let place = environment::read(session, app, env).await?;
    let ready = place.prepare(session, &loaded).await?;
    let after_environment = place.check_hosts(&loaded.model).is_err();
    let mut job = Job::new(loaded, ready, None);
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
        after_environment,
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

pub(super) fn title(options: &Deploy, job: &Job) -> String {
    format!("{} {} in {}", job.loaded.model.noun(), job.loaded.model.name(), options.env)
}

pub(super) fn target<'a>(options: &Deploy, place: &'a Place, job: &Job, title: &'a str) -> Target<'a> {
    let change = Change {
        detach: job.is_detached(options),
        // What Copilot deployed is taken over step by step, each waited for.
        express: options.change.express && job.taken_over.is_none(),
        ..options.change.clone()
    };
    place.target(title, change)
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
    let before = job.ready.before();
    place.settle_names(session, &job.loaded.model, &before, job.certificate.as_deref()).await?;
    place.switch_off(session, name, &job.loaded).await?;
    if matches!(job.loaded.model, Workload::RequestDriven(_)) {
        report.urls = addresses(place, &options.app, &options.env, name).await?;
    }
    Ok(report)
}

/// What [`finish`] does, for a service that has not changed: a deployment that was stopped may have left it undone.
async fn tidy(session: &Session, place: &mut Place, job: &Job) -> Result<()> {
    let before = job.ready.before();
    place.settle_names(session, &job.loaded.model, &before, job.certificate.as_deref()).await?;
    if planning::features(&job.loaded.model, &place.parameters) != place.parameters {
        place.switch_off(session, job.name(), &job.loaded).await?;
    }
    Ok(())
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
