"""Load balancers, Cloud Map and Application Auto Scaling."""

from wharf_localstack.aws import Json, tag_list
from wharf_localstack.cloudformation.resources import (
    Handler,
    Request,
    Resource,
    changed,
    ignoring,
    list_changes,
    only,
    resource,
    tag_changes,
    without,
)


class Elb(Handler):
    def retag(self, request: Request, old: Resource, properties: Json) -> None:
        add, remove = tag_changes(old.properties.get("Tags"), properties.get("Tags"))
        if remove:
            request.call("elbv2", "remove_tags", ResourceArns=[old.physical_id], TagKeys=remove)
        if add:
            request.call("elbv2", "add_tags", ResourceArns=[old.physical_id], Tags=tag_list(add))


@resource("AWS::ElasticLoadBalancingV2::LoadBalancer")
class LoadBalancer(Elb):
    def create(self, request: Request, properties: Json) -> tuple[str, Json]:
        name = properties.get("Name") or request.name(32)
        parameters = without(properties, "Name", "LoadBalancerAttributes")
        made = request.call("elbv2", "create_load_balancer", Name=name, **parameters)["LoadBalancers"][0]
        arn = made["LoadBalancerArn"]
        attributes = {
            "LoadBalancerArn": arn,
            "DNSName": made["DNSName"],
            "CanonicalHostedZoneID": made["CanonicalHostedZoneId"],
            "LoadBalancerName": made["LoadBalancerName"],
            "LoadBalancerFullName": arn.split("loadbalancer/")[1],
            "SecurityGroups": made.get("SecurityGroups") or [],
        }
        request.initiated(arn, attributes)
        self._attributes(request, arn, properties)
        return arn, attributes

    def _attributes(self, request: Request, arn: str, properties: Json) -> None:
        if values := properties.get("LoadBalancerAttributes"):
            request.call("elbv2", "modify_load_balancer_attributes", LoadBalancerArn=arn, Attributes=values)

    def update(self, request: Request, old: Resource, properties: Json) -> Json:
        arn, attributes = old.physical_id or "", dict(old.attributes)
        if changed(old, properties, "SecurityGroups"):
            groups = properties.get("SecurityGroups") or []
            request.call("elbv2", "set_security_groups", LoadBalancerArn=arn, SecurityGroups=groups)
            attributes["SecurityGroups"] = groups
        if changed(old, properties, "Subnets") or changed(old, properties, "SubnetMappings"):
            request.call("elbv2", "set_subnets", LoadBalancerArn=arn, **only(properties, "Subnets", "SubnetMappings"))
        if changed(old, properties, "IpAddressType"):
            kind = properties.get("IpAddressType", "ipv4")
            request.call("elbv2", "set_ip_address_type", LoadBalancerArn=arn, IpAddressType=kind)
        if changed(old, properties, "LoadBalancerAttributes"):
            self._attributes(request, arn, properties)
        self.retag(request, old, properties)
        return attributes

    def delete(self, request: Request, old: Resource) -> None:
        request.call("elbv2", "delete_load_balancer", LoadBalancerArn=old.physical_id)


@resource("AWS::ElasticLoadBalancingV2::TargetGroup")
class TargetGroup(Elb):
    def create(self, request: Request, properties: Json) -> tuple[str, Json]:
        name = properties.get("Name") or request.name(32)
        parameters = without(properties, "Name", "TargetGroupAttributes", "Targets")
        arn = request.call("elbv2", "create_target_group", Name=name, **parameters)["TargetGroups"][0]["TargetGroupArn"]
        full_name = "targetgroup/" + arn.split("targetgroup/")[1]
        attributes = {"TargetGroupArn": arn, "TargetGroupName": name, "TargetGroupFullName": full_name, "LoadBalancerArns": []}
        request.initiated(arn, attributes)
        self._attributes(request, arn, properties)
        if targets := properties.get("Targets"):
            request.call("elbv2", "register_targets", TargetGroupArn=arn, Targets=targets)
        return arn, attributes

    def _attributes(self, request: Request, arn: str, properties: Json) -> None:
        if values := properties.get("TargetGroupAttributes"):
            request.call("elbv2", "modify_target_group_attributes", TargetGroupArn=arn, Attributes=values)

    def update(self, request: Request, old: Resource, properties: Json) -> Json:
        arn = old.physical_id or ""
        checks = {
            k: v for k, v in properties.items() if k.startswith("HealthCheck") or k.endswith("ThresholdCount") or k == "Matcher"
        }
        if checks:
            request.call("elbv2", "modify_target_group", TargetGroupArn=arn, **checks)
        if changed(old, properties, "TargetGroupAttributes"):
            self._attributes(request, arn, properties)
        more, less = list_changes(old.properties.get("Targets"), properties.get("Targets"))
        if more:
            request.call("elbv2", "register_targets", TargetGroupArn=arn, Targets=more)
        if less:
            request.call("elbv2", "deregister_targets", TargetGroupArn=arn, Targets=less)
        self.retag(request, old, properties)
        return old.attributes

    def delete(self, request: Request, old: Resource) -> None:
        request.call("elbv2", "delete_target_group", TargetGroupArn=old.physical_id)


