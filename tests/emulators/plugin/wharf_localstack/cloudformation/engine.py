"""Carries out what is to happen to a stack: create, update, delete and the way back."""

import json
import logging
import re
import threading
import uuid
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError, ParamValidationError
from localstack.aws.api import ServiceException

from wharf_localstack.aws import Json, call, client, error, now, tag_dict, tag_list
from wharf_localstack.cloudformation.model import STACK_TYPE, STORES, Resource, Stack, Target, join, random_suffix
from wharf_localstack.cloudformation.schemas import schema
from wharf_localstack.cloudformation.template import (
    NO_VALUE,
    Evaluator,
    Parameter,
    bind_parameters,
    check_properties,
    comparable,
    depends_on,
    invalid,
    references,
    validate,
)

LOG = logging.getLogger(__name__)
WORKERS = 16


class Failed(Exception):
    """A handler could not do its work; the text is the resource's status reason."""


class Cancelled(Failed):
    """The handler was interrupted."""


@dataclass
class Request:
    """What a handler knows of the resource it works for."""

    stack: Stack
    logical_id: str
    type: str
    token: str
    cancelled: Callable[[], bool]
    #: Tells the physical id before the handler returns.
    initiated: Callable[..., None]

    @property
    def account(self) -> str:
        return self.stack.account

    @property
    def region(self) -> str:
        return self.stack.region

    @property
    def express(self) -> bool:
        """Whether to return once the configuration is applied, before it has come to rest."""
        return self.stack.express

    def call(self, service: str, operation: str, /, **parameters: Any) -> Any:
        return call(self.account, self.region, service, operation, **parameters)

    def client(self, service: str) -> Any:
        return client(self.account, self.region, service)

    def name(self, limit: int = 255) -> str:
        """A name as CloudFormation makes them: <stack>-<logical id>-<random>."""
        room = max(limit - 14, 2)
        stack, logical = self.stack.name, self.logical_id
        if len(stack) + len(logical) > room:
            stack, logical = stack[: room - room // 2], logical[: room // 2]
        return f"{stack}-{logical}-{random_suffix()}"[:limit]


class Handler:
    """One resource type. ``create`` returns the physical id and the attributes, ``update`` the attributes."""

    def create(self, request: Request, properties: Json) -> tuple[str, Json]:
        raise NotImplementedError

    def update(self, request: Request, old: Resource, properties: Json) -> Json:
        raise Failed(f"Update of resource type {request.type} is not simulated")

    def delete(self, request: Request, old: Resource) -> None:
        raise NotImplementedError


def words(e: Exception, token: str) -> str:
    """An exception as the status reason of a resource."""
    if isinstance(e, Failed):
        return str(e)
    if isinstance(e, ClientError):
        code, message = e.response["Error"].get("Code", "Unknown"), e.response["Error"].get("Message", str(e))
        status = e.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 400)
    elif isinstance(e, ServiceException):
        code, message, status = e.code, e.message, e.status_code
    elif isinstance(e, ParamValidationError):
        code, message, status = "ValidationError", str(e), 400
    else:
        LOG.exception("resource handler")
        return f"Internal Failure ({type(e).__name__}: {e})"
    kinds = {"Exists": "AlreadyExists", "Duplicate": "AlreadyExists", "NotFound": "NotFound", "NoSuch": "NotFound",
             "AccessDenied": "AccessDenied", "Limit": "ServiceLimitExceeded", "Throttl": "Throttling"}  # fmt: skip
    handler_code = next(
        (v for k, v in kinds.items() if k in code), "GeneralServiceException" if status >= 500 else "InvalidRequest"
    )
    return (
        f'Resource handler returned message: "{message} (Service: AWS, Status Code: {status}, Error Code: {code}, '
        f'Request ID: {uuid.uuid4()})" (RequestToken: {token}, HandlerErrorCode: {handler_code})'
    )


