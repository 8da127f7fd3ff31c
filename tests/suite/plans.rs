//! Plans: what a deployment would do, told before anything happens, and what nobody does by accident.

use serde_json::{Value, json};

use crate::changes::{deployed_environment, unchanged};
use crate::expect_runs;
use crate::sandbox::Sandbox;
use crate::scripted::{Answer, Script, Scripted};
use crate::world::{WEB, records, shop_in, stack, template};

/// A variable, one that looks like a secret, and another size.
const MORE: &str = "variables:\n  LOG_LEVEL: debug\n  DB_PASSWORD: hunter22\n";

/// Addons with a table.
const TABLE: &str = "Parameters:\n  App: {Type: String}\n  Env: {Type: String}\n  Name: {Type: String}\nResources:\n\
    \x20 Items:\n    Type: AWS::DynamoDB::Table\n    Properties:\n      TableName: items\n      BillingMode: PAY_PER_REQUEST\n\
    \x20     AttributeDefinitions: [{AttributeName: id, AttributeType: S}]\n      KeySchema: [{AttributeName: id, KeyType: HASH}]\n";

/// The environment with the registry holding every image.
pub fn pushed(script: Script) -> Script {
    let image = json!({"imageDigest": format!("sha256:{}", "a".repeat(64)), "imageTags": ["x"]});
    script.on("ecr:DescribeImages", "", Answer::Json(json!({"imageDetails": [image]})))
}

/// Template and parameters of the service `web` of a workspace.
pub fn packaged(sandbox: &Sandbox) -> (String, Vec<(String, String)>) {
    sandbox.wharf("svc package -n web -e test --output-dir out").ends(0);
    let text = sandbox.read("out/web-test.stack.yml");
    let file: Value = serde_json::from_str(&sandbox.read("out/web-test.params.json")).unwrap();
    let parameters = file["Parameters"].as_object().unwrap().iter();
    (text, parameters.map(|(name, value)| (name.clone(), value.as_str().unwrap().to_owned())).collect())
}

/// A workspace whose service `web` is deployed just as it is there, with `addons` where there are some.
pub fn deployed_with(addons: &str) -> (Sandbox, Scripted) {
    deployed_in(addons, |script| script)
}

/// The same where AWS answers more than what is deployed.
fn deployed_in(addons: &str, more: impl Fn(Script) -> Script) -> (Sandbox, Scripted) {
    let (sandbox, _first) = shop_in(deployed_environment(pushed(records())));
    if !addons.is_empty() {
        sandbox.write("wharf/web/addons/items.yml", addons);
    }
    let (text, parameters) = packaged(&sandbox);
    let parameters: Vec<(&str, &str)> =
        parameters.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let mut script = more(pushed(records()))
        .on(
            "cloudformation:DescribeStacks",
            "StackName=shop-test-web&",
            stack("shop-test-web", "UPDATE_COMPLETE", &parameters, &[]),
        )
        .on("cloudformation:GetTemplate", "StackName=shop-test-web&", template(&text));
    if !addons.is_empty() {
        let summary = "<StackResourceSummaries><member><LogicalResourceId>AddonsStack</LogicalResourceId>\
             <PhysicalResourceId>web-addons</PhysicalResourceId><ResourceType>AWS::CloudFormation::Stack</ResourceType>\
             <ResourceStatus>CREATE_COMPLETE</ResourceStatus></member></StackResourceSummaries>";
        script = script
            .on("cloudformation:ListStackResources", "", Answer::Xml(summary.to_owned()))
            .on(
                "cloudformation:DescribeStacks",
                "StackName=web-addons&",
                stack(
                    "web-addons",
                    "CREATE_COMPLETE",
                    &[("App", "shop"), ("Env", "test"), ("Name", "web")],
                    &[],
                ),
            )
            .on("cloudformation:GetTemplate", "StackName=web-addons&", template(addons));
    }
    let server = deployed_environment(script).start();
    let mut sandbox = sandbox;
    crate::world::point(&mut sandbox, &server.url());
    (sandbox, server)
}

