"""Stacks, their resources, events and change sets."""

import json
import random
import string
import threading
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from wharf_localstack.aws import Json, Stores, now, tag_list
from wharf_localstack.cloudformation.template import Parameter, invalid

STACK_TYPE = "AWS::CloudFormation::Stack"


def random_suffix(length: int = 12) -> str:
    return "".join(random.choices(string.ascii_uppercase + string.digits, k=length))


@dataclass(frozen=True)
class Resource:
    """A resource as it was last deployed; never changed in place, so that a rollback can go back to it."""

    logical_id: str
    type: str
    physical_id: str | None = None
    #: Evaluated properties, the stack's tags included.
    properties: Json = field(default_factory=dict)
    attributes: Json = field(default_factory=dict)
    metadata: Any = None
    deletion_policy: str = "Delete"
    replace_policy: str = "Delete"
    #: Logical ids that this one refers to.
    needs: frozenset[str] = frozenset()
    status: str = ""
    reason: str = ""
    changed: datetime = field(default_factory=now)

    def but(self, **changes: Any) -> "Resource":
        return replace(self, **changes)


@dataclass
class Target:
    """What a stack is to become."""

    template: Json
    body: str
    parameters: dict[str, Parameter]
    tags: dict[str, str]
    capabilities: list[str] = field(default_factory=list)
    role_arn: str | None = None
    notification_arns: list[str] = field(default_factory=list)


@dataclass
class ChangeSet:
    name: str
    id: str
    type: str
    target: Target
    status: str = "CREATE_PENDING"
    status_reason: str = ""
    execution_status: str = "UNAVAILABLE"
    changes: list[Json] = field(default_factory=list)
    description: str = ""
    created: datetime = field(default_factory=now)
    on_failure: str | None = None
    include_nested: bool = False
    #: DeploymentConfig as it was given.
    deployment: Json = field(default_factory=dict)