def missing(e: Exception) -> bool:
    """Whether an error says that the thing is not there (so its deletion has nothing to do)."""
    if not isinstance(e, ClientError):
        return False
    code = e.response["Error"].get("Code", "")
    return any(part in code for part in ("NotFound", "NoSuch", "DoesNotExist", "NonExistent", "404"))


# --- evaluation in a stack -------------------------------------------------------------------------------------------


def evaluator(
    stack: Stack,
    template: Json,
    parameters: dict[str, Parameter],
    ref: Callable[[str], Any],
    attribute: Callable[[str, str], Any],
    imports: set[str] | None = None,
) -> Evaluator:
    store = STORES.at(stack.account, stack.region)

    def imported(name: str) -> str:
        export = store.exports().get(name)
        if export is None:
            raise invalid(f"No export named {name} found.")
        if imports is not None:
            imports.add(name)
        return export[1]

    def dynamic(service: str, reference: str) -> str:
        if service.startswith("ssm"):
            name, _, version = reference.partition(":")
            value = call(
                stack.account, stack.region, "ssm", "get_parameter", Name=reference if version else name, WithDecryption=True
            )
            return value["Parameter"]["Value"]
        arn = reference.split(":")
        size = 7 if reference.startswith("arn:") else 1
        secret, rest = ":".join(arn[:size]), arn[size:]
        value = call(stack.account, stack.region, "secretsmanager", "get_secret_value", SecretId=secret)["SecretString"]
        key = rest[1] if len(rest) > 1 else ""
        return str(json.loads(value)[key]) if key else value

    def zones(region: str) -> list[str]:
        return [f"{region}{letter}" for letter in "abc"]

    pseudo = {
        "AWS::AccountId": stack.account,
        "AWS::NotificationARNs": list(stack.notification_arns),
        "AWS::NoValue": NO_VALUE,
        "AWS::Partition": "aws",
        "AWS::Region": stack.region,
        "AWS::StackId": stack.id,
        "AWS::StackName": stack.name,
        "AWS::URLSuffix": "amazonaws.com",
    }
    return Evaluator(template, parameters, pseudo, ref, attribute, imported, dynamic, zones)


def read_attribute(resource: Resource, name: str) -> Any:
    if name in resource.attributes:
        return resource.attributes[name]
    value: Any = resource.attributes
    for part in name.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    if value is None:
        value = resource.properties.get(name) if name in resource.properties else None
    if value is None:
        raise invalid(f"Template error: resource {resource.logical_id} does not support attribute type {name} in Fn::GetAtt")
    return value


def bind(stack: Stack, template: Json, given: list[Json], previous: dict[str, Parameter]) -> dict[str, Parameter]:
    def ssm(name: str) -> str:
        try:
            return call(stack.account, stack.region, "ssm", "get_parameter", Name=name)["Parameter"]["Value"]
        except ClientError:
            raise invalid(f"Unable to fetch parameters [{name}] from parameter store for this account.") from None

    return bind_parameters(template, given, previous, ssm)


def tagged(resource_type: str, properties: Json, tags: dict[str, str]) -> Json:
    """Properties with the stack's tags added; the resource's own win."""
    entry = schema(resource_type)
    if not entry.tags or not tags or resource_type.startswith("Custom::"):
        return properties
    own = properties.get(entry.tags)
    if entry.tag_map:
        return properties | {entry.tags: tags | tag_dict(own)}
    keys = set(tag_dict(own))
    extra = {k: v for k, v in tags.items() if k not in keys}
    return properties | {entry.tags: [*(own or []), *tag_list(extra)]}


def included_resources(evaluate: Evaluator) -> dict[str, Json]:
    return {n: r for n, r in evaluate.template["Resources"].items() if evaluate.included(r)}


