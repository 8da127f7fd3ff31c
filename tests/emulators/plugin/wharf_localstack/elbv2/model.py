"""Load balancers and what belongs to them."""

import threading
import uuid
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from wharf_localstack.aws import Json, Stores, now

DESCRIPTIONS = {
    "Elb.RegistrationInProgress": "Target registration is in progress",
    "Elb.InitialHealthChecking": "Initial health checks in progress",
    "Target.FailedHealthChecks": "Health checks failed",
    "Target.Timeout": "Request timed out",
    "Target.NotInUse": "Target group is not configured to receive traffic from the load balancer",
    "Target.DeregistrationInProgress": "Target deregistration is in progress",
}


def short_id() -> str:
    return uuid.uuid4().hex[:16]


@dataclass(eq=False)
class Target:
    id: str
    port: int
    zone: str
    state: str = "initial"
    reason: str = "Elb.RegistrationInProgress"
    description: str = DESCRIPTIONS["Elb.RegistrationInProgress"]
    registered: datetime = field(default_factory=now)
    #: Deregistered and past its drain time.
    gone: bool = False

    def set(self, state: str, reason: str = "", description: str = "") -> bool:
        """Returns whether that is a change."""
        before = (self.state, self.reason, self.description)
        self.state, self.reason, self.description = state, reason, description or DESCRIPTIONS.get(reason, "")
        return before != (self.state, self.reason, self.description)


@dataclass(eq=False)
class TargetGroup:
    arn: str
    name: str
    account: str
    region: str
    settings: Json
    attributes: dict[str, str]
    targets: dict[tuple[str, int], Target] = field(default_factory=dict)

    @property
    def protocol(self) -> str:
        return self.settings.get("Protocol", "HTTP")


@dataclass(eq=False)
class Rule:
    arn: str
    priority: str
    conditions: list[Json]
    actions: list[Json]

    @property
    def is_default(self) -> bool:
        return self.priority == "default"

    @property
    def order(self) -> int:
        return 1_000_000 if self.is_default else int(self.priority)


@dataclass(eq=False)
class Listener:
    arn: str
    balancer: "LoadBalancer"
    port: int
    protocol: str
    rules: list[Rule]
    certificates: list[str] = field(default_factory=list)
    policy: str = ""
    attributes: dict[str, str] = field(default_factory=dict)
    server: Any = None

    @property
    def default(self) -> Rule:
        return next(r for r in self.rules if r.is_default)

    def sorted_rules(self) -> list[Rule]:
        return sorted(self.rules, key=lambda r: r.order)


@dataclass(eq=False)
class LoadBalancer:
    arn: str
    name: str
    type: str
    scheme: str
    vpc: str
    zones: list[Json]
    groups: list[str]
    address: str
    #: Port that stands for port 80 when the address is not the load balancer's own.
    shared_port: int | None
    attributes: dict[str, str]
    created: datetime = field(default_factory=now)
    listeners: dict[str, Listener] = field(default_factory=dict)
    ip_type: str = "ipv4"

    @property
    def dns_name(self) -> str:
        return f"{self.address}:{self.shared_port}" if self.shared_port else self.address


def action_groups(actions: list[Json]) -> list[str]:
    """Target groups that actions forward to."""
    result = []
    for action in actions:
        if action.get("Type") == "forward":
            groups = (action.get("ForwardConfig") or {}).get("TargetGroups") or []
            result += [g["TargetGroupArn"] for g in groups] or [action["TargetGroupArn"]]
    return result


class Store:
    """Everything of one account and region."""

    def __init__(self, account: str, region: str) -> None:
        self.account, self.region = account, region
        self.balancers: dict[str, LoadBalancer] = {}
        self.groups: dict[str, TargetGroup] = {}
        self.tags: dict[str, dict[str, str]] = {}
        self.lock = threading.RLock()

    def listeners(self) -> list[Listener]:
        return [x for b in self.balancers.values() for x in b.listeners.values()]

    def users(self, group: str) -> list[LoadBalancer]:
        """Load balancers that send traffic to a target group."""
        with self.lock:
            return [
                b
                for b in self.balancers.values()
                if any(group in action_groups(r.actions) for x in b.listeners.values() for r in x.rules)
            ]


STORES: Stores[Store] = Stores(Store)
