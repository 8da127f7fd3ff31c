"""Handlers of resource types. A type that has none here is handled by LocalStack's own, when there is one."""

import threading
from collections.abc import Callable, Iterable
from importlib import import_module
from typing import Any, TypeVar

from botocore.exceptions import ClientError

from wharf_localstack.aws import Json, tag_dict
from wharf_localstack.cloudformation.engine import Cancelled, Failed, Handler, Request
from wharf_localstack.cloudformation.model import Resource

_HANDLERS: dict[str, Handler] = {}
_MODULES = (
    "apprunner",
    "balancing",
    "code",
    "containers",
    "custom",
    "delivery",
    "identity",
    "messaging",
    "nested",
    "network",
    "observability",
    "storage",
)
_loading = threading.RLock()
H = TypeVar("H", bound=type[Handler])


def resource(resource_type: str) -> Callable[[H], H]:
    """Registers a handler for a resource type."""

    def register(cls: H) -> H:
        _HANDLERS[resource_type] = cls()
        return cls

    return register


def handler(resource_type: str) -> Handler:
    with _loading:
        for module in _MODULES:
            import_module(f"{__name__}.{module}")
    if resource_type.startswith("Custom::") or resource_type == "AWS::CloudFormation::CustomResource":
        from wharf_localstack.cloudformation.resources.custom import CustomResource

        return CustomResource()
    if resource_type not in _HANDLERS:
        from wharf_localstack.cloudformation.resources.fallback import Fallback

        _HANDLERS[resource_type] = Fallback(resource_type)
    return _HANDLERS[resource_type]


def without(properties: Json, *names: str) -> Json:
    return {k: v for k, v in properties.items() if k not in names}


def only(properties: Json, *names: str) -> Json:
    return {k: v for k, v in properties.items() if k in names}


def changed(old: Resource, properties: Json, name: str) -> bool:
    return old.properties.get(name) != properties.get(name)


def tag_changes(before: Any, after: Any) -> tuple[dict[str, str], list[str]]:
    """Tags to set, and keys to remove."""
    old, new = tag_dict(before), tag_dict(after)
    return {k: v for k, v in new.items() if old.get(k) != v}, [k for k in old if k not in new]


def list_changes(before: Iterable[Any] | None, after: Iterable[Any] | None) -> tuple[list[Any], list[Any]]:
    """Items to add, and items to remove."""
    old, new = list(before or []), list(after or [])
    return [i for i in new if i not in old], [i for i in old if i not in new]


def ignoring(call: Callable[..., Any], *codes: str, **parameters: Any) -> Any:
    """Calls, and takes errors with one of the codes (or ``InternalFailure``: not there in LocalStack) for success."""
    try:
        return call(**parameters)
    except ClientError as e:
        if e.response["Error"].get("Code") not in (*codes, "InternalFailure", "NotImplemented", "501", "404"):
            raise
        return None


__all__ = ["Cancelled", "Failed", "Handler", "Request", "Resource", "changed", "handler", "ignoring", "list_changes", "only", "resource", "tag_changes", "without"]  # fmt: skip
