"""Resource types that LocalStack's community core can make by itself."""

import copy
import uuid

from localstack.services.cloudformation.resource_provider import OperationStatus, ResourceProviderExecutor

from wharf_localstack.aws import Json
from wharf_localstack.cloudformation.resources import Failed, Handler, Request, Resource


class Fallback(Handler):
    def __init__(self, resource_type: str) -> None:
        self.type = resource_type

    def _run(self, request: Request, action: str, properties: Json, previous: Json | None) -> tuple[str, Json]:
        provider = ResourceProviderExecutor.try_load_resource_provider(self.type)
        if provider is None:
            raise Failed(f"Resource type {self.type} is not simulated")
        credentials = {"accessKeyId": request.account, "secretAccessKey": "test", "sessionToken": ""}
        payload = {
            "awsAccountId": request.account,
            "callbackContext": {},
            "stackId": request.stack.name,
            "resourceType": self.type,
            "resourceTypeVersion": "000000",
            "bearerToken": str(uuid.uuid4()),
            "region": request.region,
            "action": action,
            "requestData": {
                "logicalResourceId": request.logical_id,
                "resourceProperties": copy.deepcopy(properties),
                "previousResourceProperties": copy.deepcopy(previous),
                "callerCredentials": credentials,
                "providerCredentials": credentials,
                "systemTags": {},
                "previousSystemTags": {},
                "stackTags": {},
                "previousStackTags": {},
            },
        }
        executor = ResourceProviderExecutor(stack_name=request.stack.name, stack_id=request.stack.id)
        result: Json = {}
        event = executor.deploy_loop(provider, result, payload)
        if event.status != OperationStatus.SUCCESS:
            cause = (event.custom_context or {}).get("exception")
            if isinstance(cause, Exception):
                raise cause
            raise Failed(event.message or f"{action} of {self.type} failed")
        return result.get("PhysicalResourceId", ""), dict(event.resource_model or {})

    def create(self, request: Request, properties: Json) -> tuple[str, Json]:
        return self._run(request, "Add", properties, None)

    def update(self, request: Request, old: Resource, properties: Json) -> Json:
        physical_id, model = self._run(request, "Modify", properties, {**old.attributes})
        return model if physical_id else old.attributes

    def delete(self, request: Request, old: Resource) -> None:
        model = {**old.properties, **old.attributes}
        self._run(request, "Remove", model, model)
