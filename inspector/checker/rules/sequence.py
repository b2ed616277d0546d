"""Sequence: which event may follow which in a message."""

from __future__ import annotations

from inspector.checker.citations import DOC_ERRORS, DOC_STREAM, TYPES, thread
from inspector.checker.context import Scene, quote
from inspector.checker.facts import is_error
from inspector.checker.findings import Severity
from inspector.checker.reactions import HANDLED, PARTIAL, Reaction
from inspector.checker.rule import Judgement, Moment, Note, rule
from inspector.checker.rules.ending import after, wall
from inspector.protocol import ERROR_TYPES
from inspector.protocol.grammar import Misstep

__all__: list[str] = []

ERROR, WARNING, INFO = Severity.ERROR, Severity.WARNING, Severity.INFO
_MERGED = Reaction("merges both into one Message")
_HEADLESS = Reaction("yields the other events", stream="AssertionError", old_stream="RuntimeError")


@rule(
    on=Moment.END,
    severity=ERROR,
    source=DOC_STREAM,
    sdk=Reaction("yields events that no Message can be made of", stream="AssertionError"),
    example="none of 2 events is one of the Messages API",
)
def foreign_stream(s: Scene) -> Judgement:
    """The events of a stream are those of the Messages API."""
    if s.known or not s.number or s.cause not in ("headless", "stopped"):
        return None
    s.tally["foreign stream"] = True
    kind = f"; the last is {quote(s.kind)}" if s.kind else ""
    return Note(f"none of {s.number} events is one of the Messages API{kind}", at=s.first_at)


@rule(
    on=Moment.END,
    severity=ERROR,
    source=DOC_STREAM + " " + thread("heyhuynhgiabuu/proxypal#19"),
    sdk=_HEADLESS,
    example="no message_start in 6 events",
)
def message_start_missing(s: Scene) -> Judgement:
    """A stream has a `message_start`."""
    if s.message.started or s.cause not in ("headless", "stopped") or s.tally.get("foreign stream"):
        return None
    return Note(f"no message_start in {s.number} events", at=s.first_at)


@rule(
    on=Misstep.START_LATE,
    severity=ERROR,
    source=DOC_STREAM,
    sdk=Reaction("yields the events as they came", "IndexError", old_stream="RuntimeError"),
    example="message_start comes after content or message_delta",
)
def message_start_not_first(s: Scene) -> Judgement:
    """`message_start` comes before every event but `ping` and `error`."""
    return "message_start comes after content or message_delta"


@rule(
    on=Misstep.START_AGAIN,
    severity=ERROR,
    source=thread("MoonshotAI/Kimi-K2.5#33"),
    sdk=HANDLED,
    example="message_start of msg_1 is repeated; the first is ev 1 @0",
)
def message_start_duplicate(s: Scene) -> Judgement:
    """A message starts once."""
    if not s.again:
        return None
    return f"message_start of {s.message.id} is repeated; the first is {s.message.at}"


@rule(
    on=Misstep.START_AGAIN,
    severity=ERROR,
    source=thread("vercel/ai#18331"),
    sdk=_MERGED,
    example=(
        'message_start of "msg_2" while "msg_1" (ev 1 @0) is unfinished; open: block 0 '
        "(text); an upstream retry was spliced into this response"
    ),
)
def message_start_spliced(s: Scene) -> Judgement:
    """No other message starts while one is open: an upstream retry does not go into the same response."""
    if s.again:
        return None
    message = s.payload.get("message")
    new = message.get("id") if isinstance(message, dict) else None
    old = f"{quote(s.message.id)} ({s.message.at}) is unfinished{s.left}"
    return f"message_start of {quote(str(new))} while {old}; an upstream retry was spliced into this response"


@rule(
    on=Misstep.START_AFTER_STOP,
    severity=WARNING,
    source=DOC_STREAM,
    sdk=_MERGED,
    example="a second message in one body, after message_stop (ev 7 @865)",
)
def message_start_after_stop(s: Scene) -> Judgement:
    """A response holds one message."""
    return f"a second message in one body, after message_stop ({s.stop_at})"


@rule(
    on=Moment.END,
    severity=ERROR,
    source=DOC_STREAM + " " + thread("openclaw/openclaw#120030", "BerriAI/litellm#32159"),
    sdk=PARTIAL,
    example=(
        "the stream ended cleanly after ev 3 (content_block_delta) without message_stop; the "
        "result is partial; open: block 0 (tool_use get_weather), 13 bytes of its JSON: do "
        "not run it"
    ),
)
def message_stop_missing(s: Scene) -> Judgement:
    """A stream ends with `message_stop`, or with an `error`."""
    if s.cause != "clean":
        return None
    reason = s.message.stop_reason
    words = f"the stream ended cleanly {after(s)} without message_stop"
    if reason and not s.open:
        kept = Reaction("returns the message, which has its stop_reason")
        return Note(f"{words}; stop_reason {reason} was seen{wall(s)}", WARNING, kept)
    return f"{words}; the result is partial{s.opened}{wall(s)}"


