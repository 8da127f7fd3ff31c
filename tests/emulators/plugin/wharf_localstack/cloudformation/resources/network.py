"""EC2 networking, Route 53 and EFS."""

import json
import uuid
from typing import Any

from wharf_localstack.aws import Json, tag_dict, tag_list
from wharf_localstack.cloudformation.resources import (
    Failed,
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


class Ec2(Handler):
    """What EC2 resources have in common: tags."""

    def tag(self, request: Request, physical_id: str, properties: Json) -> None:
        if tags := tag_dict(properties.get("Tags")):
            request.call("ec2", "create_tags", Resources=[physical_id], Tags=tag_list(tags))

    def retag(self, request: Request, old: Resource, physical_id: str, properties: Json) -> None:
        add, remove = tag_changes(old.properties.get("Tags"), properties.get("Tags"))
        if remove:
            request.call("ec2", "delete_tags", Resources=[physical_id], Tags=[{"Key": k} for k in remove])
        if add:
            request.call("ec2", "create_tags", Resources=[physical_id], Tags=tag_list(add))

    def update(self, request: Request, old: Resource, properties: Json) -> Json:
        self.retag(request, old, old.physical_id or "", properties)
        return old.attributes

    def drop(self, request: Request, old: Resource, operation: str, parameter: str, physical_id: str | None = None) -> None:
        """Deletes, and the tags too (which moto keeps)."""
        name = physical_id or old.physical_id
        request.call("ec2", operation, **{parameter: [name] if parameter.endswith("Ids") else name})
        if keys := tag_dict(old.properties.get("Tags")):
            request.call("ec2", "delete_tags", Resources=[name], Tags=[{"Key": k} for k in keys])


@resource("AWS::EC2::VPC")
class Vpc(Ec2):
    def _dns(self, request: Request, vpc: str, properties: Json) -> None:
        for name in ("EnableDnsSupport", "EnableDnsHostnames"):
            if name in properties:
                value = str(properties[name]).lower() == "true"
                request.client("ec2").modify_vpc_attribute(VpcId=vpc, **{name: {"Value": value}})

    def create(self, request: Request, properties: Json) -> tuple[str, Json]:
        made = request.call("ec2", "create_vpc", **only(properties, "CidrBlock", "InstanceTenancy"))["Vpc"]
        vpc = made["VpcId"]
        self.tag(request, vpc, properties)
        self._dns(request, vpc, properties)
        mine = [{"Name": "vpc-id", "Values": [vpc]}]
        groups = request.client("ec2").describe_security_groups(Filters=mine)["SecurityGroups"]
        acls = request.client("ec2").describe_network_acls(Filters=mine)["NetworkAcls"]
        return vpc, {
            "VpcId": vpc,
            "CidrBlock": made["CidrBlock"],
            "DefaultSecurityGroup": groups[0]["GroupId"] if groups else "",
            "DefaultNetworkAcl": acls[0]["NetworkAclId"] if acls else "",
        }

    def update(self, request: Request, old: Resource, properties: Json) -> Json:
        self._dns(request, old.physical_id or "", properties)
        return super().update(request, old, properties)

    def delete(self, request: Request, old: Resource) -> None:
        self.drop(request, old, "delete_vpc", "VpcId")


@resource("AWS::EC2::Subnet")
class Subnet(Ec2):
    def create(self, request: Request, properties: Json) -> tuple[str, Json]:
        made = request.call("ec2", "create_subnet", **only(properties, "CidrBlock", "VpcId", "AvailabilityZone"))["Subnet"]
        self.tag(request, made["SubnetId"], properties)
        self._public(request, made["SubnetId"], properties)
        return made["SubnetId"], {**only(made, "AvailabilityZone", "VpcId", "CidrBlock", "SubnetId"), "NetworkAclAssociationId": ""}

    def _public(self, request: Request, subnet: str, properties: Json) -> None:
        value = str(properties.get("MapPublicIpOnLaunch", False)).lower() == "true"
        request.client("ec2").modify_subnet_attribute(SubnetId=subnet, MapPublicIpOnLaunch={"Value": value})

    def update(self, request: Request, old: Resource, properties: Json) -> Json:
        self._public(request, old.physical_id or "", properties)
        return super().update(request, old, properties)

    def delete(self, request: Request, old: Resource) -> None:
        self.drop(request, old, "delete_subnet", "SubnetId")


@resource("AWS::EC2::RouteTable")
class RouteTable(Ec2):
    def create(self, request: Request, properties: Json) -> tuple[str, Json]:
        table = request.call("ec2", "create_route_table", VpcId=properties["VpcId"])["RouteTable"]["RouteTableId"]
        self.tag(request, table, properties)
        return table, {"RouteTableId": table}

    def delete(self, request: Request, old: Resource) -> None:
        self.drop(request, old, "delete_route_table", "RouteTableId")


@resource("AWS::EC2::Route")
class Route(Handler):
    def create(self, request: Request, properties: Json) -> tuple[str, Json]:
        request.call("ec2", "create_route", **properties)
        destination = next(v for k, v in properties.items() if k.startswith("Destination"))
        return f"{properties['RouteTableId']}|{destination}", {"CidrBlock": destination}

    def update(self, request: Request, old: Resource, properties: Json) -> Json:
        request.call("ec2", "replace_route", **properties)
        return old.attributes

    def delete(self, request: Request, old: Resource) -> None:
        destination = {k: v for k, v in old.properties.items() if k.startswith("Destination")}
        request.call("ec2", "delete_route", RouteTableId=old.properties["RouteTableId"], **destination)


@resource("AWS::EC2::InternetGateway")
class InternetGateway(Ec2):
    def create(self, request: Request, properties: Json) -> tuple[str, Json]:
        gateway = request.call("ec2", "create_internet_gateway")["InternetGateway"]["InternetGatewayId"]
        self.tag(request, gateway, properties)
        return gateway, {"InternetGatewayId": gateway}

    def delete(self, request: Request, old: Resource) -> None:
        self.drop(request, old, "delete_internet_gateway", "InternetGatewayId")


@resource("AWS::EC2::VPCGatewayAttachment")
class VpcGatewayAttachment(Handler):
    def create(self, request: Request, properties: Json) -> tuple[str, Json]:
        request.call("ec2", "attach_internet_gateway", **only(properties, "VpcId", "InternetGatewayId"))
        return f"IGW|{properties['VpcId']}", {"AttachmentType": "IGW"}

    def update(self, request: Request, old: Resource, properties: Json) -> Json:
        self.delete(request, old)
        self.create(request, properties)
        return old.attributes

    def delete(self, request: Request, old: Resource) -> None:
        request.call("ec2", "detach_internet_gateway", **only(old.properties, "VpcId", "InternetGatewayId"))


@resource("AWS::EC2::SubnetRouteTableAssociation")
class SubnetRouteTableAssociation(Handler):
    def create(self, request: Request, properties: Json) -> tuple[str, Json]:
        made = request.call("ec2", "associate_route_table", **properties)["AssociationId"]
        return made, {"Id": made}

    def delete(self, request: Request, old: Resource) -> None:
        request.call("ec2", "disassociate_route_table", AssociationId=old.physical_id)


@resource("AWS::EC2::EIP")
class Eip(Ec2):
    def create(self, request: Request, properties: Json) -> tuple[str, Json]:
        made = request.call("ec2", "allocate_address", Domain=properties.get("Domain", "vpc"))
        self.tag(request, made["AllocationId"], properties)
        return made["PublicIp"], only(made, "AllocationId", "PublicIp")

    def update(self, request: Request, old: Resource, properties: Json) -> Json:
        self.retag(request, old, old.attributes["AllocationId"], properties)
        return old.attributes

    def delete(self, request: Request, old: Resource) -> None:
        self.drop(request, old, "release_address", "AllocationId", old.attributes["AllocationId"])


@resource("AWS::EC2::NatGateway")
class NatGateway(Ec2):
    def create(self, request: Request, properties: Json) -> tuple[str, Json]:
        names = ("AllocationId", "SubnetId", "ConnectivityType")
        made = request.call("ec2", "create_nat_gateway", **only(properties, *names))["NatGateway"]["NatGatewayId"]
        self.tag(request, made, properties)
        return made, {"NatGatewayId": made}

    def delete(self, request: Request, old: Resource) -> None:
        self.drop(request, old, "delete_nat_gateway", "NatGatewayId")


def permission(rule: Json) -> Json:
    """A rule of a template as an IpPermission."""
    result: Json = {"IpProtocol": str(rule["IpProtocol"]).lower()}
    for name in ("FromPort", "ToPort"):
        if name in rule:
            result[name] = int(rule[name])
    description = {"Description": rule["Description"]} if rule.get("Description") else {}
    if "CidrIp" in rule:
        result["IpRanges"] = [{"CidrIp": rule["CidrIp"], **description}]
    if "CidrIpv6" in rule:
        result["Ipv6Ranges"] = [{"CidrIpv6": rule["CidrIpv6"], **description}]
    group = rule.get("SourceSecurityGroupId") or rule.get("DestinationSecurityGroupId")
    if group:
        result["UserIdGroupPairs"] = [{"GroupId": group, **description}]
    prefix = rule.get("SourcePrefixListId") or rule.get("DestinationPrefixListId")
    if prefix:
        result["PrefixListIds"] = [{"PrefixListId": prefix, **description}]
    return result


@resource("AWS::EC2::SecurityGroup")
class SecurityGroup(Ec2):
    def create(self, request: Request, properties: Json) -> tuple[str, Json]:
        ec2 = request.client("ec2")
        group = request.call(
            "ec2",
            "create_security_group",
            GroupName=properties.get("GroupName") or request.name(),
            Description=properties["GroupDescription"],
            **only(properties, "VpcId"),
        )["GroupId"]
        self.tag(request, group, properties)
        if properties.get("SecurityGroupEgress"):
            everything = [{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]
            ignoring(ec2.revoke_security_group_egress, "InvalidPermission.NotFound", GroupId=group, IpPermissions=everything)
        self._rules(request, group, {}, properties)
        return group, {"GroupId": group, "Id": group, "VpcId": properties.get("VpcId", "")}

    def _rules(self, request: Request, group: str, before: Json, after: Json) -> None:
        ec2 = request.client("ec2")
        for name, direction in (("SecurityGroupIngress", "ingress"), ("SecurityGroupEgress", "egress")):
            add, remove = list_changes(before.get(name), after.get(name))
            for rule in remove:
                revoke = getattr(ec2, f"revoke_security_group_{direction}")
                ignoring(revoke, "InvalidPermission.NotFound", GroupId=group, IpPermissions=[permission(rule)])
            for rule in add:
                getattr(ec2, f"authorize_security_group_{direction}")(GroupId=group, IpPermissions=[permission(rule)])

    def update(self, request: Request, old: Resource, properties: Json) -> Json:
        self._rules(request, old.physical_id or "", old.properties, properties)
        return super().update(request, old, properties)

    def delete(self, request: Request, old: Resource) -> None:
        self.drop(request, old, "delete_security_group", "GroupId")


class SecurityGroupRule(Handler):
    direction: str

    def create(self, request: Request, properties: Json) -> tuple[str, Json]:
        authorize = getattr(request.client("ec2"), f"authorize_security_group_{self.direction}")
        made = authorize(GroupId=properties["GroupId"], IpPermissions=[permission(properties)])
        rules = made.get("SecurityGroupRules") or [{}]
        rule_id = rules[0].get("SecurityGroupRuleId") or f"sgr-{uuid.uuid4().hex[:17]}"
        return rule_id, {"Id": rule_id}

    def update(self, request: Request, old: Resource, properties: Json) -> Json:
        return old.attributes  # only a description can change in place

    def delete(self, request: Request, old: Resource) -> None:
        revoke = getattr(request.client("ec2"), f"revoke_security_group_{self.direction}")
        codes = ("InvalidPermission.NotFound", "InvalidGroup.NotFound")
        ignoring(revoke, *codes, GroupId=old.properties["GroupId"], IpPermissions=[permission(old.properties)])


@resource("AWS::EC2::SecurityGroupIngress")
class SecurityGroupIngress(SecurityGroupRule):
    direction = "ingress"


@resource("AWS::EC2::SecurityGroupEgress")
class SecurityGroupEgress(SecurityGroupRule):
    direction = "egress"


@resource("AWS::EC2::FlowLog")
class FlowLog(Ec2):
    def create(self, request: Request, properties: Json) -> tuple[str, Json]:
        parameters = without(properties, "Tags", "ResourceId") | {"ResourceIds": [properties["ResourceId"]]}
        made = request.call("ec2", "create_flow_logs", **parameters)
        if made.get("Unsuccessful"):
            raise Failed(made["Unsuccessful"][0]["Error"]["Message"])
        flow_log = made["FlowLogIds"][0]
        self.tag(request, flow_log, properties)
        return flow_log, {"Id": flow_log}

    def delete(self, request: Request, old: Resource) -> None:
        self.drop(request, old, "delete_flow_logs", "FlowLogIds")


@resource("AWS::EC2::VPCEndpoint")
class VpcEndpoint(Ec2):
    def create(self, request: Request, properties: Json) -> tuple[str, Json]:
        made = request.call("ec2", "create_vpc_endpoint", **without(properties, "Tags"))["VpcEndpoint"]
        endpoint = made["VpcEndpointId"]
        self.tag(request, endpoint, properties)
        entries = [f"{e.get('HostedZoneId', '')}:{e.get('DnsName', '')}" for e in made.get("DnsEntries") or []]
        return endpoint, {
            "Id": endpoint,
            "CreationTimestamp": str(made.get("CreationTimestamp", "")),
            "DnsEntries": entries,
            "NetworkInterfaceIds": made.get("NetworkInterfaceIds") or [],
        }

    def update(self, request: Request, old: Resource, properties: Json) -> Json:
        parameters: Json = {"VpcEndpointId": old.physical_id}
        for name, add, remove in (
            ("RouteTableIds", "AddRouteTableIds", "RemoveRouteTableIds"),
            ("SubnetIds", "AddSubnetIds", "RemoveSubnetIds"),
            ("SecurityGroupIds", "AddSecurityGroupIds", "RemoveSecurityGroupIds"),
        ):
            more, less = list_changes(old.properties.get(name), properties.get(name))
            parameters |= ({add: more} if more else {}) | ({remove: less} if less else {})
        if changed(old, properties, "PolicyDocument"):
            parameters["PolicyDocument"] = properties.get("PolicyDocument", {})
        if len(parameters) > 1:
            request.call("ec2", "modify_vpc_endpoint", **parameters)
        return super().update(request, old, properties)

    def delete(self, request: Request, old: Resource) -> None:
        self.drop(request, old, "delete_vpc_endpoints", "VpcEndpointIds")


# --- Route 53 --------------------------------------------------------------------------------------------------------


@resource("AWS::Route53::HostedZone")
class HostedZone(Handler):
    def create(self, request: Request, properties: Json) -> tuple[str, Json]:
        parameters: Json = {"Name": properties["Name"], "CallerReference": request.token}
        if comment := (properties.get("HostedZoneConfig") or {}).get("Comment"):
            parameters["HostedZoneConfig"] = {"Comment": comment}
        if vpcs := properties.get("VPCs"):
            parameters["VPC"] = vpcs[0]
            parameters["HostedZoneConfig"] = {"Comment": "", **parameters.get("HostedZoneConfig", {}), "PrivateZone": True}
        made = request.call("route53", "create_hosted_zone", **parameters)
        zone = made["HostedZone"]["Id"].split("/")[-1]
        for vpc in (properties.get("VPCs") or [])[1:]:
            request.call("route53", "associate_vpc_with_hosted_zone", HostedZoneId=zone, VPC=vpc)
        self._tag(request, zone, [], properties.get("HostedZoneTags"))
        return zone, {"Id": zone, "NameServers": (made.get("DelegationSet") or {}).get("NameServers", [])}

    def _tag(self, request: Request, zone: str, before: Any, after: Any) -> None:
        add, remove = tag_changes(before, after)
        parameters: Json = {"AddTags": tag_list(add)} if add else {}
        if remove:
            parameters["RemoveTagKeys"] = remove
        if parameters:
            request.call("route53", "change_tags_for_resource", ResourceType="hostedzone", ResourceId=zone, **parameters)

    def update(self, request: Request, old: Resource, properties: Json) -> Json:
        zone = old.physical_id or ""
        if changed(old, properties, "HostedZoneConfig"):
            comment = (properties.get("HostedZoneConfig") or {}).get("Comment", "")
            request.call("route53", "update_hosted_zone_comment", Id=zone, Comment=comment)
        more, less = list_changes(old.properties.get("VPCs"), properties.get("VPCs"))
        for vpc in more:
            request.call("route53", "associate_vpc_with_hosted_zone", HostedZoneId=zone, VPC=vpc)
        for vpc in less:
            request.call("route53", "disassociate_vpc_from_hosted_zone", HostedZoneId=zone, VPC=vpc)
        self._tag(request, zone, old.properties.get("HostedZoneTags"), properties.get("HostedZoneTags"))
        return old.attributes

    def delete(self, request: Request, old: Resource) -> None:
        route53, zone = request.client("route53"), old.physical_id
        sets = route53.list_resource_record_sets(HostedZoneId=zone)["ResourceRecordSets"]
        if any(s["Type"] not in ("NS", "SOA") or s["Name"].rstrip(".") != old.properties["Name"].rstrip(".") for s in sets):
            raise Failed(
                "The specified hosted zone contains non-required resource record sets and so cannot be deleted. "
                "(Service: AmazonRoute53; Status Code: 400; Error Code: HostedZoneNotEmpty)"
            )
        route53.delete_hosted_zone(Id=zone)


def zone_of(request: Request, properties: Json) -> str:
    if properties.get("HostedZoneId"):
        return str(properties["HostedZoneId"])
    name = str(properties["HostedZoneName"]).rstrip(".") + "."
    zones = request.client("route53").list_hosted_zones()["HostedZones"]
    found = [z["Id"].split("/")[-1] for z in zones if z["Name"] == name]
    if len(found) != 1:
        raise Failed(f"{'No' if not found else 'Multiple'} hosted zones named {name} found.")
    return found[0]


def record_set(properties: Json) -> Json:
    result = without(properties, "HostedZoneId", "HostedZoneName", "Comment")
    if "ResourceRecords" in result:
        result["ResourceRecords"] = [{"Value": v} for v in result["ResourceRecords"]]
    if "AliasTarget" in result:
        alias = dict(result["AliasTarget"])
        alias["EvaluateTargetHealth"] = str(alias.get("EvaluateTargetHealth", False)).lower() == "true"
        result["AliasTarget"] = alias
    return result


def change_records(request: Request, zone: str, changes: list[tuple[str, Json]]) -> None:
    if changes:
        batch = {"Changes": [{"Action": action, "ResourceRecordSet": record_set(record)} for action, record in changes]}
        request.call("route53", "change_resource_record_sets", HostedZoneId=zone, ChangeBatch=batch)


def require_absent(request: Request, zone: str, records: list[Json]) -> None:
    """AWS refuses to create a record set that is there. LocalStack takes one that was there and is gone for one that is: what is
    absent is made with UPSERT."""
    existing = request.client("route53").list_resource_record_sets(HostedZoneId=zone)["ResourceRecordSets"]
    taken = {(s["Name"].rstrip("."), s["Type"], s.get("SetIdentifier")) for s in existing}
    for record in records:
        name = str(record["Name"]).rstrip(".")
        if (name, record["Type"], record.get("SetIdentifier")) in taken:
            raise Failed(
                f"[Tried to create resource record set [name='{name}.', type='{record['Type']}'] but it already exists] "
                "(Service: Route53, Status Code: 400)"
            )


@resource("AWS::Route53::RecordSet")
class RecordSet(Handler):
    def create(self, request: Request, properties: Json) -> tuple[str, Json]:
        zone = zone_of(request, properties)
        require_absent(request, zone, [properties])
        change_records(request, zone, [("UPSERT", properties)])
        return str(properties["Name"]).rstrip("."), {"Id": str(uuid.uuid4())}

    def update(self, request: Request, old: Resource, properties: Json) -> Json:
        changes = [("UPSERT", properties)]
        if changed(old, properties, "Type") or changed(old, properties, "SetIdentifier"):
            changes = [("DELETE", old.properties), ("CREATE", properties)]
        change_records(request, zone_of(request, properties), changes)
        return old.attributes

    def delete(self, request: Request, old: Resource) -> None:
        change_records(request, zone_of(request, old.properties), [("DELETE", old.properties)])


@resource("AWS::Route53::RecordSetGroup")
class RecordSetGroup(Handler):
    @staticmethod
    def _key(record: Json) -> tuple[Any, ...]:
        return (record["Name"], record["Type"], record.get("SetIdentifier"))

    def create(self, request: Request, properties: Json) -> tuple[str, Json]:
        zone, records = zone_of(request, properties), properties.get("RecordSets") or []
        require_absent(request, zone, records)
        change_records(request, zone, [("UPSERT", r) for r in records])
        name = request.name()
        return name, {"Id": name}

    def update(self, request: Request, old: Resource, properties: Json) -> Json:
        before, after = old.properties.get("RecordSets") or [], properties.get("RecordSets") or []
        kept = {self._key(r) for r in after}
        changes = [("DELETE", r) for r in before if self._key(r) not in kept]
        changes += [("UPSERT", r) for r in after if r not in before]
        change_records(request, zone_of(request, properties), changes)
        return old.attributes

    def delete(self, request: Request, old: Resource) -> None:
        records = old.properties.get("RecordSets") or []
        change_records(request, zone_of(request, old.properties), [("DELETE", r) for r in records])


# --- EFS -------------------------------------------------------------------------------------------------------------


@resource("AWS::EFS::FileSystem")
class FileSystem(Handler):
    def create(self, request: Request, properties: Json) -> tuple[str, Json]:
        made = request.call(
            "efs",
            "create_file_system",
            CreationToken=request.token,
            Tags=properties.get("FileSystemTags") or [],
            Backup=(properties.get("BackupPolicy") or {}).get("Status") == "ENABLED",
            **only(properties, "PerformanceMode", "Encrypted", "KmsKeyId", "ThroughputMode", "AvailabilityZoneName"),
        )
        self._settings(request, made["FileSystemId"], properties)
        return made["FileSystemId"], {"FileSystemId": made["FileSystemId"], "Arn": made["FileSystemArn"]}

    def _settings(self, request: Request, file_system: str, properties: Json) -> None:
        efs = request.client("efs")
        if "FileSystemPolicy" in properties:
            policy = json.dumps(properties["FileSystemPolicy"])
            ignoring(efs.put_file_system_policy, FileSystemId=file_system, Policy=policy)
        if "LifecyclePolicies" in properties:
            ignoring(efs.put_lifecycle_configuration, FileSystemId=file_system, LifecyclePolicies=properties["LifecyclePolicies"])
        if "BackupPolicy" in properties:
            ignoring(efs.put_backup_policy, FileSystemId=file_system, BackupPolicy=properties["BackupPolicy"])

    def update(self, request: Request, old: Resource, properties: Json) -> Json:
        self._settings(request, old.physical_id or "", properties)
        retag_efs(request, old, old.properties.get("FileSystemTags"), properties.get("FileSystemTags"))
        return old.attributes

    def delete(self, request: Request, old: Resource) -> None:
        request.call("efs", "delete_file_system", FileSystemId=old.physical_id)


def retag_efs(request: Request, old: Resource, before: Any, after: Any) -> None:
    add, remove = tag_changes(before, after)
    if add:
        request.call("efs", "tag_resource", ResourceId=old.physical_id, Tags=tag_list(add))
    if remove:
        request.call("efs", "untag_resource", ResourceId=old.physical_id, TagKeys=remove)


@resource("AWS::EFS::MountTarget")
class MountTarget(Handler):
    def create(self, request: Request, properties: Json) -> tuple[str, Json]:
        made = request.call("efs", "create_mount_target", **properties)
        return made["MountTargetId"], {"Id": made["MountTargetId"], "IpAddress": made.get("IpAddress", "")}

    def update(self, request: Request, old: Resource, properties: Json) -> Json:
        efs = request.client("efs")
        groups = properties["SecurityGroups"]
        ignoring(efs.modify_mount_target_security_groups, MountTargetId=old.physical_id, SecurityGroups=groups)
        return old.attributes

    def delete(self, request: Request, old: Resource) -> None:
        request.call("efs", "delete_mount_target", MountTargetId=old.physical_id)


@resource("AWS::EFS::AccessPoint")
class AccessPoint(Handler):
    def create(self, request: Request, properties: Json) -> tuple[str, Json]:
        made = request.call(
            "efs",
            "create_access_point",
            ClientToken=properties.get("ClientToken") or request.token,
            Tags=properties.get("AccessPointTags") or [],
            **only(properties, "FileSystemId", "PosixUser", "RootDirectory"),
        )
        return made["AccessPointId"], {"AccessPointId": made["AccessPointId"], "Arn": made["AccessPointArn"]}

    def update(self, request: Request, old: Resource, properties: Json) -> Json:
        retag_efs(request, old, old.properties.get("AccessPointTags"), properties.get("AccessPointTags"))
        return old.attributes

    def delete(self, request: Request, old: Resource) -> None:
        request.call("efs", "delete_access_point", AccessPointId=old.physical_id)
