//! A service's log lines.

use std::time::Duration;

use jiff::Timestamp;

use super::service::is_request_driven;
use super::{Error, Result, Session, service};
use crate::aws::Connection;
use crate::describe::logs::{self, Piece, Query};
use crate::describe::{self, Target};
use crate::name::{AppName, EnvName, WorkloadName};

pub use logs::{Labels, LogLine};

/// Which lines are wanted.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Whether to go on with new lines.
    pub follow: bool,
    /// Lines of this time up to now.
    pub since: Option<Duration>,
    /// Lines from this instant on, RFC 3339.
    pub start: Option<String>,
    /// Lines up to this instant, RFC 3339.
    pub end: Option<String>,
    /// At most this many lines, the newest.
    pub limit: Option<u32>,
    /// Only tasks whose id starts with one of these.
    pub tasks: Vec<String>,
    /// Another log group than the service's.
    pub log_group: Option<String>,
    /// Only the task that stopped last.
    pub previous: bool,
    /// Only this container.
    pub container: Option<String>,
    /// Only the last so many tasks that have logged.
    pub last: Option<u32>,
    /// Whether lines of a job's state machine are wanted, too.
    pub state_machine: bool,
}

/// Hands a service's lines to `sink`, oldest first, and goes on with new ones where that is wanted.
///
/// # Errors
/// The service is not deployed; an instant that is none; whatever AWS reports; the sink's failure.
pub async fn stream(
    session: &Session,
    app: &AppName,
    name: &WorkloadName,
    env: &EnvName,
    options: &Options,
    sink: &mut (dyn FnMut(LogLine) -> std::result::Result<(), String> + Send),
) -> Result<()> {
    let record = session.env(app, env).await?;
    // Who follows would wait for a first line for ever.
    if options.follow && options.log_group.is_none() && service::is_site(session, app, name).await? {
        return Err(Error::NoLogs { site: name.clone() });
    }
    let manager = session.manager(&record).await;
    let target = Target { app: app.clone(), env: env.clone(), workload: name.clone() };
    let mut query = if is_request_driven(session, app, name).await? {
        of_app_runner(&manager, &target, options).await?
    } else {
        match &options.log_group {
            Some(group) => Query::of_any(group.clone()),
            None => Query::of(target.log_group()),
        }
    };
    let since = options.since.and_then(|since| i64::try_from(since.as_millis()).ok());
    query.start = match since {
        Some(since) => Some(Timestamp::now().as_millisecond() - since),
        None => instant(options.start.as_deref(), "--start-time")?,
    };
    query.end = instant(options.end.as_deref(), "--end-time")?;
    let timed = query.start.is_some() || query.end.is_some();
    query.limit = match options.limit {
        Some(limit) => usize::try_from(limit).ok(),
        None if timed || options.follow || options.last.is_some() => None,
        None => Some(LIMIT),
    };
    query.follow = options.follow;
    query.container.clone_from(&options.container);
    query.tasks.clone_from(&options.tasks);
    query.every = session.inputs.polling.first.min(Duration::from_secs(1));
    if options.previous {
        let tasks = describe::status::status(&manager, &target).await?.stopped_tasks;
        query = logs::previous(query, &target.full_name(), &tasks)?;
    }
    if let Some(last) = options.last {
        query = logs::latest(&manager, query, usize::try_from(last).unwrap_or(usize::MAX)).await?;
    }
    if options.state_machine {
        query = query.with_state_machine();
    }
    let stop = session.stop.clone();
    let streamed = logs::stream(&manager, &query, stop, &mut |piece| match piece {
        Piece::Line(line) => sink(line),
        Piece::Waiting => {
            session.note(format!("{} has not logged yet; waiting for its first line.", target.full_name()));
            Ok(())
        }
    })
    .await;
    match streamed {
        Err(describe::Error::NoLogGroup(_))
            if options.log_group.is_none() && service::is_site(session, app, name).await? =>
        {
            Err(Error::NoLogs { site: name.clone() })
        }
        streamed => Ok(streamed?),
    }
}

/// A log group of a service on App Runner: what its container writes, or (`system`) what App Runner says.
async fn of_app_runner(manager: &Connection, target: &Target, options: &Options) -> Result<Query> {
    let of_ecs = [
        ("--tasks", !options.tasks.is_empty()),
        ("--previous", options.previous),
        ("--container", options.container.is_some()),
    ];
    if let Some((flag, _)) = of_ecs.iter().find(|(_, given)| *given) {
        return Err(Error::Usage(format!(
            "{flag} is for services on ECS: {} runs on App Runner, whose instances have no names",
            target.workload
        )));
    }
    let part = match options.log_group.as_deref() {
        None => "application",
        Some("system") => "service",
        Some(other) => return Ok(Query::of_any(other)),
    };
    let arn = describe::apprunner::find(manager, target).await?;
    Ok(Query::of_any(describe::apprunner::log_group(&arn, part).unwrap_or(arn)))
}

/// Lines without a time or a limit.
const LIMIT: usize = 10;

fn instant(text: Option<&str>, flag: &str) -> Result<Option<i64>> {
    let parse = |text: &str| {
        text.parse::<Timestamp>().map(Timestamp::as_millisecond).map_err(|_| {
            Error::Usage(format!(
                "{flag} takes an instant such as 2026-11-20T12:00:00Z (RFC 3339), not {text:?}"
            ))
        })
    };
    text.map(parse).transpose()
}
