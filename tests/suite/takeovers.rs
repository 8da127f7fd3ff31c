//! Takeovers of stacks that are not at rest, and of environments from early days.

use crate::changes::deployed_environment;
use crate::expect_runs;
use crate::sandbox::Sandbox;
use crate::scripted::{Answer, Script, Scripted};
use crate::world::{no_stack, records, shop_in, stack, template};

const COPILOTS: &str = "Metadata:\n  Version: v1.33.4\nResources:\n  EnvControllerAction:\n    Type: Custom::EnvControllerFunction\n    Properties:\n\
    \x20     ServiceToken: !GetAtt EnvControllerFunction.Arn\n  EnvControllerFunction:\n    Type: AWS::Lambda::Function\n\
    \x20   Properties: {Runtime: nodejs20.x}\n";

/// The service `api` as Copilot deployed it, its stack in `status`.
fn service_in(status: &str) -> (Sandbox, Scripted) {
    let script = records()
        .on(
            "cloudformation:DescribeStacks",
            "StackName=shop-test-api&",
            stack("shop-test-api", status, &[("AppName", "shop")], &[]),
        )
        .on("cloudformation:GetTemplate", "StackName=shop-test-api&", template(COPILOTS))
        .on("cloudformation:ListStackResources", "", Answer::Xml("<StackResourceSummaries/>".to_owned()));
    shop_in(deployed_environment(script))
}

#[test]
fn stacks_that_are_stuck() {
    let run = |status: &str, flags: &str| {
        let (sandbox, server) = service_in(status);
        let run = sandbox.wharf(&format!("svc deploy -n api -e test {flags}"));
        (run, server.actions())
    };
    // What never came to life is no stack to take over; what is at rest or stuck is asked for all the same.
    let states = [
        "UPDATE_ROLLBACK_COMPLETE",
        "UPDATE_ROLLBACK_FAILED",
        "UPDATE_FAILED",
        "DELETE_FAILED",
        "IMPORT_COMPLETE",
    ];
    for status in states {
        let (run, seen) = run(status, "");
        assert_eq!(run.code, 1, "{status}: {}", run.transcript());
        assert!(run.stderr.contains("--takeover"), "{status}: {}", run.transcript());
        assert!(
            !seen.iter().any(|action| action.contains("Update") || action.contains("Delete")),
            "{status}: {seen:?}"
        );
    }
    for status in ["REVIEW_IN_PROGRESS", "ROLLBACK_COMPLETE"] {
        let (run, _) = run(status, "");
        assert!(!run.stderr.contains("--takeover"), "{status}: {}", run.transcript());
    }
}

/// What a build of Copilot's hands to its pipeline would be laid over the deployed stack in one update.
#[test]
fn a_pipeline_gets_no_template_before_the_takeover() {
    let (sandbox, server) = service_in("UPDATE_COMPLETE");
    expect_runs!(
        "package_before_takeover",
        sandbox.wharf("svc package -n api -e test --output-dir out --upload-assets"),
    );
    let made = |action: &&String| ["Put", "Upload", "Create"].iter().any(|verb| action.contains(verb));
    assert_eq!(server.actions().iter().find(made), None);
}

/// An environment whose template is from before features were parameters.
fn early_environment() -> Script {
    let parameters = [
        ("AppName", "shop"),
        ("EnvironmentName", "test"),
        ("ToolsAccountPrincipalARN", "arn:aws:iam::1:root"),
    ];
    let text = "Parameters:\n  AppName: {Type: String}\nResources:\n  PublicLoadBalancer: {Type: 'AWS::ElasticLoadBalancingV2::LoadBalancer'}\n\
        \x20 EnvironmentManagerRole: {Type: 'AWS::IAM::Role'}\n  DelegateDNSAction: {Type: 'Custom::DNSDelegationFunction'}\n";
    deployed_environment(
        records()
            .on(
                "cloudformation:DescribeStacks",
                "StackName=shop-test&",
                stack("shop-test", "UPDATE_COMPLETE", &parameters, &[]),
            )
            .on("cloudformation:GetTemplate", "StackName=shop-test&", template(text))
            .on("cloudformation:ListStackResources", "", Answer::Xml("<StackResourceSummaries/>".to_owned())),
    )
}

