"""S3 and ECR."""

import json
from typing import Any

from wharf_localstack.aws import Json, tag_list
from wharf_localstack.cloudformation.resources import (
    Handler,
    Request,
    Resource,
    changed,
    only,
    resource,
    tag_changes,
)


def text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def lifecycle_rule(rule: Json) -> Json:
    result: Json = {"Status": rule["Status"], "Filter": {"Prefix": rule.get("Prefix", "")}}
    if "Id" in rule:
        result["ID"] = rule["Id"]
    if "ExpirationInDays" in rule:
        result["Expiration"] = {"Days": int(rule["ExpirationInDays"])}
    old_days = rule.get("NoncurrentVersionExpirationInDays") or (rule.get("NoncurrentVersionExpiration") or {}).get(
        "NoncurrentDays"
    )
    if old_days:
        result["NoncurrentVersionExpiration"] = {"NoncurrentDays": int(old_days)}
    if upload := rule.get("AbortIncompleteMultipartUpload"):
        result["AbortIncompleteMultipartUpload"] = {"DaysAfterInitiation": int(upload["DaysAfterInitiation"])}
    if transitions := rule.get("Transitions"):
        result["Transitions"] = [
            {"StorageClass": t["StorageClass"], "Days": int(t.get("TransitionInDays", 0))} for t in transitions
        ]
    return result


@resource("AWS::S3::Bucket")
class Bucket(Handler):
    def create(self, request: Request, properties: Json) -> tuple[str, Json]:
        name = properties.get("BucketName") or request.name(63).lower()
        place = {} if request.region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": request.region}}
        request.call("s3", "create_bucket", Bucket=name, **place)
        domain = f"{name}.s3.{request.region}.amazonaws.com"
        attributes = {
            "Arn": f"arn:aws:s3:::{name}",
            "DomainName": f"{name}.s3.amazonaws.com",
            "RegionalDomainName": domain,
            "DualStackDomainName": f"{name}.s3.dualstack.{request.region}.amazonaws.com",
            "WebsiteURL": f"http://{name}.s3-website-{request.region}.amazonaws.com",
        }
        request.initiated(name, attributes)
        self._configure(request, name, Resource(request.logical_id, request.type), properties)
        return name, attributes

    def _configure(self, request: Request, name: str, old: Resource, properties: Json) -> None:
        def put(operation: str, **parameters: Any) -> None:
            request.call("s3", operation, Bucket=name, **parameters)

        def differs(key: str) -> bool:
            return changed(old, properties, key)

        if differs("BucketEncryption"):
            rules = [
                {
                    "ApplyServerSideEncryptionByDefault": r.get("ServerSideEncryptionByDefault"),
                    "BucketKeyEnabled": r.get("BucketKeyEnabled", False),
                }
                for r in (properties.get("BucketEncryption") or {}).get("ServerSideEncryptionConfiguration") or []
            ]
            if rules:
                put("put_bucket_encryption", ServerSideEncryptionConfiguration={"Rules": rules})
            else:
                put("delete_bucket_encryption")
        if differs("VersioningConfiguration"):
            status = (properties.get("VersioningConfiguration") or {}).get("Status", "Suspended")
            put("put_bucket_versioning", VersioningConfiguration={"Status": status})
        if differs("LifecycleConfiguration"):
            rules = [lifecycle_rule(r) for r in (properties.get("LifecycleConfiguration") or {}).get("Rules") or []]
            if rules:
                put("put_bucket_lifecycle_configuration", LifecycleConfiguration={"Rules": rules})
            else:
                put("delete_bucket_lifecycle")
        if differs("OwnershipControls"):
            if controls := properties.get("OwnershipControls"):
                put("put_bucket_ownership_controls", OwnershipControls=controls)
            else:
                put("delete_bucket_ownership_controls")
        if differs("PublicAccessBlockConfiguration"):
            if block := properties.get("PublicAccessBlockConfiguration"):
                put("put_public_access_block", PublicAccessBlockConfiguration=block)
            else:
                put("delete_public_access_block")
        if differs("WebsiteConfiguration"):
            if site := properties.get("WebsiteConfiguration"):
                website: Json = {}
                if "IndexDocument" in site:
                    website["IndexDocument"] = {"Suffix": site["IndexDocument"]}
                if "ErrorDocument" in site:
                    website["ErrorDocument"] = {"Key": site["ErrorDocument"]}
                put("put_bucket_website", WebsiteConfiguration=website or site)
            else:
                put("delete_bucket_website")
        if differs("CorsConfiguration"):
            if cors := properties.get("CorsConfiguration"):
                rules = [
                    {k: v for k, v in {"AllowedHeaders": r.get("AllowedHeaders"), "AllowedMethods": r.get("AllowedMethods"),
                     "AllowedOrigins": r.get("AllowedOrigins"), "ExposeHeaders": r.get("ExposedHeaders"),
                     "MaxAgeSeconds": r.get("MaxAge")}.items() if v is not None}
                    for r in cors["CorsRules"]
                ]  # fmt: skip
                put("put_bucket_cors", CORSConfiguration={"CORSRules": rules})
            else:
                put("delete_bucket_cors")
        if differs("Tags"):
            if properties.get("Tags"):
                put("put_bucket_tagging", Tagging={"TagSet": properties["Tags"]})
            else:
                put("delete_bucket_tagging")

    def update(self, request: Request, old: Resource, properties: Json) -> Json:
        self._configure(request, old.physical_id or "", old, properties)
        return old.attributes

    def delete(self, request: Request, old: Resource) -> None:
        request.call("s3", "delete_bucket", Bucket=old.physical_id)


