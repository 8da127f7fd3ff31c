"""The API of a container engine (Docker's, version 1.40 and later) over its unix socket."""

import http.client
import io
import json
import logging
import platform
import socket
import struct
import tarfile
import threading
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote, urlencode

from wharf_localstack.aws import Json
from wharf_localstack.settings import SETTINGS

LOG = logging.getLogger(__name__)
LABEL = "wharf-emulators"
PAUSE = "wharf-emulators/pause:1"


class EngineError(Exception):
    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class _Connection(http.client.HTTPConnection):
    def __init__(self, path: str, timeout: float | None) -> None:
        super().__init__("docker", timeout=timeout)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


def pause_image() -> bytes:
    """A root file system with one static program that does nothing but wait."""
    if platform.machine() in ("aarch64", "arm64"):
        machine = 183
        # mov x8, 73 (ppoll); mov x0..x3, 0; svc 0; b back
        code = bytes.fromhex("280980d2000080d2010080d2020080d2030080d2010000d4faffff17")
    else:
        machine = 62
        code = bytes.fromhex("b8220000000f05ebf7")  # mov eax, 34 (pause); syscall; jmp back
    base = 0x400000
    size = 120 + len(code)
    header = b"\x7fELF\x02\x01\x01" + bytes(9)
    header += struct.pack("<HHIQQQIHHHHHH", 2, machine, 1, base + 120, 64, 0, 0, 64, 56, 1, 0, 0, 0)
    program = struct.pack("<IIQQQQQQ", 1, 5, 0, base, base, size, size, 0x1000)
    data = header + program + code
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        info = tarfile.TarInfo("pause")
        info.size, info.mode = len(data), 0o755
        tar.addfile(info, io.BytesIO(data))
    return out.getvalue()