@dataclass
class Stack:
    account: str
    region: str
    name: str
    template: Json = field(default_factory=dict)
    body: str = ""
    parameters: dict[str, Parameter] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    capabilities: list[str] = field(default_factory=list)
    role_arn: str | None = None
    notification_arns: list[str] = field(default_factory=list)
    status: str = ""
    reason: str = ""
    created: datetime = field(default_factory=now)
    updated: datetime | None = None
    deleted: datetime | None = None
    resources: dict[str, Resource] = field(default_factory=dict)
    outputs: list[Json] = field(default_factory=list)
    imports: set[str] = field(default_factory=set)
    events: list[Json] = field(default_factory=list)
    change_sets: dict[str, ChangeSet] = field(default_factory=dict)
    change_set: ChangeSet | None = None
    protected: bool = False
    disable_rollback: bool = False
    #: DeploymentConfig of the last operation, as it was given.
    deployment: Json = field(default_factory=dict)
    parent: "Stack | None" = None
    policy: str | None = None
    token: str | None = None
    #: Set to interrupt the running operation.
    cancel: threading.Event = field(default_factory=threading.Event)
    delete_after_cancel: bool = False
    #: Retained resources of a deletion that is to follow the running operation.
    retain: frozenset[str] = frozenset()
    #: What a failed rollback still has to undo.
    unfinished: Any = None
    lock: threading.RLock = field(default_factory=threading.RLock)
    finished: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.id = f"arn:aws:cloudformation:{self.region}:{self.account}:stack/{self.name}/{uuid.uuid4()}"

    @property
    def root(self) -> "Stack":
        return self.parent.root if self.parent else self

    @property
    def express(self) -> bool:
        """Whether the operation is done once the configuration is applied; nested stacks go as the whole does."""
        return self.root.deployment.get("Mode") == "EXPRESS"

    @property
    def busy(self) -> bool:
        return self.status.endswith("_IN_PROGRESS") and self.status != "REVIEW_IN_PROGRESS"

    @property
    def exports(self) -> dict[str, str]:
        return {o["ExportName"]: o["OutputValue"] for o in self.outputs if "ExportName" in o}

    def set_status(self, status: str, reason: str = "") -> None:
        with self.lock:
            self.status, self.reason = status, reason
            self._event(self.name, STACK_TYPE, self.id, status, reason, str(uuid.uuid4()))
            if status == "DELETE_COMPLETE":
                self.deleted = now()

    def set_resource(self, resource: Resource, status: str, reason: str = "") -> Resource:
        """Records a status of a resource, as an event too; DELETE_COMPLETE forgets it."""
        with self.lock:
            resource = resource.but(status=status, reason=reason, changed=now())
            self.resources[resource.logical_id] = resource
            self.resource_event(resource, status, reason)
            return resource

    def resource_event(self, resource: Resource, status: str, reason: str = "") -> None:
        with self.lock:
            event_id = f"{resource.logical_id}-{status}-{now().isoformat(timespec='milliseconds')}"
            self._event(
                resource.logical_id, resource.type, resource.physical_id or "", status, reason, event_id, resource.properties
            )

    def _event(
        self, logical: str, kind: str, physical: str, status: str, reason: str, event_id: str, properties: Any = None
    ) -> None:
        event = {
            "StackId": self.id,
            "EventId": event_id,
            "StackName": self.name,
            "LogicalResourceId": logical,
            "PhysicalResourceId": physical,
            "ResourceType": kind,
            "Timestamp": now(),
            "ResourceStatus": status,
        }
        if reason:
            event["ResourceStatusReason"] = reason
        if self.token:
            event["ClientRequestToken"] = self.token
        if properties is not None and status.endswith(("IN_PROGRESS", "FAILED")):
            event["ResourceProperties"] = json.dumps(properties, default=str)
        self.events.append(event)

    def describe(self) -> Json:
        with self.lock:
            result: Json = {
                "StackId": self.id,
                "StackName": self.name,
                "CreationTime": self.created,
                "StackStatus": self.status,
                "DisableRollback": self.disable_rollback,
                "NotificationARNs": self.notification_arns,
                "Tags": tag_list(self.tags),
                "Outputs": [{k: v for k, v in o.items() if not k.startswith("_")} for o in self.outputs],
                "Parameters": [describe_parameter(p) for p in self.parameters.values()],
                "EnableTerminationProtection": self.root.protected,
                "DriftInformation": {"StackDriftStatus": "NOT_CHECKED"},
                "Capabilities": self.capabilities,
                "RollbackConfiguration": {},
            }
            optional = {
                "Description": self.template.get("Description"),
                "StackStatusReason": self.reason,
                "LastUpdatedTime": self.updated,
                "DeletionTime": self.deleted,
                "RoleARN": self.role_arn,
                "ChangeSetId": self.change_set.id if self.change_set else None,
                "ParentId": self.parent.id if self.parent else None,
                "RootId": self.root.id if self.parent else None,
            }
            if self.deployment:
                result["DeploymentConfig"] = self.deployment
            return result | {k: v for k, v in optional.items() if v}


def describe_parameter(parameter: Parameter) -> Json:
    result = {
        "ParameterKey": parameter.key,
        "ParameterValue": "****" if parameter.no_echo else parameter.value,
    }
    if parameter.resolved is not None:
        result["ResolvedValue"] = parameter.resolved
    return result


class Store:
    """The stacks of one account and region."""

    def __init__(self, account: str, region: str) -> None:
        self.account, self.region = account, region
        self.stacks: dict[str, Stack] = {}
        self.lock = threading.RLock()

    def find(self, name_or_id: str) -> Stack | None:
        """By id, deleted stacks too; by name only those that are there."""
        with self.lock:
            if name_or_id.startswith("arn:"):
                return self.stacks.get(name_or_id)
            return next((s for s in self.live() if s.name == name_or_id), None)

    def get(self, name_or_id: str, message: str = "Stack with id {} does not exist") -> Stack:
        stack = self.find(name_or_id)
        if stack is None:
            raise invalid(message.format(name_or_id))
        return stack

    def live(self) -> list[Stack]:
        return [s for s in self.stacks.values() if s.status != "DELETE_COMPLETE"]

    def add(self, stack: Stack) -> Stack:
        with self.lock:
            self.stacks[stack.id] = stack
            return stack

    def exports(self) -> dict[str, tuple[Stack, str]]:
        with self.lock:
            return {name: (s, value) for s in self.live() for name, value in s.exports.items()}

    def importers(self, export: str) -> list[Stack]:
        with self.lock:
            return [s for s in self.live() if export in s.imports]


STORES: Stores[Store] = Stores(Store)


def join(names: Iterable[str]) -> str:
    return ", ".join(names)
