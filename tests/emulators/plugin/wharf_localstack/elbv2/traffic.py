"""The sockets of load balancers: listening, forwarding, checking health."""

import asyncio
import hashlib
import ipaddress
import itertools
import logging
import random
import re
import socket
import ssl
import threading
import uuid
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl

from wharf_localstack import addresses
from wharf_localstack.aws import Json, now
from wharf_localstack.elbv2.model import STORES, Listener, Target, TargetGroup
from wharf_localstack.settings import SETTINGS

LOG = logging.getLogger(__name__)
#: Called with the ARN of a target group whose targets' health has changed.
ON_HEALTH: list[Callable[[str], None]] = []
HEAD_LIMIT = 65_536

_loop: asyncio.AbstractEventLoop | None = None
_loop_lock = threading.Lock()
_taken: set[str] = set()
_turn = itertools.count()


def loop() -> asyncio.AbstractEventLoop:
    global _loop
    with _loop_lock:
        if _loop is None:
            _loop = asyncio.new_event_loop()
            threading.Thread(target=_loop.run_forever, daemon=True, name="load-balancers").start()
        return _loop


def run(work: Coroutine[Any, Any, Any]) -> Any:
    return asyncio.run_coroutine_threadsafe(work, loop()).result(30)


# --- addresses of load balancers -------------------------------------------------------------------------------------


def _can_bind(address: str, port: int) -> bool:
    with socket.socket() as s:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            s.bind((address, port))
        except OSError:
            return False
        return True


def take_address(arn: str) -> tuple[str, int | None]:
    """A loopback address on which port 80 may be bound, else 127.0.0.1 with a free port."""
    for attempt in range(8):
        digest = hashlib.sha256(f"{SETTINGS.id}{arn}{attempt}".encode()).digest()
        address = f"127.{1 + digest[0] % 254}.{digest[1]}.{1 + digest[2] % 254}"
        if address not in _taken and _can_bind(address, 80):
            _taken.add(address)
            return address, None
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return "127.0.0.1", s.getsockname()[1]


def give_back(address: str) -> None:
    _taken.discard(address)


# --- listeners -------------------------------------------------------------------------------------------------------

_tls: ssl.SSLContext | None = None


def tls() -> ssl.SSLContext:
    """A self-signed certificate for whatever name."""
    global _tls
    if _tls is None:
        from cryptography import x509
        from cryptography.hazmat.primitives import hashes, serialization
        from cryptography.hazmat.primitives.asymmetric import ec

        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "wharf emulators")])
        certificate = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(datetime.now(UTC) - timedelta(days=1))
            .not_valid_after(datetime.now(UTC) + timedelta(days=365))
            .add_extension(
                x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False
            )
            .sign(key, hashes.SHA256())
        )
        path = SETTINGS.state / f"load-balancer-{uuid.uuid4().hex[:8]}.pem"
        path.write_bytes(
            key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
            + certificate.public_bytes(serialization.Encoding.PEM)
        )
        _tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        _tls.load_cert_chain(path)
        path.unlink()
    return _tls


def listen(listener: Listener, account: str, region: str) -> None:
    """Opens (or moves) a listener's socket."""
    close(listener)
    balancer = listener.balancer
    port = balancer.shared_port if balancer.shared_port and listener.port == 80 else listener.port
    secure = tls() if listener.protocol in ("HTTPS", "TLS") else None
    if listener.protocol in ("UDP", "TCP_UDP"):
        return
    handle = _http(listener, account, region) if balancer.type == "application" else _tcp(listener, account, region)

    async def start() -> Any:
        return await asyncio.start_server(handle, balancer.address, port, ssl=secure, limit=HEAD_LIMIT, reuse_address=True)

    try:
        listener.server = run(start())
    except OSError as e:
        LOG.warning("listener %s cannot listen on %s:%s: %s", listener.arn, balancer.address, port, e)


def close(listener: Listener) -> None:
    if listener.server is not None:
        server, listener.server = listener.server, None
        loop().call_soon_threadsafe(server.close)


Handle = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Coroutine[Any, Any, None]]


