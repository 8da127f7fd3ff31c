"""App Runner."""

import time

from wharf_localstack.aws import Json
from wharf_localstack.cloudformation.resources import Cancelled, Failed, Handler, Request, Resource, resource, without


@resource("AWS::AppRunner::Service")
class Service(Handler):
    def create(self, request: Request, properties: Json) -> tuple[str, Json]:
        name = properties.get("ServiceName") or request.name(40)
        made = request.call("apprunner", "create_service", ServiceName=name, **shaped(without(properties, "ServiceName")))
        service = made["Service"]
        arn = service["ServiceArn"]
        attributes = {"ServiceArn": arn, "ServiceId": service["ServiceId"], "ServiceUrl": service["ServiceUrl"]}
        request.initiated(arn, attributes)
        self._wait(request, arn, made["OperationId"])
        return arn, attributes

    def update(self, request: Request, old: Resource, properties: Json) -> Json:
        parameters = shaped(without(properties, "ServiceName", "Tags"))
        made = request.call("apprunner", "update_service", ServiceArn=old.physical_id, **parameters)
        self._wait(request, old.physical_id or "", made["OperationId"])
        return old.attributes

    def delete(self, request: Request, old: Resource) -> None:
        request.call("apprunner", "delete_service", ServiceArn=old.physical_id)

    def _wait(self, request: Request, arn: str, operation: str) -> None:
        while not request.express:
            found = request.call("apprunner", "list_operations", ServiceArn=arn)["OperationSummaryList"]
            status = next(o["Status"] for o in found if o["Id"] == operation)
            if status == "SUCCEEDED":
                return
            if status != "IN_PROGRESS":
                raise Failed(
                    f'Resource handler returned message: "null" (RequestToken: {request.token}, HandlerErrorCode: NotStabilized)'
                )
            if request.cancelled():
                raise Cancelled
            time.sleep(0.1)


def shaped(properties: Json) -> Json:
    """Variables and secrets are lists of pairs in a template, maps in the API."""
    source = properties.get("SourceConfiguration") or {}
    image = source.get("ImageRepository")
    if image is None:
        return properties
    settings = dict(image.get("ImageConfiguration") or {})
    for key in ("RuntimeEnvironmentVariables", "RuntimeEnvironmentSecrets"):
        settings[key] = {pair["Name"]: pair.get("Value", "") for pair in settings.get(key) or []}
    return properties | {"SourceConfiguration": source | {"ImageRepository": image | {"ImageConfiguration": settings}}}


@resource("AWS::AppRunner::VpcConnector")
class VpcConnector(Handler):
    def create(self, request: Request, properties: Json) -> tuple[str, Json]:
        name = properties.get("VpcConnectorName") or request.name(40)
        made = request.call("apprunner", "create_vpc_connector", VpcConnectorName=name, **without(properties, "VpcConnectorName"))
        connector = made["VpcConnector"]
        return connector["VpcConnectorArn"], {k: connector[k] for k in ("VpcConnectorArn", "VpcConnectorRevision")}

    def delete(self, request: Request, old: Resource) -> None:
        request.call("apprunner", "delete_vpc_connector", VpcConnectorArn=old.physical_id)


@resource("AWS::AppRunner::VpcIngressConnection")
class VpcIngressConnection(Handler):
    def create(self, request: Request, properties: Json) -> tuple[str, Json]:
        name = properties.get("VpcIngressConnectionName") or request.name(40)
        parameters = without(properties, "VpcIngressConnectionName")
        made = request.call("apprunner", "create_vpc_ingress_connection", VpcIngressConnectionName=name, **parameters)
        connection = made["VpcIngressConnection"]
        arn = connection["VpcIngressConnectionArn"]
        return arn, {"VpcIngressConnectionArn": arn, "DomainName": connection["DomainName"], "Status": connection["Status"]}

    def delete(self, request: Request, old: Resource) -> None:
        request.call("apprunner", "delete_vpc_ingress_connection", VpcIngressConnectionArn=old.physical_id)
