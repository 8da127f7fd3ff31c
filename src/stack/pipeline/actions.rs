//! The stages of a pipeline and their actions.

use serde_json::{Map, Value, json};

use super::{StackError, project_id, stage_name, test_id};
use crate::facts::pipeline::{Environment, PipelineFacts};
use crate::model::pipeline::{Action, Deployment, Deployments, Origin, Pipeline, Stage};
use crate::stack::{document, expr};

/// What the source action hands on.
const CHECKOUT: &str = "SCCheckoutArtifact";
/// What the build hands on.
const OUTPUT: &str = "BuildOutput";

/// All stages, in order.
///
/// # Errors
/// [`StackError`].
pub(super) fn stages(
    model: &Pipeline,
    facts: &PipelineFacts,
    connection: Option<&Value>,
) -> Result<Vec<Value>, StackError> {
    let mut stages = vec![source(model, facts, connection), build()];
    for stage in &model.stages {
        stages.push(json!({"Name": stage_name(&stage.env), "Actions": deploy(stage, facts)?}));
    }
    Ok(stages)
}

/// What an action is: category, owner, provider.
fn kind(category: &str, owner: &str, provider: &str) -> Value {
    json!({"Category": category, "Owner": owner, "Version": "1", "Provider": provider})
}

fn named(name: &str) -> Value {
    json!([{"Name": name}])
}

fn source(model: &Pipeline, facts: &PipelineFacts, connection: Option<&Value>) -> Value {
    let branch = &model.source.branch;
    let (kind, configuration, format) = match &model.source.origin {
        Origin::Connection { owner, repository, format, .. } => (
            kind("Source", "AWS", "CodeStarSourceConnection"),
            json!({
                "ConnectionArn": connection,
                "FullRepositoryId": format!("{owner}/{repository}"),
                "BranchName": branch,
            }),
            *format,
        ),
        Origin::Token { owner, repository, secret } => (
            kind("Source", "ThirdParty", "GitHub"),
            json!({
                "Owner": owner,
                "Repo": repository,
                "Branch": branch,
                "OAuthToken": format!("{{{{resolve:secretsmanager:{secret}}}}}"),
            }),
            None,
        ),
        Origin::CodeCommit { repository, format, .. } => (
            kind("Source", "AWS", "CodeCommit"),
            json!({"RepositoryName": repository, "BranchName": branch}),
            *format,
        ),
    };
    let mut configuration = configuration;
    if let (Some(format), Some(map)) = (format, configuration.as_object_mut()) {
        map.insert("OutputArtifactFormat".to_owned(), Value::from(format));
    }
    json!({"Name": "Source", "Actions": [{
        "Name": format!("SourceCodeFor-{}", facts.app.name),
        "ActionTypeId": kind,
        "Configuration": configuration,
        "OutputArtifacts": named(CHECKOUT),
        "RunOrder": 1,
    }]})
}

fn build() -> Value {
    json!({"Name": "Build", "Actions": [{
        "Name": "Build",
        "ActionTypeId": kind("Build", "AWS", "CodeBuild"),
        "Configuration": {"ProjectName": expr::reference("BuildProject")},
        "InputArtifacts": named(CHECKOUT),
        "OutputArtifacts": named(OUTPUT),
        "RunOrder": 1,
    }]})
}

/// The actions of a stage. Each group begins behind the last of the one before.
fn deploy(stage: &Stage, facts: &PipelineFacts) -> Result<Vec<Value>, StackError> {
    let env = facts.environments.get(&stage.env);
    let env = env.ok_or_else(|| StackError::NoEnvironment(stage.env.clone()))?;
    let mut actions = vec![];
    let mut next = 1;
    if stage.requires_approval {
        actions.push(json!({
            "Name": format!("ApprovePromotionTo-{}", stage.env),
            "ActionTypeId": kind("Approval", "AWS", "Manual"),
            "RunOrder": next,
        }));
        next += 1;
    }
    actions.extend(projects("Pre", stage, &stage.before, next));
    next += length(stage.before.iter().map(|action| action.rank));
    let deployments = deployments(stage, facts)?;
    actions.extend(deployments.iter().map(|deployment| stack(stage, deployment, env, facts, next)));
    next += length(deployments.iter().map(|deployment| deployment.rank));
    actions.extend(projects("Post", stage, &stage.after, next));
    next += length(stage.after.iter().map(|action| action.rank));
    if !stage.test_commands.is_empty() {
        actions.push(json!({
            "Name": "TestCommands",
            "ActionTypeId": kind("Test", "AWS", "CodeBuild"),
            "Configuration": {"ProjectName": expr::reference(&test_id(stage))},
            "InputArtifacts": named(CHECKOUT),
            "RunOrder": next,
        }));
    }
    Ok(actions)
}