def guarded(handle: Handle) -> Handle:
    async def run_it(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await handle(reader, writer)
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass
        except Exception:
            LOG.exception("load balancer")
        finally:
            writer.close()

    return run_it


def choose(group: TargetGroup) -> Target | None:
    """The next target: a healthy one; when none is healthy, any (as load balancers do)."""
    targets = [t for t in group.targets.values() if t.state != "draining"]
    targets = [t for t in targets if t.state == "healthy"] or targets
    return targets[next(_turn) % len(targets)] if targets else None


async def connect(group: TargetGroup, target: Target) -> tuple[asyncio.StreamReader, asyncio.StreamWriter] | None:
    place = addresses.find(group.account, group.region, target.id)
    if place is None or not place.host:
        return None
    secure = None
    if group.protocol in ("HTTPS", "TLS"):
        secure = ssl.create_default_context()
        secure.check_hostname, secure.verify_mode = False, ssl.CERT_NONE
    work = asyncio.open_connection(place.host, target.port, ssl=secure, limit=HEAD_LIMIT)
    try:
        return await asyncio.wait_for(work, 10)
    except (OSError, TimeoutError):
        return None


async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65_536):
        writer.write(data)
        await writer.drain()


def _tcp(listener: Listener, account: str, region: str) -> Handle:
    store = STORES.at(account, region)

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        action = listener.default.actions[0]
        group = store.groups.get(action.get("TargetGroupArn") or "")
        target = choose(group) if group else None
        upstream = await connect(group, target) if group and target else None
        if upstream is None:
            return
        up_reader, up_writer = upstream

        async def forth() -> None:
            await pump(reader, up_writer)
            if up_writer.can_write_eof():
                up_writer.write_eof()

        sending = asyncio.ensure_future(forth())
        try:
            await pump(up_reader, writer)
        finally:
            sending.cancel()
            up_writer.close()

    return guarded(handle)


# --- HTTP ------------------------------------------------------------------------------------------------------------


class Head:
    """First line and headers of a request or response."""

    def __init__(self, raw: bytes) -> None:
        first, *lines = raw.decode("latin-1").split("\r\n")
        self.first = first
        self.headers = [tuple(line.split(":", 1)) for line in lines if ":" in line]

    def get(self, name: str) -> str:
        return next((v.strip() for k, v in self.headers if k.strip().lower() == name), "")

    def render(self, drop: set[str], add: list[tuple[str, str]]) -> bytes:
        kept = [(k, v) for k, v in self.headers if k.strip().lower() not in drop]
        lines = [self.first, *(f"{k}:{v}" for k, v in kept), *(f"{k}: {v}" for k, v in add)]
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def glob(pattern: str, ignore_case: bool = False) -> re.Pattern:
    text = "".join(".*" if c == "*" else "." if c == "?" else re.escape(c) for c in pattern)
    return re.compile(text, re.S | (re.I if ignore_case else 0))


def values(condition: Json) -> list[Any]:
    config = next((v for k, v in condition.items() if k.endswith("Config") and isinstance(v, dict)), {})
    return config.get("Values") or condition.get("Values") or []


def matches(condition: Json, method: str, path: str, query: str, head: Head, client: str) -> bool:
    match condition["Field"]:
        case "path-pattern":
            return any(glob(v).fullmatch(path) for v in values(condition))
        case "host-header":
            host = head.get("host")
            names = {host, host.rsplit(":", 1)[0]}
            return any(glob(v, True).fullmatch(n) for v in values(condition) for n in names)
        case "http-request-method":
            return method in values(condition)
        case "http-header":
            config = condition["HttpHeaderConfig"]
            return any(glob(v, True).fullmatch(head.get(config["HttpHeaderName"].lower())) for v in config["Values"])
        case "query-string":
            pairs = parse_qsl(query, keep_blank_values=True)
            return any(
                glob(v["Value"], True).fullmatch(value) and ("Key" not in v or v["Key"] == key)
                for v in values(condition)
                for key, value in pairs
            )
        case "source-ip":
            return any(ipaddress.ip_address(client) in ipaddress.ip_network(v, strict=False) for v in values(condition))
    return False


def answer(status: str, body: str = "", content_type: str = "text/html", headers: list[tuple[str, str]] | None = None) -> bytes:
    if not body and not headers:
        body = f"<html>\r\n<head><title>{status}</title></head>\r\n<body>\r\n<center><h1>{status}</h1></center>\r\n</body>\r\n</html>\r\n"
    data = body.encode()
    lines = [f"HTTP/1.1 {status}", "Server: awselb/2.0", f"Content-Type: {content_type}", f"Content-Length: {len(data)}"]
    lines += [f"{k}: {v}" for k, v in headers or []] + ["Connection: close"]
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + data


async def reply(writer: asyncio.StreamWriter, data: bytes) -> None:
    writer.write(data)
    await writer.drain()


