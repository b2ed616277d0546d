"""What the rules look at: where the pass stands, and the facts that it has gathered on the way.

The facts are counts, names and places. Text is kept only where a rule needs it: a tool's JSON until its
block stops, the first bytes of a body that may be no event stream.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from inspector.checker.findings import Limits, Profile
from inspector.checker.payloads import ToolJson
from inspector.checker.rule import Moment, Place
from inspector.protocol import TOOL_BLOCKS
from inspector.protocol.grammar import Misstep, Walker
from inspector.recording import End, Ending, Head, Response, TimedBlock

__all__ = ["BlockFacts", "Cursor", "MessageFacts", "Scene", "quote"]


NOWHERE = Place()
_CONTROL = re.compile("[\x00-\x1f\x7f]")
_NO_BLOCK = TimedBlock(0.0, None, None)


def quote(text: str, width: int = 40) -> str:
    """Quote text from a stream, shortened to `width` characters, on one line."""
    text = _CONTROL.sub(lambda match: repr(match[0])[1:-1], text)
    return f'"{text}"' if len(text) <= width else f'"{text[: width - 1]}…"'


@dataclass(slots=True)
class Cursor:
    """Which line of its file the pass has come to; whoever feeds the pass moves it."""

    line: int | None = None


@dataclass(slots=True)
class BlockFacts:
    """One content block so far; `doubtful` where an event of it may have been lost."""

    index: int
    type: str | None
    at: Place
    id: str = ""
    name: str = ""
    quick: str | None = None
    carries: str = ""
    keeps: bool = False
    deltas: int = 0
    size: int = 0
    pieces: list[str] = field(default_factory=list)
    prefilled: bool = False
    start_text: str = ""
    signatures: int = 0
    signed: bool = False
    cumulative: str | None = ""
    streak: int = 0
    last: bytes = b""
    doubtful: bool = False
    json: ToolJson | None = None
    stopped: Place | None = None

    def __str__(self) -> str:
        named = " ".join(part for part in (self.type or "of unknown type", self.name) if part)
        return f"block {self.index} ({named})"

    @property
    def plain(self) -> bool:
        """Whether the next delta of the usual type is nothing that a rule could object to."""
        settled = self.keeps or self.cumulative is None
        return (
            settled and self.quick is not None and not (self.start_text or self.prefilled or self.signatures)
        )

    @property
    def told(self) -> str:
        """The block and how far it has come, for "what was open" lists."""
        if self.type in TOOL_BLOCKS and not self.prefilled:
            size = sum(len(piece.encode("utf-8", "replace")) for piece in self.pieces)
            return f"{self}, {size} bytes of its JSON: do not run it"
        return f"{self}"


@dataclass(slots=True)
class MessageFacts:
    """The message so far; `started` is False where no `message_start` was seen."""

    at: Place = NOWHERE
    started: bool = False
    id: str = ""
    usage: dict[str, Any] = field(default_factory=dict)
    prefilled: bool = False
    start_reason: str | None = None
    stop_reason: str | None = None
    reason_at: Place | None = None
    deltas: int = 0
    output: int | None = None
    output_at: Place | None = None
    blocks: list[BlockFacts] = field(default_factory=list)
    tool_ids: dict[str, int] = field(default_factory=dict)
    results: set[str] = field(default_factory=set)
    doubtful: bool = False
    fell_back: bool = False

    @property
    def text_size(self) -> int:
        """How many characters of text, thinking and tool JSON have come."""
        return sum(block.size for block in self.blocks)


@dataclass(slots=True)
class Scene:
    """Where the pass stands. Rules read it and change nothing but `tally`, which is theirs."""

    head: Head
    profile: Profile
    limits: Limits
    timed: bool = True
    cursor: Cursor = field(default_factory=Cursor)
    walker: Walker = field(default_factory=Walker)
    message: MessageFacts = field(default_factory=MessageFacts)
    ids: dict[str, int] = field(default_factory=dict)
    tally: dict[str, Any] = field(default_factory=dict)

    block: TimedBlock = _NO_BLOCK
    moment: Moment | Misstep = Moment.HEAD
    event: int | None = None
    number: int = 0
    offset: int = 0
    total: int = 0
    t: float = 0.0
    name: str | None = None
    kind: str | None = None
    payload: dict[str, Any] = field(default_factory=dict)
    problems: tuple[tuple[str, str], ...] = ()
    content: BlockFacts | None = None
    delta: dict[str, Any] = field(default_factory=dict)
    silence: float = 0.0
    quiet: float = 0.0
    pings: int = 0
    gap_pings: int = 0
    ping_gaps: list[float] = field(default_factory=list)
    last_t: float = 0.0
    content_t: float = 0.0
    samples: list[tuple[float, int]] = field(default_factory=list)
    left: str = ""
    again: bool = False

    known: int = 0
    sniff: bytes = b""
    foreign: bool = False
    error_at: Place | None = None
    stop_at: Place | None = None
    tail: TimedBlock | None = None
    last_event: str = ""
    done: bool = False
    first_at: Place | None = None
    end: End | None = None
    torn: bool = False

    @property
    def response(self) -> Response | None:
        """The response's head."""
        return self.head.response

    @property
    def headers(self) -> dict[str, str]:
        """The response's headers, empty where there are none or nobody kept them."""
        return dict(self.head.response.headers) if self.head.response else {}

    @property
    def place(self) -> Place:
        """Where the pass stands."""
        return Place(self.event, self.offset, self.t if self.timed else None, self.cursor.line)

    @property
    def raw(self) -> bytes:
        """The bytes of the current block."""
        return self.block.raw_bytes

    @property
    def open(self) -> list[BlockFacts]:
        """The content blocks that are open."""
        indexes = self.walker.open
        return [block for block in self.message.blocks if block.index in indexes]

    @property
    def opened(self) -> str:
        """What is open, for the end of a message: empty, or "; open: block 1 (text)"."""
        left = self.open
        return "; open: " + ", ".join(block.told for block in left) if left else ""

    @property
    def how(self) -> Ending | None:
        """How the response ended; None where nobody saw its end."""
        return self.end.how if self.end else None

    @property
    def cause(self) -> str:
        """Why the stream is not whole: the one thing that whatever is missing is told with.

        `unanswered`, `status`, `body`, `error`, `ending` (cut off), `tail` (unfinished frame), `headless`,
        `clean` (it just stops), or `stopped`: nothing is missing.
        """
        response = self.response
        if response is None:
            return "unanswered"
        if response.status != 200:
            return "status"
        if self.foreign or not (self.number or self.tail):
            return "body" if self.foreign or self.how in (Ending.COMPLETE, None) else "ending"
        if self.error_at:
            return "error"
        if self.stop_at or self.done:
            return "stopped"
        if self.how is not Ending.COMPLETE:
            return "ending"
        if self.tail is not None:
            return "tail"
        return "clean" if self.message.started else "headless"
