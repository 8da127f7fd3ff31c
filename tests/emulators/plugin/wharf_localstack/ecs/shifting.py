"""Deployments that move traffic from one version to the next: blue/green, canary, linear.

A :class:`Shift` belongs to a deployment that has another one to take the place of. It goes through ECS's lifecycle stages: the new
tasks come up behind the alternate target group, the rules of the load balancer give them their part of the traffic, the old tasks
go on running through the bake time, and only then they end. Until then everything can be taken back at once.
"""

import time
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from wharf_localstack.aws import Json, now
from wharf_localstack.elbv2.model import STORES as BALANCERS
from wharf_localstack.elbv2.model import Rule
from wharf_localstack.settings import SETTINGS

if TYPE_CHECKING:
    from wharf_localstack.ecs.service import Deployment, Service

STRATEGIES = ("BLUE_GREEN", "CANARY", "LINEAR")
STAGES = (
    "RECONCILE_SERVICE", "PRE_SCALE_UP", "SCALE_UP", "POST_SCALE_UP", "TEST_TRAFFIC_SHIFT", "POST_TEST_TRAFFIC_SHIFT",
    "PRE_PRODUCTION_TRAFFIC_SHIFT", "PRODUCTION_TRAFFIC_SHIFT", "POST_PRODUCTION_TRAFFIC_SHIFT", "BAKE_TIME", "CLEAN_UP",
)  # fmt: skip
#: Stages that take a moment only.
MOMENT = 0.15
#: What CloudFormation says when somebody has stopped a deployment.
STOPPED = "ECS Deployment was stopped"


@dataclass(eq=False)
class Shift:
    """How far a deployment is with its traffic."""

    old: "Deployment"
    options: Json
    stage: str
    #: When the stage, or the step of traffic in it, began (monotonic).
    since: float = field(default_factory=time.monotonic)
    #: Whether the stage has given the new version its next part of the traffic.
    moved: bool = False
    #: Percent of the traffic of the new version.
    production: float = 0.0
    test: float = 0.0
    #: Why it is taken back, and when that began; empty: it is not.
    rollback: str = ""
    rollback_at: datetime | None = None
    #: Somebody gave it up without a way back.
    aborted: bool = False

    @property
    def strategy(self) -> str:
        return self.options["strategy"]

    @property
    def going_on(self) -> bool:
        return not self.rollback and not self.aborted

    @property
    def lets_go(self) -> bool:
        """Whether the old tasks may end."""
        return self.stage == "CLEAN_UP" or not self.going_on

    def enter(self, stage: str) -> None:
        self.stage, self.since, self.moved = stage, time.monotonic(), False

    def next_part(self) -> float:
        """The next percentage of production traffic."""
        if self.strategy == "CANARY" and self.production == 0:
            return float((self.options.get("canaryConfiguration") or {}).get("canaryPercent", 5))
        if self.strategy == "LINEAR":
            linear = self.options.get("linearConfiguration") or {}
            return round(min(self.production + float(linear.get("stepPercent", 10)), 100.0), 1)
        return 100.0

    def step_bake(self) -> float:
        """Minutes between one part of the traffic and the next."""
        if self.strategy == "CANARY":
            return float((self.options.get("canaryConfiguration") or {}).get("canaryBakeTimeInMinutes", 10))
        return float((self.options.get("linearConfiguration") or {}).get("stepBakeTimeInMinutes", 6))


def shift_of(options: Json, old: "Deployment | None", several: bool) -> Shift | None:
    """The shift of a deployment with these options from an older one that has come to run; ``several``: more revisions than
    the old one still have tasks."""
    if old is None or not old.proven or options.get("strategy") not in STRATEGIES:
        return None
    return Shift(old, options, STAGES[0] if several else STAGES[1])


def _bake(minutes: float) -> float:
    return SETTINGS.scaled(minutes * 60, SETTINGS.bake_seconds) if minutes else 0.0


def group_of(entry: Json, deployment: "Deployment") -> str:
    """The target group that a deployment's tasks belong to."""
    alternate = (entry.get("advancedConfiguration") or {}).get("alternateTargetGroupArn")
    return alternate if alternate and deployment.alternate else entry["targetGroupArn"]


