"""Thinking: blocks that must come back signed in the next request."""

from __future__ import annotations

from inspector.checker.citations import DOC_THINK, TYPES, thread
from inspector.checker.context import Scene
from inspector.checker.findings import Severity
from inspector.checker.reactions import HANDLED, Reaction
from inspector.checker.rule import Judgement, Moment, Note, rule
from inspector.protocol import UNFINISHED_STOPS

__all__: list[str] = []

ERROR, WARNING, INFO = Severity.ERROR, Severity.WARNING, Severity.INFO


@rule(
    on=Moment.MESSAGE_END,
    severity=(ERROR, WARNING),
    source=DOC_THINK + " " + thread("InternLM/lmdeploy#4851", "maximhq/bifrost#5638"),
    sdk=HANDLED,
    example=("block 0 (thinking) stops without a signature; the API refuses it in the next request (400)"),
)
def thinking_unsigned(s: Scene) -> Judgement:
    """A thinking block has a signature."""
    # Thinking that was broken off may well have none.
    severity = WARNING if s.message.stop_reason in UNFINISHED_STOPS else None
    return [
        Note(
            f"{block} stops without a signature; the API refuses it in the next request (400)",
            severity,
            at=block.stopped,
            block=block,
        )
        for block in s.message.blocks
        if block.type == "thinking" and block.stopped and not (block.signed or block.doubtful)
    ]


@rule(
    on=Moment.DELTA,
    severity=ERROR,
    source=DOC_THINK,
    sdk=HANDLED,
    example="thinking_delta after the signature of block 0 (thinking)",
)
def signature_not_last(s: Scene) -> Judgement:
    """A signature comes after all of the thinking that it signs."""
    block = s.content
    if block is None or not block.signatures or s.delta.get("type") != "thinking_delta":
        return None
    return f"thinking_delta after the signature of {block}" if s.delta.get("thinking") else None


@rule(
    on=Moment.DELTA,
    severity=WARNING,
    source=DOC_THINK,
    sdk=Reaction("keeps the last one"),
    example="signature_delta number 2 in block 0 (thinking)",
)
def signature_multiple(s: Scene) -> Judgement:
    """A thinking block has one signature."""
    block = s.content
    again = block is not None and block.signatures and s.delta.get("type") == "signature_delta"
    return f"signature_delta number {block.signatures + 1} in {block}" if block and again else None


@rule(
    on=Moment.BLOCK_START,
    severity=INFO,
    source=thread("anthropics/anthropic-sdk-csharp#181"),
    sdk=HANDLED,
    example="thinking starts without a signature field; some typed clients throw",
)
def thinking_start_no_signature(s: Scene) -> Judgement:
    """The start of a thinking block has a `signature` field, empty at first."""
    start = s.payload.get("content_block")
    if not isinstance(start, dict) or start.get("type") != "thinking" or "signature" in start:
        return None
    return "thinking starts without a signature field; some typed clients throw"


@rule(
    on=Moment.BLOCK_END,
    severity=INFO,
    source=DOC_THINK,
    sdk=HANDLED,
    example="block 0 (thinking) has a signature and no text: thinking is omitted",
)
def thinking_omitted(s: Scene) -> Judgement:
    """Thinking may be left out (`display: "omitted"`): a signature is all there is."""
    block = s.content
    if block is None or block.type != "thinking" or block.size or block.start_text or not block.signed:
        return None
    return f"{block} has a signature and no text: thinking is omitted"


@rule(
    on=Moment.BLOCK_START, severity=ERROR, source=TYPES, sdk=HANDLED, example="redacted_thinking has no data"
)
def redacted_data_missing(s: Scene) -> Judgement:
    """A `redacted_thinking` block has its `data`."""
    start = s.payload.get("content_block")
    if not isinstance(start, dict) or start.get("type") != "redacted_thinking" or start.get("data"):
        return None
    return "redacted_thinking has no data"
