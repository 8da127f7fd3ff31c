"""IAM and KMS."""

import json
from typing import Any

from wharf_localstack.aws import Json, tag_dict, tag_list
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
)


def document(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


@resource("AWS::IAM::Role")
class Role(Handler):
    def create(self, request: Request, properties: Json) -> tuple[str, Json]:
        name = properties.get("RoleName") or request.name(64)
        role = request.call(
            "iam",
            "create_role",
            RoleName=name,
            AssumeRolePolicyDocument=document(properties["AssumeRolePolicyDocument"]),
            Tags=properties.get("Tags") or [],
            **only(properties, "Path", "Description", "MaxSessionDuration", "PermissionsBoundary"),
        )["Role"]
        request.initiated(name, {"Arn": role["Arn"], "RoleId": role["RoleId"]})
        self._policies(request, name, {}, properties)
        return name, {"Arn": role["Arn"], "RoleId": role["RoleId"]}

    def _policies(self, request: Request, name: str, before: Json, after: Json) -> None:
        iam = request.client("iam")
        old = {p["PolicyName"]: p["PolicyDocument"] for p in before.get("Policies") or []}
        new = {p["PolicyName"]: p["PolicyDocument"] for p in after.get("Policies") or []}
        for policy in old.keys() - new.keys():
            ignoring(iam.delete_role_policy, "NoSuchEntity", RoleName=name, PolicyName=policy)
        for policy, content in new.items():
            if old.get(policy) != content:
                iam.put_role_policy(RoleName=name, PolicyName=policy, PolicyDocument=document(content))
        add, remove = list_changes(before.get("ManagedPolicyArns"), after.get("ManagedPolicyArns"))
        for arn in remove:
            ignoring(iam.detach_role_policy, "NoSuchEntity", RoleName=name, PolicyArn=arn)
        for arn in add:
            iam.attach_role_policy(RoleName=name, PolicyArn=arn)

    def update(self, request: Request, old: Resource, properties: Json) -> Json:
        iam, name = request.client("iam"), old.physical_id or ""
        if changed(old, properties, "AssumeRolePolicyDocument"):
            iam.update_assume_role_policy(RoleName=name, PolicyDocument=document(properties["AssumeRolePolicyDocument"]))
        if changed(old, properties, "Description") or changed(old, properties, "MaxSessionDuration"):
            request.call("iam", "update_role", RoleName=name, **only(properties, "Description", "MaxSessionDuration"))
        if changed(old, properties, "PermissionsBoundary"):
            if boundary := properties.get("PermissionsBoundary"):
                iam.put_role_permissions_boundary(RoleName=name, PermissionsBoundary=boundary)
            else:
                iam.delete_role_permissions_boundary(RoleName=name)
        self._policies(request, name, old.properties, properties)
        add, remove = tag_changes(old.properties.get("Tags"), properties.get("Tags"))
        if remove:
            iam.untag_role(RoleName=name, TagKeys=remove)
        if add:
            iam.tag_role(RoleName=name, Tags=tag_list(add))
        return old.attributes

    def delete(self, request: Request, old: Resource) -> None:
        self._policies(request, old.physical_id or "", old.properties, {})
        request.call("iam", "delete_role", RoleName=old.physical_id)


@resource("AWS::IAM::Policy")
class Policy(Handler):
    OWNERS = (("Roles", "role", "RoleName"), ("Users", "user", "UserName"), ("Groups", "group", "GroupName"))

    def _put(self, request: Request, before: Json, after: Json) -> None:
        iam = request.client("iam")
        renamed = before.get("PolicyName") != after.get("PolicyName")
        for key, kind, parameter in self.OWNERS:
            kept = [] if renamed else after.get(key) or []
            for owner in before.get(key) or []:
                if owner not in kept:
                    delete = getattr(iam, f"delete_{kind}_policy")
                    ignoring(delete, "NoSuchEntity", **{parameter: owner}, PolicyName=before["PolicyName"])
            for owner in after.get(key) or []:
                put = getattr(iam, f"put_{kind}_policy")
                put(**{parameter: owner}, PolicyName=after["PolicyName"], PolicyDocument=document(after["PolicyDocument"]))

    def create(self, request: Request, properties: Json) -> tuple[str, Json]:
        self._put(request, {}, properties)
        name = request.name(64)
        return name, {"Id": name}

    def update(self, request: Request, old: Resource, properties: Json) -> Json:
        self._put(request, old.properties, properties)
        return old.attributes

    def delete(self, request: Request, old: Resource) -> None:
        self._put(request, old.properties, {})


@resource("AWS::IAM::ManagedPolicy")
class ManagedPolicy(Handler):
    OWNERS = Policy.OWNERS

    def _attach(self, request: Request, arn: str, before: Json, after: Json) -> None:
        iam = request.client("iam")
        for key, kind, parameter in self.OWNERS:
            add, remove = list_changes(before.get(key), after.get(key))
            for owner in remove:
                ignoring(getattr(iam, f"detach_{kind}_policy"), "NoSuchEntity", **{parameter: owner}, PolicyArn=arn)
            for owner in add:
                getattr(iam, f"attach_{kind}_policy")(**{parameter: owner}, PolicyArn=arn)

    def create(self, request: Request, properties: Json) -> tuple[str, Json]:
        made = request.call(
            "iam",
            "create_policy",
            PolicyName=properties.get("ManagedPolicyName") or request.name(128),
            PolicyDocument=document(properties["PolicyDocument"]),
            **only(properties, "Path", "Description"),
        )["Policy"]
        request.initiated(made["Arn"])
        self._attach(request, made["Arn"], {}, properties)
        return made["Arn"], {"PolicyArn": made["Arn"], "PolicyId": made["PolicyId"], "DefaultVersionId": "v1"}

    def update(self, request: Request, old: Resource, properties: Json) -> Json:
        iam, arn = request.client("iam"), old.physical_id or ""
        if changed(old, properties, "PolicyDocument"):
            versions = iam.list_policy_versions(PolicyArn=arn)["Versions"]
            if len(versions) >= 5:
                oldest = min((v for v in versions if not v["IsDefaultVersion"]), key=lambda v: v["CreateDate"])
                iam.delete_policy_version(PolicyArn=arn, VersionId=oldest["VersionId"])
            iam.create_policy_version(PolicyArn=arn, PolicyDocument=document(properties["PolicyDocument"]), SetAsDefault=True)
        self._attach(request, arn, old.properties, properties)
        return old.attributes

    def delete(self, request: Request, old: Resource) -> None:
        iam, arn = request.client("iam"), old.physical_id or ""
        self._attach(request, arn, old.properties, {})
        for version in iam.list_policy_versions(PolicyArn=arn)["Versions"]:
            if not version["IsDefaultVersion"]:
                iam.delete_policy_version(PolicyArn=arn, VersionId=version["VersionId"])
        iam.delete_policy(PolicyArn=arn)


@resource("AWS::KMS::Key")
class Key(Handler):
    def create(self, request: Request, properties: Json) -> tuple[str, Json]:
        parameters = only(properties, "Description", "KeySpec", "KeyUsage", "MultiRegion", "Origin")
        if "KeyPolicy" in properties:
            parameters["Policy"] = document(properties["KeyPolicy"])
        tags = tag_list(tag_dict(properties.get("Tags")), "TagKey", "TagValue")
        made = request.call("kms", "create_key", Tags=tags, **parameters)["KeyMetadata"]
        self._rotation(request, made["KeyId"], properties)
        return made["KeyId"], {"KeyId": made["KeyId"], "Arn": made["Arn"]}

    def _rotation(self, request: Request, key: str, properties: Json) -> None:
        on = str(properties.get("EnableKeyRotation", False)).lower() == "true"
        request.call("kms", "enable_key_rotation" if on else "disable_key_rotation", KeyId=key)

    def update(self, request: Request, old: Resource, properties: Json) -> Json:
        kms, key = request.client("kms"), old.physical_id or ""
        if changed(old, properties, "KeyPolicy"):
            kms.put_key_policy(KeyId=key, PolicyName="default", Policy=document(properties["KeyPolicy"]))
        if changed(old, properties, "Description"):
            kms.update_key_description(KeyId=key, Description=properties.get("Description", ""))
        if changed(old, properties, "EnableKeyRotation"):
            self._rotation(request, key, properties)
        add, remove = tag_changes(old.properties.get("Tags"), properties.get("Tags"))
        if remove:
            kms.untag_resource(KeyId=key, TagKeys=remove)
        if add:
            kms.tag_resource(KeyId=key, Tags=tag_list(add, "TagKey", "TagValue"))
        return old.attributes

    def delete(self, request: Request, old: Resource) -> None:
        days = int(old.properties.get("PendingWindowInDays", 30))
        request.call("kms", "schedule_key_deletion", KeyId=old.physical_id, PendingWindowInDays=days)
