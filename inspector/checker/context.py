"""What rules read: where the pass is, and the facts gathered so far.

The tracker writes these facts, whichever rules are on. Rules only read them: a rule that wrote something
would change what another rule finds, and `--ignore` would no longer be a filter.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Protocol

from inspector import sse
from inspector._json import as_object, loads
from inspector.checker.facts import (
    BODY_BYTES,
    BlockFacts,
    ClockFacts,
    EventFacts,
    FramingFacts,
    MessageFacts,
    StreamFacts,
)
from inspector.checker.findings import Limits, Place, Profile
from inspector.recording import Ending, Head, Response
from inspector.recording.request_bodies import body_of

__all__ = ["NOT_JSON", "Cause", "Context", "Cursor", "LineNumber"]

NOT_JSON: Any = object()
"""Stands for the value of a body that is not JSON, or not known to its end."""
_UNREAD: Any = object()
_new = tuple.__new__  # what a NamedTuple's own constructor calls, without the call around it


class LineNumber(Protocol):
    """Anything that says which line of a file is being read."""

    @property
    def line(self) -> int | None:
        """The line, from 1; None if it is unknown."""


@dataclass(slots=True)
class Cursor:
    """A `LineNumber` that the caller of a checker moves."""

    line: int | None = None


class Cause(Enum):
    """The one thing that explains everything that a stream lacks.

    Its own rule reports it, and what is open; other rules do not report what it explains.
    """

    UNANSWERED = "no response came"
    STATUS = "the status is not 200"
    BODY = "the body is no event stream, or has no events"
    ERROR = "an error event ended the stream"
    STOPPED = "nothing is missing: the stream has stopped"
    ENDING = "the body was cut off, or nobody saw its end"
    TAIL = "the last block is unfinished"
    HEADLESS = "no message ever started"
    CLEAN = "the body ended as HTTP says, without message_stop"


@dataclass(slots=True)
class Context:
    """Everything that rules read. `timed` says whether the recording has real times.

    `content` is the content block of the current event, if it has one.
    """

    head: Head
    profile: Profile
    limits: Limits
    timed: bool = True
    cursor: LineNumber = field(default_factory=Cursor)
    stream: StreamFacts = field(default_factory=StreamFacts)
    event: EventFacts = field(default_factory=EventFacts)
    framing: FramingFacts = field(default_factory=FramingFacts)
    clock: ClockFacts = field(default_factory=ClockFacts)
    message: MessageFacts = field(default_factory=MessageFacts)
    content: BlockFacts | None = None
    _request: Any = _UNREAD
    _body: Any = _UNREAD
    _cause: Cause | None = None

    @property
    def response(self) -> Response | None:
        """The response's head."""
        return self.head.response

    @property
    def headers(self) -> Mapping[str, str]:
        """The response's headers, by names in lower case; empty if they were not recorded."""
        return self.head.response.headers if self.head.response else {}

    @property
    def request_object(self) -> dict[str, Any] | None:
        """The object that the request's body is; None for all else. It is parsed once: it may be long."""
        if self._request is _UNREAD:
            self._request = body_of(self.head.request)
        return self._request if isinstance(self._request, dict) else None

    @property
    def wants_stream(self) -> bool | None:
        """Whether the request asks for a stream; None if its body is unknown."""
        if self.head.request.method != "POST":
            return False
        body = self.request_object
        return None if body is None else bool(body.get("stream"))

    @property
    def body_value(self) -> Any:
        """At the end, the JSON value that a whole body is, if it is no event stream; else `NOT_JSON`.

        It is parsed once.
        """
        if self._body is _UNREAD:
            stream = self.stream
            self._body = NOT_JSON
            if not stream.is_event_stream and stream.ending is Ending.COMPLETE and stream.size <= BODY_BYTES:
                with contextlib.suppress(ValueError):
                    self._body = loads(bytes(stream.body))
        return self._body

    @property
    def plain_object(self) -> dict[str, Any]:
        """At the end, the object that a whole body is, if it is no event stream; empty for all else."""
        return as_object(self.body_value)

    @property
    def whole_message(self) -> dict[str, Any]:
        """The Message that is the whole body, if the request is not known to want a stream; else empty."""
        value = {} if self.wants_stream else self.plain_object
        return value if value.get("type") == "message" else {}

    @property
    def place(self) -> Place:
        """Where the current event is."""
        event, t = self.event, self.clock.t if self.timed else None
        return _new(Place, (event.number, event.offset, t, self.cursor.line))

    @property
    def is_whole(self) -> bool:
        """At the end, whether a response has all of an event stream: nothing is missing, or in its place."""
        stream = self.stream
        return (
            stream.stop_at is not None
            and stream.ending is Ending.COMPLETE
            and self.message.started
            and self.cause is Cause.STOPPED
            and stream.tail is None
        )

    @property
    def is_foreign(self) -> bool:
        """Whether a stream that went to its end has events, and none of them is one of the Messages API."""
        return self.nothing_known and self.cause in (Cause.HEADLESS, Cause.STOPPED)

    @property
    def nothing_known(self) -> bool:
        """Whether events came, not only pings, and none of them is one of the Messages API."""
        return self.stream.events > self.clock.pings and not self.stream.has_known_events

    @property
    def cause(self) -> Cause:
        """What explains everything that the stream lacks."""
        if self._cause is None or not self.stream.closed:  # at the end it stays, and many rules need it
            self._cause = self._find_cause()
        return self._cause

    def _find_cause(self) -> Cause:
        response, stream = self.response, self.stream
        if response is None:
            return Cause.UNANSWERED
        if response.status != 200:
            return Cause.STATUS
        if not stream.is_event_stream:
            return Cause.BODY
        if not (stream.events or (stream.tail and sse.begins_with_field(stream.body_start))):
            return Cause.BODY if stream.ending is Ending.COMPLETE else Cause.ENDING
        if stream.error_at:
            return Cause.ERROR
        if stream.stop_at or stream.stop_assumed:
            return Cause.STOPPED
        if stream.ending is not Ending.COMPLETE:
            return Cause.ENDING
        if stream.tail is not None:
            return Cause.TAIL
        return Cause.CLEAN if self.message.started else Cause.HEADLESS
