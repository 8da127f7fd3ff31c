"""CodePipeline, CodeBuild and CodeStar connections."""

from localstack.aws.spec import load_service

from wharf_localstack.aws import Json, shaped, tag_dict, tag_list
from wharf_localstack.cloudformation.resources import Handler, Request, Resource, resource, tag_changes, without


def declaration(name: str, properties: Json) -> Json:
    """A pipeline in the form of the API."""
    shape = load_service("codepipeline").shape_for("PipelineDeclaration")
    made: Json = shaped(shape, {**without(properties, "ArtifactStores", "Tags"), "Name": name})
    if stores := properties.get("ArtifactStores"):
        store = load_service("codepipeline").shape_for("ArtifactStore")
        made["artifactStores"] = {s["Region"]: shaped(store, s["ArtifactStore"]) for s in stores}
    return made


@resource("AWS::CodePipeline::Pipeline")
class Pipeline(Handler):
    def create(self, request: Request, properties: Json) -> tuple[str, Json]:
        name = properties.get("Name") or request.name(100)
        tags = tag_list(tag_dict(properties.get("Tags")), "key", "value")
        request.call("codepipeline", "create_pipeline", pipeline=declaration(name, properties), tags=tags)
        return name, {"Version": "1"}

    def update(self, request: Request, old: Resource, properties: Json) -> Json:
        name = old.physical_id or ""
        made = request.call("codepipeline", "update_pipeline", pipeline=declaration(name, properties))["pipeline"]
        arn = f"arn:aws:codepipeline:{request.region}:{request.account}:{name}"
        add, remove = tag_changes(old.properties.get("Tags"), properties.get("Tags"))
        if remove:
            request.call("codepipeline", "untag_resource", resourceArn=arn, tagKeys=remove)
        if add:
            request.call("codepipeline", "tag_resource", resourceArn=arn, tags=tag_list(add, "key", "value"))
        return {"Version": str(made["version"])}

    def delete(self, request: Request, old: Resource) -> None:
        request.call("codepipeline", "delete_pipeline", name=old.physical_id)


@resource("AWS::CodeBuild::Project")
class Project(Handler):
    """Kept by its stack only: nothing builds."""

    def create(self, request: Request, properties: Json) -> tuple[str, Json]:
        name = properties.get("Name") or request.name()
        return name, {"Arn": f"arn:aws:codebuild:{request.region}:{request.account}:project/{name}"}

    def update(self, request: Request, old: Resource, properties: Json) -> Json:
        return old.attributes

    def delete(self, request: Request, old: Resource) -> None:
        return None


@resource("AWS::CodeStarConnections::Connection")
class Connection(Handler):
    def create(self, request: Request, properties: Json) -> tuple[str, Json]:
        made = request.call(
            "codestar-connections",
            "create_connection",
            ConnectionName=properties["ConnectionName"],
            ProviderType=properties.get("ProviderType", "GitHub"),
        )
        arn = made["ConnectionArn"]
        return arn, {"ConnectionArn": arn, "ConnectionStatus": "PENDING", "OwnerAccountId": request.account}

    def update(self, request: Request, old: Resource, properties: Json) -> Json:
        return old.attributes

    def delete(self, request: Request, old: Resource) -> None:
        request.call("codestar-connections", "delete_connection", ConnectionArn=old.physical_id)
