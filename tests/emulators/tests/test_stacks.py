"""Stacks: creation, update, rollback, deletion, change sets, exports, nested stacks."""

import json

import pytest
from botocore.exceptions import ClientError

from conftest import Aws, template, until

NO_CHANGES = "The submitted information didn't contain changes. Submit different information to create a change set."


def bucket(name: str = "Bucket", **properties: object) -> dict:
    return {"Resources": {name: {"Type": "AWS::S3::Bucket", "Properties": properties}}}


def topic(name: str, **more: object) -> dict:
    return {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": name}, **more}


#: A resource that cannot be made.
BROKEN = {
    "Type": "AWS::SNS::Subscription",
    "Properties": {"TopicArn": "arn:aws:sns:us-east-1:000000000000:none", "Protocol": "sqs"},
}


def test_environment_goes_through_its_features_and_back(aws: Aws) -> None:
    tags = {"copilot-application": "app", "copilot-environment": "test"}
    body = template("environment.yml")
    assert aws.create("app-test", body, {}, tags) == "CREATE_COMPLETE", aws.reasons("app-test")
    vpc = aws.outputs("app-test")["VpcId"]
    everything = {"ALBWorkloads": "fe", "InternalALBWorkloads": "be", "EFSWorkloads": "fe", "NATWorkloads": "fe", "HTTPS": "true"}
    assert aws.update("app-test", body, everything, tags) == "UPDATE_COMPLETE", aws.reasons("app-test")
    outputs = aws.outputs("app-test")
    assert outputs["VpcId"] == vpc
    assert outputs["EnabledFeatures"] == "fe,be,fe,fe"
    assert aws.efs.describe_file_systems(FileSystemId=outputs["FileSystemId"])["FileSystems"][0]["Encrypted"]
    listener = aws.physical("app-test", "HTTPSListener")
    certificates = aws.elbv2.describe_listener_certificates(ListenerArn=listener)["Certificates"]
    assert [c["IsDefault"] for c in certificates] == [True, False]
    nat = aws.ec2.describe_nat_gateways(NatGatewayIds=[aws.physical("app-test", "NatGateway1")])["NatGateways"][0]
    address = aws.physical("app-test", "NatGateway1Attachment")
    assert nat["NatGatewayAddresses"][0]["PublicIp"] == address
    role = aws.iam.get_role(RoleName="app-test-CFNExecutionRole")["Role"]
    assert {"Key": "copilot-environment", "Value": "test"} in role["Tags"]
    cluster = aws.ecs.describe_clusters(clusters=[outputs["ClusterId"]], include=["TAGS", "SETTINGS", "CONFIGURATIONS"])[
        "clusters"
    ][0]
    assert cluster["settings"] == [{"name": "containerInsights", "value": "disabled"}]
    assert cluster["capacityProviders"] == ["FARGATE", "FARGATE_SPOT"]
    assert cluster["configuration"] == {"executeCommandConfiguration": {"logging": "DEFAULT"}}
    insights = body.replace("Value: disabled", "Value: enabled").replace("Value: 10}", "Value: 20}")
    assert aws.update("app-test", insights, everything, tags) == "UPDATE_COMPLETE", aws.reasons("app-test")
    cluster = aws.ecs.describe_clusters(clusters=[outputs["ClusterId"]], include=["SETTINGS"])["clusters"][0]
    assert cluster["settings"] == [{"name": "containerInsights", "value": "enabled"}]
    balancer = aws.physical("app-test", "PublicLoadBalancer")
    attributes = aws.elbv2.describe_load_balancer_attributes(LoadBalancerArn=balancer)["Attributes"]
    assert {"Key": "idle_timeout.timeout_seconds", "Value": "20"} in attributes
    assert aws.update("app-test", body, {}, tags) == "UPDATE_COMPLETE", aws.reasons("app-test")
    assert "PublicLoadBalancerDNSName" not in aws.outputs("app-test")
    assert aws.elbv2.describe_load_balancers()["LoadBalancers"] == []
    assert aws.delete("app-test") == "DELETE_COMPLETE"
    assert vpc not in [v["VpcId"] for v in aws.ec2.describe_vpcs()["Vpcs"]]
    assert aws.iam.get_role(RoleName="app-test-CFNExecutionRole")["Role"]["RoleName"]  # DeletionPolicy: Retain
    assert aws.tagging.get_resources(TagFilters=[{"Key": "copilot-environment"}])["ResourceTagMappingList"] == []


def test_rollback_of_a_create(aws: Aws) -> None:
    resources = {
        "Kept": topic("kept", DeletionPolicy="Retain"),
        "Gone": topic("gone"),
        "Broken": BROKEN | {"DependsOn": ["Kept", "Gone"]},
    }
    assert aws.create("s", {"Resources": resources}) == "ROLLBACK_COMPLETE"
    names = [t["TopicArn"].split(":")[-1] for t in aws.sns.list_topics()["Topics"]]
    assert names == ["kept"]
    stack = [(e["LogicalResourceId"], e["ResourceStatus"]) for e in aws.events("s")]
    assert stack[0] == ("s", "CREATE_IN_PROGRESS")
    assert ("Broken", "CREATE_FAILED") in stack
    assert ("Kept", "DELETE_SKIPPED") in stack
    assert stack[-1] == ("s", "ROLLBACK_COMPLETE")
    assert (
        "s ROLLBACK_IN_PROGRESS: The following resource(s) failed to create: [Broken]. Rollback requested by user."
        in aws.reasons("s")
    )
    with pytest.raises(ClientError, match="is in ROLLBACK_COMPLETE state and can not be updated"):
        aws.update("s", {"Resources": {"Gone": topic("gone")}})
    assert aws.delete("s") == "DELETE_COMPLETE"


def test_disable_rollback_and_retry(aws: Aws) -> None:
    resources = {"One": topic("one"), "Broken": BROKEN | {"DependsOn": "One"}}
    assert aws.create("s", {"Resources": resources}, DisableRollback=True) == "CREATE_FAILED"
    assert aws.update("s", {"Resources": {"One": topic("one"), "Two": topic("two")}}) == "UPDATE_COMPLETE"
    more = {
        "One": topic("one"),
        "Two": topic("two", Metadata={}),
        "Three": topic("three"),
        "Broken": BROKEN | {"DependsOn": "Three"},
    }
    assert aws.update("s", {"Resources": more}, DisableRollback=True) == "UPDATE_FAILED"
    assert "s UPDATE_FAILED: The following resource(s) failed to create: [Broken]." in aws.reasons("s")
    aws.cloudformation.rollback_stack(StackName="s")
    assert aws.settled("s") == "UPDATE_ROLLBACK_COMPLETE"
    assert sorted(t["TopicArn"].split(":")[-1] for t in aws.sns.list_topics()["Topics"]) == ["one", "two"]


def test_update_in_place_replacement_and_rollback(aws: Aws) -> None:
    def body(retention: int, name: str, broken: bool = False, policy: str = "Delete") -> dict:
        resources = {
            "Group": {"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": "/g", "RetentionInDays": retention}},
            "Topic": topic(name, UpdateReplacePolicy=policy),
            "Alarm": {
                "Type": "AWS::CloudWatch::Alarm",
                "Properties": {
                    "AlarmName": "a", "ComparisonOperator": "GreaterThanThreshold", "EvaluationPeriods": 1, "Threshold": retention,
                    "MetricName": "m", "Namespace": "n", "Period": 60, "Statistic": "Average", "AlarmActions": [{"Ref": "Topic"}],
                },
            },
        }  # fmt: skip
        if broken:
            resources["Broken"] = BROKEN | {"DependsOn": ["Topic", "Group", "Alarm"]}
        return {"Resources": resources}

    assert aws.create("s", body(7, "one")) == "CREATE_COMPLETE", aws.reasons("s")
    first = aws.physical("s", "Topic")
    assert aws.update("s", body(14, "two", broken=True)) == "UPDATE_ROLLBACK_COMPLETE"
    assert aws.physical("s", "Topic") == first
    assert [t["TopicArn"] for t in aws.sns.list_topics()["Topics"]] == [first]
    assert aws.logs.describe_log_groups()["logGroups"][0]["retentionInDays"] == 7
    assert aws.cloudwatch.describe_alarms()["MetricAlarms"][0]["AlarmActions"] == [first]
    statuses = [e["ResourceStatus"] for e in aws.events("s") if e["LogicalResourceId"] == "s"]
    assert statuses[2:] == [
        "UPDATE_IN_PROGRESS",
        "UPDATE_ROLLBACK_IN_PROGRESS",
        "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS",
        "UPDATE_ROLLBACK_COMPLETE",
    ]
    assert aws.update("s", body(14, "two", policy="Retain")) == "UPDATE_COMPLETE", aws.reasons("s")
    assert aws.physical("s", "Topic") != first
    assert len(aws.sns.list_topics()["Topics"]) == 2
    assert aws.cloudwatch.describe_alarms()["MetricAlarms"][0]["Threshold"] == 14
    statuses = [e["ResourceStatus"] for e in aws.events("s") if e["LogicalResourceId"] == "s"]
    assert statuses[-3:] == ["UPDATE_IN_PROGRESS", "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", "UPDATE_COMPLETE"]


