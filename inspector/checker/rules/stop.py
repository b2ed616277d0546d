"""Stop: how a message says that it is finished, and why."""

from __future__ import annotations

from typing import Any

from inspector.checker.citations import DOC_STOP, DOC_STREAM, TYPES, thread
from inspector.checker.context import Scene, quote
from inspector.checker.findings import Severity
from inspector.checker.reactions import HANDLED, PARTIAL, Reaction
from inspector.checker.rule import Judgement, Moment, rule
from inspector.protocol import STOP_REASONS, UNFINISHED_STOPS

__all__: list[str] = []

ERROR, WARNING, INFO = Severity.ERROR, Severity.WARNING, Severity.INFO


def _delta(s: Scene) -> dict[str, Any]:
    delta = s.payload.get("delta")
    return delta if isinstance(delta, dict) else {}


@rule(
    on=Moment.MESSAGE_END,
    severity=ERROR,
    source=DOC_STREAM,
    sdk=PARTIAL,
    example="message_stop without message_delta",
)
def message_delta_missing(s: Scene) -> Judgement:
    """A `message_delta` comes before `message_stop`."""
    return None if s.message.deltas or s.message.prefilled else "message_stop without message_delta"


@rule(
    on=Moment.MESSAGE_DELTA,
    severity=ERROR,
    source=TYPES,
    sdk=Reaction(stream="AttributeError"),
    example="message_delta has no delta object",
)
def message_delta_invalid(s: Scene) -> Judgement:
    """`message_delta` has a `delta` object."""
    return None if isinstance(s.payload.get("delta"), dict) else "message_delta has no delta object"


@rule(
    on=Moment.MESSAGE_DELTA,
    severity=INFO,
    source=DOC_STREAM,
    sdk=Reaction("keeps the last one"),
    limit=1,
    example="message_delta number 2",
)
def message_delta_multiple(s: Scene) -> Judgement:
    """There may be several `message_delta`s; the last counts."""
    return f"message_delta number {s.message.deltas + 1}" if s.message.deltas else None


@rule(
    on=Moment.MESSAGE_END,
    severity=ERROR,
    source=TYPES,
    sdk=PARTIAL,
    example="the message is finished with stop_reason null",
)
def stop_reason_null(s: Scene) -> Judgement:
    """A finished message has a `stop_reason`."""
    message = s.message
    if message.stop_reason is not None or not message.deltas:
        return None
    return "the message is finished with stop_reason null"


@rule(
    on=Moment.MESSAGE_DELTA,
    severity=ERROR,
    source=thread("anthropics/anthropic-sdk-typescript#1204"),
    sdk=Reaction("erases the stop_reason it had"),
    example='stop_reason is null after "end_turn" (ev 6 @718)',
)
def stop_reason_erased(s: Scene) -> Judgement:
    """A `stop_reason` that was said is not taken back."""
    message = s.message
    if message.stop_reason is None or message.prefilled or not isinstance(s.payload.get("delta"), dict):
        return None
    if _delta(s).get("stop_reason") is not None:
        return None
    return f"stop_reason is null after {quote(message.stop_reason)} ({message.reason_at})"


@rule(
    on=Moment.MESSAGE_DELTA,
    severity=WARNING,
    source=DOC_STOP,
    sdk=HANDLED,
    example='stop_reason "eos" is not a documented one',
)
def stop_reason_unknown(s: Scene) -> Judgement:
    """A `stop_reason` is one of those documented."""
    reason = _delta(s).get("stop_reason")
    if reason is None or (isinstance(reason, str) and reason in STOP_REASONS):
        return None
    return f"stop_reason {quote(str(reason))} is not a documented one"


@rule(
    on=Moment.MESSAGE_DELTA,
    severity=INFO,
    source=DOC_STOP + " " + thread("laravel/ai#881"),
    sdk=HANDLED,
    example="stop_reason max_tokens: the answer was cut off at max_tokens",
)
def stop_notable(s: Scene) -> Judgement:
    """A message that stops for these reasons is not simply done."""
    reason = _delta(s).get("stop_reason")
    note = UNFINISHED_STOPS.get(reason) if isinstance(reason, str) else None
    return f"stop_reason {reason}: {note}" if note else None


@rule(
    on=Moment.MESSAGE_END,
    severity=ERROR,
    source=DOC_STOP + " " + thread("Wei-Shaw/sub2api#3338"),
    sdk=HANDLED,
    example="stop_reason tool_use, but there is no tool_use block",
)
def stop_tool_use_without_tool(s: Scene) -> Judgement:
    """A message that stops for `tool_use` has a tool to use."""
    message = s.message
    if message.stop_reason != "tool_use" or any(block.type == "tool_use" for block in message.blocks):
        return None
    return "stop_reason tool_use, but there is no tool_use block"


@rule(
    on=Moment.MESSAGE_END,
    severity=(WARNING, ERROR),
    source=DOC_STOP + " " + thread("BerriAI/litellm#34692"),
    sdk=HANDLED,
    example="stop_reason end_turn, but block 0 (tool_use get_weather) waits to be run",
)
def stop_end_turn_with_tool(s: Scene) -> Judgement:
    """A message with a tool to use stops for `tool_use`."""
    message = s.message
    tool = next((block for block in message.blocks if block.type == "tool_use"), None)
    if message.stop_reason != "end_turn" or tool is None:
        return None
    return f"stop_reason end_turn, but {tool} waits to be run"


@rule(
    on=Moment.MESSAGE_DELTA,
    severity=WARNING,
    source=TYPES + " " + thread("vllm-project/vllm#45807"),
    sdk=HANDLED,
    example='stop_sequence "END" with stop_reason end_turn',
)
def stop_sequence_mismatch(s: Scene) -> Judgement:
    """`stop_sequence` is set when, and only when, the stop reason is `stop_sequence`."""
    reason, sequence = _delta(s).get("stop_reason"), _delta(s).get("stop_sequence")
    if reason is None or (reason == "stop_sequence") == (sequence is not None):
        return None
    told = "null" if sequence is None else quote(str(sequence))
    return f"stop_sequence {told} with stop_reason {reason}"


@rule(
    on=Moment.MESSAGE_DELTA,
    severity=INFO,
    source=thread("sgl-project/sglang#33153"),
    sdk=HANDLED,
    limit=1,
    example="message_delta.delta has no stop_sequence",
)
def stop_sequence_absent(s: Scene) -> Judgement:
    """A `message_delta` with a stop reason has a `stop_sequence`, null where there is none."""
    lacks = "stop_reason" in _delta(s) and "stop_sequence" not in _delta(s)
    return "message_delta.delta has no stop_sequence" if lacks else None
