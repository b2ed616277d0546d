"""Following the message: what each kind of event does to it and to its content blocks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from inspector._json import as_object
from inspector.checker.context import Context
from inspector.checker.facts import REPEATS, BlockFacts, MessageFacts
from inspector.checker.payloads import judge_tool_json
from inspector.checker.rule import Moment
from inspector.protocol import EVENT_TYPES, TOOL_BLOCKS
from inspector.protocol.grammar import MessageState, Misstep, Walker

__all__ = ["MessageTracker"]

_NOT_TAKEN = frozenset({Misstep.AFTER_STOP, Misstep.AFTER_ERROR, Misstep.STOP_AGAIN})
"""Missteps after which an event changes nothing."""
_ONLY_INDEX_MISSING = [Misstep.INDEX_MISSING]
"""The misstep of an event that belongs to the only open block."""

_MANY_REPEATS = 5
"""How many deltas must begin with all text before them, before short text proves something."""
_LONG, _SHORT, _VARIED = 20, 8, 3
"""Characters of such text, and different ones among them: less may be chance."""

_USUAL_DELTAS = {
    "text": ("text_delta", "text"),
    "thinking": ("thinking_delta", "thinking"),
    **dict.fromkeys(TOOL_BLOCKS, ("input_json_delta", "partial_json")),
}
"""The deltas that most of a block consists of, and their text's field."""


class MessageTracker:
    """Write the facts of the message and its content blocks, one event at a time.

    `ids` says which recording of a session had a message id first; this tracker adds its own. `plain` has
    the content blocks, by index, whose next usual delta no rule can object to.
    """

    __slots__ = ("_announce", "_context", "_ids", "_number", "_walker", "plain")

    def __init__(
        self, context: Context, announce: Callable[[Moment | Misstep], None], ids: dict[str, int]
    ) -> None:
        self._context, self._announce = context, announce
        self._ids, self._number = ids, len(ids) + 1
        self._walker = Walker()
        self.plain: dict[Any, BlockFacts] = {}

    def step(self, kind: str) -> None:
        """Take the current event, which is of this kind: any but `ping`."""
        if kind == "content_block_delta":
            self._take_delta()
        else:
            self.plain.clear()
            _STEPS[kind](self)

    def lose(self, name: str | None) -> None:
        """Go on after an event that cannot be read; `name` is the kind it was meant to be."""
        c, walker = self._context, self._walker
        self.plain.clear()
        walker.assume(name if name in EVENT_TYPES else None)
        if not walker.open:
            c.message.open.clear()
        for block in reversed(c.message.open.values()):
            if block.doubtful:
                break  # the blocks before it are doubtful too, for the same reason
            block.doubtful = True
        if name == "content_block_start":
            self._open_block(BlockFacts(walker.next - 1, None, c.place, doubtful=True))
        elif name == "message_start":
            c.message = MessageFacts(at=c.place, started=True)
            c.stream.stop_at, c.stream.stop_assumed = None, False
        elif name == "message_stop":
            c.stream.stop_assumed = True
        elif name == "error":
            c.stream.error_at = c.place
        if name not in ("ping", "content_block_delta"):
            c.message.doubtful = True

    def _check_step(self) -> list[Misstep]:
        """Let the grammar judge the current event; announce what it has against it."""
        event = self._context.event
        missteps = self._walker.step(str(event.kind), event.payload, repeated=event.repeated)
        for misstep in missteps:
            self._announce(misstep)
        if Misstep.UNCLOSED in missteps or (Misstep.START_AGAIN in missteps and not event.repeated):
            self.leave_open_blocks()
        return missteps

    def leave_open_blocks(self) -> None:
        """Judge the tool calls that are open, as far as they came: they will not go on."""
        c = self._context
        for block in c.message.open.values():
            if block.is_tool and not block.doubtful:
                block.json, c.content = judge_tool_json(block.pieces), block
                self._announce(Moment.BLOCK_LEFT)
        c.message.open.clear()
        c.content = None

    def _message_start(self) -> None:
        c, before = self._context, self._context.message
        message = _read_message_start(c)
        c.event.repeated = before.started and message.id != "" and message.id == before.id
        missteps = self._check_step()
        if Misstep.AFTER_ERROR in missteps or (c.event.repeated and Misstep.START_AGAIN in missteps):
            return
        if Misstep.START_LATE in missteps:
            message.blocks, message.by_index, message.open = before.blocks, before.by_index, before.open
            message.tool_ids, message.results, message.preset = before.tool_ids, before.results, 0
        if message.id:
            message.id_reused = self._ids.setdefault(message.id, self._number) != self._number
        c.message, c.stream.stop_at, c.stream.stop_assumed = message, None, False
        self._announce(Moment.MESSAGE_START)

    def _find_content(self) -> int | None:
        """Find the content block that the current event names; return its index."""
        c = self._context
        index = self._walker.place(str(c.event.kind), c.event.payload.get("index"))
        c.content = None if index is None else c.message.by_index.get(index)
        return index

    def _block_start(self) -> None:
        c = self._context
        index = self._find_content()
        if index is not None and _NOT_TAKEN.isdisjoint(self._check_step()):
            c.content = block = _read_block_start(c, index)
            block.doubtful = self._walker.doubtful
            self._announce(Moment.BLOCK_START)
            self._open_block(block)
            _remember_tool(c.message, block)
            self._note_plain(block)

    def _open_block(self, block: BlockFacts) -> None:
        message = self._context.message
        message.blocks.append(block)
        message.by_index[block.index] = block
        message.open.pop(block.index, None)  # a block that starts again is the last in the order of starts
        message.open[block.index] = block

    def _take_delta(self) -> None:
        c = self._context
        index = self._find_content()
        if c.content is None and index is not None and index < c.message.preset:
            c.content = c.message.blocks[index]  # clients add to what message_start holds
        missteps, block = self._check_step(), c.content
        if block is None or missteps not in ([], _ONLY_INDEX_MISSING):
            return
        self._announce(Moment.DELTA)
        _add_delta(block, c.event.delta, c.event.data)
        if block.repeats >= REPEATS:
            self._look_for_snapshots(block, _LONG if block.repeats < _MANY_REPEATS else _SHORT)
        self._note_plain(block)

    def _note_plain(self, block: BlockFacts) -> None:
        message = self._context.message
        if self._walker.message is MessageState.OPEN and block.plain and not message.prefilled:
            self.plain[block.index] = block
        else:
            self.plain.pop(block.index, None)

    def _block_stop(self) -> None:
        c = self._context
        self._find_content()
        missteps, block = self._check_step(), c.content
        if block is None or missteps not in ([], _ONLY_INDEX_MISSING):
            return
        c.message.open.pop(block.index, None)
        block.stopped = c.place
        if block.repeats >= REPEATS:
            self._look_for_snapshots(block, _SHORT)
        if block.is_tool and not block.doubtful:
            block.json = judge_tool_json(block.pieces)
        block.pieces.clear()
        if not block.doubtful:
            self._announce(Moment.BLOCK_END)

    def _look_for_snapshots(self, block: BlockFacts, least: int) -> None:
        """Notice a block whose every delta has all text so far, of at least `least` characters by now."""
        text = block.accumulated
        # A line of dashes may grow like this by chance.
        if text is None or block.cumulative or len(text) < least or len(set(text)) < _VARIED:
            return
        block.cumulative = True
        self._announce(Moment.SNAPSHOT)

    def _message_delta(self) -> None:
        if _NOT_TAKEN.isdisjoint(self._check_step()):
            self._announce(Moment.MESSAGE_DELTA)
            _add_message_delta(self._context)

    def _message_stop(self) -> None:
        c = self._context
        if _NOT_TAKEN.isdisjoint(self._check_step()):
            c.stream.stop_at = c.place
            if c.message.started and not c.message.doubtful:
                self._announce(Moment.MESSAGE_END)

    def _error(self) -> None:
        if not self._check_step():
            self._context.stream.error_at = self._context.place
            self._announce(Moment.ERROR)


