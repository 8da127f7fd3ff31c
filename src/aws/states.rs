//! Step Functions: the state machines that run jobs.

use serde::Deserialize;
use serde_json::json;

use super::error::gone;
use super::query::{self, Api, Protocol};
use super::{Connection, Error};

const API: Api = Api {
    name: "Step Functions",
    id: "SFN",
    prefix: "states",
    protocol: Protocol::Json10 { target: "AWSStepFunctions" },
};

/// The door to Step Functions.
#[derive(Debug, Clone)]
pub struct States(Connection);

impl Connection {
    /// The door to Step Functions.
    #[must_use]
    pub fn states(&self) -> States {
        States(self.clone())
    }
}

/// A run of a state machine.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Execution {
    /// Its ARN.
    pub arn: String,
    /// Its name, a UUID where nobody gave one.
    pub name: String,
    /// `RUNNING`, `SUCCEEDED`, `FAILED`, `TIMED_OUT`, `ABORTED` or `PENDING_REDRIVE`.
    pub status: String,
    /// When it began, in milliseconds since the Unix epoch.
    pub started: Option<i64>,
    /// When it ended, in milliseconds since the Unix epoch; absent while it runs.
    pub stopped: Option<i64>,
    /// What it gave back, as JSON text; empty unless it succeeded, and when read from a list.
    pub output: String,
    /// Name of its error, such as `States.TaskFailed`; empty unless it failed, and when read from a list.
    pub error: String,
    /// Why it failed; of a task the description of ECS, as JSON text. Empty as `error` is.
    pub cause: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireExecution {
    execution_arn: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    status: String,
    start_date: Option<f64>,
    stop_date: Option<f64>,
    #[serde(default)]
    output: Option<String>,
    #[serde(default)]
    error: Option<String>,
    #[serde(default)]
    cause: Option<String>,
}

/// Seconds since the Unix epoch, with a fraction, as milliseconds.
fn millis(seconds: f64) -> i64 {
    (seconds * 1000.0).round() as i64
}

impl From<WireExecution> for Execution {
    fn from(wire: WireExecution) -> Self {
        Self {
            arn: wire.execution_arn,
            name: wire.name,
            status: wire.status,
            started: wire.start_date.map(millis),
            stopped: wire.stop_date.map(millis),
            output: wire.output.unwrap_or_default(),
            error: wire.error.unwrap_or_default(),
            cause: wire.cause.unwrap_or_default(),
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct StartExecution {
    execution_arn: String,
    start_date: Option<f64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ListExecutions {
    #[serde(default)]
    executions: Vec<WireExecution>,
}

#[derive(Deserialize)]
struct Nothing {}

impl States {
    /// Starts the state machine with an empty input (StartExecution). Its status is `RUNNING`.
    ///
    /// # Errors
    /// Whatever Step Functions reports.
    pub async fn start(&self, machine: &str) -> Result<Execution, Error> {
        let input = json!({"stateMachineArn": machine});
        let output: StartExecution = query::json(&self.0, API, "StartExecution", &input).await?;
        Ok(Execution {
            name: output.execution_arn.rsplit(':').next().unwrap_or_default().to_owned(),
            arn: output.execution_arn,
            status: "RUNNING".to_owned(),
            started: output.start_date.map(millis),
            ..Execution::default()
        })
    }

    /// The last `limit` (1 to 1000) executions of the state machine, the newest first; of one status only, where one is
    /// given (ListExecutions). A state machine that does not exist has none.
    ///
    /// # Errors
    /// Whatever else Step Functions reports.
    pub async fn executions(
        &self,
        machine: &str,
        status: Option<&str>,
        limit: u32,
    ) -> Result<Vec<Execution>, Error> {
        let mut input = json!({"stateMachineArn": machine, "maxResults": limit});
        if let Some(status) = status {
            input["statusFilter"] = status.into();
        }
        match query::json::<ListExecutions>(&self.0, API, "ListExecutions", &input).await {
            Ok(output) => Ok(output.executions.into_iter().map(Execution::from).collect()),
            Err(error) if error.is_not_found() => Ok(vec![]),
            Err(error) => Err(error),
        }
    }

    /// An execution with its outcome (DescribeExecution).
    ///
    /// # Errors
    /// Whatever Step Functions reports.
    pub async fn execution(&self, arn: &str) -> Result<Execution, Error> {
        let input = json!({"executionArn": arn});
        Ok(query::json::<WireExecution>(&self.0, API, "DescribeExecution", &input).await?.into())
    }

    /// Stops an execution and the task it waits for (StopExecution). That it is gone is no failure.
    ///
    /// # Errors
    /// Whatever else Step Functions reports.
    pub async fn stop(&self, arn: &str, cause: &str) -> Result<(), Error> {
        let input = json!({"executionArn": arn, "cause": cause});
        gone(query::json::<Nothing>(&self.0, API, "StopExecution", &input).await)
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing;
    use super::*;

    const MACHINE: &str = "arn:aws:states:eu-west-1:111122223333:stateMachine:shop-test-report";

    #[tokio::test(flavor = "current_thread")]
    async fn a_state_machine_is_started() {
        let arn = "arn:aws:states:eu-west-1:111122223333:execution:shop-test-report:8d1b";
        let server = testing::answers(vec![testing::json(
            200,
            &json!({"executionArn": arn, "startDate": 1_700_000_000.5}).to_string(),
        )]);
        let started = server.connection().states().start(MACHINE).await.unwrap();
        assert_eq!((started.name.as_str(), started.started), ("8d1b", Some(1_700_000_000_500)));
        assert_eq!(server.requests()[0].action, "StartExecution");
        assert!(server.requests()[0].authorization.contains("/eu-west-1/states/"));
        assert_eq!(server.requests()[0].body, json!({"stateMachineArn": MACHINE}).to_string());
    }

    #[tokio::test(flavor = "current_thread")]
    async fn executions_are_listed_and_told() {
        let one = json!({"executionArn": "arn:e", "name": "e", "status": "FAILED", "startDate": 1.0, "stopDate": 2.5});
        let mut told = one.clone();
        told["error"] = "States.TaskFailed".into();
        told["cause"] = "{}".into();
        let server = testing::answers(vec![
            testing::json(200, &json!({"executions": [one]}).to_string()),
            testing::json(200, &told.to_string()),
            testing::json_error("StateMachineDoesNotExist", "State Machine Does Not Exist"),
        ]);
        let states = server.connection().states();
        let listed = states.executions(MACHINE, Some("FAILED"), 3).await.unwrap();
        assert_eq!((listed.len(), listed[0].stopped, listed[0].error.as_str()), (1, Some(2500), ""));
        let body: serde_json::Value = serde_json::from_str(&server.requests()[0].body).unwrap();
        assert_eq!(body, json!({"stateMachineArn": MACHINE, "statusFilter": "FAILED", "maxResults": 3}));
        assert_eq!(states.execution("arn:e").await.unwrap().error, "States.TaskFailed");
        assert_eq!(states.executions(MACHINE, None, 1).await.unwrap(), vec![]);
    }

    #[tokio::test(flavor = "current_thread")]
    async fn an_execution_that_is_gone_needs_no_stop() {
        let server = testing::answers(vec![
            testing::json(200, r#"{"stopDate": 3.0}"#),
            testing::json_error("ExecutionDoesNotExist", "Execution Does Not Exist"),
        ]);
        let states = server.connection().states();
        states.stop("arn:e", "the job is deleted").await.unwrap();
        states.stop("arn:e", "the job is deleted").await.unwrap();
        assert_eq!(server.requests()[0].action, "StopExecution");
    }
}