def dependencies(evaluate: Evaluator) -> dict[str, frozenset[str]]:
    """For each resource of a template: the resources that must be there before it."""
    resources = included_resources(evaluate)
    result = {}
    for name, resource in resources.items():
        needs = references(evaluate.pick(resource.get("Properties") or {}))
        lost = needs & (set(evaluate.template["Resources"]) - set(resources))
        if lost:
            raise invalid(
                f"Template format error: Unresolved resource dependencies [{join(sorted(lost))}] in the Resources block of the"
                " template"
            )
        result[name] = frozenset((needs | set(depends_on(resource))) & set(resources))
    seen: set[str] = set()
    rest = dict(result)
    while ready := [n for n, needs in rest.items() if needs <= seen]:
        seen.update(ready)
        for name in ready:
            del rest[name]
    if rest:
        raise invalid(f"Circular dependency between resources: [{join(sorted(rest))}]")
    return result


def check(stack: Stack, target: Target) -> Evaluator:
    """Everything that CloudFormation refuses before it starts."""
    validate(target.template)

    def nothing(*_: str) -> Any:
        return ""

    evaluate = evaluator(stack, target.template, target.parameters, nothing, nothing)
    dependencies(evaluate)
    needed = set()
    for resource in target.template["Resources"].values():
        if resource["Type"] in ("AWS::IAM::Role", "AWS::IAM::Policy", "AWS::IAM::ManagedPolicy", "AWS::IAM::User", "AWS::IAM::Group",
                                "AWS::IAM::InstanceProfile", "AWS::IAM::AccessKey"):  # fmt: skip
            names = ("RoleName", "ManagedPolicyName", "UserName", "GroupName", "InstanceProfileName")
            named = any(n in (resource.get("Properties") or {}) for n in names)
            needed.add("CAPABILITY_NAMED_IAM" if named and resource["Type"] != "AWS::IAM::Policy" else "CAPABILITY_IAM")
    if "Transform" in target.template:
        needed.add("CAPABILITY_AUTO_EXPAND")
    given = set(target.capabilities)
    if "CAPABILITY_NAMED_IAM" in given:
        given.add("CAPABILITY_IAM")
    if lacking := needed - given:
        raise error("InsufficientCapabilitiesException", f"Requires capabilities : [{join(sorted(lacking))}]")
    return evaluate


# --- graphs ----------------------------------------------------------------------------------------------------------


def run_graph(needs: Mapping[str, Iterable[str]], work: Callable[[str], bool], go_on: Callable[[], bool]) -> None:
    """Calls ``work`` for every node once what it needs is done (and returned True), side by side.

    Nothing new starts once ``go_on`` says no.
    """
    left = {name: set(n) & set(needs) for name, n in needs.items()}
    running: dict[Future[bool], str] = {}
    done: set[str] = set()
    with ThreadPoolExecutor(WORKERS, thread_name_prefix="cloudformation") as pool:
        while True:
            if go_on():
                for name in [n for n, deps in left.items() if deps <= done]:
                    del left[name]
                    running[pool.submit(work, name)] = name
            if not running:
                return
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                name = running.pop(future)
                if future.result():
                    done.add(name)


def reversed_needs(resources: dict[str, Resource]) -> dict[str, set[str]]:
    """For deletion: a resource needs those gone that refer to it."""
    result: dict[str, set[str]] = {name: set() for name in resources}
    for name, resource in resources.items():
        for other in resource.needs:
            if other in result:
                result[other].add(name)
    return result


# --- operations ------------------------------------------------------------------------------------------------------


@dataclass
class Step:
    """One thing that a deployment has done: what was there before and what is there now."""

    logical_id: str
    before: Resource | None
    after: Resource
    #: The physical resource was made by this step.
    made: bool
    failed: bool = False


