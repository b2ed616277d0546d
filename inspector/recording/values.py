"""One response, whole, as plain immutable values.

Times are seconds since the request was sent, to the microsecond. Only what arrived is stored. The body, the
chunks, the events and the Message are computed from it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple

from inspector import _json, protocol, sse
from inspector.recording.absent import Absent, absent_of
from inspector.recording.masked_repr import masked_repr

__all__ = [
    "FORMAT_VERSION",
    "End",
    "Ending",
    "Event",
    "Head",
    "Line",
    "Other",
    "Part",
    "Recording",
    "Request",
    "Response",
    "TimedBlock",
    "Torn",
    "chunks",
    "events",
    "timed_block",
]

FORMAT_VERSION = 1
"""The version of the file format that is written and read."""


class Ending(StrEnum):
    """How a response ended."""

    COMPLETE = "complete"
    """The body ended as HTTP says."""
    CUT = "cut"
    """The peer closed the connection before that."""
    RESET = "reset"
    """The connection was reset, or could not be made."""
    TIMEOUT = "timeout"
    """Nothing came until the reader's timeout."""
    ABANDONED = "abandoned"
    """The reader stopped before the end."""


class End(NamedTuple):
    """The end of a response: when, how, and the text of the error if there was one."""

    t: float
    how: Ending
    error: str | None = None
    extra: Mapping[str, Any] | None = None


class TimedBlock(NamedTuple):
    """One block of the event stream and the time at which the read that completed it returned.

    `event`, `data` and `raw` are as in `inspector.sse.Block`, the name as text. `cuts` lists the earlier
    reads that brought a part of the block: (how many of its bytes had come by then, when).
    """

    t: float
    event: str | None
    data: bytes | None
    raw: bytes = b""
    cuts: tuple[tuple[int, float], ...] = ()
    extra: Mapping[str, Any] | None = None

    @property
    def size(self) -> int:
        """How many bytes the block had in the body."""
        if self.raw or self.data is None:
            return len(self.raw)
        return len(b"event: \ndata: \n\n") + len((self.event or "").encode()) + len(self.data)

    @property
    def raw_bytes(self) -> bytes:
        """The block's bytes as they stood in the body."""
        if self.raw or self.data is None:
            return self.raw
        return b"event: %b\ndata: %b\n\n" % ((self.event or "").encode(), self.data)


def timed_block(
    block: sse.Block,
    t: float,
    cuts: tuple[tuple[int, float], ...] = (),
    extra: Mapping[str, Any] | None = None,
) -> TimedBlock:
    """Give a block its time. If its name is not UTF-8, `raw` keeps the bytes of the block."""
    name, raw = None, block.raw
    if block.event is not None:
        name = block.event.decode("utf-8", "replace")
        if not raw and name.encode() != block.event:
            raw = block.raw_bytes
    return TimedBlock(t, name, block.data, raw, cuts, extra)


class Event(NamedTuple):
    """One event that a block dispatched.

    `number` counts the stream's events from 1, pings included. `name` is the value of the `event:` line, None
    if there is no such line. `data` is the parsed payload; if that is not JSON, `valid` is False and `data`
    None. `offset` is the block's first byte in the body.
    """

    number: int
    t: float
    name: str | None
    data: Any
    valid: bool
    offset: int
    block: TimedBlock

    @property
    def type(self) -> str | None:
        """The payload's `type`, or else the event's name."""
        kind = self.data.get("type") if isinstance(self.data, dict) else None
        return kind if isinstance(kind, str) else self.name


@dataclass(frozen=True, slots=True)
class Request:
    """The request, without what may not be kept; `withheld` names the headers that lost their value.

    `body` is the body's own bytes, secrets masked; None if it had none.
    """

    method: str = "POST"
    url: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    withheld: tuple[str, ...] = ()
    extra: Mapping[str, Any] | None = None

    def json(self) -> Any:
        """Parse the body; return None if there is none or it is not JSON."""
        try:
            return None if self.body is None else _json.loads(self.body)
        except ValueError:
            return None


@dataclass(frozen=True, slots=True)
class Response:
    """The response's head and when it came; header names are in lower case."""

    t: float
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    http: str = "HTTP/1.1"
    withheld: tuple[str, ...] = ()
    extra: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Head:
    """A recording's first line: when the request was sent (UTC, ISO 8601), request, response, recorder."""

    at: str
    request: Request
    response: Response | None = None
    recorder: Mapping[str, Any] = field(default_factory=dict)
    extra: Mapping[str, Any] | None = None

    @property
    def timed(self) -> bool:
        """Whether the times are real; those of a bare stream are not."""
        return Absent.TIMES not in self.absent

    @property
    def status(self) -> int | None:
        """The HTTP status; None if no response came, or if the source did not have its status."""
        if self.response is None or Absent.STATUS in self.absent:
            return None
        return self.response.status

    @property
    def absent(self) -> frozenset[str]:
        """What the source of the recording did not have: see `Absent`. Other names may be among them."""
        return absent_of(self.extra)


