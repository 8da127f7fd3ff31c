//! Following what goes on in an environment: deployments that were detached, or begun by somebody else.

use futures_util::future::join_all;
use jiff::Timestamp;

use super::service::Noun;
use super::{Error, Report, Result, Session};
use crate::aws::Connection;
use crate::aws::cloudformation::Stack;
use crate::deploy::conclusion::{Back, is_done};
use crate::deploy::watch::is_unproven;
use crate::deploy::{Failure, pickup};
use crate::describe;
use crate::event::Operation;
use crate::name::{AppName, EnvName, WorkloadName};
use crate::page::ago;
use crate::stack::document::{environment_stack, workload_stack};

/// What is followed.
#[derive(Debug, Clone)]
pub struct Watch {
    /// The application.
    pub app: AppName,
    /// The environment.
    pub env: EnvName,
    /// One workload; `None`: all of the environment, and the environment itself.
    pub name: Option<WorkloadName>,
}

/// A stack that may be watched.
struct Watched {
    /// Its workload; `None`: the environment's.
    name: Option<WorkloadName>,
    /// What it is for people, such as `service api in test`.
    title: String,
    stack: Stack,
}

/// Follows every change that goes on to its end, side by side; says how the last one ended where nothing goes on.
///
/// # Errors
/// What is to be watched does not exist or was never deployed; a change that does not end well; whatever AWS reports.
pub async fn watch(session: &Session, options: &Watch) -> Result<Report> {
    let record = session.env(&options.app, &options.env).await?;
    let manager = session.manager(&record).await;
    let all = stacks(session, &manager, options).await?;
    let mut going: Vec<&Watched> = vec![];
    for watched in &all {
        if pickup::goes_on(&watched.stack) || is_unproven(&manager, &watched.stack).await? {
            going.push(watched);
        }
    }
    if going.is_empty() {
        return Ok(at_rest(options, &all));
    }
    let results = join_all(going.iter().map(|watched| follow(session, &manager, options, watched))).await;
    let mut report = Report::default();
    let mut failures = vec![];
    for (watched, result) in going.iter().zip(results) {
        match result {
            Ok(one) => {
                report.done.extend(one.done);
                report.urls.extend(one.urls);
            }
            Err(error) => failures.push((watched, error)),
        }
    }
    if failures.is_empty() {
        return Ok(report);
    }
    let mut named = vec![];
    for (watched, error) in failures {
        match &watched.name {
            Some(name) if going.len() > 1 => named.push((name.clone(), error)),
            // The only failure, or the environment's own, which explains those of its workloads.
            _ => return Err(error),
        }
    }
    Err(Error::Several { done: Box::new(report), failures: named })
}

/// The stacks that may be watched, as far as they exist.
async fn stacks(session: &Session, manager: &Connection, options: &Watch) -> Result<Vec<Watched>> {
    let Watch { app, env, name } = options;
    let store = session.store().await;
    let workloads = match name {
        Some(name) => vec![store.workload(app, name).await?],
        None => store.workloads(app).await?,
    };
    let mut wanted: Vec<(Option<WorkloadName>, String, String)> = workloads
        .into_iter()
        .map(|workload| {
            let stack = workload_stack(app, env, &workload.name);
            let title = format!("{} {} in {env}", Noun::of(&workload.kind).as_str(), workload.name);
            (Some(workload.name), title, stack)
        })
        .collect();
    if name.is_none() {
        wanted.insert(0, (None, format!("environment {env}"), environment_stack(app, env)));
    }
    let door = manager.cloudformation();
    let answers = join_all(wanted.iter().map(|(_, _, stack)| door.stack(stack))).await;
    let mut found = vec![];
    for ((name, title, stack_name), answer) in wanted.into_iter().zip(answers) {
        match (answer?, &name) {
            (Some(stack), _) => found.push(Watched { name, title, stack }),
            // Most workloads of a list may not be in this environment; the one that was asked for should be.
            (None, Some(workload)) if options.name.is_some() => {
                return Err(describe::Error::NotDeployed {
                    workload: workload.to_string(),
                    env: env.to_string(),
                    app: app.to_string(),
                    stack: stack_name,
                }
                .into());
            }
            (None, _) => {}
        }
    }
    Ok(found)
}

/// Nothing goes on: how the last change of the one that was asked for ended.
fn at_rest(options: &Watch, all: &[Watched]) -> Report {
    let mut report = Report::default();
    match all {
        [only] if options.name.is_some() => {
            let at = only.stack.updated.unwrap_or(only.stack.created);
            let then = Timestamp::from_millisecond(at).unwrap_or_default();
            report.done.push(format!(
                "Nothing is being done to the {}: its last change began {} and ended in {}.",
                only.title,
                ago(then, Timestamp::now()),
                only.stack.status
            ));
        }
        _ => report.done.push(format!("Nothing is being deployed to {}.", options.env)),
    }
    report
}

async fn follow(
    session: &Session,
    manager: &Connection,
    options: &Watch,
    watched: &Watched,
) -> Result<Report> {
    let following = pickup::Options {
        title: &watched.title,
        reporter: session.reporter.as_ref(),
        interrupt: Some(session.interrupt.clone()),
        polling: session.inputs.polling,
    };
    let followed = match pickup::goes_on(&watched.stack) {
        true => pickup::pick_up(manager, &watched.stack, following).await,
        false => {
            let proven = pickup::prove(manager, &watched.stack, false, following).await;
            proven.map(|()| Operation::Update)
        }
    };
    let operation = followed.map_err(|mut failure| {
        if let Failure::Failed { status, back, .. } = &mut failure
            && is_done(status)
        {
            *back = Back::Left(
                "Whoever deploys it goes back to what ran before; when nobody does any more, deploy again: that is done first."
                    .to_owned(),
            );
        }
        failure
    })?;
    let mut report = Report::default();
    report.done.push(match (operation, &watched.name) {
        (Operation::Delete, Some(name)) => format!("{name} is deleted from {}.", options.env),
        (Operation::Delete, None) => format!("The environment {} is deleted.", options.env),
        (_, Some(name)) => format!("{name} is deployed to {}.", options.env),
        (_, None) => format!("The environment {} is deployed.", options.env),
    });
    if let (Some(name), true) = (&watched.name, operation != Operation::Delete) {
        let (app, env) = (options.app.clone(), options.env.clone());
        let target = describe::Target { app, env, workload: name.clone() };
        report.urls = describe::service::addresses(manager, &target).await?;
    }
    Ok(report)
}
