"""StackSets with self-managed permissions: a template, its parameters and one stack per account and region."""

import time
import uuid
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from localstack.aws.api import RequestContext

from wharf_localstack.aws import Json, Stores, error, now, page, role_exists, tag_dict, tag_list
from wharf_localstack.cloudformation import engine
from wharf_localstack.cloudformation.model import STORES, Stack, Target
from wharf_localstack.cloudformation.plan import Plan
from wharf_localstack.cloudformation.template import invalid, parse, validate
from wharf_localstack.settings import SETTINGS

#: An operation takes at least as long (in AWS's seconds), so that a second one can meet it.
LEAST_SECONDS = 30


@dataclass
class Instance:
    account: str
    region: str
    status: str = "OUTDATED"
    detailed: str = "PENDING"
    reason: str = ""
    stack: Stack | None = None
    last_operation: str = ""


@dataclass
class Operation:
    id: str
    action: str
    status: str = "RUNNING"
    created: datetime = field(default_factory=now)
    ended: datetime | None = None
    #: (account, region) -> (status, reason)
    results: dict[tuple[str, str], tuple[str, str]] = field(default_factory=dict)
    retain: bool = False


@dataclass
class StackSet:
    name: str
    id: str
    body: str
    parameters: list[Json]
    tags: dict[str, str]
    capabilities: list[str]
    description: str
    admin_role: str
    execution_role: str
    status: str = "ACTIVE"
    instances: dict[tuple[str, str], Instance] = field(default_factory=dict)
    operations: dict[str, Operation] = field(default_factory=dict)

    @property
    def running(self) -> Operation | None:
        return next((o for o in self.operations.values() if o.status in ("RUNNING", "QUEUED", "STOPPING")), None)


SETS: Stores[dict[str, StackSet]] = Stores(lambda account, region: {})


