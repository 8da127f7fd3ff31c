//! A job at work: when it runs next, and how its last runs ended.
//!
//! What a run came to is read from its execution alone: the outcome of a task that a state machine waits for is ECS's
//! description of the task, also after ECS has forgotten it.

mod next;

use futures_util::future::try_join_all;
use futures_util::try_join;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value as Json;

use super::{Error, Target, ago, instant, last_part, rfc3339, short, stack};
use crate::aws::Connection;
use crate::aws::states::Execution;
use crate::page::{Body, Cell, Mark, Page, Paged};

/// A job at work. Serialises to the JSON of `job status --json`.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Status {
    /// Its name.
    pub job: String,
    /// Its environment.
    pub environment: String,
    /// Its application.
    pub application: String,
    /// When it runs, as EventBridge has it, in UTC; `none` for never by itself.
    pub schedule: String,
    /// When it runs next, a rate counted from the last run; null when that is not known, or never.
    #[serde(serialize_with = "rfc3339")]
    pub next_run: Option<i64>,
    /// Its last runs, the newest first.
    pub runs: Vec<Run>,
}

/// A run of a job.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Run {
    /// Name of the execution.
    pub name: String,
    /// `RUNNING`, `SUCCEEDED`, `FAILED`, `TIMED_OUT` or `ABORTED`.
    pub status: String,
    /// When it began.
    #[serde(serialize_with = "rfc3339")]
    pub started_at: Option<i64>,
    /// When it ended; null while it runs.
    #[serde(serialize_with = "rfc3339")]
    pub stopped_at: Option<i64>,
    /// Id of its last task; empty when it had none, while it runs, and when it timed out.
    pub task: String,
    /// What the containers of its last task exited with.
    pub exit_codes: Vec<Exit>,
    /// Why it ended otherwise than well; empty when it did not.
    pub reason: String,
    /// ARN of the execution.
    pub arn: String,
}

/// How a container ended.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Exit {
    /// Its name.
    pub container: String,
    /// What it exited with; null when it never started.
    pub exit_code: Option<i64>,
    /// Why it ended, such as `OutOfMemoryError: …`; empty without a reason.
    pub reason: String,
}

/// ARN of the state machine that runs the job.
///
/// # Errors
/// [`Error::NotDeployed`] without a stack, [`Error::Missing`] when it holds no state machine; what AWS reports.
pub async fn machine(manager: &Connection, target: &Target) -> Result<String, Error> {
    let resources = stack::resources(manager, &target.stack()).await?;
    if resources.is_empty() {
        return Err(target.not_deployed());
    }
    let machine = resources.into_iter().find(|resource| resource.kind == "AWS::StepFunctions::StateMachine");
    machine.map(|machine| machine.physical_id).filter(|arn| !arn.is_empty()).ok_or_else(|| Error::Missing {
        stack: target.stack(),
        what: "state machine",
        hint: String::new(),
    })
}

/// Name of the cluster that the job's tasks run in; none without a deployed environment.
///
/// # Errors
/// What AWS reports.
pub async fn cluster(manager: &Connection, target: &Target) -> Result<Option<String>, Error> {
    let deployed = stack::read(manager, &target.environment_stack()).await?;
    Ok(deployed.map(|stack| stack.output("ClusterId").to_owned()).filter(|name| !name.is_empty()))
}

/// Reads the status with the last `runs` runs.
///
/// # Errors
/// As [`machine`].
pub async fn status(manager: &Connection, target: &Target, runs: u32) -> Result<Status, Error> {
    let (machine, deployed) = try_join!(machine(manager, target), async {
        stack::read(manager, &target.stack()).await?.ok_or_else(|| target.not_deployed())
    })?;
    let states = manager.states();
    let listed = states.executions(&machine, None, runs).await?;
    let told = try_join_all(listed.iter().map(|execution| states.execution(&execution.arn))).await?;
    let runs: Vec<Run> = told.iter().map(run).collect();
    let schedule = deployed.parameter("Schedule").to_owned();
    let last = runs.first().and_then(|run| run.started_at).and_then(instant);
    Ok(Status {
        job: target.workload.to_string(),
        environment: target.env.to_string(),
        application: target.app.to_string(),
        next_run: next::next(&schedule, last, Timestamp::now()).map(Timestamp::as_millisecond),
        schedule,
        runs,
    })
}

