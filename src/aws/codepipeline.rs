//! CodePipeline: pipelines and how they stand.

use serde::Deserialize;
use serde_json::json;

use super::query::{self, Api, Protocol};
use super::{Connection, Error};

const API: Api = Api {
    name: "CodePipeline",
    id: "CodePipeline",
    prefix: "codepipeline",
    protocol: Protocol::Json { target: "CodePipeline_20150709" },
};

/// The door to CodePipeline.
#[derive(Debug, Clone)]
pub struct CodePipeline(Connection);

impl Connection {
    /// The door to CodePipeline.
    #[must_use]
    pub fn codepipeline(&self) -> CodePipeline {
        CodePipeline(self.clone())
    }
}

/// A pipeline as it is defined.
#[derive(Debug, Clone, PartialEq)]
pub struct Pipeline {
    /// Its name.
    pub name: String,
    /// Its stages, in order.
    pub stages: Vec<Stage>,
    /// Regions it keeps artifacts in; empty when it has one store of its own region.
    pub store_regions: Vec<String>,
    /// Milliseconds since the Unix epoch of its making.
    pub created: Option<i64>,
    /// Milliseconds since the Unix epoch of its last change.
    pub updated: Option<i64>,
}

/// A stage as it is defined.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Stage {
    /// Its name, such as `DeployTo-test`.
    pub name: String,
    /// Its actions.
    #[serde(default)]
    pub actions: Vec<Action>,
}

/// An action as it is defined.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Action {
    /// Its name.
    pub name: String,
    /// What it is.
    pub action_type_id: ActionType,
    /// Its settings, such as `StackName`; the service hides tokens in it.
    #[serde(default)]
    pub configuration: std::collections::BTreeMap<String, String>,
}

/// What an action is.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct ActionType {
    /// `Source`, `Build`, `Test`, `Deploy`, `Approval` or `Invoke`.
    pub category: String,
    /// Who does it, such as `CodeBuild`.
    pub provider: String,
}

/// How a pipeline stands.
#[derive(Debug, Clone, PartialEq)]
pub struct State {
    /// How its stages stand, in order.
    pub stages: Vec<StageState>,
    /// Milliseconds since the Unix epoch of its last change.
    pub updated: Option<i64>,
}

/// How a stage stands.
#[derive(Debug, Clone, PartialEq)]
pub struct StageState {
    /// Its name.
    pub name: String,
    /// How its actions stand: name and status, such as `Succeeded`; empty before it ran.
    pub actions: Vec<(String, String)>,
    /// Whether changes come into it.
    pub enabled: bool,
    /// The execution that was in it last: id and status; absent before there was one.
    pub execution: Option<(String, String)>,
}