def test_custom_named_resource_is_not_replaced(aws: Aws) -> None:
    def group(path: str) -> dict:
        trust = {"Statement": [{"Effect": "Allow", "Principal": {"Service": "ecs.amazonaws.com"}, "Action": "sts:AssumeRole"}]}
        properties = {"RoleName": "mine", "Path": path, "AssumeRolePolicyDocument": trust}
        return {"Resources": {"Role": {"Type": "AWS::IAM::Role", "Properties": properties}}}

    assert aws.create("s", group("/")) == "CREATE_COMPLETE"
    assert aws.update("s", group("/other/")) == "UPDATE_ROLLBACK_COMPLETE"
    assert "CloudFormation cannot update a stack when a custom-named resource requires replacing. Rename mine" in aws.reasons("s")


def test_change_sets(aws: Aws) -> None:
    body = bucket(BucketName=f"b-{aws.account}")
    made = aws.change_set("s", body, ChangeSetType="CREATE", tags={"a": "1"})
    assert made["Status"] == "CREATE_COMPLETE"
    assert aws.status("s") == "REVIEW_IN_PROGRESS"
    assert [(c["ResourceChange"]["Action"], c["ResourceChange"]["LogicalResourceId"]) for c in made["Changes"]] == [
        ("Add", "Bucket")
    ]
    aws.cloudformation.execute_change_set(ChangeSetName=made["ChangeSetId"])
    assert aws.settled("s") == "CREATE_COMPLETE"
    same = aws.change_set("s", body, tags={"a": "1"})
    assert (same["Status"], same["StatusReason"], same["ExecutionStatus"]) == ("FAILED", NO_CHANGES, "UNAVAILABLE")
    only_policy = {
        "Resources": {"Bucket": body["Resources"]["Bucket"] | {"DeletionPolicy": "Retain"}},
        "Metadata": {"Version": "v2"},
    }
    assert aws.change_set("s", only_policy)["StatusReason"] == NO_CHANGES
    output = body | {"Outputs": {"LastForceDeployID": {"Value": "one"}}}
    changed = aws.change_set("s", output)
    assert (changed["Status"], changed["Changes"]) == ("CREATE_COMPLETE", [])
    renamed = aws.change_set("s", bucket(BucketName=f"c-{aws.account}"))
    change = renamed["Changes"][0]["ResourceChange"]
    assert (change["Action"], change["Replacement"], change["Scope"]) == ("Modify", "True", ["Properties"])
    assert change["Details"][0]["Target"] == {"Attribute": "Properties", "Name": "BucketName", "RequiresRecreation": "Always"}
    tagged = aws.change_set("s", body, tags={"a": "2"})
    assert tagged["Changes"][0]["ResourceChange"]["Scope"] == ["Tags"]
    with pytest.raises(ClientError, match="already exists and cannot be created again with the changeSet"):
        aws.change_set("s", body, ChangeSetType="CREATE")
    with pytest.raises(ClientError, match="Stack \\[none\\] does not exist"):
        aws.change_set("none", body)
    with pytest.raises(ClientError, match="No updates are to be performed."):
        aws.update("s", body, tags={"a": "1"})
    with pytest.raises(ClientError, match="Stack with id none does not exist"):
        aws.status("none")
    waiting = aws.change_set("never", body, ChangeSetType="CREATE")
    assert aws.delete("never") == "DELETE_COMPLETE"
    assert waiting["StackName"] == "never"