/// What an execution came to.
#[must_use]
pub fn run(execution: &Execution) -> Run {
    let task = [&execution.cause, &execution.output]
        .into_iter()
        .find_map(|text| serde_json::from_str::<Json>(text).ok().filter(Json::is_object));
    let text = |value: &Json| value.as_str().unwrap_or_default().to_owned();
    let task = task.unwrap_or_default();
    let containers = task["Containers"].as_array().into_iter().flatten();
    let exit_codes: Vec<Exit> = containers
        .map(|container| Exit {
            container: text(&container["Name"]),
            exit_code: container["ExitCode"].as_i64(),
            reason: text(&container["Reason"]),
        })
        .collect();
    Run {
        name: execution.name.clone(),
        status: execution.status.clone(),
        started_at: execution.started,
        stopped_at: execution.stopped,
        task: last_part(&text(&task["TaskArn"])).to_owned(),
        reason: reason(execution, &task, &exit_codes),
        exit_codes,
        arn: execution.arn.clone(),
    }
}

/// Why an execution ended otherwise than well.
fn reason(execution: &Execution, task: &Json, exits: &[Exit]) -> String {
    match execution.status.as_str() {
        "TIMED_OUT" => return "it ran longer than its `timeout`".to_owned(),
        "ABORTED" => {
            let cause = execution.cause.as_str();
            return if cause.is_empty() {
                "it was stopped".to_owned()
            } else {
                format!("it was stopped: {cause}")
            };
        }
        "FAILED" => {}
        _ => return String::new(),
    }
    let failed = exits.iter().find(|exit| exit.exit_code.is_some_and(|code| code != 0));
    let explained = exits.iter().find(|exit| !exit.reason.is_empty());
    if let Some(exit) = explained {
        return format!("container {}: {}", exit.container, exit.reason);
    }
    if let Some(exit) = failed {
        return format!("container {} exited with {}", exit.container, exit.exit_code.unwrap_or_default());
    }
    match (task["StoppedReason"].as_str().unwrap_or_default(), execution.cause.as_str()) {
        ("", "") => execution.error.clone(),
        ("", cause) => cause.to_owned(),
        (reason, _) => reason.to_owned(),
    }
}

impl Run {
    /// Whether it came to an end.
    #[must_use]
    pub fn has_ended(&self) -> bool {
        self.status != "RUNNING" && self.status != "PENDING_REDRIVE"
    }

    /// Whether it ended well.
    #[must_use]
    pub fn succeeded(&self) -> bool {
        self.status == "SUCCEEDED"
    }

    fn mark(&self) -> Mark {
        match self.status.as_str() {
            "SUCCEEDED" => Mark::Good,
            "RUNNING" | "PENDING_REDRIVE" => Mark::Plain,
            _ => Mark::Bad,
        }
    }

    /// How long it took, in whole seconds.
    fn seconds(&self) -> Option<i64> {
        Some((self.stopped_at? - self.started_at?).max(0) / 1000)
    }

    fn row(&self, now: Timestamp) -> Vec<Cell> {
        let codes: Vec<String> = self
            .exit_codes
            .iter()
            .map(|exit| match exit.exit_code {
                Some(code) => format!("{} {code}", exit.container),
                None => format!("{} -", exit.container),
            })
            .collect();
        vec![
            short(&self.name).into(),
            Cell::new(self.status.clone(), self.mark()),
            Cell::or_dash(ago(self.started_at, now)),
            Cell::or_dash(self.seconds().map(|seconds| format!("{seconds}s")).unwrap_or_default()),
            Cell::or_dash(codes.join(", ")),
            Cell::or_dash(self.reason.clone()),
        ]
    }
}