/// One that only has its two roles, as `env init` leaves it.
fn bootstrapped_environment() -> Script {
    deployed_environment(
        records()
            .on(
                "cloudformation:DescribeStacks",
                "StackName=shop-test&",
                stack("shop-test", "CREATE_COMPLETE", &[("AppName", "shop"), ("EnvironmentName", "test")], &[]),
            )
            .on(
                "cloudformation:GetTemplate",
                "StackName=shop-test&",
                template("Metadata:\n  Version: bootstrap\nResources:\n  EnvironmentManagerRole: {Type: 'AWS::IAM::Role'}\n"),
            ),
    )
}

#[test]
fn environments_from_early_days() {
    let (early, server) = shop_in(early_environment());
    let (bootstrapped, other) = shop_in(bootstrapped_environment());
    expect_runs!(
        "early_environments",
        early.wharf("svc deploy -n web -e test"),
        early.wharf("env deploy -n test --takeover"),
        bootstrapped.wharf("svc deploy -n web -e test"),
    );
    for seen in [server.actions(), other.actions()] {
        assert!(
            !seen.iter().any(|action| action.contains("Update") || action.contains("Delete")),
            "{seen:?}"
        );
    }
}

/// Resources that somebody changed by hand are named, and make the verdict.
#[test]
fn drift_is_shown() {
    let listed = "<member><StackName>shop-test-api</StackName><StackId>arn:aws:cloudformation:eu-west-1:123456789012:stack/shop-test-api/1</StackId>\
        <CreationTime>2026-01-02T03:04:05Z</CreationTime><StackStatus>UPDATE_COMPLETE</StackStatus><Tags>\
        <member><Key>copilot-application</Key><Value>shop</Value></member><member><Key>copilot-environment</Key><Value>test</Value></member>\
        <member><Key>copilot-service</Key><Value>api</Value></member></Tags></member>";
    let difference = "<member><PropertyPath>/DesiredCount</PropertyPath><ExpectedValue>1</ExpectedValue><ActualValue>5</ActualValue>\
        <DifferenceType>NOT_EQUAL</DifferenceType></member>";
    let drifted = format!(
        "<StackResourceDrifts><member><StackId>s</StackId><LogicalResourceId>Service</LogicalResourceId><ResourceType>AWS::ECS::Service</ResourceType>\
         <StackResourceDriftStatus>MODIFIED</StackResourceDriftStatus><Timestamp>2026-01-02T03:04:05Z</Timestamp>\
         <PropertyDifferences>{difference}</PropertyDifferences></member></StackResourceDrifts>"
    );
    let status = "<StackId>s</StackId><StackDriftDetectionId>d</StackDriftDetectionId><DetectionStatus>DETECTION_COMPLETE</DetectionStatus>\
        <StackDriftStatus>DRIFTED</StackDriftStatus><Timestamp>2026-01-02T03:04:05Z</Timestamp>";
    let script = records()
        .on(
            "cloudformation:DetectStackDrift",
            "",
            Answer::Xml("<StackDriftDetectionId>d</StackDriftDetectionId>".to_owned()),
        )
        .on("cloudformation:DescribeStackDriftDetectionStatus", "", Answer::Xml(status.to_owned()))
        .on("cloudformation:DescribeStackResourceDrifts", "", Answer::Xml(drifted))
        .on(
            "cloudformation:GetTemplate",
            "StackName=shop-test-api&",
            template("Metadata:\n  Version: v2.0.0\nResources: {}\n"),
        )
        .on("cloudformation:DescribeStackSet", "", Answer::error("StackSetNotFoundException", "no"))
        .on("cloudformation:DescribeStacks", "StackName=", no_stack())
        .on("cloudformation:DescribeStacks", "", Answer::Xml(format!("<Stacks>{listed}</Stacks>")))
        .on("cloudformation:*", "", no_stack());
    let (sandbox, _server) = shop_in(script);
    let report = sandbox.wharf("doctor --drift --json").expect(0);
    let report: serde_json::Value = serde_json::from_str(&report.stdout).unwrap();
    let stack = &report["stacks"][0];
    assert_eq!(stack["drifted"], serde_json::json!(["Service: /DesiredCount"]), "{report:#}");
    assert_eq!(
        (stack["health"].as_str(), stack["verdict"].as_str()),
        (Some("bad"), Some("has drifted: see above"))
    );
}
