//! One service's stack: changed and followed, with what comes with it: a release, the files of a site, addresses.

use super::deploy::{Deploy, Job, stack_of, target, title};
use super::environment::{Place, Taken};
use super::{express, release, request_driven, restart};
use crate::deploy::Failure;
use crate::deploy::failure::RULE_PRIORITY;
use crate::deploy::stack::Applied;
use crate::describe;
use crate::model::workload::Workload;
use crate::name::{AppName, EnvName, WorkloadName};
use crate::ops::stacks::Target;
use crate::ops::{Error, Report, Result, Session};
use crate::stack::Stack;

/// Deploys a service's stack; when somebody else took the priority of one of its listener rules meanwhile, once more with
/// another one.
pub(super) async fn settle(
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
    let text = stack.template_yaml();
    let target = Target { text: Some(&text), ..target(options, place, job, &title) };
    let applied = express::apply(session, place, stack, &target, job.deployed.as_ref()).await?;
    let mut report = Report::default();
    // A site is its files, of which a release would hold none.
    if !matches!(applied, Applied::Started { .. }) && job.site.is_none() {
        release::keep(session, place, stack, &text, &job.ready.facts.images).await;
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
            if target.change.express && matches!(applied, Applied::Done { .. }) {
                report.next.push("CloudFront goes on handing the change out for some minutes.".to_owned());
            }
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
