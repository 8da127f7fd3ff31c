use super::*;
use crate::yaml::template::parse;

fn given() -> Given {
    Given { stack: "shop-test-web".into(), region: "eu-west-1".into(), ..Given::default() }
}

fn compared_with(old: &str, new: &str, parameters: [&[(&str, &str)]; 2]) -> Changes {
    let (old, new) = (parse(old).unwrap(), parse(new).unwrap());
    let [before, after] = parameters.map(|pairs| {
        pairs
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect::<BTreeMap<_, _>>()
    });
    let given = given();
    changes(
        Side { template: &old, parameters: &before },
        Side { template: &new, parameters: &after },
        &Around { given: &given, known: &Value::clone, workload: "web" },
    )
}

fn compared(old: &str, new: &str) -> Changes {
    compared_with(old, new, [&[], &[]])
}

fn lines(changes: &Changes) -> Vec<String> {
    let mut lines = vec![];
    for change in &changes.resources {
        lines.push(format!("{:?} {}{}", change.action, change.id, if change.is_risky() { " !" } else { "" }));
        for property in &change.properties {
            let Property { path, words, old, new, effect, reason } = property;
            let text = |value: &Option<String>| value.clone().unwrap_or_else(|| "-".to_owned());
            let tail = if reason.is_empty() { String::new() } else { format!(" ({reason})") };
            lines.push(format!("  {effect:?} {path} [{words}]: {} -> {}{tail}", text(old), text(new)));
        }
    }
    lines.extend(changes.lost_exports.iter().map(|name| format!("export {name}")));
    lines
}

fn task(properties: &str) -> String {
    format!(
        "Parameters: {{C: {{Type: String, Default: '256'}}}}\nResources:\n\
         \x20 TaskDefinition: {{Type: 'AWS::ECS::TaskDefinition', Properties: {{Family: f, {properties}}}}}\n\
         \x20 Service: {{Type: 'AWS::ECS::Service', Properties: {{TaskDefinition: !Ref TaskDefinition, DesiredCount: 1}}}}\n"
    )
}

#[test]
fn properties_are_told_one_by_one_in_the_words_of_the_manifest() {
    let found = compared(
        &task(
            "Cpu: !Ref C, ContainerDefinitions: [{Name: web, Image: a, Environment: [{Name: LEVEL, Value: info}, {Name: OLD, Value: x}]}]",
        ),
        &task(
            "Cpu: 512, ContainerDefinitions: [{Name: web, Image: b, Environment: [{Name: NEW, Value: y}, {Name: LEVEL, Value: debug}]}, {Name: envoy, Image: e}]",
        ),
    );
    assert_eq!(
        lines(&found),
        [
            "Modify Service",
            "  Update TaskDefinition []: ${TaskDefinition} -> the new revision",
            "Modify TaskDefinition",
            "  Update ContainerDefinitions[envoy] [sidecars.envoy]: - -> e",
            "  Update ContainerDefinitions[web].Environment[LEVEL].Value [variables.LEVEL]: info -> debug",
            "  Update ContainerDefinitions[web].Environment[NEW] [variables.NEW]: - -> y",
            "  Update ContainerDefinitions[web].Environment[OLD] [variables.OLD]: x -> -",
            "  Update ContainerDefinitions[web].Image [image]: a -> b",
            "  Update Cpu [cpu]: 256 -> 512",
        ]
    );
    assert_eq!(found.unchanged, 0);
}

#[test]
fn only_the_values_of_parameters_may_differ() {
    let template = task("Cpu: !Ref C");
    assert!(compared_with(&template, &template, [&[("C", "256")], &[]]).is_empty());
    let found = compared_with(&template, &template, [&[], &[("C", "1024")]]);
    assert_eq!(lines(&found)[3], "  Update Cpu [cpu]: 256 -> 1024");
}

