"""Usage: the token counts, which are cumulative."""

from __future__ import annotations

from typing import Any

from inspector.checker.citations import DOC_STREAM, TYPES, thread
from inspector.checker.context import Scene
from inspector.checker.findings import Severity
from inspector.checker.reactions import HANDLED, Reaction
from inspector.checker.rule import Judgement, Moment, Note, rule

__all__: list[str] = []

ERROR, WARNING, INFO = Severity.ERROR, Severity.WARNING, Severity.INFO

_INPUT = ("input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens")
_CRASH = Reaction(stream="AttributeError", says="yields every event")


def _usage(s: Scene) -> dict[str, Any] | None:
    usage = s.payload.get("usage")
    return usage if isinstance(usage, dict) else None


def _nested(s: Scene) -> bool:
    delta = s.payload.get("delta")
    return isinstance(delta, dict) and "usage" in delta and _usage(s) is None


@rule(
    on=Moment.MESSAGE_DELTA,
    severity=ERROR,
    source=TYPES + " " + thread("earendil-works/pi#6567"),
    sdk=_CRASH,
    example="message_delta has no usage",
)
def usage_missing(s: Scene) -> Judgement:
    """`message_delta` has a `usage` with `output_tokens`."""
    usage = _usage(s)
    if _nested(s) or (usage is not None and usage.get("output_tokens").__class__ is int):
        return None
    if usage is None:
        return "message_delta has no usage"
    return Note("message_delta.usage has no output_tokens", sdk=HANDLED)


@rule(
    on=Moment.MESSAGE_DELTA,
    severity=ERROR,
    source=thread("openkursar/hello-halo#391"),
    sdk=_CRASH,
    example="usage is inside delta",
)
def usage_misplaced(s: Scene) -> Judgement:
    """`usage` stands beside `delta`, not in it."""
    return "usage is inside delta" if _nested(s) else None


@rule(
    on=Moment.MESSAGE_END,
    severity=WARNING,
    source=thread("sgl-project/sglang#20678"),
    sdk=HANDLED,
    example="input_tokens is 0 in message_start: context meters read 0",
)
def usage_input_zero(s: Scene) -> Judgement:
    """`message_start` says how many tokens went in."""
    usage = s.message.usage
    if s.message.prefilled or usage.get("input_tokens") != 0 or any(usage.get(name) for name in _INPUT):
        return None
    later = s.tally.get("input tokens")
    said = f"; message_delta says {later:,}" if later else ""
    return Note(f"input_tokens is 0 in message_start{said}: context meters read 0", at=s.message.at)


@rule(
    on=Moment.MESSAGE_DELTA,
    severity=ERROR,
    source=DOC_STREAM,
    sdk=Reaction("keeps the last count"),
    example="output_tokens 5 after 50 (ev 6 @718)",
)
def usage_output_decreasing(s: Scene) -> Judgement:
    """`output_tokens` is cumulative: it never falls from one `message_delta` to the next."""
    usage, before = _usage(s) or {}, s.message.output
    count = usage.get("output_tokens")
    if usage.get("input_tokens").__class__ is int:
        s.tally["input tokens"] = usage["input_tokens"]
    if before is None or count.__class__ is not int or s.message.fell_back or count >= before:
        return None
    return f"output_tokens {count} after {before} ({s.message.output_at})"


@rule(
    on=Moment.MESSAGE_END,
    severity=WARNING,
    source=thread("BerriAI/litellm#32475"),
    sdk=HANDLED,
    example="output_tokens is 0 for 11 characters",
)
def usage_output_zero(s: Scene) -> Judgement:
    """A message that says something has used output tokens."""
    message = s.message
    if message.output != 0 or not message.text_size or message.stop_reason == "refusal":
        return None
    return f"output_tokens is 0 for {message.text_size:,} characters"


@rule(
    on=(Moment.MESSAGE_START, Moment.MESSAGE_DELTA),
    severity=INFO,
    source=thread("karthink/gptel#1331"),
    sdk=HANDLED,
    limit=1,
    example="cache_read_input_tokens null in message_start",
)
def usage_null(s: Scene) -> Judgement:
    """A count that does not apply may be null."""
    usage = s.message.usage if s.kind == "message_start" else _usage(s) or {}
    null = [name for name in (*_INPUT, "server_tool_use") if name in usage and usage[name] is None]
    return f"{', '.join(null)} null in {s.kind}" if null else None


@rule(
    on=Moment.MESSAGE_DELTA,
    severity=INFO,
    source=thread("tensorzero/tensorzero#5481"),
    sdk=HANDLED,
    limit=1,
    example="input_tokens 10 → 4,727; cumulative: do not add them",
)
def usage_changed(s: Scene) -> Judgement:
    """Counts are cumulative: those of `message_delta` replace those of `message_start`."""
    usage, start = _usage(s) or {}, s.message.usage
    for name in _INPUT:
        was, now = start.get(name), usage.get(name)
        if was.__class__ is int and now.__class__ is int and was != now:
            return f"{name} {was:,} → {now:,}; cumulative: do not add them"
    return None
