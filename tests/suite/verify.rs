//! Checks before a deployment: what would make it fail is told while nothing is built or changed.

use serde_json::{Value, json};

use crate::changes::{deployed_environment, unchanged};
use crate::expect_runs;
use crate::sandbox::Sandbox;
use crate::scripted::{Answer, Script, Scripted};
use crate::world::{WEB, no_stack, records, shop_in};

/// A service with secrets, a file system and networks of its own.
const MUCH: &str = "name: api\ntype: Backend Service\n\
    image:\n  location: 123456789012.dkr.ecr.eu-west-1.amazonaws.com/base:1\n  port: 80\n\
    cpu: 1024\nmemory: 2048\ncount: 3\nsecrets:\n  DB_PASSWORD: /shop/db\n  TOKEN:\n    secretsmanager: token\n\
    network:\n  vpc:\n    placement:\n      subnets: [subnet-1]\n    security_groups: [sg-1]\n\
    storage:\n  volumes:\n    data:\n      path: /data\n      efs: {id: fs-1}\n";

/// Where a deployment ends that was not held back: at the upload of its template, which nobody plays here.
const UPLOAD: &str = "S3 HeadObject";

/// The service as a new one, with AWS saying what `script` says.
fn with(script: Script) -> (Sandbox, Scripted) {
    let script = script.on("cloudformation:DescribeStacks", "StackName=shop-test-api&", no_stack());
    let (sandbox, server) = shop_in(deployed_environment(script));
    sandbox.write("wharf/api/manifest.yml", MUCH);
    (sandbox, server)
}

fn subnet(free: u32) -> Answer {
    Answer::Raw(format!(
        "<r><subnetSet><item><subnetId>subnet-1</subnetId><vpcId>vpc-1</vpcId><availableIpAddressCount>{free}\
         </availableIpAddressCount></item></subnetSet></r>"
    ))
}

/// Nothing is as it should be.
fn broken() -> Script {
    let denied = |action: &str| {
        Answer::error(
            "AccessDeniedException",
            &format!("User: arn:aws:iam::123456789012:user/x is not authorized to perform: {action}"),
        )
    };
    records()
        .on("ssm:DescribeParameters", "", Answer::Json(json!({"Parameters": []})))
        .on(
            "secretsmanager:DescribeSecret",
            "",
            Answer::Json(json!({"Name": "token", "VersionIdsToStages": {"1": ["AWSCURRENT"]}})),
        )
        .on("ecr:BatchGetImage", "", Answer::error("RepositoryNotFoundException", "no"))
        .on("ec2:DescribeSubnets", "", subnet(1))
        .on("ec2:DescribeSecurityGroups", "", Answer::Raw("<r><securityGroupInfo/></r>".to_owned()))
        .on("elasticfilesystem:*", "", denied("elasticfilesystem:DescribeFileSystems"))
        .on("servicequotas:GetServiceQuota", "", denied("servicequotas:GetServiceQuota"))
        .on("logs:DescribeLogStreams", "", Answer::Json(json!({"logStreams": []})))
        .on("iam:GetRole", "", Answer::Error(404, "NoSuchEntity".to_owned(), "no".to_owned()))
}

/// All is well.
fn sound() -> Script {
    let tags = json!([{"Key": "copilot-application", "Value": "shop"}, {"Key": "copilot-environment", "Value": "test"}]);
    let role = "<Role><RoleName>shop-test-CFNExecutionRole</RoleName><Path>/</Path><RoleId>A</RoleId>\
        <Arn>arn:aws:iam::123456789012:role/shop-test-CFNExecutionRole</Arn><CreateDate>2026-01-02T03:04:05Z</CreateDate></Role>";
    records()
        .on("ssm:DescribeParameters", "", Answer::Json(json!({"Parameters": [{"Name": "/shop/db", "KeyId": "alias/aws/ssm"}]})))
        .on("secretsmanager:DescribeSecret", "", Answer::Json(json!({"Name": "token", "Tags": tags, "VersionIdsToStages": {"1": ["AWSCURRENT"]}})))
        .on("ecr:BatchGetImage", "", Answer::Json(json!({"images": [{"imageManifest": "{}"}]})))
        .on("ec2:DescribeSubnets", "", subnet(100))
        .on("ec2:DescribeSecurityGroups", "", Answer::Raw("<r><securityGroupInfo><item><groupId>sg-1</groupId><vpcId>vpc-1</vpcId></item></securityGroupInfo></r>".to_owned()))
        .on("elasticfilesystem:*", "", Answer::Json(json!({"FileSystems": [{"LifeCycleState": "available", "NumberOfMountTargets": 2}]})))
        .on("servicequotas:GetServiceQuota", "", Answer::Json(json!({"Quota": {"Value": 64.0}})))
        .on("monitoring:GetMetricData", "", Answer::Xml("<MetricDataResults><member><Values><member>12.5</member></Values></member></MetricDataResults>".to_owned()))
        .on("logs:DescribeLogStreams", "", Answer::error("ResourceNotFoundException", "no"))
        .on("iam:GetRole", "", Answer::Xml(role.to_owned()))
}

