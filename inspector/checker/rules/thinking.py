"""Thinking: blocks that the next request must send back, with their signatures."""

from __future__ import annotations

from inspector.checker.citations import DOC_THINK, TYPES, thread
from inspector.checker.context import Context
from inspector.checker.rule import ERROR, INFO, WARNING, Judgement, Moment, Note, rule
from inspector.protocol import UNFINISHED_STOPS
from inspector.recording import Absent

__all__: list[str] = []


@rule(
    on=Moment.MESSAGE_END,
    severity=(ERROR, WARNING),
    source=DOC_THINK + " " + thread("InternLM/lmdeploy#4851", "maximhq/bifrost#5638"),
    needs=Absent.EVENTS,
)
def thinking_unsigned(c: Context) -> Judgement:
    """A thinking block has a signature.

    Example: block 0 (thinking) stops without a signature; the API refuses it in the next request (400)
    """
    # Thinking that was cut off may have none.
    severity = WARNING if c.message.stop_reason in UNFINISHED_STOPS else None
    message = "stops without a signature; the API refuses it in the next request (400)"
    return [
        Note(f"{block} {message}", severity, at=block.stopped, block=block)
        for block in c.message.blocks
        if block.type == "thinking" and block.stopped and not (block.signed or block.doubtful)
    ]


@rule(on=Moment.DELTA, severity=ERROR, source=DOC_THINK)
def signature_not_last(c: Context) -> Judgement:
    """A signature comes after all of the thinking that it signs.

    Example: thinking_delta after the signature of block 0 (thinking)
    """
    block, delta = c.content, c.event.delta
    if block is None or not block.signatures or delta.get("type") != "thinking_delta":
        return None
    return f"thinking_delta after the signature of {block}" if delta.get("thinking") else None


@rule(on=Moment.DELTA, severity=WARNING, source=DOC_THINK)
def signature_multiple(c: Context) -> Judgement:
    """A thinking block has one signature.

    Example: signature_delta number 2 in block 0 (thinking)
    """
    block = c.content
    if block is None or not block.signatures or c.event.delta.get("type") != "signature_delta":
        return None
    return f"signature_delta number {block.signatures + 1} in {block}"


@rule(on=Moment.BLOCK_START, severity=INFO, source=thread("anthropics/anthropic-sdk-csharp#181"), faulty=True)
def thinking_start_no_signature(c: Context) -> Judgement:
    """The start of a thinking block has a `signature` field, empty at first.

    Example: thinking starts without a signature field; some typed clients throw
    """
    if not c.event.faults_for("thinking-start-no-signature"):
        return None
    return "thinking starts without a signature field; some typed clients throw"


@rule(on=Moment.BLOCK_END, severity=INFO, source=DOC_THINK, blocks=("thinking",))
def thinking_omitted(c: Context) -> Judgement:
    """Thinking may be left out (`display: "omitted"`): the block has only a signature then.

    Example: block 0 (thinking) has a signature and no text: thinking is omitted
    """
    block = c.content
    if block is None or block.type != "thinking" or block.size or block.start_text or not block.signed:
        return None
    return f"{block} has a signature and no text: thinking is omitted"


@rule(on=Moment.BLOCK_START, severity=ERROR, source=TYPES, blocks=("redacted_thinking",))
def redacted_data_missing(c: Context) -> Judgement:
    """A `redacted_thinking` block has its `data`.

    Example: redacted_thinking has no data
    """
    start = c.event.content_block
    missing = start.get("type") == "redacted_thinking" and not start.get("data")
    return "redacted_thinking has no data" if missing else None
