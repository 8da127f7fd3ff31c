"""The life of one task: from PROVISIONING to STOPPED, with containers when there is an engine."""

import json
import logging
import queue
import threading
import time
from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError
from moto.ec2.models import ec2_backends

from wharf_localstack import addresses, logs
from wharf_localstack.aws import Json, call, now
from wharf_localstack.ecs.engine import ENGINE, LABEL, Engine, EngineError
from wharf_localstack.ecs.model import Container, Task
from wharf_localstack.settings import SETTINGS

LOG = logging.getLogger(__name__)
ARCHITECTURES = {"X86_64": "amd64", "ARM64": "arm64"}


class CannotStart(Exception):
    """The task cannot run; the text is its stopped reason."""

    def __init__(self, reason: str, container: Container | None = None) -> None:
        super().__init__(reason)
        self.container = container


class Runner:
    """Runs a task in a thread of its own. ``changed`` is called after each change of the task's state."""

    def __init__(self, task: Task, changed: Callable[[], None]) -> None:
        self.task, self._changed = task, changed
        self.inbox: queue.Queue[tuple[Any, ...]] = queue.Queue()
        self._stop_asked = False

    def start(self) -> None:
        threading.Thread(target=self._run, daemon=True, name=f"task-{self.task.id[:8]}").start()

    def stop(self, reason: str, code: str) -> None:
        """Asks the task to stop; the first reason counts."""
        task = self.task
        if self._stop_asked or not task.alive:
            return
        self._stop_asked = True
        task.desired_status, task.stopped_reason, task.stop_code, task.stopping = "STOPPED", reason, code, now()
        self.inbox.put(("stop",))

    def changed(self) -> None:
        self.task.version += 1
        self._changed()

    def _run(self) -> None:
        task = self.task
        body: Played | Contained = Played(self) if ENGINE is None or is_played(task) else Contained(self, ENGINE)
        try:
            self._provision()
            body.run()
        except CannotStart as e:
            if e.container is not None:
                e.container.reason = str(e)
            self._fail(str(e), "TaskFailedToStart")
        except Exception as e:
            LOG.exception("task %s", task.arn)
            self._fail(f"Unexpected error: {e}", "TaskFailedToStart")
        finally:
            try:
                body.clean()
            except Exception:
                LOG.exception("task %s", task.arn)
            self._release()
            for container in task.containers:
                container.last_status = "STOPPED"
            task.last_status, task.desired_status, task.stopped = "STOPPED", "STOPPED", now()
            task.execution_stopped = task.execution_stopped or task.stopped
            task.stopping = task.stopping or task.stopped
            self.changed()

    def _fail(self, reason: str, code: str) -> None:
        if not self._stop_asked:
            self._stop_asked = True
            self.task.stopped_reason, self.task.stop_code = reason, code

    # --- network interface

    def _provision(self) -> None:
        task = self.task
        configuration = (task.network or {}).get("awsvpcConfiguration") or {}
        subnets = configuration.get("subnets") or []
        if not subnets:
            return
        ec2 = ec2_backends[task.account][task.region]
        task.subnet = subnets[int(task.id[:4], 16) % len(subnets)]
        taken = {e.private_ip_address for e in ec2.enis.values()}
        for _ in range(50):
            interface = ec2.create_network_interface(
                task.subnet, "", group_ids=configuration.get("securityGroups") or None, description=task.arn
            )
            if interface.private_ip_address not in taken:
                break
            ec2.delete_network_interface(interface.id)
        if configuration.get("assignPublicIp") == "ENABLED":
            interface.public_ip = f"203.0.113.{int(task.id[:6], 16) % 254 + 1}"
        task.interface, task.address = interface.id, interface.private_ip_address
        task.last_status = "PENDING"
        self.changed()

    def _release(self) -> None:
        task = self.task
        if task.interface:
            addresses.drop(task.account, task.region, task.address)
            try:
                ec2_backends[task.account][task.region].delete_network_interface(task.interface)
            except Exception as e:
                LOG.debug("network interface: %s", e)

    def set_running(self) -> None:
        if self.task.last_status != "RUNNING":
            self.task.last_status, self.task.started = "RUNNING", now()
            self.changed()

    def essential_exited(self) -> None:
        if not self._stop_asked:
            self._stop_asked = True
            task = self.task
            task.desired_status, task.stopping = "STOPPED", now()
            task.stopped_reason, task.stop_code = "Essential container in task exited", "EssentialContainerExited"


