//! Pipelines: which there are, what they are made of, how they stand.

use futures_util::future::try_join_all;
use futures_util::try_join;
use jiff::Timestamp;
use serde::Serialize;

use super::stack::{Resource, resources};
use super::{Error, ago, rfc3339};
use crate::aws::Connection;
use crate::aws::codepipeline::{self, Action};
use crate::name::AppName;
use crate::page::{Body, Cell, Mark, Page, Paged};
use crate::store;

/// Tag with a pipeline's name; pipelines of old versions have none.
const TAG: &str = "copilot-pipeline";
/// Tag that CloudFormation puts on what it makes.
const STACK_TAG: &str = "aws:cloudformation:stack-name";

/// A pipeline as its tags tell of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Found {
    /// Its name without the application's.
    #[serde(skip)]
    pub name: String,
    /// Name of the CodePipeline pipeline.
    pub pipeline_name: String,
    /// Its region.
    pub region: String,
    /// Its account.
    pub account_id: String,
    /// Name of its stack.
    #[serde(skip)]
    pub stack: String,
}

/// The application's pipelines, by the tags CodePipeline has, sorted by name.
///
/// # Errors
/// What AWS reports.
pub async fn deployed(app_account: &Connection, app: &AppName) -> Result<Vec<Found>, Error> {
    let tags = [(store::APP_TAG, app.as_str())];
    let resources = app_account.tagging().resources(&["codepipeline:pipeline"], &tags).await?;
    let mut found: Vec<Found> = resources
        .iter()
        .filter_map(|resource| {
            let parts: Vec<&str> = resource.arn.splitn(6, ':').collect();
            let [_, _, _, region, account, own] = parts.as_slice() else { return None };
            let (name, stack) = match resource.tags.get(TAG) {
                Some(name) => (name.clone(), format!("pipeline-{app}-{name}")),
                None => {
                    let stack = resource.tags.get(STACK_TAG).map_or(*own, String::as_str);
                    ((*own).to_owned(), stack.to_owned())
                }
            };
            Some(Found {
                name,
                pipeline_name: (*own).to_owned(),
                region: (*region).to_owned(),
                account_id: (*account).to_owned(),
                stack,
            })
        })
        .collect();
    found.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(found)
}

/// Regions whose artifact buckets the application's pipelines use, and the environments they deploy to, by stage name.
///
/// # Errors
/// What AWS reports.
pub async fn uses(app_account: &Connection, app: &AppName) -> Result<Vec<Use>, Error> {
    let found = deployed(app_account, app).await?;
    let door = app_account.codepipeline();
    let defined = try_join_all(found.iter().map(|found| door.pipeline(&found.pipeline_name))).await?;
    // A tag outlives its pipeline for a while.
    Ok(found
        .into_iter()
        .zip(defined)
        .filter_map(|(found, defined)| {
            let defined = defined?;
            let mut regions = defined.store_regions;
            if !regions.contains(&found.region) {
                regions.push(found.region);
            }
            Some(Use {
                name: found.name,
                regions,
                stages: defined.stages.into_iter().map(|stage| stage.name).collect(),
            })
        })
        .collect())
}

/// What a pipeline uses of its application.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Use {
    /// Its name.
    pub name: String,
    /// Regions it keeps artifacts in.
    pub regions: Vec<String>,
    /// Names of its stages.
    pub stages: Vec<String>,
}

/// Pipelines, as `pipeline ls --json` lists them.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Pipelines {
    /// The pipelines, sorted by name.
    pub pipelines: Vec<Pipeline>,
}

/// A pipeline as it is defined.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Pipeline {
    /// Its name without the application's.
    pub name: String,
    /// Name of the CodePipeline pipeline.
    pub pipeline_name: String,
    /// Its region.
    pub region: String,
    /// Its account.
    pub account_id: String,
    /// Its stages, in order.
    pub stages: Vec<Stage>,
    /// When it was made; milliseconds since the Unix epoch.
    #[serde(serialize_with = "rfc3339")]
    pub created_at: Option<i64>,
    /// When it was changed last; milliseconds since the Unix epoch.
    #[serde(serialize_with = "rfc3339")]
    pub updated_at: Option<i64>,
    /// Resources of its stack, where they were asked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub resources: Vec<Resource>,
}

/// A stage of a pipeline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Stage {
    /// Its name.
    pub name: String,
    /// Category of what it is for, such as `Deploy`.
    pub category: String,
    /// Who does that, such as `CloudFormation`.
    pub provider: String,
    /// What with, such as `StackName: shop-test-api, shop-test-web`.
    pub details: String,
}

/// Reads pipelines that are deployed. One that is gone meanwhile is left out.
///
/// # Errors
/// What AWS reports.
pub async fn list(app_account: &Connection, app: &AppName) -> Result<Pipelines, Error> {
    let found = deployed(app_account, app).await?;
    let read = try_join_all(found.iter().map(|found| show(app_account, found, false))).await?;
    Ok(Pipelines { pipelines: read.into_iter().flatten().collect() })
}

