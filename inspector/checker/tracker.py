"""Keeping the context up to date: takes blocks in order, writes the facts, announces the moments for rules.

Nothing else writes facts, except `Checker.feed`, which counts plain deltas itself. What is written does not
depend on the rules that are on: any selection of rules is a filter of all findings.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from inspector import sse
from inspector._json import as_object, valid
from inspector.aws_frames import parse_frame
from inspector.checker.clock_tracker import ClockTracker
from inspector.checker.context import Context
from inspector.checker.event_reading import RECURRING, read_object, read_payload, read_recurring
from inspector.checker.facts import BODY_BYTES, KNOWN_FIELDS, EventFacts, Tail
from inspector.checker.message_tracker import MessageTracker
from inspector.checker.payloads import AWS_EVENTS, heartbeat
from inspector.checker.rule import Moment
from inspector.protocol import EVENT_TYPES
from inspector.protocol.event_payloads import diagnose, joined_objects, lines_of
from inspector.protocol.grammar import Misstep
from inspector.recording import End, TimedBlock, is_binary

__all__ = ["Tracker"]

_BODY_START_BYTES = 2048
_NAME_BYTES = 256  # where the name of a long frame is looked for
_OTHER_FORMATS = (b"{", b"[", b"<", b"\x1f\x8b", b"\x28\xb5\x2f\xfd", AWS_EVENTS)
_LF, _CR = b"\n\r"  # ints: `in` finds an int in bytes ten times as fast as a byte in bytes
_MIXED_BLANK_LINE = re.compile(rb"(?<!\r)\n\r|\r\n\n|\r\n\r(?!\n)|\r\r\n")


def _starts_other(raw: bytes) -> bool:
    """Return whether a body that begins like this is no event stream: a lone `null` is no field."""
    start = raw.removeprefix(sse.BOM).strip()
    return start.startswith(_OTHER_FORMATS) or (len(raw) < _BODY_START_BYTES and valid(start))


def _fields_of(raw: bytes) -> dict[bytes, bytes]:
    fields: dict[bytes, bytes] = {}
    unknown = False
    for name, value in sse.fields(raw):
        known = name in KNOWN_FIELDS
        if name == b"event" or (name not in fields and (known or not unknown)):
            fields[name] = value
            unknown = unknown or not known
    return fields


def _values(data: bytes) -> Iterator[Any]:
    """Parse the lines of a payload, one at a time: there may be too many to keep."""
    return (diagnose(line)[0] for line in lines_of(data))


class Tracker:
    """Write the facts of a context; call `announce` at each moment at which rules may speak.

    `clock` keeps the times, `message` follows the message and its content blocks. `ids` is as in `Checker`.
    """

    __slots__ = ("_announce", "_binary", "_context", "_no_stream_expected", "clock", "message")

    def __init__(
        self, context: Context, announce: Callable[[Moment | Misstep], None], ids: dict[str, int]
    ) -> None:
        self._context, self._announce = context, announce
        self.clock = ClockTracker(context)
        self.message = MessageTracker(context, announce, ids)
        self._binary = is_binary(context.head)
        self._no_stream_expected = context.response is None or context.response.status != 200
        announce(Moment.HEAD)

    def take(self, block: TimedBlock) -> None:
        """Take the next block."""
        c, stream = self._context, self._context.stream
        c.event = event = EventFacts(block, offset=stream.size, kind=block.event)
        c.content = None
        stream.size += block.size
        if block.data is not None and stream.is_event_stream and not self._no_stream_expected:
            stream.events += 1
            event.number = stream.events
        if c.timed:
            if self.clock.measure(block):
                self._announce(Moment.GAP)
            self.clock.restart(block)
        if stream.events < 2 or not stream.is_event_stream:
            self._look_at_start(block)
        if self._no_stream_expected or not stream.is_event_stream:
            return
        if self._binary:
            self._take_frame(block)
            return
        if (block.data is None or c.framing.oversize) and self._take_oversize(block.raw):
            return
        if block.raw == b"\n" and c.framing.first_line_ending == "LF":
            return  # a lone blank line: no rule has a word on it, and millions may come
        if block.raw:
            self._look_at_lines(block.raw)
            self._announce(Moment.FRAME)
        elif block.cuts:
            self._announce(Moment.CUT)
        if block.data is None:
            self._take_no_event(block.raw)
            return
        self._take_event(block, block.data)

    def _take_frame(self, block: TimedBlock) -> None:
        """Take a frame of AWS's binary stream: it has no lines, and is sound or not."""
        c = self._context
        if block.data is not None:
            self._take_event(block, block.data)
            return
        frame = parse_frame(block.raw)
        c.event.frame_problem = frame.problem
        if frame.cut:
            c.stream.tail = Tail(block.raw, None, None, False, None)
        else:
            self._announce(Moment.BAD_FRAME)
        self.message.lose(None)

    def finish(self, end: End | None, *, torn: bool) -> None:
        """Set the facts to the end of the recording; `end` is None if nobody saw how it ended."""
        c, stream = self._context, self._context.stream
        stream.closed, stream.end, stream.torn = True, end, torn
        self.clock.stop(end.t if end else 0.0)
        c.content = None
        problem = c.event.frame_problem
        c.event = EventFacts(c.event.block, stream.events or None, stream.size, c.event.kind)
        c.event.frame_problem = problem
        self._announce(Moment.WHOLE_END if c.is_whole else Moment.END)
        self.message.leave_open_blocks()

    def _look_at_start(self, block: TimedBlock) -> None:
        stream = self._context.stream
        if stream.events < 2 and len(stream.body_start) < _BODY_START_BYTES:
            stream.body_start += block.raw_bytes[:_BODY_START_BYTES]
        if not self._context.event.offset:
            stream.first_at = self._context.place
            frame = self._binary and block.raw.startswith(b"\0")
            stream.is_event_stream = block.data is not None or frame or not _starts_other(block.raw)
        if not stream.is_event_stream and stream.size <= BODY_BYTES:
            stream.body += block.raw_bytes

    def _look_at_lines(self, raw: bytes) -> None:
        c, framing = self._context, self._context.framing
        framing.fields = _fields_of(raw if c.event.offset else raw.removeprefix(sse.BOM))
        framing.id_seen = framing.id_seen or b"id" in framing.fields
        framing.line_ending = "CRLF" if b"\r\n" in raw else "CR" if _CR in raw else "LF"
        framing.mixed_blank_line = _CR in raw and _MIXED_BLANK_LINE.search(raw) is not None
        if raw and not framing.first_line_ending and not framing.mixed_blank_line:
            # If events came before this block, they were in the plain form, which ends lines in LF.
            first = not c.event.offset or not c.stream.events
            framing.first_line_ending = framing.line_ending if first else "LF"

    def _take_no_event(self, raw: bytes) -> None:
        """Take a block that dispatches no event: a comment, an event without data, an unfinished tail."""
        if not sse.is_finished(raw):
            self._take_tail(raw)
            return
        name = self._context.framing.fields.get(b"event")
        if name:
            self.message.lose(name.decode("utf-8", "replace"))

    def _take_oversize(self, raw: bytes) -> bool:
        """Take a piece of a frame that is longer than the decoder's limit, or the rest of that frame."""
        c, framing = self._context, self._context.framing
        is_piece = len(raw) == sse.BLOCK_LIMIT and not sse.is_finished(raw)
        is_rest = framing.oversize > 0 and raw != b"" and sse.is_finished(raw)
        if is_piece and not framing.oversize:
            framing.oversize_at = c.place
            name = dict(sse.fields(raw[:_NAME_BYTES])).get(b"event", b"")
            self.message.lose(name.decode("utf-8", "replace"))
        framing.oversize = framing.oversize + len(raw) if is_piece or is_rest else 0
        if is_rest:
            self._announce(Moment.OVERSIZE)
            framing.oversize = 0
        # If nothing follows a piece, the frame is unfinished.
        c.stream.tail = Tail(raw, None, None, False, None) if is_piece else None
        return is_piece or is_rest

    def _take_tail(self, raw: bytes) -> None:
        """Parsers drop what no blank line ends, but what it holds has come all the same."""
        c = self._context
        block = sse.parse(raw.rstrip(b"\r\n") + b"\n\n", first=not c.event.offset)
        value, readable, _ = diagnose(block.data) if block.data else (None, False, ())
        kind = as_object(value).get("type")
        name = block.event.decode("utf-8", "replace") if block.event else None
        readable = readable and isinstance(value, dict)
        kind = kind if isinstance(kind, str) else None
        c.stream.tail = Tail(raw, name, block.data, readable, kind)
        if readable:
            self.message.lose(kind)
        elif block.data and _LF in block.data:
            self._take_unreadable(None, block.data)

    def _take_event(self, block: TimedBlock, data: bytes) -> None:
        c, event, name = self._context, self._context.event, block.event
        events, progress = c.stream.events, c.clock.progress
        if events >= progress.next_sample:
            progress.sample(block.t, events)
        recurs = len(data) <= RECURRING and name != "content_block_delta"
        reading = (read_recurring if recurs else read_payload)(name, data)
        if reading is None:
            readable = self._diagnose(data)
            if not readable:
                self._take_unreadable(name, data)
                return
            reading = read_object(name, event.payload)
        event.payload, event.delta, event.faults, event.kind = reading
        # Nearly every event is named twice alike, short and ASCII. No rule of single events objects to those.
        if (
            name is None
            or name != event.kind
            or name != event.payload.get("type")
            or not data.isascii()
            or c.stream.size - event.offset > c.limits.max_frame
        ):
            self._announce(Moment.ODD_EVENT)
        self._step()

    def _diagnose(self, data: bytes) -> bool:
        """Say what is wrong with a payload that is not plainly an object; return whether it is one."""
        event, framing = self._context.event, self._context.framing
        event.value, readable, event.problems = diagnose(data)
        if any(problem.rule == "json-invalid" for problem in event.problems):
            event.heartbeat = heartbeat(data)
            if event.heartbeat:
                framing.splice_end = self._context.stream.size
        event.payload = as_object(event.value)
        self._announce(Moment.PAYLOAD)
        return readable and isinstance(event.value, dict)

    def _step(self) -> None:
        c, kind = self._context, self._context.event.kind
        if c.event.faults:
            self._announce(Moment.SHAPE)
        if kind is None or kind not in EVENT_TYPES:
            self._announce(Moment.OTHER)
            return
        if kind == "ping":
            self.clock.ping()
            self._announce(Moment.PING)
        else:
            self.message.step(kind)
            c.stream.has_known_events = True
        c.stream.last_event = kind

    def _take_unreadable(self, name: str | None, data: bytes) -> None:
        """Take a payload that is not one object: go on with what it was meant to be."""
        stream = self._context.stream
        if joined_objects(data) and all(isinstance(value, dict) for value in _values(data)):
            for value in _values(data):  # several events in one block: each is read
                event = self._context.event
                event.payload, event.delta, event.faults, event.kind = read_object(name, value)
                self._step()
        elif data.strip() != b"[DONE]":
            self.message.lose(name)
        elif not stream.stop_at and not stream.error_at:
            stream.stop_assumed = True
