"""Faults of order: events that are missing, doubled, misplaced, unknown, an error, or of another message."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from inspector import _json
from inspector.faults.edits import answered, ended, followed, rebuilt, rewritten, spliced, until
from inspector.faults.parameters import choice, count, text
from inspector.faults.payload_edits import event_of, events_of, frame
from inspector.faults.positions import Point, Unfit
from inspector.faults.registry import fault
from inspector.protocol import error_payload
from inspector.recording import Ending, Event, Recording

__all__ = [
    "concat",
    "drop",
    "dup",
    "error_event",
    "error_unnamed",
    "inject_unknown",
    "move",
    "splice_retry",
    "swap",
]

_CLOSE = {"clean": Ending.COMPLETE, "fin": Ending.CUT, "open": Ending.TIMEOUT}


@fault(
    "error-event",
    text("type", "the error's type", "overloaded_error", shape="TYPE", pattern=r"[A-Za-z0-9_.-]+"),
    text("message", "its message", None),
    choice("close", "what follows: the proper end, a closed connection, silence", "clean", "fin", "open"),
    at="mid",
    incident="https://github.com/anthropics/anthropic-sdk-python/issues/1918",
    sdk=(
        "APIStatusError with status_code 200 (.type says which), never OverloadedError; not retried, not "
        "even as the first event"
    ),
    client="go by .type, and retry what may be retried",
)
def error_event(recording: Recording, at: Point, type_: str, message: str | None, close: str) -> Recording:
    """An `error` event comes in the middle of a 200, and ends the stream."""
    response = answered(recording)
    payload = error_payload(type_, message)
    error = {"details": None, **payload["error"]}
    data = {**payload, "error": error, "request_id": response.headers.get("request-id")}
    return followed(recording, at, [frame("error", data)], end=_CLOSE[close])


@fault(
    "error-unnamed",
    choice("shape", "whose error it looks like", "anthropic", "openai", "vllm", "text"),
    text("event", "its name; none unless said", None, shape="NAME", pattern=r"[^\r\n]+"),
    at="mid",
    incident="https://github.com/BerriAI/litellm/pull/41826",
    sdk="raises nothing: the error is skipped, the partial message is a success",
    client="treat a stream without message_stop as failed",
)
def error_unnamed(recording: Recording, at: Point, shape: str, event: str | None) -> Recording:
    """A gateway's error comes without `event: error`, and the body ends properly."""
    words = "Upstream is overloaded"
    payloads = {
        "anthropic": {"type": "error", "error": {"type": "overloaded_error", "message": words}},
        "openai": {"error": {"message": words, "type": "server_error", "param": None, "code": 503}},
        "vllm": {
            "object": "error",
            "message": words,
            "type": "InternalServerError",
            "param": None,
            "code": 500,
        },
    }
    data = _json.dumps(payloads[shape]) if shape in payloads else f"Error: {words}".encode()
    return followed(recording, at, [frame(event, data)])


@fault(
    "drop",
    events="type:message_stop",
    incident="https://github.com/ollama/ollama/issues/14816",
    sdk=(
        "message_stop, message_delta or a stop: raises nothing; a content_block_start: IndexError; "
        "message_start: a bare AssertionError from messages.stream() (0.x: RuntimeError)"
    ),
    client="treat a stream without message_stop as failed",
)
def drop(recording: Recording, events: Sequence[Event]) -> Recording:
    """Events are missing."""
    return rewritten(recording, [(event, b"") for event in events])


@fault(
    "dup",
    count("times", "how many more of each", 1, least=1, most=100_000),
    events="type:content_block_stop",
    incident="https://github.com/BerriAI/litellm/issues/37273",
    sdk="raises nothing: a delta's text is doubled, a content_block_stop comes twice",
    client="run a tool once, whatever comes twice",
)
def dup(recording: Recording, events: Sequence[Event], times: int) -> Recording:
    """Events come more than once."""
    return rewritten(recording, [(event, event.block.raw_bytes * (times + 1)) for event in events])


@fault(
    "swap",
    count("with", "the number of the other event; the one after it unless said", None, least=1),
    events="type:content_block_delta#1",
    sdk="raises nothing where both are deltas: the text is in disorder; elsewhere as `drop` and `move`",
    client="take events as they come, and check their order",
)
def swap(recording: Recording, events: Sequence[Event], with_: int | None) -> Recording:
    """Two events change places."""
    one = events[0]
    other = _numbered(recording, one.number + 1 if with_ is None else with_)
    if one.number == other.number:
        raise Unfit("an event cannot change places with itself")
    return rewritten(recording, [(one, other.block.raw_bytes), (other, one.block.raw_bytes)])