#[test]
fn a_service_that_is_new() {
    let (sandbox, server) = shop_in(deployed_environment(records()));
    expect_runs!("plan_new", sandbox.wharf("diff -n web -e test").expect(1));
    unchanged(&server);
}

#[test]
fn nothing_would_be_done() {
    let (sandbox, server) = deployed_with("");
    expect_runs!("plan_same", sandbox.wharf("diff -n web -e test").expect(0));
    unchanged(&server);
}

#[test]
fn changes_property_by_property() {
    let (mut sandbox, server) = deployed_with("");
    let manifest = WEB.replace("cpu: 256\nmemory: 512\ncount: 1", "cpu: 512\nmemory: 1024\ncount: 2");
    sandbox.write("wharf/web/manifest.yml", format!("{manifest}{MORE}"));
    let plain = sandbox.wharf("diff -n web -e test").expect(1);
    let text = sandbox.wharf("diff -n web -e test --text").expect(1);
    assert!(text.stdout.contains("--- deployed"), "{}", text.transcript());
    sandbox.set("CLICOLOR_FORCE", "1");
    let coloured = sandbox.wharf("diff -n web -e test").expect(1);
    assert!(coloured.stdout.contains('\u{1b}') && !coloured.stdout.contains("hunter22"));
    assert!(!plain.transcript().contains("hunter22"));
    expect_runs!("plan_changes", plain);
    unchanged(&server);
}

