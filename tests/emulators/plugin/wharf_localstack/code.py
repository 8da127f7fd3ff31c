"""CodePipeline and CodeStar connections, played: pipelines run at once, connections wait for a handshake that somebody finishes."""

import uuid
from dataclasses import dataclass, field
from datetime import datetime

from botocore.exceptions import ClientError
from localstack.aws.api import RequestContext

from wharf_localstack.aws import Api, Json, Stores, client, error, now, page, tag_dict, tag_list

#: Seconds after which somebody has finished the handshake of a new connection.
HANDSHAKE = 1.0


@dataclass
class Pipeline:
    declaration: Json
    tags: dict[str, str]
    created: datetime
    updated: datetime
    execution: str = field(default_factory=lambda: str(uuid.uuid4()))
    #: Status of each action that ran, by stage and name.
    statuses: dict[tuple[str, str], str] = field(default_factory=dict)


@dataclass
class Connection:
    arn: str
    name: str
    provider: str
    made: datetime


@dataclass
class Store:
    account: str
    region: str
    pipelines: dict[str, Pipeline] = field(default_factory=dict)
    connections: dict[str, Connection] = field(default_factory=dict)

    def connection(self, arn: str) -> Connection:
        if arn not in self.connections:
            raise error("ResourceNotFoundException", f"Connection {arn} not found")
        return self.connections[arn]

    def status(self, connection: Connection) -> str:
        """What the SSM parameter of the connection's name says, else PENDING for a moment and AVAILABLE ever after."""
        try:
            name = f"/wharf-emulators/connections/{connection.name}"
            return str(client(self.account, self.region, "ssm").get_parameter(Name=name)["Parameter"]["Value"])
        except ClientError:
            return "AVAILABLE" if (now() - connection.made).total_seconds() > HANDSHAKE else "PENDING"

    def pipeline(self, name: str) -> Pipeline:
        if name not in self.pipelines:
            raise error("PipelineNotFoundException", f"Account '{self.account}' does not have a pipeline with name '{name}'")
        return self.pipelines[name]

    def run(self, pipeline: Pipeline) -> None:
        """All actions, in order: a pending connection fails its source, an approval stops the rest."""
        pipeline.statuses.clear()
        for stage in pipeline.declaration["stages"]:
            for action in sorted(stage["actions"], key=lambda a: int(a.get("runOrder") or 1)):
                arn = (action.get("configuration") or {}).get("ConnectionArn")
                connection = self.connections.get(arn or "")
                status = "Succeeded"
                if connection is not None and self.status(connection) != "AVAILABLE":
                    status = "Failed"
                if action["actionTypeId"]["category"] == "Approval":
                    status = "InProgress"
                pipeline.statuses[stage["name"], action["name"]] = status
                if status != "Succeeded":
                    return


STORES: Stores[Store] = Stores(Store)