@resource("AWS::S3::BucketPolicy")
class BucketPolicy(Handler):
    def create(self, request: Request, properties: Json) -> tuple[str, Json]:
        bucket = properties["Bucket"]
        request.call("s3", "put_bucket_policy", Bucket=bucket, Policy=text(properties["PolicyDocument"]))
        return bucket, {}

    def update(self, request: Request, old: Resource, properties: Json) -> Json:
        self.create(request, properties)
        return old.attributes

    def delete(self, request: Request, old: Resource) -> None:
        request.call("s3", "delete_bucket_policy", Bucket=old.properties["Bucket"])


@resource("AWS::ECR::Repository")
class Repository(Handler):
    def create(self, request: Request, properties: Json) -> tuple[str, Json]:
        name = properties.get("RepositoryName") or request.name(200).lower()
        made = request.call(
            "ecr",
            "create_repository",
            repositoryName=name,
            **only(properties, "Tags", "ImageTagMutability", "ImageScanningConfiguration", "EncryptionConfiguration"),
        )["repository"]
        request.initiated(name)
        self._policies(request, name, Resource(request.logical_id, request.type), properties)
        return name, {"Arn": made["repositoryArn"], "RepositoryUri": made["repositoryUri"]}

    def _policies(self, request: Request, name: str, old: Resource, properties: Json) -> None:
        ecr = request.client("ecr")
        if changed(old, properties, "RepositoryPolicyText"):
            if policy := properties.get("RepositoryPolicyText"):
                ecr.set_repository_policy(repositoryName=name, policyText=text(policy))
            else:
                ecr.delete_repository_policy(repositoryName=name)
        if changed(old, properties, "LifecyclePolicy"):
            if policy := (properties.get("LifecyclePolicy") or {}).get("LifecyclePolicyText"):
                ecr.put_lifecycle_policy(repositoryName=name, lifecyclePolicyText=text(policy))
            else:
                ecr.delete_lifecycle_policy(repositoryName=name)

    def update(self, request: Request, old: Resource, properties: Json) -> Json:
        ecr, name = request.client("ecr"), old.physical_id or ""
        self._policies(request, name, old, properties)
        if changed(old, properties, "ImageTagMutability"):
            ecr.put_image_tag_mutability(repositoryName=name, imageTagMutability=properties.get("ImageTagMutability", "MUTABLE"))
        if changed(old, properties, "ImageScanningConfiguration"):
            scan = properties.get("ImageScanningConfiguration") or {"ScanOnPush": False}
            request.call("ecr", "put_image_scanning_configuration", repositoryName=name, imageScanningConfiguration=scan)
        add, remove = tag_changes(old.properties.get("Tags"), properties.get("Tags"))
        if remove:
            ecr.untag_resource(resourceArn=old.attributes["Arn"], tagKeys=remove)
        if add:
            ecr.tag_resource(resourceArn=old.attributes["Arn"], tags=tag_list(add))
        return old.attributes

    def delete(self, request: Request, old: Resource) -> None:
        force = str(old.properties.get("EmptyOnDelete", False)).lower() == "true"
        request.call("ecr", "delete_repository", repositoryName=old.physical_id, force=force)