class Deployment:
    """One create or update of a stack."""

    def __init__(self, stack: Stack, target: Target, handlers: Callable[[str], Handler]) -> None:
        self.stack, self.target, self.handler = stack, target, handlers
        self.before = dict(stack.resources)
        self.steps: list[Step] = []
        self.failed: dict[str, list[str]] = {"create": [], "update": []}
        self.abort = threading.Event()
        self.lock = threading.Lock()
        #: Resources that an earlier operation left half changed.
        self.dirty: set[str] = set()
        self.imports: set[str] = set()
        self.evaluate = evaluator(stack, target.template, target.parameters, self._ref, self._attribute, self.imports)

    def _ref(self, name: str) -> Any:
        resource = self.stack.resources.get(name)
        if resource is None or resource.physical_id is None:
            raise invalid(f"Unresolved resource dependencies [{name}] in the Resources block of the template")
        return resource.physical_id

    def _attribute(self, name: str, attribute: str) -> Any:
        self._ref(name)
        return read_attribute(self.stack.resources[name], attribute)

    def forget_failures(self) -> None:
        """Before an update of a stack that was left as it failed: what was not created is created anew."""
        for name, resource in list(self.before.items()):
            if resource.status == "CREATE_FAILED":
                if resource.physical_id is not None:
                    self.remove(resource, record=False)
                del self.before[name], self.stack.resources[name]
            elif resource.status == "UPDATE_FAILED":
                self.dirty.add(name)
        self.stack.unfinished = None

    def cancelled(self) -> bool:
        return self.abort.is_set() or self.stack.cancel.is_set() or self.stack.root.cancel.is_set()

    def request(self, resource: Resource, initiated: Callable[..., None] | None = None) -> Request:
        return Request(
            stack=self.stack,
            logical_id=resource.logical_id,
            type=resource.type,
            token=str(uuid.uuid4()),
            cancelled=self.cancelled,
            initiated=initiated or (lambda *_a, **_k: None),
        )

    # forward

    def run(self) -> str:
        """Makes the stack what it is to be. Returns the reason of the failure, empty when there is none."""
        try:
            self.needs = dependencies(self.evaluate)
            run_graph({n: set(d) for n, d in self.needs.items()}, self._apply, lambda: not self.cancelled())
            if self.stack.cancel.is_set() or self.stack.root.cancel.is_set():
                return "User Initiated"
            if any(self.failed.values()):
                parts = [f"The following resource(s) failed to {k}: [{join(v)}]. " for k, v in self.failed.items() if v]
                return "".join(parts)
            self.outputs = self._outputs()
        except ServiceException as e:
            return e.message
        except Exception as e:
            LOG.exception("deployment of %s", self.stack.name)
            return f"Internal Failure ({e})"
        return ""

    def _apply(self, name: str) -> bool:
        if self.cancelled():
            return False
        body = self.target.template["Resources"][name]
        before = self.before.get(name)
        resource = Resource(
            logical_id=name,
            type=body["Type"],
            metadata=body.get("Metadata"),
            deletion_policy=body.get("DeletionPolicy", "Delete"),
            replace_policy=body.get("UpdateReplacePolicy", "Delete"),
            needs=self.needs[name],
        )
        verb = "CREATE" if before is None else "UPDATE"
        try:
            properties = self.evaluate.value(body.get("Properties") or {})
            resource = resource.but(properties=tagged(resource.type, properties, self.target.tags))
            if problem := check_properties(name, resource.type, properties):
                raise Failed(problem)
            same = before is not None and comparable(before.properties) == comparable(resource.properties)
            if before is not None and same and name not in self.dirty:
                resource = resource.but(
                    properties=before.properties, attributes=before.attributes, physical_id=before.physical_id,
                    status=before.status, changed=before.changed,
                )  # fmt: skip
                self.stack.resources[name] = resource
                return True
            if before is None:
                self._create(resource, None)
            elif self._replaces(before, resource):
                self._create(resource, before)
            else:
                self._update(before, resource)
            return True
        except Exception as e:
            reason = words(e, str(uuid.uuid4()))
            if isinstance(e, Cancelled):
                reason = f"Resource {'creation' if verb == 'CREATE' else 'update'} cancelled"
            with self.lock:
                self.failed[verb.lower()].append(name)
            self.abort.set()
            current = self.stack.resources.get(name)
            shown = current if current and current.status.endswith("IN_PROGRESS") else resource
            if before is not None and shown.physical_id is None:
                shown = shown.but(physical_id=before.physical_id, attributes=before.attributes)
            self.stack.set_resource(shown, f"{verb}_FAILED", reason)
            return False

    def _replaces(self, before: Resource, after: Resource) -> bool:
        if before.type != after.type:
            return True
        entry = schema(after.type)
        changed = {
            key
            for key in set(before.properties) | set(after.properties)
            if comparable(before.properties.get(key)) != comparable(after.properties.get(key))
        }
        if not changed & entry.create_only:
            return False
        name = entry.physical_name
        if name and name not in changed and after.properties.get(name) is not None:
            raise Failed(
                "CloudFormation cannot update a stack when a custom-named resource requires replacing. "
                f"Rename {after.properties[name]} and update the stack again."
            )
        return True

    def _create(self, resource: Resource, before: Resource | None) -> None:
        verb = "CREATE" if before is None else "UPDATE"
        reason = "" if before is None else (
            "Requested update requires the creation of a new physical resource; hence creating one."
        )  # fmt: skip
        current = self.stack.set_resource(resource, f"{verb}_IN_PROGRESS", reason)
        step: list[Step] = []

        def initiated(physical_id: str, attributes: Json | None = None, reason: str = "Resource creation Initiated") -> None:
            nonlocal current
            current = current.but(physical_id=physical_id, attributes=attributes or {})
            current = self.stack.set_resource(current, f"{verb}_IN_PROGRESS", reason)
            if not step:
                step.append(Step(resource.logical_id, before, current, made=True, failed=True))
                with self.lock:
                    self.steps.append(step[0])
            step[0].after = current

        physical_id, attributes = self.handler(resource.type).create(self.request(resource, initiated), resource.properties)
        if not step:
            initiated(physical_id, attributes)
        current = current.but(physical_id=physical_id, attributes=attributes)
        current = self.stack.set_resource(current, f"{verb}_COMPLETE")
        step[0].after, step[0].failed = current, False

    def _update(self, before: Resource, resource: Resource) -> None:
        resource = resource.but(physical_id=before.physical_id, attributes=before.attributes)
        current = self.stack.set_resource(resource, "UPDATE_IN_PROGRESS")
        step = Step(resource.logical_id, before, current, made=False, failed=True)
        with self.lock:
            self.steps.append(step)

        def initiated(physical_id: str, attributes: Json | None = None, reason: str = "") -> None:
            self.stack.set_resource(self.stack.resources[resource.logical_id], "UPDATE_IN_PROGRESS", reason)

        attributes = self.handler(resource.type).update(self.request(resource, initiated), before, resource.properties)
        current = current.but(attributes=before.attributes if attributes is None else attributes)
        step.after = self.stack.set_resource(current, "UPDATE_COMPLETE")
        step.failed = False

    def _outputs(self) -> list[Json]:
        outputs = []
        for name, body in (self.target.template.get("Outputs") or {}).items():
            if not self.evaluate.included(body):
                continue
            value = self.evaluate.value(body["Value"])
            output = {"OutputKey": name, "OutputValue": ",".join(value) if isinstance(value, list) else comparable(value)}
            if body.get("Description"):
                output["Description"] = body["Description"]
            if body.get("Export"):
                output["ExportName"] = self.evaluate.value(body["Export"]["Name"])
            outputs.append(output)
        store = STORES.at(self.stack.account, self.stack.region)
        new = {o["ExportName"]: o["OutputValue"] for o in outputs if "ExportName" in o}
        for name in new:
            owner = store.exports().get(name)
            if owner is not None and owner[0] is not self.stack:
                raise invalid(f"Export with name {name} is already exported by stack {owner[0].name}. Rollback requested by user.")
        for name, value in self.stack.exports.items():
            users = [s.name for s in store.importers(name)]
            if users and name not in new:
                raise invalid(f"Export {name} cannot be deleted as it is in use by {' and '.join(users)}")
            if users and new[name] != value:
                raise invalid(f"Export {name} cannot be updated as it is in use by {' and '.join(users)}")
        return outputs

    # after success

    def commit(self) -> None:
        stack, target = self.stack, self.target
        with stack.lock:
            stack.template, stack.body, stack.parameters = target.template, target.body, target.parameters
            stack.tags, stack.outputs, stack.imports = target.tags, self.outputs, self.imports
            stack.capabilities = target.capabilities
            stack.role_arn = target.role_arn or stack.role_arn

    def cleanup(self) -> None:
        """Deletes what was replaced and what the template no longer holds."""
        gone = {n: r for n, r in self.before.items() if n not in self.needs}
        replaced = {s.logical_id: s.before for s in self.steps if s.made and s.before is not None}
        graph = reversed_needs({**replaced, **gone})

        def work(name: str) -> bool:
            old = gone.get(name) or replaced[name]
            assert old is not None
            policy = old.deletion_policy if name in gone else self.stack.resources[name].replace_policy
            keep = policy in ("Retain", "RetainExceptOnCreate")
            if name in gone:
                self.remove(old, keep)
                if self.stack.resources[name].status != "DELETE_FAILED":
                    del self.stack.resources[name]
            else:
                self.remove(old, keep, record=False)
            return True

        run_graph(graph, work, lambda: True)

    def remove(self, old: Resource, keep: bool = False, record: bool = True) -> bool:
        """Deletes one resource; with ``record`` its entry in the stack shows it."""

        def show(status: str, reason: str = "") -> None:
            if record:
                self.stack.set_resource(old, status, reason)
            else:
                self.stack.resource_event(old, status, reason)

        if keep or old.physical_id is None:
            show("DELETE_SKIPPED" if old.physical_id is not None else "DELETE_COMPLETE")
            return True
        show("DELETE_IN_PROGRESS")
        request = self.request(old)
        request.cancelled = lambda: False
        try:
            self.handler(old.type).delete(request, old)
        except Exception as e:
            if not missing(e):
                show("DELETE_FAILED", words(e, request.token))
                return False
        show("DELETE_COMPLETE")
        return True

    # the way back

    def undo_create(self) -> bool:
        """Deletes what was made. Returns whether all of it went."""
        made = {s.logical_id: s.after for s in self.steps if s.made}
        for name, resource in list(self.stack.resources.items()):
            if name not in made:
                if resource.physical_id is None:
                    self.stack.set_resource(resource, "DELETE_COMPLETE")
                del self.stack.resources[name]
        failed = []

        def work(name: str) -> bool:
            keep = made[name].deletion_policy == "Retain"
            if not self.remove(made[name], keep):
                failed.append(name)
                return False
            return True

        run_graph(reversed_needs(made), work, lambda: True)
        return not failed

    def undo_update(self, skip: frozenset[str] = frozenset()) -> list[str]:
        """Brings resources back to what they were. Returns those that could not be."""
        changed = [s for s in self.steps if not s.made]
        for step in self.steps:
            if step.made and step.before is not None:
                self.stack.set_resource(step.before, "UPDATE_COMPLETE")
        for name in list(self.stack.resources):
            resource = self.stack.resources[name]
            if resource.status.endswith("_FAILED") and name in self.before and not any(s.logical_id == name for s in self.steps):
                self.stack.set_resource(self.before[name], "UPDATE_COMPLETE")
        by_name = {s.logical_id: s for s in changed}
        failed: list[str] = []

        def work(name: str) -> bool:
            step = by_name[name]
            assert step.before is not None
            if name in skip:
                self.stack.set_resource(step.before, "UPDATE_COMPLETE")
                return True
            self.stack.set_resource(step.before.but(physical_id=step.after.physical_id), "UPDATE_IN_PROGRESS")

            def initiated(physical_id: str, attributes: Json | None = None, reason: str = "") -> None:
                self.stack.set_resource(self.stack.resources[name], "UPDATE_IN_PROGRESS", reason)

            request = self.request(step.before, initiated)
            request.cancelled = lambda: False
            try:
                self.handler(step.before.type).update(request, step.after, step.before.properties)
            except Exception as e:
                failed.append(name)
                self.stack.set_resource(step.before, "UPDATE_FAILED", words(e, request.token))
                return False
            self.stack.set_resource(step.before, "UPDATE_COMPLETE")
            self.steps.remove(step)
            return True

        run_graph({n: by_name[n].before.needs for n in by_name}, work, lambda: True)  # type: ignore[union-attr]
        return failed

    def undo_cleanup(self) -> None:
        """Deletes what the failed update had made."""
        made = {s.logical_id: s.after for s in self.steps if s.made}

        def work(name: str) -> bool:
            after = made[name]
            replacement = name in self.before
            self.remove(after, after.deletion_policy == "Retain" and not replacement, record=not replacement)
            if not replacement:
                self.stack.resources.pop(name, None)
            return True

        run_graph(reversed_needs(made), work, lambda: True)
        for name in list(self.stack.resources):
            if name not in self.before:
                resource = self.stack.resources.pop(name)
                self.stack.resource_event(resource, "DELETE_COMPLETE")


