"""The facts that the tracker gathers, in groups: what rules read.

The facts are counts, names and places. Text is kept only where a rule needs it: a tool's JSON until its
block stops, and the first bytes of a body that may be no event stream.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, NamedTuple

from inspector._json import as_object
from inspector.checker.buffering import Progress
from inspector.checker.findings import NOWHERE, Place
from inspector.checker.payloads import ToolJson
from inspector.checker.shapes import ShapeFault
from inspector.protocol.event_payloads import PayloadProblem
from inspector.recording import End, Ending, TimedBlock

__all__ = [
    "BODY_BYTES",
    "KNOWN_FIELDS",
    "REPEATS",
    "BlockFacts",
    "ClockFacts",
    "EventFacts",
    "FramingFacts",
    "MessageFacts",
    "StreamFacts",
    "Tail",
    "listed",
]

BODY_BYTES = 4 * 1024 * 1024
"""How much is kept of a body that is no event stream, to parse it at its end."""
_NO_BLOCK = TimedBlock(0.0, None, None)
REPEATS = 3
"""How many deltas must begin with all text before them, before that proves something."""
_LISTED = 5  # how many blocks or fields a message names


@dataclass(slots=True)
class BlockFacts:
    """One content block so far; `index` is -1 for a block that `message_start` holds.

    `answers` is the id of the tool call whose result this block is. `prefilled` and `misfilled` say that the
    start has a tool's input, which is an object or not.
    `delta_type` is the delta that may go uninspected (None: no delta may), `text_field` its field. `pieces`
    is the JSON of a tool's input, `json` what became of it. `accumulated` is the whole text, as long as every
    delta has begun with all text before it, `repeats` times so far; `cumulative` says that this is no chance.
    `doubtful` means that an event of this block may have been lost.
    """

    index: int
    type: str | None
    at: Place
    id: str = ""
    name: str = ""
    answers: str = ""
    delta_type: str | None = None
    text_field: str = ""
    is_tool: bool = False
    deltas: int = 0
    size: int = 0
    pieces: list[str] = field(default_factory=list)
    prefilled: bool = False
    misfilled: bool = False
    start_text: str = ""
    signatures: int = 0
    signed: bool = False
    accumulated: str | None = ""
    repeats: int = 0
    cumulative: bool = False
    last_delta: bytes = b""
    doubtful: bool = False
    json: ToolJson | None = None
    stopped: Place | None = None

    def __str__(self) -> str:
        named = " ".join(part for part in (self.type or "of unknown type", self.name) if part)
        return f"block {self.index} ({named})" if self.index >= 0 else f"a block of message_start ({named})"

    @property
    def plain(self) -> bool:
        """Whether no rule can object to the next delta of the usual type."""
        if self.delta_type is None or self.start_text or self.prefilled or self.signatures:
            return False
        return self.is_tool or self.accumulated is None or self.repeats < REPEATS - 1

    def accumulate(self, text: str) -> None:
        """Note the text of the next delta: some servers send all of the text so far in every delta."""
        before = self.accumulated
        if before is None:
            return
        if text.startswith(before) and len(text) > len(before):
            self.accumulated, self.repeats = text, self.repeats + 1
        elif text != before or self.repeats < 2:  # a snapshot may have nothing new
            self.accumulated, self.repeats = None, 0

    @property
    def progress(self) -> str:
        """Name the block and say how far it has come, for lists of open blocks."""
        return f"{self}{self._unfinished}"

    @property
    def progress_since(self) -> str:
        """The same, and where the block started."""
        return f"{self} since {self.at}{self._unfinished}"

    @property
    def _unfinished(self) -> str:
        is_cut = self.is_tool and not self.prefilled
        return f", {self.size} characters of its JSON: do not run it" if is_cut else ""


def listed(items: Iterable[str], count: int, separator: str = ", ") -> str:
    """Join the first few of `count` texts for a message, and count the rest."""
    text = separator.join(islice(items, _LISTED))
    return f"{text} and {count - _LISTED} more" if count > _LISTED else text


@dataclass(slots=True)
class MessageFacts:
    """The message so far; `started` is False as long as no `message_start` was seen.

    `preset` counts the blocks that `message_start` holds; if it holds a finished message, that is
    `prefilled`. `by_index` and `open` have the newest block with each index, `open` in the order of starts.
    `later_input` is the `input_tokens` of a `message_delta`. `doubtful` means that an event was lost.
    """

    at: Place = NOWHERE
    started: bool = False
    id: str = ""
    id_reused: bool = False
    usage: dict[str, Any] = field(default_factory=dict)
    prefilled: bool = False
    start_reason: str | None = None
    stop_reason: str | None = None
    reason_at: Place | None = None
    deltas: int = 0
    later_input: int | None = None
    output: int | None = None
    output_at: Place | None = None
    preset: int = 0
    blocks: list[BlockFacts] = field(default_factory=list)
    by_index: dict[int, BlockFacts] = field(default_factory=dict)
    open: dict[int, BlockFacts] = field(default_factory=dict)
    tool_ids: dict[str, int] = field(default_factory=dict)
    results: set[str] = field(default_factory=set)
    doubtful: bool = False
    fell_back: bool = False

    @property
    def text_size(self) -> int:
        """How many characters of text, thinking and tool JSON have come."""
        return sum(block.size for block in self.blocks)

    @property
    def still_open(self) -> str:
        """List the open blocks, as the end of a message: empty, or "; open: block 1 (text)"."""
        blocks = (block.progress for block in self.open.values())
        return f"; open: {listed(blocks, len(self.open))}" if self.open else ""


class Tail(NamedTuple):
    """An unfinished block at the end of the body, read as if a blank line followed.

    `event` and `data` are its fields. `readable` says whether the data is one JSON object, `kind` is that
    object's `type`.
    """

    raw: bytes
    event: str | None
    data: bytes | None
    readable: bool
    kind: str | None


@dataclass(slots=True)
class EventFacts:
    """The block that is being checked, and the event that it dispatches.

    `number` counts events from 1; None for a block that dispatches none. `kind` is the payload's type, or
    else the event's name. `payload` is the payload if it is an object, `delta` the object in it; `value` is
    the payload, whatever it is, that is not plainly an object. `problems` is what is wrong with the JSON,
    `heartbeat` a keep-alive comment inside it. `faults` are the fields that are missing or have a wrong type.
    `repeated` marks a `message_start` that names the open message again. `frame_problem` says what is wrong
    with a frame of AWS's binary stream.
    """

    block: TimedBlock = _NO_BLOCK
    number: int | None = None
    offset: int = 0
    kind: str | None = None
    value: Any = None
    payload: dict[str, Any] = field(default_factory=dict)
    delta: dict[str, Any] = field(default_factory=dict)
    problems: tuple[PayloadProblem, ...] = ()
    heartbeat: str = ""
    faults: tuple[ShapeFault, ...] = ()
    repeated: bool = False
    frame_problem: str = ""

    @property
    def name(self) -> str | None:
        """The value of the `event:` line."""
        return self.block.event

    def faults_for(self, rule: str) -> list[ShapeFault]:
        """List the faults that this rule reports."""
        return [fault for fault in self.faults if fault.rule == rule]

    @property
    def content_block(self) -> dict[str, Any]:
        """The `content_block` of a `content_block_start`; empty if it is no object."""
        return as_object(self.payload.get("content_block"))

    @property
    def usage(self) -> dict[str, Any]:
        """The `usage` of a `message_delta`; empty if it is no object."""
        return as_object(self.payload.get("usage"))

    @property
    def is_plain(self) -> bool:
        """Whether the block is in the plain form and came in one read: no FRAME or CUT moment then."""
        return not (self.block.raw or self.block.cuts)

    @property
    def data(self) -> bytes:
        """The payload's bytes; empty if there are none."""
        return self.block.data or b""


