"""ECR: repositories here, images in a real OCI registry.

In the registry a repository's path starts with the account and the region, so that two accounts may have repositories of
the same name; ``repositoryUri`` is the whole path and what is to be pushed to.
"""

import base64
import hashlib
import json
import shutil
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from localstack.aws.api import RequestContext

from wharf_localstack.aws import Api, Json, Stores, error, now, page, tag_dict, tag_list
from wharf_localstack.settings import SETTINGS

MANIFESTS = (
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.docker.distribution.manifest.v2+json",
)


class Registry:
    """The registry over HTTP; what its API lacks (untagged manifests, deleting a repository) from its directory."""

    def __init__(self) -> None:
        self.url = f"http://{SETTINGS.registry}"
        self.root = SETTINGS.state / "registry" / "docker" / "registry" / "v2" / "repositories"
        self.token = base64.b64encode(f"AWS:{SETTINGS.registry_password}".encode()).decode()

    def _request(self, method: str, path: str, data: bytes | None = None, content_type: str = "") -> tuple[bytes, str, str]:
        request = urllib.request.Request(self.url + path, data=data, method=method)
        request.add_header("Authorization", f"Basic {self.token}")
        request.add_header("Accept", ",".join(MANIFESTS))
        if content_type:
            request.add_header("Content-Type", content_type)
        with urllib.request.urlopen(request, timeout=10) as response:
            return response.read(), response.headers.get("Content-Type", ""), response.headers.get("Docker-Content-Digest", "")

    def manifest(self, path: str, reference: str) -> tuple[bytes, str, str] | None:
        try:
            return self._request("GET", f"/v2/{path}/manifests/{reference}")
        except urllib.error.HTTPError as e:
            if e.code == 404:
                return None
            raise

    def put(self, path: str, reference: str, manifest: bytes, content_type: str) -> str:
        return self._request("PUT", f"/v2/{path}/manifests/{reference}", manifest, content_type)[2]

    def delete(self, path: str, digest: str) -> None:
        self._request("DELETE", f"/v2/{path}/manifests/{digest}")

    def untag(self, path: str, tag: str) -> None:
        shutil.rmtree(self.root / path / "_manifests" / "tags" / tag, ignore_errors=True)

    def tags(self, path: str) -> dict[str, str]:
        """Tag -> digest."""
        result = {}
        for link in (self.root / path / "_manifests" / "tags").glob("*/current/link"):
            result[link.parts[-3]] = link.read_text().strip()
        return result

    def digests(self, path: str) -> Iterator[tuple[str, datetime]]:
        """Digest and time of push."""
        for link in (self.root / path / "_manifests" / "revisions").glob("*/*/link"):
            pushed = datetime.fromtimestamp(link.stat().st_mtime, UTC)
            if digest := link.read_text().strip():
                yield digest, pushed

    def remove(self, path: str) -> None:
        shutil.rmtree(self.root / Path(path), ignore_errors=True)


@dataclass
class Repository:
    name: str
    account: str
    region: str
    tags: dict[str, str]
    mutability: str = "MUTABLE"
    scan_on_push: bool = False
    encryption: Json = field(default_factory=lambda: {"encryptionType": "AES256"})
    policy: str | None = None
    lifecycle: str | None = None
    created: datetime = field(default_factory=now)

    @property
    def arn(self) -> str:
        return f"arn:aws:ecr:{self.region}:{self.account}:repository/{self.name}"

    @property
    def path(self) -> str:
        return f"{self.account}/{self.region}/{self.name}"

    def describe(self) -> Json:
        return {
            "repositoryArn": self.arn,
            "registryId": self.account,
            "repositoryName": self.name,
            "repositoryUri": f"{SETTINGS.registry}/{self.path}",
            "createdAt": self.created,
            "imageTagMutability": self.mutability,
            "imageScanningConfiguration": {"scanOnPush": self.scan_on_push},
            "encryptionConfiguration": self.encryption,
        }


