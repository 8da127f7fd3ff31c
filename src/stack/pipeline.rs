//! The stack of a pipeline: connection, build projects, roles, and the pipeline itself with its stages.
//!
//! A stage's actions run in the order of their `RunOrder`: approval, what comes before the deployments, the deployments,
//! what comes after them, test commands. Each group begins behind the last of the group before; inside a group an action
//! waits for those it depends on.

mod actions;

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::{Value, json};

use super::render::{RenderError, render};
use super::{Stack, document, expr};
use crate::facts::pipeline::PipelineFacts;
use crate::model::pipeline::{Action, Origin, Pipeline, Stage};
use crate::name::{AppName, EnvName, PipelineName, alphanumeric, dashed};

/// Why a pipeline's stack can't be made from what is given.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StackError {
    /// A stage's environment is not among the facts.
    #[error("there is no environment {0}")]
    NoEnvironment(EnvName),
    /// The application has no bucket in a region.
    #[error("the application has no artifact bucket in {0}")]
    NoBucket(String),
    /// There is nothing that a stage could deploy.
    #[error("the stage {0} deploys nothing: the workspace has no services and jobs")]
    NothingToDeploy(EnvName),
    /// A fault in a built-in template.
    #[error(transparent)]
    Render(#[from] RenderError),
}

/// Name of a pipeline's stack. `legacy`: it was deployed before pipelines of several applications could have one name.
#[must_use]
pub fn stack_name(app: &AppName, name: &PipelineName, legacy: bool) -> String {
    if legacy { name.to_string() } else { format!("pipeline-{app}-{name}") }
}

/// Name of the stage that deploys to an environment.
#[must_use]
pub fn stage_name(env: &EnvName) -> String {
    format!("DeployTo-{env}")
}

/// Key of the tag with a pipeline's name. Legacy pipelines have none.
pub const TAG: &str = "copilot-pipeline";

#[derive(Debug, Serialize)]
struct View {
    description: String,
    app: String,
    permissions_boundary: Option<Value>,
    connection: Option<Connection>,
    connection_arn: Option<Value>,
    repository_arn: Option<Value>,
    build_trust: Value,
    read_only: Vec<Value>,
    managers: Vec<String>,
    permissions: Value,
    additional_policy: Option<Value>,
    key: Value,
    image: String,
    build_type: &'static str,
    buildspec: String,
    projects: Vec<Project>,
    tests: Vec<Test>,
    build_projects: Vec<Value>,
    keys: Vec<String>,
    objects: Vec<Value>,
    deployed_name: Option<Value>,
    stores: Vec<Value>,
    stages: Vec<Value>,
}

/// What the build may do besides taking on the environments' roles.
#[derive(Debug, Serialize)]
struct Permissions<'a> {
    app: &'a str,
    report_groups: Value,
    objects: &'a [Value],
    keys: &'a [String],
    cloned_repository: Option<&'a Value>,
    cloned_connection: Option<&'a Value>,
}

/// The connection that the stack makes.
#[derive(Debug, Serialize)]
struct Connection {
    name: String,
    provider: &'static str,
}

/// A build project that runs before or after deployments.
#[derive(Debug, Serialize)]
struct Project {
    id: String,
    role_id: String,
    title: String,
    role: Value,
    env: String,
    manager: String,
    buildspec: String,
}

/// The build project of test commands.
#[derive(Debug, Serialize)]
struct Test {
    id: String,
    title: String,
    env: String,
    buildspec: String,
}