def test_change_set_of_a_task_definition(aws: Aws) -> None:
    role = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": {"Statement": []}}}

    def body(image: str) -> dict:
        container = {"Name": "c", "Image": {"Ref": "Image"}}
        properties = {"ContainerDefinitions": [container], "TaskRoleArn": {"Fn::GetAtt": ["Role", "Arn"]}}
        return {
            "Parameters": {"Image": {"Type": "String", "Default": image}},
            "Resources": {"Role": role, "Task": {"Type": "AWS::ECS::TaskDefinition", "Properties": properties}},
            "Outputs": {"Task": {"Value": {"Ref": "Task"}}},
        }

    assert aws.create("s", body("one")) == "CREATE_COMPLETE", aws.reasons("s")
    change = aws.change_set("s", body("two"), IncludeNestedStacks=False)["Changes"][0]["ResourceChange"]
    assert (change["LogicalResourceId"], change["Replacement"]) == ("Task", "True")
    detail = change["Details"][0]
    assert (detail["ChangeSource"], detail["CausingEntity"]) == ("ParameterReference", "Image")


def exporter(value: str = "x", name: str = "the-export", more: str = "0") -> dict:
    outputs = {"Out": {"Value": value, "Export": {"Name": name}}, "More": {"Value": more}} if name else {"More": {"Value": more}}
    return bucket() | {"Outputs": outputs}


