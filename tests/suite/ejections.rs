//! `wharf eject`: what is deployed as plain CloudFormation, with commands that change nothing while nothing was edited.

use crate::expect_runs;
use crate::scripted::{ACCOUNT, Answer};
use crate::world::{records, shop_in, template};

/// A stack as a list has it: name, parameters, tags beside the application's, the stack it is nested in.
fn listed(name: &str, parameters: &[(&str, &str)], tags: &[(&str, &str)], parent: &str) -> String {
    let pairs = |kind: &str, separator: &str, pairs: &[(&str, &str)]| -> String {
        let member = |(key, value): &(&str, &str)| {
            format!(
                "<member><{kind}Key>{key}</{kind}Key><{kind}{separator}>{value}</{kind}{separator}></member>"
            )
        };
        pairs.iter().map(member).collect()
    };
    let id = |name: &str| format!("arn:aws:cloudformation:eu-west-1:{ACCOUNT}:stack/{name}/1");
    let parent =
        if parent.is_empty() { String::new() } else { format!("<ParentId>{}</ParentId>", id(parent)) };
    let tags = [&[("copilot-application", "shop")], tags].concat();
    format!(
        "<member><StackName>{name}</StackName><StackId>{}</StackId>{parent}<CreationTime>2026-01-02T03:04:05Z</CreationTime>\
         <StackStatus>UPDATE_COMPLETE</StackStatus><Parameters>{}</Parameters><Tags>{}</Tags></member>",
        id(name),
        pairs("Parameter", "Value", parameters),
        pairs("", "Value", &tags)
    )
}

/// Tags, secret parameters, long templates, custom resources of the user's own, stacks of others: each has its trap.
#[test]
fn commands_that_change_nothing() {
    let env = ("copilot-environment", "test");
    let stacks = [
        listed("shop-infrastructure-roles", &[("AppName", "shop")], &[("team", "web shop")], ""),
        listed("StackSet-shop-infrastructure-1", &[], &[], ""),
        listed("shop-test", &[("AppName", "shop"), ("Password", "****")], &[env], ""),
        listed("shop-test-api", &[("AppName", "shop")], &[env, ("copilot-service", "api")], ""),
        listed("shop-test-api-AddonsStack-1", &[], &[env, ("copilot-service", "api")], "shop-test-api"),
        listed("shop-test-web", &[], &[env, ("copilot-service", "web")], ""),
    ];
    let custom = |kind: &str| {
        format!("Metadata: {{Version: v2.0.0}}\nResources:\n  Own: {{Type: 'Custom::{kind}'}}\n")
    };
    let long = format!("Resources: {{}}\n# {}\n", "x".repeat(51_200));
    let script = records()
        .on("cloudformation:GetTemplate", "AddonsStack", template(&custom("BucketCleanerFunction")))
        .on("cloudformation:GetTemplate", "shop-test-api", template(&custom("Warmup")))
        .on("cloudformation:GetTemplate", "shop-test-web", template(&custom("EnvControllerFunction")))
        .on("cloudformation:GetTemplate", "shop-infrastructure-roles", template("Resources: {}\n"))
        .on(
            "cloudformation:GetTemplate",
            "shop-test",
            template(&format!("Parameters: {{AppName: {{Type: String}}, Password: {{Type: String, NoEcho: true}}}}\n{long}")),
        )
        .on(
            "cloudformation:DescribeStackSet",
            "",
            Answer::Xml(format!(
                "<StackSet><StackSetName>shop-infrastructure</StackSetName><Status>ACTIVE</Status><TemplateBody>Resources: {{}}</TemplateBody>\
                 <AdministrationRoleARN>arn:aws:iam::{ACCOUNT}:role/shop-adminrole</AdministrationRoleARN>\
                 <ExecutionRoleName>shop-executionrole</ExecutionRoleName></StackSet>"
            )),
        )
        .on(
            "cloudformation:ListStackInstances",
            "",
            Answer::Xml(format!(
                "<Summaries><member><StackId>arn:aws:cloudformation:eu-west-1:{ACCOUNT}:stack/StackSet-shop-infrastructure-1/1</StackId>\
                 <Account>{ACCOUNT}</Account><Region>eu-west-1</Region><Status>CURRENT</Status></member></Summaries>"
            )),
        )
        .on(
            "cloudformation:DescribeStacks",
            "StackName=",
            crate::world::stack("StackSet-shop-infrastructure-1", "UPDATE_COMPLETE", &[], &[
                ("PipelineBucket", "artifacts"),
                ("KMSKeyARN", "arn:aws:kms:eu-west-1:1:key/k"),
            ]),
        )
        .on("cloudformation:DescribeStacks", "", Answer::Xml(format!("<Stacks>{}</Stacks>", stacks.concat())));
    let (sandbox, _server) = shop_in(script);
    let run = sandbox.wharf("eject --output-dir out").expect(0);
    expect_runs!("eject", run);
    insta::assert_snapshot!("eject_readme", sandbox.read("out/README.md"));
    insta::assert_snapshot!("eject_parameters", sandbox.read("out/shop-test.params.json"));
}
