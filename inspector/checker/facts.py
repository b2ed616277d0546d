"""Gathering the facts: what each event adds to what is known of its block and its message."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from inspector.checker.context import BlockFacts, MessageFacts, Scene
from inspector.checker.findings import Profile
from inspector.checker.payloads import tool_json
from inspector.protocol import TOOL_BLOCKS
from inspector.recording import Head

__all__ = [
    "BlockFacts",
    "MessageFacts",
    "add_delta",
    "add_message_delta",
    "add_ping",
    "block_facts",
    "count_tool",
    "is_error",
    "message_facts",
    "profile_of",
    "stop_block",
]

_QUICK = {
    "text": ("text_delta", "text"),
    "thinking": ("thinking_delta", "thinking"),
    **dict.fromkeys(TOOL_BLOCKS, ("input_json_delta", "partial_json")),
}


def profile_of(head: Head) -> Profile:
    """Choose the profile by the recorded host: Anthropic's own, or anything else."""
    try:
        host = urlsplit(head.request.url).hostname or ""
    except ValueError:
        host = ""
    ours = host == "anthropic.com" or host.endswith(".anthropic.com")
    return Profile.ANTHROPIC if ours else Profile.COMPAT


def is_error(payload: dict[str, Any]) -> bool:
    """Say whether a payload is an error, in Anthropic's form or one of those that servers invent."""
    kind = payload.get("type")
    if kind == "error" or payload.get("object") == "error":
        return True
    if isinstance(kind, str):
        return False
    return payload.get("error") is not None or set(payload) == {"detail"}


def message_facts(s: Scene) -> MessageFacts:
    """Read a `message_start`."""
    message = s.payload.get("message")
    message = message if isinstance(message, dict) else {}
    usage, content, reason = message.get("usage"), message.get("content"), message.get("stop_reason")
    made = MessageFacts(
        at=s.place,
        started=True,
        id=message["id"] if isinstance(message.get("id"), str) else "",
        usage=usage if isinstance(usage, dict) else {},
        prefilled=bool(content) and isinstance(content, list) and isinstance(reason, str),
        start_reason=reason if isinstance(reason, str) else None,
    )
    for block in content if isinstance(content, list) else ():
        kind = block.get("type") if isinstance(block, dict) else None
        made.blocks.append(BlockFacts(-1, kind if isinstance(kind, str) else None, s.place))
    if made.prefilled:
        made.stop_reason, made.reason_at = made.start_reason, s.place
    return made


def block_facts(s: Scene) -> BlockFacts:
    """Read a `content_block_start`."""
    start = s.payload.get("content_block")
    start = start if isinstance(start, dict) else {}
    kind, name = start.get("type"), start.get("name")
    kind = kind if isinstance(kind, str) else None
    quick, carries = _QUICK.get(kind or "", (None, ""))
    text = start.get("text") if kind == "text" else start.get("thinking") if kind == "thinking" else ""
    return BlockFacts(
        index=s.payload["index"],
        type=kind,
        at=s.place,
        id=start["id"] if isinstance(start.get("id"), str) else "",
        name=name if isinstance(name, str) else "",
        quick=quick,
        carries=carries,
        keeps=kind in TOOL_BLOCKS,
        prefilled=kind in TOOL_BLOCKS and bool(start.get("input")),
        start_text=text if isinstance(text, str) else "",
        signed=bool(start.get("signature")),
        doubtful=s.walker.doubtful,
    )


def count_tool(s: Scene, block: BlockFacts) -> None:
    """Remember a tool's id and whose result a block is."""
    if block.type in TOOL_BLOCKS and block.id:
        s.message.tool_ids.setdefault(block.id, block.index)
    start = s.payload.get("content_block")
    answered = start.get("tool_use_id") if isinstance(start, dict) else None
    if isinstance(answered, str):
        s.message.results.add(answered)
    s.message.fell_back = s.message.fell_back or block.type == "fallback"


def add_delta(s: Scene, block: BlockFacts) -> None:
    """Count a delta in, after the rules have seen it."""
    block.deltas += 1
    block.last = s.block.data or b""
    kind = s.delta.get("type")
    if kind == "signature_delta":
        block.signatures += 1
        block.signed = block.signed or bool(s.delta.get("signature"))
        block.quick = None
    if kind is None or kind != _QUICK.get(block.type or "", ("", ""))[0]:
        return
    text = s.delta.get(block.carries)
    if isinstance(text, str):
        block.size += len(text)
        if block.keeps:
            block.pieces.append(text)
        else:
            _grow(block, text)


def _grow(block: BlockFacts, text: str) -> None:
    """Follow whether every delta so far began with all that came before it."""
    whole = block.cumulative
    if whole is None or not text:
        return
    if text.startswith(whole) and len(text) > len(whole):
        block.cumulative, block.streak = text, block.streak + 1
    else:
        block.cumulative, block.streak = None, 0


def stop_block(s: Scene, block: BlockFacts) -> None:
    """Judge a tool's JSON, and let go of its text."""
    block.stopped = s.place
    if block.keeps and not block.doubtful:
        block.json = tool_json(block.pieces)
    block.pieces.clear()


def add_message_delta(s: Scene) -> None:
    """Count a `message_delta` in, after the rules have seen it."""
    message, delta, usage = s.message, s.payload.get("delta"), s.payload.get("usage")
    message.deltas += 1
    if isinstance(delta, dict):
        reason = delta.get("stop_reason")
        if isinstance(reason, str):
            message.stop_reason, message.reason_at = reason, s.place
    if isinstance(usage, dict) and usage.get("output_tokens").__class__ is int:
        message.output, message.output_at = usage["output_tokens"], s.place


def add_ping(s: Scene) -> None:
    """Keep the shortest and the longest pause between pings."""
    last = s.tally.get("ping")
    s.tally["ping"] = s.t
    if last is not None:
        pause = s.t - last
        s.ping_gaps = [min([pause, *s.ping_gaps]), max([pause, *s.ping_gaps])]
