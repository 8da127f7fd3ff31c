//! Jobs: listed, started, followed, observed. They are made, packaged, deployed, shown and deleted as services are.

use std::collections::BTreeSet;
use std::time::Duration;

use serde::Serialize;
use tokio::sync::watch;

use super::service::{self, Listed, Noun};
use super::{Error, Result, Session, lines};
use crate::aws::Connection;
use crate::aws::ecs::tasks::Filter;
use crate::aws::states::Execution;
use crate::describe::job::{self, Run, Status};
use crate::describe::logs::{self, LogLine, Piece, Query};
use crate::describe::{self, Target};
use crate::name::{AppName, EnvName, WorkloadName};
use crate::page::{Body, Cell, Page, Paged};
use crate::stack::document::workload_stack;
use crate::store;

/// Jobs of an application.
#[derive(Debug, Clone, Serialize)]
pub struct Jobs {
    /// The jobs, sorted by name.
    pub jobs: Vec<Listed>,
}

impl Paged for Jobs {
    fn page(&self, _now: jiff::Timestamp) -> Page {
        let row = |job: &Listed| vec![Cell::from(job.name.as_str()), Cell::or_dash(job.kind.clone())];
        Page::new().with("", Body::table(&["Name", "Type"], self.jobs.iter().map(row).collect()))
    }
}

/// The jobs of an application; `local`: only those with a manifest in the workspace.
///
/// # Errors
/// The application does not exist, no workspace with `local`; whatever AWS reports.
pub async fn list(session: &Session, app: &AppName, local: bool) -> Result<Jobs> {
    Ok(Jobs { jobs: service::listed(session, app, local, Some(Noun::Job)).await? })
}

/// A job that was started.
#[derive(Debug, Clone, Serialize)]
pub struct Started {
    /// Its name.
    pub job: WorkloadName,
    /// Its environment.
    pub environment: EnvName,
    /// The run.
    #[serde(flatten)]
    pub execution: Run,
    #[serde(skip)]
    run: Running,
}

/// What following a run needs.
#[derive(Debug, Clone)]
struct Running {
    manager: Connection,
    target: Target,
    /// Ids of the job's tasks that were there before.
    others: BTreeSet<String>,
}

impl Paged for Started {
    fn page(&self, _now: jiff::Timestamp) -> Page {
        let texts = [format!("{} runs in {}: execution {}", self.job, self.environment, self.execution.name)];
        Page::new().with("", lines(texts.into_iter()))
    }
}

/// The job in an environment, and the way to it.
async fn target(
    session: &Session,
    app: &AppName,
    name: &WorkloadName,
    env: &EnvName,
) -> Result<(Connection, Target)> {
    let workload = session.store().await.workload(app, name).await?;
    if Noun::of(&workload.kind) != Noun::Job {
        return Err(Error::Usage(format!("{name} is a {}, no job", workload.kind)));
    }
    let record: store::Environment = session.env(app, env).await?;
    let target = Target { app: app.clone(), env: env.clone(), workload: name.clone() };
    Ok((session.manager(&record).await, target))
}

/// Starts the job now.
///
/// # Errors
/// It is not deployed there, or no job; whatever AWS reports.
pub async fn run(session: &Session, app: &AppName, name: &WorkloadName, env: &EnvName) -> Result<Started> {
    let (manager, target) = target(session, app, name, env).await?;
    let machine = job::machine(&manager, &target).await?;
    let running = tasks(&manager, &target, false).await?;
    let stopped = tasks(&manager, &target, true).await?;
    let others = running.into_iter().chain(stopped).collect();
    let execution = manager.states().start(&machine).await?;
    Ok(Started {
        job: name.clone(),
        environment: env.clone(),
        execution: job::run(&execution),
        run: Running { manager, target, others },
    })
}

/// Ids of the job's tasks that run, or of those that have stopped lately.
async fn tasks(manager: &Connection, target: &Target, stopped: bool) -> Result<Vec<String>> {
    let Some(cluster) = job::cluster(manager, target).await? else { return Ok(vec![]) };
    let family = target.full_name();
    let filter = Filter { family: Some(&family), stopped, ..Filter::default() };
    let arns = manager.ecs().task_arns(&cluster, filter).await?;
    Ok(arns.iter().filter_map(|arn| arn.rsplit('/').next()).map(str::to_owned).collect())
}

