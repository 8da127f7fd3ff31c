"""The tests talk to started emulators (`emulators.sh start`) as any client of AWS does."""

import atexit
import base64
import json
import os
import random
import shutil
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config

HERE = Path(__file__).parent
EMULATORS = HERE.parent
DOCKER_CONFIG = Path(tempfile.mkdtemp(prefix="wharf-docker-"))
atexit.register(shutil.rmtree, DOCKER_CONFIG, ignore_errors=True)


def started() -> dict[str, str]:
    lines = subprocess.run([EMULATORS / "emulators.sh", "env"], capture_output=True, text=True, check=True).stdout
    words = (word for line in lines.splitlines() for word in line.removeprefix("export ").split())
    return dict(word.split("=", 1) for word in words)


ENV = started()
ENGINE = ENV["WHARF_EMULATORS_ENGINE"] == "docker"
needs_engine = pytest.mark.skipif(not ENGINE, reason="no container engine")


class Aws:
    """An account of its own."""

    def __init__(self, account: str = "", region: str = "us-east-1") -> None:
        self.account = account or str(random.randint(10**11, 10**12 - 1))
        self.region = region
        self._clients: dict[str, Any] = {}

    def __getattr__(self, service: str) -> Any:
        if service.startswith("_"):
            raise AttributeError(service)
        name = {"tagging": "resourcegroupstaggingapi", "autoscaling": "application-autoscaling"}.get(service, service)
        if name not in self._clients:
            self._clients[name] = boto3.client(
                name,
                endpoint_url=ENV["AWS_ENDPOINT_URL"],
                region_name=self.region,
                aws_access_key_id=self.account,
                aws_secret_access_key="test",
                config=Config(retries={"total_max_attempts": 1}),
            )
        return self._clients[name]

    def elsewhere(self, region: str) -> "Aws":
        return Aws(self.account, region)

    # --- stacks

    def status(self, stack: str) -> str:
        return self.cloudformation.describe_stacks(StackName=stack)["Stacks"][0]["StackStatus"]

    def settled(self, stack: str, seconds: float = 60) -> str:
        """The status of a stack once nothing is going on."""
        end = time.monotonic() + seconds
        while (status := self.status(stack)).endswith("IN_PROGRESS") and status != "REVIEW_IN_PROGRESS":
            assert time.monotonic() < end, f"{stack} is still in {status}"
            time.sleep(0.05)
        return status

    def _arguments(self, template: Any, parameters: dict[str, str], tags: dict[str, str] | None) -> dict[str, Any]:
        body = template if isinstance(template, str) else json.dumps(template)
        arguments: dict[str, Any] = {
            "TemplateBody": body,
            "Parameters": [{"ParameterKey": k, "ParameterValue": v} for k, v in parameters.items()],
            "Capabilities": ["CAPABILITY_NAMED_IAM"],
        }
        if tags is not None:
            arguments["Tags"] = [{"Key": k, "Value": v} for k, v in tags.items()]
        return arguments

    def create(
        self, stack: str, template: Any, parameters: dict[str, str] | None = None, tags: dict[str, str] | None = None, **more: Any
    ) -> str:
        self.cloudformation.create_stack(StackName=stack, **self._arguments(template, parameters or {}, tags), **more)
        return self.settled(stack)

    def update(
        self, stack: str, template: Any, parameters: dict[str, str] | None = None, tags: dict[str, str] | None = None, **more: Any
    ) -> str:
        self.cloudformation.update_stack(StackName=stack, **self._arguments(template, parameters or {}, tags), **more)
        return self.settled(stack)

    def delete(self, stack: str, **more: Any) -> str:
        stack_id = self.cloudformation.describe_stacks(StackName=stack)["Stacks"][0]["StackId"]
        self.cloudformation.delete_stack(StackName=stack, **more)
        return self.settled(stack_id)

    def change_set(
        self, stack: str, template: Any, parameters: dict[str, str] | None = None, tags: dict[str, str] | None = None, **more: Any
    ) -> dict[str, Any]:
        name = f"cs-{random.randint(0, 10**9)}"
        made = self.cloudformation.create_change_set(
            StackName=stack, ChangeSetName=name, **self._arguments(template, parameters or {}, tags), **more
        )
        return self.cloudformation.describe_change_set(ChangeSetName=made["Id"])

    def outputs(self, stack: str) -> dict[str, str]:
        found = self.cloudformation.describe_stacks(StackName=stack)["Stacks"][0]
        return {o["OutputKey"]: o["OutputValue"] for o in found.get("Outputs", [])}

    def physical(self, stack: str, logical_id: str) -> str:
        found = self.cloudformation.describe_stack_resource(StackName=stack, LogicalResourceId=logical_id)
        return found["StackResourceDetail"]["PhysicalResourceId"]

    def events(self, stack: str) -> list[dict[str, Any]]:
        """Oldest first."""
        pages = self.cloudformation.get_paginator("describe_stack_events").paginate(StackName=stack)
        return list(reversed([e for page in pages for e in page["StackEvents"]]))

    def reasons(self, stack: str) -> str:
        return "\n".join(
            f"{e['LogicalResourceId']} {e['ResourceStatus']}: {e['ResourceStatusReason']}"
            for e in self.events(stack)
            if e.get("ResourceStatusReason")
        )

    # --- images

    def push(self, repository: str, tag: str = "latest", variables: dict[str, str] | None = None) -> str:
        """Pushes the test server (with other variables: a layer-less child of it) and returns the image's address."""
        uri = self.ecr.describe_repositories(repositoryNames=[repository])["repositories"][0]["repositoryUri"]
        lines = [f"FROM {probe()}", *(f"ENV {k}={v}" for k, v in (variables or {}).items())]
        docker("build", "-q", "-t", f"{uri}:{tag}", "-", stdin="\n".join(lines))
        login()
        docker("push", "-q", f"{uri}:{tag}")
        return f"{uri}:{tag}"