def handlers(resource_type: str) -> Handler:
    from wharf_localstack.cloudformation.resources import handler

    return handler(resource_type)


def begin(stack: Stack, status: str, token: str | None = None, reason: str = "User Initiated") -> None:
    stack.token = token
    stack.cancel.clear()
    stack.finished.clear()
    if status.startswith(("CREATE", "UPDATE")):
        stack.updated = now() if status.startswith("UPDATE") else stack.updated
    stack.set_status(status, reason)


def create(stack: Stack, target: Target, on_failure: str = "ROLLBACK") -> None:
    """Creates a stack whose status is CREATE_IN_PROGRESS already."""
    try:
        with stack.lock:
            stack.template, stack.body, stack.parameters = target.template, target.body, target.parameters
            stack.tags, stack.capabilities, stack.role_arn = target.tags, target.capabilities, target.role_arn
        deployment = Deployment(stack, target, handlers)
        reason = deployment.run()
        if not reason:
            deployment.commit()
            stack.set_status("CREATE_COMPLETE")
        elif stack.delete_after_cancel:
            pass
        elif on_failure == "DO_NOTHING":
            stack.imports, stack.unfinished = deployment.imports, deployment
            stack.set_status("CREATE_FAILED", reason)
        else:
            suffix = (
                "" if "Rollback requested" in reason else f"{'Delete' if on_failure == 'DELETE' else 'Rollback'} requested by user."
            )
            stack.set_status(
                "DELETE_IN_PROGRESS" if on_failure == "DELETE" else "ROLLBACK_IN_PROGRESS", reason.rstrip() + " " + suffix
            )
            if deployment.undo_create():
                stack.set_status("DELETE_COMPLETE" if on_failure == "DELETE" else "ROLLBACK_COMPLETE")
            else:
                stack.set_status("DELETE_FAILED" if on_failure == "DELETE" else "ROLLBACK_FAILED")
    finally:
        stack.finished.set()
    if stack.delete_after_cancel:
        stack.delete_after_cancel = False
        delete(stack, stack.retain)


