"""Nested stacks and wait handles."""

import uuid

from wharf_localstack.aws import Json, tag_dict
from wharf_localstack.cloudformation import engine
from wharf_localstack.cloudformation.model import STORES, Stack, Target, random_suffix
from wharf_localstack.cloudformation.plan import Plan
from wharf_localstack.cloudformation.resources import Cancelled, Failed, Handler, Request, Resource, resource
from wharf_localstack.cloudformation.template import parse, scalar, validate


@resource("AWS::CloudFormation::Stack")
class NestedStack(Handler):
    def _target(self, request: Request, child: Stack, properties: Json) -> Target:
        body = engine.fetch_template(request.account, request.region, properties["TemplateURL"])
        template = parse(body)
        validate(template)
        given = [
            {"ParameterKey": k, "ParameterValue": ",".join(map(scalar, v)) if isinstance(v, list) else scalar(v)}
            for k, v in (properties.get("Parameters") or {}).items()
        ]
        capabilities = request.stack.capabilities
        target = Target(
            template=template,
            body=body,
            parameters=engine.bind(child, template, given, {}),
            tags=tag_dict(properties.get("Tags")),
            capabilities=capabilities,
            role_arn=request.stack.role_arn,
        )
        engine.check(child, target)
        return target

    @staticmethod
    def _attributes(child: Stack) -> Json:
        return {f"Outputs.{o['OutputKey']}": o["OutputValue"] for o in child.outputs}

    def create(self, request: Request, properties: Json) -> tuple[str, Json]:
        name = f"{request.stack.name[:60]}-{request.logical_id}-{random_suffix()}"
        child = Stack(request.account, request.region, name, parent=request.stack)
        target = self._target(request, child, properties)
        STORES.at(request.account, request.region).add(child)
        engine.begin(child, "CREATE_IN_PROGRESS", reason="")
        request.initiated(child.id)
        engine.create(child, target)
        if request.cancelled() and child.status != "CREATE_COMPLETE":
            raise Cancelled
        if child.status != "CREATE_COMPLETE":
            raise Failed(f"Embedded stack {child.id} was not successfully created: {_cause(child)}")
        return child.id, self._attributes(child)

    def update(self, request: Request, old: Resource, properties: Json) -> Json:
        child = STORES.at(request.account, request.region).get(old.physical_id or "")
        target = self._target(request, child, properties)
        if not Plan(child, target).empty:
            engine.begin(child, "UPDATE_IN_PROGRESS", reason="")
            engine.update(child, target)
            if child.status != "UPDATE_COMPLETE":
                raise Failed(f"Embedded stack {child.id} was not successfully updated: {_cause(child)}")
        return self._attributes(child)

    def delete(self, request: Request, old: Resource) -> None:
        child = STORES.at(request.account, request.region).find(old.physical_id or "")
        if child is None or child.status == "DELETE_COMPLETE":
            return
        engine.begin(child, "DELETE_IN_PROGRESS", reason="")
        engine.delete(child)
        if child.status != "DELETE_COMPLETE":
            raise Failed(f"Embedded stack {child.id} was not successfully deleted: {child.reason}")


def _cause(child: Stack) -> str:
    reasons = [e.get("ResourceStatusReason", "") for e in reversed(child.events) if "ROLLBACK_IN_PROGRESS" in e["ResourceStatus"]]
    return reasons[0].replace("Rollback requested by user.", "").strip() if reasons else child.reason


@resource("AWS::CloudFormation::WaitConditionHandle")
class WaitConditionHandle(Handler):
    def create(self, request: Request, properties: Json) -> tuple[str, Json]:
        url = f"https://cloudformation-waitcondition-{request.region}.s3.amazonaws.com/{request.stack.id}/{request.logical_id}-{uuid.uuid4()}"
        return url, {"Id": url}

    def update(self, request: Request, old: Resource, properties: Json) -> Json:
        return old.attributes

    def delete(self, request: Request, old: Resource) -> None:
        return
