"""ECS's data: clusters, task definitions, tasks."""

import random
import threading
import uuid
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from wharf_localstack.aws import Json, Stores, error, new_id, now, tag_list

if TYPE_CHECKING:
    from wharf_localstack.ecs.service import Service

STOPPED_KEPT = 200


@dataclass(eq=False)
class Cluster:
    name: str
    arn: str
    settings: list[Json]
    configuration: Json | None
    capacity_providers: list[str]
    default_strategy: list[Json]
    service_connect: Json | None = None
    status: str = "ACTIVE"


@dataclass(eq=False)
class Container:
    definition: Json
    arn: str
    last_status: str = "PENDING"
    health: str = "UNKNOWN"
    exit_code: int | None = None
    reason: str = ""
    image_digest: str = ""
    runtime_id: str = ""

    @property
    def name(self) -> str:
        return self.definition["name"]

    @property
    def essential(self) -> bool:
        return bool(self.definition.get("essential", True))

    def view(self, task: "Task") -> Json:
        result: Json = {
            "containerArn": self.arn,
            "taskArn": task.arn,
            "name": self.name,
            "image": self.definition["image"],
            "lastStatus": self.last_status,
            "healthStatus": self.health,
            "networkBindings": [],
            "networkInterfaces": [],
            "cpu": str(self.definition.get("cpu", 0)),
        }
        if task.address:
            result["networkInterfaces"] = [{"attachmentId": task.attachment, "privateIpv4Address": task.address}]
        optional = {
            "imageDigest": self.image_digest,
            "runtimeId": self.runtime_id,
            "reason": self.reason,
            "exitCode": self.exit_code,
            "memory": str(self.definition["memory"]) if self.definition.get("memory") else None,
        }
        result |= {k: v for k, v in optional.items() if v not in (None, "")}
        if task.exec_enabled and self.last_status == "RUNNING":
            agent = {"name": "ExecuteCommandAgent", "lastStatus": "RUNNING", "lastStartedAt": task.started}
            result["managedAgents"] = [agent]
        return result