def update(stack: Stack, target: Target, disable_rollback: bool = False) -> None:
    """Updates a stack whose status is UPDATE_IN_PROGRESS already."""
    try:
        deployment = Deployment(stack, target, handlers)
        deployment.forget_failures()
        reason = deployment.run()
        if not reason:
            deployment.commit()
            stack.set_status("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS")
            deployment.cleanup()
            stack.set_status("UPDATE_COMPLETE")
        elif disable_rollback and reason != "User Initiated":
            stack.unfinished = deployment
            stack.set_status("UPDATE_FAILED", reason)
        else:
            stack.set_status("UPDATE_ROLLBACK_IN_PROGRESS", reason)
            stack.cancel.clear()
            go_back(stack, deployment, frozenset())
    finally:
        stack.finished.set()


def go_back(stack: Stack, deployment: Deployment, skip: frozenset[str]) -> None:
    failed = deployment.undo_update(skip)
    if failed:
        stack.unfinished = deployment
        stack.set_status("UPDATE_ROLLBACK_FAILED", f"The following resource(s) failed to update: [{join(failed)}]. ")
        return
    stack.unfinished = None
    stack.set_status("UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS")
    deployment.undo_cleanup()
    stack.set_status("UPDATE_ROLLBACK_COMPLETE")


def resume_rollback(stack: Stack, skip: frozenset[str]) -> None:
    """Goes back after a failure that was left as it was, or after a rollback that failed."""
    try:
        if stack.status == "ROLLBACK_IN_PROGRESS":
            stack.set_status("ROLLBACK_COMPLETE" if stack.unfinished.undo_create() else "ROLLBACK_FAILED")
        else:
            go_back(stack, stack.unfinished, skip)
    finally:
        stack.finished.set()


