"""JSON: every payload is one object that says what it is."""

from __future__ import annotations

from inspector.readings.check.findings import Severity
from inspector.readings.check.framing import glued, heartbeat
from inspector.readings.check.rule import Judgement, Moment, Note, rule
from inspector.readings.check.scene import Scene, quote
from inspector.readings.check.sdk import HANDLED, JSON_ERROR, Reaction
from inspector.readings.check.sources import DOC_STREAM, JSON

__all__: list[str] = []

ERROR = Severity.ERROR
_DONE = b"[DONE]"


def _problem(s: Scene, rule_id: str) -> str | None:
    return next((words for problem, words in s.problems if problem == rule_id), None)


@rule(on=Moment.PAYLOAD, severity=ERROR, source=DOC_STREAM, sdk=JSON_ERROR, example="")
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
    sdk=Reaction(stream="AttributeError", says="yields the bare value"),
    example="",
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
    sdk=Reaction("loses what the event says"),
    example="",
)
def type_missing(s: Scene) -> Judgement:
    """Every payload says its `type`."""
    if isinstance(s.payload.get("type"), str) or s.kind == "error" or s.name == "ping":
        return None
    if s.name is None and "choices" in s.payload:
        return "the payload is an OpenAI chat completion chunk, not a Messages event"
    return f'the payload has no "type" (the event\'s name is {quote(s.name) if s.name else "missing too"})'


@rule(on=Moment.PAYLOAD, severity=ERROR, source=JSON + "#section-8.2", sdk=HANDLED, example="")
def surrogate_lone(s: Scene) -> Judgement:
    """A \\u escape of half a character is followed by its other half."""
    words = _problem(s, "surrogate-lone")
    return f"{words}; it breaks whoever writes it out again" if words else None


@rule(on=Moment.PAYLOAD, severity=ERROR, source=JSON + "#section-6", sdk=HANDLED, example="")
def number_nonfinite(s: Scene) -> Judgement:
    """Numbers are finite: NaN and Infinity are not JSON, and 1e999 fits in no double."""
    return _problem(s, "number-nonfinite")
