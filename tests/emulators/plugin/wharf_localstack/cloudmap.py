"""Cloud Map: moto's, with the refusals that it lacks."""

from localstack.aws.api import RequestContext
from localstack.services.moto import call_moto
from moto.servicediscovery.models import servicediscovery_backends

from wharf_localstack.aws import Json, MotoApi, error


class CloudMapApi(MotoApi):
    def __init__(self) -> None:
        super().__init__("servicediscovery")

    def create_private_dns_namespace(self, context: RequestContext, request: Json) -> Json:
        backend = servicediscovery_backends[context.account_id][context.region]
        if any(n.name == request["Name"] for n in backend.list_namespaces()):
            raise error("NamespaceAlreadyExists", f"Namespace {request['Name']} already exists")
        return call_moto(context)

    def delete_namespace(self, context: RequestContext, request: Json) -> Json:
        backend = servicediscovery_backends[context.account_id][context.region]
        if any(s.namespace_id == request["Id"] for s in backend.list_services()):
            raise error("ResourceInUse", "Namespace has associated services; delete them first.")
        return call_moto(context)

    def delete_service(self, context: RequestContext, request: Json) -> Json:
        backend = servicediscovery_backends[context.account_id][context.region]
        if backend.list_instances(request["Id"]):
            raise error("ResourceInUse", "Service contains registered instances; delete the instances before deleting the service")
        return call_moto(context)
