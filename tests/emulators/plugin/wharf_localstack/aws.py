"""The ground the services stand on: operations, errors, state per account and region, tags, clients."""

import json
import threading
import uuid
from collections.abc import Callable, Iterable, Mapping
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar

from botocore import xform_name
from botocore.config import Config
from botocore.credentials import Credentials, ReadOnlyCredentials
from botocore.model import ListShape, MapShape, Shape, StructureShape
from localstack.aws.api import CommonServiceException, RequestContext
from localstack.aws.connect import connect_to
from localstack.aws.spec import load_service
from localstack.services.moto import call_moto
from localstack.services.plugins import Service

Json = dict[str, Any]
T = TypeVar("T")


def now() -> datetime:
    return datetime.now(UTC)


def new_id() -> str:
    """32 hexadecimal digits."""
    return uuid.uuid4().hex


def error(code: str, message: str, status: int = 400) -> CommonServiceException:
    return CommonServiceException(code, message, status_code=status, sender_fault=status < 500)


class Api:
    """Operations of one AWS API: each is a method with the operation's name in snake case, ``(context, request)``."""

    service: str

    def __init__(self, service: str) -> None:
        self.service = service

    def missing(self, context: RequestContext, request: Json) -> Json:
        raise error("InternalFailure", f"{self.service}.{context.operation.name} is not simulated", 501)

    def table(self) -> dict[str, Callable[[RequestContext, Json], Json]]:
        return {op: getattr(self, xform_name(op), self.missing) for op in load_service(self.service).operation_names}

    def as_service(self) -> Service:
        return Service.for_provider(self, dispatch_table_factory=lambda provider: provider.table())


class MotoApi(Api):
    """As ``Api``; what has no method is left to moto."""

    def missing(self, context: RequestContext, request: Json) -> Json:
        return call_moto(context)


class Stores(Generic[T]):
    """One ``T`` for each account and region."""

    def __init__(self, make: Callable[[str, str], T]) -> None:
        self._make = make
        self._all: dict[tuple[str, str], T] = {}
        self._lock = threading.Lock()

    def at(self, account: str, region: str) -> T:
        with self._lock:
            key = (account, region)
            if key not in self._all:
                self._all[key] = self._make(account, region)
            return self._all[key]

    def of(self, context: RequestContext) -> T:
        return self.at(context.account_id, context.region)

    def all(self) -> list[T]:
        with self._lock:
            return list(self._all.values())


# --- tags ------------------------------------------------------------------------------------------------------------


def tag_dict(tags: Iterable[Mapping[str, Any]] | Mapping[str, Any] | None) -> dict[str, str]:
    """Tags in any of AWS's spellings (``Key``/``key``/``TagKey`` lists, or a map) as a dictionary."""
    if not tags:
        return {}
    if isinstance(tags, Mapping):
        return {str(k): str(v) for k, v in tags.items()}
    result = {}
    for tag in tags:
        lower = {k.lower().removeprefix("tag"): v for k, v in tag.items()}
        result[str(lower["key"])] = str(lower.get("value") or "")
    return result


def tag_list(tags: Mapping[str, str], key: str = "Key", value: str = "Value") -> list[dict[str, str]]:
    return [{key: k, value: v} for k, v in tags.items()]


# --- paging ----------------------------------------------------------------------------------------------------------


def page(items: list[Any], token: str | None, size: int) -> tuple[list[Any], str | None]:
    """One page and the token of the next."""
    start = int(token) if token and token.isdigit() else 0
    end = start + size
    return items[start:end], str(end) if end < len(items) else None


# --- clients ---------------------------------------------------------------------------------------------------------

_account: ContextVar[str] = ContextVar("account")
_clients: dict[tuple[str, str], Any] = {}
_clients_lock = threading.Lock()


class _Credentials(Credentials):
    """Those of the account that calls now: boto clients are too big to have one for each account."""

    def get_frozen_credentials(self) -> ReadOnlyCredentials:
        return ReadOnlyCredentials(_account.get(), "test", None)


class AccountClient:
    """A boto client as one account uses it."""

    def __init__(self, account: str, api: Any) -> None:
        self._name, self._api = account, api

    def __getattr__(self, name: str) -> Any:
        attribute = getattr(self._api, name)
        if name not in self._api.meta.method_to_api_mapping:
            return attribute

        def operation(**parameters: Any) -> Any:
            before = _account.set(self._name)
            try:
                return attribute(**parameters)
            finally:
                _account.reset(before)

        return operation

    def pages(self, operation: str, key: str, **parameters: Any) -> list[Any]:
        """What all pages of an operation hold under a key."""
        before = _account.set(self._name)
        try:
            return list(self._api.get_paginator(operation).paginate(**parameters).search(f"{key}[]"))
        finally:
            _account.reset(before)


def client(account: str, region: str, service: str) -> Any:
    """A client of that account that calls LocalStack in this process."""
    key = (region, service)
    with _clients_lock:
        if key not in _clients:
            # An error is an answer here, not a reason to try again.
            once = Config(retries={"mode": "standard", "total_max_attempts": 1})
            factory = connect_to(aws_access_key_id="wharf", region_name=region, config=once)
            api = getattr(factory, service.replace("-", "_"))
            api._request_signer._credentials = _Credentials("wharf", "test")
            _clients[key] = api
        return AccountClient(account, _clients[key])


def shaped(shape: Shape, value: Any) -> Any:
    """A value of a template in the form of the API: names matched without regard to case, unknown ones dropped, scalars
    converted."""
    if isinstance(shape, StructureShape):
        if isinstance(value, list) and {"Quantity", "Items"} <= set(shape.members):  # CloudFront's lists
            value = {"Quantity": len(value), "Items": value}
        if not isinstance(value, Mapping):
            return value
        names = {name.lower(): name for name in shape.members}
        result = {}
        for key, item in value.items():
            name = names.get(str(key).lower())
            if name is not None and item is not None:
                result[name] = shaped(shape.members[name], item)
        return result
    if isinstance(shape, ListShape):
        return [shaped(shape.member, item) for item in (value if isinstance(value, list) else [value])]
    if isinstance(shape, MapShape):
        if isinstance(value, list):
            value = tag_dict(value)
        return {str(k): shaped(shape.value, v) for k, v in value.items()}
    match shape.type_name:
        case "string":
            if isinstance(value, bool):
                return str(value).lower()
            return json.dumps(value) if isinstance(value, (dict, list)) else str(value)
        case "integer" | "long":
            return int(float(value))
        case "float" | "double":
            return float(value)
        case "boolean":
            return value if isinstance(value, bool) else str(value).lower() == "true"
    return value


def call(account: str, region: str, service: str, operation: str, /, **parameters: Any) -> Any:
    """Calls an operation (snake case) with parameters as a template has them."""
    api = client(account, region, service)
    model = api.meta.service_model.operation_model(api.meta.method_to_api_mapping[operation])
    if model.input_shape is not None:
        parameters = shaped(model.input_shape, parameters)
    return getattr(api, operation)(**parameters)


def role_exists(account: str, name: str) -> bool:
    iam = client(account, "us-east-1", "iam")
    try:
        iam.get_role(RoleName=name)
    except iam.exceptions.NoSuchEntityException:
        return False
    return True