#[test]
fn all_that_would_fail_is_listed() {
    let (sandbox, server) = with(broken());
    expect_runs!("verify_broken", sandbox.wharf("verify -n api -e test").expect(1));
    unchanged(&server);
}

#[test]
fn a_deployment_that_would_fail_does_not_begin() {
    let (sandbox, server) = with(broken());
    expect_runs!(
        "verify_deploy",
        sandbox.wharf("svc deploy -n api -e test").expect(1),
        sandbox.wharf("deploy -n api -e test --progress json").expect(1),
    );
    unchanged(&server);
    let skipped = sandbox.wharf("svc deploy -n api -e test --skip-preflight");
    assert!(!skipped.stderr.contains("the deployment would fail"), "{}", skipped.transcript());
    assert!(skipped.stderr.contains(UPLOAD), "{}", skipped.transcript());
}

#[test]
fn all_is_well() {
    let (sandbox, server) = with(sound());
    expect_runs!("verify_sound", sandbox.wharf("verify -n api -e test").expect(0));
    let run = sandbox.wharf("verify -n api -e test --json").expect(0);
    let value: Value = serde_json::from_str(&run.stdout).unwrap();
    insta::assert_snapshot!("verify_json", serde_json::to_string_pretty(&value).unwrap());
    unchanged(&server);
}

#[test]
fn a_port_that_is_not_exposed_is_a_warning() {
    let (sandbox, server) = shop_in(deployed_environment(sound()));
    sandbox.write("wharf/web/manifest.yml", WEB.replace("port: 8080", "port: 9090"));
    let run = sandbox.wharf("verify -n web -e test").expect(0);
    assert!(run.stdout.contains("exposes 8080"), "{}", run.transcript());
    unchanged(&server);
}

#[test]
fn an_environment_without_room_for_its_network_is_not_made() {
    let script = |vpcs: usize| {
        let vpc =
            "<item><vpcId>vpc-1</vpcId><cidrBlock>10.0.0.0/16</cidrBlock><isDefault>false</isDefault></item>";
        let all = format!("<r><vpcSet>{}</vpcSet></r>", vpc.repeat(vpcs));
        let script = records()
            .on("ec2:DescribeVpcs", "", Answer::Raw(all))
            .on("servicequotas:GetServiceQuota", "L-F678F1CE", Answer::Json(json!({"Quota": {"Value": 5.0}})))
            .on("cloudformation:DescribeStacks", "StackName=shop-test&", no_stack());
        deployed_environment(script)
    };
    let (sandbox, server) = shop_in(script(5));
    expect_runs!(
        "verify_environment",
        sandbox.wharf("env deploy -n test").expect(1),
        sandbox.wharf("env deploy -n test --progress json").expect(1),
    );
    unchanged(&server);
    let skipped = sandbox.wharf("env deploy -n test --skip-preflight");
    assert!(!skipped.stderr.contains("VPCs of the region"), "{}", skipped.transcript());
    assert!(skipped.stderr.contains(UPLOAD), "{}", skipped.transcript());
    let (sandbox, _server) = shop_in(script(4));
    let room = sandbox.wharf("env deploy -n test");
    assert!(!room.stderr.contains("VPCs of the region"), "{}", room.transcript());
    assert!(room.stderr.contains(UPLOAD), "{}", room.transcript());
}

#[test]
fn what_cannot_be_told() {
    let (sandbox, _server) = shop_in(records());
    expect_runs!("verify_unknown", sandbox.wharf("verify -n nothing -e test").expect(2));
}
