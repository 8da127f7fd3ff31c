//! `wharf doctor`: everything there is of an application, in all its accounts and regions.

use serde_json::json;

use crate::expect_runs;
use crate::sandbox::Run;
use crate::scripted::{ACCOUNT, Answer, Script};
use crate::world::{records, shop_in, template};

/// A stack as a list has it: name, status, tags.
fn listed(name: &str, status: &str, tags: &[(&str, &str)]) -> String {
    let tag =
        |(key, value): &(&str, &str)| format!("<member><Key>{key}</Key><Value>{value}</Value></member>");
    let tags: String = tags.iter().map(tag).collect();
    format!(
        "<member><StackName>{name}</StackName><StackId>arn:aws:cloudformation:eu-west-1:{ACCOUNT}:stack/{name}/1</StackId>\
         <CreationTime>2026-01-02T03:04:05Z</CreationTime><StackStatus>{status}</StackStatus><Tags>{tags}</Tags></member>"
    )
}

/// An application with one of everything, another account's environment among it that lets nobody in.
fn application() -> Script {
    let app = ("copilot-application", "shop");
    let env = ("copilot-environment", "test");
    let stacks = [
        listed("shop-infrastructure-roles", "CREATE_COMPLETE", &[app]),
        listed("old-pipeline", "UPDATE_COMPLETE", &[app]),
        listed("pipeline-shop-main", "UPDATE_COMPLETE", &[app, ("copilot-pipeline", "main")]),
        listed("task-db", "CREATE_COMPLETE", &[("copilot-task", "db")]),
        listed("task-seed", "CREATE_COMPLETE", &[app, env, ("copilot-task", "seed")]),
        listed("shop-test", "UPDATE_ROLLBACK_FAILED", &[app, env]),
        listed("shop-test-web", "UPDATE_IN_PROGRESS", &[app, env, ("copilot-service", "web")]),
        listed("other-stack", "CREATE_COMPLETE", &[("copilot-application", "blog")]),
    ];
    let pipeline =
        "Metadata:\n  Version: v1.33.4\nResources:\n  Pipeline:\n    Type: AWS::CodePipeline::Pipeline\n";
    let service = "Metadata:\n  Version: v1.33.4\nResources:\n  EnvControllerAction:\n    Type: Custom::EnvControllerFunction\n    Properties:\n\
        \x20     ServiceToken: !GetAtt EnvControllerFunction.Arn\n  EnvControllerFunction:\n    Type: AWS::Lambda::Function\n\
        \x20   Properties: {Runtime: nodejs16.x}\n";
    let instance = |region: &str, status: &str| {
        format!(
            "<member><StackId>arn:s</StackId><Account>{ACCOUNT}</Account><Region>{region}</Region><Status>{status}</Status></member>"
        )
    };
    records()
        .record(
            "/copilot/applications/shop/environments/prod",
            json!({"app": "shop", "name": "prod", "region": "us-east-1", "accountID": "999999999999", "registryURL": "",
                "executionRoleARN": "arn:aws:iam::999999999999:role/shop-prod-CFNExecutionRole",
                "managerRoleARN": "arn:aws:iam::999999999999:role/shop-prod-EnvManagerRole"}),
        )
        .on("sts:AssumeRole", "shop-prod", Answer::Error(403, "AccessDenied".into(),
            format!("User: arn:aws:iam::{ACCOUNT}:user/dev is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::999999999999:role/shop-prod-EnvManagerRole")))
        .on("cloudformation:GetTemplate", "old-pipeline", template(pipeline))
        .on("cloudformation:GetTemplate", "pipeline-shop-main", template(pipeline))
        .on("cloudformation:GetTemplate", "shop-test-web", template(service))
        .on("cloudformation:GetTemplate", "shop-test", template("Metadata:\n  Version: v1.9.0\nResources: {}\n"))
        .on("cloudformation:GetTemplate", "shop-infrastructure-roles", template("Metadata:\n  TemplateVersion: v1.2.0\nResources: {}\n"))
        .on("cloudformation:GetTemplate", "", template("Resources: {}\n"))
        .on("cloudformation:DescribeStackSetOperation", "", Answer::error("NotThis", "no"))
        .on("cloudformation:DescribeStackSet", "", Answer::Xml(
            "<StackSet><StackSetName>shop-infrastructure</StackSetName><Status>ACTIVE</Status>\
             <TemplateBody>Metadata: {TemplateVersion: v1.2.0, Version: 7}</TemplateBody></StackSet>".to_owned()))
        .on("cloudformation:ListStackInstances", "", Answer::Xml(
            format!("<Summaries>{}{}</Summaries>", instance("eu-west-1", "CURRENT"), instance("us-west-2", "OUTDATED"))))
        .on("cloudformation:ListStackSetOperations", "", Answer::Error(403, "AccessDenied".into(),
            format!("User: arn:aws:iam::{ACCOUNT}:user/dev is not authorized to perform: cloudformation:ListStackSetOperations on resource: x")))
        .on("cloudformation:DescribeStacks", "", Answer::Xml(format!("<Stacks>{}</Stacks>", stacks.concat())))
}

