"""Services whose tasks are containers."""

import json
import time
import zlib

import pytest

from conftest import Aws, fetch, needs_engine, template, until

pytestmark = needs_engine


@pytest.fixture(scope="module")
def app(shared: Aws) -> Aws:
    shared.ecr.create_repository(repositoryName="app/fe")
    return shared


def deploy(aws: Aws, name: str, image: str, update: bool = False, **parameters: str) -> str:
    work = aws.update if update else aws.create
    parameters = {"Name": name, "Image": image, "Priority": str(zlib.crc32(name.encode()) % 49_000 + 1), **parameters}
    return work(f"app-test-{name}", template("service.yml"), parameters, {"copilot-service": name})


def service(aws: Aws, name: str) -> dict:
    cluster = aws.outputs("app-test")["ClusterId"]
    arn = aws.physical(f"app-test-{name}", "Service")
    return aws.ecs.describe_services(cluster=cluster, services=[arn], include=["TAGS"])["services"][0]


def stopped(aws: Aws, name: str) -> list[dict]:
    cluster = aws.outputs("app-test")["ClusterId"]
    arns = aws.ecs.list_tasks(cluster=cluster, family=f"app-test-{name}", desiredStatus="STOPPED")["taskArns"]
    return aws.ecs.describe_tasks(cluster=cluster, tasks=arns)["tasks"] if arns else []


def running(aws: Aws, name: str) -> list[dict]:
    cluster = aws.outputs("app-test")["ClusterId"]
    arns = aws.ecs.list_tasks(cluster=cluster, family=f"app-test-{name}")["taskArns"]
    return aws.ecs.describe_tasks(cluster=cluster, tasks=arns, include=["TAGS"])["tasks"] if arns else []


def log_lines(aws: Aws, name: str) -> list[str]:
    return [e["message"] for e in aws.logs.filter_log_events(logGroupName=f"/copilot/app-test-{name}")["events"]]


def url(aws: Aws, path: str = "/") -> str:
    return f"http://{aws.outputs('app-test')['PublicLoadBalancerDNSName']}{path}"


def test_deploy_update_scale_and_delete(app: Aws) -> None:
    image = app.push("app/fe", "one", {"PROBE_NAME": "one", "PROBE_LINES": "3"})
    began = time.monotonic()
    assert deploy(app, "fe", image) == "CREATE_COMPLETE", app.reasons("app-test-fe")
    assert time.monotonic() - began < 15
    assert fetch(url(app)) == (200, "hello from one\n")
    assert fetch(url(app, "/env/A")) == (200, "1")

    lines = log_lines(app, "fe")
    assert lines[:4] == ["one starts, arguments none", "line 1", "line 2", "line 3"]
    (task,) = running(app, "fe")
    task_id = task["taskArn"].split("/")[-1]
    streams = app.logs.describe_log_streams(logGroupName="/copilot/app-test-fe")["logStreams"]
    assert [s["logStreamName"] for s in streams] == [f"copilot/fe/{task_id}"]
    assert task["lastStatus"] == "RUNNING"
    assert {"key": "copilot-service", "value": "fe"} in task["tags"]
    assert task["capacityProviderName"] == "FARGATE"
    details = {d["name"]: d["value"] for d in task["attachments"][0]["details"]}
    interface = app.ec2.describe_network_interfaces(NetworkInterfaceIds=[details["networkInterfaceId"]])["NetworkInterfaces"][0]
    assert interface["PrivateIpAddress"] == details["privateIPv4Address"]
    health = app.elbv2.describe_target_health(TargetGroupArn=app.physical("app-test-fe", "TargetGroup"))
    (target,) = health["TargetHealthDescriptions"]
    assert (target["Target"]["Id"], target["TargetHealth"]["State"]) == (details["privateIPv4Address"], "healthy")
    instances = app.servicediscovery.list_instances(ServiceId=app.physical("app-test-fe", "DiscoveryService"))["Instances"]
    assert [i["Attributes"]["AWS_INSTANCE_IPV4"] for i in instances] == [details["privateIPv4Address"]]

    image = app.push("app/fe", "two", {"PROBE_NAME": "two"})
    assert deploy(app, "fe", image, update=True) == "UPDATE_COMPLETE", app.reasons("app-test-fe")
    assert fetch(url(app)) == (200, "hello from two\n")
    assert "received SIGTERM, bye" in log_lines(app, "fe")
    (old,) = stopped(app, "fe")
    assert old["taskArn"] == task["taskArn"]
    assert old["stopCode"] == "ServiceSchedulerInitiated"
    assert old["stoppedReason"].startswith("Scaling activity initiated by (deployment ecs-svc/")
    assert old["containers"][0]["exitCode"] == 0
    state = service(app, "fe")
    assert [(d["status"], d["rolloutState"]) for d in state["deployments"]] == [("PRIMARY", "COMPLETED")]
    messages = "\n".join(e["message"] for e in state["events"])
    assert "has reached a steady state." in messages
    assert "registered 1 targets in (target-group " in messages

    app.ecs.update_service(cluster=state["clusterArn"], service=state["serviceArn"], desiredCount=3)
    until(lambda: service(app, "fe")["runningCount"] == 3)
    assert deploy(app, "fe", image, update=True, Count="", RulePath="/,/*") == "UPDATE_COMPLETE", app.reasons("app-test-fe")
    assert service(app, "fe")["desiredCount"] == 3

    app.ecs.update_service(cluster=state["clusterArn"], service=state["serviceArn"], desiredCount=1, forceNewDeployment=True)
    until(lambda: service(app, "fe")["deployments"][0]["rolloutState"] == "COMPLETED")
    assert app.delete("app-test-fe") == "DELETE_COMPLETE", app.reasons("app-test-fe")
    assert fetch(url(app))[0] == 503


