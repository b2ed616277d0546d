"""Stop: how a message says that it is finished, and why."""

from __future__ import annotations

from inspector.checker.citations import DOC_STOP, DOC_STREAM, TYPES, thread
from inspector.checker.context import Context
from inspector.checker.rule import ERROR, INFO, WARNING, Judgement, Moment, Note, quote, rule, shown
from inspector.checker.spelling import meant
from inspector.protocol import STOP_REASONS, UNFINISHED_STOPS

__all__: list[str] = []

_FOREIGN = frozenset(
    {
        *("abort", "aborted", "cancelled", "content_filter", "eos", "eos_token", "error", "finished"),
        *("function_call", "length", "none", "null", "safety", "stop", "tool_calls", "unknown"),
    }
)
"""Stop reasons of other APIs, in lower case, which adapters forget to translate."""


@rule(on=Moment.MESSAGE_END, severity=ERROR, source=DOC_STREAM)
def message_delta_missing(c: Context) -> Judgement:
    """A `message_delta` comes before `message_stop`.

    Example: message_stop without message_delta
    """
    return None if c.message.deltas or c.message.prefilled else "message_stop without message_delta"


@rule(on=Moment.MESSAGE_DELTA, severity=ERROR, source=TYPES, faulty=True)
def message_delta_invalid(c: Context) -> Judgement:
    """`message_delta` has a `delta` object.

    Example: message_delta has no delta object
    """
    return "message_delta has no delta object" if c.event.faults_for("message-delta-invalid") else None


@rule(on=Moment.MESSAGE_DELTA, severity=INFO, source=DOC_STREAM, limit=1)
def message_delta_multiple(c: Context) -> Judgement:
    """Several `message_delta` are legal; the last one counts.

    Example: message_delta number 2
    """
    return f"message_delta number {c.message.deltas + 1}" if c.message.deltas else None


@rule(on=Moment.MESSAGE_END, severity=ERROR, source=TYPES)
def stop_reason_null(c: Context) -> Judgement:
    """A finished message has a `stop_reason`.

    Example: the message is finished with stop_reason null
    """
    if c.message.stop_reason is not None or not c.message.deltas:
        return None
    return "the message is finished with stop_reason null"


@rule(
    on=Moment.MESSAGE_DELTA,
    severity=ERROR,
    source=thread("anthropics/anthropic-sdk-typescript#1204"),
)
def stop_reason_erased(c: Context) -> Judgement:
    """A later `message_delta` does not take the `stop_reason` back.

    Example: stop_reason is null after "end_turn" (ev 6 @718)
    """
    message = c.message
    if message.stop_reason is None or message.prefilled or not isinstance(c.event.payload.get("delta"), dict):
        return None
    if c.event.delta.get("stop_reason") is not None:
        return None
    return f"stop_reason is null after {quote(message.stop_reason)} ({message.reason_at})"


@rule(on=(Moment.MESSAGE_START, Moment.MESSAGE_DELTA), severity=WARNING, source=DOC_STOP)
def stop_reason_unknown(c: Context) -> Judgement:
    """A `stop_reason` is a documented one; the API may add others.

    Example: stop_reason "eos" is not documented
    """
    reason = c.event.delta.get("stop_reason")
    if c.event.kind == "message_start":
        reason = c.message.start_reason
    if reason is None or (isinstance(reason, str) and reason in STOP_REASONS):
        return None
    is_wrong = not isinstance(reason, str) or reason.lower() in _FOREIGN or meant(reason, STOP_REASONS)
    return Note(f"stop_reason {shown(reason)} is not documented", None if is_wrong or not reason else INFO)


@rule(
    on=Moment.MESSAGE_DELTA,
    severity=INFO,
    source=DOC_STOP + " " + thread("laravel/ai#881"),
)
def stop_notable(c: Context) -> Judgement:
    """A message that stops for these reasons needs attention: it is cut off, refused or not finished.

    Example: stop_reason max_tokens: the answer was cut off at max_tokens
    """
    reason = c.event.delta.get("stop_reason")
    note = UNFINISHED_STOPS.get(reason) if isinstance(reason, str) else None
    return f"stop_reason {reason}: {note}" if note else None


@rule(
    on=Moment.MESSAGE_END,
    severity=ERROR,
    source=DOC_STOP + " " + thread("Wei-Shaw/sub2api#3338"),
)
def stop_tool_use_without_tool(c: Context) -> Judgement:
    """A message that stops for `tool_use` has a tool to run.

    Example: stop_reason tool_use, but there is no tool_use block
    """
    message = c.message
    if message.stop_reason != "tool_use" or any(block.type == "tool_use" for block in message.blocks):
        return None
    return "stop_reason tool_use, but there is no tool_use block"


@rule(
    on=Moment.MESSAGE_END,
    severity=(WARNING, ERROR),
    source=DOC_STOP + " " + thread("BerriAI/litellm#34692"),
)
def stop_end_turn_with_tool(c: Context) -> Judgement:
    """A message with a tool to run stops for `tool_use`.

    Example: stop_reason end_turn, but block 0 (tool_use get_weather) waits to be run
    """
    tool = next((block for block in c.message.blocks if block.type == "tool_use"), None)
    if c.message.stop_reason != "end_turn" or tool is None:
        return None
    return f"stop_reason end_turn, but {tool} waits to be run"


@rule(on=Moment.MESSAGE_END, severity=WARNING, source=DOC_STOP)
def stop_pause_turn_with_tool(c: Context) -> Judgement:
    """A message that waits for the client to run a tool stops for `tool_use`, and not for `pause_turn`.

    Example: stop_reason pause_turn, but block 0 (tool_use get_weather) waits to be run
    """
    tool = next((block for block in c.message.blocks if block.type == "tool_use"), None)
    if c.message.stop_reason != "pause_turn" or tool is None:
        return None
    return f"stop_reason pause_turn, but {tool} waits to be run"


@rule(
    on=Moment.MESSAGE_DELTA,
    severity=WARNING,
    source=TYPES + " " + thread("vllm-project/vllm#45807"),
)
def stop_sequence_mismatch(c: Context) -> Judgement:
    """`stop_sequence` is set if, and only if, the stop reason is `stop_sequence`.

    Example: stop_sequence "END" with stop_reason end_turn
    """
    reason, sequence = c.event.delta.get("stop_reason"), c.event.delta.get("stop_sequence")
    if reason is None or (reason == "stop_sequence") == (sequence is not None):
        return None
    return f"stop_sequence {'null' if sequence is None else quote(sequence)} with stop_reason {reason}"


@rule(on=Moment.MESSAGE_DELTA, severity=INFO, source=thread("sgl-project/sglang#33153"), limit=1)
def stop_sequence_absent(c: Context) -> Judgement:
    """A `message_delta` with a `stop_reason` has a `stop_sequence` too, which may be null.

    Example: message_delta.delta has no stop_sequence
    """
    absent = "stop_reason" in c.event.delta and "stop_sequence" not in c.event.delta
    return "message_delta.delta has no stop_sequence" if absent else None