#[test]
fn as_json() {
    let (sandbox, _server) = deployed_with("");
    sandbox.write(
        "wharf/web/manifest.yml",
        format!("{}{MORE}", WEB.replace("cpu: 256\nmemory: 512", "cpu: 512\nmemory: 1024")),
    );
    let run = sandbox.wharf("diff -n web -e test --json").expect(1);
    let value: Value = serde_json::from_str(&run.stdout).unwrap();
    assert!(!run.stdout.contains("hunter22"));
    insta::assert_snapshot!("plan_json", serde_json::to_string_pretty(&value).unwrap());
    let lines = sandbox.wharf("diff -n web -e test --progress json").expect(1);
    assert!(lines.stdout.starts_with(r#"{"event":"plan","value":{"plans":["#), "{}", lines.transcript());
}

#[test]
fn a_plan_that_cannot_be_told() {
    let (sandbox, _server) = shop_in(records());
    expect_runs!(
        "plan_unknown",
        sandbox.wharf("diff -n nothing -e test").expect(2),
        sandbox.wharf("diff --environment --name web").expect(2),
    );
}

#[test]
fn a_deployment_shows_its_plan_before_it_asks() {
    let (sandbox, server) = deployed_with("");
    sandbox.write("wharf/web/manifest.yml", WEB.replace("cpu: 256\nmemory: 512", "cpu: 512\nmemory: 1024"));
    expect_runs!(
        "plan_asked",
        sandbox.wharf("svc deploy -n web -e test --diff").expect(1),
        sandbox.wharf("deploy -n web -e test --diff").expect(1),
    );
    unchanged(&server);
}

#[test]
fn what_takes_traffic_is_held_back() {
    let (sandbox, server) = deployed_with("");
    sandbox.write("wharf/web/manifest.yml", WEB.replace("  path: /\n", "  path: /\n  version: grpc\n"));
    expect_runs!(
        "held_back_traffic",
        sandbox.wharf("diff -n web -e test").expect(1),
        sandbox.wharf("svc deploy -n web -e test").expect(5),
        sandbox.wharf("deploy -n web -e test --progress json").expect(5),
    );
    unchanged(&server);
    let agreed = sandbox.wharf("svc deploy -n web -e test --allow-replace TargetGroup");
    assert_ne!(agreed.code, 5, "{}", agreed.transcript());
}

#[test]
fn what_holds_data_is_held_back_in_addons_too() {
    let (sandbox, server) = deployed_with(TABLE);
    sandbox.wharf("diff -n web -e test").ends(0);
    sandbox.write("wharf/web/addons/items.yml", TABLE.replace("TableName: items", "TableName: things"));
    let replaced = sandbox.wharf("svc deploy -n web -e test").expect(5);
    std::fs::remove_file(sandbox.work().join("wharf/web/addons/items.yml")).unwrap();
    let gone = sandbox.wharf("diff -n web -e test").expect(1);
    expect_runs!("held_back_data", replaced, gone, sandbox.wharf("svc deploy -n web -e test").expect(5));
    unchanged(&server);
}

#[test]
fn what_the_environment_switches_off() {
    let (sandbox, _server) = deployed_with("");
    sandbox.write(
        "wharf/web/manifest.yml",
        WEB.replace("http:\n  path: /\n", "http: false\n")
            .replace("Load Balanced Web Service", "Backend Service")
            .replace("http: false\n", ""),
    );
    let run = sandbox.wharf("diff -n web -e test").expect(1);
    assert!(run.stdout.contains("public load balancer"), "{}", run.transcript());
    assert!(run.stdout.contains("- TargetGroup"), "{}", run.transcript());
}

#[test]
fn the_environment_itself() {
    let (sandbox, server) = shop_in(deployed_environment(records()));
    let run = sandbox.wharf("diff --environment -e test").expect(1);
    assert!(run.stdout.contains("Plan for environment test (shop-test)"), "{}", run.transcript());
    assert!(run.stdout.contains("+ Cluster"), "{}", run.transcript());
    unchanged(&server);
}

#[test]
fn what_it_costs() {
    let (sandbox, server) = deployed_with("");
    expect_runs!(
        "costs",
        sandbox.wharf("cost").expect(0),
        sandbox.wharf("cost -e test -n web --json").expect(0),
        sandbox.wharf("cost -e nowhere").expect(1),
    );
    unchanged(&server);
}

/// Products as the AWS Price List lists them.
fn listed(products: &[(&str, &str)]) -> Answer {
    let entries: Vec<String> = products
        .iter()
        .map(|(usage, usd)| {
            json!({
                "product": {"productFamily": "Compute", "attributes": {"usagetype": usage, "operation": "NatGateway"}},
                "terms": {"OnDemand": {"A": {"priceDimensions": {"B": {"beginRange": "0", "pricePerUnit": {"USD": usd}}}}}},
            })
            .to_string()
        })
        .collect();
    Answer::Json(json!({"PriceList": entries, "FormatVersion": "aws_v1"}))
}

#[test]
fn prices_are_read_once_and_kept() {
    let (sandbox, server) = deployed_in("", |script| {
        script
            .on(
                "pricing:GetProducts",
                "AmazonECS",
                listed(&[("EU-Fargate-vCPU-Hours:perCPU", "0.1"), ("EU-Fargate-GB-Hours", "0.01")]),
            )
            .on("pricing:GetProducts", "AmazonCloudWatch", listed(&[("EU-DataProcessing-Bytes", "0.5985")]))
            .on("pricing:GetProducts", "", listed(&[]))
    });
    let month = || jiff::Timestamp::now().strftime("%Y-%m").to_string();
    let before = month();
    // The oldest price is one of the built-in table, which has a month of its own.
    expect_runs!(
        "prices_read",
        sandbox.wharf("cost -n web --refresh").expect(0),
        sandbox.wharf("cost -n web --json").expect(0),
    );
    let kept = sandbox.read("../home/.cache/wharf/prices.txt");
    let of = |month: String| {
        format!(
            "eu-west-1 fargate-gb 0.01 {month} L\neu-west-1 fargate-vcpu 0.1 {month} L\neu-west-1 logs-in 0.5985 {month} L\n"
        )
    };
    assert!(kept == of(before) || kept == of(month()), "{kept}");
    unchanged(&server);
}

#[test]
fn prices_that_may_not_be_read() {
    let denied = "User: arn:aws:iam::123456789012:user/dev is not authorized to perform: pricing:GetProducts";
    let (sandbox, _server) = deployed_in("", |script| {
        script.on("pricing:GetProducts", "", Answer::error("AccessDeniedException", denied))
    });
    expect_runs!("prices_refused", sandbox.wharf("cost -n web --refresh").expect(1));
}
