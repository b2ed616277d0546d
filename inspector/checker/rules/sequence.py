"""Sequence: which event may follow which in a message."""

from __future__ import annotations

from inspector._json import as_object, as_text
from inspector.checker.citations import DOC_ERRORS, DOC_STREAM, TYPES, thread
from inspector.checker.context import Cause, Context
from inspector.checker.findings import Profile
from inspector.checker.rule import ERROR, INFO, WARNING, Judgement, Moment, Note, quote, rule
from inspector.checker.rules.ending import after, round_limit
from inspector.checker.spelling import meant
from inspector.protocol import ERROR_TYPES, EVENT_TYPES
from inspector.protocol.event_payloads import is_error
from inspector.protocol.grammar import Misstep

__all__: list[str] = []

_OF_OTHERS = frozenset({"content_block", "delta", "error", "index", "message", "usage"})
"""The fields of other events: a ping that has one of them was another event."""


@rule(
    on=Moment.END,
    severity=ERROR,
    source=DOC_STREAM,
)
def foreign_stream(c: Context) -> Judgement:
    """The events of a stream are those of the Messages API.

    Example: none of 2 events is one of the Messages API
    """
    if not c.is_foreign:
        return None
    which, last = f"none of {c.stream.events:,} events is", "the last"
    if c.stream.events == 1:
        which, last = "the only event is not", "it"
    kind = f"; {last} is {quote(c.event.kind)}" if c.event.kind else ""
    return Note(f"{which} one of the Messages API{kind}", at=c.stream.first_at)


@rule(
    on=Moment.END,
    severity=ERROR,
    source=DOC_STREAM + " " + thread("heyhuynhgiabuu/proxypal#19"),
)
def message_start_missing(c: Context) -> Judgement:
    """A stream has a `message_start`.

    Example: no message_start in 6 events
    """
    if c.message.started or c.is_foreign or c.cause not in (Cause.HEADLESS, Cause.STOPPED):
        return None
    events = "1 event" if c.stream.events == 1 else f"{c.stream.events} events"
    return Note(f"no message_start in {events}", at=c.stream.first_at)


@rule(
    on=Misstep.START_LATE,
    severity=ERROR,
    source=DOC_STREAM,
)
def message_start_not_first(c: Context) -> Judgement:
    """`message_start` comes before every event except `ping` and `error`.

    Example: message_start comes after content or message_delta
    """
    return "message_start comes after content or message_delta"


@rule(on=Misstep.START_AGAIN, severity=ERROR, source=thread("MoonshotAI/Kimi-K2.5#33"))
def message_start_duplicate(c: Context) -> Judgement:
    """A message starts once.

    Example: message_start of msg_1 is repeated; the first is ev 1 @0
    """
    if not c.event.repeated:
        return None
    return f"message_start of {c.message.id} is repeated; the first is {c.message.at}"


@rule(on=Misstep.START_AGAIN, severity=ERROR, source=thread("vercel/ai#18331"))
def message_start_spliced(c: Context) -> Judgement:
    """No other message starts while one is open: a retry of a proxy gets a response of its own.

    Example: message_start of "msg_2" while "msg_1" (ev 1 @0) is unfinished; open: block 0 (text); an
    upstream retry was spliced into this response
    """
    if c.event.repeated:
        return None
    new = as_object(c.event.payload.get("message")).get("id")
    old = f"{quote(c.message.id)} ({c.message.at}) is unfinished{c.message.still_open}"
    return f"message_start of {quote(new)} while {old}; an upstream retry was spliced into this response"


@rule(on=Misstep.START_AFTER_STOP, severity=ERROR, source=DOC_STREAM)
def message_start_after_stop(c: Context) -> Judgement:
    """A response has one message: clients merge two of them into one.

    Example: a second message in one body, after message_stop (ev 7 @865)
    """
    return f"a second message in one body, after message_stop ({c.stream.stop_at})"


@rule(
    on=Moment.END,
    severity=ERROR,
    source=DOC_STREAM + " " + thread("openclaw/openclaw#120030", "BerriAI/litellm#32159"),
)
def message_stop_missing(c: Context) -> Judgement:
    """A stream ends with `message_stop`, or with an `error`.

    Example: the stream ended cleanly after ev 3 (content_block_delta) without message_stop; the result is
    partial; open: block 0 (tool_use get_weather), 13 characters of its JSON: do not run it
    """
    if c.cause is not Cause.CLEAN:
        return None
    reason = c.message.stop_reason
    ended = f"the stream ended cleanly {after(c)} without message_stop"
    if reason and not c.message.open:
        # Some gateways never send it. Anthropic's own API always does.
        severity = WARNING if c.profile is Profile.COMPAT else ERROR
        return Note(f"{ended}; stop_reason {reason} came before{round_limit(c)}", severity)
    return f"{ended}; the result is partial{c.message.still_open}{round_limit(c)}"


