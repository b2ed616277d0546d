"""JSON: every payload is one object that names its type."""

from __future__ import annotations

from inspector.checker.citations import DOC_STREAM, JSON, WHATWG, thread
from inspector.checker.context import Context
from inspector.checker.rule import ERROR, WARNING, Judgement, Moment, Note, quote, rule
from inspector.protocol import EVENT_TYPES
from inspector.protocol.event_payloads import joined_objects, not_separated

__all__: list[str] = []

_DONE = b"[DONE]"


def _problem(c: Context, rule_id: str) -> str | None:
    return next((problem.detail for problem in c.event.problems if problem.rule == rule_id), None)


@rule(on=Moment.PAYLOAD, severity=ERROR, source=DOC_STREAM)
def json_invalid(c: Context) -> Judgement:
    """Every payload is JSON.

    Example: content_block_delta: invalid JSON: expecting ',' delimiter at character 90 of the payload,
    near 'text": "Hel"lo"}}'
    """
    detail, data, name = _problem(c, "json-invalid"), c.event.data, c.event.name
    if detail is None or data.strip() in (b"", _DONE) or joined_objects(data) or c.event.heartbeat:
        return None
    return f"{name or 'unnamed'}: invalid JSON: {detail}"


@rule(
    on=Moment.PAYLOAD,
    severity=ERROR,
    source=DOC_STREAM,
)
def json_not_object(c: Context) -> Judgement:
    """Every payload is a JSON object.

    Example: the payload is "null", not an object
    """
    if c.event.problems or isinstance(c.event.value, dict) or not c.event.data.strip():
        return None
    return f"the payload is {quote(c.event.data.decode('utf-8', 'replace'), 30)}, not an object"


@rule(
    on=Moment.ODD_EVENT,
    severity=ERROR,
    source=DOC_STREAM,
)
def type_missing(c: Context) -> Judgement:
    """Every payload has a `type`.

    Example: the payload has no "type" (the event's name is "content_block_delta")
    """
    name = c.event.name
    if isinstance(c.event.payload.get("type"), str) or c.event.kind == "error" or name == "ping":
        return None
    if name is None and "choices" in c.event.payload:
        return "the payload is an OpenAI chat completion chunk, not a Messages event"
    if name is not None and name not in EVENT_TYPES:
        return None  # an unknown event may hold anything
    has = '"type" that is text' if "type" in c.event.payload else '"type"'
    return f"the payload has no {has} (the event's name is {quote(name) if name else 'missing too'})"


@rule(on=Moment.PAYLOAD, severity=ERROR, source=JSON + "#section-8.2")
def surrogate_lone(c: Context) -> Judgement:
    r"""A \u escape of half a character is followed by its other half.

    Example: the escape \ud83d is half a character; programs that write it out again fail
    """
    detail = _problem(c, "surrogate-lone")
    return f"{detail}; programs that write it out again fail" if detail else None


@rule(on=Moment.PAYLOAD, severity=ERROR, source=JSON + "#section-6")
def number_nonfinite(c: Context) -> Judgement:
    """Numbers are finite: NaN and Infinity are not JSON, and 1e999 does not fit into a double.

    Example: NaN is not JSON
    """
    return _problem(c, "number-nonfinite")


@rule(
    on=(Moment.PAYLOAD, Moment.END),
    severity=ERROR,
    source=WHATWG + " " + thread("rexxars/eventsource-parser#31"),
)
def frame_missing_blank_line(c: Context) -> Judgement:
    """A blank line separates one event from the next.

    Example: 2 JSON objects in one frame: no blank line separates their events
    """
    tail = c.stream.tail
    data = c.event.data if not c.stream.closed else tail.data if tail else None
    count = joined_objects(data) if data else 0
    return not_separated(count) if count else None


@rule(on=Moment.PAYLOAD, severity=ERROR, source=thread("mnfst/llm-gateway#2478"))
def keepalive_spliced(c: Context) -> Judgement:
    """A keep-alive is not written into the middle of an event.

    Example: the comment ": keepalive" is written inside a data line
    """
    comment = c.event.heartbeat
    return f"the comment {quote(comment)} is written inside a data line" if comment else None


@rule(
    on=Moment.PAYLOAD,
    severity=WARNING,
    source=thread("huggingface/tau#692", "anthropics/anthropic-sdk-csharp#202"),
)
def done_sentinel(c: Context) -> Judgement:
    """A stream ends with `message_stop`; `[DONE]` is OpenAI's.

    Example: "[DONE]" is an OpenAI sentinel
    """
    name = c.event.name
    if c.event.data.strip() != _DONE:
        return None
    if name is not None:
        return Note(f'"[DONE]" in an event named {quote(name)}; it is not JSON', ERROR)
    if c.stream.stop_at or c.stream.error_at:
        return '"[DONE]" is an OpenAI sentinel'
    return Note(f'"[DONE]" stands in the place of message_stop{c.message.still_open}', ERROR)