def redirect(config: Json, listener: Listener, host: str, path: str, query: str) -> bytes:
    parts = {
        "protocol": listener.protocol.lower(), "host": host.rsplit(":", 1)[0], "port": str(listener.port),
        "path": path.lstrip("/"), "query": query,
    }  # fmt: skip

    def fill(name: str, default: str) -> str:
        return re.sub(r"#\{(\w+)\}", lambda m: parts[m[1]], str(config.get(name) or default))

    protocol, port = fill("Protocol", "#{protocol}").lower(), fill("Port", "#{port}")
    place = "" if (protocol, port) in (("http", "80"), ("https", "443")) else f":{port}"
    text = fill("Query", "#{query}")
    location = f"{protocol}://{fill('Host', '#{host}')}{place}{fill('Path', '/#{path}')}{'?' + text if text else ''}"
    status = "301 Moved Permanently" if config.get("StatusCode") == "HTTP_301" else "302 Found"
    return answer(status, headers=[("Location", location)])


def pick_group(action: Json) -> str:
    groups = (action.get("ForwardConfig") or {}).get("TargetGroups") or []
    if not groups:
        return action["TargetGroupArn"]
    weights = [int(g.get("Weight", 1)) for g in groups]
    return random.choices(groups, weights)[0]["TargetGroupArn"] if any(weights) else groups[0]["TargetGroupArn"]


def _http(listener: Listener, account: str, region: str) -> Handle:
    store = STORES.at(account, region)

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        raw = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 60)
        head = Head(raw[:-4])
        client = writer.get_extra_info("peername")[0]
        try:
            method, target_text, _ = head.first.split(" ", 2)
        except ValueError:
            await reply(writer, answer("400 Bad Request"))
            return
        path, _, query = target_text.partition("?")
        rule = next(r for r in listener.sorted_rules() if all(matches(c, method, path, query, head, client) for c in r.conditions))
        action = rule.actions[-1]
        if action["Type"] == "redirect":
            await reply(writer, redirect(action["RedirectConfig"], listener, head.get("host"), path, query))
            return
        if action["Type"] == "fixed-response":
            config = action["FixedResponseConfig"]
            body = config.get("MessageBody") or ""
            headers = [("X-Fixed-Response", "1")] if not body else None
            await reply(writer, answer(f"{config['StatusCode']} ", body, config.get("ContentType") or "text/plain", headers))
            return
        group = store.groups.get(pick_group(action))
        target = choose(group) if group else None
        if group is None or target is None:
            await reply(writer, answer("503 Service Temporarily Unavailable"))
            return
        upstream = await connect(group, target)
        if upstream is None:
            await reply(writer, answer("502 Bad Gateway"))
            return
        await _forward(listener, head, client, reader, writer, *upstream)

    return guarded(handle)


async def _forward(
    listener: Listener,
    head: Head,
    client: str,
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    up_reader: asyncio.StreamReader,
    up_writer: asyncio.StreamWriter,
) -> None:
    upgrade = head.get("upgrade")
    forwarded = head.get("x-forwarded-for")
    add = [
        ("X-Forwarded-For", f"{forwarded}, {client}" if forwarded else client),
        ("X-Forwarded-Proto", "https" if listener.protocol == "HTTPS" else "http"),
        ("X-Forwarded-Port", str(listener.port)),
        ("X-Amzn-Trace-Id", f"Root=1-{int(now().timestamp()):x}-{uuid.uuid4().hex[:24]}"),
        ("Connection", "Upgrade" if upgrade else "close"),
    ]
    drop = {"connection", "keep-alive", "proxy-connection", "x-forwarded-for", "x-forwarded-proto", "x-forwarded-port"}
    up_writer.write(head.render(drop, add))
    sending = asyncio.ensure_future(pump(reader, up_writer))
    try:
        timeout = float(listener.balancer.attributes.get("idle_timeout.timeout_seconds", "60"))
        try:
            raw = await asyncio.wait_for(up_reader.readuntil(b"\r\n\r\n"), timeout)
            while raw.startswith(b"HTTP/1.1 100"):
                writer.write(raw)
                raw = await asyncio.wait_for(up_reader.readuntil(b"\r\n\r\n"), timeout)
        except TimeoutError:
            await reply(writer, answer("504 Gateway Time-out"))
            return
        except (OSError, asyncio.IncompleteReadError):
            await reply(writer, answer("502 Bad Gateway"))
            return
        if raw.startswith(b"HTTP/1.1 101"):
            writer.write(raw)
        else:
            writer.write(Head(raw[:-4]).render({"connection", "keep-alive"}, [("Connection", "close")]))
        await pump(up_reader, writer)
    finally:
        sending.cancel()
        up_writer.close()


