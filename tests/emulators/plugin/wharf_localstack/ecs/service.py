"""Services: keeping tasks running, rolling deployments, the circuit breaker."""

import heapq
import logging
import math
import random
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from wharf_localstack.aws import Json, call, client, now, tag_list
from wharf_localstack.ecs import shifting
from wharf_localstack.ecs.model import STORES, Cluster, Store, Task
from wharf_localstack.ecs.task import Runner
from wharf_localstack.elbv2 import api as balancers
from wharf_localstack.elbv2 import traffic
from wharf_localstack.elbv2.model import Target
from wharf_localstack.settings import SETTINGS

#: Seconds that a task must have run before its deployment counts as completed.
SETTLE = 0.5
#: Seconds from an unhealthy target to the end of its task.
REACTION = 1.0

LOG = logging.getLogger(__name__)
SCALING = "ServiceSchedulerInitiated"
#: Parts of a service's configuration that a deployment carries: a change of one starts a new deployment.
DEPLOYED = ("networkConfiguration", "loadBalancers", "serviceRegistries", "capacityProviderStrategy", "platformVersion",
            "serviceConnectConfiguration", "volumeConfigurations")  # fmt: skip
NOT_STABLE = "not stable"
#: How long CloudFormation waits for a service.
STABLE_SECONDS = 3 * 3600
BREAKER, ALARM = "ECS Deployment Circuit Breaker was triggered", "ECS Deployment Alarm was triggered"


@dataclass(eq=False)
class Deployment:
    definition: Json
    config: Json
    launch_type: str
    desired: int
    id: str = field(default_factory=lambda: f"ecs-svc/{random.randint(10**18, 10**19 - 1)}")
    status: str = "PRIMARY"
    rollout: str = "IN_PROGRESS"
    reason: str = ""
    failed: int = 0
    #: When the circuit breaker saw enough failures (monotonic); 0: not yet.
    tripped: float = 0.0
    created: datetime = field(default_factory=now)
    updated: datetime = field(default_factory=now)
    #: Once it was COMPLETED, it can be gone back to.
    proven: bool = False
    rollback_of: str = ""
    problem: str = ""
    #: Not before this moment may a next task start (after failures).
    next_start: float = 0.0
    #: Alarms that do not count; None: not looked at yet.
    deaf: set[str] | None = None
    #: Alarms that have ended it.
    rang: set[str] = field(default_factory=set)
    service_deployment: str = field(default_factory=lambda: uuid.uuid4().hex[:20])
    finished: datetime | None = None
    #: DeploymentConfiguration when it began.
    options: Json = field(default_factory=dict)
    #: How it moves traffic; None: it rolls.
    shift: shifting.Shift | None = None
    #: Its tasks are behind the alternate target groups.
    alternate: bool = False


@dataclass(eq=False)
class Member:
    """A task of a service."""

    task: Task
    runner: Runner
    deployment: Deployment
    registered: list[tuple[str, str, int]] = field(default_factory=list)
    instance: tuple[str, str] | None = None
    announced: bool = False
    #: Told to stop by the scheduler; when its drain ends (monotonic), and why.
    stop_at: float | None = None
    stop_reason: str = ""
    asked: bool = False
    counted: bool = False
    reported: set[str] = field(default_factory=set)
    running_since: float = 0.0
    sick_since: float = 0.0

    @property
    def live(self) -> bool:
        return self.task.alive and self.stop_at is None and not self.asked


class Scheduler:
    """Calls ``reconcile`` of services that have something to do, in one thread."""

    def __init__(self) -> None:
        self._due: list[tuple[float, int, Service]] = []
        self._wake = threading.Condition()
        self._number = 0
        self._started = False

    def poke(self, service: "Service", delay: float = 0.0) -> None:
        with self._wake:
            if not self._started:
                self._started = True
                threading.Thread(target=self._run, daemon=True, name="ecs-scheduler").start()
            self._number += 1
            heapq.heappush(self._due, (time.monotonic() + delay, self._number, service))
            self._wake.notify()

    def _run(self) -> None:
        while True:
            with self._wake:
                while not self._due or self._due[0][0] > time.monotonic():
                    self._wake.wait(self._due[0][0] - time.monotonic() if self._due else None)
                moment = time.monotonic()
                ready = set()
                while self._due and self._due[0][0] <= moment:
                    ready.add(heapq.heappop(self._due)[2])
            for service in ready:
                try:
                    service.reconcile()
                except Exception:
                    LOG.exception("service %s", service.name)