def test_exports_and_imports(aws: Aws) -> None:
    assert aws.create("giver", exporter()) == "CREATE_COMPLETE"
    assert aws.create("twin", exporter()) == "ROLLBACK_COMPLETE"
    assert "Export with name the-export is already exported by stack giver" in aws.reasons("twin")
    user = {
        "Parameters": {"Which": {"Type": "String"}},
        "Resources": {
            "Topic": {"Type": "AWS::SNS::Topic", "Properties": {"DisplayName": {"Fn::ImportValue": {"Fn::Sub": "the-${Which}"}}}}
        },
    }
    assert aws.create("taker", user, {"Which": "export"}) == "CREATE_COMPLETE", aws.reasons("taker")
    assert aws.cloudformation.list_imports(ExportName="the-export")["Imports"] == ["taker"]
    assert [e["Name"] for e in aws.cloudformation.list_exports()["Exports"]] == ["the-export"]
    assert aws.create("lost", user, {"Which": "none"}) == "ROLLBACK_COMPLETE"
    assert "No export named the-none found." in aws.reasons("lost")
    aws.cloudformation.delete_stack(StackName="giver")
    assert aws.settled("giver") == "CREATE_COMPLETE"
    stack = aws.cloudformation.describe_stacks(StackName="giver")["Stacks"][0]
    assert stack["StackStatusReason"] == "Delete canceled. Cannot delete export the-export as it is in use by taker."
    assert aws.update("giver", exporter(value="y")) == "UPDATE_ROLLBACK_COMPLETE"
    assert "Export the-export cannot be updated as it is in use by taker" in aws.reasons("giver")
    assert aws.update("giver", exporter(name="")) == "UPDATE_ROLLBACK_COMPLETE"
    assert aws.update("giver", exporter(more="1")) == "UPDATE_COMPLETE"
    assert aws.delete("taker") == "DELETE_COMPLETE"
    assert aws.delete("giver") == "DELETE_COMPLETE"


