//! Changes of rendered templates: patches, CDK applications, and how both begin.

use crate::expect_runs;
use crate::sandbox::Sandbox;
use crate::world::{API, shop_with};

/// A CDK that prints the template it was given with a description and what the CDK adds of its own.
const CDK: &str = "#!/bin/sh\n\
    echo \"cdk $* for $COPILOT_APPLICATION_NAME $COPILOT_ENVIRONMENT_NAME\" >&2\n\
    [ ! -e broken ] || { echo 'stack.ts(1,1): error TS1: no' >&2; exit 1; }\n\
    [ ! -e chatty ] || { echo 'Successfully synthesized to cdk.out'; exit 0; }\n\
    while IFS= read -r line; do printf '%s\\n' \"$line\"; done < .build/in.yml\n\
    printf 'Rules:\\n  CheckBootstrapVersion: {}\\n'\n";

/// A package manager that notes each of its calls in the workspace.
const MANAGER: &str = "echo \"${0##*/} $*\" >> ../../../calls; echo 'added 2 packages'";

/// The service api with a CDK application whose toolchain is installed; `programs` are all there is on `PATH`.
fn application(programs: &[(&str, &str)]) -> Sandbox {
    let mut sandbox = shop_with(API);
    sandbox.write("wharf/api/overrides/cdk.json", "{\"app\": \"node x\"}");
    sandbox.write("wharf/api/overrides/node_modules/.bin/cdk", CDK);
    use std::os::unix::fs::PermissionsExt as _;
    let cdk = sandbox.work().join("wharf/api/overrides/node_modules/.bin/cdk");
    std::fs::set_permissions(cdk, std::fs::Permissions::from_mode(0o755)).unwrap();
    sandbox.only_programs(programs);
    sandbox
}

#[test]
fn a_cdk_application_changes_a_template() {
    let sandbox = application(&[("npm", MANAGER)]);
    let run = sandbox.wharf("svc package --offline -n api").expect(0);
    assert!(run.stdout.contains(" Changed by a CDK application.\n"), "{}", run.stdout);
    assert!(!run.stdout.contains("CheckBootstrapVersion"), "{}", run.stdout);
    let steps: Vec<&str> = run.stderr.lines().map(str::trim).collect();
    assert!(run.stderr.contains("Install wharf/api/overrides with npm"), "{steps:?}");
    assert!(
        run.stderr.contains("Change the template of shop-test-api with wharf/api/overrides"),
        "{steps:?}"
    );
    assert_eq!(sandbox.read("calls"), "npm install\n");
    let plain = shop_with(API).wharf("svc package --offline -n api").expect(0).stdout;
    assert_eq!(sandbox.read("wharf/api/overrides/.build/in.yml"), plain);
    assert_eq!(run.stdout.replace(" Changed by a CDK application.", ""), plain);
}

#[test]
fn the_package_manager_follows_the_lock_file() {
    let sandbox = application(&[("npm", MANAGER), ("yarn", MANAGER)]);
    sandbox.write("yarn.lock", "");
    sandbox.wharf("svc package --offline -n api").ends(0);
    sandbox.write("wharf/package-lock.json", "{}");
    sandbox.wharf("svc package --offline -n api").ends(0);
    assert_eq!(sandbox.read("calls"), "yarn install\nnpm install\n");
}

/// A run without the times of its steps.
fn timeless(run: &crate::sandbox::Run) -> String {
    let text = run.transcript();
    let line = |line: &str| {
        let rest = line.trim_start().split_once("s  ").filter(|(time, _)| time.parse::<u32>().is_ok());
        rest.map_or_else(|| line.to_owned(), |(_, rest)| format!("[time] {rest}"))
    };
    text.lines().map(line).collect::<Vec<_>>().join("\n")
}

#[test]
fn a_cdk_application_that_fails_says_why() {
    let sandbox = application(&[("npm", MANAGER)]);
    let mut runs = vec![];
    sandbox.write("wharf/api/overrides/broken", "");
    runs.push(sandbox.wharf("svc package --offline -n api"));
    std::fs::remove_file(sandbox.work().join("wharf/api/overrides/broken")).unwrap();
    sandbox.write("wharf/api/overrides/chatty", "");
    runs.push(sandbox.wharf("svc package --offline -n api"));
    runs.push(
        application(&[("yarn", "echo 'no network' >&2; exit 3")]).wharf("svc package --offline -n api"),
    );
    runs.push(application(&[]).wharf("svc package --offline -n api"));
    std::fs::remove_dir_all(sandbox.work().join("wharf/api/overrides/node_modules")).unwrap();
    runs.push(sandbox.wharf("svc package --offline -n api"));
    insta::assert_snapshot!("cdk_failures", runs.iter().map(timeless).collect::<Vec<_>>().join("\n\n"));
}