/// How many steps a group of actions with these ranks takes.
fn length(ranks: impl Iterator<Item = u32>) -> u32 {
    ranks.max().map_or(0, |rank| rank + 1)
}

fn projects<'a>(
    when: &'a str,
    stage: &'a Stage,
    actions: &'a [Action],
    first: u32,
) -> impl Iterator<Item = Value> + 'a {
    actions.iter().map(move |action| {
        let id = project_id(when, stage, action);
        json!({
            "Name": action.name,
            "ActionTypeId": kind("Build", "AWS", "CodeBuild"),
            "Configuration": {"ProjectName": expr::reference(&id)},
            "InputArtifacts": named(CHECKOUT),
            "OutputArtifacts": named(&format!("{id}Output")),
            "RunOrder": first + action.rank,
        })
    })
}

fn deployments(stage: &Stage, facts: &PipelineFacts) -> Result<Vec<Deployment>, StackError> {
    match &stage.deployments {
        Deployments::These(deployments) => Ok(deployments.clone()),
        Deployments::Everything if facts.workloads.is_empty() => {
            Err(StackError::NothingToDeploy(stage.env.clone()))
        }
        Deployments::Everything => Ok(facts
            .workloads
            .iter()
            .map(|name| Deployment {
                name: name.to_string(),
                stack: Some(document::workload_stack(&facts.app.name, &stage.env, name)),
                template: None,
                parameters: None,
                rank: 0,
            })
            .collect()),
    }
}

fn stack(
    stage: &Stage,
    deployment: &Deployment,
    env: &Environment,
    facts: &PipelineFacts,
    first: u32,
) -> Value {
    let (name, stage_env) = (&deployment.name, &stage.env);
    let own = |end: &str| format!("infrastructure/{name}-{stage_env}.{end}");
    let in_output =
        |path: Option<&String>, end: &str| format!("{OUTPUT}::{}", path.cloned().unwrap_or_else(|| own(end)));
    let mut stack =
        deployment.stack.clone().unwrap_or_else(|| format!("{}-{stage_env}-{name}", facts.app.name));
    // Names are ASCII; CloudFormation takes 128 characters.
    stack = stack.chars().take(128).collect();
    let configuration: Map<String, Value> = [
        ("ActionMode", "CREATE_UPDATE".to_owned()),
        ("StackName", stack),
        ("Capabilities", "CAPABILITY_IAM,CAPABILITY_NAMED_IAM,CAPABILITY_AUTO_EXPAND".to_owned()),
        ("TemplatePath", in_output(deployment.template.as_ref(), "stack.yml")),
        ("TemplateConfiguration", in_output(deployment.parameters.as_ref(), "params.json")),
        // What CloudFormation does in the environment's account, it does with this role.
        ("RoleArn", env.execution_role_arn.clone()),
    ]
    .into_iter()
    .map(|(key, value)| (key.to_owned(), Value::from(value)))
    .collect();
    json!({
        "Name": format!("CreateOrUpdate-{name}-{stage_env}"),
        "Region": env.region,
        "ActionTypeId": kind("Deploy", "AWS", "CloudFormation"),
        "Configuration": configuration,
        "InputArtifacts": named(OUTPUT),
        "RunOrder": first + deployment.rank,
        // The pipeline takes on this role to start the change.
        "RoleArn": env.manager_role_arn,
    })
}