def _rule(service: "Service", arn: str) -> Rule | None:
    store = BALANCERS.at(service.account, service.region)
    for listener in store.listeners():
        if listener.arn == arn:
            return listener.default
        for rule in listener.rules:
            if rule.arn == arn:
                return rule
    return None


def weights(percent: float) -> tuple[int, int]:
    """Weights of the old and the new target group. They are whole numbers up to 999: tenths where the percentage has any."""
    tenths = round(percent * 10)
    return (100 - tenths // 10, tenths // 10) if tenths % 10 == 0 else (1000 - tenths, tenths)


def _weigh(service: "Service", deployment: "Deployment", which: str, percent: float) -> str:
    """Gives the new version its part of the traffic. Returns what is wrong, empty when nothing is."""
    shift = deployment.shift
    assert shift is not None
    for entry in deployment.config.get("loadBalancers") or []:
        arn = (entry.get("advancedConfiguration") or {}).get(which)
        if not arn:
            continue
        rule = _rule(service, arn)
        if rule is None:
            return f"listener rule {arn} was not found"
        groups = zip((group_of(entry, shift.old), group_of(entry, deployment)), weights(percent), strict=True)
        rule.actions = [
            {"Type": "forward", "Order": 1,
             "ForwardConfig": {"TargetGroups": [{"TargetGroupArn": a, "Weight": w} for a, w in groups]}}
        ]  # fmt: skip
    return ""


def _tested(deployment: "Deployment") -> bool:
    entries = deployment.config.get("loadBalancers") or []
    return any((e.get("advancedConfiguration") or {}).get("testListenerRule") for e in entries)


def advance(service: "Service") -> None:
    """Takes the newest deployment a stage, or a step of traffic, further when its time has come."""
    deployment = service.primary
    shift = deployment.shift
    if shift is None or not shift.going_on or deployment.rollout != "IN_PROGRESS":
        return
    waited = time.monotonic() - shift.since

    def later(seconds: float) -> bool:
        if waited < seconds:
            service.poke(seconds - waited + 0.001)
            return True
        return False

    match shift.stage:
        case "SCALE_UP":
            ready = [m for m in service.members if m.deployment is deployment and service.healthy(m)]
            # What ends at once has not come to run.
            if len(ready) < service.desired or later(MOMENT):
                return
        case "TEST_TRAFFIC_SHIFT":
            if _tested(deployment) and shift.test == 0:
                shift.test = 100.0
                if problem := _weigh(service, deployment, "testListenerRule", shift.test):
                    take_back(service, f"unable to shift test traffic: {problem}", problem)
                    return
            if later(MOMENT):
                return
        case "PRODUCTION_TRAFFIC_SHIFT":
            if not shift.moved:
                shift.production, shift.moved = shift.next_part(), True
                if problem := _weigh(service, deployment, "productionListenerRule", shift.production):
                    take_back(service, f"unable to shift production traffic: {problem}", problem)
                    return
                deployment.updated = now()
                service.poke(MOMENT)
                return
            if later(_bake(shift.step_bake()) if shift.production < 100 else MOMENT):
                return
            if shift.production < 100:
                # Every step begins with the stage before it.
                shift.enter("PRE_PRODUCTION_TRAFFIC_SHIFT")
                deployment.updated = now()
                service.poke(MOMENT)
                return
        case "BAKE_TIME":
            if later(_bake(float(shift.options.get("bakeTimeInMinutes") or 0))):
                return
        case "CLEAN_UP":
            return
        case _:
            if later(MOMENT):
                return
    shift.enter(STAGES[STAGES.index(shift.stage) + 1])
    deployment.updated = now()
    service.poke(0.001)


def take_back(service: "Service", reason: str, problem: str, abort: bool = False) -> None:
    """The old version gets all traffic again and the new tasks end; with ``abort`` things stay as they are."""
    deployment = service.primary
    shift = deployment.shift
    assert shift is not None
    deployment.rollout, deployment.reason, deployment.problem = "FAILED", reason, problem
    deployment.updated = deployment.finished = now()
    service.event(f"(deployment {deployment.id}) deployment failed: {reason}")
    if abort:
        shift.aborted = True
        return
    shift.rollback, shift.rollback_at = reason, now()
    shift.production = shift.test = 0.0
    for which in ("productionListenerRule", "testListenerRule"):
        _weigh(service, deployment, which, 0.0)
    old = shift.old
    deployment.status, old.status = "ACTIVE", "PRIMARY"
    service.deployments = [old, *(d for d in service.deployments if d is not old)]
    service.definition, service.steady = old.definition, False
    service.event(f"rolling back to (deployment {old.id}).")
    service.poke()


def status(service: "Service", deployment: "Deployment") -> str:
    """The status of the service deployment of a deployment that moves traffic."""
    shift = deployment.shift
    assert shift is not None
    if shift.aborted:
        return "STOPPED"
    if shift.rollback:
        left = any(m.deployment is deployment for m in service.members)
        return "ROLLBACK_IN_PROGRESS" if left else "ROLLBACK_SUCCESSFUL"
    return "SUCCESSFUL" if deployment.rollout == "COMPLETED" else "STOPPED" if deployment.finished else "IN_PROGRESS"


# --- views -----------------------------------------------------------------------------------------------------------


def revision(service: "Service", deployment: "Deployment") -> str:
    """ARN of the service revision that a deployment has brought."""
    return service.arn.replace(":service/", ":service-revision/") + f"/{deployment.service_deployment}"


def describe_revision(service: "Service", deployment: "Deployment") -> Json:
    return {
        "serviceRevisionArn": revision(service, deployment), "serviceArn": service.arn, "clusterArn": service.cluster.arn,
        "taskDefinition": deployment.definition["taskDefinitionArn"], "createdAt": deployment.created,
        "loadBalancers": deployment.config.get("loadBalancers") or [],
    }  # fmt: skip


def describe(service: "Service", deployment: "Deployment") -> Json:
    """A service deployment that moves traffic."""
    shift, options = deployment.shift, deployment.options
    assert shift is not None

    def shown(of: "Deployment", production: float, test: float) -> Json:
        running, pending = service.counts(of)
        return {
            "arn": revision(service, of), "requestedTaskCount": service.desired, "runningTaskCount": running,
            "pendingTaskCount": pending, "requestedProductionTrafficWeight": production, "requestedTestTrafficWeight": test,
        }  # fmt: skip

    result = {
        "serviceDeploymentArn": service.arn.replace(":service/", ":service-deployment/") + f"/{deployment.service_deployment}",
        "serviceArn": service.arn, "clusterArn": service.cluster.arn, "createdAt": deployment.created,
        "startedAt": deployment.created, "updatedAt": deployment.updated, "status": status(service, deployment),
        "statusReason": deployment.reason, "deploymentConfiguration": options, "lifecycleStage": shift.stage,
        "sourceServiceRevisions": [shown(shift.old, 100 - shift.production, 100 - shift.test if shift.test else 0)],
        "targetServiceRevision": shown(deployment, shift.production, shift.test),
    }  # fmt: skip
    if deployment.finished:
        result["finishedAt"] = deployment.finished
    if shift.rollback:
        result["rollback"] = {
            "reason": shift.rollback, "startedAt": shift.rollback_at, "serviceRevisionArn": revision(service, shift.old),
        }  # fmt: skip

    def monitor(of: Json, triggered: bool) -> str:
        if not of.get("enable"):
            return "DISABLED"
        return "TRIGGERED" if triggered else "MONITORING_COMPLETE" if deployment.finished else "MONITORING"

    alarms = options.get("alarms") or {}
    names = alarms.get("alarmNames") or []
    rang = [name for name in names if name in deployment.rang]
    result["alarms"] = {"status": monitor(alarms, bool(rang)), "alarmNames": names, "triggeredAlarmNames": rang}
    result["deploymentCircuitBreaker"] = {
        "status": monitor(options.get("deploymentCircuitBreaker") or {}, bool(deployment.tripped)),
        "failureCount": deployment.failed, "threshold": service.threshold(),
    }  # fmt: skip
    return result