SCHEDULER = Scheduler()


class Service:
    def __init__(self, store: Store, cluster: Cluster, name: str, request: Json, definition: Json, tags: dict[str, str]) -> None:
        self.store, self.cluster, self.name, self.request = store, cluster, name, request
        self.account, self.region = store.account, store.region
        self.arn = store.arn("service", f"{cluster.name}/{name}")
        self.definition = definition
        self.tags = tags
        self.desired = int(request.get("desiredCount") or 0)
        self.status = "ACTIVE"
        self.created = now()
        self.events: list[Json] = []
        self.deployments: list[Deployment] = []
        self.history: list[Deployment] = []
        self.members: list[Member] = []
        self.changed = threading.Condition()
        self.steady = False
        self.deploy(definition)

    # --- words

    def event(self, message: str) -> None:
        self.events.insert(0, {"id": str(uuid.uuid4()), "createdAt": now(), "message": f"(service {self.name}) {message}"})
        del self.events[100:]

    @staticmethod
    def _names(members: list[Member]) -> str:
        return " ".join(f"(task {m.task.id})" for m in members)

    # --- deployments

    @property
    def primary(self) -> Deployment:
        return self.deployments[0]

    @property
    def launch_type(self) -> str:
        return self.request.get("launchType") or ("" if self.request.get("capacityProviderStrategy") else "FARGATE")

    def deploy(self, definition: Json, config: Json | None = None, rollback_of: str = "") -> Deployment:
        running = self.primary if self.deployments else None
        if running is not None and running.shift is not None and running.rollout == "IN_PROGRESS":
            before = running.shift.old
            shifting.take_back(self, "a newer deployment began.", shifting.STOPPED)
            # The way back to what still runs needs no tasks of its own.
            if before.definition is definition:
                return before
            running = before
        for old in self.deployments:
            if old.status == "PRIMARY":
                old.status = "ACTIVE"
                if old.rollout == "IN_PROGRESS":
                    old.finished = now()
        config = config or {k: self.request[k] for k in DEPLOYED if self.request.get(k)}
        made = Deployment(definition, config, self.launch_type, self.desired, rollback_of=rollback_of)
        if rollback_of:
            made.reason = f"ECS deployment circuit breaker: rolling back to deploymentId {made.id}."
        else:
            made.reason = f"ECS deployment {made.id} in progress."
        made.options = self._options()
        made.shift = shifting.shift_of(made.options, running, several=len(self.deployments) > 1)
        if running is not None:
            made.alternate = running.alternate != (made.shift is not None)
        self.definition = definition
        self.deployments.insert(0, made)
        self.history.insert(0, made)
        self.steady = False
        return made

    def _options(self) -> Json:
        return self.request.get("deploymentConfiguration") or {}

    def _limits(self) -> tuple[int, int]:
        options = self._options()
        least = math.ceil(self.desired * int(options.get("minimumHealthyPercent", 100)) / 100)
        most = math.floor(self.desired * int(options.get("maximumPercent", 200)) / 100)
        return least, most

    def threshold(self) -> int:
        return SETTINGS.breaker_threshold or max(3, min(200, math.ceil(0.5 * self.desired)))

    # --- the loop

    def poke(self, delay: float = 0.0) -> None:
        SCHEDULER.poke(self, delay)

    def reconcile(self) -> None:
        with self.store.lock:
            if self.status == "INACTIVE":
                return
            for member in list(self.members):
                self._look_after(member)
            if self.status == "DRAINING":
                self._drain()
            else:
                self._judge()
                shifting.advance(self)
                self._scale()
                self._complete()
        with self.changed:
            self.changed.notify_all()

    def _look_after(self, member: Member) -> None:
        task = member.task
        if not task.alive:
            self._unregister(member)
            self.members.remove(member)
            self._count_failure(member)
            return
        if member.stop_at is not None:
            if not member.asked and time.monotonic() >= member.stop_at:
                member.asked = True
                member.runner.stop(member.stop_reason, SCALING)
            return
        if task.desired_status == "STOPPED":
            self._unregister(member)
            return
        if task.last_status == "RUNNING":
            if not member.announced:
                member.announced, member.running_since = True, time.monotonic()
                self._register(member)
            self._check(member)

    def _count_failure(self, member: Member) -> None:
        """A task that ended without the scheduler wanting it counts against its deployment."""
        if member.asked or member.counted or member.task.stop_code == "UserInitiated":
            return
        member.counted = True
        deployment = member.deployment
        if deployment.rollout == "IN_PROGRESS":
            deployment.failed += 1
            deployment.updated = now()
            if deployment.failed == self.threshold() and not self._breaker().get("enable"):
                self.event(
                    "is unable to consistently start tasks successfully. For more information, see the Troubleshooting section of the "
                    "Amazon ECS Developer Guide."
                )
        delay = min(0.1 * 2 ** min(deployment.failed, 6), 5.0)
        deployment.next_start = time.monotonic() + delay
        self.poke(delay)

    def _breaker(self) -> Json:
        return self._options().get("deploymentCircuitBreaker") or {}

    # --- load balancers and Cloud Map

    def _register(self, member: Member) -> None:
        task, config = member.task, member.deployment.config
        for entry in config.get("loadBalancers") or []:
            arn = shifting.group_of(entry, member.deployment)
            group = balancers.find_group(self.account, self.region, arn)
            if group is None:
                self.event(f"was unable to register targets in (target-group {arn})")
                continue
            balancers.register(group, task.address, int(entry["containerPort"]), f"{self.region}a")
            member.registered.append((group.arn, task.address, int(entry["containerPort"])))
            self.event(f"registered 1 targets in (target-group {group.arn})")
        for entry in config.get("serviceRegistries") or []:
            service_id = entry["registryArn"].split("/")[-1]
            attributes = {
                "AWS_INSTANCE_IPV4": task.address, "AVAILABILITY_ZONE": f"{self.region}a", "REGION": self.region,
                "ECS_SERVICE_NAME": self.name, "ECS_CLUSTER_NAME": self.cluster.name, "AWS_INIT_HEALTH_STATUS": "HEALTHY",
                "ECS_TASK_DEFINITION_FAMILY": self.definition["family"],
            }  # fmt: skip
            if entry.get("port"):
                attributes["AWS_INSTANCE_PORT"] = str(entry["port"])
            try:
                client(self.account, self.region, "servicediscovery").register_instance(
                    ServiceId=service_id, InstanceId=task.id, Attributes=attributes
                )
                member.instance = (service_id, task.id)
            except Exception as e:
                LOG.debug("cloud map: %s", e)

    def _unregister(self, member: Member) -> float:
        """Takes a task out of target groups and Cloud Map. Returns the seconds that its targets drain."""
        delay = 0.0
        for arn, address, port in member.registered:
            group = balancers.find_group(self.account, self.region, arn)
            if group is not None:
                delay = max(delay, balancers.deregister(group, address, port))
                self.event(f"deregistered 1 targets in (target-group {arn})")
        member.registered.clear()
        if member.instance:
            service_id, instance = member.instance
            member.instance = None
            try:
                client(self.account, self.region, "servicediscovery").deregister_instance(ServiceId=service_id, InstanceId=instance)
            except Exception as e:
                LOG.debug("cloud map: %s", e)
        return delay

    def _targets(self, member: Member) -> list[tuple[str, int, Target]]:
        found = []
        for arn, address, port in member.registered:
            group = balancers.find_group(self.account, self.region, arn)
            target = group.targets.get((address, port)) if group else None
            if target is not None:
                found.append((arn, port, target))
        return found

    def healthy(self, member: Member) -> bool:
        task = member.task
        if task.last_status != "RUNNING" or not member.announced or not member.live:
            return False
        if any(c.definition.get("healthCheck") and c.essential for c in task.containers) and task.health != "HEALTHY":
            return False
        return all(target.state == "healthy" for _, _, target in self._targets(member))

    def _check(self, member: Member) -> None:
        """Replaces a task whose health checks fail."""
        task = member.task
        grace = SETTINGS.scaled(float(self.request.get("healthCheckGracePeriodSeconds") or 0))
        if task.health == "UNHEALTHY":
            self.event(f"(task {task.id}) failed container health checks.")
            self._fail(member, "Task failed container health checks")
            return
        young = time.monotonic() - member.running_since
        for arn, port, target in self._targets(member):
            if target.state != "unhealthy":
                continue
            cause = target.description or "Health checks failed"
            if arn not in member.reported:
                member.reported.add(arn)
                self.event(f"(task {task.id}) (port {port}) is unhealthy in (target-group {arn}) due to (reason {cause}).")
                # ECS looks at the load balancer now and then: an unhealthy target can be seen for a while.
                member.sick_since = time.monotonic()
            sick = time.monotonic() - member.sick_since
            if sick < REACTION:
                self.poke(REACTION - sick + 0.01)
                continue
            if young < grace:
                self.poke(grace - young + 0.01)
                continue
            self._fail(member, f"Task failed ELB health checks in (target-group {arn})")
            return

    def _fail(self, member: Member, reason: str) -> None:
        self._count_failure(member)
        self._retire([member], reason)

    # --- judgement

    def _judge(self) -> None:
        deployment = self.primary
        if deployment.rollout != "IN_PROGRESS":
            return
        breaker, alarms = self._breaker(), self._options().get("alarms") or {}
        if breaker.get("enable") and deployment.failed >= self.threshold():
            # The breaker takes its time: what the stopped tasks left can be read before the rollback removes it.
            deployment.tripped = deployment.tripped or time.monotonic()
            deployment.next_start = max(deployment.next_start, deployment.tripped + 2 * REACTION)
            if (waited := time.monotonic() - deployment.tripped) < REACTION:
                self.poke(REACTION - waited + 0.01)
                return
            text = "tasks failed to start."
            reason = f"ECS deployment circuit breaker: {text}"
            if deployment.shift is not None:
                reason = "Service deployment rolled back because the circuit breaker threshold was exceeded."
            self._give_up(deployment, BREAKER, reason, text, bool(breaker.get("rollback")))
        elif alarms.get("enable"):
            ringing = self._ringing()
            if deployment.deaf is None:
                # Alarms that ring already when a deployment starts are not watched; nor is a way back.
                deployment.deaf = ringing if not deployment.rollback_of else set(alarms.get("alarmNames") or [])
            deployment.rang = ringing - deployment.deaf
            if deployment.rang:
                self._give_up(
                    deployment, ALARM, "ECS deployment failed: alarm detected.", "alarm detected.", bool(alarms.get("rollback"))
                )
            else:
                self.poke(0.3)

    def _ringing(self) -> set[str]:
        names = (self._options().get("alarms") or {}).get("alarmNames") or []
        found = call(self.account, self.region, "cloudwatch", "describe_alarms", AlarmNames=names)
        entries = found.get("MetricAlarms", []) + found.get("CompositeAlarms", [])
        return {a["AlarmName"] for a in entries if a["StateValue"] == "ALARM"}

    def _give_up(self, deployment: Deployment, problem: str, reason: str, text: str, back: bool) -> None:
        if deployment.shift is not None:
            shifting.take_back(self, reason, problem, abort=not back)
            return
        deployment.rollout, deployment.reason, deployment.problem = "FAILED", reason, problem
        deployment.updated = deployment.finished = now()
        self.event(f"(deployment {deployment.id}) deployment failed: {text}")
        proven = next((d for d in self.history if d.proven and d is not deployment), None)
        if back and proven is not None:
            made = self.deploy(proven.definition, proven.config, rollback_of=deployment.id)
            self.event(f"rolling back to (deployment {made.id}).")
        elif back:
            self.event("unable to rollback deployment as no previous deployment exists.")

    def stop_deployment(self, abort: bool) -> None:
        """Somebody stops the newest deployment: things stay as they are, or go back."""
        deployment = self.primary
        text = "service deployment was stopped by the user."
        if deployment.shift is not None:
            shifting.take_back(self, text, shifting.STOPPED, abort)
        else:
            self._give_up(deployment, shifting.STOPPED, text, text, not abort)
        self.poke()

    def _scale(self) -> None:
        primary = self.primary
        least, most = self._limits()
        live = [m for m in self.members if m.live]
        new = [m for m in live if m.deployment is primary]
        old = [m for m in live if m.deployment is not primary]
        present = [m for m in self.members if m.task.alive and not (m.stop_at is not None and m.asked)]
        moves = primary.shift is not None and primary.rollout == "IN_PROGRESS"
        if primary.rollout != "FAILED":
            room = (
                self.desired - len(new)
                if moves
                else min(self.desired - len(new), max(most, 1 if self.desired else 0) - len(new) - len(old))
            )
            if most - len(present) < room and old and not moves:
                room = min(room, max(most - len(present), 0))
            wait = primary.next_start - time.monotonic()
            if room > 0 and wait <= 0:
                started = [self._start(primary) for _ in range(room)]
                self.event(f"has started {len(started)} tasks: {self._names(started)}.")
        if len(new) > self.desired:
            surplus = sorted(new, key=self.healthy)[: len(new) - self.desired]
            self._retire(surplus, f"Scaling activity initiated by (deployment {primary.id})", announce=True)
        if old and not (moves and primary.shift is not None and not primary.shift.lets_go):
            healthy = [m for m in live if self.healthy(m)]
            sick = [m for m in old if not self.healthy(m)]
            if primary.rollout == "FAILED":
                return
            fit = [m for m in old if self.healthy(m)]
            spare = max(len(healthy) - least, 0)
            gone = sick + fit[:spare]
            if primary.rollback_of and not sick:
                gone = fit[:spare]
            if gone:
                self._retire(gone, f"Scaling activity initiated by (deployment {primary.id})", announce=True)

    def _start(self, deployment: Deployment) -> Member:
        config = deployment.config
        strategy = config.get("capacityProviderStrategy") or []
        provider = ""
        if strategy:
            mine = [m for m in self.members if m.live and m.deployment is deployment]
            provider = _provider(strategy, [m.task.capacity_provider for m in mine])
        tags: dict[str, str] = {}
        if self.request.get("propagateTags") == "SERVICE":
            tags = dict(self.tags)
        elif self.request.get("propagateTags") == "TASK_DEFINITION":
            tags = dict(self.store.tags.get(deployment.definition["taskDefinitionArn"], {}))
        if self.request.get("enableECSManagedTags"):
            tags |= {"aws:ecs:clusterName": self.cluster.name, "aws:ecs:serviceName": self.name}
        task = Task(
            self.account, self.region, self.cluster, deployment.definition, group=f"service:{self.name}", started_by=deployment.id,
            launch_type=deployment.launch_type or "FARGATE", capacity_provider=provider,
            network=config.get("networkConfiguration") or {}, tags=tags, exec_enabled=bool(self.request.get("enableExecuteCommand")),
            service=self, aliases=self._aliases(config),
        )  # fmt: skip
        runner = Runner(task, self.poke)
        member = Member(task, runner, deployment)
        self.members.append(member)
        self.store.add_task(task)
        runner.start()
        return member

    def _aliases(self, config: Json) -> list[str]:
        """Names under which other containers of the account reach this service."""
        names = []
        for entry in config.get("serviceRegistries") or []:
            try:
                cloud_map = client(self.account, self.region, "servicediscovery")
                service = cloud_map.get_service(Id=entry["registryArn"].split("/")[-1])["Service"]
                namespace = cloud_map.get_namespace(Id=service["NamespaceId"])["Namespace"]
                names.append(f"{service['Name']}.{namespace['Name']}")
            except Exception as e:
                LOG.debug("cloud map: %s", e)
        connect = config.get("serviceConnectConfiguration") or {}
        for entry in connect.get("services") or []:
            names += [a["dnsName"] for a in entry.get("clientAliases") or [] if a.get("dnsName")]
        return names

    def _retire(self, members: list[Member], reason: str, announce: bool = False) -> None:
        """Deregisters tasks and stops them once their targets have drained."""
        for member in members:
            if member.stop_at is not None:
                continue
            draining = bool(member.registered)
            delay = self._unregister(member)
            member.stop_at, member.stop_reason = time.monotonic() + delay, reason
            if draining:
                self.event("has begun draining connections on 1 tasks.")
                member.task.last_status = "DEACTIVATING" if member.task.last_status == "RUNNING" else member.task.last_status
            self.poke(delay + 0.001)
        if announce:
            self.event(f"has stopped {len(members)} running tasks: {self._names(members)}.")

    def _complete(self) -> None:
        primary = self.primary
        good = [m for m in self.members if m.deployment is primary and self.healthy(m)]
        others = [m for m in self.members if m.task.alive and not (m.deployment is primary and m.live)]
        if primary.rollout == "FAILED":
            self.deployments = [d for d in self.deployments if d is primary or self._has_tasks(d)]
            return
        self.deployments = [d for d in self.deployments if d is primary or self._has_tasks(d)]
        if len(good) >= self.desired and not others and len(good) == len(self.members):
            # A program that ends at once has not come to run: ECS looks at its tasks for a while before it is done.
            young = min((time.monotonic() - m.running_since for m in good), default=SETTLE)
            if primary.rollout == "IN_PROGRESS" and young < SETTLE:
                self.poke(SETTLE - young + 0.001)
                return
            if primary.rollout == "IN_PROGRESS":
                primary.rollout, primary.proven = "COMPLETED", True
                primary.reason = f"ECS deployment {primary.id} completed."
                primary.updated = primary.finished = now()
                self.event(f"(deployment {primary.id}) deployment completed.")
            self.deployments = [primary]
            if not self.steady:
                self.steady = True
                self.event("has reached a steady state.")
        else:
            self.steady = False

    def _has_tasks(self, deployment: Deployment) -> bool:
        return any(m.deployment is deployment for m in self.members)

    def _drain(self) -> None:
        self._retire([m for m in self.members if m.live], "Task stopped: service was deleted")
        if not self.members:
            self.status, self.deployments = "INACTIVE", []

    def delete(self) -> None:
        with self.store.lock:
            self.status, self.desired = "DRAINING", 0
        self.poke()

    # --- view

    def counts(self, deployment: Deployment | None = None) -> tuple[int, int]:
        tasks = [m.task for m in self.members if deployment is None or m.deployment is deployment]
        running = sum(t.last_status in ("RUNNING", "DEACTIVATING") and t.desired_status == "RUNNING" for t in tasks)
        return running, sum(t.last_status in ("PROVISIONING", "PENDING", "ACTIVATING") for t in tasks)

    def describe_deployment(self, d: Deployment) -> Json:
        running, pending = self.counts(d)
        result = {
            "id": d.id, "status": d.status, "taskDefinition": d.definition["taskDefinitionArn"],
            "desiredCount": self.desired if d.status == "PRIMARY" and d.rollout != "FAILED" else 0, "pendingCount": pending,
            "runningCount": running, "failedTasks": d.failed, "createdAt": d.created, "updatedAt": d.updated,
            "platformFamily": "Linux", "platformVersion": "1.4.0", "rolloutState": d.rollout, "rolloutStateReason": d.reason,
            "networkConfiguration": d.config.get("networkConfiguration") or {},
        }  # fmt: skip
        if d.config.get("capacityProviderStrategy"):
            result["capacityProviderStrategy"] = d.config["capacityProviderStrategy"]
        else:
            result["launchType"] = d.launch_type
        if d.config.get("serviceConnectConfiguration"):
            connect = d.config["serviceConnectConfiguration"]
            result["serviceConnectConfiguration"] = connect
            result["serviceConnectResources"] = [
                {"discoveryName": s.get("discoveryName") or s["portName"]} for s in connect.get("services") or []
            ]
        return result

    def describe(self, with_tags: bool) -> Json:
        r = self.request
        running, pending = self.counts()
        result = {
            "serviceArn": self.arn, "serviceName": self.name, "clusterArn": self.cluster.arn,
            "loadBalancers": r.get("loadBalancers") or [], "serviceRegistries": r.get("serviceRegistries") or [],
            "status": self.status, "desiredCount": self.desired, "runningCount": running, "pendingCount": pending,
            "platformVersion": r.get("platformVersion") or "LATEST", "platformFamily": "Linux",
            "taskDefinition": self.definition["taskDefinitionArn"],
            "deploymentConfiguration": {"maximumPercent": 200, "minimumHealthyPercent": 100, "strategy": "ROLLING"} | self._options(),
            "deployments": [self.describe_deployment(d) for d in self.deployments],
            "roleArn": f"arn:aws:iam::{self.account}:role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS",
            "events": list(self.events), "createdAt": self.created, "placementConstraints": r.get("placementConstraints") or [],
            "placementStrategy": r.get("placementStrategy") or [], "networkConfiguration": r.get("networkConfiguration") or {},
            "healthCheckGracePeriodSeconds": r.get("healthCheckGracePeriodSeconds") or 0,
            "schedulingStrategy": r.get("schedulingStrategy") or "REPLICA", "deploymentController": {"type": "ECS"},
            "createdBy": f"arn:aws:iam::{self.account}:root", "enableECSManagedTags": bool(r.get("enableECSManagedTags")),
            "propagateTags": r.get("propagateTags") or "NONE", "enableExecuteCommand": bool(r.get("enableExecuteCommand")),
            "availabilityZoneRebalancing": r.get("availabilityZoneRebalancing") or "DISABLED",
        }  # fmt: skip
        if r.get("capacityProviderStrategy"):
            result["capacityProviderStrategy"] = r["capacityProviderStrategy"]
        else:
            result["launchType"] = self.launch_type
        if with_tags:
            result["tags"] = tag_list(self.tags, "key", "value")
        return result


