//! Pipelines: what is made, shown and refused, and the builds that run commands of Copilot's.

use serde_json::json;

use crate::expect_runs;
use crate::sandbox::Sandbox;
use crate::scripted::{ACCOUNT, Answer, Script};
use crate::world::{API, no_stack, records, shop_in};

const MANIFEST: &str = "name: main\nversion: 1\nsource:\n  provider: GitHub\n  properties:\n    repository: acme/shop\n\
    stages:\n  - name: test\n";

fn with_pipeline(sandbox: &mut Sandbox, manifest: &str) {
    sandbox.write("wharf/pipelines/main/manifest.yml", manifest);
}

/// An AWS with one deployed pipeline.
fn deployed() -> Script {
    let arn = format!("arn:aws:codepipeline:eu-west-1:{ACCOUNT}:pipeline-shop-main-Pipeline-1");
    let tagged = json!({"ResourceARN": arn, "Tags": [{"Key": "copilot-pipeline", "Value": "main"}]});
    let kind = |category: &str, provider: &str| json!({"category": category, "owner": "AWS", "provider": provider, "version": "1"});
    let stages = json!([
        {"name": "Source", "actions": [{"name": "SourceCodeFor-shop", "actionTypeId": kind("Source", "CodeStarSourceConnection"),
            "configuration": {"FullRepositoryId": "acme/shop"}}]},
        {"name": "DeployTo-test", "actions": [{"name": "CreateOrUpdate-api-test", "actionTypeId": kind("Deploy", "CloudFormation"),
            "configuration": {"StackName": "shop-test-api"}}]},
    ]);
    let states = json!([
        {"stageName": "Source", "inboundTransitionState": {"enabled": true},
            "actionStates": [{"actionName": "SourceCodeFor-shop", "latestExecution": {"status": "Succeeded"}}],
            "latestExecution": {"pipelineExecutionId": "e-1", "status": "Succeeded"}},
        {"stageName": "DeployTo-test", "inboundTransitionState": {"enabled": false},
            "actionStates": [{"actionName": "CreateOrUpdate-api-test", "latestExecution": {"status": "Failed"}}],
            "latestExecution": {"pipelineExecutionId": "e-1", "status": "Failed"}},
    ]);
    records()
        .on("tagging:GetResources", "codepipeline", Answer::Json(json!({"ResourceTagMappingList": [tagged]})))
        .on("tagging:GetResources", "", Answer::Json(json!({"ResourceTagMappingList": []})))
        .on(
            "codepipeline:GetPipeline",
            "",
            Answer::Json(json!({"pipeline": {"name": "pipeline-shop-main-Pipeline-1", "stages": stages},
                "metadata": {"created": 1_767_225_600.0, "updated": 1_767_225_600.0}})),
        )
        .on(
            "codepipeline:GetPipelineState",
            "",
            Answer::Json(json!({"stageStates": states, "updated": 1_767_225_600.0})),
        )
        .on("cloudformation:DescribeStacks", "StackName=", no_stack())
        .on("cloudformation:DescribeStacks", "", Answer::Xml("<Stacks/>".to_owned()))
        .on("cloudformation:*", "", no_stack())
}

#[test]
fn views() {
    let (mut sandbox, _server) = shop_in(deployed());
    with_pipeline(&mut sandbox, MANIFEST);
    expect_runs!(
        "pipelines",
        sandbox.wharf("pipeline ls"),
        sandbox.wharf("pipeline ls --json"),
        sandbox.wharf("pipeline ls --local"),
        sandbox.wharf("pipeline ls --local --json"),
        sandbox.wharf("pipeline show"),
        sandbox.wharf("pipeline show --name main --json"),
        sandbox.wharf("pipeline status --name main"),
        sandbox.wharf("pipeline status --name main --json"),
        sandbox.wharf("pipeline show --name other"),
        sandbox.wharf("pipeline delete --name main"),
        sandbox.wharf("env delete --name test --yes"),
    );
}

#[test]
fn making_one() {
    let (sandbox, _server) = shop_in(records());
    // The manifest names a schema, so the file is there.
    let schema = |sandbox: &Sandbox| sandbox.work().join("wharf/.schema/pipeline.json").is_file();
    assert!(!schema(&sandbox));
    let url = "--url https://github.com/acme/shop";
    expect_runs!(
        "pipeline_init",
        sandbox.wharf("pipeline init"),
        sandbox.wharf("pipeline init --name main --url https://example.com/a/b"),
        sandbox.wharf(&format!("pipeline init --name main {url} --git-branch main --environments nope -p Workloads")),
        sandbox.wharf(&format!("pipeline init --name main {url} --git-branch main --environments test")),
        sandbox.wharf(&format!("pipeline init --name main {url} --git-branch main --environments test -p workloads")),
        sandbox.wharf(&format!("pipeline init --name main {url} --git-branch main --environments test -p Workloads")),
        sandbox.wharf("pipeline init --name ci --git-branch main --environments test -p Workloads --ci github"),
        sandbox.wharf("pipeline init --name ci --git-branch main --environments test -p Workloads --ci gitlab"),
        sandbox.wharf("pipeline init --name main --url https://git-codecommit.us-east-1.amazonaws.com/v1/repos/shop --git-branch main --environments test -p Workloads"),
    );
    assert!(schema(&sandbox));
    let manifest = sandbox.read("wharf/pipelines/main/manifest.yml");
    assert!(
        manifest.starts_with("# yaml-language-server: $schema=../../.schema/pipeline.json\n"),
        "{manifest}"
    );
}

