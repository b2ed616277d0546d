"""The summary: how a response went, in a few facts.

It is fed block by block, so that it is ready when the stream ends. Its memory does not grow with the stream.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from inspector._json import as_object, as_text
from inspector.protocol import UNFINISHED_STOPS
from inspector.protocol.event_payloads import not_separated
from inspector.recording import Absent, End, Ending, Head, Recording, TimedBlock, is_binary
from inspector.views.message_progress import MessageProgress
from inspector.views.plain_body import PlainBody
from inspector.views.timeline import claims_stream, usage_text

__all__ = ["Summary", "summary"]

_BROKEN = {
    Ending.CUT: "the connection was closed before the end",
    Ending.RESET: "the connection was reset",
    Ending.TIMEOUT: "nothing more came, and the reader gave up waiting",
    Ending.ABANDONED: "the reader stopped before the end",
}


def summary(recording: Recording) -> Summary:
    """Return the summary of a whole recording."""
    made = Summary()
    made.add(recording.head)
    for block in recording.blocks:
        made.add(block)
    if recording.end:
        made.add(recording.end)
    return made


class Summary(MessageProgress):
    """How a response went; `add` its head, blocks and end in order, and read the attributes at any time.

    Times are seconds since the request was sent, sizes are bytes of the decoded body.
    """

    def __init__(self) -> None:
        super().__init__()
        self.head: Head | None = None
        self.end: End | None = None
        self.events = self.size = self.reads = 0
        self.first_event: float | None = None
        self.last = 0.0
        """The time of the end, or of the last read that has come."""
        self.interrupted = False
        """Whether somebody stopped the showing: the recording may go on, so nothing is said of its end."""
        self._last_read = -1.0
        self._binary = False
        self._body = PlainBody()

    def add(self, value: Head | TimedBlock | End) -> None:
        """Take the next value of a recording."""
        if isinstance(value, TimedBlock):
            self._add_block(value)
        elif isinstance(value, Head):
            self.head = value
            self.last = value.response.t if value.response else 0.0
            self._binary = is_binary(value)
        else:
            self.end = value
            self.last = value.t
            self._read_message()

    def pass_over(self, count: int, t: float) -> None:
        """Count deltas after the first text that are sound, up to time `t`, without their bytes and reads."""
        if count:
            self.events += count
            self.last = t

    def _add_block(self, block: TimedBlock) -> None:
        t, name, data, raw, cuts, _ = block
        self.size += block.size
        for _, at in cuts:
            self._add_read(at)
        if t != self._last_read:
            self._add_read(t)
        self.last = t
        if data is None:
            if not self.events:
                self._body.add(raw)
            self.take_rest(raw, first=self.size == len(raw), binary=self._binary)
            return
        self.events += 1
        if self.first_event is None:
            self.first_event = t
        self.take_event(name, data, t)

    def _add_read(self, t: float) -> None:
        if t != self._last_read:
            self.reads += 1
            self._last_read = t

    def _read_message(self) -> None:
        """Read a Message that is the whole body, as an answer to a request without `stream`."""
        if not self.events and (message := self._body.message):
            id_, model, reason = (message.get(name) for name in ("id", "model", "stop_reason"))
            self.message_id = id_ if isinstance(id_, str) else None
            self.model = None if model is None else as_text(model)
            self.stop_reason = None if reason is None else as_text(reason)
            self.usage = {
                key: each for key, each in as_object(message.get("usage")).items() if each is not None
            }

    @property
    def status(self) -> int | None:
        """The HTTP status; None if no response came, or if it is not known."""
        return self.head.status if self.head else None

    @property
    def _is_answered(self) -> bool:
        return self.head is not None and self.head.response is not None

    @property
    def duration(self) -> float | None:
        """Until the end or the last read; without times what the source says, None if it says nothing."""
        if self.head is None or self.head.timed:
            return self.last
        duration = (self.head.extra or {}).get("duration")
        if isinstance(duration, bool) or not isinstance(duration, int | float):
            return None
        return float(duration)

    @property
    def claims_stream(self) -> bool:
        """Whether the response's content type is that of an event stream, or absent."""
        return self.head is not None and claims_stream(self.head)

    @property
    def http_error(self) -> dict[str, Any] | None:
        """The error object of an HTTP error, empty if its body has none; None for other statuses."""
        if self.status is None or self.status < 400:
            return None
        return as_object(as_object(self.body_json).get("error"))

    @property
    def error_text(self) -> str:
        """What a body that is no stream says, if it is an error or a page; empty if it says nothing."""
        return "" if self.events else self._body.error_text

    @property
    def body_json(self) -> Any:
        """The body if it is JSON instead of an event stream, else None."""
        return None if self.events else self._body.json

    @property
    def outcome(self) -> str:
        """How the response turned out, in one word, as far as it has come.

        The stop reason of a whole message, or `no_stop_reason`. Else the type of the error that came, in the
        stream or with an HTTP status, or `http_` and the status. Else how the body broke off, `partial` for a
        stream without `message_stop`, `unfinished` for a recording without an end, `no_response`. A body that
        is no stream is `answered` if it is what was requested, and else `not_a_stream`, `empty`, or
        `not_kept` by the source of the recording.
        """
        if not self._is_answered:
            return "no_response" if self.end else "unfinished"
        if self.status not in (200, None):
            return self._body.error_type or f"http_{self.status}"
        if self.error is not None:
            return as_text(self.error.get("type") or "error")
        if self.events and not self.is_known and self.events > self.pings:
            return "not_a_stream"
        if self.stopped:
            return self.stop_reason or "no_stop_reason"
        if self.end is None:
            return "unfinished"
        if self.lacks_body:
            return "not_kept"
        if self.end.how is not Ending.COMPLETE:
            return self.end.how
        return "partial" if self.events or self._is_cut_in_first_event else self._outcome_of_body

    @property
    def _is_cut_in_first_event(self) -> bool:
        return self.has_tail and self._body.begins_as_stream

    @property
    def _outcome_of_body(self) -> str:
        """How a whole response turned out that is no stream."""
        if message := self._body.message:
            return as_text(message.get("stop_reason") or "no_stop_reason")
        if self.head and self._body.answers(self.head.request):
            return "answered"
        if self._body.is_error:
            return self._body.error_type or "error"
        return "not_a_stream" if self.size else "empty"

    @property
    def lacks_body(self) -> bool:
        """Whether a body came that the source of the recording did not keep: it may have had events."""
        return self.head is not None and Absent.BODY in self.head.absent

    @property
    def knows_events(self) -> bool:
        """Whether the events are those that came: not made from a whole message, and their body was kept."""
        return self.head is None or self.head.absent.isdisjoint((Absent.EVENTS, Absent.BODY))

    @property
    def ending(self) -> Ending | None:
        """How the body ended; None if nobody saw it: there is no end, or `complete` stands in its place."""
        if self.end is None:
            return None
        stands_in = self.head is not None and Absent.END in self.head.absent
        return None if stands_in and self.end.how is Ending.COMPLETE else self.end.how

    @property
    def problems(self) -> list[str]:
        """Why this is not a complete answer; empty if it is one."""
        return list(self._problems())

    def _problems(self) -> Iterator[str]:
        if not self._is_answered:
            yield "no response came"
        elif self.status and self.status >= 400:
            yield f"the API answered with status {self.status}"
        elif self.merged_frames:
            yield not_separated(self.merged_objects, self.merged_frames)
        elif not self.events and not (self.head and self._body.answers(self.head.request)):
            yield self._not_a_stream()
        if self.error is not None:
            parts = (self.error.get("type") or "error", self.error.get("message"))
            yield f"the stream holds an error: {': '.join(as_text(part) for part in parts if part)}"
        if self.end is None and self.interrupted:
            yield "interrupted: what follows is not shown"
        elif self.end is None:
            yield "the recording stops without an end"
        elif self._is_answered and not self.lacks_body and self.end.how is not Ending.COMPLETE:
            yield _BROKEN[self.end.how]
        elif self.events and not self.is_known and self.events > self.pings:
            yield "no event is one of the Messages API"
        elif (self.events or self.merged_frames) and not self.stopped and self.error is None:
            yield "the stream ended without message_stop: what came is partial"
        yield from self._odd_events()

    def _odd_events(self) -> Iterator[str]:
        """Yield what clients cannot take although it came."""
        if self.unnamed:
            yield f"{_count(self.unnamed, 'has', 'have')} no name: SDKs skip {_them(self.unnamed)}"
        if self.unreadable:
            yield f"{_count(self.unreadable, 'is', 'are')} not JSON: SDKs fail on {_them(self.unreadable)}"

    def _not_a_stream(self) -> str:
        headers = self.head.response.headers if self.head and self.head.response else {}
        kind = headers.get("content-type", "without a content type")
        if self.lacks_body:
            return "the body is not in the source of this recording"
        if not self.size:
            return "the body is empty"
        if self._is_cut_in_first_event:
            return "the stream ended before its first event was complete"
        if self._body.begins_as_stream:
            return "the stream has no event"
        said = not self._body.message and self.error_text
        return f"the body is not an event stream ({kind})" + (f": {said}" if said else "")

    @property
    def cut_request(self) -> str | None:
        """Say that only the beginning of the request's body is recorded; None if all of it is."""
        extra = (self.head.request.extra if self.head else None) or {}
        if "body_length" not in extra:
            return None
        length = extra["body_length"]
        of = f" of {length:,} bytes" if isinstance(length, int) else ""
        return f"only the beginning of the request's body{of} is recorded"

    @property
    def warning(self) -> str | None:
        """What to know about the stop reason if the answer is not complete after it."""
        return UNFINISHED_STOPS.get(self.stop_reason or "")

    @property
    def warnings(self) -> list[str]:
        """What to know although the answer is one."""
        unended = self.unended == "message_stop" and self.stopped
        last = "no blank line follows message_stop: parsers drop it" if unended else None
        return [each for each in (self.cut_request, self.warning, last, *self._odd_counts()) if each]

    def _odd_counts(self) -> Iterator[str]:
        """Yield the token counts that cannot be."""
        for name, count in self.usage.items():
            if isinstance(count, int | float) and count < 0:
                yield f"{name} is {count:,}: a count is never negative"

    @property
    def usage_text(self) -> str:
        """The final usage as people read it."""
        return usage_text(self.usage)


def _count(count: int, one: str, many: str) -> str:
    return f"{count:,} event {one}" if count == 1 else f"{count:,} events {many}"


def _them(count: int) -> str:
    return "it" if count == 1 else "them"