def test_parameters_conditions_and_functions(aws: Aws) -> None:
    aws.ssm.put_parameter(Name="/p", Value="from-ssm", Type="String")
    body = {
        "Parameters": {
            "List": {"Type": "CommaDelimitedList", "Default": "a, b,c"},
            "Number": {"Type": "Number", "MinValue": 1},
            "Choice": {"Type": "String", "AllowedValues": ["true", "false"], "Default": "true"},
            "FromSsm": {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/p"},
            "Hidden": {"Type": "String", "NoEcho": True, "Default": "secret"},
        },
        "Mappings": {"M": {"us-east-1": {"Key": "mapped"}}},
        "Conditions": {
            "Yes": {"Fn::Equals": [{"Ref": "Choice"}, True]},
            "No": {"Fn::Not": [{"Condition": "Yes"}]},
            "Both": {"Fn::And": [{"Condition": "Yes"}, {"Fn::Or": [{"Condition": "No"}, {"Condition": "Yes"}]}]},
        },
        "Resources": {
            "Handle": {"Type": "AWS::CloudFormation::WaitConditionHandle"},
            "Never": {"Type": "AWS::SNS::Topic", "Condition": "No"},
            "Maybe": {
                "Type": "AWS::SNS::Topic",
                "Condition": "Both",
                "Properties": {"DisplayName": {"Fn::If": ["Yes", "y", {"Ref": "Never"}]}},
            },
        },
        "Outputs": {
            "Join": {"Value": {"Fn::Join": ["-", {"Ref": "List"}]}},
            "Select": {"Value": {"Fn::Select": [1, {"Ref": "List"}]}},
            "Split": {"Value": {"Fn::Select": ["2", {"Fn::Split": ["/", "a/b/c"]}]}},
            "Sub": {"Value": {"Fn::Sub": ["${AWS::Region}-${Number}-${x}-${!Literal}-${Maybe.TopicName}", {"x": "X"}]}},
            "Map": {"Value": {"Fn::FindInMap": ["M", {"Ref": "AWS::Region"}, "Key"]}},
            "Ssm": {"Value": {"Ref": "FromSsm"}},
            "Resolve": {"Value": "{{resolve:ssm:/p}}"},
            "Absent": {"Condition": "No", "Value": {"Ref": "Never"}},
            "Zones": {"Value": {"Fn::Join": [",", {"Fn::GetAZs": ""}]}},
            "Base64": {"Value": {"Fn::Base64": "x"}},
        },
    }
    with pytest.raises(ClientError, match="Parameters: \\[Number\\] must have values"):
        aws.create("s", body)
    with pytest.raises(ClientError, match="Parameters: \\[Other\\] do not exist in the template"):
        aws.create("s", body, {"Number": "1", "Other": "x"})
    with pytest.raises(ClientError, match="Parameter 'Choice' must be one of AllowedValues"):
        aws.create("s", body, {"Number": "1", "Choice": "x"})
    with pytest.raises(ClientError, match="Parameter 'Number' must be a number not less than 1"):
        aws.create("s", body, {"Number": "0"})
    assert aws.create("s", body, {"Number": "5"}) == "CREATE_COMPLETE", aws.reasons("s")
    outputs = aws.outputs("s")
    name = aws.physical("s", "Maybe").split(":")[-1]
    assert outputs == {
        "Join": "a-b-c", "Select": "b", "Split": "c", "Sub": f"us-east-1-5-X-${{Literal}}-{name}", "Map": "mapped", "Ssm": "from-ssm",
        "Resolve": "from-ssm", "Zones": "us-east-1a,us-east-1b,us-east-1c", "Base64": "eA==",
    }  # fmt: skip
    parameters = {p["ParameterKey"]: p for p in aws.cloudformation.describe_stacks(StackName="s")["Stacks"][0]["Parameters"]}
    assert parameters["Hidden"]["ParameterValue"] == "****"
    assert parameters["List"]["ParameterValue"] == "a, b,c"
    assert parameters["FromSsm"]["ResolvedValue"] == "from-ssm"


@pytest.mark.parametrize(
    ("resources", "message"),
    [
        ({}, "At least one Resources member must be defined"),
        (
            {"A": {"Type": "AWS::SNS::Topic", "Properties": {"DisplayName": {"Ref": "B"}}}},
            "Unresolved resource dependencies \\[B\\]",
        ),
        ({"A": topic("a", DependsOn="B"), "B": topic("b", DependsOn="A")}, "Circular dependency between resources: \\[A, B\\]"),
        ({"A": topic("a", Condition="None")}, "Unresolved condition dependency None"),
        ({"A": {"Properties": {}}}, "Every Resources object must contain a Type member"),
    ],
)
def test_templates_that_are_refused(aws: Aws, resources: dict, message: str) -> None:
    with pytest.raises(ClientError, match=message):
        aws.create("s", {"Resources": resources})


def test_surplus_and_missing_properties(aws: Aws) -> None:
    assert (
        aws.create("s", {"Resources": {"A": {"Type": "AWS::ECS::Cluster", "Properties": {"Colour": "red"}}}}) == "ROLLBACK_COMPLETE"
    )
    assert "extraneous key [Colour] is not permitted" in aws.reasons("s")


def test_capabilities(aws: Aws) -> None:
    body = json.dumps(
        {"Resources": {"R": {"Type": "AWS::IAM::Role", "Properties": {"RoleName": "r", "AssumeRolePolicyDocument": {}}}}}
    )
    with pytest.raises(ClientError, match="Requires capabilities : \\[CAPABILITY_NAMED_IAM\\]"):
        aws.cloudformation.create_stack(StackName="s", TemplateBody=body)


def test_bucket_that_is_not_empty(aws: Aws) -> None:
    name = f"b-{aws.account}"
    assert aws.create("s", bucket(BucketName=name)) == "CREATE_COMPLETE"
    aws.s3.put_object(Bucket=name, Key="k", Body=b"x")
    assert aws.delete("s") == "DELETE_FAILED"
    assert "The bucket you tried to delete is not empty" in aws.reasons("s")
    assert "s DELETE_FAILED: The following resource(s) failed to delete: [Bucket]." in aws.reasons("s")
    assert aws.delete("s", RetainResources=["Bucket"]) == "DELETE_COMPLETE"
    assert aws.s3.head_bucket(Bucket=name)


def test_artifact_resources(aws: Aws) -> None:
    name, body = f"artifacts-{aws.account}", template("artifacts.yml")
    first, second = {"copilot-application": "app"}, {"copilot-application": "app", "new": "tag"}
    assert aws.create("s", body, {"BucketName": name}, first) == "CREATE_COMPLETE", aws.reasons("s")
    key = aws.outputs("s")["KMSKeyARN"]
    rule = aws.s3.get_bucket_encryption(Bucket=name)["ServerSideEncryptionConfiguration"]["Rules"][0]
    assert rule["ApplyServerSideEncryptionByDefault"]["KMSMasterKeyID"] == key
    assert aws.s3.get_bucket_versioning(Bucket=name)["Status"] == "Enabled"
    assert aws.kms.get_key_rotation_status(KeyId=key)["KeyRotationEnabled"]
    found = aws.tagging.get_resources(TagFilters=[{"Key": "copilot-application", "Values": ["app"]}])["ResourceTagMappingList"]
    kinds = {m["ResourceARN"].split(":")[2] for m in found}
    assert kinds >= {"cloudformation", "s3", "sns", "sqs", "kms", "ecr"}
    only = aws.tagging.get_resources(ResourceTypeFilters=["s3:bucket", "cloudformation:stack"])["ResourceTagMappingList"]
    assert {m["ResourceARN"].split(":")[2] for m in only} == {"s3", "cloudformation"}

    changes = {
        "Days": "5",
        "RecordName": "c.example.com.",
        "Action": "s3:Get*",
        "RootObject": "home.html",
        "Timeout": "50",
        "Web": "yes",
    }
    assert aws.update("s", body, {"BucketName": name, **changes}, second) == "UPDATE_COMPLETE", aws.reasons("s")
    assert aws.s3.get_bucket_lifecycle_configuration(Bucket=name)["Rules"][0]["Expiration"]["Days"] == 5
    zone = aws.physical("s", "Zone")
    records = aws.route53.list_resource_record_sets(HostedZoneId=zone)["ResourceRecordSets"]
    assert [r["Name"] for r in records if r["Type"] == "A"] == ["c.example.com."]
    config = aws.cloudfront.get_distribution_config(Id=aws.physical("s", "Distribution"))["DistributionConfig"]
    assert config["DefaultRootObject"] == "home.html"
    function = aws.cloudfront.describe_function(Name="s-rewrite", Stage="LIVE")["FunctionSummary"]
    assert function["FunctionConfig"]["Comment"] == "home.html"
    url = aws.physical("s", "Queue")
    assert aws.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]["VisibilityTimeout"] == "50"
    assert aws.sqs.list_queue_tags(QueueUrl=url)["Tags"] == second
    assert len(aws.ecr.describe_repositories()["repositories"]) == 2
    assert aws.delete("s") == "DELETE_COMPLETE", aws.reasons("s")


