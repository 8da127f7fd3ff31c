"""Deployments that move traffic: blue/green, canary, linear, and their ways back."""

import time
from datetime import timedelta

import pytest

from conftest import Aws, until

GOOD, BROKEN = "example.com/good:1", "example.com/fail:1"
ROLE = "arn:aws:iam::123456789012:role/shift"


@pytest.fixture
def web(aws: Aws) -> "Web":
    # So that images need not exist.
    aws.ssm.put_parameter(Name="/wharf-emulators/tasks", Value="played", Type="String")
    return Web(aws)


class Web:
    """A service of two tasks behind a load balancer with two target groups."""

    def __init__(self, aws: Aws) -> None:
        self.aws = aws
        vpc = aws.ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        subnets = [
            aws.ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{n}.0/24", AvailabilityZone=f"us-east-1{zone}")["Subnet"]["SubnetId"]
            for n, zone in enumerate("ab")
        ]
        self.network = {"awsvpcConfiguration": {"subnets": subnets}}
        balancer = aws.elbv2.create_load_balancer(Name="b", Subnets=subnets)["LoadBalancers"][0]["LoadBalancerArn"]
        self.groups = [
            aws.elbv2.create_target_group(
                Name=name, Protocol="HTTP", Port=8080, VpcId=vpc, TargetType="ip", HealthCheckIntervalSeconds=6
            )["TargetGroups"][0]["TargetGroupArn"]
            for name in ("blue", "green")
        ]
        forward = {
            "Type": "forward",
            "ForwardConfig": {
                "TargetGroups": [
                    {"TargetGroupArn": self.groups[0], "Weight": 100},
                    {"TargetGroupArn": self.groups[1], "Weight": 0},
                ]
            },
        }
        listener = aws.elbv2.create_listener(LoadBalancerArn=balancer, Protocol="HTTP", Port=80, DefaultActions=[forward])
        arn = listener["Listeners"][0]["ListenerArn"]
        condition = {"Field": "path-pattern", "Values": ["/*"]}
        made = aws.elbv2.create_rule(ListenerArn=arn, Priority=1, Conditions=[condition], Actions=[forward])
        self.rule = made["Rules"][0]["RuleArn"]
        aws.ecs.create_cluster(clusterName="c")

    def define(self, image: str) -> str:
        made = self.aws.ecs.register_task_definition(
            family="web", networkMode="awsvpc", requiresCompatibilities=["FARGATE"], cpu="256", memory="512",
            containerDefinitions=[{"name": "web", "image": image, "portMappings": [{"containerPort": 8080}]}],
        )  # fmt: skip
        return made["taskDefinition"]["taskDefinitionArn"]

    def create(self, **options: object) -> None:
        advanced = {"alternateTargetGroupArn": self.groups[1], "productionListenerRule": self.rule, "roleArn": ROLE}
        entry = {"targetGroupArn": self.groups[0], "containerName": "web", "containerPort": 8080, "advancedConfiguration": advanced}
        self.aws.ecs.create_service(
            cluster="c", serviceName="web", taskDefinition=self.define(GOOD), desiredCount=2, launchType="FARGATE",
            networkConfiguration=self.network, loadBalancers=[entry], deploymentConfiguration=dict(options),
        )  # fmt: skip
        assert until(lambda: self.state() == "COMPLETED")

    def update(self, image: str) -> None:
        self.aws.ecs.update_service(cluster="c", service="web", taskDefinition=self.define(image))

    def service(self) -> dict:
        return self.aws.ecs.describe_services(cluster="c", services=["web"])["services"][0]

    def state(self) -> str:
        return self.service()["deployments"][0]["rolloutState"]

    def weights(self) -> list[int]:
        rule = self.aws.elbv2.describe_rules(RuleArns=[self.rule])["Rules"][0]
        weights = {g["TargetGroupArn"]: g["Weight"] for g in rule["Actions"][0]["ForwardConfig"]["TargetGroups"]}
        return [weights[group] for group in self.groups]

    def deployment(self) -> dict:
        brief = self.aws.ecs.list_service_deployments(cluster="c", service="web")["serviceDeployments"][0]
        found = self.aws.ecs.describe_service_deployments(serviceDeploymentArns=[brief["serviceDeploymentArn"]])
        return found["serviceDeployments"][0]

    def seen(self, end: str) -> tuple[list[str], list[float]]:
        """Stages and percentages on the way to a status, each once as long as it is the same."""
        stages: list[str] = []
        percents: list[float] = []
        limit = time.monotonic() + 60
        while True:
            now = self.deployment()
            for found, value in (
                (stages, now["lifecycleStage"]),
                (percents, now["targetServiceRevision"]["requestedProductionTrafficWeight"]),
            ):
                if value not in found[-1:]:
                    found.append(value)
            if now["status"] == end:
                return stages, percents
            assert time.monotonic() < limit, now
            time.sleep(0.03)


def test_blue_green(web: Web) -> None:
    web.create(strategy="BLUE_GREEN", bakeTimeInMinutes=1)
    web.update("example.com/good:2")
    assert until(lambda: web.deployment()["lifecycleStage"] == "BAKE_TIME")
    # Both run while it bakes, and the new one has all traffic.
    assert (web.service()["runningCount"], web.weights()) == (4, [0, 100])
    stages, percents = web.seen("SUCCESSFUL")
    assert (stages[-1], percents) == ("CLEAN_UP", [100.0])
    # Without alarms none are looked at.
    assert web.deployment()["alarms"]["status"] == "DISABLED"
    assert until(lambda: web.service()["runningCount"] == 2)
    assert [d["rolloutState"] for d in web.service()["deployments"]] == ["COMPLETED"]
    deployments = web.aws.ecs.list_service_deployments(cluster="c", service="web")["serviceDeployments"]
    newest, seconds = deployments[0]["createdAt"], timedelta(seconds=60)
    for after, count in ((newest - seconds, 2), (newest + seconds, 0)):
        found = web.aws.ecs.list_service_deployments(cluster="c", service="web", createdAt={"after": after})
        assert len(found["serviceDeployments"]) == count
    # The next one goes back to the first group.
    web.update("example.com/good:3")
    assert until(lambda: web.deployment()["status"] == "SUCCESSFUL")
    assert web.weights() == [100, 0]


