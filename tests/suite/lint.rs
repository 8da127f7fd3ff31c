//! `lint`, `manifest` and `--strict`: what is said of files without AWS.

use crate::expect_runs;
use crate::sandbox::Sandbox;
use crate::world::{API, shop, shop_with};

/// A web service whose image is built.
fn web(name: &str, more: &str) -> String {
    format!(
        "name: {name}\ntype: Load Balanced Web Service\nimage:\n  build: {name}/Dockerfile\n  port: 8080\nhttp:\n  path: /\n{more}"
    )
}

#[test]
fn a_sound_workspace() {
    let sandbox = shop();
    expect_runs!("lint_sound", sandbox.wharf("lint"), sandbox.wharf("lint --json --strict"));
    expect_runs!("lint_nowhere", Sandbox::new().wharf("lint"), sandbox.wharf("lint web"));
}

#[test]
fn warnings_and_strictness() {
    let mut sandbox = shop_with(&format!("{API}deployments: {{}}\n"));
    expect_runs!(
        "lint_strict",
        sandbox.wharf("lint"),
        sandbox.wharf("lint --strict"),
        sandbox.wharf("svc package --offline --strict"),
    );
    assert!(
        sandbox.wharf("svc package --offline").expect(0).stderr.contains("warning[manifest/unknown-key]")
    );
    sandbox.set("WHARF_STRICT", "1");
    let _ = sandbox.wharf("lint").expect(1);
    let _ = sandbox.wharf("svc package --offline").expect(1);
    sandbox.set("WHARF_STRICT", "0");
    let _ = sandbox.wharf("lint").expect(0);
    sandbox.write("wharf/environments/test/manifest.yml", "name: test\ntype: Environment\nhtttp: {}\n");
    expect_runs!("lint_strict_environment", sandbox.wharf("env package --offline --strict"));
}

#[test]
fn files_that_manifests_name() {
    let sandbox = shop_with(API);
    sandbox
        .write(
            "wharf/web/manifest.yml",
            web("web", "env_file: web/web.env\nvariables:\n  DB_PASSWORD: do-not-show\nsidecars:\n  log:\n    image: log-arm64:1\n    env_file: none.env\n"),
        )
        .write("web/web.env", "A=1\nexport B=do-not-show\nC=\"do-not-show\"\n")
        .write(
            "web/Dockerfile",
            "FROM --platform=linux/arm64 alpine\nEXPOSE 80\nHEALTHCHECK CMD curl -f http://localhost/\n",
        )
        .write("wharf/other/manifest.yml", web("other", ""));
    let run = sandbox.wharf("lint");
    assert!(!run.stdout.contains("do-not-show") && !run.stderr.contains("do-not-show"));
    expect_runs!("lint_files", run);
}

#[test]
fn names_and_folders() {
    let sandbox = shop_with(&API.replace("name: api", "name: apis"));
    sandbox
        .write("wharf/.DS_Store", "")
        .write("wharf/empty/readme.md", "")
        .write("wharf/Bad_Name/manifest.yml", API)
        .write("wharf/environments/prod/manifest.yml", "name: production\ntype: Environment\n")
        .write("wharf/pipelines/main/manifest.yml", "name: [\n");
    expect_runs!("lint_names", sandbox.wharf("lint"));
}

#[test]
fn environments_and_variables() {
    let manifest = format!(
        "{API}cpu: ${{CPU}}\nvariables:\n  A: ${{HOST}}\nenvironments:\n  prod:\n    memory: 300\n  tset:\n    count: 2\n"
    );
    let sandbox = shop_with(&manifest);
    sandbox.write("wharf/environments/prod/manifest.yml", "name: prod\ntype: Environment\n");
    expect_runs!("lint_environments", sandbox.wharf("lint"), sandbox.wharf("lint --strict --json"));
}

#[test]
fn what_services_say_of_each_other() {
    let worker = "name: work\ntype: Worker Service\nimage:\n  location: x\nsubscribe:\n  topics:\n    - name: payed\n      service: web\n    \
        - name: a\n      service: wbe\n";
    let sandbox = shop_with(
        &API.replace("Backend", "Load Balanced Web")
            .replace("image:", "http:\n  path: /\n  alias: A.example.com\nimage:"),
    );
    sandbox
        .write(
            "wharf/web/manifest.yml",
            web("web", "  alias: a.example.com\npublish:\n  topics:\n    - name: paid\n"),
        )
        .write("web/Dockerfile", "FROM scratch\n")
        .write("wharf/work/manifest.yml", worker);
    expect_runs!("lint_between", sandbox.wharf("lint"));
}

#[test]
fn addons_and_overrides() {
    let sandbox = shop_with(API);
    sandbox
        .write("wharf/api/addons/bucket.yml", "Resources:\n  A:\n    Type: AWS::S3::Bucket\n")
        .write(
            "wharf/api/overrides/cfn.patches.yml",
            "- {op: remove, path: /Resources/RulePriorityFunction/Properties/Code}\n- {op: replace, path: /Resources/Nothing/Properties, value: 1}\n",
        )
        .write("wharf/environments/overrides/cdk.json", "{}");
    expect_runs!("lint_extras", sandbox.wharf("lint"));
    sandbox.write(
        "wharf/api/addons/bucket.yml",
        "Parameters:\n  App: {Type: String}\n  Env: {Type: String}\n  Name: {Type: String}\nResources:\n  A:\n    Type: AWS::S3::Bucket\n",
    );
    expect_runs!("lint_overrides", sandbox.wharf("lint"));
}