@resource("AWS::ElasticLoadBalancingV2::Listener")
class Listener(Handler):
    def create(self, request: Request, properties: Json) -> tuple[str, Json]:
        arn = request.call("elbv2", "create_listener", **without(properties, "ListenerAttributes"))["Listeners"][0]["ListenerArn"]
        return arn, {"ListenerArn": arn}

    def update(self, request: Request, old: Resource, properties: Json) -> Json:
        parameters = without(properties, "LoadBalancerArn", "ListenerAttributes")
        request.call("elbv2", "modify_listener", ListenerArn=old.physical_id, **parameters)
        return old.attributes

    def delete(self, request: Request, old: Resource) -> None:
        request.call("elbv2", "delete_listener", ListenerArn=old.physical_id)


@resource("AWS::ElasticLoadBalancingV2::ListenerRule")
class ListenerRule(Handler):
    def create(self, request: Request, properties: Json) -> tuple[str, Json]:
        arn = request.call("elbv2", "create_rule", **properties)["Rules"][0]["RuleArn"]
        return arn, {"RuleArn": arn, "IsDefault": False}

    def update(self, request: Request, old: Resource, properties: Json) -> Json:
        rule = old.physical_id
        if changed(old, properties, "Priority"):
            priorities = [{"RuleArn": rule, "Priority": properties["Priority"]}]
            request.call("elbv2", "set_rule_priorities", RulePriorities=priorities)
        if changed(old, properties, "Conditions") or changed(old, properties, "Actions"):
            request.call("elbv2", "modify_rule", RuleArn=rule, **only(properties, "Conditions", "Actions", "Transforms"))
        return old.attributes

    def delete(self, request: Request, old: Resource) -> None:
        request.call("elbv2", "delete_rule", RuleArn=old.physical_id)


@resource("AWS::ElasticLoadBalancingV2::ListenerCertificate")
class ListenerCertificate(Handler):
    def create(self, request: Request, properties: Json) -> tuple[str, Json]:
        request.call("elbv2", "add_listener_certificates", **properties)
        name = request.name()
        return name, {"Id": name}

    def update(self, request: Request, old: Resource, properties: Json) -> Json:
        add, remove = list_changes(old.properties["Certificates"], properties["Certificates"])
        for operation, certificates in (("add_listener_certificates", add), ("remove_listener_certificates", remove)):
            if certificates:
                request.call("elbv2", operation, ListenerArn=properties["ListenerArn"], Certificates=certificates)
        return old.attributes

    def delete(self, request: Request, old: Resource) -> None:
        remove = request.client("elbv2").remove_listener_certificates
        ignoring(remove, "ListenerNotFound", ListenerArn=old.properties["ListenerArn"], Certificates=old.properties["Certificates"])


# --- Cloud Map -------------------------------------------------------------------------------------------------------


class Namespace(Handler):
    operation: str

    def create(self, request: Request, properties: Json) -> tuple[str, Json]:
        cloud_map = request.client("servicediscovery")
        operation = request.call("servicediscovery", self.operation, CreatorRequestId=request.token, **properties)["OperationId"]
        made = cloud_map.get_operation(OperationId=operation)["Operation"]["Targets"]["NAMESPACE"]
        namespace = cloud_map.get_namespace(Id=made)["Namespace"]
        zone = namespace.get("Properties", {}).get("DnsProperties", {}).get("HostedZoneId", "")
        return made, {"Id": made, "Arn": namespace["Arn"], "HostedZoneId": zone}

    def update(self, request: Request, old: Resource, properties: Json) -> Json:
        retag_cloud_map(request, old, properties)
        return old.attributes

    def delete(self, request: Request, old: Resource) -> None:
        request.call("servicediscovery", "delete_namespace", Id=old.physical_id)


