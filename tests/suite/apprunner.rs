//! Services on App Runner: made, seen, paused and resumed.

use serde_json::json;

use crate::expect_runs;
use crate::scripted::{ACCOUNT, Answer, Script};
use crate::world::{records, shop_in, shown, stack, template};

/// An AWS in which `site` is a service on App Runner with this status, deployed to `test`. Whatever is done to it
/// ends as `ended`.
fn on_app_runner(status: &str, ended: &str) -> Script {
    let arn = format!(
        "arn:aws:apprunner:eu-west-1:{ACCOUNT}:service/shop-test-site/0123456789abcdef0123456789abcdef"
    );
    let resources = format!(
        "<StackResourceSummaries><member><LogicalResourceId>Service</LogicalResourceId>\
         <PhysicalResourceId>{arn}</PhysicalResourceId><ResourceType>AWS::AppRunner::Service</ResourceType>\
         <ResourceStatus>CREATE_COMPLETE</ResourceStatus><LastUpdatedTimestamp>2026-01-02T03:04:05Z</LastUpdatedTimestamp>\
         </member></StackResourceSummaries>"
    );
    let service = json!({
        "ServiceArn": arn, "ServiceId": "0123456789abcdef0123456789abcdef", "ServiceName": "shop-test-site", "Status": status,
        "ServiceUrl": "abc.eu-west-1.awsapprunner.com", "CreatedAt": 1_767_225_600.0, "UpdatedAt": 1_767_225_700.0,
        "SourceConfiguration": {"ImageRepository": {"ImageIdentifier": "site:1", "ImageConfiguration": {"Port": "8080",
            "RuntimeEnvironmentVariables": {"LOG_LEVEL": "info"}, "RuntimeEnvironmentSecrets": {"TOKEN": "/shop/token"}}}},
        "ObservabilityConfiguration": {"ObservabilityEnabled": true, "ObservabilityConfigurationArn": "arn:x"}
    });
    let operation = |id: &str, kind: &str, started: f64| json!({"Id": id, "Type": kind, "Status": ended, "StartedAt": started, "EndedAt": started + 9.0});
    let parameters = [("ContainerPort", "8080"), ("InstanceCPU", "1024"), ("InstanceMemory", "2048")];
    records()
        .record(
            "/copilot/applications/shop/components/site",
            json!({"app": "shop", "name": "site", "type": "Request-Driven Web Service"}),
        )
        .on(
            "cloudformation:DescribeStacks",
            "StackName=shop-test-site",
            stack("shop-test-site", "CREATE_COMPLETE", &parameters, &[]),
        )
        .on("cloudformation:DescribeStacks", "", stack("shop-test", "CREATE_COMPLETE", &[], &[]))
        .on("cloudformation:GetTemplate", "", template("Metadata:\n  Version: v2.0.0\n"))
        .on("cloudformation:ListStackResources", "", Answer::Xml(resources))
        .on("tagging:GetResources", "", Answer::Json(json!({"ResourceTagMappingList": [
            {"ResourceARN": format!("arn:aws:cloudformation:eu-west-1:{ACCOUNT}:stack/shop-test-site/1"),
             "Tags": [{"Key": "copilot-service", "Value": "site"}, {"Key": "copilot-environment", "Value": "test"}]}]})))
        .on("apprunner:DescribeService", "", Answer::Json(json!({"Service": service})))
        .on("apprunner:PauseService", "", Answer::Json(json!({"Service": service, "OperationId": "two"})))
        .on("apprunner:ResumeService", "", Answer::Json(json!({"Service": service, "OperationId": "two"})))
        .on("apprunner:DescribeCustomDomains", "", Answer::Json(json!({"DNSTarget": "t", "ServiceArn": arn, "CustomDomains": [
            {"DomainName": "site.example.com", "Status": "ACTIVE"}, {"DomainName": "new.example.com", "Status": "CREATING"}]})))
        .on("apprunner:ListOperations", "", Answer::Json(json!({"OperationSummaryList": [
            operation("one", "CREATE_SERVICE", 1_767_225_600.0), operation("two", "UPDATE_SERVICE", 1_767_225_700.0)]})))
        .on("logs:DescribeLogStreams", "", Answer::Json(json!({"logStreams": [{"logStreamName": "events", "lastEventTimestamp": 1}]})))
        .on("logs:GetLogEvents", "", Answer::Json(json!({"events": [
            {"timestamp": 1_767_225_700_000_i64, "ingestionTime": 1_767_225_700_000_i64,
             "message": "01-01-2026 12:01:40 AM [AppRunner] Service update completed successfully."}]})))
        .on(
            "logs:FilterLogEvents",
            "/service\"",
            Answer::Json(json!({"events": [{"eventId": "2", "logStreamName": "events", "timestamp": 1_767_225_700_000_i64,
                "ingestionTime": 1_767_225_700_000_i64, "message": "[AppRunner] Service update completed successfully."}]})),
        )
        .on("logs:FilterLogEvents", "/application\"", Answer::Json(json!({"events": [
            {"eventId": "1", "logStreamName": "instance/0a", "timestamp": 1_767_225_700_000_i64,
             "ingestionTime": 1_767_225_700_000_i64, "message": "listening on 8080"}]})))
}

