"""The operations of ECS."""

from typing import Any

from localstack.aws.api import RequestContext
from moto.ec2.models import ec2_backends

from wharf_localstack.aws import Api, Json, error, new_id, now, page, tag_dict, tag_list
from wharf_localstack.ecs import shifting
from wharf_localstack.ecs.model import STORES, Cluster, Store, Task
from wharf_localstack.ecs.service import DEPLOYED, Service
from wharf_localstack.ecs.task import Runner
from wharf_localstack.elbv2 import api as balancers

#: Memory (MiB) that Fargate offers for each amount of CPU.
FARGATE = {
    256: {512, 1024, 2048}, 512: set(range(1024, 4097, 1024)), 1024: set(range(2048, 8193, 1024)),
    2048: set(range(4096, 16385, 1024)), 4096: set(range(8192, 30721, 1024)), 8192: set(range(16384, 61441, 4096)),
    16384: set(range(32768, 122881, 8192)),
}  # fmt: skip
PROVIDERS = ("FARGATE", "FARGATE_SPOT")


def client_error(message: str) -> Exception:
    return error("ClientException", message)


def bad_parameter(message: str) -> Exception:
    return error("InvalidParameterException", message)


class EcsApi(Api):
    def __init__(self) -> None:
        super().__init__("ecs")

    def _store(self, context: RequestContext) -> Store:
        return STORES.of(context)

    # --- clusters

    def create_cluster(self, context: RequestContext, request: Json) -> Json:
        store, name = self._store(context), request.get("clusterName") or "default"
        with store.lock:
            cluster = store.clusters.get(name)
            if cluster is None or cluster.status != "ACTIVE":
                settings = request.get("settings") or [{"name": "containerInsights", "value": "disabled"}]
                self._check_providers(request.get("capacityProviders") or [])
                cluster = Cluster(
                    name, store.arn("cluster", name), settings, request.get("configuration"), request.get("capacityProviders") or [],
                    request.get("defaultCapacityProviderStrategy") or [], request.get("serviceConnectDefaults"),
                )  # fmt: skip
                store.clusters[name] = cluster
                store.tags[cluster.arn] = tag_dict(request.get("tags"))
        return {"cluster": self._show_cluster(store, cluster, {"TAGS", "SETTINGS", "CONFIGURATIONS"})}

    @staticmethod
    def _check_providers(names: list[str]) -> None:
        for name in names:
            if name not in PROVIDERS:
                raise bad_parameter(f"The specified capacity provider '{name}' is not in an ACTIVE state. Specify a valid capacity provider and try again.")  # fmt: skip

    def _show_cluster(self, store: Store, cluster: Cluster, include: set[str]) -> Json:
        services = [s for s in store.services.values() if s.cluster is cluster and s.status != "INACTIVE"]
        tasks = [t for t in store.tasks.values() if t.cluster is cluster and t.alive]
        result: Json = {
            "clusterArn": cluster.arn, "clusterName": cluster.name, "status": cluster.status, "registeredContainerInstancesCount": 0,
            "runningTasksCount": sum(t.last_status == "RUNNING" for t in tasks),
            "pendingTasksCount": sum(t.last_status in ("PROVISIONING", "PENDING") for t in tasks),
            "activeServicesCount": len(services), "statistics": [], "tags": [], "settings": [],
            "capacityProviders": cluster.capacity_providers, "defaultCapacityProviderStrategy": cluster.default_strategy,
        }  # fmt: skip
        if "TAGS" in include:
            result["tags"] = tag_list(store.tags.get(cluster.arn, {}), "key", "value")
        if "SETTINGS" in include:
            result["settings"] = cluster.settings
        if "CONFIGURATIONS" in include and cluster.configuration:
            result["configuration"] = cluster.configuration
        if cluster.service_connect:
            result["serviceConnectDefaults"] = cluster.service_connect
        return result

    def describe_clusters(self, context: RequestContext, request: Json) -> Json:
        store, found, failures = self._store(context), [], []
        for name in request.get("clusters") or ["default"]:
            cluster = store.clusters.get(name.split("/")[-1])
            if cluster is None:
                failures.append({"arn": name if name.startswith("arn:") else store.arn("cluster", name), "reason": "MISSING"})
            else:
                found.append(self._show_cluster(store, cluster, set(request.get("include") or [])))
        return {"clusters": found, "failures": failures}

    def list_clusters(self, context: RequestContext, request: Json) -> Json:
        arns = [c.arn for c in self._store(context).clusters.values() if c.status == "ACTIVE"]
        return self._page("clusterArns", arns, request)

    @staticmethod
    def _page(name: str, items: list[Any], request: Json, size: int = 100) -> Json:
        shown, token = page(items, request.get("nextToken"), int(request.get("maxResults") or size))
        return {name: shown, "nextToken": token} if token else {name: shown}

    def update_cluster(self, context: RequestContext, request: Json) -> Json:
        store = self._store(context)
        cluster = store.cluster(request["cluster"])
        if request.get("settings"):
            given = {s["name"]: s for s in request["settings"]}
            cluster.settings = [s for s in cluster.settings if s["name"] not in given] + list(given.values())
        cluster.configuration = request.get("configuration") or cluster.configuration
        cluster.service_connect = request.get("serviceConnectDefaults") or cluster.service_connect
        return {"cluster": self._show_cluster(store, cluster, {"SETTINGS", "CONFIGURATIONS", "TAGS"})}

    def update_cluster_settings(self, context: RequestContext, request: Json) -> Json:
        return self.update_cluster(context, request)

    def put_cluster_capacity_providers(self, context: RequestContext, request: Json) -> Json:
        store = self._store(context)
        cluster = store.cluster(request["cluster"])
        self._check_providers(request["capacityProviders"])
        cluster.capacity_providers = request["capacityProviders"]
        cluster.default_strategy = request["defaultCapacityProviderStrategy"]
        return {"cluster": self._show_cluster(store, cluster, {"SETTINGS", "TAGS"})}

    def delete_cluster(self, context: RequestContext, request: Json) -> Json:
        store = self._store(context)
        with store.lock:
            cluster = store.cluster(request["cluster"])
            if any(s.cluster is cluster and s.status != "INACTIVE" for s in store.services.values()):
                raise error("ClusterContainsServicesException", "The Cluster cannot be deleted while Services are active.")
            if any(t.cluster is cluster and t.alive for t in store.tasks.values()):
                raise error("ClusterContainsTasksException", "The Cluster cannot be deleted while Tasks are active.")
            cluster.status = "INACTIVE"
            store.tags.pop(cluster.arn, None)
        return {"cluster": self._show_cluster(store, cluster, set())}

    def describe_capacity_providers(self, context: RequestContext, request: Json) -> Json:
        return {"capacityProviders": [{"name": n, "status": "ACTIVE"} for n in PROVIDERS]}

    # --- task definitions

    def register_task_definition(self, context: RequestContext, request: Json) -> Json:
        store, family = self._store(context), request["family"]
        self._check_definition(request)
        with store.lock:
            revisions = store.definitions.setdefault(family, [])
            revision = len(revisions) + 1
            entry: Json = {k: v for k, v in request.items() if k != "tags" and v is not None}
            compatible = request.get("requiresCompatibilities") or []
            entry |= {
                "taskDefinitionArn": store.arn("task-definition", f"{family}:{revision}"), "revision": revision, "status": "ACTIVE",
                "volumes": request.get("volumes") or [], "placementConstraints": request.get("placementConstraints") or [],
                "compatibilities": ["EC2", *compatible] if "FARGATE" in compatible else ["EC2"], "registeredAt": now(),
                "registeredBy": f"arn:aws:iam::{context.account_id}:root",
                "containerDefinitions": [self._full_container(c, request) for c in request["containerDefinitions"]],
            }  # fmt: skip
            revisions.append(entry)
            store.tags[entry["taskDefinitionArn"]] = tag_dict(request.get("tags"))
        return {"taskDefinition": entry, "tags": request.get("tags") or []}

    @staticmethod
    def _full_container(container: Json, request: Json) -> Json:
        ports = []
        for mapping in container.get("portMappings") or []:
            mapping = {"protocol": "tcp"} | mapping
            if request.get("networkMode") == "awsvpc":
                mapping.setdefault("hostPort", mapping.get("containerPort"))
            ports.append(mapping)
        defaults: Json = {
            "cpu": 0,
            "essential": True,
            "environment": [],
            "mountPoints": [],
            "volumesFrom": [],
            "systemControls": [],
        }
        full = defaults | {k: v for k, v in container.items() if v is not None} | {"portMappings": ports}
        if check := full.get("healthCheck"):
            full["healthCheck"] = {"interval": 30, "timeout": 5, "retries": 3} | check
        return full

    @staticmethod
    def _check_definition(request: Json) -> None:
        containers = request.get("containerDefinitions") or []
        if not containers:
            raise client_error("Container list cannot be empty.")
        names = [c.get("name") for c in containers]
        if len(set(names)) < len(names):
            raise client_error("Container names must be unique within a task definition.")
        if not any(c.get("essential", True) for c in containers):
            raise client_error("A task definition must have at least one essential container")
        for container in containers:
            if not container.get("image"):
                raise client_error("Container.image should not be null or empty.")
            for dependency in container.get("dependsOn") or []:
                if dependency["containerName"] not in names:
                    raise client_error(f"The container dependency '{dependency['containerName']}' does not exist.")
        if "FARGATE" in (request.get("requiresCompatibilities") or []):
            if request.get("networkMode") != "awsvpc":
                raise client_error("Fargate only supports network mode ‘awsvpc’.")
            if not request.get("cpu") or not request.get("memory"):
                raise client_error("Fargate requires task definition to have 'cpu' and 'memory' at the task level.")
            cpu, memory = int(request["cpu"]), int(request["memory"])
            if memory not in FARGATE.get(cpu, set()):
                raise client_error(
                    f"No Fargate configuration exists for given values: {cpu} CPU, {memory} memory. See the Amazon ECS documentation "
                    "for the valid values."
                )
            drivers = [(c.get("logConfiguration") or {}).get("logDriver") for c in containers]
            if "awslogs" in drivers and not request.get("executionRoleArn"):
                raise client_error("Fargate requires task definition to have execution role ARN to support log driver awslogs.")

    def describe_task_definition(self, context: RequestContext, request: Json) -> Json:
        store = self._store(context)
        entry = store.definition(request["taskDefinition"])
        result: Json = {"taskDefinition": entry}
        if "TAGS" in (request.get("include") or []):
            result["tags"] = tag_list(store.tags.get(entry["taskDefinitionArn"], {}), "key", "value")
        return result

    def deregister_task_definition(self, context: RequestContext, request: Json) -> Json:
        entry = self._store(context).definition(request["taskDefinition"])
        entry["status"], entry["deregisteredAt"] = "INACTIVE", now()
        return {"taskDefinition": entry}

    def delete_task_definitions(self, context: RequestContext, request: Json) -> Json:
        store, done, failures = self._store(context), [], []
        for name in request["taskDefinitions"]:
            entry = store.definition(name)
            if entry["status"] == "ACTIVE":
                reason = "The specified task definition is still in ACTIVE status. Please deregister the target and try again."
                failures.append({"arn": entry["taskDefinitionArn"], "reason": reason})
            else:
                entry["status"] = "DELETE_IN_PROGRESS"
                done.append(entry)
        return {"taskDefinitions": done, "failures": failures}

    def list_task_definitions(self, context: RequestContext, request: Json) -> Json:
        store, family = self._store(context), request.get("familyPrefix")
        status = request.get("status") or "ACTIVE"
        arns = [
            d["taskDefinitionArn"]
            for f, revisions in sorted(store.definitions.items())
            for d in revisions
            if (not family or f == family) and d["status"] == status
        ]
        return self._page("taskDefinitionArns", arns[::-1] if request.get("sort") == "DESC" else arns, request)

    def list_task_definition_families(self, context: RequestContext, request: Json) -> Json:
        prefix, status = request.get("familyPrefix") or "", request.get("status") or "ALL"
        families = [
            f
            for f, revisions in sorted(self._store(context).definitions.items())
            if f.startswith(prefix) and (status == "ALL" or any(d["status"] == status for d in revisions))
        ]
        return self._page("families", families, request)

    # --- services

    def _service(self, context: RequestContext, request: Json, key: str = "service") -> Service:
        store = self._store(context)
        cluster = store.cluster(request.get("cluster"))
        found = store.services.get((cluster.name, request[key].split("/")[-1]))
        if found is None:
            raise error("ServiceNotFoundException", "Service not found.")
        return found

    def _check_service(self, context: RequestContext, cluster: Cluster, request: Json, definition: Json) -> None:
        for entry in request.get("loadBalancers") or []:
            group = entry.get("targetGroupArn")
            if group:
                if balancers.find_group(context.account_id, context.region, group) is None:
                    raise bad_parameter(f"Unable to retrieve target group {group}")
                if not balancers.in_use(context.account_id, context.region, group):
                    raise bad_parameter(f"The target group with targetGroupArn {group} does not have an associated load balancer.")
            container = next((c for c in definition["containerDefinitions"] if c["name"] == entry.get("containerName")), None)
            if container is None:
                raise bad_parameter(f"The container {entry.get('containerName')} does not exist in the task definition.")
            if int(entry["containerPort"]) not in [int(p.get("containerPort", 0)) for p in container["portMappings"]]:
                raise bad_parameter(
                    f"The container {container['name']} did not have a container port {entry['containerPort']} defined."
                )
        if definition.get("networkMode") == "awsvpc":
            self._check_network(context, request)
        for entry in request.get("capacityProviderStrategy") or []:
            if entry["capacityProvider"] not in cluster.capacity_providers:
                raise bad_parameter(
                    "The specified capacity provider strategy cannot contain a capacity provider that is not associated with the cluster. "
                    "Associate the capacity provider with the cluster and try again."
                )
        if request.get("launchType") and request.get("capacityProviderStrategy"):
            raise bad_parameter(
                "Specifying both a launch type and capacity provider strategy is not supported. Remove one and try again."
            )
        connect = request.get("serviceConnectConfiguration") or {}
        ports = {p.get("name") for c in definition["containerDefinitions"] for p in c["portMappings"]}
        for entry in connect.get("services") or []:
            if entry["portName"] not in ports:
                raise bad_parameter(f"The port name '{entry['portName']}' does not exist in the task definition.")

    @staticmethod
    def _check_network(context: RequestContext, request: Json) -> None:
        configuration = (request.get("networkConfiguration") or {}).get("awsvpcConfiguration")
        if not configuration:
            raise bad_parameter("Network Configuration must be provided when networkMode 'awsvpc' is specified.")
        ec2 = ec2_backends[context.account_id][context.region]
        known = {k for by_zone in ec2.subnets.values() for k in by_zone}
        for subnet in configuration.get("subnets") or []:
            if subnet not in known:
                raise bad_parameter(
                    f"Error retrieving subnet information for [{subnet}]: The subnet ID '{subnet}' does not exist (ErrorCode: InvalidSubnetID.NotFound)"
                )
        for group in configuration.get("securityGroups") or []:
            if ec2.get_security_group_from_id(group) is None:
                raise bad_parameter(
                    f"Error retrieving security group information for [{group}]: The security group '{group}' does not exist (ErrorCode: InvalidGroup.NotFound)"
                )

    def create_service(self, context: RequestContext, request: Json) -> Json:
        store = self._store(context)
        with store.lock:
            cluster = store.cluster(request.get("cluster"))
            key = (cluster.name, request["serviceName"])
            existing = store.services.get(key)
            if existing is not None and existing.status == "DRAINING":
                raise bad_parameter("Unable to Start a service that is still Draining.")
            if existing is not None and existing.status == "ACTIVE":
                raise bad_parameter("Creation of service was not idempotent.")
            try:
                definition = store.definition(request["taskDefinition"])
            except Exception:
                raise client_error("TaskDefinition not found.") from None
            if definition["status"] != "ACTIVE":
                raise client_error("TaskDefinition is inactive")
            request = {k: v for k, v in request.items() if v is not None}
            if not request.get("launchType") and not request.get("capacityProviderStrategy") and cluster.default_strategy:
                request["capacityProviderStrategy"] = cluster.default_strategy
            self._check_service(context, cluster, request, definition)
            service = Service(store, cluster, request["serviceName"], request, definition, tag_dict(request.get("tags")))
            store.services[key] = service
            store.tags[service.arn] = service.tags
        service.poke()
        return {"service": service.describe(with_tags=True)}

    def update_service(self, context: RequestContext, request: Json) -> Json:
        store = self._store(context)
        with store.lock:
            service = self._service(context, request)
            if service.status != "ACTIVE":
                raise error("ServiceNotActiveException", "Service was not ACTIVE.")
            changes = {k: v for k, v in request.items() if k not in ("cluster", "service", "forceNewDeployment") and v is not None}
            definition = service.definition
            if "taskDefinition" in changes:
                try:
                    definition = store.definition(changes["taskDefinition"])
                except Exception:
                    raise client_error("TaskDefinition not found.") from None
                if definition["status"] != "ACTIVE":
                    raise client_error("TaskDefinition is inactive")
            if changes.get("capacityProviderStrategy"):
                service.request.pop("launchType", None)
            wanted = {**service.request, **changes}
            self._check_service(context, service.cluster, wanted, definition)
            before = {k: service.request.get(k) or None for k in DEPLOYED}
            after = {k: wanted.get(k) or None for k in DEPLOYED}
            service.request = wanted
            if "desiredCount" in changes:
                service.desired = int(changes["desiredCount"])
            if definition is not service.definition or before != after or request.get("forceNewDeployment"):
                service.deploy(definition)
            elif "desiredCount" in changes:
                service.steady = False
            view = service.describe(with_tags=True)
        service.poke()
        return {"service": view}

    def delete_service(self, context: RequestContext, request: Json) -> Json:
        service = self._service(context, request)
        if service.desired > 0 and not request.get("force"):
            raise bad_parameter("The service cannot be stopped while it is scaled above 0.")
        if service.status == "ACTIVE":
            service.delete()
            self._store(context).tags.pop(service.arn, None)
        return {"service": service.describe(with_tags=True)}

    def describe_services(self, context: RequestContext, request: Json) -> Json:
        store, found, failures = self._store(context), [], []
        cluster = store.cluster(request.get("cluster"))
        with store.lock:
            for name in request["services"]:
                service = store.services.get((cluster.name, name.split("/")[-1]))
                if service is None:
                    arn = name if name.startswith("arn:") else store.arn("service", f"{cluster.name}/{name}")
                    failures.append({"arn": arn, "reason": "MISSING"})
                else:
                    found.append(service.describe("TAGS" in (request.get("include") or [])))
        return {"services": found, "failures": failures}

    def list_services(self, context: RequestContext, request: Json) -> Json:
        store = self._store(context)
        cluster = store.cluster(request.get("cluster"))
        launch = request.get("launchType")
        arns = [
            s.arn
            for s in store.services.values()
            if s.cluster is cluster and s.status == "ACTIVE" and (not launch or s.launch_type == launch)
        ]
        return self._page("serviceArns", arns, request, 10)

    def _service_deployment(self, service: Service, d: Any) -> Json:
        if d.shift is not None:
            return shifting.describe(service, d)
        states = {"IN_PROGRESS": "IN_PROGRESS", "COMPLETED": "SUCCESSFUL", "FAILED": "ROLLBACK_FAILED"}
        status = states[d.rollout]
        if d.rollout == "FAILED":
            back = next((x for x in service.history if x.rollback_of == d.id), None)
            status = "STOPPED" if back is None else "ROLLBACK_SUCCESSFUL" if back.rollout == "COMPLETED" else "ROLLBACK_IN_PROGRESS"
        elif d.rollout == "IN_PROGRESS" and d.finished:
            status = "STOPPED"
        base = service.arn.replace(":service/", ":service-deployment/")
        result = {
            "serviceDeploymentArn": f"{base}/{d.service_deployment}", "serviceArn": service.arn, "clusterArn": service.cluster.arn,
            "createdAt": d.created, "startedAt": d.created, "updatedAt": d.updated, "status": status, "statusReason": d.reason,
            "deploymentConfiguration": service.request.get("deploymentConfiguration") or {},
            "targetServiceRevision": {
                "arn": service.arn.replace(":service/", ":service-revision/") + f"/{d.service_deployment}",
                "requestedTaskCount": service.desired, "runningTaskCount": service.counts(d)[0], "pendingTaskCount": service.counts(d)[1],
            },
        }  # fmt: skip
        return result | {"finishedAt": d.finished} if d.finished else result

    def stop_service_deployment(self, context: RequestContext, request: Json) -> Json:
        store, arn = self._store(context), request["serviceDeploymentArn"]
        with store.lock:
            for service in store.services.values():
                for d in service.history:
                    if not arn.endswith(f"/{d.service_deployment}"):
                        continue
                    if d is not service.primary or d.rollout != "IN_PROGRESS":
                        raise error("ConflictException", "The service deployment is not in progress.")
                    service.stop_deployment(request.get("stopType") == "ABORT")
                    return {"serviceDeploymentArn": arn}
        raise error("ServiceDeploymentNotFoundException", "The service deployment was not found.")

    def describe_service_revisions(self, context: RequestContext, request: Json) -> Json:
        arns = request["serviceRevisionArns"]
        all_services = list(self._store(context).services.values())
        known = {shifting.revision(s, d): shifting.describe_revision(s, d) for s in all_services for d in s.history}
        found = [known[arn] for arn in arns if arn in known]
        return {"serviceRevisions": found, "failures": [{"arn": a, "reason": "MISSING"} for a in arns if a not in known]}

    def list_service_deployments(self, context: RequestContext, request: Json) -> Json:
        service = self._service(context, request)
        entries = [self._service_deployment(service, d) for d in service.history if not d.rollback_of]
        wanted, created = request.get("status"), request.get("createdAt") or {}
        entries = [
            e
            for e in entries
            if (not wanted or e["status"] in wanted)
            and (not created.get("after") or e["createdAt"] > created["after"])
            and (not created.get("before") or e["createdAt"] < created["before"])
        ]
        return self._page("serviceDeployments", entries, request)

    def describe_service_deployments(self, context: RequestContext, request: Json) -> Json:
        arns, found = request["serviceDeploymentArns"], []
        for service in self._store(context).services.values():
            found += [
                e for e in (self._service_deployment(service, d) for d in service.history) if e["serviceDeploymentArn"] in arns
            ]
        known = {e["serviceDeploymentArn"] for e in found}
        return {"serviceDeployments": found, "failures": [{"arn": a, "reason": "MISSING"} for a in arns if a not in known]}

    # --- tasks

    def run_task(self, context: RequestContext, request: Json) -> Json:
        store = self._store(context)
        cluster = store.cluster(request.get("cluster"))
        try:
            definition = store.definition(request["taskDefinition"])
        except Exception:
            raise client_error("TaskDefinition not found.") from None
        if definition["status"] != "ACTIVE":
            raise client_error("TaskDefinition is inactive")
        if definition.get("networkMode") == "awsvpc":
            self._check_network(context, request)
        tags = tag_dict(request.get("tags"))
        if request.get("propagateTags") == "TASK_DEFINITION":
            tags = store.tags.get(definition["taskDefinitionArn"], {}) | tags
        strategy = request.get("capacityProviderStrategy") or []
        tasks = []
        for _ in range(int(request.get("count") or 1)):
            task = Task(
                context.account_id, context.region, cluster, definition, group=request.get("group") or f"family:{definition['family']}",
                started_by=request.get("startedBy") or "", launch_type=request.get("launchType") or "FARGATE",
                capacity_provider=strategy[0]["capacityProvider"] if strategy else "", network=request.get("networkConfiguration") or {},
                tags=dict(tags), overrides=request.get("overrides") or {}, exec_enabled=bool(request.get("enableExecuteCommand")),
            )  # fmt: skip
            runner = Runner(task, lambda: None)
            RUNNERS[task.arn] = runner
            store.add_task(task)
            tasks.append(task.view())
            runner.start()
        return {"tasks": tasks, "failures": []}

    def _find_task(self, context: RequestContext, name: str) -> Task | None:
        return self._store(context).tasks.get(name.split("/")[-1])

    def stop_task(self, context: RequestContext, request: Json) -> Json:
        self._store(context).cluster(request.get("cluster"))
        task = self._find_task(context, request["task"])
        if task is None:
            raise bad_parameter("The referenced task was not found.")
        reason = request.get("reason") or "Task stopped by user"
        if task.service is not None:
            member = next((m for m in task.service.members if m.task is task), None)
            if member is not None:
                member.runner.stop(reason, "UserInitiated")
                task.service.poke()
        elif task.arn in RUNNERS:
            RUNNERS[task.arn].stop(reason, "UserInitiated")
        return {"task": task.view()}

    def list_tasks(self, context: RequestContext, request: Json) -> Json:
        store = self._store(context)
        cluster = store.cluster(request.get("cluster"))
        status, family, started = request.get("desiredStatus") or "RUNNING", request.get("family"), request.get("startedBy")
        service, launch = (request.get("serviceName") or "").split("/")[-1], request.get("launchType")
        if service and (cluster.name, service) not in store.services:
            raise error("ServiceNotFoundException", "Service not found.")
        arns = [
            t.arn
            for t in reversed(list(store.tasks.values()))
            if t.cluster is cluster
            and t.desired_status == status
            and (not service or t.group == f"service:{service}")
            and (not family or t.definition["family"] == family)
            and (not started or t.started_by == started)
            and (not launch or t.launch_type == launch)
        ]
        return self._page("taskArns", arns, request)

    def describe_tasks(self, context: RequestContext, request: Json) -> Json:
        store, found, failures = self._store(context), [], []
        cluster = store.cluster(request.get("cluster"))
        for name in request["tasks"]:
            task = self._find_task(context, name)
            if task is None or task.cluster is not cluster:
                arn = name if name.startswith("arn:") else store.arn("task", f"{cluster.name}/{name}")
                failures.append({"arn": arn, "reason": "MISSING"})
            else:
                found.append(task.view("TAGS" in (request.get("include") or [])))
        return {"tasks": found, "failures": failures}

    def execute_command(self, context: RequestContext, request: Json) -> Json:
        cluster = self._store(context).cluster(request.get("cluster"))
        task = self._find_task(context, request["task"])
        if task is None or not task.alive:
            raise bad_parameter("The specified task wasn't found or isn't running. Verify the task's status, and then try again.")
        container = task.container(request["container"]) if request.get("container") else task.containers[0]
        if container is None or not task.exec_enabled or container.last_status != "RUNNING":
            raise bad_parameter(
                "The execute command failed because execute command was not enabled when the task was run or the execute command agent "
                "isn’t running. Wait and try again or run a new task with execute command enabled and try again."
            )
        session = {
            "sessionId": f"ecs-execute-command-{new_id()[:17]}", "tokenValue": new_id(),
            "streamUrl": f"wss://ssmmessages.{context.region}.amazonaws.com/v1/data-channel/ecs-execute-command-{new_id()[:17]}",
        }  # fmt: skip
        return {
            "clusterArn": cluster.arn, "containerArn": container.arn, "containerName": container.name, "interactive": True,
            "session": session, "taskArn": task.arn,
        }  # fmt: skip

    # --- tags and settings

    def tag_resource(self, context: RequestContext, request: Json) -> Json:
        store, arn = self._store(context), request["resourceArn"]
        if arn not in store.tags:
            raise bad_parameter("The specified resource was not found.")
        store.tags[arn].update(tag_dict(request["tags"]))
        return {}

    def untag_resource(self, context: RequestContext, request: Json) -> Json:
        tags = self._store(context).tags.get(request["resourceArn"], {})
        for key in request["tagKeys"]:
            tags.pop(key, None)
        return {}

    def list_tags_for_resource(self, context: RequestContext, request: Json) -> Json:
        return {"tags": tag_list(self._store(context).tags.get(request["resourceArn"], {}), "key", "value")}

    def put_account_setting(self, context: RequestContext, request: Json) -> Json:
        self._store(context).settings[request["name"]] = request["value"]
        return {"setting": self._setting(context, request["name"], request["value"])}

    put_account_setting_default = put_account_setting

    def list_account_settings(self, context: RequestContext, request: Json) -> Json:
        settings = {"serviceLongArnFormat": "enabled", "taskLongArnFormat": "enabled"} | self._store(context).settings
        wanted = request.get("name")
        return {"settings": [self._setting(context, k, v) for k, v in settings.items() if not wanted or k == wanted]}

    @staticmethod
    def _setting(context: RequestContext, name: str, value: str) -> Json:
        return {"name": name, "value": value, "principalArn": f"arn:aws:iam::{context.account_id}:root", "type": "user"}


#: Runners of tasks that belong to no service.
RUNNERS: dict[str, Runner] = {}