/// Heads of a table of runs.
const HEADS: [&str; 6] = ["Run", "Status", "Started", "Took", "Exit Codes", "Reason"];

impl Paged for Run {
    fn page(&self, now: Timestamp) -> Page {
        Page::new().with("", Body::table(&HEADS, vec![self.row(now)]))
    }
}

impl Paged for Status {
    fn page(&self, now: Timestamp) -> Page {
        let next = match self.next_run.and_then(instant) {
            Some(next) => next.to_string(),
            None if self.schedule == "none" => "never by itself".to_owned(),
            None => String::new(),
        };
        let about = vec![
            ("Job".to_owned(), Cell::from(self.job.as_str())),
            ("Environment".to_owned(), self.environment.as_str().into()),
            ("Schedule".to_owned(), Cell::or_dash(self.schedule.clone())),
            ("Next run".to_owned(), Cell::or_dash(next)),
        ];
        let rows = self.runs.iter().map(|run| run.row(now)).collect();
        Page::new().with("About", Body::Pairs(about)).with("Last Runs", Body::table(&HEADS, rows))
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::text;
    use super::*;

    fn execution(status: &str, error: &str, cause: &str) -> Execution {
        Execution {
            arn: "arn:aws:states:eu-west-1:1:execution:shop-test-report:8d1b6c3e-77".to_owned(),
            name: "8d1b6c3e-77".to_owned(),
            status: status.to_owned(),
            started: Some(1_700_000_000_000),
            stopped: (status != "RUNNING").then_some(1_700_000_042_900),
            error: error.to_owned(),
            cause: cause.to_owned(),
            output: String::new(),
        }
    }

    const TASK: &str = r#"{"TaskArn": "arn:aws:ecs:eu-west-1:1:task/c/0123456789abcdef", "StoppedReason": "Essential container in task exited",
        "Containers": [{"Name": "report", "ExitCode": 3}, {"Name": "proxy", "ExitCode": 0}]}"#;

    #[test]
    fn outcomes_read_like_this() {
        let killed = r#"{"Containers": [{"Name": "report", "ExitCode": 137, "Reason": "OutOfMemoryError: Container killed due to memory usage"}]}"#;
        let pull = r#"{"StoppedReason": "CannotPullContainerError: no such image", "Containers": [{"Name": "report"}]}"#;
        let runs = [
            run(&execution("RUNNING", "", "")),
            run(&Execution { output: TASK.to_owned(), ..execution("SUCCEEDED", "", "") }),
            run(&execution("FAILED", "States.TaskFailed", TASK)),
            run(&execution("FAILED", "States.TaskFailed", killed)),
            run(&execution("FAILED", "States.TaskFailed", pull)),
            run(&execution("FAILED", "AmazonECS.Unknown", "RESOURCE:ENI")),
            run(&execution("FAILED", "States.Runtime", "")),
            run(&execution("TIMED_OUT", "States.Timeout", "")),
            run(&execution("ABORTED", "", "the job is deleted")),
        ];
        assert_eq!(runs[2].task, "0123456789abcdef");
        let ended: Vec<(bool, bool)> = runs.iter().map(|run| (run.has_ended(), run.succeeded())).collect();
        assert_eq!(ended[..3], [(false, false), (true, true), (true, false)]);
        let status = Status {
            job: "report".to_owned(),
            environment: "test".to_owned(),
            application: "shop".to_owned(),
            schedule: "rate(1 hour)".to_owned(),
            next_run: Some(1_700_003_600_000),
            runs: runs.to_vec(),
        };
        let now = Timestamp::from_second(1_700_000_100).unwrap();
        insta::assert_snapshot!(text(&status.page(now)));
        insta::assert_json_snapshot!("failed_run", runs[2]);
        let never = Status { schedule: "none".to_owned(), next_run: None, runs: vec![], ..status };
        assert!(text(&never.page(now)).contains("Next run: never by itself"));
    }
}
