"""What a recording means: all of it that is not chance, as plain values that can be compared.

Left out is what differs each time, or what no program goes by: padding and spelling of the JSON, ids and
signatures, how the bytes came in reads and the text in deltas, pings, comments, times, and most headers. The
counts and the times are kept beside the meaning, as facts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from inspector import _json
from inspector.protocol.urls import endpoint, url_path
from inspector.recording import Absent, Recording, Request, Response
from inspector.views.comparison import WHOLE
from inspector.views.content_fold import ContentFold

__all__ = ["OPAQUE", "STREAMED", "Meaning", "meaning_of"]

OPAQUE = "(an id)"
"""Stands for an id, a signature or an encrypted text: that it is there counts, not which one it is."""

STREAMED = frozenset({"an event stream", "a whole message"})
"""The forms of a body that says something of a message."""

_FIELDS = (b"event:", b"data:", b"id:", b"retry:", b":")
_BINARY = "application/vnd.amazon.eventstream"
_RESPONSE_HEADERS = frozenset({"content-type", "retry-after", "retry-after-ms", "x-should-retry", "location"})
_REQUEST_HEADERS = frozenset({"content-type"})
_PER_RESPONSE = ("anthropic-ratelimit-", "anthropic-organization-id", "anthropic-workspace-id")
_STOP = ("stop_reason", "stop_sequence", "stop_details")


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a recording means. `absent` names what its source did not have.

    `form` says what the body is. `steps` are the events, a run of deltas being one, and `places` where each
    begins. `content`, `message`, `stop`, `usage`, `errors` and `unknown` are what the events say, or a whole
    message. `body` is any other body. `facts` are counts and times. `condensed` is the recording with few
    deltas: the plain ones are joined.
    """

    absent: frozenset[str]
    request: Mapping[str, Any]
    status: int | None
    end: str
    headers: Mapping[str, str]
    form: str
    steps: tuple[str, ...] = ()
    places: tuple[int, ...] = ()
    content: tuple[dict[str, Any], ...] = ()
    message: Mapping[str, Any] = field(default_factory=dict)
    stop: Mapping[str, Any] = field(default_factory=dict)
    usage: Mapping[str, Any] = field(default_factory=dict)
    errors: tuple[Any, ...] = ()
    unknown: tuple[Any, ...] = ()
    body: Any = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    condensed: Recording | None = None


def meaning_of(recording: Recording) -> Meaning:
    """Read what a recording means, in one pass."""
    response = recording.response
    fold = ContentFold(response.t if response else 0.0)
    fold.add(recording.blocks)
    form, said = _said(recording, fold)
    return Meaning(
        absent=recording.head.absent,
        request=_request(recording.request),
        status=recording.head.status,
        end=recording.end.how.value if recording.end else "unfinished",
        headers=_headers(response.headers if response else {}, _RESPONSE_HEADERS),
        form=form,
        facts=_facts(recording, fold),
        condensed=replace(recording, blocks=tuple(fold.condensed)),
        **said,
    )


def _said(recording: Recording, fold: ContentFold) -> tuple[str, dict[str, Any]]:
    """Return what a body is, and what it says."""
    kind = recording.response.headers.get("content-type", "") if recording.response else ""
    if recording.response is None:
        return "no response", {}
    body = b"" if fold.counts["events"] else recording.body
    if fold.counts["events"] or body.lstrip().startswith(_FIELDS) or (kind == _BINARY and body):
        return "an event stream", {
            "steps": tuple(fold.steps),
            "places": tuple(fold.places),
            "content": tuple(map(_block_apart, fold.content())),
            **_message_parts(fold.message),
            "usage": fold.usage,
            "errors": tuple(map(apart, fold.errors)),
            "unknown": tuple(map(apart, fold.unknown)),
        }
    try:
        value = _json.loads(body)
    except ValueError:
        return ("text", {"body": body.decode("utf-8", "replace")}) if body else ("empty", {})
    if not isinstance(value, dict) or value.get("type") != "message":
        return "JSON", {"body": apart(value)}
    content = value.get("content")
    blocks = [_known(block) for block in content] if isinstance(content, list) else []
    members = {name: each for name, each in _known(value).items() if name not in ("content", "usage")}
    return "a whole message", {
        "content": tuple(map(_block_apart, blocks)),
        **_message_parts(members),
        "usage": _known(value.get("usage")),
    }


