"""The verdict: how the response turned out, and half a line that explains it."""

from __future__ import annotations

from collections import Counter
from typing import Any

from inspector._json import as_object, as_text
from inspector.checker.context import Cause, Context
from inspector.checker.findings import Verdict
from inspector.protocol.event_payloads import is_error
from inspector.recording import Absent

__all__ = ["verdict_of"]


def verdict_of(c: Context) -> tuple[Verdict, str]:
    """Return the verdict on a response that has come to its end, and what explains it."""
    cause, stream, message = c.cause, c.stream, c.message
    events = f"{stream.events} event{'' if stream.events == 1 else 's'}"
    if Absent.EVENTS in c.head.absent:
        events = "events unknown"
    content = _count([block.type for block in message.blocks])
    if cause is Cause.UNANSWERED:
        return Verdict.FAILED, "no response"
    if cause is Cause.STATUS and c.response is not None:
        return Verdict.FAILED, f"HTTP {c.response.status}"
    if cause is Cause.BODY and (message_body := c.whole_message):
        blocks = message_body.get("content")
        types = [as_object(each).get("type") for each in (blocks if isinstance(blocks, list) else ())]
        reason = as_text(message_body.get("stop_reason") or "no stop reason")
        return Verdict.COMPLETE, f"{reason}, no stream, {_count(types)}"
    if cause is Cause.BODY and Absent.STATUS in c.head.absent and is_error(c.plain_object):
        return Verdict.FAILED, "an error, no event stream"
    if cause is Cause.BODY or c.nothing_known:
        return Verdict.NOT_A_STREAM, "no Messages events" if stream.events else "no event stream"
    if cause is Cause.ERROR:
        return Verdict.FAILED, f"an error at {stream.error_at} after {content}"
    stopped = stream.stop_at or (stream.tail and stream.tail.kind == "message_stop")
    if stopped and (message.started or message.doubtful):
        return Verdict.COMPLETE, f"{message.stop_reason or 'no stop reason'}, {events}, {content}"
    reason = f", {message.stop_reason}" if message.stop_reason else ""
    return Verdict.PARTIAL, f"no message_stop{reason}, {events}, {content}"


def _count(types: list[Any]) -> str:
    counts = Counter(each if each and isinstance(each, str) else "unknown" for each in types)
    return " + ".join(f"{n} {kind}" if n > 1 else kind for kind, n in counts.items()) or "no content"
