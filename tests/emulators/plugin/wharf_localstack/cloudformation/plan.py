"""What an update would change: the content of a change set."""

import json
from typing import Any

from wharf_localstack.aws import Json
from wharf_localstack.cloudformation.engine import dependencies, evaluator, included_resources, read_attribute, tagged
from wharf_localstack.cloudformation.model import Resource, Stack, Target
from wharf_localstack.cloudformation.schemas import schema
from wharf_localstack.cloudformation.template import Unknown, comparable, has_unknown, invalid, references, walk


class Plan:
    """Compares a stack with what it is to become."""

    def __init__(self, stack: Stack, target: Target) -> None:
        self.stack, self.target = stack, target
        #: Resources whose Ref and attributes are not known before the update.
        self.new: set[str] = set()
        #: Resources that are updated in place: attributes may change.
        self.changed: set[str] = set()
        self.evaluate = evaluator(stack, target.template, target.parameters, self._ref, self._attribute)
        self.changes = self._changes()
        self.outputs_change = self._outputs_change()

    @property
    def empty(self) -> bool:
        return not self.changes and not self.outputs_change and self.target.tags == self.stack.tags

    def _ref(self, name: str) -> Any:
        if name in self.new or name not in self.stack.resources:
            return Unknown(name)
        return self.stack.resources[name].physical_id

    def _attribute(self, name: str, attribute: str) -> Any:
        if name in self.new or name not in self.stack.resources:
            return Unknown(name, attribute)
        if name in self.changed and self.stack.resources[name].type == "AWS::CloudFormation::Stack":
            return Unknown(name, attribute)
        try:
            return read_attribute(self.stack.resources[name], attribute)
        except Exception:
            return Unknown(name, attribute)

    def _changes(self) -> list[Json]:
        needs = dependencies(self.evaluate)
        bodies = included_resources(self.evaluate)
        retyped = [n for n, b in bodies.items() if n in self.stack.resources and self.stack.resources[n].type != b["Type"]]
        if retyped:
            raise invalid(
                "Update of resource type is not permitted. The new template modifies resource type of the following resources: "
                f"[{', '.join(retyped)}]"
            )
        changes: dict[str, Json] = {}
        done: set[str] = set()
        while ready := [n for n in needs if n not in done and needs[n] <= done]:
            for name in ready:
                done.add(name)
                if change := self._one(name, bodies[name]):
                    changes[name] = change
        result = [changes[n] for n in bodies if n in changes]
        for name, resource in self.stack.resources.items():
            if name not in bodies and resource.status != "DELETE_FAILED":
                result.append(self._entry("Remove", resource, PolicyAction=_policy(resource.deletion_policy, "Delete")))
        return result

    def _one(self, name: str, body: Json) -> Json | None:
        before = self.stack.resources.get(name)
        values = self.evaluate.value(body.get("Properties") or {})
        properties = tagged(body["Type"], values, self.target.tags)
        after = Resource(name, body["Type"], properties=properties, metadata=body.get("Metadata"))
        if before is None or before.status == "CREATE_FAILED":
            self.new.add(name)
            return self._entry("Add", after, after=after)
        entry = schema(before.type)
        details = []
        replacement = "False"
        for key in sorted(set(before.properties) | set(properties)):
            old, new = before.properties.get(key), properties.get(key)
            if comparable(old) == comparable(new):
                continue
            unknown = has_unknown(new)
            recreation = "Never"
            if key in entry.create_only:
                recreation = "Always"
                replacement = "True" if unknown is None or unknown.resource in self.new else "Conditional"
            elif key in entry.conditional:
                recreation = "Conditionally"
                replacement = "Conditional" if replacement == "False" else replacement
            details.append(self._detail(body, key, recreation, unknown, entry.tags))
        if before.metadata != after.metadata:
            details.append({
                "Target": {"Attribute": "Metadata", "RequiresRecreation": "Never"},
                "Evaluation": "Static", "ChangeSource": "DirectModification",
            })  # fmt: skip
        if before.status == "UPDATE_FAILED" and not details:
            details.append({"Target": {"Attribute": "Properties", "RequiresRecreation": "Never"}, "Evaluation": "Dynamic"})
        if not details:
            return None
        self.changed.add(name)
        if replacement != "False":
            self.new.add(name)
        extra: Json = {"Replacement": replacement, "Details": details}
        extra["Scope"] = sorted({d["Target"]["Attribute"] for d in details})
        if replacement != "False":
            extra["PolicyAction"] = _policy(body.get("UpdateReplacePolicy", "Delete"), "ReplaceAndDelete")
        return self._entry("Modify", before, before=before, after=after, **extra)

    def _detail(self, body: Json, key: str, recreation: str, unknown: Unknown | None, tags: str) -> Json:
        target: Json = {"Attribute": "Tags" if key == tags else "Properties", "RequiresRecreation": recreation}
        if key != tags:
            target["Name"] = key
        detail: Json = {"Target": target, "Evaluation": "Dynamic" if unknown else "Static", "ChangeSource": "DirectModification"}
        raw = (body.get("Properties") or {}).get(key)
        if unknown is not None:
            detail["ChangeSource"] = "ResourceAttribute" if unknown.attribute else "ResourceReference"
            detail["CausingEntity"] = f"{unknown.resource}.{unknown.attribute}" if unknown.attribute else unknown.resource
        else:
            used = references(raw) & set(self.target.parameters)
            moved = [
                p
                for p in sorted(used)
                if p in self.stack.parameters and self.stack.parameters[p].value != self.target.parameters[p].value
            ]
            if moved:
                detail["ChangeSource"], detail["CausingEntity"] = "ParameterReference", moved[0]
            elif any(name == "Fn::GetAtt" for name, _ in walk(raw)):
                detail["Evaluation"] = "Dynamic"
        return detail

    def _entry(
        self, action: str, resource: Resource, before: Resource | None = None, after: Resource | None = None, **extra: Any
    ) -> Json:
        known = self.stack.resources.get(resource.logical_id)
        change: Json = {"Action": action, "LogicalResourceId": resource.logical_id, "ResourceType": resource.type}
        if known is not None and known.physical_id:
            change["PhysicalResourceId"] = known.physical_id
        change |= {"Scope": [], "Details": []} | {k: v for k, v in extra.items() if v is not None}
        change["_before"] = _context(before)
        change["_after"] = _context(after)
        return {"Type": "Resource", "ResourceChange": change}

    def _outputs_change(self) -> bool:
        planned = {}
        for name, body in (self.target.template.get("Outputs") or {}).items():
            if self.evaluate.included(body):
                value = self.evaluate.value(body["Value"])
                export = self.evaluate.value(body["Export"]["Name"]) if body.get("Export") else None
                planned[name] = (comparable(",".join(value) if isinstance(value, list) else value), export, body.get("Description"))
        current = {o["OutputKey"]: (o["OutputValue"], o.get("ExportName"), o.get("Description")) for o in self.stack.outputs}
        return planned != current


def _policy(policy: str, default: str) -> str:
    if policy in ("Retain", "RetainExceptOnCreate"):
        return "Retain" if default == "Delete" else "ReplaceAndRetain"
    return default


def _context(resource: Resource | None) -> str | None:
    if resource is None:
        return None
    content: Json = {"Properties": resource.properties}
    if resource.metadata is not None:
        content["Metadata"] = resource.metadata
    return json.dumps(content, default=str)


def public(change: Json, values: bool) -> Json:
    """A change as DescribeChangeSet shows it."""
    entry = {k: v for k, v in change["ResourceChange"].items() if not k.startswith("_")}
    if values:
        for name, key in (("BeforeContext", "_before"), ("AfterContext", "_after")):
            if change["ResourceChange"][key] is not None:
                entry[name] = change["ResourceChange"][key]
    return {"Type": change["Type"], "ResourceChange": entry}
