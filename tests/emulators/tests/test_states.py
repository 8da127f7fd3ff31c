"""State machines that run tasks."""

import json

import pytest

from conftest import Aws, needs_engine, until

pytestmark = needs_engine


@pytest.mark.parametrize(("code", "status"), [(0, "SUCCEEDED"), (5, "FAILED")])
def test_a_state_ends_as_its_task(aws: Aws, code: int, status: str) -> None:
    aws.ecr.create_repository(repositoryName="job")
    image = aws.push("job", "one", {"PROBE_EXIT_AFTER": "1", "PROBE_EXIT_CODE": str(code)})
    aws.ecs.create_cluster(clusterName="c")
    aws.iam.create_role(RoleName="states", AssumeRolePolicyDocument="{}")
    subnet = aws.ec2.describe_subnets()["Subnets"][0]["SubnetId"]
    definition = aws.ecs.register_task_definition(
        family="job",
        networkMode="awsvpc",
        requiresCompatibilities=["FARGATE"],
        cpu="256",
        memory="512",
        containerDefinitions=[{"name": "main", "image": image}],
    )["taskDefinition"]["taskDefinitionArn"]
    state = {
        "Type": "Task",
        "Resource": "arn:aws:states:::ecs:runTask.sync",
        "Parameters": {
            "LaunchType": "FARGATE",
            "Cluster": "c",
            "TaskDefinition": definition,
            "NetworkConfiguration": {"AwsvpcConfiguration": {"Subnets": [subnet]}},
        },
        "End": True,
    }
    machine = aws.stepfunctions.create_state_machine(
        name="job",
        roleArn=f"arn:aws:iam::{aws.account}:role/states",
        definition=json.dumps({"StartAt": "Run", "States": {"Run": state}}),
    )["stateMachineArn"]
    arn = aws.stepfunctions.start_execution(stateMachineArn=machine)["executionArn"]
    until(lambda: aws.stepfunctions.describe_execution(executionArn=arn)["status"] != "RUNNING", what="the execution")
    ended = aws.stepfunctions.describe_execution(executionArn=arn)
    assert ended["status"] == status, ended.get("cause")
    task = json.loads(ended["cause"] if code else ended["output"])
    assert task["Containers"][0]["ExitCode"] == code
