"""The grammar of a stream: which event may follow which, for the message and for each content block.

Two tables, and a walker that walks them. The walker *reports* illegal steps and goes on in the way that
explains the rest of the stream best, so that one mistake is one misstep and not a trail of them. Events
and names that are not in the tables (`ping`, and all that the API may add) are legal everywhere.

From https://platform.claude.com/docs/en/build-with-claude/streaming: a `message_start`; content blocks,
each a `content_block_start`, deltas and a `content_block_stop`, `index` being the block's place in the
final content; one or more `message_delta`; a `message_stop`. An `error` may end the stream anywhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Any

__all__ = ["BLOCK_GRAMMAR", "MESSAGE_GRAMMAR", "Block", "Message", "Misstep", "Walker"]


class Message(Enum):
    """Where the message stands."""

    WAITING = "before message_start"
    HEADLESS = "begun without message_start"
    OPEN = "between message_start and message_delta"
    CLOSING = "after message_delta"
    STOPPED = "after message_stop"
    FAILED = "after error"


class Block(Enum):
    """Where one content block stands."""

    ABSENT = "never started"
    OPEN = "open"
    STOPPED = "stopped"


class Misstep(Enum):
    """A step that the grammar does not allow."""

    START_LATE = "message_start after other events"
    START_AGAIN = "message_start while a message is open"
    START_AFTER_STOP = "message_start after message_stop"
    STOP_AGAIN = "message_stop after message_stop"
    AFTER_STOP = "an event after message_stop"
    AFTER_ERROR = "an event after error"
    CONTENT_AFTER_DELTA = "content after message_delta"
    INDEX_MISSING = "no integer index"
    INDEX_DUPLICATE = "an index that was used before"
    INDEX_GAP = "an index that is not the next one"
    OVERLAP = "a start while another block is open"
    DELTA_UNSTARTED = "a delta for a block that was never started"
    DELTA_AFTER_STOP = "a delta for a block that has stopped"
    STOP_UNSTARTED = "a stop for a block that was never started"
    BLOCK_STOP_AGAIN = "a second stop for a block"
    UNCLOSED = "blocks left open when the message is finished"


_CONTENT = ("content_block_start", "content_block_delta", "content_block_stop")
_M, _B, _E = Message, Block, Misstep

MESSAGE_GRAMMAR: Mapping[tuple[Message, str], tuple[Message, Misstep | None]] = {
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
    (_M.CLOSING, "content_block_delta"): (_M.CLOSING, None),  # its own block tells what is wrong with it
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
"""(where the message stands, event) → (where it stands then, what is wrong with that)."""

BLOCK_GRAMMAR: Mapping[tuple[Block, str], tuple[Block, Misstep | None]] = {
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
"""(where a content block stands, event) → (where it stands then, what is wrong with that)."""


class Walker:
    """Walk the grammar; `step` with each event's kind and payload, in order.

    `message` says where the message stands, `blocks` where each content block does, by index; `started`
    whether a `message_start` was seen. `doubtful` is set by `assume`: an event was lost, and until the
    next message no block is known to be missing or open. `misnumbered` says that an index was used twice:
    what later indexes mean is anybody's guess.
    """

    __slots__ = ("blocks", "doubtful", "message", "misnumbered", "next", "preset", "started")

    def __init__(self) -> None:
        self.message = Message.WAITING
        self.blocks: dict[int, Block] = {}
        self.preset = self.next = 0
        self.started = False
        self.doubtful = self.misnumbered = False

    @property
    def open(self) -> list[int]:
        """The indexes of the content blocks that are open."""
        return [index for index, state in self.blocks.items() if state is Block.OPEN]

    def step(self, kind: str, payload: Mapping[str, Any], *, same: bool = False) -> list[Misstep]:
        """Take one event; return what the grammar has against it.

        `same` says that a `message_start` names the message that is open: it is repeated, not another.
        """
        was = self.message
        state, misstep = MESSAGE_GRAMMAR.get((was, kind), (was, None))
        self.message = state
        if kind == "message_start":
            if not (same and misstep is Misstep.START_AGAIN):
                self._begin(payload, keep=misstep is Misstep.START_LATE)
            else:
                self.message = was
            return [misstep] if misstep else []
        if misstep in (Misstep.AFTER_STOP, Misstep.AFTER_ERROR, Misstep.STOP_AGAIN):
            return [misstep]
        missteps: list[Misstep] = [misstep] if misstep else []
        if kind in _CONTENT:
            missteps += self._block(kind, payload.get("index"))
        elif kind in ("message_delta", "message_stop") and self._finishes(kind, payload):
            missteps += self._close()
        return missteps

    def assume(self, kind: str | None) -> None:
        """Go on as if an event that cannot be read had been right; `kind` where its name is known."""
        if kind == "message_start":
            self._begin({}, keep=False)
            self.message = Message.OPEN
        elif (self.message, kind) in MESSAGE_GRAMMAR:
            self.message = MESSAGE_GRAMMAR[self.message, str(kind)][0]
        if kind == "content_block_start":
            self.blocks[self.next] = Block.OPEN
            self.next += 1
        elif kind == "content_block_stop" and len(self.open) == 1:
            self.blocks[self.open[0]] = Block.STOPPED
        else:
            self.doubtful = kind not in ("content_block_delta", "message_delta", "ping")

    def _begin(self, payload: Mapping[str, Any], *, keep: bool) -> None:
        self.started = True
        if not keep:
            self.blocks, self.next = {}, 0
        self.doubtful = self.misnumbered = False
        message = payload.get("message")
        content = message.get("content") if isinstance(message, dict) else None
        self.preset = len(content) if isinstance(content, list) else 0

    def _block(self, kind: str, index: Any) -> list[Misstep]:
        if index.__class__ is not int:
            return [Misstep.INDEX_MISSING]
        was = self.blocks.get(index, Block.ABSENT)
        state, misstep = BLOCK_GRAMMAR[was, kind]
        missteps = [misstep] if misstep and not self._forgiven(misstep, index) else []
        if kind == "content_block_start":
            if not (self.doubtful or self.misnumbered):
                missteps += self._place(index, was)
            self.misnumbered = self.misnumbered or misstep is Misstep.INDEX_DUPLICATE
            self.next = max(self.next, index + 1)
        if state is not Block.ABSENT:
            self.blocks[index] = state
        return missteps

    def _forgiven(self, misstep: Misstep, index: int) -> bool:
        """Whether a misstep is but the consequence of what was told already."""
        if misstep in (Misstep.DELTA_UNSTARTED, Misstep.STOP_UNSTARTED):
            return self.doubtful or self.misnumbered or self.preset > index
        return self.doubtful

    def _place(self, index: int, was: Block) -> list[Misstep]:
        """Judge where a block starts. A message that starts with content may count on from it, or from 0."""
        missteps = []
        if was is Block.ABSENT and index not in (self.next, self.next + self.preset):
            missteps.append(Misstep.INDEX_GAP)
        if any(other != index for other in self.open):
            missteps.append(Misstep.OVERLAP)
        return missteps

    @staticmethod
    def _finishes(kind: str, payload: Mapping[str, Any]) -> bool:
        if kind == "message_stop":
            return True
        delta = payload.get("delta")
        return isinstance(delta, dict) and delta.get("stop_reason") is not None

    def _close(self) -> list[Misstep]:
        """The message is finished: nothing may be open. What is, is told once."""
        left = self.open
        return [Misstep.UNCLOSED] if left and not (self.doubtful or self.misnumbered) else []

    def close_all(self) -> None:
        """Take every block as stopped, after it was told that some are not."""
        for index in self.open:
            self.blocks[index] = Block.STOPPED
