"""The verdict: how the response turned out, and half a line that explains it."""

from __future__ import annotations

from collections import Counter

from inspector.checker.context import Cause, Context
from inspector.checker.facts import BlockFacts
from inspector.checker.findings import Verdict

__all__ = ["verdict_of"]


def verdict_of(c: Context) -> tuple[Verdict, str]:
    """Return the verdict on a response that has come to its end, and what explains it."""
    cause, stream, message = c.cause, c.stream, c.message
    events = f"{stream.events} event{'' if stream.events == 1 else 's'}"
    content = _count_types(message.blocks)
    if cause is Cause.UNANSWERED:
        return Verdict.FAILED, "no response"
    if cause is Cause.STATUS and c.response is not None:
        return Verdict.FAILED, f"HTTP {c.response.status}"
    if cause is Cause.BODY or c.nothing_known:
        return Verdict.NOT_A_STREAM, "no Messages events" if stream.events else "no event stream"
    if cause is Cause.ERROR:
        return Verdict.FAILED, f"an error at {stream.error_at} after {content}"
    stopped = stream.stop_at or (stream.tail and stream.tail.kind == "message_stop")
    if stopped and (message.started or message.doubtful):
        return Verdict.COMPLETE, f"{message.stop_reason or 'no stop reason'}, {events}, {content}"
    reason = f", {message.stop_reason}" if message.stop_reason else ""
    return Verdict.PARTIAL, f"no message_stop{reason}, {events}, {content}"


def _count_types(blocks: list[BlockFacts]) -> str:
    counts = Counter(block.type or "unknown" for block in blocks)
    return " + ".join(f"{n} {kind}" if n > 1 else kind for kind, n in counts.items()) or "no content"
