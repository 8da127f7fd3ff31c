"""The operations on stacks and change sets."""

import json
import uuid

from localstack.aws.api import RequestContext

from wharf_localstack.aws import Api, Json, error, now, page, tag_dict, tag_list
from wharf_localstack.cloudformation import engine
from wharf_localstack.cloudformation.model import STORES, ChangeSet, Resource, Stack, Store, Target, describe_parameter
from wharf_localstack.cloudformation.plan import Plan, public
from wharf_localstack.cloudformation.stacksets import StackSets
from wharf_localstack.cloudformation.template import invalid, parse, scalar, validate

NO_CHANGES = "The submitted information didn't contain changes. Submit different information to create a change set."
#: Statuses from which a stack may be updated.
UPDATABLE = {
    "CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", "IMPORT_COMPLETE", "CREATE_FAILED", "UPDATE_FAILED",
}  # fmt: skip
INLINE_LIMIT, URL_LIMIT = 51_200, 1_048_576


def resource_summary(stack: Stack, resource: Resource) -> Json:
    result = {
        "LogicalResourceId": resource.logical_id,
        "PhysicalResourceId": resource.physical_id or "",
        "ResourceType": resource.type,
        "ResourceStatus": resource.status,
        "DriftInformation": {"StackResourceDriftStatus": "NOT_CHECKED"},
    }
    if resource.reason:
        result["ResourceStatusReason"] = resource.reason
    return result


