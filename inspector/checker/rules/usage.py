"""Usage: the token counts, which are cumulative."""

from __future__ import annotations

from inspector._json import as_object
from inspector.checker.citations import DOC_STREAM, TYPES, thread
from inspector.checker.context import Context
from inspector.checker.rule import ERROR, INFO, WARNING, Judgement, Moment, Note, rule
from inspector.recording import Absent

__all__: list[str] = []

_INPUT = ("input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens")


def _has_usage(c: Context) -> bool:
    return isinstance(c.event.payload.get("usage"), dict)


def _is_misplaced(c: Context) -> bool:
    return "usage" in c.event.delta and not _has_usage(c)


@rule(
    on=Moment.MESSAGE_DELTA,
    severity=ERROR,
    source=TYPES + " " + thread("earendil-works/pi#6567"),
    faulty=True,
)
def usage_missing(c: Context) -> Judgement:
    """`message_delta` has a `usage` with `output_tokens`.

    Example: message_delta has no usage
    """
    fault = next(iter(c.event.faults_for("usage-missing")), None)
    if fault is None or _is_misplaced(c):
        return None
    if fault.path == "usage":
        return "message_delta has no usage"
    has = "no output_tokens" if fault.actual in (None, "null") else f"output_tokens that is {fault.actual}"
    return f"message_delta.usage has {has}"


@rule(on=Moment.MESSAGE_DELTA, severity=ERROR, source=thread("openkursar/hello-halo#391"))
def usage_misplaced(c: Context) -> Judgement:
    """`usage` is beside `delta`, not in it.

    Example: usage is inside delta
    """
    return "usage is inside delta" if _is_misplaced(c) else None


@rule(
    on=Moment.MESSAGE_END,
    severity=WARNING,
    source=thread("sgl-project/sglang#20678"),
    needs=Absent.USAGE,
)
def usage_input_zero(c: Context) -> Judgement:
    """`message_start` says how many tokens went in.

    Example: input_tokens is 0 in message_start: context meters read 0
    """
    message, usage = c.message, c.message.usage
    if message.prefilled or usage.get("input_tokens") != 0 or any(usage.get(name) for name in _INPUT):
        return None
    later = f"; message_delta says {message.later_input:,}" if message.later_input else ""
    return Note(f"input_tokens is 0 in message_start{later}: context meters read 0", at=message.at)


@rule(on=Moment.MESSAGE_DELTA, severity=ERROR, source=DOC_STREAM)
def usage_output_decreasing(c: Context) -> Judgement:
    """`output_tokens` is cumulative: it never falls, not even below the count of `message_start`.

    Example: output_tokens 5 after 50 (ev 6 @718)
    """
    message, count = c.message, c.event.usage.get("output_tokens")
    if count.__class__ is not int or count < 0:
        return None  # usage-missing reports it
    before, at, severity = message.output, message.output_at, ERROR
    if before is None:  # message_start has an estimate, which a refusal takes back
        before, at, severity = message.usage.get("output_tokens"), message.at, WARNING
        if not count or c.event.delta.get("stop_reason") == "refusal":
            return None  # usage-output-zero and message-empty report 0
    if before.__class__ is not int or message.fell_back or count >= before:
        return None
    return Note(f"output_tokens {count} after {before} ({at})", severity)


@rule(on=(Moment.MESSAGE_START, Moment.MESSAGE_DELTA), severity=WARNING, source=TYPES)
def usage_thinking_exceeds(c: Context) -> Judgement:
    """`thinking_tokens` are a part of `output_tokens`.

    Example: thinking_tokens 40 of output_tokens 12
    """
    usage = c.message.usage if c.event.kind == "message_start" else c.event.usage
    thinking = as_object(usage.get("output_tokens_details")).get("thinking_tokens")
    output = usage.get("output_tokens")
    if thinking.__class__ is not int or output.__class__ is not int or thinking <= output:
        return None
    return f"thinking_tokens {thinking} of output_tokens {output}"


@rule(on=(Moment.MESSAGE_START, Moment.MESSAGE_DELTA), severity=WARNING, source=TYPES)
def usage_cache_split(c: Context) -> Judgement:
    """The parts of `cache_creation` add up to the tokens that were written to the cache.

    Example: cache_creation_input_tokens 100, but cache_creation splits 30 (10 + 20)
    """
    usage = c.message.usage if c.event.kind == "message_start" else c.event.usage
    total, split = usage.get("cache_creation_input_tokens"), as_object(usage.get("cache_creation"))
    short, long = split.get("ephemeral_5m_input_tokens"), split.get("ephemeral_1h_input_tokens")
    if not total.__class__ is short.__class__ is long.__class__ is int or short + long == total:
        return None
    return f"cache_creation_input_tokens {total}, but cache_creation splits {short + long} ({short} + {long})"


@rule(
    on=Moment.MESSAGE_END,
    severity=WARNING,
    source=thread("BerriAI/litellm#32475"),
    needs=Absent.USAGE,
)
def usage_output_zero(c: Context) -> Judgement:
    """A message with content has used output tokens.

    Example: output_tokens is 0 for 11 characters
    """
    message = c.message
    if message.output != 0 or not message.text_size or message.stop_reason == "refusal":
        return None
    return f"output_tokens is 0 for {message.text_size:,} characters"


@rule(
    on=(Moment.MESSAGE_START, Moment.MESSAGE_DELTA),
    severity=INFO,
    source=thread("karthink/gptel#1331"),
    limit=1,
)
def usage_null(c: Context) -> Judgement:
    """A count that does not apply may be null.

    Example: cache_read_input_tokens null in message_start
    """
    usage = c.message.usage if c.event.kind == "message_start" else c.event.usage
    null = [name for name in (*_INPUT, "server_tool_use") if name in usage and usage[name] is None]
    return f"{', '.join(null)} null in {c.event.kind}" if null else None


@rule(
    on=Moment.MESSAGE_DELTA,
    severity=INFO,
    source=thread("tensorzero/tensorzero#5481"),
    limit=1,
)
def usage_changed(c: Context) -> Judgement:
    """Counts are cumulative: those of `message_delta` replace those of `message_start`.

    Example: input_tokens 10 → 4,727; cumulative: do not add them
    """
    for name in _INPUT:
        before, after = c.message.usage.get(name), c.event.usage.get(name)
        if before.__class__ is int and after.__class__ is int and before != after:
            return f"{name} {before:,} → {after:,}; cumulative: do not add them"
    return None