def retag_cloud_map(request: Request, old: Resource, properties: Json) -> None:
    add, remove = tag_changes(old.properties.get("Tags"), properties.get("Tags"))
    if remove:
        request.call("servicediscovery", "untag_resource", ResourceARN=old.attributes["Arn"], TagKeys=remove)
    if add:
        request.call("servicediscovery", "tag_resource", ResourceARN=old.attributes["Arn"], Tags=tag_list(add))


@resource("AWS::ServiceDiscovery::PrivateDnsNamespace")
class PrivateDnsNamespace(Namespace):
    operation = "create_private_dns_namespace"


@resource("AWS::ServiceDiscovery::HttpNamespace")
class HttpNamespace(Namespace):
    operation = "create_http_namespace"


@resource("AWS::ServiceDiscovery::Service")
class DiscoveryService(Handler):
    def create(self, request: Request, properties: Json) -> tuple[str, Json]:
        parameters = {"Name": request.name(64)} | properties
        made = request.call("servicediscovery", "create_service", CreatorRequestId=request.token, **parameters)["Service"]
        return made["Id"], {"Id": made["Id"], "Arn": made["Arn"], "Name": made["Name"]}

    def update(self, request: Request, old: Resource, properties: Json) -> Json:
        change = only(properties, "Description", "HealthCheckConfig")
        if "DnsConfig" in properties:
            change["DnsConfig"] = only(properties["DnsConfig"], "DnsRecords")
        request.call("servicediscovery", "update_service", Id=old.physical_id, Service=change)
        retag_cloud_map(request, old, properties)
        return old.attributes

    def delete(self, request: Request, old: Resource) -> None:
        request.call("servicediscovery", "delete_service", Id=old.physical_id)


# --- Application Auto Scaling ----------------------------------------------------------------------------------------

TARGET_KEYS = ("ResourceId", "ScalableDimension", "ServiceNamespace")


@resource("AWS::ApplicationAutoScaling::ScalableTarget")
class ScalableTarget(Handler):
    def create(self, request: Request, properties: Json) -> tuple[str, Json]:
        request.call("application-autoscaling", "register_scalable_target", **without(properties, "ScheduledActions"))
        target = "|".join(properties[k] for k in TARGET_KEYS)
        return target, {"Id": target}

    def update(self, request: Request, old: Resource, properties: Json) -> Json:
        request.call("application-autoscaling", "register_scalable_target", **without(properties, "ScheduledActions"))
        return old.attributes

    def delete(self, request: Request, old: Resource) -> None:
        keys = only(old.properties, *TARGET_KEYS)
        deregister = request.client("application-autoscaling").deregister_scalable_target
        ignoring(deregister, "ObjectNotFoundException", **keys)


@resource("AWS::ApplicationAutoScaling::ScalingPolicy")
class ScalingPolicy(Handler):
    @staticmethod
    def _keys(properties: Json) -> Json:
        if "ScalingTargetId" in properties:
            return dict(zip(TARGET_KEYS, properties["ScalingTargetId"].split("|"), strict=True))
        return only(properties, *TARGET_KEYS)

    def create(self, request: Request, properties: Json) -> tuple[str, Json]:
        parameters = without(properties, "ScalingTargetId", *TARGET_KEYS) | self._keys(properties)
        arn = request.call("application-autoscaling", "put_scaling_policy", **parameters)["PolicyARN"]
        return arn, {"Arn": arn}

    def update(self, request: Request, old: Resource, properties: Json) -> Json:
        self.create(request, properties)
        return old.attributes

    def delete(self, request: Request, old: Resource) -> None:
        remove = request.client("application-autoscaling").delete_scaling_policy
        ignoring(remove, "ObjectNotFoundException", PolicyName=old.properties["PolicyName"], **self._keys(old.properties))
