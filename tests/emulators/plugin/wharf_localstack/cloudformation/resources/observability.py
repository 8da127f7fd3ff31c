"""CloudWatch Logs and alarms."""

from typing import Any

from wharf_localstack.aws import Json, tag_dict, tag_list
from wharf_localstack.cloudformation.resources import Handler, Request, Resource, changed, resource, tag_changes, without
from wharf_localstack.cloudformation.resources.identity import document


@resource("AWS::Logs::LogGroup")
class LogGroup(Handler):
    def create(self, request: Request, properties: Json) -> tuple[str, Json]:
        name = properties.get("LogGroupName") or request.name(512)
        tags = tag_dict(properties.get("Tags"))
        key = {"kmsKeyId": properties["KmsKeyId"]} if properties.get("KmsKeyId") else {}
        request.call("logs", "create_log_group", logGroupName=name, **key, **({"tags": tags} if tags else {}))
        self._retention(request, name, properties)
        return name, {"Arn": self._arn(request, name) + ":*"}

    def _arn(self, request: Request, name: str) -> str:
        return f"arn:aws:logs:{request.region}:{request.account}:log-group:{name}"

    def _retention(self, request: Request, name: str, properties: Json) -> None:
        if days := properties.get("RetentionInDays"):
            request.call("logs", "put_retention_policy", logGroupName=name, retentionInDays=days)
        else:
            request.call("logs", "delete_retention_policy", logGroupName=name)

    def update(self, request: Request, old: Resource, properties: Json) -> Json:
        name = old.physical_id or ""
        if changed(old, properties, "RetentionInDays"):
            self._retention(request, name, properties)
        add, remove = tag_changes(old.properties.get("Tags"), properties.get("Tags"))
        if remove:
            request.call("logs", "untag_log_group", logGroupName=name, tags=remove)
        if add:
            request.call("logs", "tag_log_group", logGroupName=name, tags=add)
        return old.attributes

    def delete(self, request: Request, old: Resource) -> None:
        request.call("logs", "delete_log_group", logGroupName=old.physical_id)


@resource("AWS::Logs::ResourcePolicy")
class ResourcePolicy(Handler):
    def create(self, request: Request, properties: Json) -> tuple[str, Json]:
        name = properties["PolicyName"]
        request.call("logs", "put_resource_policy", policyName=name, policyDocument=document(properties["PolicyDocument"]))
        return name, {}

    def update(self, request: Request, old: Resource, properties: Json) -> Json:
        self.create(request, properties)
        return old.attributes

    def delete(self, request: Request, old: Resource) -> None:
        request.call("logs", "delete_resource_policy", policyName=old.physical_id)


@resource("AWS::CloudWatch::Alarm")
class Alarm(Handler):
    def _put(self, request: Request, name: str, properties: Json) -> None:
        metrics: Any = properties.get("Metrics")
        parameters = without(properties, "AlarmName", "Tags")
        if metrics:
            parameters["Metrics"] = metrics
        request.call("cloudwatch", "put_metric_alarm", AlarmName=name, **parameters)

    def _arn(self, request: Request, name: str) -> str:
        return f"arn:aws:cloudwatch:{request.region}:{request.account}:alarm:{name}"

    def create(self, request: Request, properties: Json) -> tuple[str, Json]:
        name = properties.get("AlarmName") or request.name()
        self._put(request, name, properties)
        arn = self._arn(request, name)
        if tags := tag_dict(properties.get("Tags")):
            request.call("cloudwatch", "tag_resource", ResourceARN=arn, Tags=tag_list(tags))
        return name, {"Arn": arn}

    def update(self, request: Request, old: Resource, properties: Json) -> Json:
        name = old.physical_id or ""
        self._put(request, name, properties)
        add, remove = tag_changes(old.properties.get("Tags"), properties.get("Tags"))
        if remove:
            request.call("cloudwatch", "untag_resource", ResourceARN=old.attributes["Arn"], TagKeys=remove)
        if add:
            request.call("cloudwatch", "tag_resource", ResourceARN=old.attributes["Arn"], Tags=tag_list(add))
        return old.attributes

    def delete(self, request: Request, old: Resource) -> None:
        request.call("cloudwatch", "delete_alarms", AlarmNames=[old.physical_id])
