"""Resource Groups Tagging API: what has which tags, over our own services and LocalStack's."""

from collections.abc import Callable, Iterator
from typing import Any

from localstack.aws.api import RequestContext
from moto.logs.models import logs_backends

from wharf_localstack.aws import Api, Json, client, page, tag_dict, tag_list

Found = tuple[str, dict[str, str]]
Source = Callable[[str, str], Iterator[Found]]


def stacks(account: str, region: str) -> Iterator[Found]:
    from wharf_localstack.cloudformation.model import STORES

    for stack in STORES.at(account, region).live():
        yield stack.id, stack.tags


def ecs(account: str, region: str) -> Iterator[Found]:
    from wharf_localstack.ecs.model import STORES

    yield from list(STORES.at(account, region).tags.items())


def apprunner(account: str, region: str) -> Iterator[Found]:
    from wharf_localstack.apprunner import STORES

    yield from list(STORES.at(account, region).tags.items())


def elb(account: str, region: str) -> Iterator[Found]:
    from wharf_localstack.elbv2.model import STORES

    yield from list(STORES.at(account, region).tags.items())


def ecr(account: str, region: str) -> Iterator[Found]:
    from wharf_localstack.ecr import REPOSITORIES

    for repository in list(REPOSITORIES.at(account, region).values()):
        yield repository.arn, repository.tags


def s3(account: str, region: str) -> Iterator[Found]:
    api = client(account, region, "s3")
    for bucket in api.list_buckets()["Buckets"]:
        name = bucket["Name"]
        if (api.get_bucket_location(Bucket=name).get("LocationConstraint") or "us-east-1") != region:
            continue
        try:
            yield f"arn:aws:s3:::{name}", tag_dict(api.get_bucket_tagging(Bucket=name)["TagSet"])
        except api.exceptions.ClientError:
            continue


def sns(account: str, region: str) -> Iterator[Found]:
    api = client(account, region, "sns")
    for topic in api.pages("list_topics", "Topics"):
        arn = topic["TopicArn"]
        yield arn, tag_dict(api.list_tags_for_resource(ResourceArn=arn)["Tags"])


def sqs(account: str, region: str) -> Iterator[Found]:
    api = client(account, region, "sqs")
    for url in api.list_queues().get("QueueUrls") or []:
        tags = api.list_queue_tags(QueueUrl=url).get("Tags")
        yield f"arn:aws:sqs:{region}:{account}:{url.split('/')[-1]}", tag_dict(tags)


def kms(account: str, region: str) -> Iterator[Found]:
    api = client(account, region, "kms")
    for key in api.list_keys()["Keys"]:
        yield key["KeyArn"], tag_dict(api.list_resource_tags(KeyId=key["KeyId"])["Tags"])


def logs(account: str, region: str) -> Iterator[Found]:
    api = client(account, region, "logs")
    for name in list(logs_backends[account][region].groups):
        yield f"arn:aws:logs:{region}:{account}:log-group:{name}", tag_dict(api.list_tags_log_group(logGroupName=name)["tags"])


def secrets(account: str, region: str) -> Iterator[Found]:
    for secret in client(account, region, "secretsmanager").list_secrets()["SecretList"]:
        yield secret["ARN"], tag_dict(secret.get("Tags"))


def parameters(account: str, region: str) -> Iterator[Found]:
    api = client(account, region, "ssm")
    for found in api.pages("describe_parameters", "Parameters"):
        name = found["Name"]
        tags = api.list_tags_for_resource(ResourceType="Parameter", ResourceId=name)["TagList"]
        yield f"arn:aws:ssm:{region}:{account}:parameter/{name.lstrip('/')}", tag_dict(tags)


def dynamodb(account: str, region: str) -> Iterator[Found]:
    api = client(account, region, "dynamodb")
    for name in api.list_tables()["TableNames"]:
        arn = f"arn:aws:dynamodb:{region}:{account}:table/{name}"
        yield arn, tag_dict(api.list_tags_of_resource(ResourceArn=arn)["Tags"])


def ec2(account: str, region: str) -> Iterator[Found]:
    found: dict[tuple[str, str], dict[str, str]] = {}
    for tag in client(account, region, "ec2").pages("describe_tags", "Tags"):
        found.setdefault((tag["ResourceType"], tag["ResourceId"]), {})[tag["Key"]] = tag["Value"]
    for (kind, name), tags in found.items():
        yield f"arn:aws:ec2:{region}:{account}:{kind}/{name}", tags