class Engine:
    def __init__(self, host: str) -> None:
        self.path = host.removeprefix("unix://")
        self._networks: dict[str, int] = {}
        self._lock = threading.Lock()
        self._pause_ready = False
        self._listeners: dict[str, Callable[[str], None]] = {}
        self._watching = False

    # --- requests

    def request(
        self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None, timeout: float | None = 120
    ) -> Any:
        connection = _Connection(self.path, timeout)
        try:
            data = body if isinstance(body, bytes) else json.dumps(body).encode() if body is not None else None
            kind = "application/x-tar" if isinstance(body, bytes) else "application/json"
            connection.request(method, f"/v1.40{path}", data, {"Content-Type": kind, **(headers or {})})
            response = connection.getresponse()
            content = response.read()
        finally:
            connection.close()
        if response.status >= 400:
            try:
                message = json.loads(content)["message"]
            except (ValueError, KeyError):
                message = content.decode(errors="replace")
            raise EngineError(response.status, message)
        try:
            return json.loads(content) if content else None
        except ValueError:
            return content

    # --- images

    def pull(self, image: str, user: str, password: str) -> None:
        auth = urlsafe_b64encode(json.dumps({"username": user, "password": password}).encode()).decode()
        answer = self.request(
            "POST", f"/images/create?fromImage={quote(image, safe='')}", headers={"X-Registry-Auth": auth}, timeout=600
        )
        if isinstance(answer, dict):
            answer = json.dumps(answer).encode()
        for line in (answer or b"").splitlines():
            entry = json.loads(line) if line.strip() else {}
            if "error" in entry:
                raise EngineError(404, entry["error"])

    def image(self, name: str) -> Json | None:
        try:
            return self.request("GET", f"/images/{quote(name, safe='/:@')}/json")
        except EngineError as e:
            if e.status == 404:
                return None
            raise

    def _need_pause(self) -> None:
        with self._lock:
            if not self._pause_ready:
                if self.image(PAUSE) is None:
                    repository, tag = PAUSE.split(":")
                    query = urlencode({"fromSrc": "-", "repo": repository, "tag": tag, "changes": 'ENTRYPOINT ["/pause"]'})
                    self.request("POST", f"/images/create?{query}", pause_image())
                self._pause_ready = True

    # --- networks

    def join_network(self, name: str) -> str:
        """Makes the network when it is not there. Pair with ``leave_network``."""
        full = f"wharf-emulators-{SETTINGS.id}-{name}"
        with self._lock:
            if self._networks.get(full, 0) == 0:
                try:
                    self.request("POST", "/networks/create", {"Name": full, "CheckDuplicate": True, "Labels": {LABEL: SETTINGS.id}})
                except EngineError as e:
                    if e.status != 409:
                        raise
            self._networks[full] = self._networks.get(full, 0) + 1
        return full

    def leave_network(self, full: str) -> None:
        with self._lock:
            self._networks[full] -= 1
            if self._networks[full] == 0:
                del self._networks[full]
                self._quietly("DELETE", f"/networks/{full}")

    # --- containers

    def create(self, name: str, config: Json) -> str:
        return self.request("POST", f"/containers/create?name={quote(name)}", config)["Id"]

    def create_pause(
        self, name: str, network: str, aliases: list[str], labels: dict[str, str], volumes: list[str]
    ) -> tuple[str, str]:
        """The container that holds a task's network (and its volumes): its id and address."""
        self._need_pause()
        config: Json = {
            "Image": PAUSE,
            "Labels": labels,
            "Hostname": name[:60],
            "HostConfig": {"NetworkMode": network, "LogConfig": {"Type": "none"}, "Binds": volumes},
            "NetworkingConfig": {"EndpointsConfig": {network: {"Aliases": aliases}}},
        }
        container = self.create(name, config)
        self.start(container)
        return container, self.inspect(container)["NetworkSettings"]["Networks"][network]["IPAddress"]

    def start(self, container: str) -> None:
        self.request("POST", f"/containers/{container}/start")

    def inspect(self, container: str) -> Json:
        return self.request("GET", f"/containers/{container}/json")

    def kill(self, container: str, signal: str) -> None:
        self._quietly("POST", f"/containers/{container}/kill?signal={signal}")

    def wait(self, container: str) -> int:
        return self.request("POST", f"/containers/{container}/wait", timeout=None)["StatusCode"]

    def remove(self, container: str) -> None:
        self._quietly("DELETE", f"/containers/{container}?force=1&v=1")

    def delete_volume(self, name: str) -> None:
        self._quietly("DELETE", f"/volumes/{name}")

    def _quietly(self, method: str, path: str) -> None:
        try:
            self.request(method, path)
        except (EngineError, OSError) as e:
            LOG.debug("%s %s: %s", method, path, e)

    def attach(self, container: str) -> Iterator[tuple[int, bytes]]:
        """Output of a container from its first byte to its last: 1 or 2 (stdout, stderr) and a piece of it.

        To be called before the container starts; the stream ends when it has ended.
        """
        sock = socket.socket(socket.AF_UNIX)
        sock.connect(self.path)
        sock.sendall(
            f"POST /v1.40/containers/{container}/attach?stream=1&stdout=1&stderr=1 HTTP/1.1\r\nHost: docker\r\n"
            "Connection: Upgrade\r\nUpgrade: tcp\r\nContent-Length: 0\r\n\r\n".encode()
        )
        stream = sock.makefile("rb")
        status = stream.readline()
        if b" 101 " not in status and b" 200 " not in status:
            sock.close()
            raise EngineError(500, status.decode())
        while stream.readline().strip():
            pass

        def frames() -> Iterator[tuple[int, bytes]]:
            try:
                while len(header := stream.read(8)) == 8:
                    kind, size = header[0], struct.unpack(">I", header[4:])[0]
                    yield kind, stream.read(size)
            finally:
                stream.close()
                sock.close()

        return frames()

    # --- events

    def on_health(self, container: str, tell: Callable[[str], None]) -> None:
        """Tells "healthy" and "unhealthy" of a container."""
        with self._lock:
            self._listeners[container] = tell
            if not self._watching:
                self._watching = True
                threading.Thread(target=self._watch, daemon=True, name="engine-events").start()

    def forget(self, container: str) -> None:
        with self._lock:
            self._listeners.pop(container, None)

    def _watch(self) -> None:
        filters = json.dumps({"label": [f"{LABEL}={SETTINGS.id}"], "event": ["health_status"]})
        connection = _Connection(self.path, None)
        try:
            connection.request("GET", f"/v1.40/events?filters={quote(filters)}")
            response = connection.getresponse()
            while line := response.readline():
                event = json.loads(line)
                listener = self._listeners.get(event["Actor"]["ID"])
                if listener is not None:
                    listener(event["Action"].split(":")[-1].strip())
        except (OSError, ValueError, http.client.HTTPException) as e:
            LOG.warning("container engine events: %s", e)
        finally:
            connection.close()
            with self._lock:
                self._watching = False

    # --- the end

    def remove_everything(self) -> None:
        """Removes every container and network of this copy of the emulators."""
        filters = quote(json.dumps({"label": [f"{LABEL}={SETTINGS.id}"]}))
        try:
            for container in self.request("GET", f"/containers/json?all=1&filters={filters}") or []:
                self.remove(container["Id"])
            for network in self.request("GET", f"/networks?filters={filters}") or []:
                self._quietly("DELETE", f"/networks/{network['Id']}")
            names = quote(json.dumps({"name": [f"wharf-{SETTINGS.id}-"]}))
            for volume in (self.request("GET", f"/volumes?filters={names}") or {}).get("Volumes") or []:
                self.delete_volume(volume["Name"])
        except (EngineError, OSError) as e:
            LOG.warning("container engine: %s", e)


ENGINE: Engine | None = Engine(SETTINGS.engine_host) if SETTINGS.engine_host else None