/// Waits for the end of a run and hands its log lines to `sink` as they come.
///
/// # Errors
/// [`Error::RunFailed`] when the run did not end well; [`Error::Interrupted`] when the user stops waiting (the run goes
/// on); whatever AWS reports; the sink's failure.
pub async fn follow(
    session: &Session,
    started: &Started,
    sink: &mut (dyn FnMut(LogLine) -> std::result::Result<(), String> + Send),
) -> Result<Run> {
    let Running { manager, target, others } = &started.run;
    let every = session.inputs.polling.first.min(Duration::from_secs(2));
    let query = Query {
        // The clocks of the machine, of the containers and of AWS are not the same.
        start: started.execution.started_at.map(|at| at - 5_000),
        follow: true,
        every: every.min(Duration::from_secs(1)),
        ..Query::of(target.log_group())
    };
    let (done, stop) = watch::channel(false);
    let arn = started.execution.arn.as_str();
    let wait = async {
        let outcome = ended(session, manager, arn, every).await;
        if outcome.is_ok() {
            // Last words take a moment to arrive.
            tokio::time::sleep((every * 2).max(LAST_WORDS)).await;
        }
        let _ = done.send(true);
        outcome
    };
    let mut heard = |piece| match piece {
        Piece::Line(line) if of_another(&line, others) => Ok(()),
        Piece::Line(line) => sink(line),
        Piece::Waiting => Ok(()),
    };
    let read = logs::stream(manager, &query, stop, &mut heard);
    tokio::pin!(wait);
    tokio::pin!(read);
    let execution = tokio::select! {
        outcome = &mut wait => {
            // What was read last is still handed on.
            (&mut read).await?;
            outcome?
        }
        heard = &mut read => {
            heard?;
            wait.await?
        }
    };
    let run = job::run(&execution);
    if run.succeeded() {
        Ok(run)
    } else {
        Err(Error::RunFailed { job: started.job.clone(), run: Box::new(run) })
    }
}

/// Least time that the last lines of a run have to arrive.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// Whether a line was written by a task that ran before.
fn of_another(line: &LogLine, others: &BTreeSet<String>) -> bool {
    line.log_stream_name.rsplit('/').next().is_some_and(|task| others.contains(task))
}

/// The execution once it has ended.
async fn ended(session: &Session, manager: &Connection, arn: &str, every: Duration) -> Result<Execution> {
    let states = manager.states();
    let mut endurance = session.endurance();
    loop {
        session.check_interrupt()?;
        let execution =
            session.ask(&mut endurance, manager, "The run of the job", || states.execution(arn)).await?;
        if job::run(&execution).has_ended() {
            return Ok(execution);
        }
        tokio::time::sleep(every).await;
    }
}

/// When the job runs next and how its last runs ended.
///
/// # Errors
/// It is not deployed there, or no job; whatever AWS reports.
pub async fn status(
    session: &Session,
    app: &AppName,
    name: &WorkloadName,
    env: &EnvName,
    runs: u32,
) -> Result<Status> {
    let (manager, target) = target(session, app, name, env).await?;
    Ok(job::status(&manager, &target, runs).await?)
}

/// Stops what runs of a job, before its stack is deleted: a state machine that is deleted leaves its task alone.
///
/// # Errors
/// Whatever AWS reports but that the environment's role may not look at executions, which those of Copilot may not.
pub(super) async fn stop(session: &Session, manager: &Connection, target: &Target) -> Result<()> {
    const CAUSE: &str = "The job is deleted.";
    let machine = match job::machine(manager, target).await {
        Ok(machine) => machine,
        Err(describe::Error::NotDeployed { .. } | describe::Error::Missing { .. }) => return Ok(()),
        Err(error) => return Err(error.into()),
    };
    let states = manager.states();
    match states.executions(&machine, Some("RUNNING"), 1000).await {
        Ok(running) => {
            for execution in running {
                states.stop(&execution.arn, CAUSE).await?;
            }
        }
        Err(error) if matches!(error.kind, crate::aws::Kind::AccessDenied(_)) => {}
        Err(error) => return Err(error.into()),
    }
    let left = tasks(manager, target, false).await?;
    if left.is_empty() {
        return Ok(());
    }
    let Some(cluster) = job::cluster(manager, target).await? else { return Ok(()) };
    let stack = workload_stack(&target.app, &target.env, &target.workload);
    let title = format!("Stop the tasks of {stack}");
    session
        .work(&title, async {
            for task in &left {
                manager.ecs().stop_task(&cluster, task, CAUSE).await?;
            }
            Ok::<_, crate::aws::Error>(())
        })
        .await?;
    Ok(())
}