@pytest.mark.parametrize(
    ("name", "variables", "parameters", "reason", "code"),
    [
        (
            "crash",
            {"PROBE_EXIT_AFTER": "0", "PROBE_EXIT_CODE": "7", "PROBE_LINES": "50"},
            {},
            "Essential container in task exited",
            7,
        ),
        ("sick", {"PROBE_HEALTH_STATUS": "500"}, {}, "Task failed ELB health checks in (target-group arn:aws:", 0),
        ("deaf", {}, {"ContainerCheck": "http://localhost:9/none"}, "Task failed container health checks", 0),
        ("greedy", {"PROBE_ALLOCATE_MB": "700", "PROBE_LISTEN_AFTER": "9"}, {}, "Essential container in task exited", 137),
    ],
)
def test_circuit_breaker_on_create(
    app: Aws, name: str, variables: dict[str, str], parameters: dict[str, str], reason: str, code: int
) -> None:
    image = app.push("app/fe", name, variables)
    assert deploy(app, name, image, RulePath=f"/{name}", **parameters) == "ROLLBACK_COMPLETE"
    reasons = app.reasons(f"app-test-{name}")
    assert "Error occurred during operation 'ECS Deployment Circuit Breaker was triggered'." in reasons
    assert "HandlerErrorCode: GeneralServiceException" in reasons
    tasks = stopped(app, name)
    assert len(tasks) >= 3
    for task in tasks:
        assert task["stoppedReason"].startswith(reason)
        assert task["containers"][0]["exitCode"] == code
        if code == 137:
            assert task["containers"][0]["reason"] == "OutOfMemoryError: Container killed due to memory usage"
        if name == "crash":
            assert task["stopCode"] == "EssentialContainerExited"