# --- logs and configuration ------------------------------------------------------------------------------------------


def log_target(task: Task, container: Container) -> tuple[str, str, str] | None:
    """Region, group and stream of a container's output."""
    configuration = container.definition.get("logConfiguration") or {}
    if configuration.get("logDriver") != "awslogs":
        return None
    options = configuration.get("options") or {}
    prefix = options.get("awslogs-stream-prefix", "ecs")
    return options.get("awslogs-region", task.region), options["awslogs-group"], f"{prefix}/{container.name}/{task.id}"


def check_logs(task: Task, container: Container) -> None:
    target = log_target(task, container)
    if target is None:
        return
    region, group, stream = target
    options = container.definition["logConfiguration"].get("options") or {}
    if str(options.get("awslogs-create-group", "")).lower() == "true" and not logs.group_at(task.account, region, group):
        try:
            call(task.account, region, "logs", "create_log_group", logGroupName=group)
        except ClientError as e:  # another task was quicker
            if e.response["Error"]["Code"] != "ResourceAlreadyExistsException":
                raise
    if not logs.append(task.account, region, group, stream, []):
        raise CannotStart(
            "ResourceInitializationError: failed to validate logger args: create stream has been retried 1 times: failed to create "
            f"Cloudwatch log stream: operation error CloudWatch Logs: CreateLogStream, ResourceNotFoundException: The specified log "
            f"group does not exist. : {group}: exit status 1",
            container,
        )


def secret_value(task: Task, reference: str) -> str:
    if ":secretsmanager:" in reference:
        parts = reference.split(":")
        secret, key = ":".join(parts[:7]), parts[7] if len(parts) > 7 else ""
        stage = {"VersionStage": parts[8]} if len(parts) > 8 and parts[8] else {}
        version = {"VersionId": parts[9]} if len(parts) > 9 and parts[9] else {}
        try:
            try:
                found = call(task.account, parts[3], "secretsmanager", "get_secret_value", SecretId=secret, **stage, **version)
            except ClientError:
                found = call(task.account, parts[3], "secretsmanager", "get_secret_value", SecretId=parts[6], **stage, **version)
        except ClientError as e:
            cause = f"{e.response['Error']['Code']}: {e.response['Error']['Message']}"
            raise CannotStart(
                "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: unable to "
                f"retrieve secret from asm: service call has been retried 1 time(s): failed to fetch secret {secret} from secrets manager: "
                f"{cause}"
            ) from None
        if not key:
            return found["SecretString"]
        try:
            value = json.loads(found["SecretString"])[key]
        except (ValueError, KeyError):
            raise CannotStart(
                "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: unable to "
                f"retrieve secret from asm: service call has been retried 1 time(s): retrieved secret from Secrets Manager did not "
                f"contain json key {key}"
            ) from None
        return value if isinstance(value, str) else json.dumps(value)
    region, name = task.region, reference
    if reference.startswith("arn:"):
        region, name = reference.split(":")[3], reference.split(":parameter")[-1]
        name = name if name.count("/") > 1 else name.lstrip("/")
    answer = call(task.account, region, "ssm", "get_parameters", Names=[name], WithDecryption=True)
    if not answer["Parameters"]:
        raise CannotStart(
            "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: unable to "
            f"retrieve secrets from ssm: service call has been retried 1 time(s): invalid ssm parameters: {name}"
        )
    return answer["Parameters"][0]["Value"]


