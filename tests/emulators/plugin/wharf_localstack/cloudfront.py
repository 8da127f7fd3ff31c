"""CloudFront: moto's, functions (kept, published, never run), invalidations, and answers from buckets."""

import hashlib
import threading
from dataclasses import dataclass, field
from datetime import datetime

from botocore.exceptions import ClientError
from localstack.aws.api import RequestContext
from localstack.http import Request, Response
from localstack.services.moto import call_moto

from wharf_localstack.aws import Json, MotoApi, Stores, client, error, new_id, now


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


@dataclass
class Invalidation:
    id: str
    batch: Json
    created: datetime = field(default_factory=now)

    def shown(self) -> Json:
        done = (now() - self.created).total_seconds() > INVALIDATION_SECONDS
        status = "Completed" if done else "InProgress"
        return {"Id": self.id, "Status": status, "CreateTime": self.created, "InvalidationBatch": self.batch}


@dataclass
class Distribution:
    """What a distribution has besides moto's."""

    invalidations: dict[str, Invalidation] = field(default_factory=dict)
    #: Whether a function sees requests first; moto forgets that.
    function: bool = False
    #: ARN of its certificate; empty for CloudFront's own.
    certificate: str = ""
    #: Its host names.
    aliases: list[str] = field(default_factory=list)
    #: Answers by path, until an invalidation takes them.
    cache: dict[str, tuple[bytes, str]] = field(default_factory=dict)


#: How long an invalidation takes.
INVALIDATION_SECONDS = 0.5
#: Where distributions answer on LocalStack's port.
SITES = "/_wharf/cloudfront"

DISTRIBUTIONS: Stores[dict[str, Distribution]] = Stores(lambda account, region: {})


def distribution(account: str, name: str) -> tuple[Distribution, Json]:
    """A distribution and its configuration."""
    config = client(account, "us-east-1", "cloudfront").get_distribution(Id=name)["Distribution"]["DistributionConfig"]
    return DISTRIBUTIONS.at(account, "aws").setdefault(name, Distribution()), config


def serve(request: Request, account: str, name: str, path: str = "") -> Response:
    """What a browser gets: from the cache, else from the bucket that is the first origin."""
    try:
        found, config = distribution(account, name)
    except ClientError:
        return Response("no such distribution", 404)
    path = "/" + path
    if found.function:
        # Functions are not run; the one that wharf's sites have is known.
        if path.endswith("/"):
            path += "index.html"
        elif "." not in path:
            path += "/index.html"
    with _lock:
        if path not in found.cache:
            bucket = config["Origins"]["Items"][0]["DomainName"].split(".s3", 1)[0]
            try:
                answer = client(account, "us-east-1", "s3").get_object(Bucket=bucket, Key=path.removeprefix("/"))
            except ClientError:
                return Response("Access Denied", 403)
            found.cache[path] = (answer["Body"].read(), answer["ContentType"])
        body, kind = found.cache[path]
    return Response(body, 200, {"content-type": kind})


_lock = threading.Lock()


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

    def create_distribution_with_tags(self, context: RequestContext, request: Json) -> Json:
        config = request["DistributionConfigWithTags"]["DistributionConfig"]
        self._check_names(context, config)
        return self._noted(context, config, call_moto(context))

    def create_distribution(self, context: RequestContext, request: Json) -> Json:
        self._check_names(context, request["DistributionConfig"])
        return self._noted(context, request["DistributionConfig"], call_moto(context))

    def delete_distribution(self, context: RequestContext, request: Json) -> Json:
        answer: Json = call_moto(context)
        DISTRIBUTIONS.at(context.account_id, "aws").pop(request["Id"], None)
        return answer

    def update_distribution(self, context: RequestContext, request: Json) -> Json:
        self._check_names(context, request["DistributionConfig"], request["Id"])
        return self._noted(context, request["DistributionConfig"], call_moto(context))

    @staticmethod
    def _check_names(context: RequestContext, config: Json, own: str = "") -> None:
        """Host names need a certificate that covers them, and no other distribution may have them."""
        names = (config.get("Aliases") or {}).get("Items") or []
        if names and not (config.get("ViewerCertificate") or {}).get("ACMCertificateArn"):
            raise error(
                "InvalidViewerCertificate",
                "To add an alternate domain name (CNAME) to a CloudFront distribution, you must attach a trusted certificate that"
                " validates your authorization to use the domain name.",
            )
        for known, other in DISTRIBUTIONS.at(context.account_id, "aws").items():
            if known != own and set(names) & set(other.aliases):
                raise error(
                    "CNAMEAlreadyExists",
                    "One or more of the CNAMEs you provided are already associated with a different resource.",
                    409,
                )

    @staticmethod
    def _noted(context: RequestContext, config: Json, answer: Json) -> Json:
        noted = DISTRIBUTIONS.at(context.account_id, "aws").setdefault(answer["Distribution"]["Id"], Distribution())
        noted.function = bool((config["DefaultCacheBehavior"].get("FunctionAssociations") or {}).get("Quantity"))
        noted.certificate = (config.get("ViewerCertificate") or {}).get("ACMCertificateArn") or ""
        noted.aliases = (config.get("Aliases") or {}).get("Items") or []
        return answer

    def create_invalidation(self, context: RequestContext, request: Json) -> Json:
        found, _ = self._distribution(context, request["DistributionId"])
        batch = request["InvalidationBatch"]
        with _lock:
            for known in found.invalidations.values():
                if known.batch["CallerReference"] == batch["CallerReference"]:
                    if known.batch != batch:
                        raise error("InvalidArgument", "The invalidation batch was used before with other paths.")
                    return {"Location": known.id, "Invalidation": known.shown()}
            made = Invalidation("I" + new_id()[:13].upper(), batch)
            found.invalidations[made.id] = made
            for pattern in batch["Paths"]["Items"]:
                start = pattern.removesuffix("*")
                gone = [path for path in found.cache if path == pattern or (start != pattern and path.startswith(start))]
                for path in gone:
                    del found.cache[path]
        return {"Location": made.id, "Invalidation": made.shown()}

    def get_invalidation(self, context: RequestContext, request: Json) -> Json:
        found, _ = self._distribution(context, request["DistributionId"])
        if request["Id"] not in found.invalidations:
            raise error("NoSuchInvalidation", "The specified invalidation does not exist.", 404)
        return {"Invalidation": found.invalidations[request["Id"]].shown()}

    def list_invalidations(self, context: RequestContext, request: Json) -> Json:
        found, _ = self._distribution(context, request["DistributionId"])
        items = [
            {"Id": made.id, "CreateTime": made.created, "Status": made.shown()["Status"]}
            for made in reversed(found.invalidations.values())
        ]
        return {"InvalidationList": {"Marker": "", "MaxItems": 100, "IsTruncated": False, "Quantity": len(items), "Items": items}}

    @staticmethod
    def _distribution(context: RequestContext, name: str) -> tuple[Distribution, Json]:
        try:
            return distribution(context.account_id, name)
        except ClientError:
            raise error("NoSuchDistribution", "The specified distribution does not exist.", 404) from None