/// Reads a pipeline as it is defined, with the resources of its stack where `with_resources`; `None` when it is gone.
///
/// # Errors
/// What AWS reports.
pub async fn show(
    app_account: &Connection,
    found: &Found,
    with_resources: bool,
) -> Result<Option<Pipeline>, Error> {
    let listed =
        async { if with_resources { resources(app_account, &found.stack).await } else { Ok(vec![]) } };
    let door = app_account.codepipeline();
    let (defined, listed) =
        try_join!(async { Ok::<_, Error>(door.pipeline(&found.pipeline_name).await?) }, listed)?;
    let Some(defined) = defined else { return Ok(None) };
    Ok(Some(Pipeline {
        name: found.name.clone(),
        pipeline_name: defined.name,
        region: found.region.clone(),
        account_id: found.account_id.clone(),
        stages: defined.stages.iter().map(Stage::from).collect(),
        created_at: defined.created,
        updated_at: defined.updated,
        resources: listed,
    }))
}

impl From<&codepipeline::Stage> for Stage {
    fn from(stage: &codepipeline::Stage) -> Self {
        let deploys = stage.actions.iter().find(|action| action.action_type_id.category == "Deploy");
        let main = deploys.or(stage.actions.first());
        let alike = |action: &&Action| {
            main.is_some_and(|main| main.action_type_id.category == action.action_type_id.category)
        };
        let values: Vec<&str> =
            stage.actions.iter().filter(alike).filter_map(|action| setting(action)?.1).collect();
        let key = main.and_then(setting).map_or("", |(key, _)| key);
        let details = if values.is_empty() { String::new() } else { format!("{key}: {}", values.join(", ")) };
        Self {
            name: stage.name.clone(),
            category: main.map(|action| action.action_type_id.category.clone()).unwrap_or_default(),
            provider: main.map(|action| action.action_type_id.provider.clone()).unwrap_or_default(),
            details,
        }
    }
}

/// The setting that tells what an action works with: what people call it, and its value.
fn setting(action: &Action) -> Option<(&'static str, Option<&str>)> {
    let keys = [
        ("FullRepositoryId", "Repository"),
        ("RepositoryName", "Repository"),
        ("Repo", "Repository"),
        ("ProjectName", "BuildProject"),
        ("StackName", "StackName"),
    ];
    let (key, name) = keys.into_iter().find(|(key, _)| action.configuration.contains_key(*key))?;
    Some((name, action.configuration.get(key).map(String::as_str)))
}

/// How a pipeline stands, as `pipeline status --json` shows it.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Status {
    /// Its name without the application's.
    pub name: String,
    /// Name of the CodePipeline pipeline.
    pub pipeline_name: String,
    /// How its stages stand, in order.
    pub stage_states: Vec<StageStatus>,
    /// When it was changed last; milliseconds since the Unix epoch.
    #[serde(serialize_with = "rfc3339")]
    pub updated_at: Option<i64>,
}

/// How a stage stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct StageStatus {
    /// Its name.
    pub stage_name: String,
    /// How its actions stand.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub actions: Vec<ActionStatus>,
    /// `ENABLED` or `DISABLED`: whether changes come into it.
    pub transition: &'static str,
    /// How it stands as a whole, such as `Succeeded`; empty before it ran.
    pub status: String,
}

/// How an action stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ActionStatus {
    /// Its name.
    pub name: String,
    /// Its status, such as `InProgress`; empty before it ran.
    pub status: String,
}

/// Reads how a pipeline stands.
///
/// # Errors
/// What AWS reports.
pub async fn status(app_account: &Connection, found: &Found) -> Result<Status, Error> {
    let state = app_account.codepipeline().state(&found.pipeline_name).await?;
    let stages = state.stages.into_iter().map(|stage| StageStatus {
        stage_name: stage.name,
        actions: stage.actions.into_iter().map(|(name, status)| ActionStatus { name, status }).collect(),
        transition: if stage.enabled { "ENABLED" } else { "DISABLED" },
        status: stage.execution.map(|(_, status)| status).unwrap_or_default(),
    });
    Ok(Status {
        name: found.name.clone(),
        pipeline_name: found.pipeline_name.clone(),
        stage_states: stages.collect(),
        updated_at: state.updated,
    })
}

impl Paged for Pipelines {
    fn page(&self, _now: Timestamp) -> Page {
        let names = self.pipelines.iter().map(|pipeline| Cell::from(pipeline.name.as_str()));
        Page::new().with("", Body::Lines(names.collect()))
    }
}

impl Paged for Pipeline {
    fn page(&self, now: Timestamp) -> Page {
        let about = [
            ("Name", self.name.clone()),
            ("Pipeline", self.pipeline_name.clone()),
            ("Region", self.region.clone()),
            ("AccountID", self.account_id.clone()),
            ("Created At", ago(self.created_at, now)),
            ("Updated At", ago(self.updated_at, now)),
        ];
        let about = about.map(|(name, value)| (name.to_owned(), Cell::or_dash(value)));
        let stages = self.stages.iter().map(|stage| {
            [&stage.name, &stage.category, &stage.provider, &stage.details]
                .map(|text| Cell::or_dash(text.as_str()))
                .to_vec()
        });
        let resources = self.resources.iter().map(|resource| {
            vec![Cell::from(resource.kind.as_str()), Cell::or_dash(resource.physical_id.as_str())]
        });
        Page::new()
            .with("About", Body::Pairs(about.into()))
            .with("Stages", Body::table(&["Name", "Category", "Provider", "Details"], stages.collect()))
            .with("Resources", Body::table(&["Type", "Physical ID"], resources.collect()))
    }
}

