"""Faults of order: events that are missing, doubled, misplaced, unknown, an error, or of another message."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from inspector import _json
from inspector.faults.contents import (
    NotApplicableError,
    event_numbered,
    events_of_type,
    last_of_type,
)
from inspector.faults.edits import (
    frame,
    reads_before,
    rebuilt,
    response_of,
    rewritten,
    spliced,
    with_tail,
)
from inspector.faults.parameters import choice, count, identifier, text
from inspector.faults.positions import Point
from inspector.faults.registry import fault
from inspector.protocol import error_payload
from inspector.recording import End, Ending, Event, Recording, Response

__all__ = ["drop", "dup", "error", "inject_unknown", "move", "splice", "swap"]

_CLOSE = {"clean": Ending.COMPLETE, "fin": Ending.CUT, "open": Ending.TIMEOUT}

_OVERLOADED = "Upstream is overloaded"
_GATEWAY_ERRORS: dict[str, bytes | dict[str, Any]] = {
    "anthropic": error_payload("overloaded_error", _OVERLOADED),
    "openai": {"error": {"message": _OVERLOADED, "type": "server_error", "param": None, "code": 503}},
    "vllm": {
        "object": "error",
        "message": _OVERLOADED,
        "type": "InternalServerError",
        "param": None,
        "code": 500,
    },
    "text": f"Error: {_OVERLOADED}".encode(),
}


@fault(
    "error-event",
    identifier("type", "the error's type", "overloaded_error", shape="TYPE"),
    text("message", "the error's message; default: the API's for this type", None),
    choice(
        "close",
        "what follows the error",
        {
            "clean": "the body ends as HTTP requires",
            "fin": "the connection is closed",
            "open": "the connection stays open, and nothing comes",
        },
    ),
    at="mid",
    fixed={"event": "error"},
    sentence="An `error` event comes inside a stream of status 200, and ends it.",
    incident="https://github.com/anthropics/anthropic-sdk-python/issues/1918",
    client="go by .type, and retry what can be retried",
)
@fault(
    "error-unnamed",
    choice(
        "shape",
        "the form of the error",
        {
            "anthropic": "the API's error object",
            "openai": "OpenAI's error object",
            "vllm": "vLLM's error object",
            "text": "plain text, not JSON",
        },
    ),
    text("event", "the name of the event; default: none", None, shape="NAME", least=1),
    at="mid",
    sentence="A gateway's error comes without `event: error`, and the body ends cleanly.",
    incident="https://github.com/BerriAI/litellm/pull/41826",
    client="treat a stream without message_stop as failed",
)
def error(
    recording: Recording,
    at: Point,
    event: str | None,
    shape: str | None = None,
    type_: str = "",
    message: str | None = None,
    close: str = "clean",
) -> Recording:
    """Replace the rest of the stream by an error: the API's own, or one in a gateway's shape."""
    data = _GATEWAY_ERRORS[shape] if shape else _api_error(response_of(recording), type_, message)
    return with_tail(recording, at, [frame(event, data)], end=_CLOSE[close])


def _api_error(response: Response, type_: str, message: str | None) -> dict[str, Any]:
    payload = error_payload(type_, message)
    error = {"details": None, **payload["error"]}
    return {**payload, "error": error, "request_id": response.headers.get("request-id")}


@fault(
    "drop",
    events="type:message_stop",
    incident="https://github.com/ollama/ollama/issues/14816",
    client="treat a stream without message_stop as failed",
)
def drop(recording: Recording, events: Sequence[Event]) -> Recording:
    """Events are missing."""
    return rewritten(recording, [(event, b"") for event in events])


@fault(
    "dup",
    count("times", "how often each is repeated", 1, least=1, most=100_000),
    events="type:content_block_stop",
    incident="https://github.com/BerriAI/litellm/issues/37273",
    client="run a tool once, even if its events come twice",
)
def dup(recording: Recording, events: Sequence[Event], times: int) -> Recording:
    """Events come more than once."""
    return rewritten(recording, [(event, event.block.raw_bytes * (times + 1)) for event in events])


@fault(
    "swap",
    count("with", "the number of the other event; default: the next one", None, least=1),
    events="type:content_block_delta#1",
    client="check the order of events",
)
def swap(recording: Recording, events: Sequence[Event], with_: int | None) -> Recording:
    """Two events change places."""
    one = events[0]
    other = event_numbered(recording, one.number + 1 if with_ is None else with_)
    if one.number == other.number:
        raise NotApplicableError("an event cannot change places with itself")
    return rewritten(recording, [(one, other.block.raw_bytes), (other, one.block.raw_bytes)])


@fault(
    "move",
    count("to", "the number of the event that it comes before", 1, least=1),
    events="type:content_block_start#1",
    incident="https://github.com/heyhuynhgiabuu/proxypal/issues/19",
    client="check the order of events",
)
def move(recording: Recording, events: Sequence[Event], to: int) -> Recording:
    """An event comes at another place."""
    one, other = events[0], event_numbered(recording, to)
    if one.number == other.number:
        raise NotApplicableError(f"event {to} is there already")
    raw = one.block.raw_bytes
    return spliced(recording, [(one.offset, one.offset + len(raw), b""), (other.offset, other.offset, raw)])


_SECOND = text("second", "the other recording; default: the same one with another id", None, shape="FILE")


@fault(
    "splice-retry",
    _SECOND,
    at="mid",
    sentence="A gateway retries upstream, and appends the whole new answer to the part that it has sent.",
    incident="https://github.com/vercel/ai/issues/18331",
    client="reject a second message_start",
)
@fault(
    "concat",
    _SECOND,
    fixed={"at": None},
    sentence="Two whole answers stand in one body.",
    client="stop reading at message_stop",
)
def splice(
    recording: Recording, at: Point | None, second: str | None, load: Callable[[str], Recording]
) -> Recording:
    """Let another answer follow this one, or follow its part before a point."""
    if at is None:
        at = Point(len(recording.body), last_of_type(recording, "message_stop").t)
    other = _same_with_another_id(recording) if second is None else load(second)
    return _continued(recording, at, other)


def _same_with_another_id(recording: Recording) -> Recording:
    start = events_of_type(recording, "message_start")[0]
    message_id = _json.as_object(_json.as_object(start.data).get("message")).get("id")
    if not isinstance(message_id, str):
        raise NotApplicableError("its message has no id to change")
    old = message_id.encode()
    new = old[:-4] + b"2nd" + old[-1:]  # of the same length
    return rewritten(recording, [(start, start.block.raw_bytes.replace(old, new))])


def _continued(recording: Recording, at: Point, other: Recording) -> Recording:
    """Replace the rest of a recording by the whole of another, with its pace and its end."""
    response_of(recording)
    start = response_of(other).t
    later = [(at.t + t - start, chunk) for t, chunk in other.chunks()]
    end = End(at.t + other.end.t - start, other.end.how) if other.end else End(0.0, Ending.CUT)
    return rebuilt(recording, [*reads_before(recording, at.offset), *later], end)


@fault(
    "inject-unknown",
    choice(
        "kind",
        "what is unknown",
        {"event": "an event", "block": "a content block", "delta": "a delta of the open content block"},
    ),
    identifier("name", "the unknown type", "brand_new"),
    at="mid",
    incident="https://github.com/vercel/ai/issues/11309",
    client="ignore what it does not know",
)
def inject_unknown(recording: Recording, at: Point, kind: str, name: str) -> Recording:
    """Something comes that no client knows yet; the API may add to its stream at any time."""
    response_of(recording)
    news = {"type": name, "note": "new"}
    if kind == "block":
        return _with_block(recording, news)
    if kind == "event":
        return spliced(recording, [(at.offset, at.offset, frame(name, news))])
    index = _json.as_object(at.event.data).get("index") if at.event else None
    if not isinstance(index, int) or (at.event and at.event.type == "content_block_start"):
        raise NotApplicableError("no content block is open here; try @type:content_block_delta#2")
    delta = {"type": "content_block_delta", "index": index, "delta": news}
    return spliced(recording, [(at.offset, at.offset, frame("content_block_delta", delta))])


def _with_block(recording: Recording, block: dict[str, Any]) -> Recording:
    """Put a content block behind the others."""
    offset = last_of_type(recording, "message_delta").offset
    index = sum(event.type == "content_block_start" for event in recording.events())
    start = {"type": "content_block_start", "index": index, "content_block": block}
    stop = {"type": "content_block_stop", "index": index}
    new = frame("content_block_start", start) + frame("content_block_stop", stop)
    return spliced(recording, [(offset, offset, new)])
