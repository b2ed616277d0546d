"""JSON: every payload is one object that says what it is."""

from __future__ import annotations

import re

from inspector import sse
from inspector.checker.citations import DOC_STREAM, JSON, WHATWG, thread
from inspector.checker.context import Scene, quote
from inspector.checker.findings import Severity
from inspector.checker.payloads import glued
from inspector.checker.reactions import HANDLED, JSON_ERROR, NOTHING, Reaction
from inspector.checker.rule import Judgement, Moment, Note, rule
from inspector.protocol import EVENT_TYPES

__all__: list[str] = []

ERROR, WARNING = Severity.ERROR, Severity.WARNING
_HEARTBEAT = re.compile(
    rb":[ \t]*(?:ping|keep-?alive|heart-?beat|processing)[^\n]{0,40}$", re.IGNORECASE | re.MULTILINE
)
_DONE = b"[DONE]"


def _problem(s: Scene, rule_id: str) -> str | None:
    return next((words for problem, words in s.problems if problem == rule_id), None)


@rule(
    on=Moment.PAYLOAD,
    severity=ERROR,
    source=DOC_STREAM,
    sdk=JSON_ERROR,
    example=(
        "content_block_delta: invalid JSON: expecting ',' delimiter at character 90 of the "
        'payload, near \'text": "Hel"lo"}}\''
    ),
)
def json_invalid(s: Scene) -> Judgement:
    """Every payload is JSON."""
    words = _problem(s, "json-invalid")
    data = s.block.data or b""
    if words is None or data.strip() in (b"", _DONE) or glued(data) or heartbeat(s):
        return None
    name = s.name or "unnamed"
    unread = Reaction("skips the frame, which has no name")
    return Note(f"{name}: invalid JSON: {words}", sdk=unread if s.name is None else None)


@rule(
    on=Moment.PAYLOAD,
    severity=ERROR,
    source=DOC_STREAM,
    sdk=Reaction("yields the bare value", stream="TypeError"),
    example='the payload is "null", not an object',
)
def json_not_object(s: Scene) -> Judgement:
    """Every payload is a JSON object."""
    value = s.tally.get("value")
    if s.problems or isinstance(value, dict) or s.block.data is None or not s.block.data.strip():
        return None
    return f"the payload is {quote(s.block.data.decode('utf-8', 'replace'), 30)}, not an object"


@rule(
    on=Moment.EVENT,
    severity=ERROR,
    source=DOC_STREAM,
    sdk=Reaction("loses what the event says (0.x goes by the event's name)"),
    example='the payload has no "type" (the event\'s name is "content_block_delta")',
)
def type_missing(s: Scene) -> Judgement:
    """Every payload says its `type`."""
    if isinstance(s.payload.get("type"), str) or s.kind == "error" or s.name == "ping":
        return None
    if s.name is not None and s.name not in EVENT_TYPES:
        return None  # an event of its own, whatever it holds
    if s.name is None and "choices" in s.payload:
        return "the payload is an OpenAI chat completion chunk, not a Messages event"
    return f'the payload has no "type" (the event\'s name is {quote(s.name) if s.name else "missing too"})'


@rule(
    on=Moment.PAYLOAD,
    severity=ERROR,
    source=JSON + "#section-8.2",
    sdk=HANDLED,
    example="the escape \\ud83d is half a character; it breaks whoever writes it out again",
)
def surrogate_lone(s: Scene) -> Judgement:
    """A \\u escape of half a character is followed by its other half."""
    words = _problem(s, "surrogate-lone")
    return f"{words}; it breaks whoever writes it out again" if words else None


@rule(on=Moment.PAYLOAD, severity=ERROR, source=JSON + "#section-6", sdk=HANDLED, example="NaN is not JSON")
def number_nonfinite(s: Scene) -> Judgement:
    """Numbers are finite: NaN and Infinity are not JSON, and 1e999 fits in no double."""
    return _problem(s, "number-nonfinite")


@rule(
    on=(Moment.PAYLOAD, Moment.END),
    severity=ERROR,
    source=WHATWG + " " + thread("rexxars/eventsource-parser#31"),
    sdk=JSON_ERROR,
    example="2 JSON objects in one frame: their events are not separated by blank lines",
)
def frame_missing_blank_line(s: Scene) -> Judgement:
    """A blank line stands between one event and the next."""
    tail = s.end is not None and s.tail is not None
    data = s.block.data if s.end is None else None
    if s.tail is not None and tail:
        data = sse.parse(s.tail.raw.rstrip(b"\r\n") + b"\n\n").data
    count = glued(data or b"")
    words = f"{count} JSON objects in one frame: their events are not separated by blank lines"
    return Note(words, sdk=NOTHING if tail and s.number == 0 else None) if count else None


@rule(
    on=(Moment.PAYLOAD,),
    severity=ERROR,
    source=thread("mnfst/llm-gateway#2478"),
    sdk=JSON_ERROR,
    example='the comment ": keepalive" is written inside a data line',
)
def keepalive_spliced(s: Scene) -> Judgement:
    """A keep-alive is not written into the middle of an event."""
    found = heartbeat(s)
    return f"the comment {quote(found)} is written inside a data line" if found else None


def heartbeat(s: Scene) -> str:
    """The keep-alive comment inside a payload that is not JSON; empty where there is none."""
    if not any(problem == "json-invalid" for problem, _ in s.problems):
        return ""
    found = _HEARTBEAT.search(s.block.data or b"")
    if found:
        s.tally["spliced"] = True
    return found[0].decode("utf-8", "replace") if found else ""


@rule(
    on=Moment.PAYLOAD,
    severity=WARNING,
    source=thread("huggingface/tau#692", "anthropics/anthropic-sdk-csharp#202"),
    sdk=Reaction("ignores it"),
    example='"[DONE]" is an OpenAI sentinel',
)
def done_sentinel(s: Scene) -> Judgement:
    """A stream ends with `message_stop`; `[DONE]` is OpenAI's."""
    if (s.block.data or b"").strip() != b"[DONE]":
        return None
    if s.name is not None:
        old = None if s.name in EVENT_TYPES else ""
        raised = JSON_ERROR._replace(old_stream=old, old_create=old)
        return Note(f'"[DONE]" in an event named {quote(s.name)}; the SDK parses it as JSON', ERROR, raised)
    if s.stop_at or s.error_at:
        return '"[DONE]" is an OpenAI sentinel'
    return Note(f'"[DONE]" stands in the place of message_stop{s.opened}', ERROR)
