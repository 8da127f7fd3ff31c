"""App Runner: services of one container each, what is done to them, their connections to networks, host names of their own."""

import logging
import shlex
import socket
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from types import SimpleNamespace
from typing import Any

from botocore.exceptions import ClientError
from localstack.aws.api import RequestContext
from moto.route53.models import route53_backends

from wharf_localstack import addresses, logs
from wharf_localstack.aws import Api, Json, Stores, call, error, new_id, now, page, tag_dict, tag_list
from wharf_localstack.ecs.model import Task
from wharf_localstack.ecs.task import Runner
from wharf_localstack.settings import SETTINGS

LOG = logging.getLogger(__name__)
#: Configuration of a service that UpdateService takes.
SETTABLE = (
    "SourceConfiguration", "InstanceConfiguration", "AutoScalingConfigurationArn", "HealthCheckConfiguration",
    "NetworkConfiguration", "ObservabilityConfiguration",
)  # fmt: skip


class Unhealthy(Exception):
    """A new instance did not come up; the text is what App Runner says."""


@dataclass(eq=False)
class Instance:
    """A container that runs, or is played, as a task of ECS is."""

    task: Task
    runner: Runner

    @property
    def place(self) -> addresses.Place | None:
        return addresses.find(self.task.account, self.task.region, self.task.address)

    def stop(self) -> None:
        self.runner.stop("Instance stopped", "UserInitiated")
        while self.task.alive:
            time.sleep(0.05)
        addresses.drop(self.task.account, self.task.region, self.task.address)