#[derive(Deserialize)]
struct GetPipeline {
    pipeline: WirePipeline,
    #[serde(default)]
    metadata: Metadata,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WirePipeline {
    name: String,
    #[serde(default)]
    stages: Vec<Stage>,
    #[serde(default)]
    artifact_stores: std::collections::BTreeMap<String, serde_json::Value>,
}

/// Instants in seconds since the Unix epoch, with fractions.
#[derive(Deserialize, Default)]
struct Metadata {
    created: Option<f64>,
    updated: Option<f64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct GetPipelineState {
    #[serde(default)]
    stage_states: Vec<WireStageState>,
    updated: Option<f64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireStageState {
    stage_name: String,
    #[serde(default)]
    action_states: Vec<WireActionState>,
    inbound_transition_state: Option<Transition>,
    latest_execution: Option<WireStageExecution>,
}

#[derive(Deserialize)]
struct Transition {
    #[serde(default)]
    enabled: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireActionState {
    action_name: String,
    latest_execution: Option<WireActionExecution>,
}

#[derive(Deserialize)]
struct WireActionExecution {
    #[serde(default)]
    status: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireStageExecution {
    pipeline_execution_id: String,
    #[serde(default)]
    status: String,
}

#[derive(Deserialize)]
struct Nothing {}

fn millis(seconds: Option<f64>) -> Option<i64> {
    seconds.map(|seconds| (seconds * 1000.0) as i64)
}

impl CodePipeline {
    /// The pipeline `name` as it is defined (GetPipeline); `None` when there is none.
    ///
    /// # Errors
    /// Whatever CodePipeline reports but that it does not exist.
    pub async fn pipeline(&self, name: &str) -> Result<Option<Pipeline>, Error> {
        let found = query::json::<GetPipeline>(&self.0, API, "GetPipeline", &json!({"name": name})).await;
        let found = match found {
            Err(error) if error.is_not_found() => return Ok(None),
            found => found?,
        };
        Ok(Some(Pipeline {
            name: found.pipeline.name,
            stages: found.pipeline.stages,
            store_regions: found.pipeline.artifact_stores.into_keys().collect(),
            created: millis(found.metadata.created),
            updated: millis(found.metadata.updated),
        }))
    }

    /// How the pipeline `name` stands (GetPipelineState).
    ///
    /// # Errors
    /// Whatever CodePipeline reports.
    pub async fn state(&self, name: &str) -> Result<State, Error> {
        let found: GetPipelineState =
            query::json(&self.0, API, "GetPipelineState", &json!({"name": name})).await?;
        let stages = found.stage_states.into_iter().map(|stage| StageState {
            name: stage.stage_name,
            actions: stage
                .action_states
                .into_iter()
                .map(|action| {
                    (action.action_name, action.latest_execution.map(|last| last.status).unwrap_or_default())
                })
                .collect(),
            enabled: stage.inbound_transition_state.is_none_or(|transition| transition.enabled),
            execution: stage.latest_execution.map(|last| (last.pipeline_execution_id, last.status)),
        });
        Ok(State { stages: stages.collect(), updated: millis(found.updated) })
    }

    /// Runs the failed actions of a stage once more (RetryStageExecution).
    ///
    /// # Errors
    /// Whatever CodePipeline reports.
    pub async fn retry(&self, name: &str, stage: &str, execution: &str) -> Result<(), Error> {
        let input = json!({
            "pipelineName": name,
            "stageName": stage,
            "pipelineExecutionId": execution,
            "retryMode": "FAILED_ACTIONS",
        });
        query::json::<Nothing>(&self.0, API, "RetryStageExecution", &input).await.map(drop)
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing;

    #[tokio::test(flavor = "current_thread")]
    async fn a_pipeline_with_its_stages() {
        let server = testing::answers(vec![
            testing::json(
                200,
                r#"{"pipeline": {"name": "p", "roleArn": "r", "version": 1,
                    "artifactStores": {"eu-west-1": {"type": "S3", "location": "b"}, "us-east-1": {}},
                    "stages": [{"name": "Source", "actions": [{"name": "S", "runOrder": 1,
                        "actionTypeId": {"category": "Source", "owner": "AWS", "provider": "CodeCommit", "version": "1"},
                        "configuration": {"RepositoryName": "shop"}}]}]},
                    "metadata": {"pipelineArn": "a", "created": 1600000000.5, "updated": 1.6e9}}"#,
            ),
            testing::json_error("PipelineNotFoundException", "no such pipeline"),
        ]);
        let door = server.connection().codepipeline();
        let found = door.pipeline("p").await.unwrap().unwrap();
        assert_eq!((found.created, found.updated), (Some(1_600_000_000_500), Some(1_600_000_000_000)));
        assert_eq!(found.store_regions, ["eu-west-1", "us-east-1"]);
        let action = &found.stages[0].actions[0];
        assert_eq!(
            (action.action_type_id.provider.as_str(), action.configuration["RepositoryName"].as_str()),
            ("CodeCommit", "shop")
        );
        assert_eq!(server.requests()[0].body, r#"{"name":"p"}"#);
        assert_eq!(door.pipeline("p").await.unwrap(), None);
    }

    #[tokio::test(flavor = "current_thread")]
    async fn a_state_before_and_after_the_first_run() {
        let server = testing::answers(vec![
            testing::json(
                200,
                r#"{"pipelineName": "p", "updated": 1.6e9, "stageStates": [
                    {"stageName": "Source", "inboundTransitionState": {"enabled": true},
                     "actionStates": [{"actionName": "S", "latestExecution": {"status": "Failed"}}],
                     "latestExecution": {"pipelineExecutionId": "e-1", "status": "Failed"}},
                    {"stageName": "Build", "inboundTransitionState": {"enabled": false}, "actionStates": [{"actionName": "B"}]}]}"#,
            ),
            testing::json(200, r#"{"pipelineExecutionId": "e-1"}"#),
        ]);
        let door = server.connection().codepipeline();
        let state = door.state("p").await.unwrap();
        assert_eq!(state.stages[0].execution, Some(("e-1".to_owned(), "Failed".to_owned())));
        assert_eq!(state.stages[1].actions, [("B".to_owned(), String::new())]);
        assert!(state.stages[0].enabled && !state.stages[1].enabled && state.stages[1].execution.is_none());
        door.retry("p", "Source", "e-1").await.unwrap();
        assert_eq!(server.actions(), ["GetPipelineState", "RetryStageExecution"]);
        assert!(server.requests()[1].body.contains("FAILED_ACTIONS"));
    }
}