@rule(on=Misstep.STOP_AGAIN, severity=ERROR, source=thread("katanemo/plano#898"))
def message_stop_duplicate(c: Context) -> Judgement:
    """A message stops once.

    Example: a second message_stop; the first is ev 7 @865
    """
    return f"a second message_stop; the first is {c.stream.stop_at}"


@rule(
    on=Misstep.AFTER_STOP,
    severity=ERROR,
    source=DOC_STREAM + " " + thread("vllm-project/semantic-router#2215"),
)
def event_after_message_stop(c: Context) -> Judgement:
    """Nothing except `ping` follows `message_stop`.

    Example: content_block_delta after message_stop (ev 7 @865)
    """
    return f"{c.event.kind} after message_stop ({c.stream.stop_at})"


@rule(on=Misstep.CONTENT_AFTER_DELTA, severity=WARNING, source=DOC_STREAM)
def content_after_message_delta(c: Context) -> Judgement:
    """Content comes before `message_delta`.

    Example: a content block starts after a message_delta with stop_reason end_turn
    """
    if c.message.fell_back or c.message.stop_reason is None:
        return None
    return f"a content block starts after a message_delta with stop_reason {c.message.stop_reason}"


@rule(
    on=Moment.ERROR,
    severity=ERROR,
    source=DOC_STREAM + " " + thread("anthropics/anthropic-sdk-python#1918"),
)
def error_event(c: Context) -> Judgement:
    """A stream goes to its end without an `error`.

    Example: overloaded_error "Overloaded" after 5 characters; open: block 0 (text)
    """
    if c.event.name != "error":
        return None
    error, size = c.event.payload.get("error"), c.message.text_size
    kind = as_text(as_object(error).get("type", "error"))
    text = error.get("message") if isinstance(error, dict) else error or c.event.payload.get("message")
    said = f" {quote(text, 80)}" if text else ""
    when = f"after {size} characters" if size else "before any content"
    return f"{kind}{said} {when}{c.message.still_open}"


@rule(
    on=Moment.ERROR,
    severity=WARNING,
    source=DOC_ERRORS + " " + TYPES,
)
def error_shape(c: Context) -> Judgement:
    """An `error` event has an `error.type` that is documented, and an `error.message`.

    Example: the error event has no error object
    """
    if c.event.name != "error":
        return None
    error = c.event.payload.get("error")
    if not isinstance(error, dict):
        return "the error event has no error object"
    missing = [f"error.{name}" for name in ("type", "message") if not isinstance(error.get(name), str)]
    if c.event.payload.get("type") != "error":
        missing.append('type "error"')
    if missing:
        return f"the error event lacks {' and '.join(missing)}"
    known = error["type"] in ERROR_TYPES
    return None if known else Note(f"error type {quote(error['type'])} is not documented", INFO)


@rule(
    on=Misstep.AFTER_ERROR,
    severity=INFO,
    source=DOC_STREAM,
    limit=1,
)
def event_after_error(c: Context) -> Judgement:
    """An `error` is the last event.

    Example: message_stop after error (ev 4 @513)
    """
    return f"{c.event.kind} after error ({c.stream.error_at})"


@rule(
    on=Moment.OTHER,
    severity=INFO,
    source=DOC_STREAM,
    limit=1,
)
def event_unknown(c: Context) -> Judgement:
    """Clients ignore events that they do not know: the API may add some.

    Example: unknown event "vertex_event"
    """
    if c.event.kind is None:
        return None
    known = meant(c.event.kind, EVENT_TYPES)
    message = f"unknown event {quote(c.event.kind)}"
    return Note(f"{message}: it must mean {known}", ERROR) if known else message


@rule(on=Moment.PING, severity=INFO, source=DOC_STREAM, limit=1)
def ping_shape(c: Context) -> Judgement:
    """A ping is `{"type": "ping"}`.

    Example: a ping with the payload "{}"
    """
    if c.event.payload == {"type": "ping"}:
        return None
    message = f"a ping with the payload {quote(c.event.data.decode('utf-8', 'replace'))}"
    return message if _OF_OTHERS.isdisjoint(c.event.payload) else Note(message, WARNING)


@rule(
    on=Moment.ODD_EVENT,
    severity=ERROR,
    source=thread("BerriAI/litellm#41826", "theopenco/llmgateway#2271"),
)
def error_unnamed(c: Context) -> Judgement:
    """An error is sent as an event named `error`.

    Example: an error payload in an unnamed frame: "upstream failed"; SDKs do not see it as an error; open:
    block 0 (text)
    """
    name, payload = c.event.name, c.event.payload
    if name == "error" or not is_error(payload):
        return None
    error = payload.get("error")
    text = error.get("message") if isinstance(error, dict) else error
    text = text if isinstance(text, str) else str(payload.get("detail") or payload.get("message"))
    frame = "an unnamed frame" if name is None else f"an event named {quote(name)}"
    seen = f"SDKs do not see it as an error{c.message.still_open}"
    return f"an error payload in {frame}: {quote(text, 80)}; {seen}"