#[test]
fn overrides_that_are_none() {
    let sandbox = shop_with(API);
    let folder = sandbox.work().join("wharf/api/overrides");
    std::fs::create_dir(&folder).unwrap();
    let empty = sandbox.wharf("svc package --offline -n api");
    sandbox.write("wharf/api/overrides/notes.md", "");
    let neither = sandbox.wharf("svc package --offline -n api");
    std::fs::remove_dir_all(&folder).unwrap();
    sandbox.write(
        "wharf/api/overrides/cfn.patches.yml",
        "- op: remove\n  path: /Resources/LogGroup/Properties/RetentionInDays\n- op: replace\n  path: /Resources/Nothing/Type\n  value: x\n",
    );
    let misled = sandbox.wharf("svc package --offline -n api");
    expect_runs!("no_overrides", empty, neither, misled);
}

#[test]
fn overrides_begin_with_a_skeleton() {
    let sandbox = shop_with(API);
    expect_runs!(
        "override",
        sandbox.wharf("svc override -n api"),
        sandbox.wharf("svc override -n api --tool cdk"),
        sandbox.wharf("svc override -n api --tool cdk --resources Service,Nothing"),
        sandbox.wharf("svc override -n api --tool cdk --cdk-language java"),
        sandbox.wharf("svc override -n api --tool terraform"),
        sandbox.wharf("svc override -n api --tool cdk --resources Service,LogGroup"),
        sandbox.wharf("svc override -n api --tool yamlpatch"),
        sandbox.wharf("svc override -n nowhere --tool yamlpatch"),
        sandbox.wharf("env override --iac-tool yamlpatch"),
        sandbox.wharf("env package --offline --output-dir out"),
    );
    let stack = sandbox.read("wharf/api/overrides/stack.ts");
    assert!(stack.contains("getResource('LogGroup') as logs.CfnLogGroup"), "{stack}");
    assert!(sandbox.read("wharf/api/overrides/.gitignore").contains("node_modules/"));
    assert!(sandbox.read("wharf/environments/overrides/cfn.patches.yml").starts_with('#'));
}

#[test]
fn a_skeleton_needs_no_resources() {
    let sandbox = shop_with(API);
    // Neither a manifest without errors nor an environment.
    sandbox.write("wharf/api/manifest.yml", "name: api\ntype: Backend Service\ncpu: lots\n");
    std::fs::remove_dir_all(sandbox.work().join("wharf/environments/test")).unwrap();
    sandbox.wharf("svc override -n api --tool cdk --skip-resources").ends(0);
    assert!(sandbox.read("wharf/api/overrides/stack.ts").contains("// const resource"));
    expect_runs!("override_without_environment", sandbox.wharf("env override --tool cdk"));
}

#[test]
fn overrides_of_pipelines_and_jobs() {
    let sandbox = shop_with(API);
    let stages =
        "source:\n  provider: GitHub\n  properties:\n    repository: acme/shop\nstages:\n  - name: test\n";
    sandbox.write("wharf/pipelines/main/manifest.yml", format!("name: release\nversion: 1\n{stages}")).write(
        "wharf/nightly/manifest.yml",
        "name: nightly\ntype: Scheduled Job\nimage:\n  location: alpine\non:\n  schedule: \"@daily\"\n",
    );
    expect_runs!(
        "override_pipelines_and_jobs",
        sandbox.wharf("pipeline override --name other --tool yamlpatch"),
        sandbox.wharf("pipeline override --tool cdk"),
        sandbox.wharf("pipeline override --tool cdk --resources Pipeline,Nothing"),
        sandbox.wharf("pipeline override --tool cdk --resources Pipeline,BuildProject"),
        sandbox.wharf("pipeline override --name release --tool yamlpatch"),
        sandbox.wharf("job override"),
        sandbox.wharf("job override --name api --tool yamlpatch"),
        sandbox.wharf("job override --name nightly --tool cdk --resources StateMachine"),
        sandbox.wharf("job override --name nightly --tool yamlpatch"),
    );
    let stack = sandbox.read("wharf/pipelines/main/overrides/stack.ts");
    assert!(stack.contains("getResource('Pipeline') as codepipeline.CfnPipeline"), "{stack}");
    assert!(sandbox.read("wharf/nightly/overrides/stack.ts").contains("getResource('StateMachine')"));
    // What came before pipelines had folders.
    sandbox.write("wharf/pipeline.yml", format!("name: old\nversion: 1\n{stages}"));
    expect_runs!("override_without_folder", sandbox.wharf("pipeline override --name old --tool yamlpatch"));
}