@rule(
    on=Misstep.STOP_AGAIN,
    severity=ERROR,
    source=thread("katanemo/plano#898"),
    sdk=HANDLED,
    example="a second message_stop; the first is ev 7 @865",
)
def message_stop_duplicate(s: Scene) -> Judgement:
    """A message stops once."""
    return f"a second message_stop; the first is {s.stop_at}"


@rule(
    on=Misstep.AFTER_STOP,
    severity=ERROR,
    source=DOC_STREAM + " " + thread("vllm-project/semantic-router#2215"),
    sdk=Reaction("adds it to the message"),
    example="content_block_delta after message_stop (ev 7 @865)",
)
def event_after_message_stop(s: Scene) -> Judgement:
    """Nothing but `ping` follows `message_stop`."""
    return f"{s.kind} after message_stop ({s.stop_at})"


@rule(
    on=Misstep.CONTENT_AFTER_DELTA,
    severity=WARNING,
    source=DOC_STREAM,
    sdk=HANDLED,
    example="a content block starts after message_delta said stop_reason end_turn",
)
def content_after_message_delta(s: Scene) -> Judgement:
    """Content comes before `message_delta`."""
    if s.message.fell_back or s.message.stop_reason is None:
        return None
    return f"a content block starts after message_delta said stop_reason {s.message.stop_reason}"


@rule(
    on=Moment.ERROR,
    severity=ERROR,
    source=DOC_STREAM + " " + thread("anthropics/anthropic-sdk-python#1918"),
    sdk=Reaction(
        "says status_code 200, and does not retry",
        stream="anthropic.APIStatusError",
        create="anthropic.APIStatusError",
    ),
    example='overloaded_error "Overloaded" after 5 characters; open: block 0 (text)',
)
def error_event(s: Scene) -> Judgement:
    """A stream goes to its end without an `error`."""
    if s.name != "error":
        return None
    error = s.payload.get("error")
    error = error if isinstance(error, dict) else {}
    kind, text = str(error.get("type", "error")), str(error.get("message", ""))
    size = s.message.text_size
    when = f"after {size} characters" if size else "before any content"
    return f"{kind} {quote(text, 80)} {when}{s.left}"


@rule(
    on=Moment.ERROR,
    severity=WARNING,
    source=DOC_ERRORS + " " + TYPES,
    sdk=Reaction("has None as .type", "anthropic.APIStatusError", "anthropic.APIStatusError"),
    example="the error event has no error object",
)
def error_shape(s: Scene) -> Judgement:
    """An `error` event holds `error.type`, one of those documented, and `error.message`."""
    if s.name != "error":
        return None
    error = s.payload.get("error")
    if not isinstance(error, dict):
        return "the error event has no error object"
    lacking = [f"error.{name}" for name in ("type", "message") if not isinstance(error.get(name), str)]
    if s.payload.get("type") != "error":
        lacking.append('type "error"')
    if lacking:
        return f"the error event lacks {' and '.join(lacking)}"
    known = error["type"] in ERROR_TYPES
    return None if known else Note(f"error type {quote(error['type'])} is not a documented one", INFO)


@rule(
    on=Misstep.AFTER_ERROR,
    severity=INFO,
    source=DOC_STREAM,
    sdk=Reaction("never reads what follows", "anthropic.APIStatusError", "anthropic.APIStatusError"),
    limit=1,
    example="message_stop after error (ev 4 @513)",
)
def event_after_error(s: Scene) -> Judgement:
    """An `error` is the last event."""
    return f"{s.kind} after error ({s.error_at})"


@rule(
    on=Moment.OTHER,
    severity=INFO,
    source=DOC_STREAM,
    sdk=Reaction("passes it on (0.x drops it)"),
    limit=1,
    example='unknown event "vertex_event"',
)
def event_unknown(s: Scene) -> Judgement:
    """Clients ignore events that they do not know."""
    return f"unknown event {quote(str(s.kind))}" if s.kind is not None else None


@rule(
    on=Moment.PING,
    severity=INFO,
    source=DOC_STREAM,
    sdk=HANDLED,
    limit=1,
    example='a ping with the payload "{}"',
)
def ping_shape(s: Scene) -> Judgement:
    """A ping is `{"type": "ping"}`."""
    return (
        None
        if s.payload == {"type": "ping"}
        else f"a ping with the payload {quote((s.block.data or b'').decode('utf-8', 'replace'))}"
    )


@rule(
    on=Moment.EVENT,
    severity=ERROR,
    source=thread("BerriAI/litellm#41826", "theopenco/llmgateway#2271"),
    sdk=Reaction("ignores the error, and returns the partial message as if it were whole"),
    example=(
        'an error payload in an unnamed frame: "upstream failed"; SDKs do not take it for '
        "one; open: block 0 (text)"
    ),
)
def error_unnamed(s: Scene) -> Judgement:
    """An error is sent as an event named `error`."""
    if s.name == "error" or not is_error(s.payload):
        return None
    error = s.payload.get("error")
    message = error.get("message") if isinstance(error, dict) else error
    words = message if isinstance(message, str) else str(s.payload.get("detail") or s.payload.get("message"))
    frame = "an unnamed frame" if s.name is None else f"an event named {quote(s.name)}"
    return f"an error payload in {frame}: {quote(words, 80)}; SDKs do not take it for one{s.opened}"