def test_canary_and_linear(web: Web) -> None:
    web.create(strategy="CANARY", bakeTimeInMinutes=0, canaryConfiguration={"canaryPercent": 12.5, "canaryBakeTimeInMinutes": 1})
    web.update("example.com/good:2")
    assert until(lambda: web.weights() == [875, 125])
    stages, percents = web.seen("SUCCESSFUL")
    assert percents == [12.5, 100.0]
    assert stages[0] == "PRODUCTION_TRAFFIC_SHIFT"
    # Each part of the traffic has a stage before it.
    assert stages[1:3] == ["PRE_PRODUCTION_TRAFFIC_SHIFT", "PRODUCTION_TRAFFIC_SHIFT"]
    assert web.weights() == [0, 100]
    web.aws.ecs.update_service(
        cluster="c", service="web",
        deploymentConfiguration={
            "strategy": "LINEAR", "linearConfiguration": {"stepPercent": 40, "stepBakeTimeInMinutes": 1}, "bakeTimeInMinutes": 0,
        },
    )  # fmt: skip
    web.update("example.com/good:3")
    assert web.seen("SUCCESSFUL")[1] == [0.0, 40.0, 80.0, 100.0]


def test_tasks_that_do_not_run_never_get_traffic(web: Web) -> None:
    web.create(strategy="BLUE_GREEN", deploymentCircuitBreaker={"enable": True, "rollback": True})
    web.update(BROKEN)
    stages, percents = web.seen("ROLLBACK_SUCCESSFUL")
    assert (stages[-1], percents, web.weights()) == ("SCALE_UP", [0.0], [100, 0])
    deployment = web.deployment()
    assert "circuit breaker threshold" in deployment["rollback"]["reason"]
    assert deployment["deploymentCircuitBreaker"]["status"] == "TRIGGERED"
    assert web.state() == "COMPLETED"
    assert web.service()["runningCount"] == 2


def test_without_the_way_back_things_stay_as_they_are(web: Web) -> None:
    web.create(strategy="BLUE_GREEN", deploymentCircuitBreaker={"enable": True, "rollback": False})
    web.update(BROKEN)
    assert web.seen("STOPPED")[1] == [0.0]
    assert "rollback" not in web.deployment()
    assert (web.weights(), web.state()) == ([100, 0], "FAILED")


def test_an_alarm_takes_back_what_bakes(web: Web) -> None:
    alarm = {"Namespace": "x", "MetricName": "errors", "Period": 60, "EvaluationPeriods": 1, "Threshold": 1.0}
    web.aws.cloudwatch.put_metric_alarm(AlarmName="errors", ComparisonOperator="GreaterThanThreshold", Statistic="Sum", **alarm)
    alarms = {"alarmNames": ["errors"], "enable": True, "rollback": True}
    web.create(strategy="BLUE_GREEN", bakeTimeInMinutes=10, alarms=alarms)
    web.update("example.com/good:2")
    assert until(lambda: web.deployment()["lifecycleStage"] == "BAKE_TIME")
    assert web.deployment()["alarms"]["status"] == "MONITORING"
    web.aws.cloudwatch.set_alarm_state(AlarmName="errors", StateValue="ALARM", StateReason="too many")
    assert until(lambda: web.deployment()["status"] == "ROLLBACK_SUCCESSFUL")
    assert web.deployment()["alarms"] == {"status": "TRIGGERED", "alarmNames": ["errors"], "triggeredAlarmNames": ["errors"]}
    assert (web.weights(), web.service()["runningCount"]) == ([100, 0], 2)
    # The next one, which nothing disturbs.
    web.aws.cloudwatch.set_alarm_state(AlarmName="errors", StateValue="OK", StateReason="well again")
    web.update("example.com/good:3")
    assert until(lambda: web.deployment()["status"] == "SUCCESSFUL")
    assert web.deployment()["alarms"]["status"] == "MONITORING_COMPLETE"


def test_somebody_stops_it(web: Web) -> None:
    web.create(strategy="BLUE_GREEN", bakeTimeInMinutes=10)
    web.update("example.com/good:2")
    assert until(lambda: web.deployment()["lifecycleStage"] == "BAKE_TIME")
    arn = web.deployment()["serviceDeploymentArn"]
    web.aws.ecs.stop_service_deployment(serviceDeploymentArn=arn, stopType="ROLLBACK")
    assert until(lambda: web.deployment()["status"] == "ROLLBACK_SUCCESSFUL")
    assert web.weights() == [100, 0]
    revision = web.deployment()["targetServiceRevision"]["arn"]
    found = web.aws.ecs.describe_service_revisions(serviceRevisionArns=[revision])["serviceRevisions"][0]
    assert found["taskDefinition"].endswith("web:2")


def test_a_rule_that_is_gone(web: Web) -> None:
    web.create(strategy="BLUE_GREEN")
    web.aws.elbv2.delete_rule(RuleArn=web.rule)
    web.update("example.com/good:2")
    assert until(lambda: web.deployment()["status"] == "ROLLBACK_SUCCESSFUL")
    assert "was not found" in web.deployment()["rollback"]["reason"]