# --- health ----------------------------------------------------------------------------------------------------------


def watch(group: TargetGroup, target: Target) -> None:
    """Checks a target's health from now on until it is gone."""
    asyncio.run_coroutine_threadsafe(_watch(group, target), loop())


async def _watch(group: TargetGroup, target: Target) -> None:
    store = STORES.at(group.account, group.region)
    good = bad = 0
    first = True
    while not target.gone and group.targets.get((target.id, target.port)) is target:
        if target.state == "draining":
            return
        settings = group.settings
        interval = SETTINGS.scaled(float(settings["HealthCheckIntervalSeconds"]), 0.1)
        if not store.users(group.arn):
            if target.set("unused", "Target.NotInUse"):
                _tell(group)
            await asyncio.sleep(0.2)
            continue
        if target.state == "unused":
            target.set("initial", "Elb.RegistrationInProgress")
            first = True
        reason, description, refused = await _check(group, target)
        if target.gone or target.state == "draining":
            return
        if not reason:
            good, bad = good + 1, 0
            if first or good >= int(settings["HealthyThresholdCount"]):
                first = False
                if target.set("healthy"):
                    _tell(group)
        else:
            young = (now() - target.registered).total_seconds() < SETTINGS.startup_seconds
            if first and refused and young:
                await asyncio.sleep(0.1)
                continue
            good, bad = 0, bad + 1
            if target.state != "unhealthy" and bad < int(settings["UnhealthyThresholdCount"]):
                if first and target.set("initial", "Elb.InitialHealthChecking"):
                    _tell(group)
            else:
                first = False
                if target.set("unhealthy", reason, description):
                    _tell(group)
        await asyncio.sleep(interval)


def _tell(group: TargetGroup) -> None:
    for listener in ON_HEALTH:
        listener(group.arn)


async def _check(group: TargetGroup, target: Target) -> tuple[str, str, bool]:
    """Reason and description of a failed check (empty when it passed), and whether nothing listened."""
    place = addresses.find(group.account, group.region, target.id)
    if place is not None and not place.host:
        code = "[503]"
        return (
            ("", "", False)
            if place.healthy
            else ("Target.ResponseCodeMismatch", f"Health checks failed with these codes: {code}", False)
        )
    if place is None:
        return "Target.FailedHealthChecks", "", True
    settings = group.settings
    port = settings.get("HealthCheckPort", "traffic-port")
    number = target.port if port == "traffic-port" else int(port)
    timeout = SETTINGS.scaled(float(settings["HealthCheckTimeoutSeconds"]), 2.0)
    protocol = settings.get("HealthCheckProtocol") or "HTTP"
    try:
        async with asyncio.timeout(timeout):
            return await _probe(place.host, number, protocol, settings)
    except TimeoutError:
        return "Target.Timeout", "", False
    except (OSError, asyncio.IncompleteReadError, ValueError, asyncio.LimitOverrunError) as e:
        return "Target.FailedHealthChecks", "", isinstance(e, OSError)


async def _probe(host: str, port: int, protocol: str, settings: Json) -> tuple[str, str, bool]:
    secure = None
    if protocol in ("HTTPS", "TLS"):
        secure = ssl.create_default_context()
        secure.check_hostname, secure.verify_mode = False, ssl.CERT_NONE
    reader, writer = await asyncio.open_connection(host, port, ssl=secure)
    try:
        if protocol not in ("HTTP", "HTTPS"):
            return "", "", False
        path = settings.get("HealthCheckPath") or "/"
        writer.write(
            f"GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\nConnection: close\r\nUser-Agent: ELB-HealthChecker/2.0\r\n"
            "Accept-Encoding: gzip, compressed\r\n\r\n".encode()
        )
        status = (await reader.readline()).split(b" ")[1].decode()
    except IndexError:
        return "Target.FailedHealthChecks", "", False
    finally:
        writer.close()
    matcher = (settings.get("Matcher") or {}).get("HttpCode") or (settings.get("Matcher") or {}).get("GrpcCode") or "200"
    for part in matcher.split(","):
        low, _, high = part.strip().partition("-")
        if int(low) <= int(status) <= int(high or low):
            return "", "", False
    return "Target.ResponseCodeMismatch", f"Health checks failed with these codes: [{status}]", False