/// The stack of a pipeline.
///
/// # Errors
/// [`StackError`].
pub fn pipeline(model: &Pipeline, facts: &PipelineFacts) -> Result<Stack, StackError> {
    let app = &facts.app.name;
    let name = stack_name(app, &model.name, facts.legacy);
    let regions = regions(model, facts)?;
    let (keys, objects, stores) = stores(&regions, facts)?;
    let managers: BTreeSet<&str> = model
        .stages
        .iter()
        .filter_map(|stage| Some(facts.environments.get(&stage.env)?.manager_role_arn.as_str()))
        .collect();
    let source = Source::of(model, facts);
    let permissions = render(
        "pipeline/permissions.yml",
        &Permissions {
            app: app.as_str(),
            report_groups: report_groups(&name),
            objects: &objects,
            keys: &keys,
            cloned_repository: source.repository_arn.as_ref().filter(|_| source.clone),
            cloned_connection: source.connection_arn.as_ref().filter(|_| source.clone),
        },
    )?;
    let projects = projects(model, facts);
    let tests = tests(model);
    let build_projects = ["BuildProject".to_owned()]
        .into_iter()
        .chain(projects.iter().map(|project| project.id.clone()))
        .chain(tests.iter().map(|test| test.id.clone()))
        .map(|id| expr::attribute(&id, "Arn"))
        .collect();
    let view = View {
        description: format!("CodePipeline for {app}"),
        app: app.to_string(),
        permissions_boundary: document::permissions_boundary(&facts.app),
        build_trust: trust("codebuild.amazonaws.com"),
        read_only: ["AmazonSSMReadOnlyAccess", "AWSCloudFormationReadOnlyAccess"]
            .map(|policy| expr::sub(&format!("arn:${{AWS::Partition}}:iam::aws:policy/{policy}")))
            .to_vec(),
        managers: managers.into_iter().map(str::to_owned).collect(),
        permissions: permissions["Statement"].clone(),
        additional_policy: model.build.policy.clone(),
        key: expr::export(&format!("{app}-ArtifactKey")),
        image: model.build.image.clone(),
        build_type: if model.build.image.contains("aarch64") { "ARM_CONTAINER" } else { "LINUX_CONTAINER" },
        buildspec: model.build.buildspec.clone(),
        stages: actions::stages(model, facts, source.connection_arn.as_ref())?,
        connection: source.connection,
        connection_arn: source.connection_arn,
        repository_arn: source.repository_arn,
        projects,
        tests,
        build_projects,
        keys,
        objects,
        deployed_name: facts.deployed_name.clone(),
        stores,
    };
    let template = render("pipeline/pipeline.yml", &view)?;
    let mut tags = document::tags(&facts.app, None, None);
    if !facts.legacy {
        tags.insert(TAG.to_owned(), model.name.to_string());
    }
    Ok(Stack { name, template: document::finished(template, None), parameters: BTreeMap::new(), tags })
}

fn trust(service: &str) -> Value {
    json!({
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}],
    })
}

/// Report groups that builds of a stack's projects make: they are named by project and group.
fn report_groups(stack: &str) -> Value {
    let prefix = expr::sub("arn:${AWS::Partition}:codebuild:${AWS::Region}:${AWS::AccountId}:report-group/");
    expr::join("", vec![prefix, Value::from(format!("{stack}-*"))])
}

/// The regions that need artifacts: the pipeline's first.
fn regions(model: &Pipeline, facts: &PipelineFacts) -> Result<Vec<String>, StackError> {
    let mut regions = vec![facts.region.clone()];
    for stage in &model.stages {
        let env = facts.environments.get(&stage.env);
        let env = env.ok_or_else(|| StackError::NoEnvironment(stage.env.clone()))?;
        if !regions.contains(&env.region) {
            regions.push(env.region.clone());
        }
    }
    Ok(regions)
}

type Stores = (Vec<String>, Vec<Value>, Vec<Value>);

/// ARNs of keys, ARNs of buckets and their objects, and the pipeline's artifact stores.
fn stores(regions: &[String], facts: &PipelineFacts) -> Result<Stores, StackError> {
    let (mut keys, mut objects, mut stores) = (vec![], vec![], vec![]);
    for region in regions {
        let artifacts = facts.artifacts.get(region).filter(|artifacts| !artifacts.bucket.is_empty());
        let artifacts = artifacts.ok_or_else(|| StackError::NoBucket(region.clone()))?;
        for end in ["", "/*"] {
            let prefix = expr::sub("arn:${AWS::Partition}:s3:::");
            objects.push(expr::join("", vec![prefix, Value::from(format!("{}{end}", artifacts.bucket))]));
        }
        keys.push(artifacts.kms_key_arn.clone());
        stores.push(json!({
            "Region": region,
            "ArtifactStore": {
                "Type": "S3",
                "Location": artifacts.bucket,
                "EncryptionKey": {"Id": artifacts.kms_key_arn, "Type": "KMS"},
            },
        }));
    }
    Ok((keys, objects, stores))
}

