"""ECS."""

from typing import Any

from wharf_localstack.aws import Json, tag_list
from wharf_localstack.cloudformation.resources import (
    Cancelled,
    Failed,
    Handler,
    Request,
    Resource,
    changed,
    only,
    resource,
    tag_changes,
    without,
)

CONSISTENCY_CHECK = "Eventual consistency check initiated"


def retag(request: Request, arn: str, old: Resource, properties: Json) -> None:
    add, remove = tag_changes(old.properties.get("Tags"), properties.get("Tags"))
    if remove:
        request.call("ecs", "untag_resource", resourceArn=arn, tagKeys=remove)
    if add:
        request.call("ecs", "tag_resource", resourceArn=arn, tags=tag_list(add))


@resource("AWS::ECS::Cluster")
class Cluster(Handler):
    def create(self, request: Request, properties: Json) -> tuple[str, Json]:
        name = properties.get("ClusterName") or request.name()
        parameters = without(properties, "ClusterName", "ClusterSettings") | {"settings": properties.get("ClusterSettings") or []}
        made = request.call("ecs", "create_cluster", clusterName=name, **parameters)["cluster"]
        return name, {"Arn": made["clusterArn"]}

    def update(self, request: Request, old: Resource, properties: Json) -> Json:
        name = old.physical_id
        parameters = only(properties, "Configuration", "ServiceConnectDefaults")
        settings = properties.get("ClusterSettings") or [{"Name": "containerInsights", "Value": "disabled"}]
        request.call("ecs", "update_cluster", cluster=name, settings=settings, **parameters)
        if changed(old, properties, "CapacityProviders") or changed(old, properties, "DefaultCapacityProviderStrategy"):
            put_capacity_providers(request, name, properties)
        retag(request, old.attributes["Arn"], old, properties)
        return old.attributes

    def delete(self, request: Request, old: Resource) -> None:
        request.call("ecs", "delete_cluster", cluster=old.physical_id)


def put_capacity_providers(request: Request, cluster: str | None, properties: Json) -> None:
    request.call(
        "ecs",
        "put_cluster_capacity_providers",
        cluster=cluster,
        capacityProviders=properties.get("CapacityProviders") or [],
        defaultCapacityProviderStrategy=properties.get("DefaultCapacityProviderStrategy") or [],
    )


@resource("AWS::ECS::ClusterCapacityProviderAssociations")
class ClusterCapacityProviderAssociations(Handler):
    def create(self, request: Request, properties: Json) -> tuple[str, Json]:
        put_capacity_providers(request, properties["Cluster"], properties)
        return properties["Cluster"], {}

    def update(self, request: Request, old: Resource, properties: Json) -> Json:
        put_capacity_providers(request, properties["Cluster"], properties)
        return old.attributes

    def delete(self, request: Request, old: Resource) -> None:
        put_capacity_providers(request, old.properties["Cluster"], {})


@resource("AWS::ECS::TaskDefinition")
class TaskDefinition(Handler):
    def create(self, request: Request, properties: Json) -> tuple[str, Json]:
        family = properties.get("Family") or request.name()
        made = request.call("ecs", "register_task_definition", family=family, **without(properties, "Family"))
        arn = made["taskDefinition"]["taskDefinitionArn"]
        return arn, {"TaskDefinitionArn": arn}

    def update(self, request: Request, old: Resource, properties: Json) -> Json:
        retag(request, old.physical_id or "", old, properties)
        return old.attributes

    def delete(self, request: Request, old: Resource) -> None:
        request.call("ecs", "deregister_task_definition", taskDefinition=old.physical_id)


@resource("AWS::ECS::Service")
class Service(Handler):
    #: Properties that UpdateService takes.
    UPDATABLE = ("AvailabilityZoneRebalancing", "CapacityProviderStrategy", "DeploymentConfiguration", "DesiredCount",
                 "EnableECSManagedTags", "EnableExecuteCommand", "HealthCheckGracePeriodSeconds", "LoadBalancers",
                 "NetworkConfiguration", "PlacementConstraints", "PlatformVersion", "PropagateTags",
                 "ServiceConnectConfiguration", "ServiceRegistries", "TaskDefinition")  # fmt: skip
    #: Lists that a template empties by leaving them out.
    LISTS = ("LoadBalancers", "ServiceRegistries", "CapacityProviderStrategy")

    def create(self, request: Request, properties: Json) -> tuple[str, Json]:
        name = properties.get("ServiceName") or request.name(255)
        parameters = without(properties, "ServiceName", "PlacementStrategies") | {
            "placementStrategy": properties.get("PlacementStrategies") or []
        }
        if properties.get("SchedulingStrategy") != "DAEMON":
            parameters.setdefault("DesiredCount", 1)
        made = request.call("ecs", "create_service", serviceName=name, **parameters)["service"]
        attributes = {"ServiceArn": made["serviceArn"], "Name": made["serviceName"]}
        request.initiated(made["serviceArn"], attributes)
        if not request.express:
            self._wait(request, made)
            request.initiated(made["serviceArn"], attributes, CONSISTENCY_CHECK)
        return made["serviceArn"], attributes

    def update(self, request: Request, old: Resource, properties: Json) -> Json:
        parameters: Json = only(properties, *self.UPDATABLE)
        parameters |= {k: [] for k in self.LISTS if k in old.properties and k not in properties}
        if "ServiceConnectConfiguration" in old.properties and "ServiceConnectConfiguration" not in properties:
            parameters["ServiceConnectConfiguration"] = {"Enabled": False}
        made = request.call(
            "ecs", "update_service", cluster=properties.get("Cluster"), service=old.attributes["Name"], **parameters
        )["service"]
        retag(request, old.physical_id or "", old, properties)
        if not request.express:
            self._wait(request, made)
            request.initiated(old.physical_id or "", old.attributes, CONSISTENCY_CHECK)
        return old.attributes

    def _wait(self, request: Request, service: Json) -> None:
        from wharf_localstack.ecs.service import NOT_STABLE, wait_until_stable

        problem = wait_until_stable(request.account, request.region, service, request.cancelled)
        if problem == "cancelled":
            raise Cancelled
        if problem == NOT_STABLE:
            text = "Exceeded attempts to wait"
            raise Failed(
                f'Resource handler returned message: "{text}" (RequestToken: {request.token}, HandlerErrorCode: NotStabilized)'
            )
        if problem:
            raise Failed(
                f"Resource handler returned message: \"Error occurred during operation '{problem}'.\" "
                f"(RequestToken: {request.token}, HandlerErrorCode: GeneralServiceException)"
            )

    def delete(self, request: Request, old: Resource) -> None:
        from wharf_localstack.ecs.service import wait_until_gone

        cluster: Any = old.properties.get("Cluster")
        request.call("ecs", "delete_service", cluster=cluster, service=old.physical_id, force=True)
        wait_until_gone(request.account, request.region, old.physical_id or "")