@dataclass(eq=False)
class Task:
    account: str
    region: str
    cluster: Cluster
    definition: Json
    group: str
    started_by: str
    launch_type: str
    capacity_provider: str = ""
    network: Json = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    overrides: Json = field(default_factory=dict)
    exec_enabled: bool = False
    platform_version: str = "1.4.0"
    service: "Service | None" = None
    #: Names under which other tasks of the account find this one.
    aliases: list[str] = field(default_factory=list)

    id: str = field(default_factory=new_id)
    last_status: str = "PROVISIONING"
    desired_status: str = "RUNNING"
    health: str = "UNKNOWN"
    containers: list[Container] = field(default_factory=list)
    version: int = 1
    created: datetime = field(default_factory=now)
    pull_started: datetime | None = None
    pull_stopped: datetime | None = None
    started: datetime | None = None
    stopping: datetime | None = None
    stopped: datetime | None = None
    execution_stopped: datetime | None = None
    stop_code: str = ""
    stopped_reason: str = ""
    #: Network interface.
    interface: str = ""
    address: str = ""
    subnet: str = ""
    attachment: str = field(default_factory=lambda: str(uuid.uuid4()))

    def __post_init__(self) -> None:
        base = f"arn:aws:ecs:{self.region}:{self.account}"
        self.arn = f"{base}:task/{self.cluster.name}/{self.id}"
        for definition in self.definition["containerDefinitions"]:
            arn = f"{base}:container/{self.cluster.name}/{self.id}/{uuid.uuid4()}"
            self.containers.append(Container(definition, arn, runtime_id=f"{self.id}-{random.randint(10**8, 10**10)}"))

    @property
    def alive(self) -> bool:
        return self.last_status != "STOPPED"

    def container(self, name: str) -> Container | None:
        return next((c for c in self.containers if c.name == name), None)

    def view(self, with_tags: bool = True) -> Json:
        attachment_status = "DELETED" if not self.alive else "ATTACHED" if self.interface else "PRECREATED"
        details = [{"name": "subnetId", "value": self.subnet}] if self.subnet else []
        if self.interface:
            details += [
                {"name": "networkInterfaceId", "value": self.interface},
                {"name": "macAddress", "value": "02:00:00:00:00:00"},
                {"name": "privateIPv4Address", "value": self.address},
            ]
        attachment = {"id": self.attachment, "type": "ElasticNetworkInterface", "status": attachment_status, "details": details}
        runtime = self.definition.get("runtimePlatform") or {}
        result: Json = {
            "taskArn": self.arn,
            "clusterArn": self.cluster.arn,
            "taskDefinitionArn": self.definition["taskDefinitionArn"],
            "group": self.group,
            "launchType": self.launch_type,
            "lastStatus": self.last_status,
            "desiredStatus": self.desired_status,
            "healthStatus": self.health,
            "containers": [c.view(self) for c in self.containers],
            "attachments": [attachment] if self.subnet else [],
            "attributes": [{"name": "ecs.cpu-architecture", "value": (runtime.get("cpuArchitecture") or "X86_64").lower()}],
            "availabilityZone": f"{self.region}a",
            "connectivity": "CONNECTED",
            "connectivityAt": self.created,
            "cpu": self.definition.get("cpu") or "256",
            "memory": self.definition.get("memory") or "512",
            "createdAt": self.created,
            "enableExecuteCommand": self.exec_enabled,
            "overrides": {"containerOverrides": [{"name": c.name} for c in self.containers]} | self.overrides,
            "platformFamily": "Linux",
            "platformVersion": self.platform_version,
            "version": self.version,
            "ephemeralStorage": self.definition.get("ephemeralStorage") or {"sizeInGiB": 20},
            "tags": tag_list(self.tags, "key", "value") if with_tags else [],
        }
        optional = {
            "startedBy": self.started_by,
            "capacityProviderName": self.capacity_provider,
            "pullStartedAt": self.pull_started,
            "pullStoppedAt": self.pull_stopped,
            "startedAt": self.started,
            "stoppingAt": self.stopping,
            "stoppedAt": self.stopped,
            "executionStoppedAt": self.execution_stopped,
            "stopCode": self.stop_code,
            "stoppedReason": self.stopped_reason,
        }
        return result | {k: v for k, v in optional.items() if v}


class Store:
    """ECS of one account and region."""

    def __init__(self, account: str, region: str) -> None:
        self.account, self.region = account, region
        self.clusters: dict[str, Cluster] = {}
        self.definitions: dict[str, list[Json]] = {}
        self.services: dict[tuple[str, str], Service] = {}
        self.tasks: dict[str, Task] = {}
        self.tags: dict[str, dict[str, str]] = {}
        self.settings: dict[str, str] = {}
        self.lock = threading.RLock()

    def arn(self, kind: str, name: str) -> str:
        return f"arn:aws:ecs:{self.region}:{self.account}:{kind}/{name}"

    def cluster(self, name: str | None) -> Cluster:
        short = (name or "default").split("/")[-1]
        found = self.clusters.get(short)
        if found is None or found.status != "ACTIVE":
            raise error("ClusterNotFoundException", "Cluster not found.")
        return found

    def definition(self, name: str) -> Json:
        """By ARN, ``family`` (the latest active) or ``family:revision``."""
        family, _, revision = name.split("/")[-1].partition(":")
        for entry in reversed(self.definitions.get(family, [])):
            if (revision and str(entry["revision"]) == revision) or (not revision and entry["status"] == "ACTIVE"):
                return entry
        raise error("ClientException", "Unable to describe task definition.")

    def add_task(self, task: Task) -> None:
        with self.lock:
            self.tasks[task.id] = task
            self.tags[task.arn] = task.tags
            stopped = [t for t in self.tasks.values() if not t.alive]
            for old in stopped[: max(len(stopped) - STOPPED_KEPT, 0)]:
                del self.tasks[old.id]
                self.tags.pop(old.arn, None)


STORES: Stores[Store] = Stores(Store)


def text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
