"""Blocks: content blocks start, grow and stop one after another."""

from __future__ import annotations

from inspector.checker.citations import DOC_STREAM, TYPES, thread
from inspector.checker.context import Scene, quote
from inspector.checker.findings import Severity
from inspector.checker.reactions import HANDLED, INDEX_ERROR, Reaction
from inspector.checker.rule import Judgement, Moment, Note, rule
from inspector.protocol import BLOCK_TYPES
from inspector.protocol.grammar import Misstep

__all__: list[str] = []

ERROR, WARNING, INFO = Severity.ERROR, Severity.WARNING, Severity.INFO


@rule(
    on=Misstep.INDEX_MISSING,
    severity=ERROR,
    source=DOC_STREAM,
    sdk=Reaction(stream="TypeError"),
    example="content_block_delta has no index",
)
def index_missing(s: Scene) -> Judgement:
    """Every event of a content block has an integer `index`."""
    start = s.kind == "content_block_start"
    return Note(f"{s.kind} has {_index(s)}", sdk=HANDLED if start else None)


def _index(s: Scene) -> str:
    return f"the index {quote(str(s.payload['index']))}" if "index" in s.payload else "no index"


@rule(
    on=Misstep.INDEX_DUPLICATE,
    severity=ERROR,
    source=DOC_STREAM + " " + thread("QuantumNous/new-api#4321"),
    sdk=Reaction("adds the deltas to the first block with this index: a tool's input is lost"),
    example="block 0 is started again, as tool_use; it was text at ev 2 @260",
)
def index_duplicate(s: Scene) -> Judgement:
    """Every content block has an index of its own."""
    start, was = s.payload.get("content_block"), s.content
    kind = start.get("type") if isinstance(start, dict) else None
    before = f"; it was {was.type} at {was.at}" if was else ""
    return f"block {s.payload['index']} is started again, as {kind}{before}"


@rule(
    on=Misstep.INDEX_GAP,
    severity=ERROR,
    source=DOC_STREAM + " " + thread("ollama/ollama#14816"),
    sdk=INDEX_ERROR,
    example="the block has index 1, expected 0",
)
def index_gap(s: Scene) -> Judgement:
    """A content block's index is its place in the message: 0, 1, 2 and so on."""
    expected = sum(1 for block in s.message.blocks if block.index >= 0)
    return f"the block has index {s.payload['index']}, expected {expected}"


@rule(
    on=Misstep.OVERLAP,
    severity=(WARNING, ERROR),
    source=DOC_STREAM + " " + thread("router-for-me/CLIProxyAPI#5581"),
    sdk=HANDLED,
    example="block 1 starts while block 0 (text) is open",
)
def block_overlap(s: Scene) -> Judgement:
    """Content blocks come one after another: one stops before the next starts."""
    index = s.payload["index"]
    left = next((block for block in s.open if block.index != index), None)
    return f"block {index} starts while {left} is open" if left else None


@rule(
    on=Misstep.UNCLOSED,
    severity=ERROR,
    source=DOC_STREAM,
    sdk=HANDLED,
    example="message_delta while block 0 (text) (started ev 2 @260) is open",
)
def block_unclosed(s: Scene) -> Judgement:
    """Every content block has stopped before the message does."""
    return f"{s.kind} while {', '.join(f'{block.told} (started {block.at})' for block in s.open)} is open"


@rule(
    on=Misstep.STOP_UNSTARTED,
    severity=ERROR,
    source=DOC_STREAM,
    sdk=INDEX_ERROR,
    example="content_block_stop for block 1, which was never started",
)
def block_stop_unstarted(s: Scene) -> Judgement:
    """Only a block that was started stops."""
    return f"content_block_stop for block {s.payload['index']}, which was never started"


@rule(
    on=Misstep.BLOCK_STOP_AGAIN,
    severity=ERROR,
    source=thread("BerriAI/litellm#37273", "maximhq/bifrost#2296"),
    sdk=Reaction("tells the caller of the block twice"),
    example="block 0 (tool_use get_weather) stops a second time; clients may run the tool twice",
)
def block_stop_duplicate(s: Scene) -> Judgement:
    """A content block stops once."""
    again = "; clients may run the tool twice" if s.content and s.content.keeps else ""
    return f"{s.content or s.payload['index']} stops a second time{again}"


@rule(
    on=Moment.BLOCK_START,
    severity=ERROR,
    source=TYPES,
    sdk=Reaction(stream="AttributeError"),
    example="content_block is null",
)
def block_invalid(s: Scene) -> Judgement:
    """`content_block_start` holds a `content_block` with a `type`."""
    start = s.payload.get("content_block")
    if isinstance(start, dict):
        return None if isinstance(start.get("type"), str) else Note("content_block has no type", sdk=HANDLED)
    return "content_block is " + ("null" if "content_block" in s.payload else "missing")


@rule(
    on=Moment.BLOCK_START,
    severity=INFO,
    source=DOC_STREAM,
    sdk=HANDLED,
    example='unknown block type "sketch"',
)
def block_type_unknown(s: Scene) -> Judgement:
    """Clients pass over block types that they do not know."""
    kind = s.content.type if s.content else None
    return f"unknown block type {quote(kind)}" if kind is not None and kind not in BLOCK_TYPES else None


@rule(
    on=Moment.BLOCK_END, severity=INFO, source=DOC_STREAM, sdk=HANDLED, example="block 0 (text) has no deltas"
)
def block_no_deltas(s: Scene) -> Judgement:
    """A block of text or thinking grows by deltas."""
    block = s.content
    if block is None or block.deltas or block.start_text or block.type not in ("text", "thinking"):
        return None
    return f"{block} has no deltas"


@rule(
    on=Moment.DELTA,
    severity=WARNING,
    source=DOC_STREAM,
    sdk=Reaction("doubles the text"),
    example='the first delta repeats the start\'s text "Hello"; clients show it twice',
)
def text_start_nonempty(s: Scene) -> Judgement:
    """What `content_block_start` says already is not said again by the first delta."""
    block = s.content
    if block is None or block.deltas or not block.start_text:
        return None
    text = s.delta.get(block.carries)
    if not isinstance(text, str) or not text.startswith(block.start_text):
        return None
    return f"the first delta repeats the start's text {quote(block.start_text)}; clients show it twice"
