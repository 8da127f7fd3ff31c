"""CloudFormation's express mode: a stack is done once its configuration is applied."""

import pytest

from conftest import Aws, until

#: No image of this name can run, with an engine and without.
BROKEN_IMAGE = "example.com/fail:1"
EXPRESS = {"Mode": "EXPRESS"}


@pytest.fixture
def aws(aws: Aws) -> Aws:
    """The client's description of the API may be older than express mode."""
    shapes = aws.cloudformation.meta.service_model._service_description["shapes"]
    if "DeploymentConfig" not in shapes:
        members = {"Mode": {"shape": "StackName"}, "DisableRollback": {"shape": "DisableRollback"}}
        shapes["DeploymentConfig"] = {"type": "structure", "members": members}
        for name in ("CreateStackInput", "UpdateStackInput", "CreateChangeSetInput", "Stack", "DescribeChangeSetOutput"):
            shapes[name]["members"]["DeploymentConfig"] = {"shape": "DeploymentConfig"}
    return aws


def service(image: str) -> dict:
    container = {"Name": "web", "Image": image, "Essential": True}
    return {
        "Resources": {
            "Network": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.0.0.0/16"}},
            "Subnet": {"Type": "AWS::EC2::Subnet", "Properties": {"VpcId": {"Ref": "Network"}, "CidrBlock": "10.0.0.0/24"}},
            "Cluster": {"Type": "AWS::ECS::Cluster"},
            "TaskDefinition": {
                "Type": "AWS::ECS::TaskDefinition",
                "Properties": {
                    "Family": "web", "NetworkMode": "awsvpc", "RequiresCompatibilities": ["FARGATE"], "Cpu": "256",
                    "Memory": "512", "ContainerDefinitions": [container],
                },
            },
            "Service": {
                "Type": "AWS::ECS::Service",
                "Properties": {
                    "Cluster": {"Ref": "Cluster"}, "TaskDefinition": {"Ref": "TaskDefinition"}, "LaunchType": "FARGATE",
                    "DesiredCount": 1,
                    "DeploymentConfiguration": {"DeploymentCircuitBreaker": {"Enable": True, "Rollback": True}},
                    "NetworkConfiguration": {"AwsvpcConfiguration": {"Subnets": [{"Ref": "Subnet"}]}},
                },
            },
        }
    }  # fmt: skip


def test_a_service_that_never_runs_is_no_failure_of_its_stack(aws: Aws) -> None:
    assert aws.create("s", service(BROKEN_IMAGE), DeploymentConfig=EXPRESS) == "CREATE_COMPLETE", aws.reasons("s")
    stack = aws.cloudformation.describe_stacks(StackName="s")["Stacks"][0]
    assert stack["DeploymentConfig"] == EXPRESS
    cluster, arn = aws.physical("s", "Cluster"), aws.physical("s", "Service")

    def rollout() -> str:
        found = aws.ecs.describe_services(cluster=cluster, services=[arn])["services"][0]
        return found["deployments"][0]["rolloutState"]

    assert rollout() == "IN_PROGRESS"
    assert until(lambda: rollout() == "FAILED")
    assert aws.delete("s") == "DELETE_COMPLETE"


def test_what_fails_stays_unless_told_otherwise(aws: Aws) -> None:
    subscription = {"TopicArn": "arn:aws:sns:us-east-1:000000000000:none", "Protocol": "sqs"}
    broken = {"Resources": {"Broken": {"Type": "AWS::SNS::Subscription", "Properties": subscription}}}
    assert aws.create("stays", broken, DeploymentConfig=EXPRESS) == "CREATE_FAILED"
    assert aws.create("goes", broken, DeploymentConfig=EXPRESS | {"DisableRollback": False}) == "ROLLBACK_COMPLETE"


def test_change_sets_carry_the_mode(aws: Aws) -> None:
    topic = {"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}}
    made = aws.change_set("s", topic, ChangeSetType="CREATE", DeploymentConfig=EXPRESS)
    assert made["DeploymentConfig"] == EXPRESS
    aws.cloudformation.execute_change_set(ChangeSetName=made["ChangeSetId"])
    assert aws.settled("s") == "CREATE_COMPLETE"
    assert aws.cloudformation.describe_stacks(StackName="s")["Stacks"][0]["DeploymentConfig"] == EXPRESS
    topic["Resources"]["Topic"]["Properties"] = {"DisplayName": "x"}  # type: ignore[dict-item]
    assert aws.update("s", topic) == "UPDATE_COMPLETE"
    assert "DeploymentConfig" not in aws.cloudformation.describe_stacks(StackName="s")["Stacks"][0]