def _provider(strategy: list[Json], running: list[str]) -> str:
    """The capacity provider of the next task: bases first, then by weight."""
    for entry in strategy:
        if running.count(entry["capacityProvider"]) < int(entry.get("base") or 0):
            return entry["capacityProvider"]
    weighted = [e for e in strategy if int(e.get("weight") or 0) > 0] or strategy
    return min(weighted, key=lambda e: running.count(e["capacityProvider"]) / max(int(e.get("weight") or 0), 1))["capacityProvider"]


def on_target_health(arn: str) -> None:
    account, region = arn.split(":")[4], arn.split(":")[3]
    for service in list(STORES.at(account, region).services.values()):
        if any(r[0] == arn for m in list(service.members) for r in list(m.registered)):
            service.poke()


traffic.ON_HEALTH.append(on_target_health)


# --- for CloudFormation ----------------------------------------------------------------------------------------------


def _by_arn(account: str, region: str, arn: str) -> Service | None:
    return next((s for s in list(STORES.at(account, region).services.values()) if s.arn == arn), None)


def wait_until_stable(account: str, region: str, view: Json, cancelled: Callable[[], bool]) -> str:
    """Waits for a deployment that CreateService or UpdateService has just answered with.

    Returns what went wrong, empty when nothing did, ``cancelled`` when told to stop waiting, ``NOT_STABLE`` after three hours.
    """
    service = _by_arn(account, region, view["serviceArn"])
    if service is None:
        return "Service was not found"
    deployment_id = view["deployments"][0]["id"]
    end = time.monotonic() + SETTINGS.scaled(STABLE_SECONDS, 60)
    while time.monotonic() < end:
        with service.store.lock:
            mine: Any = next((d for d in service.history if d.id == deployment_id), None)
            if service.status != "ACTIVE":
                return "Service is not active"
            if mine is not None and mine.rollout == "FAILED":
                return mine.problem
            primary = service.primary
            if primary.rollout == "COMPLETED" and service.steady:
                return ""
            if primary is not mine and primary.rollout == "FAILED":
                return primary.problem
        if cancelled():
            return "cancelled"
        with service.changed:
            service.changed.wait(0.2)
    return NOT_STABLE


def wait_until_gone(account: str, region: str, arn: str) -> None:
    service = _by_arn(account, region, arn)
    while service is not None and service.status != "INACTIVE":
        with service.changed:
            service.changed.wait(0.2)