#[test]
fn what_keeps_one_from_being_deployed() {
    let script = records()
        .on("codestar-connections:ListConnections", "", Answer::Json(json!({"Connections": [
            {"ConnectionName": "ours", "ConnectionArn": "arn:aws:codestar-connections:eu-west-1:1:connection/1"}]})))
        .on("codeconnections:ListConnections", "", Answer::error("AccessDeniedException", "no"))
        .on("cloudformation:ListStackInstances", "", Answer::Xml("<Summaries/>".to_owned()))
        .on("cloudformation:*", "", no_stack());
    let (mut sandbox, _server) = shop_in(script);
    let none = sandbox.wharf("pipeline deploy");
    with_pipeline(&mut sandbox, MANIFEST);
    let unknown = sandbox.wharf("pipeline deploy --name other");
    let no_region = sandbox.wharf("pipeline package");
    let offline = sandbox.wharf("pipeline package --offline");
    with_pipeline(&mut sandbox, &MANIFEST.replace("name: test", "name: prod"));
    let no_environment = sandbox.wharf("pipeline deploy");
    with_pipeline(&mut sandbox, &MANIFEST.replace("acme/shop", "https://gitlab.com/a/b"));
    let no_repository = sandbox.wharf("pipeline package");
    expect_runs!("pipeline_refused", none, unknown, no_region, offline, no_environment, no_repository);
}

#[test]
fn packaged_without_aws() {
    let mut sandbox = crate::world::shop_with(API);
    let role = |kind: &str| format!("arn:aws:iam::{ACCOUNT}:role/shop-test-{kind}");
    let facts = json!({
        "app": {"name": "shop", "account": ACCOUNT}, "region": "eu-west-1",
        "artifacts": {"eu-west-1": {"bucket": "artifacts", "kms_key_arn": "arn:aws:kms:eu-west-1:1:key/1"}},
        "environments": {"test": {"region": "eu-west-1", "execution_role_arn": role("CFNExecutionRole"),
            "manager_role_arn": role("EnvManagerRole")}},
    });
    with_pipeline(&mut sandbox, MANIFEST);
    sandbox.write("facts.json", facts.to_string());
    sandbox.write(
        "wharf/pipelines/main/overrides/cfn.patches.yml",
        "- op: add\n  path: /Resources/BuildProject/Properties/TimeoutInMinutes\n  value: 90\n",
    );
    let packaged = sandbox.wharf("pipeline package --offline --facts facts.json");
    assert!(packaged.stdout.contains("TimeoutInMinutes: 90"), "{}", packaged.stdout);
    expect_runs!("pipeline_package", packaged);
    let written = sandbox.wharf("pipeline package --offline --facts facts.json --output-dir out").expect(0);
    assert_eq!(written.stdout, "out/main.pipeline.stack.yml\nout/main.pipeline.params.json\n");
}

/// The commands that a build of Copilot's calls, by the name of its program: what they print is read by `jq` and shell
/// loops, and the files they write are read by the stages.
#[cfg(unix)]
#[test]
fn builds_that_call_copilot() {
    let (sandbox, _server) = shop_in(records());
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_wharf"), sandbox.work().join("copilot")).unwrap();
    sandbox
        .write(
            "wharf/web/manifest.yml",
            "name: web\ntype: Backend Service\nimage:\n  location: nginx\n  port: 80\n",
        )
        .write(
            "wharf/nightly/manifest.yml",
            "name: nightly\ntype: Scheduled Job\nimage:\n  location: nginx\non:\n  schedule: '@daily'\n",
        );
    let copilot = |args: &str| {
        let mut command = std::process::Command::new(sandbox.work().join("copilot"));
        command.current_dir(sandbox.work()).env_clear().envs(sandbox.variables());
        let output = command.args(shell_words::split(args).unwrap()).output().unwrap();
        sandbox.finish(args, output).expect(0).stdout
    };
    let names = |text: &str, list: &str| -> Vec<String> {
        let value: serde_json::Value = serde_json::from_str(text).unwrap();
        let items = value[list].as_array().unwrap().iter();
        items.map(|item| item["name"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(names(&copilot("env ls --json"), "environments"), ["test"]);
    let services = names(&copilot("svc ls --local --json"), "services");
    let jobs = names(&copilot("job ls --local --json"), "jobs");
    assert_eq!((services.join(" ").as_str(), jobs.join(" ").as_str()), ("api web", "nightly"));
    // The real build uploads; that is tried against the emulators, as `svc package` is the same by any name.
    for (noun, list) in [("svc", &services), ("job", &jobs)] {
        for name in list {
            let args = format!(
                "{noun} package -n {name} -e test --output-dir './infrastructure' --tag 7-test --offline"
            );
            copilot(&args);
            let stack = sandbox.read(&format!("infrastructure/{name}-test.stack.yml"));
            assert!(stack.contains("Resources:"), "{stack}");
            let parameters: serde_json::Value =
                serde_json::from_str(&sandbox.read(&format!("infrastructure/{name}-test.params.json")))
                    .unwrap();
            assert!(parameters["Parameters"]["AddonsTemplateURL"].is_string(), "{parameters}");
        }
    }
    assert!(copilot("--version").split_whitespace().nth(2).is_some_and(|version| version.starts_with("v2.")));
    assert_eq!(copilot("app ls"), "shop\n");
    copilot("env package -n test --output-dir ./infrastructure --force --offline");
    assert!(sandbox.read("infrastructure/test.env.params.json").contains("Parameters"));
}
