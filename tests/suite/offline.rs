//! Commands that need no AWS.

use crate::expect_runs;
use crate::sandbox::Sandbox;
use crate::world::{API, shop, shop_with, shown};

#[test]
fn a_service_is_packaged() {
    let sandbox = shop_with(API);
    let run = sandbox.wharf("svc package --offline");
    insta::assert_snapshot!("svc_package", shown(&run));
    assert_eq!(sandbox.wharf("svc package --offline --name api --env test").stdout, run.stdout);
}

#[test]
fn an_environment_is_packaged() {
    let sandbox = shop();
    let run = sandbox.wharf("env package --offline").expect(0);
    // The text itself is compared with by tests/environment_templates.rs.
    assert!(run.stdout.contains("\nResources:\n") && run.stdout.contains("AWS::EC2::VPC"), "{}", run.stdout);
    insta::assert_snapshot!("env_package", run.stderr);
}

#[test]
fn packages_go_into_folders() {
    let sandbox = shop();
    expect_runs!(
        "output_dir",
        sandbox.wharf("svc package --offline --all --output-dir out"),
        sandbox.wharf("env package --offline --output-dir out"),
        sandbox.wharf("svc package --offline -n web --output-dir 'deep/er folder'"),
        sandbox.wharf("svc package --offline --all --output-dir out --progress json"),
    );
    assert_eq!(
        sandbox.read("out/api-test.stack.yml"),
        sandbox.wharf("svc package --offline -n api").expect(0).stdout
    );
    insta::assert_snapshot!("output_dir_parameters", sandbox.read("out/api-test.params.json"));
}

#[test]
fn facts_fill_in_what_aws_would_say() {
    let sandbox = shop_with(API);
    sandbox.write(
        "facts.json",
        r#"{"app": {"name": "shop", "account": "123456789012", "tags": {"team": "a"}}, "env": {"name": "test", "region": "eu-west-1"},
            "images": {}, "artifacts": {"bucket": "bucket-of-shop"}}"#,
    );
    let run = sandbox.wharf("svc package --offline --facts facts.json --output-dir out").expect(0);
    assert_eq!(run.stdout, "out/api-test.stack.yml\nout/api-test.params.json\n");
    assert!(
        sandbox.read("out/api-test.params.json").contains("\"team\": \"a\""),
        "{}",
        sandbox.read("out/api-test.params.json")
    );
    sandbox.write("broken.json", "{\"app\": 1");
    sandbox.write("other.json", r#"{"app": {"name": "shop"}, "env": {"name": "prod"}}"#);
    expect_runs!(
        "facts",
        sandbox.wharf("svc package --offline --facts broken.json"),
        sandbox.wharf("svc package --offline --facts other.json"),
        sandbox.wharf("svc package --offline --facts missing.json"),
        sandbox.wharf("svc package --facts facts.json"),
        sandbox.wharf("env package --offline --facts other.json"),
    );
}

#[test]
fn local_services_are_listed() {
    let sandbox = shop();
    expect_runs!(
        "svc_ls_local",
        sandbox.wharf("svc ls --local"),
        sandbox.wharf("svc ls --local --json"),
        sandbox.wharf("env upgrade --all"),
    );
}

#[test]
fn a_workspace_without_services() {
    let sandbox = Sandbox::new();
    sandbox.write("wharf/.workspace", "application: shop\n");
    expect_runs!(
        "empty_workspace",
        sandbox.wharf("svc ls --local"),
        sandbox.wharf("svc package --offline"),
        sandbox.wharf("svc package --offline --all --output-dir out --env test"),
        sandbox.wharf("env package --offline"),
        sandbox.wharf("deploy"),
        sandbox.wharf("deploy --all"),
    );
}
