"""Deltas: each goes to an open block of the right type, and has what its type says."""

from __future__ import annotations

from inspector.checker.citations import DOC_STREAM, TYPES, thread
from inspector.checker.context import Context
from inspector.checker.rule import ERROR, INFO, WARNING, Judgement, Moment, Note, quote, rule
from inspector.checker.shape_choices import NAME_MISSPELLED
from inspector.protocol import BLOCK_DELTAS, BLOCK_TYPES, DELTA_TEXT
from inspector.protocol.grammar import Misstep

__all__: list[str] = []

_KNOWN = frozenset(DELTA_TEXT) | {"citations_delta"}
_LONG = 20  # characters: shorter texts repeat by chance


def _kind(c: Context) -> str | None:
    """Return the delta's type, if it has one."""
    kind = c.event.delta.get("type")
    return kind if isinstance(kind, str) else None


@rule(
    on=Misstep.DELTA_UNSTARTED,
    severity=ERROR,
    source=thread("ollama/ollama#14816", "anthropics/anthropic-sdk-python#1273"),
)
def delta_unstarted(c: Context) -> Judgement:
    """A delta goes to a block that has started.

    Example: text_delta for block 1, which never started
    """
    return f"{c.event.delta.get('type')} for block {c.event.payload['index']}, which never started"


@rule(on=Misstep.DELTA_AFTER_STOP, severity=ERROR, source=DOC_STREAM)
def delta_after_stop(c: Context) -> Judgement:
    """A block that has stopped gets no more deltas.

    Example: text_delta for block 0 (text) after its stop
    """
    return f"{c.event.delta.get('type')} for {c.content or 'a block'} after its stop"


@rule(
    on=Moment.DELTA,
    severity=ERROR,
    source=DOC_STREAM + " " + thread("sgl-project/sglang#24293", "BerriAI/litellm#33224"),
)
def delta_type_mismatch(c: Context) -> Judgement:
    r"""The type of a delta fits the type of its block.

    Example: text_delta "\n" goes to block 0 (tool_use get_weather) (started ev 2 @260)
    """
    kind, block = _kind(c), c.content
    if block is None or kind not in _KNOWN or block.type not in BLOCK_TYPES:
        return None
    allowed = BLOCK_DELTAS.get(block.type or "")
    if allowed is not None and kind in allowed:
        return None
    text = c.event.delta.get(DELTA_TEXT.get(str(kind), ""))
    shown = f" {quote(text)}" if isinstance(text, str) else ""
    return Note(f"{kind}{shown} goes to {block} (started {block.at})", None if allowed else WARNING)


@rule(
    on=Moment.DELTA,
    severity=INFO,
    source=DOC_STREAM,
    limit=1,
)
def delta_type_unknown(c: Context) -> Judgement:
    """Clients skip delta types that they do not know.

    Example: unknown delta type "future_delta"
    """
    kind = _kind(c)
    if kind is None or kind in _KNOWN or c.event.faults_for(NAME_MISSPELLED):
        return None
    return f"unknown delta type {quote(kind)}"


@rule(
    on=Moment.DELTA,
    severity=ERROR,
    source=TYPES + " " + thread("nielspeter/claude-code-proxy#17"),
    faulty=True,
)
def delta_field_missing(c: Context) -> Judgement:
    """A delta has a type, and its text in the field that belongs to this type.

    Example: thinking_delta has "text", not "thinking"
    """
    fault = next(iter(c.event.faults_for("delta-field-missing")), None)
    if fault is None:
        return None
    if fault.path == "delta":
        return "content_block_delta has no delta object"
    if fault.path == "delta.type":
        return "content_block_delta's delta has no type"
    kind, name = _kind(c), fault.path.removeprefix("delta.")
    other = next((key for key in c.event.delta if key != "type"), None)
    instead = f'"{other}", not "{name}"' if other and fault.actual is None else f'no text in "{name}"'
    return f"{kind} has {instead}"


@rule(on=Moment.DELTA, severity=INFO, source=thread("BerriAI/litellm#33315"), limit=1)
def delta_empty(c: Context) -> Judgement:
    """A delta has content, except for the first one of a tool's JSON.

    Example: an empty text_delta
    """
    block, kind = c.content, _kind(c)
    if block is None or c.event.delta.get(DELTA_TEXT.get(kind or "", "")) != "":
        return None
    if kind == "text_delta" or (kind == "input_json_delta" and block.deltas):
        return f"an empty {kind}"
    return None


@rule(on=Moment.SNAPSHOT, severity=WARNING, source=thread("MiniMax-AI-Dev/parsar#308"))
def delta_snapshot(c: Context) -> Judgement:
    """A delta has the new text only, not all of the text so far.

    Example: the deltas of block 0 repeat all of the text so far: "A sentence of more than twenty
    characte…"
    """
    block = c.content
    if block is None:
        return None
    return (
        f"the deltas of block {block.index} repeat all of the text so far: {quote(block.accumulated or '')}"
    )


@rule(on=Moment.DELTA, severity=WARNING, source=TYPES)
def delta_duplicate_frame(c: Context) -> Judgement:
    """No long delta is sent twice in a row.

    Example: identical to the delta before it: "A sentence of more than twenty characte…"
    """
    block, data = c.content, c.event.data
    if block is None or not data or data != block.last_delta:
        return None
    text = c.event.delta.get(block.text_field)
    if _kind(c) in ("citations_delta", "compaction_delta"):
        return f"identical to the {_kind(c)} before it"
    if not isinstance(text, str) or len(text) < _LONG:
        return None
    return f"identical to the delta before it: {quote(text)}"
