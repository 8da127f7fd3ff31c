//! What is wrong in the workspace: the message says where, and nothing is written.

use crate::expect_runs;
use crate::sandbox::Sandbox;
use crate::scripted::Script;
use crate::world::{API, no_stack, point, records, shop, shop_in, shop_with};

#[test]
fn no_workspace() {
    let sandbox = Sandbox::new();
    expect_runs!(
        "no_workspace",
        sandbox.wharf("svc deploy"),
        sandbox.wharf("deploy"),
        sandbox.wharf("svc package --offline"),
        sandbox.wharf("svc ls --local --app shop"),
        sandbox.wharf("env deploy"),
        sandbox.wharf("env init --name test"),
        sandbox.wharf("svc init --name web --svc-type 'Backend Service' --image x"),
    );
}

#[test]
fn a_workspace_that_is_unbound_or_broken() {
    let sandbox = Sandbox::new();
    sandbox.write("copilot/api/manifest.yml", API);
    let unbound = sandbox.wharf("svc package --offline");
    sandbox.write("copilot/.workspace", "application: [shop\n");
    let broken = sandbox.wharf("svc package --offline");
    sandbox.write("copilot/.workspace", "application: No App\n");
    let no_name = sandbox.wharf("svc package --offline");
    expect_runs!("bad_workspace", unbound, broken, no_name);
}

#[test]
fn a_workspace_of_another_application() {
    let mut sandbox = shop();
    let server = Script::default().on("cloudformation:*", "", no_stack()).start();
    point(&mut sandbox, &server.url());
    expect_runs!(
        "other_app",
        sandbox.wharf("svc deploy -n web -e test --app blog"),
        sandbox.wharf("env deploy -n test --app blog"),
        sandbox.wharf("svc package --offline --app blog"),
        sandbox.wharf("init --app blog --name web"),
        sandbox.wharf("app init blog"),
    );
    assert_eq!(sandbox.read("wharf/.workspace"), "application: shop\n");
    // Nothing was made on the way to the refusal.
    let changing = |action: &String| ["Put", "Create", "Update"].iter().any(|verb| action.contains(verb));
    assert!(!server.actions().iter().any(changing), "{:?}", server.actions());
}

fn package(manifest: &str) -> crate::sandbox::Run {
    shop_with(manifest).wharf("svc package --offline -n api")
}

#[test]
fn manifests_that_can_not_be_read() {
    expect_runs!(
        "unreadable_manifests",
        package("name: api\ntype: Backend Service\nimage: {location: x\n"),
        package("name: api\n\ttype: Backend Service\n"),
        package(""),
        package("name: api\n"),
        package("name: api\ntype: Backend Servce\nimage: {location: x}\n"),
        package("name: api\ntype: Scheduled Job\nimage: {location: x}\n"),
        shop_with(API).wharf("svc package --offline -n nowhere"),
    );
}

#[test]
fn several_errors_at_once() {
    expect_runs!(
        "several_errors",
        package(
            "name: api\ntype: Backend Service\nimage:\n  location: x\n  port: eighty\ncpu: lots\ncount:\n  range: 5-1\n\
             \nvariables:\n  LEVEL: ${LOG_LEVEL}\nhttp:\n  path: /\n"
        ),
    );
}

#[test]
fn warnings_do_not_stop() {
    let run = package("name: api\ntype: Backend Service\nimage:\n  location: x\nmemroy: 512\nvariables:\n");
    assert_eq!(run.code, 0);
    insta::assert_snapshot!("unknown_key", run.stderr);
}

#[test]
fn an_undefined_variable_and_a_defined_one() {
    let manifest = "name: api\ntype: Backend Service\nimage:\n  location: x:${TAG}\n";
    let mut sandbox = shop_with(manifest);
    expect_runs!("undefined_variable", sandbox.wharf("svc package --offline"));
    sandbox.set("TAG", "v7");
    let run = sandbox.wharf("svc package --offline").expect(0);
    assert!(run.stdout.contains("x:v7"), "{}", run.stdout);
}

#[test]
fn a_name_that_is_not_the_folders() {
    let other = API.replace("name: api", "name: apa");
    expect_runs!("other_name", package(&other));
}

/// YAML reads an empty section as null.
#[test]
fn sections_that_hold_nothing() {
    let manifest = format!("{API}variables:\nsecrets:\nenvironments:\n  test:\n  prod:\n    variables:\n");
    let run = package(&manifest).expect(0);
    assert!(run.stdout.contains("Resources:"));
    assert_eq!(run.stderr, "using the only environment, test\n");
    let environments = package(&format!("{API}environments:\n")).expect(0);
    assert!(environments.stdout.contains("Resources:"));
    let sandbox = shop();
    sandbox.write(
        "wharf/environments/test/manifest.yml",
        "name: test\ntype: Environment\nnetwork:\ncdn:\nobservability:\nhttp:\n",
    );
    sandbox.wharf("env package --offline -n test").ends(0);
}

#[test]
fn an_environments_manifest() {
    let sandbox = shop();
    let path = "wharf/environments/test/manifest.yml";
    sandbox.write(path, "name: prod\ntype: Environment\n");
    let other_name = sandbox.wharf("env package --offline -n test --output-dir out");
    sandbox.write(path, "name: test\ntype: Environment\nnetwork:\n  vpc:\n    cidr: 10.0.0.0\n");
    let bad = sandbox.wharf("env package --offline -n test");
    let service = sandbox.wharf("svc package --offline -n api -e test");
    let missing = sandbox.wharf("env package --offline -n prod");
    expect_runs!("environment_manifests", other_name, bad, service, missing);
}

#[test]
fn names_from_a_manifest_do_not_leave_their_folder() {
    let sandbox = shop_with(API);
    sandbox.write("wharf/api/manifest.yml", API.replace("name: api", "name: ../../api"));
    let run = sandbox.wharf("svc package --offline -n api --output-dir out");
    expect_runs!("name_as_path", run);
    assert!(!sandbox.work().join("out").exists());
}

#[test]
fn the_dockerfile_is_missing() {
    let (sandbox, server) = shop_in(crate::changes::deployed_environment(records()));
    std::fs::remove_file(sandbox.work().join("web/Dockerfile")).unwrap();
    expect_runs!("no_dockerfile", sandbox.wharf("svc deploy -n web -e test"));
    assert!(!server.actions().iter().any(|action| action.contains("ChangeSet")), "{:?}", server.actions());
}