def delete(stack: Stack, retain: frozenset[str] = frozenset()) -> None:
    """Deletes a stack whose status is DELETE_IN_PROGRESS already."""
    try:
        if stack.status != "DELETE_IN_PROGRESS":
            begin(stack, "DELETE_IN_PROGRESS", stack.token)
        target = Target(stack.template, stack.body, stack.parameters, stack.tags)
        deployment = Deployment(stack, target, handlers)
        resources = {n: r for n, r in stack.resources.items() if r.status not in ("DELETE_COMPLETE", "DELETE_SKIPPED")}
        failed: list[str] = []

        def work(name: str) -> bool:
            resource = resources[name]
            keep = resource.deletion_policy in ("Retain", "RetainExceptOnCreate") or name in retain
            if deployment.remove(resource, keep):
                return True
            failed.append(name)
            return False

        run_graph(reversed_needs(resources), work, lambda: True)
        if failed:
            stack.set_status("DELETE_FAILED", f"The following resource(s) failed to delete: [{join(failed)}]. ")
        else:
            stack.outputs, stack.imports = [], set()
            stack.set_status("DELETE_COMPLETE")
    finally:
        stack.finished.set()


def in_background(work: Callable[..., None], *arguments: Any) -> None:
    threading.Thread(target=work, args=arguments, daemon=True, name="cloudformation").start()


# --- templates by address --------------------------------------------------------------------------------------------

_S3_URL = re.compile(r"^(?:https?://[^/]+/|s3://)(?P<bucket>[^/]+)/(?P<key>.+)$")
_S3_HOST = re.compile(r"^https?://(?P<bucket>[a-z0-9][a-z0-9.-]+)\.s3[.-][^/]*/(?P<key>.+)$")


def fetch_template(stack_account: str, region: str, url: str) -> str:
    """A template by its S3 address, in any of S3's forms."""
    plain = url.split("?")[0]
    match = _S3_HOST.match(plain) or _S3_URL.match(plain)
    if match is None:
        raise invalid("TemplateURL must be a supported URL.")
    from urllib.parse import unquote

    try:
        found = client(stack_account, region, "s3").get_object(Bucket=match["bucket"], Key=unquote(match["key"]))
    except ClientError as e:
        code = e.response["Error"]["Code"]
        raise invalid(f"S3 error: {'The specified key does not exist.' if code == 'NoSuchKey' else e.response['Error']['Message']}\nFor more information check http://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html") from e  # fmt: skip
    return found["Body"].read().decode()


__all__ = ["STACK_TYPE", "Cancelled", "Failed", "Handler", "Request"]