#[test]
fn fields_are_explained() {
    let sandbox = Sandbox::new();
    expect_runs!(
        "manifest_explain",
        sandbox.wharf("manifest explain http.healthcheck.interval"),
        sandbox.wharf("manifest explain count.range --type 'Backend Service' --json"),
        sandbox.wharf("manifest explain helthcheck"),
        sandbox.wharf("manifest explain cpu --type backend-servce"),
        sandbox.wharf("manifest explain"),
    );
}

#[test]
fn schemas_are_printed_and_written() {
    let sandbox = shop();
    let printed = sandbox.wharf("manifest schema 'Backend Service'").expect(0).stdout;
    assert_eq!(printed, include_str!("../../manifests/schema/backend-service.json"));
    expect_runs!(
        "manifest_schema",
        sandbox.wharf("manifest schema --write"),
        sandbox.wharf("manifest schema pipe"),
        sandbox.wharf("manifest schema"),
    );
    assert_eq!(sandbox.read("wharf/.schema/backend-service.json"), printed);
    // The folder of schemas is none of a workload.
    let _ = sandbox.wharf("lint --strict").expect(0);
}

/// A pipeline with one stage after what every pipeline has.
fn pipeline(name: &str, more: &str) -> String {
    format!(
        "name: {name}\nversion: 1\nsource:\n  provider: GitHub\n  properties:\n    repository: acme/shop\nstages:\n  - name: test\n{more}"
    )
}

#[test]
fn pipelines_and_what_they_name() {
    let sandbox = shop_with(API);
    sandbox
        .write("wharf/pipelines/main/manifest.yml", pipeline("main", "    deployments:\n      api:\n"))
        .write("wharf/pipelines/main/buildspec.yml", "version: 0.2\n")
        .write(
            "wharf/pipelines/main/overrides/cfn.patches.yml",
            "- {op: remove, path: /Resources/PipelineRole/Type}\n",
        );
    expect_runs!("lint_pipeline_sound", sandbox.wharf("lint --strict"));
    sandbox
        .write(
            "wharf/pipelines/other/manifest.yml",
            pipeline(
                "main",
                "    deployments:\n      aip:\n      roles:\n        stack_name: shop-test-roles\n        template_path: roles.yml\n    \
                 post_deployments:\n      tests:\n        buildspec: tests/buildspec.yml\n  - name: tset\n",
            ),
        )
        .write(
            "wharf/pipelines/wrong/manifest.yml",
            pipeline("wrong", "  - name: test\n").replace("GitHub", "GitLab").replace("version: 1", "version: 2"),
        )
        .write(
            "wharf/pipelines/main/overrides/cfn.patches.yml",
            "- {op: replace, path: /Resources/Nothing/Type, value: x}\n",
        );
    expect_runs!("lint_pipelines", sandbox.wharf("lint"), sandbox.wharf("lint --json"));
}

#[test]
fn files_of_sites() {
    let site = |files: &str| format!("name: api\ntype: Static Site\nfiles:\n{files}");
    let sandbox = shop_with(&site("  - source: dist\n    recursive: true\n"));
    let missing = sandbox.wharf("lint");
    sandbox.write("dist/about.html", "<p>hello</p>").write("dist/.env", "A=do-not-show\n");
    let no_index = sandbox.wharf("lint");
    sandbox.write("wharf/api/manifest.yml", site("  - source: dist\n    exclude: \"*\"\n"));
    let nothing = sandbox.wharf("lint");
    sandbox.write("dist/index.html", "<p>hello</p>");
    sandbox.write(
        "wharf/api/manifest.yml",
        site("  - source: dist\n    exclude: .env\nenvironments:\n  test:\n    files:\n      - source: public\n"),
    );
    let in_an_environment = sandbox.wharf("lint");
    sandbox.write("public/index.html", "<p>hello</p>");
    let _ = sandbox.wharf("lint --strict").expect(0);
    expect_runs!("lint_sites", missing, no_index, nothing, in_an_environment);
}

#[test]
fn images_for_app_runner() {
    let manifest = "name: api\ntype: Request-Driven Web Service\nimage:\n  build: api/Dockerfile\n  port: 8080\ncpu: 256\nmemory: 512\n";
    let sandbox = shop_with(manifest);
    let missing = sandbox.wharf("lint");
    sandbox.write(
        "api/Dockerfile",
        "FROM --platform=linux/arm64 alpine\nEXPOSE 80\nHEALTHCHECK CMD curl -f http://localhost/\n",
    );
    let other = sandbox.wharf("lint");
    sandbox.write("api/Dockerfile", "FROM alpine\nEXPOSE 8080\n");
    let _ = sandbox.wharf("lint --strict").expect(0);
    sandbox.write("wharf/api/manifest.yml", manifest.replace("memory: 512", "memory: 4096"));
    expect_runs!("lint_app_runner", missing, other, sandbox.wharf("lint"));
}