/// The played AWS answers the same in every region: what the second region shows is cut off.
fn of_one_region(mut run: Run) -> Run {
    let mut report: serde_json::Value = serde_json::from_str(&run.stdout).unwrap_or_default();
    if let Some(stacks) = report["stacks"].as_array_mut() {
        let mut seen = std::collections::BTreeSet::new();
        stacks.retain(|stack| seen.insert(stack["stack"].to_string()));
        run.stdout = serde_json::to_string_pretty(&report).unwrap();
    }
    run
}

#[test]
fn everything_is_found_and_judged() {
    let (sandbox, server) = shop_in(application());
    let json = sandbox.wharf("doctor --json").expect(0);
    let report: serde_json::Value = serde_json::from_str(&json.stdout).unwrap();
    let of = |name: &str| -> Vec<&str> {
        let stacks = report["stacks"].as_array().unwrap().iter().filter(|stack| stack["stack"] == name);
        stacks.map(|stack| stack["kind"].as_str().unwrap()).collect()
    };
    // Once in each of the two regions.
    assert_eq!(of("old-pipeline"), ["pipeline", "pipeline"]);
    assert_eq!(of("task-db"), ["task", "task"]);
    assert_eq!(of("task-seed"), ["task"]);
    assert_eq!(of("other-stack"), Vec::<&str>::new());
    expect_runs!("doctor", of_one_region(json));
    let changing = ["Delete", "Put", "Create", "Update", "Execute", "Detect"];
    let changes = |action: &&String| {
        changing.iter().any(|verb| action.split(':').next_back().unwrap().starts_with(verb))
    };
    assert_eq!(server.actions().iter().find(changes), None);
}

/// What IAM says of actions.
fn simulated(results: &[(&str, &str, &str)]) -> Answer {
    let result = |(action, decision, more): &(&str, &str, &str)| {
        format!(
            "<member><EvalActionName>{action}</EvalActionName><EvalResourceName>r</EvalResourceName>\
             <EvalDecision>{decision}</EvalDecision><MatchedStatements/>{more}</member>"
        )
    };
    let results: String = results.iter().map(result).collect();
    Answer::Xml(format!("<EvaluationResults>{results}</EvaluationResults><IsTruncated>false</IsTruncated>"))
}

#[test]
fn what_is_not_allowed_is_told_beforehand() {
    let organization = "<OrganizationsDecisionDetail><AllowedByOrganizations>false</AllowedByOrganizations>\
                        </OrganizationsDecisionDetail>";
    let keys = "<MissingContextValues><member>aws:ResourceTag/team</member></MissingContextValues>";
    let script = application()
        .on(
            "iam:SimulatePrincipalPolicy",
            "repository",
            simulated(&[
                ("ecr:DescribeImages", "allowed", ""),
                ("ecr:PutImage", "implicitDeny", ""),
                ("ecr:UploadLayerPart", "explicitDeny", ""),
            ]),
        )
        .on(
            "iam:SimulatePrincipalPolicy",
            "adminrole",
            simulated(&[
                ("iam:PassRole", "implicitDeny", keys),
                ("iam:GetRole", "explicitDeny", organization),
            ]),
        );
    let (sandbox, _server) = shop_in(script);
    let text = sandbox.wharf("doctor").expect(0);
    let json = sandbox.wharf("doctor --json").expect(0);
    let report: serde_json::Value = serde_json::from_str(&json.stdout).unwrap();
    let told = serde_json::to_string_pretty(&report["permissions"]).unwrap();
    insta::assert_snapshot!("doctor_permissions", format!("{}\n----\n{told}", text.stdout));
}

#[test]
fn permissions_that_cannot_be_told_end_nothing() {
    let refused = Answer::Error(
        403,
        "AccessDenied".into(),
        format!(
            "User: arn:aws:iam::{ACCOUNT}:user/dev is not authorized to perform: iam:SimulatePrincipalPolicy on resource: x"
        ),
    );
    let (sandbox, _server) = shop_in(application().on("iam:SimulatePrincipalPolicy", "", refused));
    let report = sandbox.wharf("doctor --json").expect(0);
    let report: serde_json::Value = serde_json::from_str(&report.stdout).unwrap();
    assert_eq!(
        report["permissions"]["untold"],
        "IAM may not be asked (iam:SimulatePrincipalPolicy is refused)"
    );
    assert_eq!(report["permissions"]["denied"], serde_json::json!([]));
}