impl Paged for Status {
    fn page(&self, now: Timestamp) -> Page {
        let cell = |status: &str| match status {
            "" => Cell::new("-", Mark::Dim),
            "Succeeded" => Cell::new(status, Mark::Good),
            "Failed" => Cell::new(status, Mark::Bad),
            _ => Cell::new(status, Mark::Plain),
        };
        let mut rows = vec![];
        for stage in &self.stage_states {
            rows.push(vec![
                Cell::from(stage.stage_name.as_str()),
                stage.transition.into(),
                cell(&stage.status),
            ]);
            for action in &stage.actions {
                rows.push(vec![Cell::from(format!("  {}", action.name)), "".into(), cell(&action.status)]);
            }
        }
        let updated = (String::from("Updated At"), Cell::or_dash(ago(self.updated_at, now)));
        Page::new()
            .with("Pipeline Status", Body::table(&["Stage", "Transition", "Status"], rows))
            .with("Last Deployment", Body::Pairs(vec![updated]))
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::text;
    use super::*;
    use crate::aws::testing;

    fn app() -> AppName {
        AppName::new("shop").unwrap()
    }

    fn scripted() -> testing::Server {
        testing::server(|request| match request.action.as_str() {
            "GetResources" => testing::json(
                200,
                r#"{"ResourceTagMappingList": [
                    {"ResourceARN": "arn:aws:codepipeline:eu-west-1:111122223333:pipeline-shop-main-Pipeline-1", "Tags": [
                        {"Key": "copilot-pipeline", "Value": "main"}]},
                    {"ResourceARN": "arn:aws:codepipeline:eu-west-1:111122223333:old-Pipeline-2", "Tags": [
                        {"Key": "aws:cloudformation:stack-name", "Value": "old"}]}]}"#,
            ),
            "GetPipeline" if request.body.contains("old") => {
                testing::json_error("PipelineNotFoundException", "")
            }
            "GetPipeline" => testing::json(
                200,
                r#"{"pipeline": {"name": "pipeline-shop-main-Pipeline-1", "artifactStores": {"us-east-1": {}}, "stages": [
                    {"name": "Source", "actions": [{"name": "S", "configuration": {"FullRepositoryId": "acme/shop"},
                        "actionTypeId": {"category": "Source", "provider": "CodeStarSourceConnection"}}]},
                    {"name": "DeployTo-test", "actions": [
                        {"name": "A", "actionTypeId": {"category": "Approval", "provider": "Manual"}},
                        {"name": "D", "configuration": {"StackName": "shop-test-api"}, "actionTypeId": {"category": "Deploy", "provider": "CloudFormation"}},
                        {"name": "E", "configuration": {"StackName": "shop-test-web"}, "actionTypeId": {"category": "Deploy", "provider": "CloudFormation"}}]}]},
                    "metadata": {"created": 1600000000, "updated": 1600000000}}"#,
            ),
            _ => testing::json(
                200,
                r#"{"updated": 1600000000, "stageStates": [
                    {"stageName": "Source", "latestExecution": {"pipelineExecutionId": "e", "status": "Succeeded"},
                     "actionStates": [{"actionName": "S", "latestExecution": {"status": "Succeeded"}}]},
                    {"stageName": "DeployTo-test", "inboundTransitionState": {"enabled": false}}]}"#,
            ),
        })
    }

    #[tokio::test(flavor = "current_thread")]
    async fn what_there_is_and_how_it_stands() {
        let server = scripted();
        let found = deployed(server.connection(), &app()).await.unwrap();
        let names: Vec<(&str, &str)> =
            found.iter().map(|one| (one.name.as_str(), one.stack.as_str())).collect();
        assert_eq!(names, [("main", "pipeline-shop-main"), ("old-Pipeline-2", "old")]);
        let listed = list(server.connection(), &app()).await.unwrap();
        insta::assert_json_snapshot!("pipeline_list", listed);
        let now = Timestamp::from_second(1_600_000_060).unwrap();
        let status = status(server.connection(), &found[0]).await.unwrap();
        let pages = [listed.pipelines[0].page(now), status.page(now)];
        insta::assert_snapshot!("pipeline_pages", pages.iter().map(text).collect::<String>());
        insta::assert_json_snapshot!("pipeline_status", status);
    }

    #[tokio::test(flavor = "current_thread")]
    async fn what_they_use() {
        let used = uses(scripted().connection(), &app()).await.unwrap();
        let want = Use {
            name: "main".to_owned(),
            regions: vec!["us-east-1".to_owned(), "eu-west-1".to_owned()],
            stages: vec!["Source".to_owned(), "DeployTo-test".to_owned()],
        };
        assert_eq!(used, [want]);
    }
}