/// What the source needs of the stack.
#[derive(Default)]
struct Source {
    connection: Option<Connection>,
    connection_arn: Option<Value>,
    repository_arn: Option<Value>,
    clone: bool,
}

impl Source {
    fn of(model: &Pipeline, facts: &PipelineFacts) -> Self {
        match &model.source.origin {
            Origin::Connection { provider, owner, repository, name, clone, .. } => {
                let own = name.is_none();
                Self {
                    connection: own
                        .then(|| Connection { name: connection_name(owner, repository), provider }),
                    connection_arn: Some(if own {
                        expr::reference("SourceConnection")
                    } else {
                        Value::from(facts.connection_arn.as_str())
                    }),
                    clone: *clone,
                    ..Self::default()
                }
            }
            Origin::Token { .. } => Self::default(),
            Origin::CodeCommit { repository, clone, .. } => {
                let prefix = expr::sub("arn:${AWS::Partition}:codecommit:${AWS::Region}:${AWS::AccountId}:");
                let arn = expr::join("", vec![prefix, Value::from(repository.as_str())]);
                Self { repository_arn: Some(arn), clone: *clone, ..Self::default() }
            }
        }
    }
}

/// Name of the connection that the stack makes: 32 characters at most.
fn connection_name(owner: &str, repository: &str) -> String {
    // Both are ASCII.
    let cut = |text: &str, most: usize| text.chars().take(most).collect::<String>();
    format!("copilot-{}-{}", cut(owner, 5), cut(repository, 18))
}

/// Logical id of the project of an action before (`Pre`) or after (`Post`) the deployments.
fn project_id(when: &str, stage: &Stage, action: &Action) -> String {
    format!("{when}{}DeploymentAction{}", alphanumeric(stage.env.as_str()), alphanumeric(&action.name))
}

/// Logical id of the project of a stage's test commands.
fn test_id(stage: &Stage) -> String {
    format!("BuildTestCommands{}", dashed(stage.env.as_str()))
}

fn projects(model: &Pipeline, facts: &PipelineFacts) -> Vec<Project> {
    let mut projects = vec![];
    for stage in &model.stages {
        let manager =
            facts.environments.get(&stage.env).map(|env| env.manager_role_arn.clone()).unwrap_or_default();
        let groups = [("Pre", "before", &stage.before), ("Post", "after", &stage.after)];
        for (when, word, actions) in groups {
            projects.extend(actions.iter().map(|action| {
                let id = project_id(when, stage, action);
                Project {
                    title: format!("The project {}, {word} deployments to {}", action.name, stage.env),
                    role: expr::attribute(&format!("{id}BuildProjectRole"), "Arn"),
                    role_id: format!("{id}BuildProjectRole"),
                    id,
                    env: stage.env.to_string(),
                    manager: manager.clone(),
                    buildspec: action.buildspec.clone(),
                }
            }));
        }
    }
    projects
}

fn tests(model: &Pipeline) -> Vec<Test> {
    let stages = model.stages.iter().filter(|stage| !stage.test_commands.is_empty());
    stages
        .map(|stage| Test {
            id: test_id(stage),
            title: format!("The project that tests {}", stage.env),
            env: stage.env.to_string(),
            buildspec: buildspec(&stage.test_commands),
        })
        .collect()
}

/// A buildspec that runs some commands.
fn buildspec(commands: &[String]) -> String {
    crate::yaml::template::to_yaml(&json!({"version": 0.2, "phases": {"build": {"commands": commands}}}))
}

#[cfg(test)]
mod tests;
