"""Custom resources and the functions behind them, for stacks that another tool has made.

Nothing runs. What a custom resource answers is read from an SSM parameter of the account, a JSON object with ``Data``
(the attributes) and maybe ``PhysicalResourceId``; without one it has no attributes:

    /wharf-emulators/custom-resources/<logical id>

What was asked of it is written to another, so that a test can tell that nothing was deleted behind its back: the request
types (``Create``, ``Update``, ``Delete``), one per line.

    /wharf-emulators/custom-resource-requests/<stack name>/<logical id>
"""

import json
import uuid

from wharf_localstack.aws import Json
from wharf_localstack.cloudformation.resources import Failed, Handler, Request, Resource, resource
from wharf_localstack.cloudformation.resources.identity import document

ANSWERS, REQUESTS = "/wharf-emulators/custom-resources", "/wharf-emulators/custom-resource-requests"


def parameter(request: Request, name: str) -> str:
    found = request.call("ssm", "get_parameters", Names=[name])["Parameters"]
    return found[0]["Value"] if found else ""


class CustomResource(Handler):
    def _ask(self, request: Request, kind: str) -> Json:
        name = f"{REQUESTS}/{request.stack.name}/{request.logical_id}"
        seen = parameter(request, name)
        request.call("ssm", "put_parameter", Name=name, Value=f"{seen}{kind}\n", Type="String", Overwrite=True)
        answer = json.loads(parameter(request, f"{ANSWERS}/{request.logical_id}") or "{}")
        if answer.get("Status") == "FAILED":
            raise Failed(f"Received response status [FAILED] from custom resource. Message returned: {answer.get('Reason', '')}")
        return answer

    def create(self, request: Request, properties: Json) -> tuple[str, Json]:
        answer = self._ask(request, "Create")
        return answer.get("PhysicalResourceId") or f"{request.stack.name}/{request.logical_id}/{uuid.uuid4()}", answer.get(
            "Data"
        ) or {}

    def update(self, request: Request, old: Resource, properties: Json) -> Json:
        return self._ask(request, "Update").get("Data") or {}

    def delete(self, request: Request, old: Resource) -> None:
        self._ask(request, "Delete")


@resource("AWS::Lambda::Function")
class Function(Handler):
    def create(self, request: Request, properties: Json) -> tuple[str, Json]:
        name = properties.get("FunctionName") or request.name(64)
        return name, {"Arn": f"arn:aws:lambda:{request.region}:{request.account}:function:{name}"}

    def update(self, request: Request, old: Resource, properties: Json) -> Json:
        return old.attributes

    def delete(self, request: Request, old: Resource) -> None:
        return


@resource("AWS::Lambda::Permission")
class Permission(Handler):
    def create(self, request: Request, properties: Json) -> tuple[str, Json]:
        return request.name(100), {"_statement": document(properties)}

    def update(self, request: Request, old: Resource, properties: Json) -> Json:
        return old.attributes

    def delete(self, request: Request, old: Resource) -> None:
        return