/// Another function with the same outcome is no change, nor is another order.
#[test]
fn intrinsics_and_orders_that_come_to_the_same_are_no_change() {
    let of = |properties: &str| {
        format!("Resources:\n  A: {{Type: 'AWS::S3::Bucket', Properties: {properties}}}\n")
    };
    let found = compared(
        &of("{BucketName: !Sub '${AWS::StackName}-x', Tags: [{Key: a, Value: 1}, {Key: b, Value: 2}]}"),
        &of(
            "{Tags: [{Key: b, Value: '2'}, {Key: a, Value: 1}], BucketName: !Join ['-', [shop-test-web, x]]}",
        ),
    );
    assert!(found.is_empty(), "{:?}", lines(&found));
    assert_eq!(found.unchanged, 1);
}

#[test]
fn create_only_properties_replace_and_conditional_ones_may() {
    let of = |name: &str, keys: &str, launch: &str| {
        format!(
            "Resources:\n  Table: {{Type: 'AWS::DynamoDB::Table', UpdateReplacePolicy: Retain, Properties: {{TableName: {name}}}}}\n\
             \x20 Index: {{Type: 'AWS::DynamoDB::Table', Properties: {{KeySchema: [{{AttributeName: {keys}, KeyType: HASH}}]}}}}\n\
             \x20 Service: {{Type: 'AWS::ECS::Service', Properties: {{LaunchType: {launch}}}}}\n"
        )
    };
    let found = compared(&of("a", "id", "FARGATE"), &of("b", "key", "EC2"));
    assert_eq!(
        lines(&found),
        [
            "Replace Table !",
            "  Replace TableName []: a -> b",
            "MayReplace Index !",
            "  MayReplace KeySchema[0].AttributeName []: id -> key",
            "MayReplace Service !",
            "  MayReplace LaunchType [count.spot]: FARGATE -> EC2",
        ]
    );
    assert_eq!(found.resources[0].policy, "retain");
}

#[test]
fn what_is_not_known_before_may_replace() {
    let of = |name: &str| {
        format!(
            "Resources:\n  T: {{Type: 'AWS::SNS::Topic'}}\n  B: {{Type: 'AWS::S3::Bucket', Properties: {{BucketName: {name}}}}}\n"
        )
    };
    let found = compared(&of("a"), &of("!ImportValue x"));
    assert_eq!(
        lines(&found),
        [
            "MayReplace B !",
            "  MayReplace BucketName []: a -> ${import x} (its value is only known once it is deployed)"
        ]
    );
    assert!(compared(&of("!GetAtt T.TopicName"), &of("!GetAtt T.TopicName")).is_empty());
}

#[test]
fn who_refers_to_a_replaced_resource_may_be_replaced_too() {
    let of = |cidr: &str| {
        format!(
            "Resources:\n  Vpc: {{Type: 'AWS::EC2::VPC', Properties: {{CidrBlock: {cidr}}}}}\n\
             \x20 Subnet: {{Type: 'AWS::EC2::Subnet', Properties: {{VpcId: !Ref Vpc, CidrBlock: 10.0.0.0/24}}}}\n\
             \x20 Role: {{Type: 'AWS::IAM::Role', Properties: {{Description: !Ref Subnet}}}}\n\
             \x20 Alarm: {{Type: 'AWS::CloudWatch::Alarm', Properties: {{AlarmName: a}}}}\n"
        )
    };
    let found = compared(&of("10.0.0.0/16"), &of("10.1.0.0/16"));
    assert_eq!(
        lines(&found),
        [
            "Replace Vpc !",
            "  Replace CidrBlock []: 10.0.0.0/16 -> 10.1.0.0/16",
            "MayReplace Subnet !",
            "  MayReplace VpcId []: ${Vpc} -> the new one (it refers to Vpc, which is replaced)",
            "Modify Role",
            "  Update Description []: ${Subnet} -> perhaps a new one (it refers to Subnet, which may be replaced)",
        ]
    );
    assert_eq!(found.unchanged, 1);
}