class CodePipelineApi(Api):
    def __init__(self) -> None:
        super().__init__("codepipeline")

    def create_pipeline(self, context: RequestContext, request: Json) -> Json:
        store, declaration = STORES.of(context), request["pipeline"]
        if declaration["name"] in store.pipelines:
            raise error("PipelineNameInUseException", f"A pipeline with the name '{declaration['name']}' already exists")
        if len(declaration["stages"]) < 2:
            raise error("InvalidStructureException", "Pipeline should have at least 2 stages")
        made = Pipeline({**declaration, "version": 1}, tag_dict(request.get("tags")), now(), now())
        store.pipelines[declaration["name"]] = made
        store.run(made)
        return {"pipeline": made.declaration, "tags": tag_list(made.tags, "key", "value")}

    def update_pipeline(self, context: RequestContext, request: Json) -> Json:
        found = STORES.of(context).pipeline(request["pipeline"]["name"])
        found.declaration = {**request["pipeline"], "version": found.declaration["version"] + 1}
        found.updated = now()
        return {"pipeline": found.declaration}

    def get_pipeline(self, context: RequestContext, request: Json) -> Json:
        found = STORES.of(context).pipeline(request["name"])
        arn = f"arn:aws:codepipeline:{context.region}:{context.account_id}:{request['name']}"
        return {
            "pipeline": found.declaration,
            "metadata": {"pipelineArn": arn, "created": found.created, "updated": found.updated},
        }

    def get_pipeline_state(self, context: RequestContext, request: Json) -> Json:
        found = STORES.of(context).pipeline(request["name"])
        states = []
        for stage in found.declaration["stages"]:
            ran = {a["name"]: found.statuses.get((stage["name"], a["name"])) for a in stage["actions"]}
            state: Json = {
                "stageName": stage["name"],
                "inboundTransitionState": {"enabled": True},
                "actionStates": [
                    {"actionName": name, **({"latestExecution": {"status": status}} if status else {})}
                    for name, status in ran.items()
                ],
            }
            done = [status for status in ran.values() if status]
            if done:
                whole = next((s for s in ("Failed", "InProgress") if s in done), "Succeeded")
                state["latestExecution"] = {"pipelineExecutionId": found.execution, "status": whole}
            states.append(state)
        return {
            "pipelineName": request["name"], "pipelineVersion": found.declaration["version"], "stageStates": states,
            "created": found.created, "updated": found.updated,
        }  # fmt: skip

    def retry_stage_execution(self, context: RequestContext, request: Json) -> Json:
        store = STORES.of(context)
        found = store.pipeline(request["pipelineName"])
        statuses = [s for (stage, _), s in found.statuses.items() if stage == request["stageName"]]
        if "Failed" not in statuses or request["pipelineExecutionId"] != found.execution:
            raise error("StageNotRetryableException", f"Stage {request['stageName']} is not in a failed state")
        store.run(found)
        return {"pipelineExecutionId": found.execution}

    def list_pipelines(self, context: RequestContext, request: Json) -> Json:
        found = [{"name": n, "created": p.created, "updated": p.updated} for n, p in STORES.of(context).pipelines.items()]
        shown, token = page(found, request.get("nextToken"), int(request.get("maxResults") or 1000))
        return {"pipelines": shown, **({"nextToken": token} if token else {})}

    def delete_pipeline(self, context: RequestContext, request: Json) -> Json:
        STORES.of(context).pipelines.pop(request["name"], None)
        return {}

    def list_tags_for_resource(self, context: RequestContext, request: Json) -> Json:
        found = STORES.of(context).pipeline(request["resourceArn"].split(":")[-1])
        return {"tags": tag_list(found.tags, "key", "value")}

    def tag_resource(self, context: RequestContext, request: Json) -> Json:
        STORES.of(context).pipeline(request["resourceArn"].split(":")[-1]).tags.update(tag_dict(request["tags"]))
        return {}

    def untag_resource(self, context: RequestContext, request: Json) -> Json:
        found = STORES.of(context).pipeline(request["resourceArn"].split(":")[-1])
        for key in request["tagKeys"]:
            found.tags.pop(key, None)
        return {}


class ConnectionsApi(Api):
    def __init__(self) -> None:
        super().__init__("codestar-connections")

    def create_connection(self, context: RequestContext, request: Json) -> Json:
        store = STORES.of(context)
        arn = f"arn:aws:codestar-connections:{context.region}:{context.account_id}:connection/{uuid.uuid4()}"
        store.connections[arn] = Connection(arn, request["ConnectionName"], request.get("ProviderType") or "", now())
        return {"ConnectionArn": arn}

    def _shown(self, context: RequestContext, connection: Connection) -> Json:
        return {
            "ConnectionName": connection.name, "ConnectionArn": connection.arn, "ProviderType": connection.provider,
            "OwnerAccountId": context.account_id, "ConnectionStatus": STORES.of(context).status(connection),
        }  # fmt: skip

    def get_connection(self, context: RequestContext, request: Json) -> Json:
        return {"Connection": self._shown(context, STORES.of(context).connection(request["ConnectionArn"]))}

    def list_connections(self, context: RequestContext, request: Json) -> Json:
        found = [self._shown(context, c) for c in STORES.of(context).connections.values()]
        shown, token = page(found, request.get("NextToken"), int(request.get("MaxResults") or 100))
        return {"Connections": shown, **({"NextToken": token} if token else {})}

    def delete_connection(self, context: RequestContext, request: Json) -> Json:
        STORES.of(context).connections.pop(request["ConnectionArn"], None)
        return {}