def env_file(task: Task, reference: str) -> dict[str, str]:
    bucket, _, key = reference.split(":::", 1)[-1].partition("/")
    try:
        body = call(task.account, task.region, "s3", "get_object", Bucket=bucket, Key=key)["Body"].read().decode()
    except ClientError as e:
        raise CannotStart(
            f"ResourceInitializationError: failed to download env files: file download command: non empty error stream: RequestCanceled: "
            f"{e.response['Error']['Code']}: {e.response['Error']['Message']}: {reference}"
        ) from None
    pairs = (line.split("=", 1) for line in body.splitlines() if "=" in line and not line.lstrip().startswith("#"))
    return {k.strip(): v for k, v in pairs}


def environment(task: Task, container: Container) -> dict[str, str]:
    """Variables of a container; the more specific wins: files, variables, secrets, overrides."""
    definition = container.definition
    result: dict[str, str] = {}
    for entry in definition.get("environmentFiles") or []:
        result |= env_file(task, entry["value"])
    result |= {e["name"]: e["value"] for e in definition.get("environment") or []}
    result |= {s["name"]: secret_value(task, s["valueFrom"]) for s in definition.get("secrets") or []}
    for override in (task.overrides or {}).get("containerOverrides") or []:
        if override.get("name") == container.name:
            result |= {e["name"]: e["value"] for e in override.get("environment") or []}
    return result


# --- tasks that are played -------------------------------------------------------------------------------------------


def is_played(task: Task) -> bool:
    """Whether the account has its tasks played although there is an engine: its SSM parameter says so."""
    try:
        found = call(task.account, task.region, "ssm", "get_parameter", Name="/wharf-emulators/tasks")
    except ClientError:
        return False
    return str(found["Parameter"]["Value"]) == "played"


class Played:
    """A task without an engine: an image with "fail" in its name exits with 1, one with "unhealthy" fails load balancers'
    checks, all others run."""

    def __init__(self, runner: Runner) -> None:
        self.runner, self.task = runner, runner.task

    def clean(self) -> None:
        pass

    def _sleep(self) -> bool:
        try:
            self.runner.inbox.get(timeout=SETTINGS.step_seconds)
        except queue.Empty:
            return True
        return False

    def run(self) -> None:
        task = self.task
        for container in task.containers:
            environment(task, container)
            check_logs(task, container)
        if not self._sleep():
            return
        for container in task.containers:
            target = log_target(task, container)
            if target is not None:
                event = (int(time.time() * 1000), f"started {container.definition['image']}")
                logs.append(task.account, target[0], target[1], target[2], [event])
            container.last_status = "RUNNING"
            if container.definition.get("healthCheck"):
                container.health = task.health = "HEALTHY"
        sick = any("unhealthy" in c.definition["image"] for c in task.containers)
        if task.address:
            addresses.put(task.account, task.region, task.address, addresses.Place(healthy=not sick))
        self.runner.set_running()
        failing = [c for c in task.containers if "fail" in c.definition["image"]]
        if failing:
            for container in failing:
                container.exit_code = 1
            self.runner.essential_exited()
            return
        self.runner.inbox.get()
        for container in task.containers:
            container.exit_code = 0


# --- tasks that run --------------------------------------------------------------------------------------------------


