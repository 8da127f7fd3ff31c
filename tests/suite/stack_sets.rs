//! An application's own stacks from early days: what `doctor` says of them, and changes with which something would be lost.

use serde_json::Value;

use crate::expect_runs;
use crate::sandbox::{Run, Sandbox};
use crate::scripted::{ACCOUNT, Answer, Script, Scripted};
use crate::world::{records, shop_in, stack, template};

/// The StackSet's template as an early version wrote it, with the services that its list names.
fn set_template(services: &str, more: &str) -> String {
    let repository = |name: &str| {
        format!(
            "  ECRRepo{name}:\n    Type: AWS::ECR::Repository\n    Properties:\n      RepositoryName: shop/{name}\n\
            \x20     RepositoryPolicyText:\n        Statement:\n\
            \x20         - {{Effect: Allow, Principal: {{AWS: ['arn:aws:iam::{ACCOUNT}:root', 'arn:aws:iam::999999999999:root']}}}}\n"
        )
    };
    format!(
        "Metadata:\n  TemplateVersion: v1.0.0\n  Version: 7\n  Services: [{services}]\n  Accounts: ['999999999999']\n{more}\
         Resources:\n  KMSKey:\n    Type: AWS::KMS::Key\n    Properties:\n      KeyPolicy: {{Statement: []}}\n\
        \x20 PipelineBuiltArtifactBucket:\n    Type: AWS::S3::Bucket\n    Properties:\n      VersioningConfiguration: {{Status: Enabled}}\n\
        \x20 PipelineBuiltArtifactBucketPolicy:\n    Type: AWS::S3::BucketPolicy\n    Properties:\n\
        \x20     Bucket: !Ref PipelineBuiltArtifactBucket\n      PolicyDocument: {{Statement: []}}\n{}{}\
         Outputs:\n  KMSKeyARN:\n    Value: !GetAtt KMSKey.Arn\n    Export: {{Name: shop-ArtifactKey}}\n",
        repository("api"),
        repository("web"),
    )
}

/// The roles as an early version made them.
const ROLES: &str = "Metadata:\n  TemplateVersion: v1.0.0\nParameters:\n  AdminRoleName: {Type: String}\n  ExecutionRoleName: {Type: String}\n\
    Resources:\n  AdministrationRole:\n    Type: AWS::IAM::Role\n    Properties: {RoleName: !Ref AdminRoleName, Path: /}\n\
    \x20 ExecutionRole:\n    Type: AWS::IAM::Role\n    Properties: {RoleName: !Ref ExecutionRoleName, Path: /}\n";

/// The application with this template of its StackSet, and that of its roles.
fn shop_of(set: &str, roles: &str) -> (Sandbox, Scripted) {
    let set = set.replace('&', "&amp;").replace('<', "&lt;");
    let set = format!(
        "<StackSet><StackSetName>shop-infrastructure</StackSetName><Status>ACTIVE</Status><TemplateBody>{set}</TemplateBody>\
         <AdministrationRoleARN>arn:aws:iam::{ACCOUNT}:role/shop-adminrole</AdministrationRoleARN>\
         <ExecutionRoleName>shop-executionrole</ExecutionRoleName></StackSet>"
    );
    let instance = format!(
        "<Summaries><member><StackId>arn:aws:cloudformation:eu-west-1:{ACCOUNT}:stack/StackSet-shop-infrastructure-1/1</StackId>\
         <Account>{ACCOUNT}</Account><Region>eu-west-1</Region><Status>CURRENT</Status></member></Summaries>"
    );
    let listed = format!(
        "<Stacks><member><StackName>shop-infrastructure-roles</StackName>\
         <StackId>arn:aws:cloudformation:eu-west-1:{ACCOUNT}:stack/shop-infrastructure-roles/1</StackId>\
         <CreationTime>2026-01-02T03:04:05Z</CreationTime><StackStatus>UPDATE_COMPLETE</StackStatus><Parameters>\
         <member><ParameterKey>AdminRoleName</ParameterKey><ParameterValue>shop-adminrole</ParameterValue></member>\
         <member><ParameterKey>ExecutionRoleName</ParameterKey><ParameterValue>shop-executionrole</ParameterValue></member></Parameters>\
         <Tags><member><Key>copilot-application</Key><Value>shop</Value></member></Tags></member></Stacks>"
    );
    let none = stack("StackSet-shop-infrastructure-1", "UPDATE_COMPLETE", &[], &[]);
    let script: Script = records()
        .on("cloudformation:GetTemplate", "StackName=shop-infrastructure-roles&", template(roles))
        .on("cloudformation:DescribeStackSet", "", Answer::Xml(set))
        .on("cloudformation:ListStackInstances", "", Answer::Xml(instance))
        .on("cloudformation:ListStackSetOperations", "", Answer::Xml("<Summaries/>".to_owned()))
        .on("cloudformation:DescribeStacks", "StackSet-shop", none)
        .on("cloudformation:DescribeStacks", "StackName=shop-test", crate::world::no_stack())
        .on("cloudformation:DescribeStacks", "", Answer::Xml(listed));
    shop_in(script)
}