def test_nested_stacks(aws: Aws) -> None:
    store = f"templates-{aws.account}"
    aws.s3.create_bucket(Bucket=store)
    child = {
        "Parameters": {"App": {"Type": "String"}, "Env": {"Type": "String"}, "Name": {"Type": "String"}},
        "Resources": {
            "Bucket": {
                "Type": "AWS::S3::Bucket",
                "Properties": {"BucketName": {"Fn::Sub": "${App}-${Env}-${Name}-${AWS::AccountId}"}},
            }
        },
        "Outputs": {"BucketName": {"Value": {"Ref": "Bucket"}}},
    }

    def put(key: str, body: dict) -> str:
        aws.s3.put_object(Bucket=store, Key=key, Body=json.dumps(body))
        return f"https://{store}.s3.us-east-1.amazonaws.com/{key}"

    parent = {
        "Parameters": {"Url": {"Type": "String"}},
        "Conditions": {"HasAddons": {"Fn::Not": [{"Fn::Equals": [{"Ref": "Url"}, ""]}]}},
        "Resources": {
            "AddonsStack": {
                "Type": "AWS::CloudFormation::Stack",
                "Condition": "HasAddons",
                "Properties": {"TemplateURL": {"Ref": "Url"}, "Parameters": {"App": "a", "Env": "e", "Name": "n"}},
            },
            "Topic": {"Type": "AWS::SNS::Topic", "Properties": {"DisplayName": {"Fn::If": ["HasAddons", {"Fn::GetAtt": ["AddonsStack", "Outputs.BucketName"]}, "none"]}}},
        },
    }  # fmt: skip
    first = put("one/child.yml", child)
    assert aws.create("s", parent, {"Url": first}, {"t": "1"}) == "CREATE_COMPLETE", aws.reasons("s")
    nested = aws.physical("s", "AddonsStack")
    description = aws.cloudformation.describe_stacks(StackName=nested)["Stacks"][0]
    assert description["StackName"].startswith("s-AddonsStack-")
    assert description["ParentId"] == aws.cloudformation.describe_stacks(StackName="s")["Stacks"][0]["StackId"]
    assert description["Tags"] == [{"Key": "t", "Value": "1"}]
    child["Resources"]["Topic"] = topic("inner")
    second = put("two/child.yml", child)
    assert aws.update("s", parent, {"Url": second}, {"t": "1"}) == "UPDATE_COMPLETE", aws.reasons("s")
    assert aws.physical("s", "AddonsStack") == nested
    assert aws.status(nested) == "UPDATE_COMPLETE"
    child["Resources"]["Broken"] = BROKEN
    third = put("three/child.yml", child)
    assert aws.update("s", parent, {"Url": third}, {"t": "1"}) == "UPDATE_ROLLBACK_COMPLETE"
    assert "was not successfully updated: The following resource(s) failed to create: [Broken]." in aws.reasons("s")
    assert aws.update("s", parent, {"Url": ""}, {"t": "1"}) == "UPDATE_COMPLETE", aws.reasons("s")
    assert aws.status(nested) == "DELETE_COMPLETE"
    broken = aws.create("s2", parent, {"Url": third})
    assert broken == "ROLLBACK_COMPLETE"