@dataclass(slots=True)
class StreamFacts:
    """The stream so far: the `events` and the `size` (bytes) that came, and where it started and stopped.

    `has_known_events` says that one of the events, other than a ping, is of the Messages API. `last_event` is
    the kind of the last one. `body_start` is the first bytes; `is_event_stream` is False if they begin
    another format, and `body` is then all of it up to `BODY_BYTES`. `stop_assumed` means that something
    stood in the place of `message_stop`: an unreadable event, or `[DONE]`. `closed` is True at the end, and
    `end` then says how the response ended, if anybody saw it.
    """

    events: int = 0
    size: int = 0
    has_known_events: bool = False
    last_event: str = ""
    body_start: bytes = b""
    body: bytearray = field(default_factory=bytearray)
    is_event_stream: bool = True
    first_at: Place | None = None
    error_at: Place | None = None
    stop_at: Place | None = None
    stop_assumed: bool = False
    tail: Tail | None = None
    closed: bool = False
    end: End | None = None
    torn: bool = False

    @property
    def ending(self) -> Ending | None:
        """How the response ended; None if nobody saw its end."""
        return self.end.how if self.end else None


KNOWN_FIELDS = (b"event", b"data", b"id", b"retry", b"")
"""The names of the standard's fields; that of a comment is empty."""


@dataclass(slots=True)
class FramingFacts:
    """The lines of the current block, if it is not in the plain form.

    `fields` are the first values of its fields by name, of `event` the last. Of the names that the standard
    does not know only the first is kept: a block may have millions of lines. `line_ending` is LF, CRLF or CR,
    `first_line_ending` that of the stream's first block. `oversize` counts the bytes of a frame that is too
    long to be read and began at `oversize_at`. `mixed_blank_line` says that its blank line is made of two
    different line ends, `id_seen` that the stream has `id:` lines. `splice_end` is the offset at which the
    last block with a keep-alive inside its payload ended: the rest of that payload follows there.
    """

    fields: dict[bytes, bytes] = field(default_factory=dict)
    line_ending: str = "LF"
    first_line_ending: str = ""
    mixed_blank_line: bool = False
    id_seen: bool = False
    oversize: int = 0
    oversize_at: Place = NOWHERE
    splice_end: int | None = None


@dataclass(slots=True)
class ClockFacts:
    """Times, in seconds since the request.

    `t` is the time of the current block, `last_bytes` that of the newest bytes, `last_content` that of the
    newest event but ping. `silence` is the longest pause before or within the current block. `quiet` is how
    long nothing but pings and comments came before it: `gap_pings` of them so far. `comment_pause` is the
    longest time without content at which a comment came. `progress` is how the events are spread.
    """

    t: float = 0.0
    last_bytes: float = 0.0
    last_content: float = 0.0
    silence: float = 0.0
    quiet: float = 0.0
    pings: int = 0
    shortest_ping_gap: float | None = None
    longest_ping_gap: float = 0.0
    gap_pings: int = 0
    comment_pause: float = 0.0
    progress: Progress = field(default_factory=Progress)