class Contained:
    """A task as containers that share one network."""

    def __init__(self, runner: Runner, engine: Engine) -> None:
        self.runner, self.task, self.engine = runner, runner.task, engine
        self.ids: dict[str, str] = {}
        self.pause = ""
        self.network = ""
        #: Containers whose output and exit code are complete.
        self.done: set[str] = set()
        self.watched: dict[str, Container] = {}

    # --- start

    def run(self) -> None:
        task = self.task
        variables = {c.name: environment(task, c) for c in task.containers}
        for container in task.containers:
            check_logs(task, container)
        task.pull_started = now()
        images = {c.name: self._pull(c) for c in task.containers}
        task.pull_stopped = now()
        if self._asked_to_stop():
            return
        self.network = self.engine.join_network(f"{task.account}-{task.region}")
        name = f"wharf-{SETTINGS.id}-{task.id}"
        labels = {LABEL: SETTINGS.id, f"{LABEL}.task": task.arn}
        self.pause, host = self.engine.create_pause(name, self.network, task.aliases, labels, [])
        if task.address:
            addresses.put(task.account, task.region, task.address, addresses.Place(host))
        waiting = {c.name: c for c in task.containers}
        while True:
            for container in [c for c in waiting.values() if self._may_start(c)]:
                del waiting[container.name]
                self._start(container, f"{name}-{container.name}", labels, images[container.name], variables[container.name])
            if not waiting:
                self.runner.set_running()
            if not self._next():
                return

    def _asked_to_stop(self) -> bool:
        try:
            while self.runner.inbox.get_nowait()[0] != "stop":
                pass
        except queue.Empty:
            return False
        return True

    def _may_start(self, container: Container) -> bool:
        for dependency in container.definition.get("dependsOn") or []:
            other = self.task.container(dependency["containerName"])
            if other is None:
                continue
            ended = other.last_status == "STOPPED"
            match dependency["condition"]:
                case "START":
                    met, never = other.last_status != "PENDING", False
                case "COMPLETE":
                    met, never = ended, False
                case "SUCCESS":
                    met, never = ended and other.exit_code == 0, ended and other.exit_code != 0
                case _:
                    met, never = other.health == "HEALTHY", other.health == "UNHEALTHY" or ended
            if never:
                condition = dependency["condition"]
                raise CannotStart(
                    f"Task failed to start: dependency {other.name} of container {container.name} did not reach {condition}"
                )
            if not met:
                return False
        return True

    def _pull(self, container: Container) -> Json:
        image, task = container.definition["image"], self.task
        ours = image.startswith(f"{SETTINGS.registry}/")
        found = None if ours else self.engine.image(image)
        if found is None:
            reference = image if ":" in image.rsplit("/", 1)[-1] or "@" in image else f"{image}:latest"
            try:
                if not ours:
                    raise EngineError(
                        404, "dial tcp: i/o timeout (there is no way to the internet, and the engine does not hold the image)"
                    )
                self._check_repository(image)
                self.engine.pull(reference, "AWS", SETTINGS.registry_password)
            except EngineError as e:
                words = str(e)
                if "not found" in words or "manifest unknown" in words:
                    words = f"failed to resolve ref {reference}: {reference}: not found"
                raise CannotStart(
                    f"CannotPullContainerError: pull image manifest has been retried 1 time(s): {words}", container
                ) from None
            found = self.engine.image(reference) or {}
        digests = found.get("RepoDigests") or []
        container.image_digest = next((d.split("@")[1] for d in digests), found.get("Id", ""))
        wanted = ARCHITECTURES.get((task.definition.get("runtimePlatform") or {}).get("cpuArchitecture") or "X86_64")
        found["_foreign"] = bool(found.get("Architecture")) and found["Architecture"] != wanted
        return found

    def _check_repository(self, image: str) -> None:
        from wharf_localstack.ecr import allowed

        path = image.removeprefix(f"{SETTINGS.registry}/").split("@")[0].split(":")[0]
        if not allowed(path):
            raise EngineError(404, f"failed to resolve ref {image}: {image}: not found")

    def _config(self, container: Container, labels: dict[str, str], variables: dict[str, str]) -> Json:
        definition, task = container.definition, self.task
        command = definition.get("command")
        for override in (task.overrides or {}).get("containerOverrides") or []:
            if override.get("name") == container.name and override.get("command"):
                command = override["command"]
        memory = int(definition.get("memory") or task.definition.get("memory") or 0) * 1024 * 1024
        linux = definition.get("linuxParameters") or {}
        config: Json = {
            "Image": definition["image"],
            "Env": [f"{k}={v}" for k, v in variables.items()],
            "Labels": labels | {f"{LABEL}.container": container.name} | (definition.get("dockerLabels") or {}),
            "AttachStdout": True,
            "AttachStderr": True,
            "HostConfig": {
                "NetworkMode": f"container:{self.pause}",
                "LogConfig": {"Type": "none"},
                "ReadonlyRootfs": bool(definition.get("readonlyRootFilesystem")),
                "Memory": memory,
                "MemorySwap": memory,
                "Init": bool(linux.get("initProcessEnabled")),
                "Binds": self._volumes(definition),
            },
        }
        if definition.get("entryPoint"):
            config["Entrypoint"] = definition["entryPoint"]
        if command:
            config["Cmd"] = command
        if definition.get("workingDirectory"):
            config["WorkingDir"] = definition["workingDirectory"]
        if definition.get("user"):
            config["User"] = definition["user"]
        check = definition.get("healthCheck")
        config["Healthcheck"] = {"Test": ["NONE"]}
        if check:

            def nanoseconds(seconds: float) -> int:
                return int(seconds * 1_000_000_000)

            config["Healthcheck"] = {
                "Test": check["command"],
                "Interval": nanoseconds(SETTINGS.scaled(check.get("interval") or 30, 0.3)),
                "Timeout": nanoseconds(SETTINGS.scaled(check.get("timeout") or 5, 2.0)),
                "Retries": int(check.get("retries") or 3),
                "StartPeriod": nanoseconds(SETTINGS.scaled(check.get("startPeriod") or 0, min(SETTINGS.startup_seconds, 1.0))),
            }
        return config

    def _volumes(self, definition: Json) -> list[str]:
        """Volumes of the task live as long as it; those of EFS as long as the engine."""
        volumes = {v["name"]: v for v in self.task.definition.get("volumes") or []}
        binds = []
        for mount in definition.get("mountPoints") or []:
            volume = volumes.get(mount["sourceVolume"], {})
            efs = volume.get("efsVolumeConfiguration")
            if efs:
                point = (efs.get("authorizationConfig") or {}).get("accessPointId", "")
                root = (efs.get("rootDirectory") or "").strip("/").replace("/", "_")
                name = f"wharf-{SETTINGS.id}-efs-{self.task.account}-{efs['fileSystemId']}-{point}{root}"
            else:
                name = f"wharf-{SETTINGS.id}-{self.task.id}-{mount['sourceVolume']}"
            binds.append(f"{name}:{mount['containerPath']}{':ro' if mount.get('readOnly') else ''}")
        return binds

    def _start(self, container: Container, name: str, labels: dict[str, str], image: Json, variables: dict[str, str]) -> None:
        sink = Sink(self.task, container)
        if image["_foreign"]:
            entry = (image.get("Config") or {}).get("Entrypoint") or (image.get("Config") or {}).get("Cmd") or ["/"]
            sink.line(f"exec {(container.definition.get('entryPoint') or entry)[0]}: exec format error")
            container.exit_code, container.last_status = 1, "STOPPED"
            self.done.add(container.name)
            self.runner.inbox.put(("exited", container))
            return
        try:
            container_id = self.engine.create(name, self._config(container, labels, variables))
            self.ids[container.name] = container_id
            frames = self.engine.attach(container_id)
            if container.definition.get("healthCheck"):
                self.engine.on_health(container_id, lambda state: self.runner.inbox.put(("health", container, state)))
            threading.Thread(target=self._follow, args=(container, container_id, frames, sink), daemon=True, name=name).start()
            self.engine.start(container_id)
        except EngineError as e:
            self.done.add(container.name)
            container.exit_code = 127 if "no such file" in str(e) or "not found" in str(e) else 128
            raise CannotStart(f"CannotStartContainerError: ResponseError: {e}", container) from None
        container.last_status, container.runtime_id = "RUNNING", f"{self.task.id}-{container_id[:10]}"
        self.runner.changed()

    def _follow(self, container: Container, container_id: str, frames: Any, sink: "Sink") -> None:
        """Reads a container's output to its end, then its exit code."""
        try:
            for kind, data in frames:
                sink.feed(kind, data)
        except OSError as e:
            LOG.debug("output of %s: %s", container.name, e)
        sink.flush()
        try:
            self.engine.wait(container_id)
            state = self.engine.inspect(container_id)["State"]
            if state["Status"] == "created":
                return  # never started
            container.exit_code = state["ExitCode"]
            if state.get("OOMKilled"):
                container.reason = "OutOfMemoryError: Container killed due to memory usage"
        except (EngineError, OSError) as e:
            LOG.debug("exit of %s: %s", container.name, e)
            container.exit_code = 137 if container.exit_code is None else container.exit_code
        container.last_status = "STOPPED"
        self.done.add(container.name)
        self.runner.inbox.put(("exited", container))

    # --- run

    def _next(self) -> bool:
        """Handles the next message. False when the task is over."""
        message = self.runner.inbox.get()
        if message[0] == "stop":
            return False
        container = message[1]
        if message[0] == "health":
            container.health = "HEALTHY" if message[2] == "healthy" else "UNHEALTHY"
            checked = [c for c in self.task.containers if c.essential and c.definition.get("healthCheck")]
            states = {c.health for c in checked}
            self.task.health = next((s for s in ("UNHEALTHY", "UNKNOWN", "HEALTHY") if s in states), "UNKNOWN")
            self.runner.changed()
        elif message[0] == "exited":
            if container.essential:
                self.runner.essential_exited()
                return False
            self.runner.changed()
        return True

    # --- stop

    def clean(self) -> None:
        task, engine = self.task, self.engine
        running = [c for c in task.containers if c.name in self.ids and c.name not in self.done]
        if running:
            task.last_status = "STOPPING"
            self.runner.changed()
        for container in running:
            signal = "SIGTERM"
            try:
                signal = engine.inspect(self.ids[container.name])["Config"].get("StopSignal") or signal
            except (EngineError, OSError):
                pass
            engine.kill(self.ids[container.name], signal)
        self._await(
            running, max([SETTINGS.stop_seconds, *(SETTINGS.scaled(c.definition.get("stopTimeout") or 0) for c in running)])
        )
        for container in running:
            if container.name not in self.done:
                engine.kill(self.ids[container.name], "SIGKILL")
        self._await(running, 10)
        task.last_status = "DEPROVISIONING"
        for container_id in self.ids.values():
            engine.forget(container_id)
            engine.remove(container_id)
        if self.pause:
            engine.remove(self.pause)
        for volume in task.definition.get("volumes") or []:
            if not volume.get("efsVolumeConfiguration"):
                engine.delete_volume(f"wharf-{SETTINGS.id}-{task.id}-{volume['name']}")
        if self.network:
            engine.leave_network(self.network)

    def _await(self, containers: list[Container], seconds: float) -> None:
        end = time.monotonic() + seconds
        while any(c.name not in self.done for c in containers):
            try:
                self.runner.inbox.get(timeout=max(end - time.monotonic(), 0.001))
            except queue.Empty:
                return


class Sink:
    """Turns a container's output into log events, line by line."""

    LONGEST = 200_000

    def __init__(self, task: Task, container: Container) -> None:
        self.target = log_target(task, container)
        self.account = task.account
        self.rest = {1: b"", 2: b""}

    def feed(self, kind: int, data: bytes) -> None:
        *lines, self.rest[kind] = (self.rest[kind] + data).split(b"\n")
        if len(self.rest[kind]) > self.LONGEST:
            lines.append(self.rest[kind])
            self.rest[kind] = b""
        self._write(lines)

    def line(self, text: str) -> None:
        self._write([text.encode()])

    def flush(self) -> None:
        self._write([rest for rest in self.rest.values() if rest])
        self.rest = {1: b"", 2: b""}

    def _write(self, lines: list[bytes]) -> None:
        if self.target is None or not lines:
            return
        region, group, stream = self.target
        moment = int(time.time() * 1000)
        events = [(moment, line.rstrip(b"\r").decode(errors="replace")) for line in lines]
        logs.append(self.account, region, group, stream, [e for e in events if e[1]])