#[test]
fn what_goes_is_kept_snapshot_or_deleted() {
    let old = "Resources:\n  Kept: {Type: 'AWS::S3::Bucket', DeletionPolicy: Retain}\n  Gone: {Type: 'AWS::S3::Bucket'}\n\
        \x20 Db: {Type: 'AWS::RDS::DBInstance'}\n  Replica: {Type: 'AWS::RDS::DBInstance', Properties: {DBClusterIdentifier: c}}\n\
        \x20 Role: {Type: 'AWS::IAM::Role'}\nOutputs: {O: {Value: 1, Export: {Name: shop-O}}}\n";
    let found = compared(old, "Resources: {New: {Type: 'AWS::SQS::Queue'}}\n");
    assert_eq!(
        lines(&found),
        [
            "Remove Db !",
            "Remove Gone !",
            "Remove Replica !",
            "Remove Role",
            "Keep Kept",
            "Add New",
            "export shop-O"
        ]
    );
    let policies: Vec<&str> = found.resources.iter().map(|change| change.policy.as_str()).collect();
    assert_eq!(policies, ["snapshot", "", "", "", "retain", ""]);
}

#[test]
fn a_type_that_changes_is_refused_by_cloudformation() {
    let found =
        compared("Resources: {A: {Type: 'AWS::SNS::Topic'}}", "Resources: {A: {Type: 'AWS::SQS::Queue'}}");
    assert_eq!(
        lines(&found)[1],
        "  Replace Type []: AWS::SNS::Topic -> AWS::SQS::Queue (CloudFormation refuses to change the type of a resource)"
    );
}

#[test]
fn secrets_are_never_told() {
    let of = |password: &str| {
        format!(
            "Parameters: {{Key: {{Type: String, NoEcho: true, Default: {password}}}}}\nResources:\n\
             \x20 Db: {{Type: 'AWS::RDS::DBInstance', Properties: {{MasterUserPassword: {password}, Description: !Ref Key}}}}\n\
             \x20 TaskDefinition:\n    Type: AWS::ECS::TaskDefinition\n    Properties:\n      ContainerDefinitions:\n\
             \x20       - {{Name: web, Environment: [{{Name: DB_PASSWORD, Value: {password}}}]}}\n"
        )
    };
    let found = compared_with(
        &of("hunter22"),
        &of("correct-horse"),
        [&[("Key", "****")], &[("Key", "correct-horse")]],
    );
    assert_eq!(
        lines(&found),
        [
            "Modify Db",
            "  Update MasterUserPassword []: *** -> ***",
            "Modify TaskDefinition",
            "  Update ContainerDefinitions[web].Environment[DB_PASSWORD].Value [variables.DB_PASSWORD]: *** -> ***",
        ]
    );
    let json = serde_json::to_string(&found).unwrap();
    assert!(!json.contains("hunter22") && !json.contains("correct-horse"), "{json}");
}

#[test]
fn conditions_bring_resources_and_take_them_away() {
    let template = "Parameters: {Workloads: {Type: String, Default: ''}}\nConditions: {HasOne: !Not [!Equals [!Ref Workloads, '']]}\n\
        Resources:\n  Balancer: {Type: 'AWS::ElasticLoadBalancingV2::LoadBalancer', Condition: HasOne}\n  Other: {Type: 'AWS::IAM::Role'}\n";
    let on = compared_with(template, template, [&[], &[("Workloads", "web")]]);
    assert_eq!(lines(&on), ["Add Balancer"]);
    let off = compared_with(template, template, [&[("Workloads", "web")], &[("Workloads", "")]]);
    assert_eq!(lines(&off), ["Remove Balancer !"]);
}

#[test]
fn a_rule_with_two_target_groups_is_guarded_against_every_change() {
    let rule = |path: &str, groups: &str| {
        format!(
            "Resources: {{Rule: {{Type: 'AWS::ElasticLoadBalancingV2::ListenerRule', Properties: {{Conditions: [{{Field: \
             path-pattern, Values: ['{path}']}}], Actions: [{{Type: forward, {groups}}}]}}}}}}"
        )
    };
    let one = "TargetGroupArn: blue";
    let two = "ForwardConfig: {TargetGroups: [{TargetGroupArn: blue, Weight: 100}, {TargetGroupArn: green, Weight: 0}]}";
    let risky = |old: &str, new: &str| compared(old, new).resources.iter().any(Change::is_risky);
    assert!(risky(&rule("/a", two), &rule("/b", two)));
    assert!(risky(&rule("/a", two), &rule("/a", one)));
    assert!(!risky(&rule("/a", one), &rule("/b", one)));
    assert!(!risky(&rule("/a", one), &rule("/a", two)));
}