_STEPS: dict[str, Callable[[MessageTracker], None]] = {
    "message_start": MessageTracker._message_start,
    "content_block_start": MessageTracker._block_start,
    "content_block_stop": MessageTracker._block_stop,
    "message_delta": MessageTracker._message_delta,
    "message_stop": MessageTracker._message_stop,
    "error": MessageTracker._error,
}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _read_message_start(c: Context) -> MessageFacts:
    start = as_object(c.event.payload.get("message"))
    content, reason = start.get("content"), start.get("stop_reason")
    content = content if isinstance(content, list) else []
    message = MessageFacts(
        at=c.place,
        started=True,
        id=_text(start.get("id")),
        usage=as_object(start.get("usage")),
        prefilled=bool(content) and isinstance(reason, str),
        start_reason=reason if isinstance(reason, str) else None,
        preset=len(content),
    )
    for block in map(as_object, content):
        kind, name = _text(block.get("type")) or None, _text(block.get("name"))
        message.blocks.append(BlockFacts(-1, kind, c.place, name=name))
    if message.prefilled:
        message.stop_reason, message.reason_at = message.start_reason, c.place
    return message


def _read_block_start(c: Context, index: int) -> BlockFacts:
    start = c.event.content_block
    kind = start.get("type")
    kind = kind if isinstance(kind, str) else None
    delta_type, text_field = _USUAL_DELTAS.get(kind or "", (None, ""))
    is_tool, given = kind in TOOL_BLOCKS, start.get("input")
    return BlockFacts(
        index=index,
        type=kind,
        at=c.place,
        id=_text(start.get("id")),
        name=_text(start.get("name")),
        answers=_text(start.get("tool_use_id")),
        delta_type=delta_type,
        text_field=text_field,
        is_tool=is_tool,
        prefilled=is_tool and bool(as_object(given)),
        misfilled=is_tool and not isinstance(given, dict | None),
        start_text=_text(start.get(kind)) if kind in ("text", "thinking") else "",
        signed=bool(start.get("signature")),
    )


def _remember_tool(message: MessageFacts, block: BlockFacts) -> None:
    """Keep a tool's id, and the id of the tool whose result this block is."""
    if block.is_tool and block.id:
        message.tool_ids.setdefault(block.id, block.index)
    if block.answers:
        message.results.add(block.answers)
    message.fell_back = message.fell_back or block.type == "fallback"


def _add_delta(block: BlockFacts, delta: dict[str, Any], data: bytes) -> None:
    block.deltas += 1
    block.last_delta = data
    kind = delta.get("type")
    if kind == "signature_delta":
        block.signatures += 1
        block.signed = block.signed or bool(delta.get("signature"))
        block.delta_type = None
    text = delta.get(block.text_field)
    if kind is None or kind != _USUAL_DELTAS.get(block.type or "", ("", ""))[0] or not isinstance(text, str):
        return
    block.size += len(text)
    if block.is_tool:
        block.pieces.append(text)
    elif text:
        block.accumulate(text)


def _add_message_delta(c: Context) -> None:
    message, usage, reason = c.message, c.event.usage, c.event.delta.get("stop_reason")
    message.deltas += 1
    if isinstance(reason, str):
        message.stop_reason, message.reason_at = reason, c.place
    if usage.get("input_tokens").__class__ is int:
        message.later_input = usage["input_tokens"]
    if usage.get("output_tokens").__class__ is int:
        message.output, message.output_at = usage["output_tokens"], c.place