def test_custom_resources_are_played(aws: Aws) -> None:
    answer = {"PhysicalResourceId": "mine", "Data": {"Priority": 7}}
    aws.ssm.put_parameter(Name="/wharf-emulators/custom-resources/Action", Value=json.dumps(answer), Type="String")
    action = {"Type": "Custom::RulePriorityFunction", "Properties": {"ServiceToken": {"Fn::GetAtt": ["Function", "Arn"]}}}
    body = {
        "Resources": {"Function": {"Type": "AWS::Lambda::Function", "Properties": {"Code": {}, "Role": "r"}}, "Action": action},
        "Outputs": {"Priority": {"Value": {"Fn::GetAtt": ["Action", "Priority"]}}},
    }
    requests = "/wharf-emulators/custom-resource-requests/s/Action"
    assert aws.create("s", body) == "CREATE_COMPLETE", aws.reasons("s")
    assert aws.outputs("s") == {"Priority": "7"}
    assert aws.physical("s", "Action") == "mine"
    retained = action | {"DeletionPolicy": "Retain", "UpdateReplacePolicy": "Retain"}
    with pytest.raises(ClientError, match="No updates are to be performed."):
        aws.update("s", body | {"Resources": body["Resources"] | {"Action": retained}})
    handle = {"Handle": {"Type": "AWS::CloudFormation::WaitConditionHandle"}}
    assert aws.update("s", body | {"Resources": body["Resources"] | {"Action": retained} | handle}) == "UPDATE_COMPLETE"
    assert aws.update("s", {"Resources": handle}) == "UPDATE_COMPLETE"
    assert "Action DELETE_SKIPPED" in [f"{e['LogicalResourceId']} {e['ResourceStatus']}" for e in aws.events("s")]
    assert aws.ssm.get_parameter(Name=requests)["Parameter"]["Value"] == "Create\n"


def test_termination_protection_and_role(aws: Aws) -> None:
    aws.create("s", bucket(), EnableTerminationProtection=True, RoleARN=f"arn:aws:iam::{aws.account}:role/x")
    with pytest.raises(ClientError, match="Stack \\[s\\] cannot be deleted while TerminationProtection is enabled"):
        aws.delete("s")
    aws.cloudformation.update_termination_protection(StackName="s", EnableTerminationProtection=False)
    assert aws.delete("s", RoleARN=f"arn:aws:iam::{aws.account}:role/x") == "DELETE_COMPLETE"


def test_events_come_in_pages_of_a_hundred(aws: Aws) -> None:
    assert aws.create("s", {"Resources": {f"T{n}": topic(f"t{n}") for n in range(60)}}) == "CREATE_COMPLETE"
    first = aws.cloudformation.describe_stack_events(StackName="s")
    assert len(first["StackEvents"]) == 100
    assert len(aws.events("s")) == 182
    summary = aws.cloudformation.list_stack_resources(StackName="s")["StackResourceSummaries"]
    assert {r["ResourceStatus"] for r in summary} == {"CREATE_COMPLETE"}


def test_previous_template_and_values(aws: Aws) -> None:
    body = {"Parameters": {"A": {"Type": "String"}, "B": {"Type": "String", "Default": "b"}}} | bucket()
    body["Outputs"] = {"A": {"Value": {"Ref": "A"}}, "B": {"Value": {"Ref": "B"}}}
    assert aws.create("s", body, {"A": "1", "B": "2"}) == "CREATE_COMPLETE"
    aws.cloudformation.update_stack(
        StackName="s", UsePreviousTemplate=True,
        Parameters=[{"ParameterKey": "A", "ParameterValue": "3"}, {"ParameterKey": "B", "UsePreviousValue": True}],
    )  # fmt: skip
    assert aws.settled("s") == "UPDATE_COMPLETE"
    assert aws.outputs("s") == {"A": "3", "B": "2"}
    assert aws.cloudformation.get_template(StackName="s")["TemplateBody"] == body


def stack_set(aws: Aws, name: str, **parameters: str) -> dict:
    return {
        "StackSetName": name, "AdministrationRoleARN": f"arn:aws:iam::{aws.account}:role/admin", "ExecutionRoleName": "exec",
        "Parameters": [{"ParameterKey": k, "ParameterValue": v} for k, v in parameters.items()], "Tags": [{"Key": "t", "Value": "1"}],
        "Capabilities": ["CAPABILITY_NAMED_IAM"],
    }  # fmt: skip