@fault(
    "move",
    count("to", "the number of the event it comes before; the first unless said", 1, least=1),
    events="type:content_block_start#1",
    incident="https://github.com/heyhuynhgiabuu/proxypal/issues/19",
    sdk=(
        "content_block_start before message_start: IndexError at its first delta (0.x: RuntimeError); "
        "later than its deltas: IndexError"
    ),
    client="check the order of events",
)
def move(recording: Recording, events: Sequence[Event], to: int) -> Recording:
    """An event comes at another place."""
    one, other = events[0], _numbered(recording, to)
    if one.number == other.number:
        raise Unfit(f"event {to} is there already")
    raw = one.block.raw_bytes
    return spliced(recording, [(one.offset, one.offset + len(raw), b""), (other.offset, other.offset, raw)])


def _numbered(recording: Recording, number: int) -> Event:
    events = list(recording.events())
    if number > len(events):
        raise Unfit(f"it has {len(events)} events, there is no event {number}")
    return events[number - 1]


_SECOND = text("second", "the other recording; the same with another id unless said", None, shape="FILE")


@fault(
    "splice-retry",
    _SECOND,
    at="mid",
    incident="https://github.com/vercel/ai/issues/18331",
    sdk=(
        "raises nothing: two answers become one, a tool cut in the middle gets the other's input; where "
        "that is no JSON, ValueError"
    ),
    client="reject a second message_start",
)
def splice_retry(
    recording: Recording, at: Point, second: str | None, load: Callable[[str], Recording]
) -> Recording:
    """A gateway tries again upstream, and puts the whole new answer after the half of the old one."""
    return _appended(recording, at, _other(recording, second, load))


@fault(
    "concat",
    _SECOND,
    sdk="raises nothing: two answers become one",
    client="be done at message_stop",
)
def concat(recording: Recording, second: str | None, load: Callable[[str], Recording]) -> Recording:
    """Two whole answers stand in one body."""
    last = event_of(recording, "message_stop")
    at = Point(len(recording.body), last.t)
    return _appended(recording, at, _other(recording, second, load))


def _other(recording: Recording, second: str | None, load: Callable[[str], Recording]) -> Recording:
    if second is not None:
        return load(second)
    (start, *_) = events_of(recording, "message_start")
    message = start.data.get("message")
    if not isinstance(message, dict) or not isinstance(message.get("id"), str):
        raise Unfit("its message has no id to change")
    identifier = message["id"].encode()
    new = identifier[:-4] + b"2nd" + identifier[-1:]
    return rewritten(recording, [(start, start.block.raw_bytes.replace(identifier, new))])


def _appended(recording: Recording, at: Point, other: Recording) -> Recording:
    """Let another recording's body follow at a point, in its own time."""
    answered(recording)
    since = answered(other).t
    later = [(at.t + t - since, chunk) for t, chunk in other.chunks()]
    how = other.end.how if other.end else Ending.CUT
    t = at.t + other.end.t - since if other.end else 0.0
    stopped = ended(recording, how)
    end = stopped.end._replace(t=max(t, 0.0)) if stopped.end else None
    return rebuilt(replace(stopped, end=end), [*until(recording, at.offset), *later])


@fault(
    "inject-unknown",
    choice("kind", "what is unknown: an event, a content block, a delta", "event", "block", "delta"),
    text("name", "its type", "brand_new", shape="NAME", pattern=r"[A-Za-z0-9_.-]+"),
    at="mid",
    incident="https://github.com/vercel/ai/issues/11309",
    sdk=(
        "event: passes it on (0.x: drops it); block and delta: passes them on, as objects of its first "
        "known class"
    ),
    client="ignore what it does not know",
)
def inject_unknown(recording: Recording, at: Point, kind: str, name: str) -> Recording:
    """Something comes that no client knows yet, as the API may at any time."""
    answered(recording)
    if kind == "event":
        return spliced(recording, [(at.offset, at.offset, frame(name, {"type": name, "note": "new"}))])
    if kind == "block":
        return _with_block(recording, name)
    index = at.event.data.get("index") if at.event and isinstance(at.event.data, dict) else None
    if not isinstance(index, int) or (at.event and at.event.type == "content_block_start"):
        raise Unfit("no content block is open at this position; say @type:content_block_delta#2")
    delta = {"type": "content_block_delta", "index": index, "delta": {"type": name, "note": "new"}}
    return spliced(recording, [(at.offset, at.offset, frame("content_block_delta", delta))])


def _with_block(recording: Recording, name: str) -> Recording:
    """Put a content block of an unknown type behind the others."""
    offset = event_of(recording, "message_delta").offset
    starts = [event for event in recording.events() if event.type == "content_block_start"]
    block = {"type": name, "note": "new"}
    start = {"type": "content_block_start", "index": len(starts), "content_block": block}
    stop = {"type": "content_block_stop", "index": len(starts)}
    new = frame("content_block_start", start) + frame("content_block_stop", stop)
    return spliced(recording, [(offset, offset, new)])