REPOSITORIES: Stores[dict[str, Repository]] = Stores(lambda account, region: {})
REGISTRY = Registry()


def allowed(path: str) -> bool:
    """Whether a path in the registry is that of a repository that exists."""
    parts = path.split("/", 2)
    return len(parts) == 3 and parts[2] in REPOSITORIES.at(parts[0], parts[1])


class EcrApi(Api):
    def __init__(self) -> None:
        super().__init__("ecr")

    def _find(self, context: RequestContext, name: str) -> Repository:
        found = REPOSITORIES.of(context).get(name)
        if found is None:
            raise error(
                "RepositoryNotFoundException",
                f"The repository with name '{name}' does not exist in the registry with id '{context.account_id}'",
            )
        return found

    def get_authorization_token(self, context: RequestContext, request: Json) -> Json:
        entry = {"authorizationToken": REGISTRY.token, "proxyEndpoint": REGISTRY.url, "expiresAt": now() + timedelta(hours=12)}
        return {"authorizationData": [entry]}

    def create_repository(self, context: RequestContext, request: Json) -> Json:
        name, repositories = request["repositoryName"], REPOSITORIES.of(context)
        if name in repositories:
            raise error(
                "RepositoryAlreadyExistsException",
                f"The repository with name '{name}' already exists in the registry with id '{context.account_id}'",
            )
        repository = Repository(
            name, context.account_id, context.region, tag_dict(request.get("tags")),
            mutability=request.get("imageTagMutability") or "MUTABLE",
            scan_on_push=bool((request.get("imageScanningConfiguration") or {}).get("scanOnPush")),
        )  # fmt: skip
        if request.get("encryptionConfiguration"):
            repository.encryption = request["encryptionConfiguration"]
        repositories[name] = repository
        return {"repository": repository.describe()}

    def describe_repositories(self, context: RequestContext, request: Json) -> Json:
        if names := request.get("repositoryNames"):
            found = [self._find(context, n) for n in names]
        else:
            found = list(REPOSITORIES.of(context).values())
        shown, token = page([r.describe() for r in found], request.get("nextToken"), int(request.get("maxResults") or 100))
        return {"repositories": shown, "nextToken": token} if token else {"repositories": shown}

    def delete_repository(self, context: RequestContext, request: Json) -> Json:
        repository = self._find(context, request["repositoryName"])
        if not request.get("force") and any(REGISTRY.digests(repository.path)):
            raise error(
                "RepositoryNotEmptyException",
                f"The repository with name '{repository.name}' in registry with id '{context.account_id}' cannot be deleted because"
                " it still contains images",
            )
        REGISTRY.remove(repository.path)
        del REPOSITORIES.of(context)[repository.name]
        return {"repository": repository.describe()}

    # --- images

    def _images(self, repository: Repository) -> list[Json]:
        tags: dict[str, list[str]] = {}
        for tag, digest in REGISTRY.tags(repository.path).items():
            tags.setdefault(digest, []).append(tag)
        return [
            {"digest": digest, "tags": sorted(tags.get(digest, [])), "pushed": pushed}
            for digest, pushed in REGISTRY.digests(repository.path)
        ]

    def _select(self, repository: Repository, ids: list[Json]) -> tuple[list[tuple[Json, Json]], list[Json]]:
        """Images for image ids, and failures."""
        images, found, failures = self._images(repository), [], []
        for wanted in ids:
            tag, digest = wanted.get("imageTag"), wanted.get("imageDigest")
            match = next(
                (i for i in images if (digest is None or i["digest"] == digest) and (tag is None or tag in i["tags"])), None
            )
            if match is None:
                failures.append({"imageId": wanted, "failureCode": "ImageNotFound", "failureReason": "Requested image not found"})
            else:
                found.append((wanted, match))
        return found, failures

    def describe_images(self, context: RequestContext, request: Json) -> Json:
        repository = self._find(context, request["repositoryName"])
        images = self._images(repository)
        if ids := request.get("imageIds"):
            found, failures = self._select(repository, ids)
            if failures:
                missing = failures[0]["imageId"]
                text = ", ".join(f"{k}:'{missing.get(k, 'null')}'" for k in ("imageDigest", "imageTag"))
                raise error(
                    "ImageNotFoundException",
                    f"The image with imageId {{{text}}} does not exist within the repository with name '{repository.name}' in the "
                    f"registry with id '{context.account_id}'",
                )
            images = list({i["digest"]: i for _, i in found}.values())
        status = (request.get("filter") or {}).get("tagStatus")
        if status in ("TAGGED", "UNTAGGED"):
            images = [i for i in images if bool(i["tags"]) == (status == "TAGGED")]
        details = [self._detail(repository, i) for i in images]
        shown, token = page(details, request.get("nextToken"), int(request.get("maxResults") or 100))
        return {"imageDetails": shown, "nextToken": token} if token else {"imageDetails": shown}

    def _detail(self, repository: Repository, image: Json) -> Json:
        detail: Json = {
            "registryId": repository.account,
            "repositoryName": repository.name,
            "imageDigest": image["digest"],
            "imagePushedAt": image["pushed"],
        }
        if image["tags"]:
            detail["imageTags"] = image["tags"]
        manifest = REGISTRY.manifest(repository.path, image["digest"])
        if manifest is not None:
            content = json.loads(manifest[0])
            detail["imageManifestMediaType"] = manifest[1]
            detail["imageSizeInBytes"] = sum(layer.get("size", 0) for layer in content.get("layers") or [])
        return detail

    def list_images(self, context: RequestContext, request: Json) -> Json:
        repository = self._find(context, request["repositoryName"])
        status, ids = (request.get("filter") or {}).get("tagStatus"), []
        for image in self._images(repository):
            if image["tags"] and status != "UNTAGGED":
                ids += [{"imageDigest": image["digest"], "imageTag": t} for t in image["tags"]]
            if not image["tags"] and status != "TAGGED":
                ids.append({"imageDigest": image["digest"]})
        shown, token = page(ids, request.get("nextToken"), int(request.get("maxResults") or 100))
        return {"imageIds": shown, "nextToken": token} if token else {"imageIds": shown}

    def batch_get_image(self, context: RequestContext, request: Json) -> Json:
        repository = self._find(context, request["repositoryName"])
        found, failures = self._select(repository, request["imageIds"])
        images = []
        for wanted, image in found:
            manifest = REGISTRY.manifest(repository.path, image["digest"])
            if manifest is None:
                continue
            image_id = {"imageDigest": image["digest"]} | {k: v for k, v in wanted.items() if k == "imageTag"}
            images.append({
                "registryId": repository.account, "repositoryName": repository.name, "imageId": image_id,
                "imageManifest": manifest[0].decode(), "imageManifestMediaType": manifest[1],
            })  # fmt: skip
        return {"images": images, "failures": failures}

    def put_image(self, context: RequestContext, request: Json) -> Json:
        repository = self._find(context, request["repositoryName"])
        manifest = request["imageManifest"].encode()
        kind = request.get("imageManifestMediaType") or json.loads(manifest).get("mediaType", MANIFESTS[-1])
        digest = "sha256:" + hashlib.sha256(manifest).hexdigest()
        tag = request.get("imageTag")
        if tag and REGISTRY.tags(repository.path).get(tag) == digest:
            raise error("ImageAlreadyExistsException", f"Image with digest '{digest}' and tag '{tag}' already exists in the repository with name '{repository.name}' in registry with id '{context.account_id}'")  # fmt: skip
        REGISTRY.put(repository.path, tag or digest, manifest, kind)
        image_id = {"imageDigest": digest} | ({"imageTag": tag} if tag else {})
        image = {
            "registryId": repository.account, "repositoryName": repository.name, "imageId": image_id,
            "imageManifest": request["imageManifest"], "imageManifestMediaType": kind,
        }  # fmt: skip
        return {"image": image}

    def batch_delete_image(self, context: RequestContext, request: Json) -> Json:
        repository = self._find(context, request["repositoryName"])
        found, failures = self._select(repository, request["imageIds"])
        deleted = []
        for wanted, image in found:
            tag, rest = wanted.get("imageTag"), image["tags"]
            if tag is not None and wanted.get("imageDigest") is None and [t for t in rest if t != tag]:
                REGISTRY.untag(repository.path, tag)
                rest.remove(tag)
                deleted.append({"imageDigest": image["digest"], "imageTag": tag})
                continue
            if any(d for d, _ in REGISTRY.digests(repository.path) if d == image["digest"]):
                REGISTRY.delete(repository.path, image["digest"])
            deleted += [{"imageDigest": image["digest"], "imageTag": t} for t in rest] or [{"imageDigest": image["digest"]}]
        return {"imageIds": deleted, "failures": failures}

    # --- settings

    def put_image_tag_mutability(self, context: RequestContext, request: Json) -> Json:
        repository = self._find(context, request["repositoryName"])
        repository.mutability = request["imageTagMutability"]
        return {"repositoryName": repository.name, "imageTagMutability": repository.mutability}

    def put_image_scanning_configuration(self, context: RequestContext, request: Json) -> Json:
        repository = self._find(context, request["repositoryName"])
        repository.scan_on_push = bool(request["imageScanningConfiguration"].get("scanOnPush"))
        return {"repositoryName": repository.name, "imageScanningConfiguration": {"scanOnPush": repository.scan_on_push}}

    def set_repository_policy(self, context: RequestContext, request: Json) -> Json:
        repository = self._find(context, request["repositoryName"])
        repository.policy = request["policyText"]
        return {"repositoryName": repository.name, "policyText": repository.policy}

    def get_repository_policy(self, context: RequestContext, request: Json) -> Json:
        repository = self._find(context, request["repositoryName"])
        if repository.policy is None:
            raise error("RepositoryPolicyNotFoundException", f"Repository policy does not exist for the repository with name '{repository.name}' in the registry with id '{context.account_id}'")  # fmt: skip
        return {"repositoryName": repository.name, "policyText": repository.policy}

    def delete_repository_policy(self, context: RequestContext, request: Json) -> Json:
        shown = self.get_repository_policy(context, request)
        self._find(context, request["repositoryName"]).policy = None
        return shown

    def put_lifecycle_policy(self, context: RequestContext, request: Json) -> Json:
        repository = self._find(context, request["repositoryName"])
        repository.lifecycle = request["lifecyclePolicyText"]
        return {"repositoryName": repository.name, "lifecyclePolicyText": repository.lifecycle}

    def get_lifecycle_policy(self, context: RequestContext, request: Json) -> Json:
        repository = self._find(context, request["repositoryName"])
        if repository.lifecycle is None:
            raise error("LifecyclePolicyNotFoundException", f"Lifecycle policy does not exist for the repository with name '{repository.name}' in the registry with id '{context.account_id}'")  # fmt: skip
        return {"repositoryName": repository.name, "lifecyclePolicyText": repository.lifecycle}

    def delete_lifecycle_policy(self, context: RequestContext, request: Json) -> Json:
        shown = self.get_lifecycle_policy(context, request)
        self._find(context, request["repositoryName"]).lifecycle = None
        return shown

    def _by_arn(self, context: RequestContext, arn: str) -> Repository:
        return self._find(context, arn.split(":repository/")[-1])

    def tag_resource(self, context: RequestContext, request: Json) -> Json:
        self._by_arn(context, request["resourceArn"]).tags |= tag_dict(request["tags"])
        return {}

    def untag_resource(self, context: RequestContext, request: Json) -> Json:
        tags = self._by_arn(context, request["resourceArn"]).tags
        for key in request["tagKeys"]:
            tags.pop(key, None)
        return {}

    def list_tags_for_resource(self, context: RequestContext, request: Json) -> Json:
        return {"tags": tag_list(self._by_arn(context, request["resourceArn"]).tags)}
