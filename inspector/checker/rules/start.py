"""Message start: what `message_start` must hold."""

from __future__ import annotations

from inspector.checker.citations import DOC_STREAM, TYPES, thread
from inspector.checker.context import Context
from inspector.checker.rule import ERROR, INFO, WARNING, Judgement, Moment, Note, rule

__all__: list[str] = []


@rule(
    on=Moment.MESSAGE_START,
    severity=ERROR,
    source=TYPES + " " + thread("earendil-works/pi#6567", "Alishahryar1/free-claude-code#209"),
    faulty=True,
)
def start_field_missing(c: Context) -> Judgement:
    """`message_start` has a message with id, type, role, model, content and usage.

    Example: message_start.message lacks usage
    """
    missing = [fault.path.removeprefix("message.") for fault in c.event.faults_for("start-field-missing")]
    if not missing:
        return None
    if "message" in missing:
        return "message_start has no message"
    return f"message_start.message lacks {', '.join(missing)}"


@rule(
    on=Moment.MESSAGE_START,
    severity=WARNING,
    source=DOC_STREAM,
)
def start_content_nonempty(c: Context) -> Judgement:
    """A message starts empty, unless it comes whole in `message_start`.

    Example: content already has 1 block; the deltas that follow are added to it
    """
    count = len(c.message.blocks)
    if not count or c.message.prefilled:
        return None
    blocks, target = (f"{count} blocks", "them") if count > 1 else ("1 block", "it")
    return f"content already has {blocks}; the deltas that follow are added to {target}"


@rule(
    on=Moment.MESSAGE_START,
    severity=WARNING,
    source=TYPES,
)
def start_stop_reason_set(c: Context) -> Judgement:
    """`stop_reason` is null in `message_start`.

    Example: stop_reason end_turn before any content
    """
    if c.message.start_reason is None or c.message.prefilled:
        return None
    return f"stop_reason {c.message.start_reason} before any content"


@rule(on=Moment.MESSAGE_START, severity=INFO, source=TYPES)
def message_prefilled(c: Context) -> Judgement:
    """A whole message may come in `message_start`: the API continues programmatic tool calls this way.

    Example: the whole message comes in message_start (programmatic tool call)
    """
    prefilled = c.message.prefilled
    return "the whole message comes in message_start (programmatic tool call)" if prefilled else None


@rule(on=(Moment.BLOCK_START, Moment.DELTA), severity=WARNING, source=TYPES, limit=1)
def content_after_prefill(c: Context) -> Judgement:
    """A message that came whole in `message_start` gets no more content.

    Example: content_block_start after a message_start that holds the whole message: clients show both
    """
    if not c.message.prefilled:
        return None
    return f"{c.event.kind} after a message_start that holds the whole message: clients show both"


@rule(on=Moment.MESSAGE_START, severity=WARNING, source=thread("Accio-Lab/Dressage#39"))
def message_id_reused(c: Context) -> Judgement:
    """A message id names one message.

    Example: an earlier recording of this file has a message with the id msg_1
    """
    if not c.message.id_reused:
        return None
    return f"an earlier recording of this file has a message with the id {c.message.id}"


@rule(on=Moment.MESSAGE_END, severity=WARNING, source=thread("BerriAI/litellm#32475"))
def message_empty(c: Context) -> Judgement:
    """A message has content.

    Example: the message has no content (end_turn, output_tokens 0); gateways turn upstream failures into
    this
    """
    message, reason = c.message, c.message.stop_reason
    if message.blocks or reason in ("refusal", "pause_turn", "compaction"):
        return None
    facts = f"the message has no content ({reason}, output_tokens {message.output})"
    if reason == "stop_sequence" or (reason == "end_turn" and message.output):
        return Note(f"{facts}: the model ended it at once", INFO)  # the API's documentation describes both
    return f"{facts}; gateways turn upstream failures into this"