def cloud_map(account: str, region: str) -> Iterator[Found]:
    api = client(account, region, "servicediscovery")
    for entry in api.list_namespaces()["Namespaces"] + api.list_services()["Services"]:
        yield entry["Arn"], tag_dict(api.list_tags_for_resource(ResourceARN=entry["Arn"])["Tags"])


def efs(account: str, region: str) -> Iterator[Found]:
    api = client(account, region, "efs")
    for entry in api.describe_file_systems()["FileSystems"]:
        yield entry["FileSystemArn"], tag_dict(entry.get("Tags"))


def pipelines(account: str, region: str) -> Iterator[Found]:
    api = client(account, region, "codepipeline")
    for entry in api.list_pipelines()["pipelines"]:
        arn = f"arn:aws:codepipeline:{region}:{account}:{entry['name']}"
        yield arn, tag_dict(api.list_tags_for_resource(resourceArn=arn)["tags"])


def state_machines(account: str, region: str) -> Iterator[Found]:
    api = client(account, region, "stepfunctions")
    for entry in api.list_state_machines()["stateMachines"]:
        arn = entry["stateMachineArn"]
        yield arn, tag_dict(api.list_tags_for_resource(resourceArn=arn)["tags"])


SOURCES: dict[str, Source] = {
    "apprunner": apprunner, "cloudformation": stacks, "codepipeline": pipelines, "dynamodb": dynamodb, "ec2": ec2, "ecr": ecr, "ecs": ecs,
    "elasticfilesystem": efs, "elasticloadbalancing": elb, "kms": kms, "logs": logs, "s3": s3, "secretsmanager": secrets,
    "servicediscovery": cloud_map, "sns": sns, "sqs": sqs, "ssm": parameters, "states": state_machines,
}  # fmt: skip
#: Services that are not asked without a filter: they start slowly.
ON_DEMAND = {"dynamodb", "codepipeline", "states"}


def kind_of(arn: str) -> str:
    """``service:kind`` of an ARN, as type filters name it."""
    _, _, service, _, _, rest = arn.split(":", 5)
    if service in ("s3", "sns", "sqs", "codepipeline"):
        return f"{service}:{ {'s3': 'bucket', 'sns': 'topic', 'sqs': 'queue', 'codepipeline': 'pipeline'}[service] }"
    return f"{service}:{rest.replace(':', '/').split('/')[0]}"


def matches_type(arn: str, filters: list[str]) -> bool:
    kind = kind_of(arn)
    return not filters or any(kind == f or (":" not in f and kind.split(":")[0] == f) for f in filters)


class TaggingApi(Api):
    def __init__(self) -> None:
        super().__init__("resourcegroupstaggingapi")

    def _all(self, context: RequestContext, filters: list[str]) -> Iterator[Found]:
        services = {f.split(":")[0] for f in filters} or set(SOURCES) - ON_DEMAND
        for service in sorted(services & set(SOURCES)):
            for arn, tags in SOURCES[service](context.account_id, context.region):
                if tags and matches_type(arn, filters):
                    yield arn, tags

    def get_resources(self, context: RequestContext, request: Json) -> Json:
        wanted = request.get("TagFilters") or []

        def fits(tags: dict[str, str]) -> bool:
            return all(f["Key"] in tags and (not f.get("Values") or tags[f["Key"]] in f["Values"]) for f in wanted)

        arns = request.get("ResourceARNList")
        found = [
            {"ResourceARN": arn, "Tags": tag_list(tags)}
            for arn, tags in self._all(context, request.get("ResourceTypeFilters") or [])
            if fits(tags) and (not arns or arn in arns)
        ]
        shown, token = page(found, request.get("PaginationToken"), int(request.get("ResourcesPerPage") or 100))
        return {"ResourceTagMappingList": shown, "PaginationToken": token or ""}

    def get_tag_keys(self, context: RequestContext, request: Json) -> Json:
        return {"TagKeys": sorted({k for _, tags in self._all(context, []) for k in tags}), "PaginationToken": ""}

    def get_tag_values(self, context: RequestContext, request: Json) -> Json:
        values: set[Any] = {tags[request["Key"]] for _, tags in self._all(context, []) if request["Key"] in tags}
        return {"TagValues": sorted(values), "PaginationToken": ""}