@dataclass(eq=False)
class Service:
    account: str
    region: str
    name: str
    settings: Json
    tags: dict[str, str]
    id: str = field(default_factory=new_id)
    status: str = "OPERATION_IN_PROGRESS"
    created: datetime = field(default_factory=now)
    updated: datetime = field(default_factory=now)
    operations: list[Json] = field(default_factory=list)
    domains: dict[str, Json] = field(default_factory=dict)
    instance: Instance | None = None

    def __post_init__(self) -> None:
        self.arn = f"arn:aws:apprunner:{self.region}:{self.account}:service/{self.name}/{self.id}"
        self.url = f"{self.id[:10]}.{self.region}.awsapprunner.com"
        self._group("application")
        self._group("service")

    def group(self, part: str) -> str:
        return f"/aws/apprunner/{self.name}/{self.id}/{part}"

    def _group(self, part: str) -> None:
        try:
            call(self.account, self.region, "logs", "create_log_group", logGroupName=self.group(part))
        except ClientError as e:
            LOG.warning("log group: %s", e)

    def say(self, text: str) -> None:
        message = f"{now():%m-%d-%Y %I:%M:%S %p} [AppRunner] {text}"
        logs.append(self.account, self.region, self.group("service"), "events", [(int(time.time() * 1000), message)])

    def view(self) -> Json:
        network = {"IngressConfiguration": {"IsPubliclyAccessible": True}, "EgressConfiguration": {"EgressType": "DEFAULT"}}
        return {
            **self.settings,
            "NetworkConfiguration": network | (self.settings.get("NetworkConfiguration") or {}),
            "ServiceName": self.name,
            "ServiceId": self.id,
            "ServiceArn": self.arn,
            "ServiceUrl": self.url,
            "CreatedAt": self.created,
            "UpdatedAt": self.updated,
            "Status": self.status,
            "AutoScalingConfigurationSummary": {},
        }

    # --- instances

    def start(self) -> Instance:
        image = self.settings["SourceConfiguration"]["ImageRepository"]
        settings = image.get("ImageConfiguration") or {}
        container: Json = {
            "name": "application",
            "image": image["ImageIdentifier"],
            "environment": [{"name": k, "value": v} for k, v in (settings.get("RuntimeEnvironmentVariables") or {}).items()],
            "secrets": [{"name": k, "valueFrom": v} for k, v in (settings.get("RuntimeEnvironmentSecrets") or {}).items()],
            "logConfiguration": {
                "logDriver": "awslogs",
                "options": {"awslogs-group": self.group("application"), "awslogs-stream-prefix": "instance"},
            },
        }
        container["environment"].append({"name": "PORT", "value": str(settings.get("Port") or 8080)})
        if settings.get("StartCommand"):
            container["command"] = shlex.split(settings["StartCommand"])
        cluster: Any = SimpleNamespace(name="apprunner", arn="")
        definition = {"taskDefinitionArn": self.arn, "containerDefinitions": [container], "memory": self._memory()}
        task = Task(self.account, self.region, cluster, definition, "", "", "FARGATE")
        task.address = f"apprunner/{task.id}"
        instance = Instance(task, Runner(task, lambda: None))
        instance.runner.start()
        try:
            self._check(instance, int(settings.get("Port") or 8080))
        except Unhealthy:
            instance.stop()
            raise
        return instance

    def _memory(self) -> int:
        text = str((self.settings.get("InstanceConfiguration") or {}).get("Memory") or "2048")
        return int(float(text.split()[0]) * 1024) if text.endswith("GB") else int(text)

    def _check(self, instance: Instance, port: int) -> None:
        """Waits for the first successful check."""
        check = self.settings.get("HealthCheckConfiguration") or {}
        http, path = check.get("Protocol") == "HTTP", check.get("Path") or "/"
        attempts = int(check.get("UnhealthyThreshold") or 5) * int(check.get("Interval") or 5)
        end = time.monotonic() + SETTINGS.scaled(attempts, SETTINGS.startup_seconds)
        self.say(f"Performing health check on port '{port}'.")
        while True:
            task = instance.task
            if not task.alive:
                code = task.containers[0].exit_code
                if code is None:
                    pull = "CannotPull" in task.stopped_reason
                    raise Unhealthy(f"Failed to pull your image: {task.stopped_reason}" if pull else task.stopped_reason)
                raise Unhealthy(
                    f"Your application stopped or failed to start. See logs for more information. Container exit code: {code}"
                )
            place = instance.place
            if place is not None and task.last_status == "RUNNING" and _answers(place, port, path if http else None):
                return
            if time.monotonic() > end:
                protocol = f"HTTP`[Path: '{path}']" if http else "TCP`"
                raise Unhealthy(
                    f"Health check failed on protocol `{protocol}, [Port: '{port}']. Check your configured port number."
                )
            time.sleep(0.1)

    # --- operations

    def operate(self, kind: str, work: Callable[[], str]) -> str:
        """Does something in a thread of its own; ``work`` returns the status of the operation."""
        operation = {"Id": new_id(), "Type": kind, "TargetArn": self.arn, "Status": "IN_PROGRESS", "StartedAt": now()}
        self.operations.append(operation)
        self.status = "OPERATION_IN_PROGRESS"

        def run() -> None:
            try:
                operation["Status"] = work()
            except Exception as e:
                LOG.exception("%s of %s", kind, self.arn)
                self.say(f"Internal failure: {e}")
                operation["Status"], self.status = "FAILED", "CREATE_FAILED" if self.instance is None else "RUNNING"
            self.updated = operation["EndedAt"] = operation["UpdatedAt"] = now()

        threading.Thread(target=run, daemon=True, name=f"apprunner-{self.id[:8]}").start()
        return str(operation["Id"])

    def deploy(self, kind: str, settings: Json) -> str:
        before, old = self.settings, self.instance

        def work() -> str:
            self.settings = settings
            what = "creation" if kind == "CREATE_SERVICE" else "deployment"
            self.say(f"Service {what} has started.")
            try:
                self.instance = self.start()
            except Unhealthy as e:
                self.say(str(e))
                self.say(f"Service {what} failed.")
                if old is None:
                    self.status = "CREATE_FAILED"
                    return "FAILED"
                self.settings, self.status = before, "RUNNING"
                return "ROLLBACK_SUCCEEDED"
            if old is not None:
                old.stop()
            self.status = "RUNNING"
            self.say(f"Service {what} completed successfully.")
            return "SUCCEEDED"

        return self.operate(kind, work)

    def pause(self) -> str:
        def work() -> str:
            if self.instance is not None:
                self.instance.stop()
            self.status = "PAUSED"
            self.say("Service pause completed successfully.")
            return "SUCCEEDED"

        return self.operate("PAUSE_SERVICE", work)

    def resume(self) -> str:
        def work() -> str:
            try:
                self.instance = self.start()
            except Unhealthy as e:
                self.say(str(e))
                self.status = "PAUSED"
                return "FAILED"
            self.status = "RUNNING"
            self.say("Service resume completed successfully.")
            return "SUCCEEDED"

        return self.operate("RESUME_SERVICE", work)