def operation(aws: Aws, name: str, operation_id: str) -> str:
    def done() -> str:
        status = aws.cloudformation.describe_stack_set_operation(StackSetName=name, OperationId=operation_id)["StackSetOperation"][
            "Status"
        ]
        return "" if status == "RUNNING" else status

    return until(done)


def test_stack_sets(aws: Aws) -> None:
    cf, other = aws.cloudformation, Aws()
    body = {
        "Metadata": {"Version": 1},
        "Resources": {"Topic": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": {"Fn::Sub": "set-${AWS::Region}"}}}},
        "Outputs": {"StackSetOpId": {"Value": "1"}},
    }
    cf.create_stack_set(TemplateBody=json.dumps(body), **stack_set(aws, "set"))
    with pytest.raises(ClientError, match="NameAlreadyExists"):
        cf.create_stack_set(TemplateBody=json.dumps(body), **stack_set(aws, "set"))
    first = cf.create_stack_instances(StackSetName="set", Accounts=[aws.account], Regions=["us-east-1"], OperationId="1")[
        "OperationId"
    ]
    assert operation(aws, "set", first) == "FAILED"
    result = cf.list_stack_set_operation_results(StackSetName="set", OperationId="1")["Summaries"][0]
    assert (
        result["StatusReason"]
        == f"Account {aws.account} should have 'admin' role with trust relationship to CloudFormation service."
    )
    for account in (aws, other):
        for role in ("admin", "exec"):
            account.iam.create_role(RoleName=role, AssumeRolePolicyDocument="{}")
    made = cf.create_stack_instances(StackSetName="set", Accounts=[aws.account, other.account], Regions=["us-east-1", "eu-west-1"])[
        "OperationId"
    ]
    with pytest.raises(ClientError, match="OperationInProgress"):
        cf.update_stack_set(TemplateBody=json.dumps(body), **stack_set(aws, "set"))
    results = cf.list_stack_set_operation_results(StackSetName="set", OperationId=made)
    assert operation(aws, "set", made) == "SUCCEEDED", results
    instances = cf.list_stack_instances(StackSetName="set")["Summaries"]
    assert len(instances) == 4
    here = cf.list_stack_instances(StackSetName="set", StackInstanceAccount=aws.account, StackInstanceRegion="eu-west-1")[
        "Summaries"
    ]
    assert [(i["Status"], i["StackInstanceStatus"]["DetailedStatus"]) for i in here] == [("CURRENT", "SUCCEEDED")]
    name = here[0]["StackId"].split("/")[1]
    assert name.startswith("StackSet-set-")
    europe = aws.elsewhere("eu-west-1")
    assert europe.sns.list_topics()["Topics"][0]["TopicArn"].endswith("set-eu-west-1")
    assert other.elsewhere("eu-west-1").sns.list_topics()["Topics"]

    body["Resources"]["More"] = topic("more")
    cf.update_stack_set(TemplateBody=json.dumps(body), OperationId="2", **stack_set(aws, "set"))
    assert operation(aws, "set", "2") == "SUCCEEDED"
    with pytest.raises(ClientError, match="OperationIdAlreadyExists"):
        cf.update_stack_set(TemplateBody=json.dumps(body), OperationId="2", **stack_set(aws, "set"))
    assert len(europe.sns.list_topics()["Topics"]) == 2
    described = cf.describe_stack_set(StackSetName="set")["StackSet"]
    assert json.loads(described["TemplateBody"]) == body
    assert described["Tags"] == [{"Key": "t", "Value": "1"}]
    body["Resources"]["Broken"] = BROKEN
    failing = cf.update_stack_set(TemplateBody=json.dumps(body), **stack_set(aws, "set"))["OperationId"]
    assert operation(aws, "set", failing) == "FAILED"
    results = cf.list_stack_set_operation_results(StackSetName="set", OperationId=failing)["Summaries"]
    assert [r["Status"] for r in results] == ["FAILED", "CANCELLED", "CANCELLED", "CANCELLED"]
    with pytest.raises(ClientError, match="StackSetNotEmpty"):
        cf.delete_stack_set(StackSetName="set")
    regions, accounts = ["us-east-1", "eu-west-1"], [aws.account, other.account]
    gone = cf.delete_stack_instances(StackSetName="set", Accounts=accounts, Regions=regions, RetainStacks=False)["OperationId"]
    assert operation(aws, "set", gone) == "SUCCEEDED"
    assert europe.sns.list_topics()["Topics"] == []
    cf.delete_stack_set(StackSetName="set")
    with pytest.raises(ClientError, match="StackSetNotFound"):
        cf.describe_stack_set(StackSetName="set")