class Other(NamedTuple):
    """A line of a kind that this version does not know."""

    text: bytes


class Part(NamedTuple):
    """Bytes of a block that is not finished yet. The parts of a block add up; its own line replaces them.

    `t` is the time of the read that brought the last of `raw`; `cuts` are as in a `TimedBlock`.
    """

    t: float
    raw: bytes
    cuts: tuple[tuple[int, float], ...] = ()


class Torn(NamedTuple):
    """A last line that its writer did not finish; empty if a compressed file breaks off between lines."""

    text: bytes
    line: int


Line = Head | TimedBlock | End | Other | Torn
"""What a file of recordings is made of."""


@dataclass(frozen=True, slots=True)
class Recording:
    """One response, whole: every byte, when it arrived, and how it ended.

    `end` is None if the recorder itself died; `torn` then says whether its last line broke off in the
    middle. `others` holds lines of kinds that this version does not know, with the number of blocks before
    each. `source` names the file that the recording was read from, for messages.
    """

    head: Head
    blocks: tuple[TimedBlock, ...] = ()
    end: End | None = None
    torn: bool = field(default=False, compare=False)
    others: tuple[tuple[int, bytes], ...] = ()
    source: str = field(default="", compare=False)

    @property
    def request(self) -> Request:
        """The request."""
        return self.head.request

    @property
    def response(self) -> Response | None:
        """The response's head; None if no response came."""
        return self.head.response

    @property
    def body(self) -> bytes:
        """The response body, byte for byte, after content decoding."""
        return b"".join(block.raw_bytes for block in self.blocks)

    def chunks(self) -> Iterator[tuple[float, bytes]]:
        """Yield (time, bytes) for every read that brought a part of the body, as it arrived."""
        return chunks(self.blocks)

    def events(self) -> Iterator[Event]:
        """Yield the events that the stream dispatches, in order."""
        return events(self.blocks)

    def message(self) -> dict[str, Any] | None:
        """Fold the events into the final Message, in the API's own shape; return None if no message starts.

        This is what the SDK's `get_final_message()` returns, as `to_dict()` gives it. A body that is one
        JSON message instead of a stream is returned as it is.
        """
        message = protocol.fold((event.name, event.data) for event in self.events())
        if message is None and self.blocks and all(block.data is None for block in self.blocks):
            try:
                whole = _json.as_object(_json.loads(self.body))
            except ValueError:
                return None
            return whole if whole.get("type") == "message" else None
        return message


def events(blocks: Iterable[TimedBlock]) -> Iterator[Event]:
    """Yield the events that `blocks` dispatch. Each payload is parsed when its event is taken."""
    number = offset = 0
    loads = _json.loads
    for block in blocks:
        data = block.data
        if data is not None:
            number += 1
            try:
                yield Event(number, block.t, block.event, loads(data), True, offset, block)
            except ValueError:
                yield Event(number, block.t, block.event, None, False, offset, block)
        offset += block.size


def chunks(blocks: Iterable[TimedBlock]) -> Iterator[tuple[float, bytes]]:
    """Yield (time, bytes) for every read, in order: blocks of one read together, blocks of several apart."""
    t = -1.0
    pieces: list[bytes] = []
    for when, event, data, raw, cuts, _ in blocks:
        if not raw and data is not None:  # `raw_bytes`, without a call for each of many blocks
            raw = b"event: %b\ndata: %b\n\n" % ((event or "").encode(), data)
        start = 0
        for size, cut in cuts:
            if cut != t and pieces:
                yield t, b"".join(pieces)
                pieces = []
            t = cut
            if size > start:
                pieces.append(raw[start:size])
                start = size
        if when != t:
            if pieces:
                yield t, b"".join(pieces)
                pieces = []
            t = when
        if len(raw) > start:
            pieces.append(raw[start:])
    if pieces:
        yield t, b"".join(pieces)


for _shown in (End, TimedBlock, Event, Request, Response, Head, Other, Part, Torn, Recording):
    _shown.__repr__ = masked_repr  # type: ignore[method-assign]