def docker(*arguments: str, stdin: str = "") -> str:
    environment = os.environ | {k: v for k, v in ENV.items() if k == "DOCKER_HOST"}
    environment |= {"DOCKER_CONFIG": str(DOCKER_CONFIG), "DOCKER_BUILDKIT": "0"}
    done = subprocess.run(["docker", *arguments], check=False, capture_output=True, text=True, input=stdin, env=environment)
    assert done.returncode == 0, f"docker {arguments}: {done.stdout}{done.stderr}"
    return done.stdout


_made: list[str] = []


def probe() -> str:
    """The test server's image, built once."""
    if not _made:
        work = Path("/tmp") / f"wharf-probe-{os.getpid()}"
        shutil.copytree(EMULATORS / "images" / "probe", work, dirs_exist_ok=True)
        command = [
            "rustc",
            "--edition",
            "2024",
            "-O",
            "-C",
            "target-feature=+crt-static",
            "-C",
            "strip=symbols",
            "-o",
            "probe",
            "main.rs",
        ]
        subprocess.run(command, cwd=work, check=True)
        docker("build", "-q", "-t", "wharf-probe:test", str(work))
        shutil.rmtree(work)
        _made.append("wharf-probe:test")
    return _made[0]


def login() -> None:
    entry = Aws("000000000000").ecr.get_authorization_token()["authorizationData"][0]
    assert base64.b64decode(entry["authorizationToken"]).decode().startswith("AWS:")
    auths = {entry["proxyEndpoint"].split("//")[1]: {"auth": entry["authorizationToken"]}}
    (DOCKER_CONFIG / "config.json").write_text(json.dumps({"auths": auths}))


def fetch(url: str, host: str = "", seconds: float = 5) -> tuple[int, str]:
    """Status and body; redirects are not followed."""

    class Stay(urllib.request.HTTPRedirectHandler):
        def redirect_request(self, *_: Any) -> None:
            return None

    request = urllib.request.Request(url, headers={"Host": host} if host else {})
    try:
        with urllib.request.build_opener(Stay).open(request, timeout=seconds) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as e:
        return e.code, e.headers.get("Location") or e.read().decode()


def until(test: Callable[[], Any], seconds: float = 20, what: str = "") -> Any:
    """The first true value of ``test``."""
    end = time.monotonic() + seconds
    while not (value := test()):
        assert time.monotonic() < end, f"not in time: {what or test}"
        time.sleep(0.05)
    return value


def template(name: str) -> str:
    return (HERE / "templates" / name).read_text()


@pytest.fixture
def aws() -> Aws:
    return Aws()


@pytest.fixture(scope="module")
def shared() -> Iterator[Aws]:
    """One account for a module, with an environment in it."""
    account = Aws()
    environment = account.create("app-test", template("environment.yml"), {"ALBWorkloads": "fe"}, {"copilot-environment": "test"})
    assert environment == "CREATE_COMPLETE", account.reasons("app-test")
    yield account
    for stack in account.cloudformation.describe_stacks()["Stacks"]:
        if stack["StackName"] != "app-test" and "ParentId" not in stack:
            account.delete(stack["StackName"])
    account.delete("app-test")
