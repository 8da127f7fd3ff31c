"""CloudWatch Logs: filter patterns, paging and quick writing over LocalStack's log groups (moto's)."""

import base64
import re
import shlex
import threading
from collections.abc import Iterator
from typing import Any

from localstack.aws.api import RequestContext, handler
from moto.logs.models import LogEvent, LogGroup, LogStream, logs_backends

from wharf_localstack.aws import Json, error, page

_lock = threading.Lock()
LIMIT = 10_000


def group_at(account: str, region: str, name: str) -> LogGroup | None:
    return logs_backends[account][region].groups.get(name)


def append(account: str, region: str, group_name: str, stream_name: str, events: list[tuple[int, str]]) -> bool:
    """Adds events (milliseconds, text) to a stream, which is made when it is not there. False without the group."""
    with _lock:
        group = group_at(account, region, group_name)
        if group is None:
            return False
        if stream_name not in group.streams:
            group.streams[stream_name] = LogStream(group, stream_name)
        if events:
            group.streams[stream_name].put_log_events([{"timestamp": t, "message": m} for t, m in events])
        return True


def pattern_matcher(pattern: str) -> Any:
    """Terms as CloudWatch reads them: all must be there; ``?term``: any of those; ``-term``: must not; "…": one term;
    ``%…%``: regular expression."""
    if not pattern.strip():
        return lambda message: True
    if pattern.lstrip().startswith(("{", "[")):
        raise error("InvalidParameterException", "Filter patterns for JSON and space-delimited events are not simulated")
    must: list[Any] = []
    may: list[Any] = []
    must_not: list[Any] = []
    try:
        lexer = shlex.shlex(pattern, posix=False)
        lexer.whitespace_split, lexer.quotes, lexer.commenters = True, '"', ""
        words = list(lexer)
    except ValueError:
        raise error("InvalidParameterException", "Invalid filter pattern") from None
    for word in words:
        kind = must
        if word.startswith("?"):
            kind, word = may, word[1:]
        elif word.startswith("-") and len(word) > 1:
            kind, word = must_not, word[1:]
        text = word[1:-1] if len(word) > 1 and word.startswith('"') and word.endswith('"') else word
        if len(text) > 2 and text.startswith("%") and text.endswith("%"):
            kind.append(re.compile(text[1:-1]).search)
        else:
            kind.append(lambda message, text=text: text in message)

    def matches(message: str) -> bool:
        if any(test(message) for test in must_not):
            return False
        if may and not must:
            return any(test(message) for test in may)
        return all(test(message) for test in must)

    return matches


def _group(context: RequestContext, request: Json) -> LogGroup:
    name = request.get("logGroupName") or (request.get("logGroupIdentifier") or "").split(":log-group:")[-1].removesuffix(":*")
    group = group_at(context.account_id, context.region, name)
    if group is None:
        raise error("ResourceNotFoundException", "The specified log group does not exist.")
    return group


def _key(event: LogEvent) -> tuple[int, int]:
    return event.timestamp, event.event_id


def filter_log_events(self: Any, context: RequestContext, request: Json) -> Json:
    group = _group(context, request)
    names, prefix = request.get("logStreamNames"), request.get("logStreamNamePrefix")
    if names and prefix:
        raise error("InvalidParameterException", "logStreamNames and logStreamNamePrefix are mutually exclusive parameters.")
    if names and (lost := [n for n in names if n not in group.streams]):
        raise error("ResourceNotFoundException", f"The specified log stream does not exist: {lost[0]}")
    start, end = request.get("startTime") or 0, request.get("endTime") or 2**62
    matches, limit = pattern_matcher(request.get("filterPattern") or ""), int(request.get("limit") or LIMIT)
    after = (-1, -1)
    if token := request.get("nextToken"):
        try:
            after = tuple(int(x) for x in base64.b64decode(token).decode().split("/"))  # type: ignore[assignment]
        except ValueError:
            raise error("InvalidParameterException", "The specified nextToken is invalid.") from None

    def found() -> Iterator[tuple[tuple[int, int], str, LogEvent]]:
        for name, stream in list(group.streams.items()):
            if (names and name not in names) or (prefix and not name.startswith(prefix)):
                continue
            for event in list(stream.events):
                if start <= event.timestamp <= end and _key(event) > after and matches(event.message):
                    yield _key(event), name, event

    events = sorted(found(), key=lambda e: e[0])
    result: Json = {
        "events": [{"logStreamName": name, **event.to_filter_dict()} for _, name, event in events[:limit]],
        "searchedLogStreams": [],
    }
    if len(events) > limit:
        timestamp, event_id = events[limit - 1][0]
        result["nextToken"] = base64.b64encode(f"{timestamp}/{event_id}".encode()).decode()
    return result


def get_log_events(self: Any, context: RequestContext, request: Json) -> Json:
    stream = _group(context, request).streams.get(request["logStreamName"])
    if stream is None:
        raise error("ResourceNotFoundException", "The specified log stream does not exist.")
    since, until = request.get("startTime") or 0, request.get("endTime") or 2**62
    events = [e for e in list(stream.events) if since <= e.timestamp < until]
    limit = int(request.get("limit") or LIMIT)
    token = request.get("nextToken")
    if token:
        direction, position = token.split("/")[0], int(token.split("/")[1])
        start = min(position, len(events)) if direction == "f" else max(position - limit, 0)
        end = min(start + limit, len(events)) if direction == "f" else min(position, len(events))
    elif request.get("startFromHead"):
        start, end = 0, min(limit, len(events))
    else:
        start, end = max(len(events) - limit, 0), len(events)
    return {
        "events": [e.to_response_dict() for e in events[start:end]],
        "nextForwardToken": f"f/{end:056d}/s",
        "nextBackwardToken": f"b/{start:056d}/s",
    }


def describe_log_groups(self: Any, context: RequestContext, request: Json) -> Json:
    prefix, pattern = request.get("logGroupNamePrefix") or "", request.get("logGroupNamePattern") or ""
    groups = [
        {"logGroupClass": "STANDARD"} | g.to_describe_dict()
        for name, g in sorted(logs_backends[context.account_id][context.region].groups.items())
        if name.startswith(prefix) and pattern in name
    ]
    shown, token = page(groups, request.get("nextToken"), int(request.get("limit") or 50))
    return {"logGroups": shown, "nextToken": token} if token else {"logGroups": shown}


def change_provider(provider: Any) -> None:
    """Puts the functions above in the place of LocalStack's."""
    provider.filter_log_events = handler("FilterLogEvents", expand=False)(filter_log_events)
    provider.get_log_events = handler("GetLogEvents", expand=False)(get_log_events)
    provider.describe_log_groups = handler("DescribeLogGroups", expand=False)(describe_log_groups)