#[test]
fn pause_and_resume() {
    let (sandbox, _server) = shop_in(on_app_runner("RUNNING", "SUCCEEDED"));
    let (paused, _server2) = shop_in(on_app_runner("PAUSED", "SUCCEEDED"));
    expect_runs!(
        "pause",
        sandbox.wharf("svc pause -n site -e test --yes"),
        sandbox.wharf("svc pause -n site -e test"),
        sandbox.wharf("svc resume -n site -e test"),
        paused.wharf("svc pause -n site -e test --yes"),
        paused.wharf("svc resume -n site -e test"),
        sandbox.wharf("svc pause -n web -e test --yes"),
        sandbox.wharf("svc resume -n nothing -e test"),
    );
}

#[test]
fn an_operation_that_fails() {
    let (sandbox, _server) = shop_in(on_app_runner("RUNNING", "FAILED"));
    expect_runs!("pause_failed", sandbox.wharf("svc pause -n site -e test --yes"));
}

#[test]
fn seen() {
    let (sandbox, _server) = shop_in(on_app_runner("RUNNING", "SUCCEEDED"));
    let runs = [
        sandbox.wharf("status -n site -e test"),
        sandbox.wharf("svc status -n site -e test --json"),
        sandbox.wharf("svc show -n site"),
        sandbox.wharf("svc show -n site --json"),
        sandbox.wharf("logs -n site -e test"),
        sandbox.wharf("svc logs -n site -e test --log-group system"),
        sandbox.wharf("svc logs -n site -e test --tasks 0a"),
        sandbox.wharf("svc logs -n site -e test --previous"),
    ];
    let text: Vec<String> = runs.iter().map(shown).collect();
    insta::with_settings!({filters => vec![(r"\d+ [a-z]+ ago", "[AGE]"), (r" {2,}", "  "), (r"-{3,}", "---")]}, {
        insta::assert_snapshot!("on_app_runner", text.join("\n"));
    });
}

#[test]
fn made() {
    let (sandbox, _server) = shop_in(records());
    expect_runs!(
        "init_request_driven",
        sandbox.wharf("svc init -n site -t 'Request-Driven Web Service' -d web/Dockerfile"),
        sandbox.wharf(
            "svc init -n site -t 'Request-Driven Web Service' -d web/Dockerfile --ingress-type Everyone"
        ),
        sandbox.wharf("svc init -n site -t 'Backend Service' -d web/Dockerfile --ingress-type Internet"),
        sandbox.wharf(
            "svc init -n site -t 'Request-Driven Web Service' -i nginx --port 80 --ingress-type Internet"
        ),
    );
}

#[test]
fn a_host_name_that_can_not_be_had() {
    let manifest = |alias: &str| {
        format!(
            "name: site\ntype: Request-Driven Web Service\nimage:\n  location: public.ecr.aws/nginx/nginx\n  port: 80\nhttp:\n  alias: {alias}\n"
        )
    };
    let script = || {
        crate::changes::deployed_environment(records().record(
            "/copilot/applications/shop/components/site",
            json!({"app": "shop", "name": "site", "type": "Request-Driven Web Service"}),
        ))
    };
    let with_domain = json!({"name": "shop", "account": ACCOUNT, "domain": "example.com", "domainHostedZoneID": "Z1",
        "version": "1.0"});
    let (without, _server) = shop_in(script());
    without.write("wharf/site/manifest.yml", manifest("site.example.com"));
    let (with, _server2) = shop_in(script().record("/copilot/applications/shop", with_domain));
    with.write("wharf/site/manifest.yml", manifest("site.shop.example.com"));
    expect_runs!(
        "host_name_refused",
        without.wharf("svc deploy -n site -e test"),
        with.wharf("svc deploy -n site -e test"),
    );
}
