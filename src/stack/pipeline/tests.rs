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
    let want = [("CreateOrUpdate-api-pre-prod", 1), ("CreateOrUpdate-web-pre-prod", 1), ("TestCommands", 2)];
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
    let token = "{provider: GitHub, properties: {repository: a/b, access_token_secret: github-token-shop-b}}";
    let (provider, configuration, connection) = action(token, &facts());
    assert_eq!((provider, connection), (json!("GitHub"), false));
    assert_eq!(configuration["OAuthToken"], "{{resolve:secretsmanager:github-token-shop-b}}");
    let commit =
        "{provider: CodeCommit, properties: {repository: b, output_artifact_format: codebuild_clone_ref}}";
    let (provider, configuration, _) = action(commit, &facts());
    assert_eq!(provider, "CodeCommit");
    assert_eq!(
        configuration,
        json!({"RepositoryName": "b", "BranchName": "main", "OutputArtifactFormat": "CODEBUILD_CLONE_REF"})
    );
    let named = "{provider: Bitbucket, properties: {repository: a/b, branch: dev, connection_name: mine}}";
    let arn = "arn:aws:codeconnections:eu-west-1:111122223333:connection/1".to_owned();
    let (provider, configuration, connection) =
        action(named, &PipelineFacts { connection_arn: arn.clone(), ..facts() });
    assert_eq!((provider, connection), (json!("CodeStarSourceConnection"), false));
    assert_eq!((&configuration["ConnectionArn"], &configuration["BranchName"]), (&json!(arn), &json!("dev")));
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
    let missing =
        |text: &str, facts: &PipelineFacts| pipeline(&model(&format!("{GITHUB}{text}")), facts).unwrap_err();
    let stage = "stages: [{name: prod}]\n";
    assert_eq!(missing(stage, &facts()), StackError::NoEnvironment("prod".parse().unwrap()));
    let nothing = PipelineFacts { workloads: vec![], ..facts() };
    assert!(matches!(missing("stages: [{name: test}]\n", &nothing), StackError::NothingToDeploy(_)));
    let no_bucket = PipelineFacts { artifacts: [].into(), ..facts() };
    assert_eq!(missing("stages: [{name: test}]\n", &no_bucket), StackError::NoBucket("eu-west-1".to_owned()));
}

#[test]
fn roles_are_bounded_and_builds_get_what_was_asked_for() {
    let mut bounded = facts();
    bounded.app.permissions_boundary = "bounds".to_owned();
    let text = format!(
        "{GITHUB}build:\n  image: aws/codebuild/amazonlinux2-aarch64-standard:3.0\n  additional_policy: {{PolicyDocument: {{Statement: []}}}}\nstages:\n- name: test\n  pre_deployments: {{a: {{buildspec: a.yml}}}}\n"
    );
    let template = pipeline(&model(&text), &bounded).unwrap().template;
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
