//! What is missing or wrong on the command line. Nobody can be asked here: each message names the flag.

use crate::expect_runs;
use crate::sandbox::Sandbox;
use crate::scripted::Script;
use crate::world::{no_stack, point, records, shop, shop_in};

#[test]
fn names_that_nobody_can_be_asked_for() {
    let sandbox = shop();
    expect_runs!(
        "missing_names",
        sandbox.wharf("svc deploy"),
        sandbox.wharf("deploy"),
        sandbox.wharf("svc package --offline"),
        sandbox.wharf("svc init"),
        sandbox.wharf("svc init --svc-type 'Backend Service'"),
        sandbox.wharf("svc init --svc-type 'Load Balanced Web Service' --image nginx --name front"),
        sandbox.wharf("env init"),
    );
    let mut sandbox = Sandbox::new();
    let server = Script::default().start();
    point(&mut sandbox, &server.url());
    expect_runs!("missing_names_of_new_things", sandbox.wharf("init"), sandbox.wharf("app init"));
    assert_eq!(server.actions(), Vec::<String>::new());
    assert_eq!(std::fs::read_dir(sandbox.work()).unwrap().count(), 0);
}

#[test]
fn names_among_many_that_aws_knows() {
    let base = "/copilot/applications";
    let app = |name: &str| serde_json::json!({"name": name, "account": "123456789012", "version": "1.0"});
    let script = records().record(&format!("{base}/blog"), app("blog"));
    let server = script.start();
    let mut sandbox = Sandbox::new();
    point(&mut sandbox, &server.url());
    expect_runs!(
        "missing_among_many",
        sandbox.wharf("app show"),
        sandbox.wharf("env ls"),
        sandbox.wharf("status --app shop"),
        sandbox.wharf("logs --app shop --env test"),
        sandbox.wharf("env show --app blog"),
        sandbox.wharf("svc show --app blog"),
        sandbox.wharf("app delete"),
    );
}

#[test]
fn confirmations_that_nobody_can_give() {
    let (sandbox, server) = shop_in(
        records()
            .on(
                "cloudformation:DescribeStacks",
                "StackName=shop-test&",
                crate::world::stack("shop-test", "CREATE_COMPLETE", &[], &[]),
            )
            .on("cloudformation:DescribeStacks", "StackName=", no_stack())
            .on("cloudformation:DescribeStacks", "", crate::scripted::Answer::Xml("<Stacks/>".to_owned()))
            .on("cloudformation:*", "", no_stack())
            .on(
                "tagging:*",
                "",
                crate::scripted::Answer::Json(serde_json::json!({"ResourceTagMappingList": []})),
            ),
    );
    expect_runs!(
        "missing_confirmation",
        sandbox.wharf("svc delete -n web"),
        sandbox.wharf("env delete -n test"),
        sandbox.wharf("app delete"),
    );
    let changing =
        |action: &String| ["Delete", "Put", "Create", "Update"].iter().any(|verb| action.contains(verb));
    assert!(!server.actions().iter().any(changing), "{:?}", server.actions());
}

#[test]
fn values_that_are_none() {
    let sandbox = shop();
    expect_runs!(
        "bad_values",
        sandbox.wharf("logs --since soon"),
        sandbox.wharf("logs --since 99999999999999999999999h"),
        sandbox.wharf("logs --limit 0"),
        sandbox.wharf("logs --limit 10001"),
        sandbox.wharf("logs --limit many"),
        sandbox.wharf("logs --since 1h --start-time 2026-01-01T00:00:00Z"),
        sandbox.wharf("svc deploy -n web --resource-tags team"),
        sandbox.wharf("svc deploy -n web --env Test"),
        sandbox.wharf("svc deploy -n '../web'"),
        sandbox.wharf("app init Shop_1"),
        sandbox.wharf("deploy --name web/first --env test"),
        sandbox.wharf("deploy --name Web --env test"),
        sandbox.wharf("deploy --all --name web"),
        sandbox.wharf("svc init --svc-type 'Scheduled Job' --name extra"),
        sandbox.wharf("svc init --name extra --image nginx --dockerfile web/Dockerfile"),
        sandbox.wharf("svc init --name extra --svc-type 'Backend Service' --dockerfile nowhere/Dockerfile"),
        sandbox.wharf("svc init --name extra --svc-type 'Backend Service' --image nginx --port 70000"),
        sandbox.wharf("svc package --all --offline"),
        sandbox.wharf("svc deploy --diff-yes"),
        sandbox.wharf("env init --name test --profile p --aws-access-key-id k --aws-secret-access-key s"),
        sandbox.wharf("env init --name test --default-config --import-vpc-id vpc-1"),
        sandbox.wharf("deploy --name web --env test --init-env=perhaps"),
    );
}

#[test]
fn instants_that_are_none() {
    let (sandbox, _server) = shop_in(records());
    expect_runs!(
        "bad_instants",
        sandbox.wharf("logs -n web -e test --start-time yesterday"),
        sandbox.wharf("logs -n web -e test --end-time 2026-13-01"),
    );
}