def _answers(place: addresses.Place, port: int, path: str | None) -> bool:
    if not place.host:
        return place.healthy
    try:
        if path is None:
            socket.create_connection((place.host, port), timeout=2).close()
        else:
            urllib.request.urlopen(f"http://{place.host}:{port}{path}", timeout=2).close()
    except (OSError, urllib.error.URLError):
        return False
    return True


@dataclass
class Store:
    services: dict[str, Service] = field(default_factory=dict)
    connectors: dict[str, Json] = field(default_factory=dict)
    connections: dict[str, Json] = field(default_factory=dict)
    tags: dict[str, dict[str, str]] = field(default_factory=dict)


STORES: Stores[Store] = Stores(lambda account, region: Store())


class AppRunnerApi(Api):
    def __init__(self) -> None:
        super().__init__("apprunner")

    def _service(self, context: RequestContext, request: Json) -> Service:
        found = STORES.of(context).services.get(request["ServiceArn"])
        if found is None:
            raise error("ResourceNotFoundException", f"Service with the provided ARN was not found: {request['ServiceArn']}")
        return found

    @staticmethod
    def _settled(service: Service, *states: str) -> None:
        if service.status not in states:
            raise error("InvalidStateException", f"Service cannot be changed in the current state: {service.status}.")

    def create_service(self, context: RequestContext, request: Json) -> Json:
        store, name = STORES.of(context), request["ServiceName"]
        if any(s.name == name for s in store.services.values()):
            raise error("InvalidRequestException", f"Service with the provided name already exists: {name}.")
        settings = {k: request[k] for k in SETTABLE if k in request}
        service = Service(context.account_id, context.region, name, settings, tag_dict(request.get("Tags")))
        store.services[service.arn] = service
        store.tags[service.arn] = service.tags
        operation = service.deploy("CREATE_SERVICE", settings)
        return {"Service": service.view(), "OperationId": operation}

    def update_service(self, context: RequestContext, request: Json) -> Json:
        service = self._service(context, request)
        self._settled(service, "RUNNING", "PAUSED")
        settings = service.settings | {k: request[k] for k in SETTABLE if k in request}
        if service.status == "PAUSED":
            raise error("InvalidStateException", "Service cannot be updated in the current state: PAUSED.")
        return {"OperationId": service.deploy("UPDATE_SERVICE", settings), "Service": service.view()}

    def delete_service(self, context: RequestContext, request: Json) -> Json:
        service = self._service(context, request)
        if any(c["ServiceArn"] == service.arn for c in STORES.of(context).connections.values()):
            raise error("InvalidStateException", "Service has VPC ingress connections.")
        if service.instance is not None and service.status != "PAUSED":
            service.instance.stop()
        service.status = "DELETED"
        del STORES.of(context).services[service.arn]
        STORES.of(context).tags.pop(service.arn, None)
        return {"Service": service.view(), "OperationId": new_id()}

    def describe_service(self, context: RequestContext, request: Json) -> Json:
        return {"Service": self._service(context, request).view()}

    def list_services(self, context: RequestContext, request: Json) -> Json:
        names = ("ServiceName", "ServiceId", "ServiceArn", "ServiceUrl", "CreatedAt", "UpdatedAt", "Status")
        found = [{k: s.view()[k] for k in names} for s in STORES.of(context).services.values()]
        some, token = page(found, request.get("NextToken"), request.get("MaxResults") or 20)
        return {"ServiceSummaryList": some} | ({"NextToken": token} if token else {})

    def pause_service(self, context: RequestContext, request: Json) -> Json:
        service = self._service(context, request)
        self._settled(service, "RUNNING")
        operation = service.pause()
        return {"Service": service.view(), "OperationId": operation}

    def resume_service(self, context: RequestContext, request: Json) -> Json:
        service = self._service(context, request)
        self._settled(service, "PAUSED")
        operation = service.resume()
        return {"Service": service.view(), "OperationId": operation}

    def start_deployment(self, context: RequestContext, request: Json) -> Json:
        service = self._service(context, request)
        self._settled(service, "RUNNING")
        return {"OperationId": service.deploy("START_DEPLOYMENT", service.settings)}

    def list_operations(self, context: RequestContext, request: Json) -> Json:
        newest = list(reversed(self._service(context, request).operations))
        some, token = page(newest, request.get("NextToken"), request.get("MaxResults") or 20)
        return {"OperationSummaryList": some} | ({"NextToken": token} if token else {})

    # --- host names

    @staticmethod
    def _domain(service: Service, name: str) -> Json:
        found = service.domains.get(name)
        if found is None:
            raise error("InvalidRequestException", f"Custom domain {name} is not associated with the service.")
        return found

    def associate_custom_domain(self, context: RequestContext, request: Json) -> Json:
        service, name = self._service(context, request), request["DomainName"]
        self._settled(service, "RUNNING")
        if name in service.domains:
            raise error("InvalidRequestException", f"{name} is already associated with the service.")
        service.domains[name] = {
            "DomainName": name,
            "EnableWWWSubdomain": request.get("EnableWWWSubdomain", True),
            "Status": "CREATING",
        }
        return self._domain_answer(service, service.domains[name])

    def describe_custom_domains(self, context: RequestContext, request: Json) -> Json:
        service = self._service(context, request)
        for domain in service.domains.values():
            _advance(domain)
        some, token = page(list(service.domains.values()), request.get("NextToken"), request.get("MaxResults") or 5)
        answer: Json = {"DNSTarget": service.url, "ServiceArn": service.arn, "CustomDomains": some, "VpcDNSTargets": []}
        return answer | ({"NextToken": token} if token else {})

    def disassociate_custom_domain(self, context: RequestContext, request: Json) -> Json:
        service = self._service(context, request)
        domain = self._domain(service, request["DomainName"])
        del service.domains[request["DomainName"]]
        return self._domain_answer(service, domain | {"Status": "DELETING"})

    @staticmethod
    def _domain_answer(service: Service, domain: Json) -> Json:
        return {"DNSTarget": service.url, "ServiceArn": service.arn, "CustomDomain": domain, "VpcDNSTargets": []}

    # --- networks

    def create_vpc_connector(self, context: RequestContext, request: Json) -> Json:
        name = request["VpcConnectorName"]
        arn = f"arn:aws:apprunner:{context.region}:{context.account_id}:vpcconnector/{name}/1/{new_id()}"
        names = ("VpcConnectorName", "Subnets", "SecurityGroups")
        connector = {k: request[k] for k in names if k in request} | {
            "VpcConnectorArn": arn,
            "VpcConnectorRevision": 1,
            "Status": "ACTIVE",
            "CreatedAt": now(),
        }
        STORES.of(context).connectors[arn] = connector
        STORES.of(context).tags[arn] = tag_dict(request.get("Tags"))
        return {"VpcConnector": connector}

    def delete_vpc_connector(self, context: RequestContext, request: Json) -> Json:
        store, arn = STORES.of(context), request["VpcConnectorArn"]
        if any(arn in str(s.settings.get("NetworkConfiguration")) for s in store.services.values()):
            raise error("InvalidRequestException", "The VPC connector is in use.")
        store.tags.pop(arn, None)
        connector = store.connectors.pop(arn, None)
        if connector is None:
            raise error("ResourceNotFoundException", "VPC connector was not found")
        return {"VpcConnector": connector | {"Status": "INACTIVE", "DeletedAt": now()}}

    def list_vpc_connectors(self, context: RequestContext, request: Json) -> Json:
        return {"VpcConnectors": list(STORES.of(context).connectors.values())}

    def create_vpc_ingress_connection(self, context: RequestContext, request: Json) -> Json:
        service, name = self._service(context, request), request["VpcIngressConnectionName"]
        arn = f"arn:aws:apprunner:{context.region}:{context.account_id}:vpcingressconnection/{name}/{new_id()}"
        connection = {
            "VpcIngressConnectionArn": arn,
            "VpcIngressConnectionName": name,
            "ServiceArn": service.arn,
            "Status": "AVAILABLE",
            "AccountId": context.account_id,
            "DomainName": f"{new_id()[:10]}.vpc.{service.url}",
            "IngressVpcConfiguration": request["IngressVpcConfiguration"],
            "CreatedAt": now(),
        }
        STORES.of(context).connections[arn] = connection
        STORES.of(context).tags[arn] = tag_dict(request.get("Tags"))
        return {"VpcIngressConnection": connection}

    def _connection(self, context: RequestContext, request: Json) -> Json:
        found = STORES.of(context).connections.get(request["VpcIngressConnectionArn"])
        if found is None:
            raise error("ResourceNotFoundException", "VPC ingress connection was not found")
        return found

    def describe_vpc_ingress_connection(self, context: RequestContext, request: Json) -> Json:
        return {"VpcIngressConnection": self._connection(context, request)}

    def delete_vpc_ingress_connection(self, context: RequestContext, request: Json) -> Json:
        connection = self._connection(context, request)
        del STORES.of(context).connections[connection["VpcIngressConnectionArn"]]
        STORES.of(context).tags.pop(connection["VpcIngressConnectionArn"], None)
        return {"VpcIngressConnection": connection | {"Status": "DELETED"}}

    def list_tags_for_resource(self, context: RequestContext, request: Json) -> Json:
        return {"Tags": tag_list(STORES.of(context).tags.get(request["ResourceArn"]) or {})}


def _advance(domain: Json) -> None:
    """From one look to the next: the records of validation are told; once they are in a zone, the name is active."""
    name = domain["DomainName"]
    if domain["Status"] == "CREATING":
        domain["Status"] = "PENDING_CERTIFICATE_DNS_VALIDATION"
        domain["CertificateValidationRecords"] = [
            {
                "Name": f"_{label}.{name}.",
                "Type": "CNAME",
                "Value": f"_{label}.acm-validations.aws.",
                "Status": "PENDING_VALIDATION",
            }
            for label in ("a1", "b2")
        ]
    elif domain["Status"] == "PENDING_CERTIFICATE_DNS_VALIDATION":
        records = domain["CertificateValidationRecords"]
        if {r["Name"].rstrip(".") for r in records} <= _records():
            domain["Status"] = "ACTIVE"
            for record in records:
                record["Status"] = "SUCCESS"


def _records() -> set[str]:
    """Names of all records in all zones of all accounts."""
    backends = [backend for account in list(route53_backends.values()) for backend in list(account.values())]
    return {r.name.rstrip(".") for backend in backends for zone in list(backend.zones.values()) for r in list(zone.rrsets)}
