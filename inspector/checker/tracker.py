"""The steps: what each kind of event does to the message and its content blocks, and which rules it calls."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from inspector.checker import facts
from inspector.checker.dispatch import Desk
from inspector.checker.payloads import diagnose
from inspector.checker.rule import Moment
from inspector.protocol import EVENT_TYPES
from inspector.protocol.grammar import Message, Misstep

__all__ = ["Steps"]

_OVER = frozenset({Misstep.AFTER_STOP, Misstep.AFTER_ERROR, Misstep.STOP_AGAIN})


class Steps:
    """Take events one at a time, the current one being in the scene.

    `quick` holds the content blocks whose next delta of the usual type no rule can object to, by index.
    """

    __slots__ = ("_ask", "_facts", "quick", "scene")

    def __init__(self, desk: Desk) -> None:
        self.scene = desk.scene
        self._ask = desk.ask
        self._facts: dict[Any, facts.BlockFacts] = {}
        self.quick: dict[Any, facts.BlockFacts] = {}

    def step(self, kind: str | None) -> None:
        """Take an event of this kind; its payload is in the scene."""
        s = self.scene
        s.kind = kind
        if kind == "content_block_delta":
            self._delta()
        elif kind == "ping":
            self._ping()
        elif kind in EVENT_TYPES:
            self.quick.clear()
            _STEPS[str(kind)](self)
        else:
            self._ask(Moment.OTHER)
            return
        s.known += kind != "ping"
        s.last_event = str(kind)

    def lost_event(self, name: str | None, data: bytes) -> None:
        """A payload that cannot be used: go on with what it was meant to be."""
        s = self.scene
        if b"\n" in data:
            values = [diagnose(line) for line in data.split(b"\n") if line.strip()]
            if len(values) > 1 and all(readable and isinstance(value, dict) for value, readable, _ in values):
                for value, _, _ in values:  # several events in one frame: each is read
                    s.payload = value
                    self.step(value.get("type") if isinstance(value.get("type"), str) else name)
                return
        if data.strip() == b"[DONE]":
            if not s.stop_at and not s.error_at:
                s.done = True
            return
        self.lost(name)

    def lost(self, name: str | None) -> None:
        """Go on as if an event that cannot be read had been right; `name` is what it was meant to be."""
        s = self.scene
        self.quick.clear()
        s.walker.assume(name if name in EVENT_TYPES else None)
        for block in s.open:
            block.doubtful = True
        if name == "content_block_start":
            index = len(s.walker.blocks) - 1
            block = facts.BlockFacts(index, None, s.place, doubtful=True)
            self._facts[index] = block
            s.message.blocks.append(block)
        elif name == "message_start":
            s.message = facts.MessageFacts(at=s.place, started=True, doubtful=True)
        elif name == "message_stop":
            s.done = True
        elif name == "error":
            s.error_at = s.place
        if name != "ping":
            s.message.doubtful = s.message.doubtful or name not in ("content_block_delta",)

    # One event of each kind

    def _missteps(self) -> list[Misstep]:
        s = self.scene
        missteps = s.walker.step(str(s.kind), s.payload, same=s.again)
        for misstep in missteps:
            self._ask(misstep)
        return missteps

    def _message_start(self) -> None:
        s = self.scene
        s.left = s.opened
        fresh = facts.message_facts(s)
        s.again = bool(s.message.started and fresh.id and fresh.id == s.message.id)
        missteps = self._missteps()
        repeated, s.again = s.again and Misstep.START_AGAIN in missteps, False
        if repeated or Misstep.AFTER_ERROR in missteps:
            return
        if Misstep.START_LATE not in missteps:
            self._facts.clear()
        else:
            fresh.blocks = s.message.blocks
        s.message, s.stop_at, s.done = fresh, None, False
        self._ask(Moment.MESSAGE_START)

    def _block_start(self) -> None:
        s = self.scene
        index = s.payload.get("index")
        s.content = self._facts.get(index) if index.__class__ is int else None
        missteps = self._missteps()
        if _OVER.isdisjoint(missteps) and Misstep.INDEX_MISSING not in missteps:
            s.content = block = facts.block_facts(s)
            self._ask(Moment.BLOCK_START)
            self._facts[block.index] = block
            s.message.blocks.append(block)
            facts.count_tool(s, block)
        elif Misstep.INDEX_MISSING in missteps:
            s.message.doubtful = True  # there is a block, but nobody knows which

    def _delta(self) -> None:
        s = self.scene
        index, delta = s.payload.get("index"), s.payload.get("delta")
        s.content = self._facts.get(index) if index.__class__ is int else None
        s.delta = delta if isinstance(delta, dict) else {}
        missteps = self._missteps()
        block = s.content
        if not missteps:
            self._ask(Moment.DELTA)
            if block is not None:
                facts.add_delta(s, block)
                if s.walker.message is Message.OPEN and block.plain:
                    self.quick[index] = block
                else:
                    self.quick.pop(index, None)

    def _block_stop(self) -> None:
        s = self.scene
        index = s.payload.get("index")
        s.content = self._facts.get(index) if index.__class__ is int else None
        if not self._missteps() and s.content is not None:
            facts.stop_block(s, s.content)
            if not s.content.doubtful:
                self._ask(Moment.BLOCK_END)

    def _message_delta(self) -> None:
        s = self.scene
        missteps = self._missteps()
        if _OVER.isdisjoint(missteps):
            if Misstep.UNCLOSED in missteps:
                s.walker.close_all()
            self._ask(Moment.MESSAGE_DELTA)
            facts.add_message_delta(s)

    def _message_stop(self) -> None:
        s = self.scene
        missteps = self._missteps()
        if _OVER.isdisjoint(missteps):
            if Misstep.UNCLOSED in missteps:
                s.walker.close_all()
            s.stop_at = s.place
            if s.message.started and not s.message.doubtful:
                self._ask(Moment.MESSAGE_END)

    def _error(self) -> None:
        s = self.scene
        s.left = s.opened
        if not self._missteps():
            s.error_at = s.place
            self._ask(Moment.ERROR)

    def _ping(self) -> None:
        s = self.scene
        s.pings += 1
        if s.timed:
            facts.add_ping(s)
        self._ask(Moment.PING)


_STEPS: dict[str, Callable[[Steps], None]] = {
    "message_start": Steps._message_start,
    "content_block_start": Steps._block_start,
    "content_block_stop": Steps._block_stop,
    "message_delta": Steps._message_delta,
    "message_stop": Steps._message_stop,
    "error": Steps._error,
}