/// Nothing that changes anything was called.
#[track_caller]
fn only_read(server: &Scripted) {
    let changing = ["Delete", "Put", "Create", "Update", "Execute", "Detect", "Add", "Batch"];
    let seen = server.actions();
    let changes = |action: &&String| {
        changing.iter().any(|verb| action.split(':').next_back().unwrap().starts_with(verb))
    };
    assert_eq!(seen.iter().find(changes), None);
}

/// Of a report what concerns the application's own stacks.
fn own(mut run: Run) -> Run {
    let report: Value = serde_json::from_str(&run.stdout).unwrap();
    let own = serde_json::json!({"stack_set": report["stack_set"], "stacks": report["stacks"]});
    run.stdout = serde_json::to_string_pretty(&own).unwrap();
    run
}

#[test]
fn early_ones_are_ready() {
    let (sandbox, server) = shop_of(&set_template("api, web", ""), ROLES);
    expect_runs!("early_stack_set", sandbox.wharf("doctor"), own(sandbox.wharf("doctor --json").expect(0)));
    only_read(&server);
}

/// Every command that renders the template anew refuses it, before it writes anything here or in AWS.
#[test]
fn what_no_list_holds_is_not_lost() {
    let (sandbox, server) = shop_of(&set_template("api", ""), ROLES);
    let image = "--image nginx --port 80";
    expect_runs!(
        "stack_set_would_lose",
        sandbox.wharf("doctor"),
        own(sandbox.wharf("doctor --json").expect(0)),
        sandbox.wharf("app upgrade"),
        sandbox.wharf("env init --name prod --default-config"),
        sandbox.wharf(&format!("svc init --name more --svc-type 'Backend Service' {image}")),
        sandbox.wharf("job init --name daily --schedule @daily --image busybox"),
        sandbox.wharf("svc delete --name api --yes"),
    );
    only_read(&server);
    for path in ["wharf/environments/prod", "wharf/more", "wharf/daily"] {
        assert!(!sandbox.work().join(path).exists(), "{path}");
    }
}

#[test]
fn what_is_not_understood_is_not_changed() {
    let unknown = set_template("api, web", "  Topics: [orders]\n");
    let newer = set_template("api, web", "").replace("v1.0.0", "v9.0.0");
    let zone = format!(
        "{ROLES}  Zone: {{Type: AWS::Route53::HostedZone, Properties: {{Name: shop.example.com}}}}\n"
    );
    let mut runs = vec![];
    for (set, roles) in [
        (unknown.as_str(), ROLES),
        (newer.as_str(), ROLES),
        ("Metadata: [\n", ROLES),
        (&set_template("api, web", ""), "Resources: [\n"),
        (&set_template("api, web", ""), zone.as_str()),
    ] {
        let (sandbox, server) = shop_of(set, roles);
        let report = sandbox.wharf("doctor --json").expect(0);
        let report: Value = serde_json::from_str(&report.stdout).unwrap();
        let own = [&report["stack_set"], &report["stacks"][0]];
        let bad: Vec<&Value> = own.into_iter().filter(|one| one["health"] == "bad").collect();
        let refusal = sandbox.wharf("app upgrade");
        assert_eq!((bad.len(), refusal.code), (1, 1), "{report:#}\n{}", refusal.transcript());
        // Both say the same.
        let verdict = bad[0]["verdict"].as_str().unwrap().to_owned();
        runs.push(format!("{verdict}\n{}", crate::world::shown(&refusal)));
        only_read(&server);
    }
    insta::assert_snapshot!("stack_set_not_understood", runs.join("\n"));
}
