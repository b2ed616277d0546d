"""Message start: what `message_start` must hold."""

from __future__ import annotations

from inspector.checker.citations import DOC_STREAM, TYPES, thread
from inspector.checker.context import Scene
from inspector.checker.findings import Severity
from inspector.checker.reactions import HANDLED, Reaction
from inspector.checker.rule import Judgement, Moment, Note, rule

__all__: list[str] = []

ERROR, WARNING, INFO = Severity.ERROR, Severity.WARNING, Severity.INFO
_FIELDS = ("id", "type", "role", "model", "content", "usage")
_COUNTS = ("input_tokens", "output_tokens")


@rule(
    on=Moment.MESSAGE_START,
    severity=ERROR,
    source=TYPES + " " + thread("earendil-works/pi#6567", "Alishahryar1/free-claude-code#209"),
    example="message_start.message lacks usage",
)
def start_field_missing(s: Scene) -> Judgement:
    """`message_start` has a message with id, type, role, model, content and usage."""
    message = s.payload.get("message")
    if not isinstance(message, dict):
        return Note("message_start has no message", sdk=Reaction(stream="AttributeError"))
    lacking = [name for name in _FIELDS if message.get(name) is None]
    usage = message.get("usage")
    if isinstance(usage, dict):
        lacking += [f"usage.{name}" for name in _COUNTS if usage.get(name) is None]
    if not lacking:
        return None
    fatal = {"usage", "content"} & set(lacking)
    return Note(
        f"message_start.message lacks {', '.join(lacking)}",
        sdk=Reaction(stream="AttributeError") if fatal else HANDLED,
    )


@rule(
    on=Moment.MESSAGE_START,
    severity=WARNING,
    source=DOC_STREAM,
    sdk=Reaction("adds the deltas of block 0 to what is there already"),
    example="content has 1 block already; the deltas that follow land on them",
)
def start_content_nonempty(s: Scene) -> Judgement:
    """A message starts empty, unless all of it is delivered at once."""
    count = len(s.message.blocks)
    if not count or s.message.prefilled:
        return None
    return f"content has {count} block{'s' if count > 1 else ''} already; the deltas that follow land on them"


@rule(
    on=Moment.MESSAGE_START,
    severity=WARNING,
    source=TYPES,
    sdk=Reaction("hides a cut: the stop_reason is there already"),
    example="stop_reason end_turn before any content",
)
def start_stop_reason_set(s: Scene) -> Judgement:
    """`stop_reason` is null in `message_start`."""
    if s.message.start_reason is None or s.message.prefilled:
        return None
    return f"stop_reason {s.message.start_reason} before any content"


@rule(
    on=Moment.MESSAGE_START,
    severity=INFO,
    source=TYPES,
    sdk=HANDLED,
    example="the whole message is delivered in message_start (programmatic tool call)",
)
def message_prefilled(s: Scene) -> Judgement:
    """A whole message in `message_start` is how the API continues a programmatic tool call."""
    return (
        "the whole message is delivered in message_start (programmatic tool call)"
        if s.message.prefilled
        else None
    )


@rule(
    on=Moment.MESSAGE_START,
    severity=WARNING,
    source=thread("Accio-Lab/Dressage#39"),
    sdk=HANDLED,
    example="the id msg_1 was used by an earlier recording of this file",
)
def message_id_reused(s: Scene) -> Judgement:
    """A message id names one message."""
    number = s.tally.setdefault("recording", len(s.ids) + 1)
    if not s.message.id:
        return None
    first = s.ids.setdefault(s.message.id, number)
    return None if first == number else f"the id {s.message.id} was used by an earlier recording of this file"


@rule(
    on=Moment.MESSAGE_END,
    severity=WARNING,
    source=thread("BerriAI/litellm#32475"),
    sdk=HANDLED,
    example=(
        "the message has no content (end_turn, output_tokens 0); gateways make this of upstream failures"
    ),
)
def message_empty(s: Scene) -> Judgement:
    """A message has content."""
    message = s.message
    if message.blocks or message.stop_reason in ("refusal", "pause_turn", "compaction"):
        return None
    told = f"{message.stop_reason}, output_tokens {message.output}"
    return f"the message has no content ({told}); gateways make this of upstream failures"
