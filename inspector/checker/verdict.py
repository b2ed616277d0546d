"""The verdict: what became of the response, in one line."""

from __future__ import annotations

from inspector.checker.context import BlockFacts, Scene
from inspector.checker.findings import Verdict

__all__ = ["verdict"]


def verdict(s: Scene) -> tuple[Verdict, str]:
    """Say what became of the response, and the line that says it."""
    cause, message = s.cause, s.message
    events = f"{s.number} event{'' if s.number == 1 else 's'}"
    if cause == "unanswered":
        return Verdict.FAILED, "no response"
    if cause == "status" and s.response is not None:
        return Verdict.FAILED, f"HTTP {s.response.status}"
    if cause == "body" or (s.number and not s.known):
        return Verdict.NOT_A_STREAM, "no Messages events" if s.number else "no event stream"
    if cause == "error":
        return Verdict.FAILED, f"an error at {s.error_at} after {_came(message.blocks)}"
    stopped = s.stop_at or s.tally.get("tail read") == "message_stop"
    if stopped and (message.started or message.doubtful):
        reason = message.stop_reason or "no stop reason"
        return Verdict.COMPLETE, f"{reason}, {events}, {_came(message.blocks)}"
    seen = f", {message.stop_reason}" if message.stop_reason else ""
    return Verdict.PARTIAL, f"no message_stop{seen}, {events}, {_came(message.blocks)}"


def _came(blocks: list[BlockFacts]) -> str:
    if not blocks:
        return "no content"
    kinds: dict[str, int] = {}
    for block in blocks:
        kinds[block.type or "unknown"] = kinds.get(block.type or "unknown", 0) + 1
    return " + ".join(f"{count} {kind}" if count > 1 else kind for kind, count in kinds.items())
