"""CloudFront."""

import copy
from typing import Any

from wharf_localstack.aws import Json, tag_dict, tag_list
from wharf_localstack.cloudformation.resources import Handler, Request, Resource, only, resource, tag_changes
from wharf_localstack.cloudformation.template import scalar


def distribution_config(properties: Json, reference: str) -> Json:
    """A distribution's configuration in the form of the API (``shaped`` does the lists)."""
    config = copy.deepcopy(properties["DistributionConfig"])
    config["CallerReference"] = reference
    config.setdefault("Comment", "")
    if "IPV6Enabled" in config:
        config["IsIPV6Enabled"] = config.pop("IPV6Enabled")
    behaviors: list[Any] = [config.get("DefaultCacheBehavior"), *(config.get("CacheBehaviors") or [])]
    for behavior in filter(None, behaviors):
        allowed, cached = behavior.get("AllowedMethods"), behavior.pop("CachedMethods", None)
        if isinstance(allowed, list):
            cached = cached or ["GET", "HEAD"]
            behavior["AllowedMethods"] = {
                "Quantity": len(allowed), "Items": allowed, "CachedMethods": {"Quantity": len(cached), "Items": cached},
            }  # fmt: skip
    for origin in config.get("Origins") or []:
        if "OriginCustomHeaders" in origin:
            origin["CustomHeaders"] = origin.pop("OriginCustomHeaders")
        if "CustomOriginConfig" in origin:
            origin["CustomOriginConfig"] = {"HTTPPort": 80, "HTTPSPort": 443} | origin["CustomOriginConfig"]
    return config


@resource("AWS::CloudFront::Distribution")
class Distribution(Handler):
    def create(self, request: Request, properties: Json) -> tuple[str, Json]:
        config = {
            "DistributionConfig": distribution_config(properties, request.token),
            "Tags": {"Items": tag_list(tag_dict(properties.get("Tags")))},
        }
        made = request.call("cloudfront", "create_distribution_with_tags", DistributionConfigWithTags=config)["Distribution"]
        return made["Id"], {"Id": made["Id"], "DomainName": made["DomainName"], "_arn": made["ARN"]}

    def _update(self, request: Request, distribution: str, properties: Json) -> None:
        current = request.client("cloudfront").get_distribution_config(Id=distribution)
        config = distribution_config(properties, current["DistributionConfig"]["CallerReference"])
        request.call("cloudfront", "update_distribution", Id=distribution, IfMatch=current["ETag"], DistributionConfig=config)

    def update(self, request: Request, old: Resource, properties: Json) -> Json:
        self._update(request, old.physical_id or "", properties)
        add, remove = tag_changes(old.properties.get("Tags"), properties.get("Tags"))
        if remove:
            request.call("cloudfront", "untag_resource", Resource=old.attributes["_arn"], TagKeys={"Items": remove})
        if add:
            request.call("cloudfront", "tag_resource", Resource=old.attributes["_arn"], Tags={"Items": tag_list(add)})
        return old.attributes

    def delete(self, request: Request, old: Resource) -> None:
        off = copy.deepcopy(old.properties)
        off["DistributionConfig"]["Enabled"] = False
        self._update(request, old.physical_id or "", off)
        etag = request.client("cloudfront").get_distribution(Id=old.physical_id)["ETag"]
        request.call("cloudfront", "delete_distribution", Id=old.physical_id, IfMatch=etag)


@resource("AWS::CloudFront::OriginAccessControl")
class OriginAccessControl(Handler):
    def create(self, request: Request, properties: Json) -> tuple[str, Json]:
        made = request.call("cloudfront", "create_origin_access_control", **properties)["OriginAccessControl"]["Id"]
        return made, {"Id": made}

    def update(self, request: Request, old: Resource, properties: Json) -> Json:
        etag = request.client("cloudfront").get_origin_access_control(Id=old.physical_id)["ETag"]
        request.call("cloudfront", "update_origin_access_control", Id=old.physical_id, IfMatch=etag, **properties)
        return old.attributes

    def delete(self, request: Request, old: Resource) -> None:
        etag = request.client("cloudfront").get_origin_access_control(Id=old.physical_id)["ETag"]
        request.call("cloudfront", "delete_origin_access_control", Id=old.physical_id, IfMatch=etag)


@resource("AWS::CloudFront::Function")
class Function(Handler):
    def _publish(self, request: Request, name: str, properties: Json, etag: str) -> None:
        if scalar(properties.get("AutoPublish", False)) == "true":
            request.call("cloudfront", "publish_function", Name=name, IfMatch=etag)

    def create(self, request: Request, properties: Json) -> tuple[str, Json]:
        code = properties["FunctionCode"].encode()
        made = request.call("cloudfront", "create_function", FunctionCode=code, **only(properties, "Name", "FunctionConfig"))
        arn = made["FunctionSummary"]["FunctionMetadata"]["FunctionARN"]
        request.initiated(arn)
        self._publish(request, properties["Name"], properties, made["ETag"])
        return arn, {"FunctionARN": arn, "FunctionMetadata.FunctionARN": arn, "Stage": "LIVE"}

    def update(self, request: Request, old: Resource, properties: Json) -> Json:
        name = properties["Name"]
        etag = request.client("cloudfront").describe_function(Name=name)["ETag"]
        code = properties["FunctionCode"].encode()
        made = request.call(
            "cloudfront", "update_function", Name=name, IfMatch=etag, FunctionCode=code, FunctionConfig=properties["FunctionConfig"]
        )
        self._publish(request, name, properties, made["ETag"])
        return old.attributes

    def delete(self, request: Request, old: Resource) -> None:
        name = old.properties["Name"]
        etag = request.client("cloudfront").describe_function(Name=name)["ETag"]
        request.call("cloudfront", "delete_function", Name=name, IfMatch=etag)
