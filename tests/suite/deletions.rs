//! What deletions say before they begin: what goes, and which data stays.

use crate::changes::deployed_environment;
use crate::expect_runs;
use crate::scripted::{ACCOUNT, Answer, Script};
use crate::world::{no_stack, records, shop_in, stack, template};

/// Resources of a stack: logical id, type and physical id.
fn resources(list: &[(&str, &str, &str)]) -> Answer {
    let member = |(id, kind, physical): &(&str, &str, &str)| {
        format!(
            "<member><LogicalResourceId>{id}</LogicalResourceId><ResourceType>{kind}</ResourceType>\
             <PhysicalResourceId>{physical}</PhysicalResourceId><ResourceStatus>CREATE_COMPLETE</ResourceStatus>\
             <LastUpdatedTimestamp>2026-01-02T03:04:05Z</LastUpdatedTimestamp></member>"
        )
    };
    let members: String = list.iter().map(member).collect();
    Answer::Xml(format!("<StackResourceSummaries>{members}</StackResourceSummaries>"))
}

const NESTED: &str = "shop-test-web-AddonsStack-1";

/// `web` with a table, a queue and, with `more`, something else in its addons; `status` is its stack's.
fn with_addons(status: &str, more: &[(&str, &str, &str)]) -> Script {
    let arn = format!("arn:aws:cloudformation:eu-west-1:{ACCOUNT}:stack/{NESTED}/2");
    let mut nested = vec![
        ("Orders", "AWS::DynamoDB::Table", "shop-test-web-orders"),
        ("Queue", "AWS::SQS::Queue", "queue"),
    ];
    nested.extend(more);
    let parent = [
        ("AddonsStack", "AWS::CloudFormation::Stack", arn.as_str()),
        ("Service", "AWS::ECS::Service", "svc"),
    ];
    deployed_environment(
        records()
            .on(
                "cloudformation:DescribeStacks",
                "StackName=shop-test-web&",
                stack("shop-test-web", status, &[], &[]),
            )
            .on("cloudformation:GetTemplate", NESTED, template("Resources: {}\n"))
            .on("cloudformation:GetTemplate", "stack%2Fshop-test-web%2F", template("Resources: {}\n"))
            .on(
                "cloudformation:GetTemplate",
                "StackName=shop-test-web&",
                template("Resources:\n  AddonsStack:\n    Type: AWS::CloudFormation::Stack\n"),
            )
            .on("cloudformation:ListStackResources", NESTED, resources(&nested))
            .on("cloudformation:ListStackResources", "shop-test-web", resources(&parent))
            .on(
                "cloudformation:ListStackResources",
                "shop-test",
                resources(&[
                    ("VPC", "AWS::EC2::VPC", "vpc-1"),
                    ("FileSystem", "AWS::EFS::FileSystem", "fs-1"),
                    ("ELBAccessLogsBucket", "AWS::S3::Bucket", "logs-of-requests"),
                ]),
            ),
    )
    .on("tagging:GetResources", "", Answer::Json(serde_json::json!({"ResourceTagMappingList": []})))
    .on("cloudformation:DescribeStackSet", "", Answer::error("StackSetNotFoundException", "no"))
}

#[test]
fn data_is_named_before_anything_goes() {
    let (sandbox, server) = shop_in(with_addons("UPDATE_COMPLETE", &[]));
    expect_runs!(
        "deletion_previews",
        sandbox.wharf("svc delete -n web"),
        sandbox.wharf("svc delete -n web -e test"),
        sandbox.wharf("svc delete -n web -e test --delete-data"),
        sandbox.wharf("env delete -n test"),
        sandbox.wharf("app delete"),
        sandbox.wharf("app delete --delete-data"),
    );
    assert!(!server.actions().iter().any(|action| action.contains("Delete")), "{:?}", server.actions());
}

/// Data in a network that would go, and a stack that can't be changed to keep its data.
#[test]
fn data_that_can_not_be_kept() {
    let database = [("Cluster", "AWS::RDS::DBCluster", "cluster-1")];
    let (sandbox, server) = shop_in(with_addons("UPDATE_COMPLETE", &database));
    let networked = sandbox.wharf("app delete --yes");
    let (stuck_sandbox, stuck_server) = shop_in(with_addons("UPDATE_ROLLBACK_FAILED", &[]));
    let stuck = stuck_sandbox.wharf("svc delete -n web -e test --yes");
    expect_runs!("deletion_data", networked, stuck);
    for seen in [server.actions(), stuck_server.actions()] {
        assert!(
            !seen.iter().any(|action| action.contains("Delete") || action.contains("Update")),
            "{seen:?}"
        );
    }
}

/// The flags of Copilot's are understood as before.
#[test]
fn flags_of_copilot() {
    let (sandbox, _server) = shop_in(records().on("cloudformation:*", "", no_stack()));
    for line in [
        "svc delete --name nowhere --env test --app shop --yes",
        "job delete -n nowhere -e test -a shop --yes",
        "env delete -n nowhere -a shop --yes",
        "app delete --name blog --yes",
        "pipeline delete --name nowhere --app shop --yes --delete-secret",
    ] {
        let run = sandbox.wharf(line);
        assert_eq!(run.code, 1, "{}", run.transcript());
    }
}

/// A service that Copilot deployed with names of its own, in an environment that is Copilot's, too: nobody but Copilot's
/// functions may take the names away, and those are not called.
#[test]
fn names_that_only_copilot_may_take_away() {
    let custom = "Metadata:\n  Version: v1.33.4\nResources:\n  NLBCertValidatorAction:\n    Type: Custom::NLBCertValidatorFunction\n";
    let environment = "Metadata:\n  Version: v1.33.4\nResources: {}\n";
    let script = records()
        .on(
            "cloudformation:DescribeStacks",
            "StackName=shop-test-web&",
            stack("shop-test-web", "UPDATE_COMPLETE", &[("AppName", "shop")], &[]),
        )
        .on("cloudformation:GetTemplate", "StackName=shop-test-web&", template(custom))
        .on("cloudformation:GetTemplate", "StackName=shop-test&", template(environment))
        .on(
            "cloudformation:ListStackResources",
            "",
            resources(&[("NLBCertValidatorAction", "Custom::NLBCertValidatorFunction", "arn:certificate")]),
        )
        .on("cloudformation:DescribeStacks", "", Answer::Xml("<Stacks/>".to_owned()));
    let (sandbox, server) = shop_in(script);
    expect_runs!("deletion_of_copilots_names", sandbox.wharf("svc delete --name web --env test --yes"));
    let changes = |action: &&String| ["Update", "Delete", "Execute"].iter().any(|verb| action.contains(verb));
    assert_eq!(server.actions().iter().find(changes), None);
}