def test_no_line_of_a_container_that_dies_at_once_is_lost_or_doubled(app: Aws) -> None:
    image = app.push("app/fe", "lines", {"PROBE_EXIT_AFTER": "0", "PROBE_LINES": "300"})
    definition = app.ecs.register_task_definition(
        family="lines", networkMode="awsvpc", requiresCompatibilities=["FARGATE"], cpu="256", memory="512",
        executionRoleArn=f"arn:aws:iam::{app.account}:role/any",
        containerDefinitions=[{
            "name": "lines", "image": image, "environment": [{"name": "PROBE_STDERR", "value": "to stderr"}],
            "logConfiguration": {"logDriver": "awslogs", "options": {"awslogs-group": "/lines", "awslogs-create-group": "true", "awslogs-stream-prefix": "p"}},
        }],
    )["taskDefinition"]["taskDefinitionArn"]  # fmt: skip
    outputs = app.outputs("app-test")
    network = {"awsvpcConfiguration": {"subnets": outputs["PublicSubnets"].split(","), "assignPublicIp": "ENABLED"}}
    cluster = outputs["ClusterId"]
    made = app.ecs.run_task(cluster=cluster, taskDefinition=definition, count=3, networkConfiguration=network)["tasks"]
    arns = [t["taskArn"] for t in made]

    def done() -> list[dict]:
        tasks = app.ecs.describe_tasks(cluster=cluster, tasks=arns)["tasks"]
        return tasks if all(t["lastStatus"] == "STOPPED" for t in tasks) else []

    for task in until(done):
        assert task["containers"][0].get("exitCode") == 1, task
        stream = f"p/lines/{task['taskArn'].split('/')[-1]}"
        events = app.logs.get_log_events(logGroupName="/lines", logStreamName=stream, startFromHead=True)["events"]
        lines = [e["message"] for e in events]
        expected = ["lines starts", *[f"line {n}" for n in range(1, 301)], "exiting with 1"]
        assert [x for x in lines if x != "to stderr"][1:] == expected[1:]
        assert lines.count("to stderr") == 1


def test_failing_update_goes_back(app: Aws) -> None:
    good = app.push("app/fe", "good", {"PROBE_NAME": "good"})
    assert deploy(app, "back", good, RulePath="/back,/back/*") == "CREATE_COMPLETE", app.reasons("app-test-back")
    before = app.physical("app-test-back", "TaskDefinition")
    bad = app.push("app/fe", "bad", {"PROBE_EXIT_AFTER": "0"})
    assert deploy(app, "back", bad, update=True, RulePath="/back,/back/*,/more") == "UPDATE_ROLLBACK_COMPLETE"
    assert app.physical("app-test-back", "TaskDefinition") == before
    state = service(app, "back")
    assert state["taskDefinition"] == before
    assert (state["runningCount"], state["desiredCount"]) == (1, 1)
    rule = app.elbv2.describe_rules(RuleArns=[app.physical("app-test-back", "HTTPListenerRule")])["Rules"][0]
    assert rule["Conditions"][0]["Values"] == ["/back", "/back/*"]
    messages = "\n".join(e["message"] for e in state["events"])
    assert "deployment failed: tasks failed to start." in messages
    assert "rolling back to" in messages


def test_alarm_stops_a_deployment(app: Aws) -> None:
    alarm = {"AlarmName": "app-alarm", "MetricName": "m", "Namespace": "n", "Period": 60, "EvaluationPeriods": 1, "Threshold": 1}
    app.cloudwatch.put_metric_alarm(**alarm, ComparisonOperator="GreaterThanThreshold", Statistic="Average")
    body = template("service.yml").replace(
        "        MinimumHealthyPercent",
        "        Alarms: {Enable: true, Rollback: true, AlarmNames: [app-alarm]}\n        MinimumHealthyPercent",
    )
    parameters = {"Name": "alarm", "Image": app.push("app/fe", "good"), "RulePath": "/alarm", "Priority": "77"}
    assert app.create("app-test-alarm", body, parameters) == "CREATE_COMPLETE", app.reasons("app-test-alarm")
    slow = app.push("app/fe", "slow", {"PROBE_LISTEN_AFTER": "60"})
    given = [{"ParameterKey": k, "ParameterValue": v} for k, v in (parameters | {"Image": slow}).items()]
    app.cloudformation.update_stack(
        StackName="app-test-alarm", UsePreviousTemplate=True, Parameters=given, Capabilities=["CAPABILITY_NAMED_IAM"]
    )
    until(lambda: len(service(app, "alarm")["deployments"]) == 2)
    time.sleep(0.5)
    app.cloudwatch.set_alarm_state(AlarmName="app-alarm", StateValue="ALARM", StateReason="test")
    assert app.settled("app-test-alarm") == "UPDATE_ROLLBACK_COMPLETE"
    messages = [e["message"] for e in service(app, "alarm")["events"]]
    assert any(m.endswith("deployment failed: alarm detected.") for m in messages)
    assert service(app, "alarm")["runningCount"] == 1