class StackSets:
    """The operations on StackSets (mixed into the CloudFormation API)."""

    def _set(self, context: RequestContext, name: str) -> StackSet:
        for entry in SETS.of(context).values():
            if entry.status == "ACTIVE" and name in (entry.name, entry.id):
                return entry
        raise error("StackSetNotFoundException", f"StackSet {name.split(':')[0]} not found", 404)

    def _set_body(self, context: RequestContext, request: Json, previous: str | None) -> str:
        if request.get("UsePreviousTemplate") and previous is not None:
            return previous
        body = request.get("TemplateBody")
        if request.get("TemplateURL"):
            body = engine.fetch_template(context.account_id, context.region, request["TemplateURL"])
        if not body:
            raise invalid("Either Template URL or Template Body must be specified.")
        validate(parse(body))
        return body

    def create_stack_set(self, context: RequestContext, request: Json) -> Json:
        name = request["StackSetName"]
        if any(s.name == name and s.status == "ACTIVE" for s in SETS.of(context).values()):
            raise error("NameAlreadyExistsException", f"A stack set named {name} already exists", 409)
        account = context.account_id
        entry = StackSet(
            name=name,
            id=f"{name}:{uuid.uuid4()}",
            body=self._set_body(context, request, None),
            parameters=request.get("Parameters") or [],
            tags=tag_dict(request.get("Tags")),
            capabilities=request.get("Capabilities") or [],
            description=request.get("Description") or "",
            admin_role=request.get("AdministrationRoleARN")
            or f"arn:aws:iam::{account}:role/AWSCloudFormationStackSetAdministrationRole",
            execution_role=request.get("ExecutionRoleName") or "AWSCloudFormationStackSetExecutionRole",
        )
        SETS.of(context)[entry.id] = entry
        return {"StackSetId": entry.id}

    def describe_stack_set(self, context: RequestContext, request: Json) -> Json:
        entry = self._set(context, request["StackSetName"])
        return {
            "StackSet": {
                "StackSetName": entry.name,
                "StackSetId": entry.id,
                "StackSetARN": f"arn:aws:cloudformation:{context.region}:{context.account_id}:stackset/{entry.id}",
                "Description": entry.description,
                "Status": entry.status,
                "TemplateBody": entry.body,
                "Parameters": entry.parameters,
                "Capabilities": entry.capabilities,
                "Tags": tag_list(entry.tags),
                "AdministrationRoleARN": entry.admin_role,
                "ExecutionRoleName": entry.execution_role,
                "PermissionModel": "SELF_MANAGED",
                "OrganizationalUnitIds": [],
                "ManagedExecution": {"Active": False},
            }
        }

    def list_stack_sets(self, context: RequestContext, request: Json) -> Json:
        wanted = request.get("Status")
        return {
            "Summaries": [
                {"StackSetName": s.name, "StackSetId": s.id, "Status": s.status, "PermissionModel": "SELF_MANAGED"}
                for s in SETS.of(context).values()
                if not wanted or s.status == wanted
            ]
        }

    def delete_stack_set(self, context: RequestContext, request: Json) -> Json:
        entry = self._set(context, request["StackSetName"])
        if entry.running:
            raise error("OperationInProgressException", f"Another Operation on StackSet {entry.id} is in progress", 409)
        if entry.instances:
            raise error("StackSetNotEmptyException", "StackSet is not empty", 409)
        entry.status = "DELETED"
        return {}

    # --- operations

    def _begin(self, entry: StackSet, request: Json, action: str) -> Operation:
        operation_id = request.get("OperationId") or str(uuid.uuid4())
        if operation_id in entry.operations:
            raise error("OperationIdAlreadyExistsException", f"OperationId {operation_id} already exists", 409)
        if running := entry.running:
            raise error(
                "OperationInProgressException",
                f"Another Operation on StackSet {entry.id} is in progress: {running.id}",
                409,
            )
        operation = Operation(operation_id, action)
        entry.operations[operation_id] = operation
        return operation

    @staticmethod
    def _places(request: Json, entry: StackSet, default_all: bool) -> list[tuple[str, str]]:
        accounts = request.get("Accounts") or (request.get("DeploymentTargets") or {}).get("Accounts") or []
        regions = request.get("Regions") or []
        if not accounts and not regions and default_all:
            return list(entry.instances)
        return [(a, r) for r in regions for a in accounts]

    def update_stack_set(self, context: RequestContext, request: Json) -> Json:
        entry = self._set(context, request["StackSetName"])
        body = self._set_body(context, request, entry.body)
        operation = self._begin(entry, request, "UPDATE")
        entry.body = body
        previous = {p["ParameterKey"]: p for p in entry.parameters}
        entry.parameters = [
            previous.get(p["ParameterKey"], p) if p.get("UsePreviousValue") else p for p in request.get("Parameters") or []
        ]
        if request.get("Tags") is not None:
            entry.tags = tag_dict(request["Tags"])
        entry.capabilities = request.get("Capabilities") or []
        entry.description = request.get("Description") or entry.description
        entry.admin_role = request.get("AdministrationRoleARN") or entry.admin_role
        entry.execution_role = request.get("ExecutionRoleName") or entry.execution_role
        places = self._places(request, entry, default_all=True)
        for place in entry.instances.values():
            place.status, place.detailed = "OUTDATED", "PENDING"
        engine.in_background(self._run, context.account_id, entry, operation, places, self._deploy)
        return {"OperationId": operation.id}

    def create_stack_instances(self, context: RequestContext, request: Json) -> Json:
        entry = self._set(context, request["StackSetName"])
        operation = self._begin(entry, request, "CREATE")
        places = self._places(request, entry, default_all=False)
        for account, region in places:
            entry.instances.setdefault((account, region), Instance(account, region))
        engine.in_background(self._run, context.account_id, entry, operation, places, self._deploy)
        return {"OperationId": operation.id}

    def update_stack_instances(self, context: RequestContext, request: Json) -> Json:
        entry = self._set(context, request["StackSetName"])
        operation = self._begin(entry, request, "UPDATE")
        places = self._places(request, entry, default_all=False)
        engine.in_background(self._run, context.account_id, entry, operation, places, self._deploy)
        return {"OperationId": operation.id}

    def delete_stack_instances(self, context: RequestContext, request: Json) -> Json:
        entry = self._set(context, request["StackSetName"])
        operation = self._begin(entry, request, "DELETE")
        operation.retain = bool(request["RetainStacks"])
        places = [p for p in self._places(request, entry, default_all=False) if p in entry.instances]
        engine.in_background(self._run, context.account_id, entry, operation, places, self._remove)
        return {"OperationId": operation.id}

    def _run(self, account: str, entry: StackSet, operation: Operation, places: list[tuple[str, str]], work: Any) -> None:
        failed, began = False, time.monotonic()
        for place in places:
            operation.results[place] = ("PENDING", "")
        for place in places:
            if failed:
                operation.results[place] = ("CANCELLED", "Cancelled since failure tolerance has exceeded")
                instance = entry.instances.get(place)
                if instance:
                    instance.detailed = "CANCELLED"
                continue
            operation.results[place] = ("RUNNING", "")
            instance = entry.instances[place]
            instance.detailed, instance.last_operation = "RUNNING", operation.id
            reason = self._permission(account, entry, instance) or work(entry, operation, instance)
            failed = bool(reason)
            operation.results[place] = ("FAILED" if reason else "SUCCEEDED", reason)
            if reason:
                instance.status, instance.detailed, instance.reason = "OUTDATED", "FAILED", reason
        time.sleep(max(began + SETTINGS.scaled(LEAST_SECONDS) - time.monotonic(), 0))
        operation.ended = now()
        operation.status = "FAILED" if failed else "SUCCEEDED"

    @staticmethod
    def _permission(account: str, entry: StackSet, instance: Instance) -> str:
        admin = entry.admin_role.split("/")[-1]
        if not role_exists(account, admin):
            return f"Account {account} should have '{admin}' role with trust relationship to CloudFormation service."
        if not role_exists(instance.account, entry.execution_role):
            return (
                f"Account {instance.account} should have '{entry.execution_role}' role with trust relationship to Role '{admin}'."
            )
        return ""

    @staticmethod
    def _deploy(entry: StackSet, operation: Operation, instance: Instance) -> str:
        stack = instance.stack
        fresh = stack is None or stack.status in ("DELETE_COMPLETE", "ROLLBACK_COMPLETE", "CREATE_FAILED")
        store = STORES.at(instance.account, instance.region)
        try:
            if fresh:
                if stack is not None and stack.status != "DELETE_COMPLETE":
                    engine.begin(stack, "DELETE_IN_PROGRESS")
                    engine.delete(stack)
                stack = Stack(instance.account, instance.region, f"StackSet-{entry.name}-{uuid.uuid4()}")
            assert stack is not None
            template = parse(entry.body)
            declared = template.get("Parameters") or {}
            given = [p for p in entry.parameters if p["ParameterKey"] in declared]
            target = Target(
                template=template,
                body=entry.body,
                parameters=engine.bind(stack, template, given, stack.parameters),
                tags=dict(entry.tags),
                capabilities=list(entry.capabilities),
            )
            engine.check(stack, target)
            if fresh:
                store.add(stack)
                instance.stack = stack
                engine.begin(stack, "CREATE_IN_PROGRESS")
                engine.create(stack, target)
            elif not Plan(stack, target).empty:
                if stack.busy:
                    return f"Stack:{stack.id} is in {stack.status} state and can not be updated."
                engine.begin(stack, "UPDATE_IN_PROGRESS")
                engine.update(stack, target)
        except Exception as e:
            return getattr(e, "message", str(e))
        if stack.status not in ("CREATE_COMPLETE", "UPDATE_COMPLETE"):
            failures = [e for e in stack.events if e["ResourceStatus"].endswith("_FAILED") and e.get("ResourceStatusReason")]
            if not failures:
                return stack.reason
            first = failures[0]
            return (
                f"ResourceLogicalId:{first['LogicalResourceId']}, ResourceType:{first['ResourceType']}, "
                f"ResourceStatusReason:{first['ResourceStatusReason']}."
            )
        instance.status, instance.detailed, instance.reason = "CURRENT", "SUCCEEDED", ""
        return ""

    @staticmethod
    def _remove(entry: StackSet, operation: Operation, instance: Instance) -> str:
        stack = instance.stack
        if not operation.retain and stack is not None and stack.status != "DELETE_COMPLETE":
            engine.begin(stack, "DELETE_IN_PROGRESS")
            engine.delete(stack)
            if stack.status != "DELETE_COMPLETE":
                return stack.reason
        del entry.instances[(instance.account, instance.region)]
        return ""

    def _operation(self, entry: StackSet, operation_id: str) -> Operation:
        if operation_id not in entry.operations:
            raise error("OperationNotFoundException", f"Operation {operation_id} not found", 404)
        return entry.operations[operation_id]

    def describe_stack_set_operation(self, context: RequestContext, request: Json) -> Json:
        entry = self._set(context, request["StackSetName"])
        operation = self._operation(entry, request["OperationId"])
        result = _summary(operation) | {
            "StackSetId": entry.id,
            "AdministrationRoleARN": entry.admin_role,
            "ExecutionRoleName": entry.execution_role,
            "RetainStacks": operation.retain,
        }
        return {"StackSetOperation": result}

    def list_stack_set_operations(self, context: RequestContext, request: Json) -> Json:
        entry = self._set(context, request["StackSetName"])
        found, token = page([_summary(o) for o in reversed(entry.operations.values())], request.get("NextToken"), int(request.get("MaxResults") or 100))  # fmt: skip
        return {"Summaries": found, "NextToken": token} if token else {"Summaries": found}

    def list_stack_set_operation_results(self, context: RequestContext, request: Json) -> Json:
        operation = self._operation(self._set(context, request["StackSetName"]), request["OperationId"])
        results = []
        for (account, region), (status, reason) in operation.results.items():
            entry = {"Account": account, "Region": region, "Status": status}
            results.append(entry | {"StatusReason": reason} if reason else entry)
        found, token = page(results, request.get("NextToken"), int(request.get("MaxResults") or 100))
        return {"Summaries": found, "NextToken": token} if token else {"Summaries": found}

    def stop_stack_set_operation(self, context: RequestContext, request: Json) -> Json:
        self._operation(self._set(context, request["StackSetName"]), request["OperationId"])
        return {}

    def list_stack_instances(self, context: RequestContext, request: Json) -> Json:
        entry = self._set(context, request["StackSetName"])
        filters = {f["Name"]: f["Values"] for f in request.get("Filters") or []}
        summaries = []
        for instance in list(entry.instances.values()):
            if request.get("StackInstanceAccount", instance.account) != instance.account:
                continue
            if request.get("StackInstanceRegion", instance.region) != instance.region:
                continue
            if "DETAILED_STATUS" in filters and instance.detailed not in filters["DETAILED_STATUS"]:
                continue
            if "LAST_OPERATION_ID" in filters and instance.last_operation not in filters["LAST_OPERATION_ID"]:
                continue
            summaries.append(_instance(entry, instance))
        found, token = page(summaries, request.get("NextToken"), int(request.get("MaxResults") or 100))
        return {"Summaries": found, "NextToken": token} if token else {"Summaries": found}

    def describe_stack_instance(self, context: RequestContext, request: Json) -> Json:
        entry = self._set(context, request["StackSetName"])
        place = (request["StackInstanceAccount"], request["StackInstanceRegion"])
        if place not in entry.instances:
            raise error("StackInstanceNotFoundException", f"Stack instance for stack set {entry.name}, account {place[0]} and region {place[1]} not found", 404)  # fmt: skip
        return {"StackInstance": _instance(entry, entry.instances[place]) | {"ParameterOverrides": []}}


def _instance(entry: StackSet, instance: Instance) -> Json:
    result = {
        "StackSetId": entry.id,
        "Account": instance.account,
        "Region": instance.region,
        "Status": instance.status,
        "StackInstanceStatus": {"DetailedStatus": instance.detailed},
        "DriftStatus": "NOT_CHECKED",
        "LastOperationId": instance.last_operation,
    }
    if instance.stack is not None:
        result["StackId"] = instance.stack.id
    if instance.reason:
        result["StatusReason"] = instance.reason
    return result


def _summary(operation: Operation) -> Json:
    result = {
        "OperationId": operation.id,
        "Action": operation.action,
        "Status": operation.status,
        "CreationTimestamp": operation.created,
    }
    return result | {"EndTimestamp": operation.ended} if operation.ended else result
