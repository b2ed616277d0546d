"""The grammar of a stream: which event may follow which, for the message and for each content block.

There are two tables, and a walker that follows them. The walker *reports* an illegal step. Then it goes on
in the state that explains the rest of the stream best, so that one mistake gives one misstep and not a
series of them. Events that are not in the tables (`ping`, and whatever the API adds) are legal everywhere.

From https://platform.claude.com/docs/en/build-with-claude/streaming: a `message_start`; content blocks,
each a `content_block_start`, deltas and a `content_block_stop`, `index` being the block's place in the
final content; one or more `message_delta`; a `message_stop`. An `error` may end the stream anywhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Any

from inspector._json import as_object

__all__ = ["BLOCK_GRAMMAR", "MESSAGE_GRAMMAR", "BlockState", "MessageState", "Misstep", "Walker"]


class MessageState(Enum):
    """How far the message has come."""

    __hash__ = object.__hash__  # each event is looked up by it, and Enum's own is a function in Python

    WAITING = "before message_start"
    HEADLESS = "content or message_delta came before message_start"
    OPEN = "between message_start and message_delta"
    CLOSING = "after message_delta"
    STOPPED = "after message_stop"
    FAILED = "after error"


class BlockState(Enum):
    """How far one content block has come."""

    __hash__ = object.__hash__  # each event is looked up by it, and Enum's own is a function in Python

    ABSENT = "never started"
    OPEN = "open"
    STOPPED = "stopped"


class Misstep(Enum):
    """A step that the grammar does not allow."""

    __hash__ = object.__hash__  # each event is looked up by it, and Enum's own is a function in Python

    START_LATE = "message_start after other events"
    START_AGAIN = "message_start while a message is open"
    START_AFTER_STOP = "message_start after message_stop"
    STOP_AGAIN = "message_stop after message_stop"
    AFTER_STOP = "an event after message_stop"
    AFTER_ERROR = "an event after error"
    CONTENT_AFTER_DELTA = "content after message_delta"
    INDEX_MISSING = "no index, or one that is no count from 0"
    INDEX_DUPLICATE = "an index that was used before"
    INDEX_GAP = "an index that is not the next one"
    OVERLAP = "a start while another block is open"
    DELTA_UNSTARTED = "a delta for a block that was never started"
    DELTA_AFTER_STOP = "a delta for a block that has stopped"
    STOP_UNSTARTED = "a stop for a block that was never started"
    BLOCK_STOP_AGAIN = "a second stop for a block"
    UNCLOSED = "blocks left open when the message is finished"


_CONTENT = ("content_block_start", "content_block_delta", "content_block_stop")
_M, _B, _E = MessageState, BlockState, Misstep

MESSAGE_GRAMMAR: Mapping[tuple[MessageState, str], tuple[MessageState, Misstep | None]] = {
    (_M.WAITING, "message_start"): (_M.OPEN, None),
    **{(_M.WAITING, kind): (_M.HEADLESS, None) for kind in (*_CONTENT, "message_delta")},
    (_M.WAITING, "message_stop"): (_M.STOPPED, None),
    (_M.HEADLESS, "message_start"): (_M.OPEN, _E.START_LATE),
    **{(_M.HEADLESS, kind): (_M.HEADLESS, None) for kind in (*_CONTENT, "message_delta")},
    (_M.HEADLESS, "message_stop"): (_M.STOPPED, None),
    (_M.OPEN, "message_start"): (_M.OPEN, _E.START_AGAIN),
    **{(_M.OPEN, kind): (_M.OPEN, None) for kind in _CONTENT},
    (_M.OPEN, "message_delta"): (_M.CLOSING, None),
    (_M.OPEN, "message_stop"): (_M.STOPPED, None),
    (_M.CLOSING, "message_start"): (_M.OPEN, _E.START_AGAIN),
    (_M.CLOSING, "content_block_start"): (_M.OPEN, _E.CONTENT_AFTER_DELTA),
    (_M.CLOSING, "content_block_delta"): (_M.CLOSING, None),  # the block's own state decides
    (_M.CLOSING, "content_block_stop"): (_M.CLOSING, None),
    (_M.CLOSING, "message_delta"): (_M.CLOSING, None),
    (_M.CLOSING, "message_stop"): (_M.STOPPED, None),
    (_M.STOPPED, "message_start"): (_M.OPEN, _E.START_AFTER_STOP),
    **{(_M.STOPPED, kind): (_M.STOPPED, _E.AFTER_STOP) for kind in (*_CONTENT, "message_delta")},
    (_M.STOPPED, "message_stop"): (_M.STOPPED, _E.STOP_AGAIN),
    **{(state, "error"): (_M.FAILED, None) for state in _M if state is not _M.FAILED},
    **{
        (_M.FAILED, kind): (_M.FAILED, _E.AFTER_ERROR)
        for kind in ("message_start", *_CONTENT, "message_delta", "message_stop", "error")
    },
}
"""(state of the message, event) → (its next state, what is wrong with this step)."""

BLOCK_GRAMMAR: Mapping[tuple[BlockState, str], tuple[BlockState, Misstep | None]] = {
    (_B.ABSENT, "content_block_start"): (_B.OPEN, None),
    (_B.ABSENT, "content_block_delta"): (_B.ABSENT, _E.DELTA_UNSTARTED),
    (_B.ABSENT, "content_block_stop"): (_B.ABSENT, _E.STOP_UNSTARTED),
    (_B.OPEN, "content_block_start"): (_B.OPEN, _E.INDEX_DUPLICATE),
    (_B.OPEN, "content_block_delta"): (_B.OPEN, None),
    (_B.OPEN, "content_block_stop"): (_B.STOPPED, None),
    (_B.STOPPED, "content_block_start"): (_B.OPEN, _E.INDEX_DUPLICATE),
    (_B.STOPPED, "content_block_delta"): (_B.STOPPED, _E.DELTA_AFTER_STOP),
    (_B.STOPPED, "content_block_stop"): (_B.STOPPED, _E.BLOCK_STOP_AGAIN),
}
"""(state of a content block, event) → (its next state, what is wrong with this step)."""


class Walker:
    """Follow the grammar: call `step` with each event's kind and payload, in order.

    `message` is the state of the message, `blocks` the state of each content block by its index, `open` the
    indexes of the open blocks in the order of their starts. `next` is the next free index, `preset` the
    number of blocks that `message_start` already holds.

    `doubtful` means that an event was lost (see `assume`). From there to the next message, a block that
    seems to be missing or open is not reported. `misnumbered` means that an index was used twice. From there
    on, indexes prove nothing.

    Every step takes constant time, however many blocks there are.
    """

    __slots__ = ("blocks", "doubtful", "message", "misnumbered", "next", "open", "preset")

    def __init__(self) -> None:
        self.message = MessageState.WAITING
        self.blocks: dict[int, BlockState] = {}
        self.open: dict[int, None] = {}  # an ordered set
        self.preset = self.next = 0
        self.doubtful = self.misnumbered = False

    def step(self, kind: str, payload: Mapping[str, Any], *, repeated: bool = False) -> list[Misstep]:
        """Take one event; return what the grammar has against it.

        `repeated` says that a `message_start` names the message that is open already.
        """
        before = self.message
        state, misstep = MESSAGE_GRAMMAR.get((before, kind), (before, None))
        if kind == "message_start" and repeated and misstep is Misstep.START_AGAIN:
            return [misstep]  # the open message goes on
        self.message = state
        if misstep in (Misstep.AFTER_STOP, Misstep.AFTER_ERROR, Misstep.STOP_AGAIN):
            return [misstep]
        missteps: list[Misstep] = [misstep] if misstep else []
        if kind == "message_start":
            self._begin(payload, keep_blocks=misstep is Misstep.START_LATE)
        elif kind in _CONTENT:
            missteps += self._block(kind, payload.get("index"))
        elif kind in ("message_delta", "message_stop") and self._finishes(kind, payload):
            missteps += self._finish()
        return missteps

    def assume(self, kind: str | None) -> None:
        """Go on as if an event that cannot be read had been right; `kind` is None if its name is unknown."""
        if kind == "message_start":
            self._begin({}, keep_blocks=False)
            self.message = MessageState.OPEN
        elif (self.message, kind) in MESSAGE_GRAMMAR:
            self.message = MESSAGE_GRAMMAR[self.message, str(kind)][0]
        if kind == "content_block_start":
            self._set(self.next, BlockState.OPEN)
            self.next += 1
        elif kind == "content_block_stop" and len(self.open) == 1:
            self._set(next(iter(self.open)), BlockState.STOPPED)
        elif kind not in ("content_block_delta", "message_delta", "ping"):
            self.doubtful = True

    def _begin(self, payload: Mapping[str, Any], *, keep_blocks: bool) -> None:
        if not keep_blocks:
            self.blocks, self.open, self.next = {}, {}, 0
        self.doubtful = self.misnumbered = False
        content = as_object(payload.get("message")).get("content")
        self.preset = len(content) if isinstance(content, list) else 0

    def _set(self, index: int, state: BlockState) -> None:
        self.blocks[index] = state
        self.open.pop(index, None)  # a block that starts again is the last in the order of starts
        if state is BlockState.OPEN:
            self.open[index] = None

    def place(self, kind: str, index: Any) -> int | None:
        """Return the index of a content block's event, or what it must have been if the event has none.

        None if several blocks are open, or none: nobody knows then.
        """
        if index.__class__ is int and index >= 0:
            own: int = index
            return own
        if kind == "content_block_start":
            return self.next
        return next(iter(self.open)) if len(self.open) == 1 else None

    def _block(self, kind: str, given: Any) -> list[Misstep]:
        index = self.place(kind, given)
        if index is None:
            return [Misstep.INDEX_MISSING]
        before = self.blocks.get(index, BlockState.ABSENT)
        state, misstep = BLOCK_GRAMMAR[before, kind]
        missteps = [misstep] if misstep and not self._follows(misstep, index) else []
        if kind == "content_block_start":
            if not (self.doubtful or self.misnumbered):
                missteps += self._check_place(index, before)
            self.misnumbered = self.misnumbered or misstep is Misstep.INDEX_DUPLICATE
            self.next = max(self.next, index + 1)
        if state is not before or kind == "content_block_start":
            self._set(index, state)
        # Without its index, nobody knows whether a step was right.
        return missteps if index == given and given.__class__ is int else [Misstep.INDEX_MISSING]

    def _follows(self, misstep: Misstep, index: int) -> bool:
        """Return whether an earlier misstep, already reported, explains this one."""
        if misstep in (Misstep.DELTA_UNSTARTED, Misstep.STOP_UNSTARTED):
            return self.doubtful or self.misnumbered or self.preset > index
        return self.doubtful

    def _check_place(self, index: int, before: BlockState) -> list[Misstep]:
        """Check where a block starts. After preset content, indexes may go on from it or begin at 0."""
        missteps = []
        if before is BlockState.ABSENT and index not in (self.next, self.next + self.preset):
            missteps.append(Misstep.INDEX_GAP)
        if len(self.open) > (index in self.open):
            missteps.append(Misstep.OVERLAP)
        return missteps

    @staticmethod
    def _finishes(kind: str, payload: Mapping[str, Any]) -> bool:
        return kind == "message_stop" or as_object(payload.get("delta")).get("stop_reason") is not None

    def _finish(self) -> list[Misstep]:
        """Report blocks that are open when the message is finished, once: they count as stopped then."""
        if not self.open or self.doubtful or self.misnumbered:
            return []
        for index in self.open:
            self.blocks[index] = BlockState.STOPPED
        self.open = {}
        return [Misstep.UNCLOSED]