def test_cancel_update_while_a_service_deploys(app: Aws) -> None:
    good = app.push("app/fe", "good", {"PROBE_NAME": "good"})
    assert deploy(app, "halt", good, RulePath="/halt") == "CREATE_COMPLETE", app.reasons("app-test-halt")
    slow = app.push("app/fe", "slow", {"PROBE_LISTEN_AFTER": "60"})
    app.cloudformation.update_stack(
        StackName="app-test-halt", UsePreviousTemplate=True, Capabilities=["CAPABILITY_NAMED_IAM"],
        Parameters=[{"ParameterKey": "Name", "ParameterValue": "halt"}, {"ParameterKey": "Image", "ParameterValue": slow}, {"ParameterKey": "RulePath", "UsePreviousValue": True}, {"ParameterKey": "Priority", "UsePreviousValue": True}],
    )  # fmt: skip
    until(lambda: len(service(app, "halt")["deployments"]) == 2)
    with pytest.raises(app.cloudformation.exceptions.ClientError, match="is in UPDATE_IN_PROGRESS state and can not be updated"):
        app.change_set("app-test-halt", template("service.yml"), {"Name": "halt", "Image": good})
    app.cloudformation.cancel_update_stack(StackName="app-test-halt")
    assert app.settled("app-test-halt") == "UPDATE_ROLLBACK_COMPLETE"
    assert "Service UPDATE_FAILED: Resource update cancelled" in app.reasons("app-test-halt")
    assert service(app, "halt")["runningCount"] == 1


def failure(app: Aws, name: str, **parameters: str) -> dict:
    assert deploy(app, name, parameters.pop("Image"), RulePath=f"/{name}", **parameters) == "ROLLBACK_COMPLETE"
    return stopped(app, name)[0]


def test_unpullable_image(app: Aws) -> None:
    uri = app.ecr.describe_repositories(repositoryNames=["app/fe"])["repositories"][0]["repositoryUri"]
    task = failure(app, "nopull", Image=f"{uri}:none")
    assert task["stopCode"] == "TaskFailedToStart"
    assert task["stoppedReason"].startswith("CannotPullContainerError: pull image manifest has been retried")
    assert task["containers"][0]["reason"].startswith("CannotPullContainerError")


def test_missing_secret(app: Aws) -> None:
    task = failure(app, "nosecret", Image=app.push("app/fe", "good"), Secret="/not/there")
    assert task["stoppedReason"].startswith("ResourceInitializationError: unable to pull secrets or registry auth")
    assert "/not/there" in task["stoppedReason"]


def test_secrets_reach_the_container(app: Aws) -> None:
    image = app.push("app/fe", "good")
    app.ssm.put_parameter(Name="/app/one", Value="from ssm", Type="SecureString")
    arn = app.secretsmanager.create_secret(Name="app/two", SecretString=json.dumps({"key": "from json"}))["ARN"]
    assert deploy(app, "secret", image, Secret="/app/one", RulePath="/env/SECRET") == "CREATE_COMPLETE", app.reasons(
        "app-test-secret"
    )
    assert fetch(url(app, "/env/SECRET")) == (200, "from ssm")
    assert deploy(app, "secret", image, update=True, Secret=f"{arn}:key::", RulePath="/env/SECRET") == "UPDATE_COMPLETE"
    assert fetch(url(app, "/env/SECRET")) == (200, "from json")
    assert app.delete("app-test-secret") == "DELETE_COMPLETE"