class CloudFormationApi(StackSets, Api):
    def __init__(self) -> None:
        super().__init__("cloudformation")

    # --- requests

    def _store(self, context: RequestContext) -> Store:
        return STORES.of(context)

    def _body(self, context: RequestContext, request: Json, previous: Stack | None) -> str:
        body, url = request.get("TemplateBody"), request.get("TemplateURL")
        if request.get("UsePreviousTemplate"):
            if previous is None:
                raise invalid("Either Template URL or Template Body must be specified.")
            if body or url:
                raise invalid("You cannot specify both usePreviousTemplate and Template Body/Template URL.")
            return previous.body
        if body and url:
            raise invalid("Specify only one of Template Body or Template URL")
        if url:
            body = engine.fetch_template(context.account_id, context.region, url)
            if len(body.encode()) > URL_LIMIT:
                raise invalid(f"Template may not exceed {URL_LIMIT} bytes in size.")
        if not body:
            raise invalid("Either Template URL or Template Body must be specified.")
        if not url and len(body.encode()) > INLINE_LIMIT:
            raise invalid(
                f"1 validation error detected: Value '{body}' at 'templateBody' failed to satisfy constraint: "
                f"Member must have length less than or equal to {INLINE_LIMIT}"
            )
        return body

    def _target(self, context: RequestContext, request: Json, stack: Stack, exists: bool) -> Target:
        body = self._body(context, request, stack if exists else None)
        template = parse(body)
        validate(template)
        parameters = engine.bind(stack, template, request.get("Parameters") or [], stack.parameters if exists else {})
        tags = tag_dict(request["Tags"]) if request.get("Tags") is not None else dict(stack.tags)
        if len(tags) > 50:
            raise invalid("Stack may have at most 50 tags")
        target = Target(
            template=template,
            body=body,
            parameters=parameters,
            tags=tags,
            capabilities=list(request.get("Capabilities") or []),
            role_arn=request.get("RoleARN"),
            notification_arns=list(request.get("NotificationARNs") or []),
        )
        engine.check(stack, target)
        return target

    @staticmethod
    def _no_rollback(request: Json, deployment: Json) -> bool:
        """Whether what fails stays as it is: in express mode it does unless the request says otherwise."""
        express = deployment.get("Mode") == "EXPRESS"
        return bool(deployment.get("DisableRollback", express or request.get("DisableRollback")))

    def _require_updatable(self, stack: Stack) -> None:
        if stack.status not in UPDATABLE:
            raise invalid(f"Stack:{stack.id} is in {stack.status} state and can not be updated.")

    # --- stacks

    def create_stack(self, context: RequestContext, request: Json) -> Json:
        store, name = self._store(context), request["StackName"]
        with store.lock:
            existing = store.find(name)
            if existing is not None:
                raise error("AlreadyExistsException", f"Stack [{name}] already exists")
            stack = Stack(context.account_id, context.region, name)
            target = self._target(context, request, stack, exists=False)
            stack.deployment = request.get("DeploymentConfig") or {}
            left = self._no_rollback(request, stack.deployment)
            on_failure = request.get("OnFailure") or ("DO_NOTHING" if left else "ROLLBACK")
            stack.disable_rollback = on_failure == "DO_NOTHING"
            stack.protected = bool(request.get("EnableTerminationProtection"))
            store.add(stack)
            engine.begin(stack, "CREATE_IN_PROGRESS", request.get("ClientRequestToken"))
        stack.template, stack.body, stack.parameters, stack.tags = target.template, target.body, target.parameters, target.tags
        engine.in_background(engine.create, stack, target, on_failure)
        return {"StackId": stack.id}

    def update_stack(self, context: RequestContext, request: Json) -> Json:
        store = self._store(context)
        with store.lock:
            stack = store.get(request["StackName"], "Stack [{}] does not exist")
            self._require_updatable(stack)
            target = self._target(context, request, stack, exists=True)
            if Plan(stack, target).empty:
                raise invalid("No updates are to be performed.")
            stack.deployment = request.get("DeploymentConfig") or {}
            stack.disable_rollback = self._no_rollback(request, stack.deployment)
            engine.begin(stack, "UPDATE_IN_PROGRESS", request.get("ClientRequestToken"))
        engine.in_background(engine.update, stack, target, stack.disable_rollback)
        return {"StackId": stack.id}

    def cancel_update_stack(self, context: RequestContext, request: Json) -> Json:
        stack = self._store(context).get(request["StackName"], "Stack [{}] does not exist")
        if stack.status != "UPDATE_IN_PROGRESS":
            raise invalid("CancelUpdateStack cannot be called from current stack status")
        stack.cancel.set()
        return {}

    def continue_update_rollback(self, context: RequestContext, request: Json) -> Json:
        stack = self._store(context).get(request["StackName"], "Stack [{}] does not exist")
        if stack.status != "UPDATE_ROLLBACK_FAILED":
            raise invalid(f"Stack:{stack.id} is in {stack.status} state and can not continue update rollback.")
        engine.begin(stack, "UPDATE_ROLLBACK_IN_PROGRESS", request.get("ClientRequestToken"))
        engine.in_background(engine.resume_rollback, stack, frozenset(request.get("ResourcesToSkip") or []))
        return {}

    def rollback_stack(self, context: RequestContext, request: Json) -> Json:
        stack = self._store(context).get(request["StackName"], "Stack [{}] does not exist")
        if stack.status not in ("CREATE_FAILED", "UPDATE_FAILED"):
            raise invalid(f"RollbackStack cannot be called from current stack status {stack.status}")
        stack.deployment = request.get("DeploymentConfig") or {}
        prefix = "UPDATE_" if stack.status == "UPDATE_FAILED" else ""
        engine.begin(stack, f"{prefix}ROLLBACK_IN_PROGRESS", request.get("ClientRequestToken"))
        engine.in_background(engine.resume_rollback, stack, frozenset())
        return {"StackId": stack.id}

    def delete_stack(self, context: RequestContext, request: Json) -> Json:
        store = self._store(context)
        with store.lock:
            stack = store.find(request["StackName"])
            if stack is None or stack.status in ("DELETE_COMPLETE", "DELETE_IN_PROGRESS"):
                return {}
            if stack.protected:
                raise invalid(f"Stack [{stack.name}] cannot be deleted while TerminationProtection is enabled")
            retain = frozenset(request.get("RetainResources") or [])
            if retain and stack.status != "DELETE_FAILED":
                raise invalid(f"Invalid operation on stack [{stack.name}]. RetainResources may only be used when the stack is in DELETE_FAILED state")  # fmt: skip
            stack.deployment = request.get("DeploymentConfig") or {}
            if stack.status == "REVIEW_IN_PROGRESS":
                stack.set_status("DELETE_COMPLETE", "User Initiated")
                return {}
            if stack.status == "CREATE_IN_PROGRESS":
                stack.retain, stack.delete_after_cancel = retain, True
                stack.set_status("DELETE_IN_PROGRESS", "User Initiated")
                stack.cancel.set()
                return {}
            if stack.busy:
                raise invalid(f"Stack [{stack.id}] cannot be deleted while in status {stack.status}")
            for export in stack.exports:
                users = [s.name for s in store.importers(export) if s is not stack]
                if users:
                    engine.begin(stack, "DELETE_IN_PROGRESS", request.get("ClientRequestToken"))
                    before = stack.events[-2]["ResourceStatus"]
                    stack.set_status(before, f"Delete canceled. Cannot delete export {export} as it is in use by {' and '.join(users)}.")  # fmt: skip
                    return {}
            engine.begin(stack, "DELETE_IN_PROGRESS", request.get("ClientRequestToken"))
        engine.in_background(engine.delete, stack, retain)
        return {}

    def describe_stacks(self, context: RequestContext, request: Json) -> Json:
        store = self._store(context)
        if name := request.get("StackName"):
            return {"Stacks": [store.get(name).describe()]}
        stacks, token = page([s.describe() for s in reversed(store.live())], request.get("NextToken"), 100)
        return {"Stacks": stacks, "NextToken": token} if token else {"Stacks": stacks}

    def list_stacks(self, context: RequestContext, request: Json) -> Json:
        wanted = request.get("StackStatusFilter")
        summaries = []
        for stack in reversed(list(self._store(context).stacks.values())):
            if wanted and stack.status not in wanted:
                continue
            entry = stack.describe()
            names = ("StackId", "StackName", "CreationTime", "LastUpdatedTime", "DeletionTime", "StackStatus", "StackStatusReason",
                     "ParentId", "RootId", "DriftInformation")  # fmt: skip
            summary = {k: entry[k] for k in names if k in entry}
            if stack.template.get("Description"):
                summary["TemplateDescription"] = stack.template["Description"]
            summaries.append(summary)
        found, token = page(summaries, request.get("NextToken"), 100)
        return {"StackSummaries": found, "NextToken": token} if token else {"StackSummaries": found}

    def describe_stack_events(self, context: RequestContext, request: Json) -> Json:
        stack = self._store(context).get(request["StackName"], "Stack [{}] does not exist")
        with stack.lock:
            events = list(reversed(stack.events))
        # A page is counted from the oldest event, so that new events do not move it.
        start = int(request["NextToken"]) if request.get("NextToken") else len(events)
        shown = events[len(events) - start :][:100]
        left = start - len(shown)
        return {"StackEvents": shown, "NextToken": str(left)} if left > 0 else {"StackEvents": shown}

    def _named(self, stack: Stack, logical_id: str) -> Resource:
        resource = stack.resources.get(logical_id)
        if resource is None:
            raise invalid(f"Resource {logical_id} does not exist for stack {stack.name}")
        return resource

    def describe_stack_resource(self, context: RequestContext, request: Json) -> Json:
        stack = self._store(context).get(request["StackName"], "Stack '{}' does not exist")
        resource = self._named(stack, request["LogicalResourceId"])
        detail = resource_summary(stack, resource) | {
            "StackName": stack.name,
            "StackId": stack.id,
            "LastUpdatedTimestamp": resource.changed,
        }
        if resource.metadata is not None:
            detail["Metadata"] = json.dumps(resource.metadata)
        return {"StackResourceDetail": detail}

    def describe_stack_resources(self, context: RequestContext, request: Json) -> Json:
        store = self._store(context)
        physical, logical = request.get("PhysicalResourceId"), request.get("LogicalResourceId")
        if request.get("StackName"):
            stack = store.get(request["StackName"])
        else:
            owners = [s for s in store.live() if any(r.physical_id == physical for r in s.resources.values())]
            if not owners:
                raise invalid(f"Stack for {physical} does not exist")
            stack, physical = owners[0], None
        return {
            "StackResources": [
                resource_summary(stack, r) | {"StackName": stack.name, "StackId": stack.id, "Timestamp": r.changed}
                for r in stack.resources.values()
                if (logical is None or r.logical_id == logical) and (physical is None or r.physical_id == physical)
            ]
        }

    def list_stack_resources(self, context: RequestContext, request: Json) -> Json:
        stack = self._store(context).get(request["StackName"])
        entries = [resource_summary(stack, r) | {"LastUpdatedTimestamp": r.changed} for r in stack.resources.values()]
        found, token = page(entries, request.get("NextToken"), 100)
        return {"StackResourceSummaries": found, "NextToken": token} if token else {"StackResourceSummaries": found}

    def get_template(self, context: RequestContext, request: Json) -> Json:
        if request.get("ChangeSetName"):
            _, change_set = self._change_set(context, request)
            body = change_set.target.body
        else:
            body = self._store(context).get(request["StackName"]).body
        return {"TemplateBody": body, "StagesAvailable": ["Original", "Processed"]}

    def get_template_summary(self, context: RequestContext, request: Json) -> Json:
        if name := request.get("StackName"):
            body = self._store(context).get(name).body
        elif name := request.get("StackSetName"):
            body = self._set(context, name).body
        else:
            body = self._body(context, request, None)
        template = parse(body)
        validate(template)
        parameters = []
        for key, declaration in (template.get("Parameters") or {}).items():
            entry: Json = {
                "ParameterKey": key,
                "ParameterType": declaration.get("Type", "String"),
                "NoEcho": bool(declaration.get("NoEcho")),
            }
            if "Default" in declaration:
                entry["DefaultValue"] = scalar(declaration["Default"])
            if "Description" in declaration:
                entry["Description"] = declaration["Description"]
            if "AllowedValues" in declaration:
                entry["ParameterConstraints"] = {"AllowedValues": [scalar(v) for v in declaration["AllowedValues"]]}
            parameters.append(entry)
        types = [r["Type"] for r in template["Resources"].values()]
        result: Json = {"Parameters": parameters, "ResourceTypes": list(dict.fromkeys(types))}
        if "Metadata" in template:
            result["Metadata"] = json.dumps(template["Metadata"])
        if "Description" in template:
            result["Description"] = template["Description"]
        if "AWSTemplateFormatVersion" in template:
            result["Version"] = str(template["AWSTemplateFormatVersion"])
        needed = self._capabilities(template)
        if needed:
            result["Capabilities"] = needed
        return result

    @staticmethod
    def _capabilities(template: Json) -> list[str]:
        roles = [r for r in template["Resources"].values() if r["Type"].startswith("AWS::IAM::")]
        if any(n in (r.get("Properties") or {}) for r in roles for n in ("RoleName", "UserName", "GroupName", "ManagedPolicyName")):
            return ["CAPABILITY_NAMED_IAM"]
        return ["CAPABILITY_IAM"] if roles else []

    def validate_template(self, context: RequestContext, request: Json) -> Json:
        template = parse(self._body(context, request, None))
        validate(template)
        return {
            "Parameters": [
                {"ParameterKey": k, "NoEcho": bool(d.get("NoEcho")), "DefaultValue": scalar(d.get("Default", ""))}
                for k, d in (template.get("Parameters") or {}).items()
            ],
            "Description": template.get("Description", ""),
            "Capabilities": self._capabilities(template),
        }

    def estimate_template_cost(self, context: RequestContext, request: Json) -> Json:
        return {"Url": "http://calculator.s3.amazonaws.com/calc5.html?key=none"}

    def update_termination_protection(self, context: RequestContext, request: Json) -> Json:
        stack = self._store(context).get(request["StackName"], "Stack [{}] does not exist")
        stack.protected = bool(request["EnableTerminationProtection"])
        return {"StackId": stack.id}

    def set_stack_policy(self, context: RequestContext, request: Json) -> Json:
        self._store(context).get(request["StackName"]).policy = request.get("StackPolicyBody")
        return {}

    def get_stack_policy(self, context: RequestContext, request: Json) -> Json:
        policy = self._store(context).get(request["StackName"]).policy
        return {"StackPolicyBody": policy} if policy else {}

    # --- exports

    def list_exports(self, context: RequestContext, request: Json) -> Json:
        exports = [
            {"ExportingStackId": stack.id, "Name": name, "Value": value}
            for name, (stack, value) in sorted(self._store(context).exports().items())
        ]
        found, token = page(exports, request.get("NextToken"), 100)
        return {"Exports": found, "NextToken": token} if token else {"Exports": found}

    def list_imports(self, context: RequestContext, request: Json) -> Json:
        name = request["ExportName"]
        users = [s.name for s in self._store(context).importers(name)]
        if not users:
            raise invalid(f"Export '{name}' is not imported by any stack.")
        return {"Imports": users}

    # --- change sets

    def _change_set(self, context: RequestContext, request: Json) -> tuple[Stack, ChangeSet]:
        store, name = self._store(context), request["ChangeSetName"]
        stacks = list(store.stacks.values())
        if request.get("StackName"):
            stacks = [store.get(request["StackName"], "Stack [{}] does not exist")]
        for stack in stacks:
            for change_set in stack.change_sets.values():
                if name in (change_set.id, change_set.name):
                    return stack, change_set
        raise error("ChangeSetNotFound", f"ChangeSet [{name}] does not exist", 404)

    def create_change_set(self, context: RequestContext, request: Json) -> Json:
        store, name, kind = self._store(context), request["StackName"], request.get("ChangeSetType") or "UPDATE"
        with store.lock:
            stack = store.find(name)
            if kind == "CREATE":
                if stack is not None and stack.status != "REVIEW_IN_PROGRESS":
                    raise invalid(f"Stack [{name}] already exists and cannot be created again with the changeSet [{request['ChangeSetName']}].")  # fmt: skip
                fresh = stack is None
                stack = stack or Stack(context.account_id, context.region, name)
            elif kind == "UPDATE":
                stack = store.get(name, "Stack [{}] does not exist")
                self._require_updatable(stack)
                fresh = False
            else:
                raise invalid(f"Change sets of type {kind} are not simulated")
            same = stack.change_sets.get(request["ChangeSetName"])
            if same is not None and not same.execution_status.startswith("EXECUTE_"):
                raise error("AlreadyExistsException", f"ChangeSet {request['ChangeSetName']} already exists")
            target = self._target(context, request, stack, exists=kind == "UPDATE")
            change_set = ChangeSet(
                name=request["ChangeSetName"],
                id=f"arn:aws:cloudformation:{stack.region}:{stack.account}:changeSet/{request['ChangeSetName']}/{uuid.uuid4()}",
                type=kind,
                target=target,
                description=request.get("Description") or "",
                on_failure=request.get("OnStackFailure"),
                deployment=request.get("DeploymentConfig") or {},
            )
            if fresh:
                store.add(stack)
                stack.token = request.get("ClientToken")
                stack.set_status("REVIEW_IN_PROGRESS", "User Initiated")
            stack.change_sets[change_set.name] = change_set
        self._compute(stack, change_set)
        return {"Id": change_set.id, "StackId": stack.id}

    def _compute(self, stack: Stack, change_set: ChangeSet) -> None:
        change_set.status = "CREATE_IN_PROGRESS"
        try:
            plan = Plan(stack, change_set.target)
        except Exception as e:
            change_set.status = "FAILED"
            change_set.status_reason = getattr(e, "message", str(e))
            return
        if change_set.type == "UPDATE" and plan.empty:
            change_set.status, change_set.status_reason = "FAILED", NO_CHANGES
            return
        change_set.changes = plan.changes
        change_set.status, change_set.execution_status = "CREATE_COMPLETE", "AVAILABLE"

    def describe_change_set(self, context: RequestContext, request: Json) -> Json:
        stack, change_set = self._change_set(context, request)
        changes = [public(c, bool(request.get("IncludePropertyValues"))) for c in change_set.changes]
        shown, token = page(changes, request.get("NextToken"), 100)
        result = self._change_set_summary(stack, change_set) | {
            "Parameters": [describe_parameter(p) for p in change_set.target.parameters.values()],
            "NotificationARNs": change_set.target.notification_arns,
            "RollbackConfiguration": {},
            "Capabilities": change_set.target.capabilities,
            "Tags": tag_list(change_set.target.tags),
            "Changes": shown,
        }
        if change_set.deployment:
            result["DeploymentConfig"] = change_set.deployment
        if change_set.on_failure:
            result["OnStackFailure"] = change_set.on_failure
        return result | {"NextToken": token} if token else result

    def _change_set_summary(self, stack: Stack, change_set: ChangeSet) -> Json:
        result: Json = {
            "StackId": stack.id,
            "StackName": stack.name,
            "ChangeSetId": change_set.id,
            "ChangeSetName": change_set.name,
            "ExecutionStatus": change_set.execution_status,
            "Status": change_set.status,
            "CreationTime": change_set.created,
            "IncludeNestedStacks": change_set.include_nested,
        }
        if change_set.description:
            result["Description"] = change_set.description
        if change_set.status_reason:
            result["StatusReason"] = change_set.status_reason
        return result

    def list_change_sets(self, context: RequestContext, request: Json) -> Json:
        stack = self._store(context).get(request["StackName"], "Stack [{}] does not exist")
        return {"Summaries": [self._change_set_summary(stack, c) for c in stack.change_sets.values()]}

    def delete_change_set(self, context: RequestContext, request: Json) -> Json:
        try:
            stack, change_set = self._change_set(context, request)
        except Exception:
            if request["ChangeSetName"].startswith("arn:"):
                return {}
            raise
        if change_set.execution_status == "EXECUTE_IN_PROGRESS":
            raise error("InvalidChangeSetStatus", f"The change set cannot be deleted: {change_set.execution_status}")
        del stack.change_sets[change_set.name]
        return {}

    def execute_change_set(self, context: RequestContext, request: Json) -> Json:
        store = self._store(context)
        with store.lock:
            stack, change_set = self._change_set(context, request)
            if change_set.status != "CREATE_COMPLETE" or change_set.execution_status != "AVAILABLE":
                raise error(
                    "InvalidChangeSetStatus",
                    f"ChangeSet [{change_set.id}] cannot be executed in its current status of [{change_set.status}]",
                )
            if change_set.type == "UPDATE":
                self._require_updatable(stack)
            change_set.execution_status = "EXECUTE_IN_PROGRESS"
            stack.change_set = change_set
            verb = change_set.type
            engine.begin(stack, f"{verb}_IN_PROGRESS", request.get("ClientRequestToken"))
        stack.deployment = change_set.deployment
        disable = self._no_rollback(request, change_set.deployment) or change_set.on_failure == "DO_NOTHING"
        stack.disable_rollback = disable

        def run() -> None:
            if verb == "CREATE":
                stack.created = now()
                engine.create(stack, change_set.target, "DO_NOTHING" if disable else change_set.on_failure or "ROLLBACK")
            else:
                engine.update(stack, change_set.target, disable)
            done = stack.status in ("CREATE_COMPLETE", "UPDATE_COMPLETE")
            change_set.execution_status = "EXECUTE_COMPLETE" if done else "EXECUTE_FAILED"
            for other in [n for n, c in stack.change_sets.items() if c is not change_set]:
                del stack.change_sets[other]

        engine.in_background(run)
        return {}
