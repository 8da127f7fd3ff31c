"""CloudFront: moto's, and functions (kept, published, never run)."""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime

from localstack.aws.api import RequestContext

from wharf_localstack.aws import Json, MotoApi, Stores, error, now


@dataclass
class Stage:
    code: bytes
    config: Json
    changed: datetime = field(default_factory=now)

    @property
    def etag(self) -> str:
        return "ETV" + hashlib.sha256(self.code + repr(self.config).encode()).hexdigest()[:10].upper()


@dataclass
class Function:
    name: str
    arn: str
    stages: dict[str, Stage]
    created: datetime = field(default_factory=now)


#: CloudFront has no regions: everything is in one place per account.
FUNCTIONS: Stores[dict[str, Function]] = Stores(lambda account, region: {})


class CloudFrontApi(MotoApi):
    def __init__(self) -> None:
        super().__init__("cloudfront")

    def _all(self, context: RequestContext) -> dict[str, Function]:
        return FUNCTIONS.at(context.account_id, "aws")

    def _find(self, context: RequestContext, request: Json) -> Function:
        found = self._all(context).get(request["Name"])
        if found is None:
            raise error("NoSuchFunctionExists", "The specified function does not exist.", 404)
        return found

    def _stage(self, function: Function, request: Json) -> Stage:
        stage = function.stages.get(request.get("Stage") or "DEVELOPMENT")
        if stage is None:
            raise error("NoSuchFunctionExists", "The specified function does not exist.", 404)
        return stage

    @staticmethod
    def _check(stage: Stage, request: Json) -> None:
        if request["IfMatch"] != stage.etag:
            raise error("InvalidIfMatchVersion", "The If-Match version is missing or not valid for the resource.")

    @staticmethod
    def _summary(function: Function, name: str) -> Json:
        stage = function.stages[name]
        metadata = {"FunctionARN": function.arn, "Stage": name, "CreatedTime": function.created, "LastModifiedTime": stage.changed}
        status = "DEPLOYED" if name == "LIVE" else "UNPUBLISHED"
        return {"Name": function.name, "Status": status, "FunctionConfig": stage.config, "FunctionMetadata": metadata}

    def create_function(self, context: RequestContext, request: Json) -> Json:
        functions, name = self._all(context), request["Name"]
        if name in functions:
            raise error("FunctionAlreadyExists", "A function with the same name already exists in this AWS account.", 409)
        arn = f"arn:aws:cloudfront::{context.account_id}:function/{name}"
        stage = Stage(request["FunctionCode"], request["FunctionConfig"])
        functions[name] = Function(name, arn, {"DEVELOPMENT": stage})
        return {"FunctionSummary": self._summary(functions[name], "DEVELOPMENT"), "ETag": stage.etag, "Location": arn}

    def describe_function(self, context: RequestContext, request: Json) -> Json:
        function = self._find(context, request)
        stage = self._stage(function, request)
        return {"FunctionSummary": self._summary(function, request.get("Stage") or "DEVELOPMENT"), "ETag": stage.etag}

    def get_function(self, context: RequestContext, request: Json) -> Json:
        stage = self._stage(self._find(context, request), request)
        return {"FunctionCode": stage.code, "ETag": stage.etag, "ContentType": "application/octet-stream"}

    def update_function(self, context: RequestContext, request: Json) -> Json:
        function = self._find(context, request)
        self._check(function.stages["DEVELOPMENT"], request)
        stage = function.stages["DEVELOPMENT"] = Stage(request["FunctionCode"], request["FunctionConfig"])
        return {"FunctionSummary": self._summary(function, "DEVELOPMENT"), "ETag": stage.etag}

    def publish_function(self, context: RequestContext, request: Json) -> Json:
        function = self._find(context, request)
        self._check(function.stages["DEVELOPMENT"], request)
        function.stages["LIVE"] = function.stages["DEVELOPMENT"]
        return {"FunctionSummary": self._summary(function, "LIVE")}

    def delete_function(self, context: RequestContext, request: Json) -> Json:
        function = self._find(context, request)
        self._check(function.stages["DEVELOPMENT"], request)
        del self._all(context)[function.name]
        return {}

    def list_functions(self, context: RequestContext, request: Json) -> Json:
        wanted = request.get("Stage")
        items = [
            self._summary(f, stage) for f in self._all(context).values() for stage in f.stages if not wanted or stage == wanted
        ]
        return {"FunctionList": {"MaxItems": 100, "Quantity": len(items), "Items": items}}
