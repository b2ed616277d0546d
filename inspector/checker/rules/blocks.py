"""Blocks: content blocks start, grow and stop one after another."""

from __future__ import annotations

from inspector.checker.citations import DOC_STREAM, TYPES, thread
from inspector.checker.context import Context
from inspector.checker.facts import listed
from inspector.checker.rule import ERROR, INFO, WARNING, Judgement, Moment, quote, rule, shown
from inspector.checker.shape_choices import NAME_MISSPELLED
from inspector.protocol import BLOCK_TYPES
from inspector.protocol.grammar import Misstep

__all__: list[str] = []


@rule(on=Misstep.INDEX_MISSING, severity=ERROR, source=DOC_STREAM, limit=1)
def index_missing(c: Context) -> Judgement:
    """Every event of a content block has an `index`, which counts from 0.

    Example: content_block_delta has no index
    """
    payload, kind = c.event.payload, c.event.kind
    if "index" not in payload:
        return f"{kind} has no index"
    return f"{kind} has {shown(payload['index'])} as its index, not a count from 0"


@rule(
    on=Misstep.INDEX_DUPLICATE,
    severity=ERROR,
    source=DOC_STREAM + " " + thread("QuantumNous/new-api#4321"),
)
def index_duplicate(c: Context) -> Judgement:
    """Every content block has an index of its own.

    Example: block 0 starts again, as tool_use; it was text at ev 2 @260
    """
    earlier = f"; it was {c.content.type} at {c.content.at}" if c.content else ""
    return f"block {c.event.payload['index']} starts again, as {c.event.content_block.get('type')}{earlier}"


@rule(
    on=Misstep.INDEX_GAP,
    severity=ERROR,
    source=DOC_STREAM + " " + thread("ollama/ollama#14816"),
)
def index_gap(c: Context) -> Judgement:
    """A content block's index is its place in the message: 0, 1, 2 and so on.

    Example: the block has index 1, expected 0
    """
    expected = len(c.message.blocks) - c.message.preset
    return f"the block has index {c.event.payload['index']}, expected {expected}"


@rule(
    on=Misstep.OVERLAP,
    severity=(WARNING, ERROR),
    source=DOC_STREAM + " " + thread("router-for-me/CLIProxyAPI#5581"),
)
def block_overlap(c: Context) -> Judgement:
    """Content blocks come one after another: one stops before the next starts.

    Example: block 1 starts while block 0 (text) is open
    """
    index = c.event.payload["index"]
    other = next((block for block in c.message.open.values() if block.index != index), None)
    return f"block {index} starts while {other} is open"


@rule(on=Misstep.UNCLOSED, severity=ERROR, source=DOC_STREAM)
def block_unclosed(c: Context) -> Judgement:
    """Every content block stops before the message does.

    Example: message_delta while still open: block 0 (text) since ev 2 @260
    """
    blocks = c.message.open.values()
    names = listed((block.progress_since for block in blocks), len(blocks), "; ")
    return f"{c.event.kind} while still open: {names}"


@rule(on=Misstep.STOP_UNSTARTED, severity=ERROR, source=DOC_STREAM)
def block_stop_unstarted(c: Context) -> Judgement:
    """Only a block that has started stops.

    Example: content_block_stop for block 1, which never started
    """
    return f"content_block_stop for block {c.event.payload['index']}, which never started"


@rule(
    on=Misstep.BLOCK_STOP_AGAIN,
    severity=ERROR,
    source=thread("BerriAI/litellm#37273", "maximhq/bifrost#2296"),
)
def block_stop_duplicate(c: Context) -> Judgement:
    """A content block stops once.

    Example: block 0 (tool_use get_weather) stops a second time; clients may run the tool twice
    """
    twice = "; clients may run the tool twice" if c.content and c.content.is_tool else ""
    return f"{c.content or c.event.payload['index']} stops a second time{twice}"


@rule(on=Moment.BLOCK_START, severity=ERROR, source=TYPES, faulty=True)
def block_invalid(c: Context) -> Judgement:
    """`content_block_start` holds a `content_block` with a `type`.

    Example: content_block is null
    """
    fault = next(iter(c.event.faults_for("block-invalid")), None)
    if fault is None:
        return None
    if fault.path != "content_block":
        return "content_block has no type"
    return f"content_block is {fault.actual or 'missing'}"


@rule(on=Moment.BLOCK_START, severity=INFO, source=DOC_STREAM)
def block_type_unknown(c: Context) -> Judgement:
    """Clients skip block types that they do not know.

    Example: unknown block type "sketch"
    """
    kind = c.content.type if c.content else None
    if kind is None or kind in BLOCK_TYPES or c.event.faults_for(NAME_MISSPELLED):
        return None
    return f"unknown block type {quote(kind)}"


@rule(on=Moment.BLOCK_END, severity=INFO, source=DOC_STREAM, blocks=("text", "thinking"))
def block_no_deltas(c: Context) -> Judgement:
    """A block of text or thinking grows by deltas.

    Example: block 0 (text) has no deltas
    """
    block = c.content
    if block is None or block.deltas or block.start_text or block.type not in ("text", "thinking"):
        return None
    return f"{block} has no deltas"


@rule(on=Moment.DELTA, severity=WARNING, source=DOC_STREAM)
def text_start_nonempty(c: Context) -> Judgement:
    """The first delta does not repeat the text of `content_block_start`.

    Example: the first delta repeats the start's text "Hello"; clients show it twice
    """
    block = c.content
    if block is None or block.deltas or not block.start_text:
        return None
    text = c.event.delta.get(block.text_field)
    if not isinstance(text, str) or not text.startswith(block.start_text):
        return None
    return f"the first delta repeats the start's text {quote(block.start_text)}; clients show it twice"
