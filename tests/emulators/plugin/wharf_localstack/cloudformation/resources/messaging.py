"""SNS and SQS."""

import json
import uuid
from typing import Any

from wharf_localstack.aws import Json, tag_dict, tag_list
from wharf_localstack.cloudformation.resources import (
    Handler,
    Request,
    Resource,
    changed,
    ignoring,
    list_changes,
    resource,
    tag_changes,
)
from wharf_localstack.cloudformation.template import scalar


def text(value: Any) -> str:
    return json.dumps(value) if isinstance(value, (dict, list)) else scalar(value)


@resource("AWS::SNS::Topic")
class Topic(Handler):
    ATTRIBUTES = ("DisplayName", "KmsMasterKeyId", "FifoTopic", "ContentBasedDeduplication", "SignatureVersion", "TracingConfig",
                  "ArchivePolicy", "FifoThroughputScope")  # fmt: skip

    def create(self, request: Request, properties: Json) -> tuple[str, Json]:
        fifo = scalar(properties.get("FifoTopic", False)) == "true"
        name = properties.get("TopicName") or request.name(250) + (".fifo" if fifo else "")
        attributes = {k: text(v) for k, v in properties.items() if k in self.ATTRIBUTES}
        sns = request.client("sns")
        arn = sns.create_topic(Name=name, Attributes=attributes, Tags=tag_list(tag_dict(properties.get("Tags"))))["TopicArn"]
        for subscription in properties.get("Subscription") or []:
            sns.subscribe(TopicArn=arn, Protocol=subscription["Protocol"], Endpoint=subscription["Endpoint"])
        return arn, {"TopicArn": arn, "TopicName": name}

    def update(self, request: Request, old: Resource, properties: Json) -> Json:
        sns, arn = request.client("sns"), old.physical_id or ""
        for name in self.ATTRIBUTES:
            if changed(old, properties, name):
                sns.set_topic_attributes(TopicArn=arn, AttributeName=name, AttributeValue=text(properties.get(name, "")))
        add, remove = tag_changes(old.properties.get("Tags"), properties.get("Tags"))
        if remove:
            sns.untag_resource(ResourceArn=arn, TagKeys=remove)
        if add:
            sns.tag_resource(ResourceArn=arn, Tags=tag_list(add))
        return old.attributes

    def delete(self, request: Request, old: Resource) -> None:
        request.call("sns", "delete_topic", TopicArn=old.physical_id)


@resource("AWS::SNS::TopicPolicy")
class TopicPolicy(Handler):
    def _put(self, request: Request, topics: list[str], policy: Any) -> None:
        for topic in topics:
            request.call("sns", "set_topic_attributes", TopicArn=topic, AttributeName="Policy", AttributeValue=text(policy))

    def create(self, request: Request, properties: Json) -> tuple[str, Json]:
        self._put(request, properties["Topics"], properties["PolicyDocument"])
        name = request.name(100)
        return name, {"Id": name}

    def update(self, request: Request, old: Resource, properties: Json) -> Json:
        self._put(request, properties["Topics"], properties["PolicyDocument"])
        return old.attributes

    def delete(self, request: Request, old: Resource) -> None:
        for topic in old.properties["Topics"]:
            owner = {"AWS": f"arn:aws:iam::{request.account}:root"}
            default = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": owner, "Action": "sns:*", "Resource": topic}]}  # fmt: skip
            ignoring(
                request.client("sns").set_topic_attributes, "NotFound", "NotFoundException",
                TopicArn=topic, AttributeName="Policy", AttributeValue=json.dumps(default),
            )  # fmt: skip


@resource("AWS::SNS::Subscription")
class Subscription(Handler):
    NOT_ATTRIBUTES = ("TopicArn", "Protocol", "Endpoint", "Region")

    def create(self, request: Request, properties: Json) -> tuple[str, Json]:
        attributes = {k: text(v) for k, v in properties.items() if k not in self.NOT_ATTRIBUTES}
        arn = request.client("sns").subscribe(
            TopicArn=properties["TopicArn"],
            Protocol=properties["Protocol"],
            Endpoint=properties.get("Endpoint", ""),
            Attributes=attributes,
            ReturnSubscriptionArn=True,
        )["SubscriptionArn"]
        return arn, {"Arn": arn}

    def update(self, request: Request, old: Resource, properties: Json) -> Json:
        for name in (set(properties) | set(old.properties)) - set(self.NOT_ATTRIBUTES):
            if changed(old, properties, name):
                value = text(properties.get(name, ""))
                request.call("sns", "set_subscription_attributes", SubscriptionArn=old.physical_id, AttributeName=name, AttributeValue=value)  # fmt: skip
        return old.attributes

    def delete(self, request: Request, old: Resource) -> None:
        request.call("sns", "unsubscribe", SubscriptionArn=old.physical_id)


@resource("AWS::SQS::Queue")
class Queue(Handler):
    def _attributes(self, properties: Json) -> dict[str, str]:
        return {k: text(v) for k, v in properties.items() if k not in ("QueueName", "Tags")}

    def create(self, request: Request, properties: Json) -> tuple[str, Json]:
        fifo = scalar(properties.get("FifoQueue", False)) == "true"
        name = properties.get("QueueName") or request.name(75) + (".fifo" if fifo else "")
        attributes = {k: v for k, v in self._attributes(properties).items() if not (k == "FifoQueue" and not fifo)}
        sqs = request.client("sqs")
        url = sqs.create_queue(QueueName=name, Attributes=attributes, tags=tag_dict(properties.get("Tags")))["QueueUrl"]
        arn = f"arn:aws:sqs:{request.region}:{request.account}:{name}"
        return url, {"Arn": arn, "QueueName": name, "QueueUrl": url}

    def update(self, request: Request, old: Resource, properties: Json) -> Json:
        sqs, url = request.client("sqs"), old.physical_id or ""
        before, after = self._attributes(old.properties), self._attributes(properties)
        differ = {k: after.get(k, "") for k in before.keys() | after.keys() if before.get(k) != after.get(k)}
        if differ:
            sqs.set_queue_attributes(QueueUrl=url, Attributes=differ)
        add, remove = tag_changes(old.properties.get("Tags"), properties.get("Tags"))
        if remove:
            sqs.untag_queue(QueueUrl=url, TagKeys=remove)
        if add:
            sqs.tag_queue(QueueUrl=url, Tags=add)
        return old.attributes

    def delete(self, request: Request, old: Resource) -> None:
        request.call("sqs", "delete_queue", QueueUrl=old.physical_id)


@resource("AWS::SQS::QueuePolicy")
class QueuePolicy(Handler):
    def create(self, request: Request, properties: Json) -> tuple[str, Json]:
        for queue in properties["Queues"]:
            request.call("sqs", "set_queue_attributes", QueueUrl=queue, Attributes={"Policy": text(properties["PolicyDocument"])})
        name = str(uuid.uuid4())
        return name, {"Id": name}

    def update(self, request: Request, old: Resource, properties: Json) -> Json:
        _, gone = list_changes(old.properties["Queues"], properties["Queues"])
        for queue in gone:
            request.call("sqs", "set_queue_attributes", QueueUrl=queue, Attributes={"Policy": ""})
        self.create(request, properties)
        return old.attributes

    def delete(self, request: Request, old: Resource) -> None:
        for queue in old.properties["Queues"]:
            put = request.client("sqs").set_queue_attributes
            ignoring(put, "AWS.SimpleQueueService.NonExistentQueue", QueueUrl=queue, Attributes={"Policy": ""})
