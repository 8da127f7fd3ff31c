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
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::diagnostic::Source as File;
    use crate::facts::pipeline::Environment;
    use crate::facts::{App, Artifacts, Facts};
    use crate::model::pipeline::read;

    fn app() -> App {
        let mut app = Facts::new(AppName::new("shop").unwrap(), EnvName::new("test").unwrap()).app;
        app.account = "111122223333".to_owned();
        app.tags.insert("team".to_owned(), "web".to_owned());
        app
    }

    fn environment(name: &str, region: &str) -> (EnvName, Environment) {
        let role = |kind: &str| format!("arn:aws:iam::111122223333:role/shop-{name}-{kind}");
        let env = Environment {
            region: region.to_owned(),
            execution_role_arn: role("CFNExecutionRole"),
            manager_role_arn: role("EnvManagerRole"),
        };
        (EnvName::new(name).unwrap(), env)
    }

    fn facts() -> PipelineFacts {
        let artifacts = |region: &str| {
            let key = format!("arn:aws:kms:{region}:111122223333:key/1");
            (region.to_owned(), Artifacts { bucket: format!("artifacts-{region}"), kms_key_arn: key })
        };
        PipelineFacts {
            region: "eu-west-1".to_owned(),
            artifacts: [artifacts("eu-west-1"), artifacts("us-east-1")].into(),
            environments: [environment("test", "eu-west-1"), environment("pre-prod", "us-east-1")].into(),
            workloads: vec!["api".parse().unwrap(), "web".parse().unwrap()],
            ..PipelineFacts::new(app())
        }
    }

    fn model(text: &str) -> Pipeline {
        let file = File { path: "manifest.yml".to_owned(), text: format!("name: main\nversion: 1\n{text}") };
        let (read, out) = read(&file, &app().name, "copilot/pipelines/main/buildspec.yml");
        read.unwrap_or_else(|| panic!("{:?}", out.items())).model
    }

    const GITHUB: &str =
        "source: {provider: GitHub, properties: {repository: acme/warehouse-inventory-system}}\n";

    fn rendered(text: &str) -> Value {
        pipeline(&model(text), &facts()).unwrap().template
    }

    fn orders(template: &Value, stage: usize) -> Vec<(String, u64)> {
        let actions =
            template["Resources"]["Pipeline"]["Properties"]["Stages"][stage]["Actions"].as_array().unwrap();
        actions
            .iter()
            .map(|action| (action["Name"].as_str().unwrap().to_owned(), action["RunOrder"].as_u64().unwrap()))
            .collect()
    }

    #[test]
    fn groups_follow_each_other_and_members_their_dependencies() {
        let template = rendered(&format!(
            "{GITHUB}stages:\n- name: test\n  requires_approval: true\n  pre_deployments:\n    a: {{buildspec: a.yml, depends_on: [b]}}\n    b: {{buildspec: b.yml}}\n  deployments:\n    web: {{depends_on: [api, db]}}\n    api: {{depends_on: [db]}}\n    db:\n    other:\n  post_deployments:\n    c: {{buildspec: c.yml}}\n- name: pre-prod\n  test_commands: [make test]\n"
        ));
        let found = orders(&template, 2);
        let want = [
            ("ApprovePromotionTo-test", 1),
            ("a", 3),
            ("b", 2),
            ("CreateOrUpdate-api-test", 5),
            ("CreateOrUpdate-db-test", 4),
            ("CreateOrUpdate-other-test", 4),
            ("CreateOrUpdate-web-test", 6),
            ("c", 7),
        ];
        assert_eq!(found, want.map(|(name, order)| (name.to_owned(), order)));
        let found = orders(&template, 3);
        let want =
            [("CreateOrUpdate-api-pre-prod", 1), ("CreateOrUpdate-web-pre-prod", 1), ("TestCommands", 2)];
        assert_eq!(found, want.map(|(name, order)| (name.to_owned(), order)));
        let resources = template["Resources"].as_object().unwrap();
        for id in [
            "PretestDeploymentActiona",
            "PosttestDeploymentActioncBuildProjectRole",
            "BuildTestCommandspreDASHprod",
        ] {
            assert!(resources.contains_key(id), "{id}");
        }
        let buildspec =
            resources["BuildTestCommandspreDASHprod"]["Properties"]["Source"]["BuildSpec"].as_str().unwrap();
        assert_eq!(buildspec, "version: 0.2\nphases:\n  build:\n    commands:\n      - make test\n");
    }

    #[test]
    fn every_region_has_its_store_and_the_pipelines_comes_first() {
        let template = rendered(&format!("{GITHUB}stages: [{{name: pre-prod}}]\n"));
        let stores = template["Resources"]["Pipeline"]["Properties"]["ArtifactStores"].as_array().unwrap();
        let regions: Vec<&str> = stores.iter().map(|store| store["Region"].as_str().unwrap()).collect();
        assert_eq!(regions, ["eu-west-1", "us-east-1"]);
        assert_eq!(stores[1]["ArtifactStore"]["Location"], "artifacts-us-east-1");
        let connection = &template["Resources"]["SourceConnection"]["Properties"];
        assert_eq!(connection["ConnectionName"], "copilot-acme-warehouse-inventor");
        assert_eq!(template["Outputs"]["PipelineConnectionARN"]["Value"], json!({"Ref": "SourceConnection"}));
    }

    #[test]
    fn sources() {
        let action = |text: &str, facts: &PipelineFacts| {
            let text = format!("source: {text}\nstages: [{{name: test}}]\n");
            let template = pipeline(&model(&text), facts).unwrap().template;
            let action = &template["Resources"]["Pipeline"]["Properties"]["Stages"][0]["Actions"][0];
            let connection = template["Resources"].get("SourceConnection").is_some();
            (action["ActionTypeId"]["Provider"].clone(), action["Configuration"].clone(), connection)
        };
        let token =
            "{provider: GitHub, properties: {repository: a/b, access_token_secret: github-token-shop-b}}";
        let (provider, configuration, connection) = action(token, &facts());
        assert_eq!((provider, connection), (json!("GitHub"), false));
        assert_eq!(configuration["OAuthToken"], "{{resolve:secretsmanager:github-token-shop-b}}");
        let commit = "{provider: CodeCommit, properties: {repository: b, output_artifact_format: codebuild_clone_ref}}";
        let (provider, configuration, _) = action(commit, &facts());
        assert_eq!(provider, "CodeCommit");
        assert_eq!(
            configuration,
            json!({"RepositoryName": "b", "BranchName": "main", "OutputArtifactFormat": "CODEBUILD_CLONE_REF"})
        );
        let named =
            "{provider: Bitbucket, properties: {repository: a/b, branch: dev, connection_name: mine}}";
        let arn = "arn:aws:codeconnections:eu-west-1:111122223333:connection/1".to_owned();
        let (provider, configuration, connection) =
            action(named, &PipelineFacts { connection_arn: arn.clone(), ..facts() });
        assert_eq!((provider, connection), (json!("CodeStarSourceConnection"), false));
        assert_eq!(
            (&configuration["ConnectionArn"], &configuration["BranchName"]),
            (&json!(arn), &json!("dev"))
        );
    }

    #[test]
    fn a_legacy_pipeline_keeps_its_stack_and_its_name() {
        let legacy =
            PipelineFacts { legacy: true, deployed_name: Some(json!({"Ref": "AWS::StackName"})), ..facts() };
        let stack = pipeline(&model(&format!("{GITHUB}stages: [{{name: test}}]\n")), &legacy).unwrap();
        assert_eq!((stack.name.as_str(), stack.tags.get(TAG)), ("main", None));
        assert_eq!(
            stack.template["Resources"]["Pipeline"]["Properties"]["Name"],
            json!({"Ref": "AWS::StackName"})
        );
        let stack = pipeline(&model(&format!("{GITHUB}stages: [{{name: test}}]\n")), &facts()).unwrap();
        assert_eq!((stack.name.as_str(), stack.tags[TAG].as_str()), ("pipeline-shop-main", "main"));
        assert_eq!(stack.template["Resources"]["Pipeline"]["Properties"].get("Name"), None);
        assert_eq!(stack.tags["team"], "web");
    }

    #[test]
    fn what_is_not_there_is_said() {
        let missing = |text: &str, facts: &PipelineFacts| {
            pipeline(&model(&format!("{GITHUB}{text}")), facts).unwrap_err()
        };
        let stage = "stages: [{name: prod}]\n";
        assert_eq!(missing(stage, &facts()), StackError::NoEnvironment("prod".parse().unwrap()));
        let nothing = PipelineFacts { workloads: vec![], ..facts() };
        assert!(matches!(missing("stages: [{name: test}]\n", &nothing), StackError::NothingToDeploy(_)));
        let no_bucket = PipelineFacts { artifacts: [].into(), ..facts() };
        assert_eq!(
            missing("stages: [{name: test}]\n", &no_bucket),
            StackError::NoBucket("eu-west-1".to_owned())
        );
    }

    #[test]
    fn roles_are_bounded_and_builds_get_what_was_asked_for() {
        let mut bounded = facts();
        bounded.app.permissions_boundary = "bounds".to_owned();
        let text = format!(
            "{GITHUB}build:\n  image: aws/codebuild/amazonlinux2-aarch64-standard:3.0\n  additional_policy: {{PolicyDocument: {{Statement: []}}}}\nstages:\n- name: test\n  pre_deployments: {{a: {{buildspec: a.yml}}}}\n"
        );
        bounded.app.tags.insert("team".to_owned(), "storefront".to_owned());
        let stack = pipeline(&model(&text), &bounded).unwrap();
        assert_eq!(stack.tags["team"], "storefront");
        let template = stack.template;
        // Copilot does not overwrite what a higher version than its own has written.
        let version = template["Metadata"]["Version"].as_str().unwrap_or_default();
        assert_eq!((version, version >= "v2.0.0"), (super::super::TEMPLATE_VERSION, true));
        let resources = template["Resources"].as_object().unwrap();
        let mut roles = 0;
        for (id, resource) in resources.iter().filter(|(_, resource)| resource["Type"] == "AWS::IAM::Role") {
            assert!(resource["Properties"]["PermissionsBoundary"].is_object(), "{id}");
            roles += 1;
        }
        assert_eq!(roles, 3);
        assert_eq!(resources["BuildProject"]["Properties"]["Environment"]["Type"], "ARM_CONTAINER");
        let policy = &resources["BuildProjectAdditionalPolicy"]["Properties"]["PolicyDocument"];
        assert_eq!(policy, &json!({"Statement": [], "Version": "2012-10-17"}));
        let text = serde_json::to_string(&template).unwrap();
        assert!(
            !text.contains("arn:aws:s3")
                && !text.contains("arn:aws:iam::aws")
                && !text.contains("arn:aws:codebuild")
        );
    }
}