def test_stop_timeout_and_ignored_sigterm(app: Aws) -> None:
    image = app.push("app/fe", "stubborn", {"PROBE_IGNORE_SIGTERM": "1"})
    assert deploy(app, "stubborn", image, RulePath="/stubborn") == "CREATE_COMPLETE", app.reasons("app-test-stubborn")
    (task,) = running(app, "stubborn")
    app.ecs.stop_task(cluster=task["clusterArn"], task=task["taskArn"], reason="enough")
    old = until(lambda: stopped(app, "stubborn"))[0]
    until(lambda: stopped(app, "stubborn")[0]["lastStatus"] == "STOPPED")
    old = stopped(app, "stubborn")[0]
    assert (old["stoppedReason"], old["stopCode"], old["containers"][0]["exitCode"]) == ("enough", "UserInitiated", 137)
    assert "ignoring SIGTERM" in log_lines(app, "stubborn")
    until(lambda: service(app, "stubborn")["runningCount"] == 1)
    command = app.ecs.execute_command(
        cluster=task["clusterArn"], task=running(app, "stubborn")[0]["taskArn"], interactive=True, command="sh"
    )
    assert command["session"]["streamUrl"].startswith("wss://")


def test_sidecars_share_the_network_and_wait_for_each_other(app: Aws) -> None:
    image = app.push("app/fe", "good")
    log = {
        "logDriver": "awslogs",
        "options": {"awslogs-group": "/side", "awslogs-create-group": "true", "awslogs-stream-prefix": "p"},
    }
    definition = app.ecs.register_task_definition(
        family="side", networkMode="awsvpc", requiresCompatibilities=["FARGATE"], cpu="256", memory="512",
        executionRoleArn=f"arn:aws:iam::{app.account}:role/any",
        containerDefinitions=[
            {"name": "first", "image": image, "essential": False, "command": ["print", "first is done"], "logConfiguration": log},
            {"name": "server", "image": image, "logConfiguration": log, "dependsOn": [{"containerName": "first", "condition": "SUCCESS"}],
             "healthCheck": {"command": ["CMD", "/probe", "check", "http://localhost:8080/health"], "interval": 5}},
            {"name": "client", "image": image, "essential": True, "entryPoint": ["/probe", "check"], "command": ["http://127.0.0.1:8080/"],
             "logConfiguration": log, "dependsOn": [{"containerName": "server", "condition": "HEALTHY"}]},
        ],
    )["taskDefinition"]["taskDefinitionArn"]  # fmt: skip
    outputs = app.outputs("app-test")
    network = {"awsvpcConfiguration": {"subnets": outputs["PublicSubnets"].split(",")}}
    made = app.ecs.run_task(cluster=outputs["ClusterId"], taskDefinition=definition, networkConfiguration=network)["tasks"][0]

    def over() -> dict | None:
        task = app.ecs.describe_tasks(cluster=outputs["ClusterId"], tasks=[made["taskArn"]])["tasks"][0]
        return task if task["lastStatus"] == "STOPPED" else None

    task = until(over)
    codes = {c["name"]: c["exitCode"] for c in task["containers"]}
    assert codes == {"first": 0, "server": 0, "client": 0}, task
    assert task["stoppedReason"] == "Essential container in task exited"


def test_services_reach_each_other_by_name(app: Aws) -> None:
    image = app.push("app/fe", "good", {"PROBE_NAME": "far"})
    assert deploy(app, "api", image, RulePath="/api") == "CREATE_COMPLETE", app.reasons("app-test-api")
    assert deploy(app, "web", image, RulePath="/fetch/*") == "CREATE_COMPLETE", app.reasons("app-test-web")
    assert fetch(url(app, "/fetch/api:8080/")) == (200, "hello from far\n")
    assert fetch(url(app, "/fetch/api.app-test.local:8080/")) == (200, "hello from far\n")
