"""Deltas: each goes to an open block of the right type, and carries what its type says."""

from __future__ import annotations

from inspector.checker.citations import DOC_STREAM, TYPES, thread
from inspector.checker.context import Scene, quote
from inspector.checker.findings import Severity
from inspector.checker.reactions import HANDLED, INDEX_ERROR, Reaction
from inspector.checker.rule import Judgement, Moment, Note, rule
from inspector.protocol import BLOCK_DELTAS, BLOCK_TYPES, DELTA_TEXT
from inspector.protocol.grammar import Misstep

__all__: list[str] = []

ERROR, WARNING, INFO = Severity.ERROR, Severity.WARNING, Severity.INFO

_KNOWN = frozenset(DELTA_TEXT) | {"citations_delta"}
_TEXTS = ("text", "thinking", "partial_json", "signature")
_LONG = 20


def _kind(s: Scene) -> str | None:
    """The delta's type, where it says one."""
    kind = s.delta.get("type")
    return kind if isinstance(kind, str) else None


@rule(
    on=Misstep.DELTA_UNSTARTED,
    severity=ERROR,
    source=thread("ollama/ollama#14816", "anthropics/anthropic-sdk-python#1273"),
    sdk=INDEX_ERROR,
    example="text_delta for block 1, which was never started",
)
def delta_unstarted(s: Scene) -> Judgement:
    """A delta goes to a block that was started."""
    return f"{s.delta.get('type')} for block {s.payload['index']}, which was never started"


@rule(
    on=Misstep.DELTA_AFTER_STOP,
    severity=ERROR,
    source=DOC_STREAM,
    sdk=Reaction("adds it to the block"),
    example="text_delta for block 0 (text) after its stop",
)
def delta_after_stop(s: Scene) -> Judgement:
    """A block that has stopped gets no more deltas."""
    return f"{s.delta.get('type')} for {s.content or 'a block'} after its stop"


@rule(
    on=Moment.DELTA,
    severity=ERROR,
    source=DOC_STREAM + " " + thread("sgl-project/sglang#24293", "BerriAI/litellm#33224"),
    sdk=Reaction("drops what the delta carries"),
    example='text_delta "\\n" is sent to block 0 (tool_use get_weather) (started ev 2 @260)',
)
def delta_type_mismatch(s: Scene) -> Judgement:
    """The type of a delta fits the type of its block."""
    kind, block = _kind(s), s.content
    if block is None or kind not in _KNOWN or block.type not in BLOCK_TYPES:
        return None
    allowed = BLOCK_DELTAS.get(block.type or "")
    if allowed is not None and kind in allowed:
        return None
    text = s.delta.get(DELTA_TEXT.get(str(kind), ""))
    shown = f" {quote(text)}" if isinstance(text, str) else ""
    words = f"{kind}{shown} is sent to {block} (started {block.at})"
    return Note(words, WARNING if allowed is None else None)


@rule(
    on=Moment.DELTA,
    severity=INFO,
    source=DOC_STREAM,
    sdk=Reaction("drops what the delta carries"),
    limit=1,
    example='unknown delta type "future_delta"',
)
def delta_type_unknown(s: Scene) -> Judgement:
    """Clients pass over delta types that they do not know."""
    kind = s.delta.get("type")
    return f"unknown delta type {quote(kind)}" if isinstance(kind, str) and kind not in _KNOWN else None


@rule(
    on=Moment.DELTA,
    severity=ERROR,
    source=TYPES + " " + thread("nielspeter/claude-code-proxy#17"),
    sdk=Reaction(stream="TypeError"),
    example='thinking_delta has "text", not "thinking"',
)
def delta_field_missing(s: Scene) -> Judgement:
    """A delta has a type, and the field that its type names, as text."""
    kind = s.delta.get("type")
    if not isinstance(kind, str):
        what = "has no delta object" if not s.delta else "'s delta has no type"
        return Note(f"content_block_delta{'' if what[0] == chr(39) else ' '}{what}", sdk=Reaction())
    name = DELTA_TEXT.get(kind)
    if name not in _TEXTS or isinstance(s.delta.get(name), str):
        return None
    instead = next((other for other in s.delta if other != "type"), None)
    told = f'"{instead}", not "{name}"' if instead and name not in s.delta else f'no text in "{name}"'
    quiet = Reaction("reads it as if nothing were wrong")
    return Note(f"{kind} has {told}", sdk=quiet if kind in ("signature_delta", "input_json_delta") else None)


@rule(
    on=Moment.DELTA,
    severity=INFO,
    source=thread("BerriAI/litellm#33315"),
    sdk=HANDLED,
    limit=1,
    example="an empty text_delta",
)
def delta_empty(s: Scene) -> Judgement:
    """A delta carries something, but for the first of a tool's JSON."""
    block, kind = s.content, s.delta.get("type")
    if block is None or s.delta.get(DELTA_TEXT.get(str(kind), "")) != "":
        return None
    if kind == "text_delta" or (kind == "input_json_delta" and block.deltas):
        return f"an empty {kind}"
    return None


@rule(
    on=Moment.DELTA,
    severity=WARNING,
    source=thread("MiniMax-AI-Dev/parsar#308"),
    sdk=Reaction("repeats the text"),
    example=(
        'the deltas of block 0 carry all of the text so far: "A sentence of more than twenty characte…"'
    ),
)
def delta_snapshot(s: Scene) -> Judgement:
    """A delta carries what is new, and not all of the text so far."""
    block, text = s.content, s.delta.get("text")
    if block is None or block.streak != 2 or block.cumulative is None or not isinstance(text, str):
        return None
    if len(block.cumulative) < _LONG or not text.startswith(block.cumulative):
        return None
    return f"the deltas of block {block.index} carry all of the text so far: {quote(text)}"


@rule(
    on=Moment.DELTA,
    severity=WARNING,
    source=TYPES,
    sdk=Reaction("repeats the text"),
    example='identical to the delta before it: "A sentence of more than twenty characte…"',
)
def delta_duplicate_frame(s: Scene) -> Judgement:
    """No delta of some length is sent twice in a row."""
    block, data = s.content, s.block.data
    if block is None or data != block.last or data is None:
        return None
    text = s.delta.get(block.carries)
    if not isinstance(text, str) or len(text) < _LONG:
        return None
    return f"identical to the delta before it: {quote(text)}"