def _known(value: Any) -> dict[str, Any]:
    """Return the members of an object that are no null."""
    return {name: each for name, each in _json.as_object(value).items() if each is not None}


def _message_parts(members: Mapping[str, Any]) -> dict[str, Any]:
    rest = {name: value for name, value in members.items() if name not in _STOP}
    return {"message": apart(rest), "stop": {name: members[name] for name in _STOP if name in members}}


def _block_apart(block: dict[str, Any]) -> dict[str, Any]:
    """Return a content block without its ids. An id in the input of a tool stays: the tool goes by it."""
    rest = {name: value for name, value in block.items() if name not in ("input", "text", "thinking")}
    result: dict[str, Any] = {**block, **apart(rest)}
    if block.get("type") == "redacted_thinking" and block.get("data"):
        result["data"] = OPAQUE
    return result


def apart(value: Any) -> Any:
    """Return a copy of a value with `OPAQUE` for each id, signature and encrypted text in it."""
    top = [value]
    containers: list[Any] = [top]
    while containers:
        container = containers.pop()
        for key, member in container.items() if isinstance(container, dict) else enumerate(container):
            if isinstance(member, dict | list):
                container[key] = member.copy()
                containers.append(container[key])
            elif isinstance(key, str) and member and isinstance(member, str) and _is_chance(key):
                container[key] = OPAQUE
    return top[0]


def _is_chance(name: str) -> bool:
    return name in ("id", "signature", "expires_at") or name.endswith("_id") or name.startswith("encrypted_")


def _request(request: Request) -> dict[str, Any]:
    value = request.json()
    if value is None:
        value = request.body.decode("utf-8", "replace") if request.body else None
    path = endpoint(request.url) or url_path(request.url)
    body = {"body": _body_apart(WHOLE.value(value))} if value is not None else {}
    return {
        "method": request.method,
        "path": path,
        "headers": _headers(request.headers, _REQUEST_HEADERS),
        **body,
    }


def _body_apart(body: Any) -> Any:
    """Return a request's body without the ids of earlier answers: each recording has its own."""
    if not isinstance(body, dict) or not isinstance(body.get("messages"), list):
        return body
    return {**body, "messages": [*map(_message_apart, body["messages"])]}


def _message_apart(message: Any) -> Any:
    if not isinstance(message, dict) or not isinstance(message.get("content"), list):
        return message
    blocks = [_block_apart(each) if isinstance(each, dict) else each for each in message["content"]]
    return {**message, "content": blocks}


def _headers(headers: Mapping[str, str], names: frozenset[str]) -> dict[str, str]:
    """Return the headers that programs go by, each in one spelling."""
    return {
        name: _spelling(name, value)
        for name, value in headers.items()
        if name in names or (name.startswith("anthropic-") and not name.startswith(_PER_RESPONSE))
    }


def _spelling(name: str, value: str) -> str:
    if name == "content-type":
        parts = [part.strip().lower() for part in value.split(";")]
        return "; ".join(part for part in parts if part and part != "charset=utf-8")
    if name == "anthropic-beta":
        return ", ".join(sorted({part.strip() for part in value.split(",")} - {""}))
    return value


def _facts(recording: Recording, fold: ContentFold) -> dict[str, Any]:
    """Return what is no part of the meaning: counts, and times in seconds if they are real."""
    facts: dict[str, Any] = {name: fold.counts[name] for name in ("events", "deltas", "pings", "comments")}
    if Absent.SPELLING not in recording.head.absent and Absent.FRAMING not in recording.head.absent:
        facts["bytes"] = fold.counts["bytes"]
    if Absent.READS not in recording.head.absent:
        facts["reads"] = fold.reads
    if recording.head.timed:
        facts |= _times(recording.response, fold, recording)
    return facts


def _times(response: Response | None, fold: ContentFold, recording: Recording) -> dict[str, float]:
    times = {}
    if response:
        times["head"] = response.t
    if fold.first is not None:
        times["first event"] = fold.first
    if recording.end:
        times["end"] = recording.end.t
        times["longest silence"] = max(fold.silence, recording.end.t - fold.last)
    return times
