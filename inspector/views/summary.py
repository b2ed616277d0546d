"""The summary: how a response went, in a few facts.

It is fed block by block, so that it is ready when the stream ends. Its memory does not grow with the stream.
"""

from __future__ import annotations

from typing import Any

from inspector import _json
from inspector._json import as_object, as_text
from inspector.protocol import DELTA_TEXT, UNFINISHED_STOPS
from inspector.protocol.error_bodies import read_error
from inspector.recording import End, Ending, Head, Recording, TimedBlock
from inspector.views.timeline import claims_stream, usage_text

__all__ = ["Summary", "summary"]

_BODY_LIMIT = 1024 * 1024
"""How many bytes to keep of a body that may be JSON instead of a stream."""

_VISIBLE_DELTAS = ("text_delta", "thinking_delta", "input_json_delta")

_DELTA = b'{"type":"content_block_delta",'

_FIELDS = (b"event:", b"data:", b"id:", b"retry:")

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


class Summary:
    """How a response went; `add` its head, blocks and end in order, and read the attributes at any time.

    Times are seconds since the request was sent, sizes are bytes of the decoded body.
    """

    def __init__(self) -> None:
        self.head: Head | None = None
        self.end: End | None = None
        self.events = self.pings = self.size = self.reads = 0
        self.first_event: float | None = None
        self.first_text: float | None = None
        self.model: str | None = None
        self.stop_reason: str | None = None
        self.stopped = False
        self.error: dict[str, Any] | None = None
        self.usage: dict[str, Any] = {}
        self.last = 0.0
        """The time of the end, or of the last read that has come."""
        self._last_read = -1.0
        self._body: list[bytes] = []

    def add(self, value: Head | TimedBlock | End) -> None:
        """Take the next value of a recording."""
        if isinstance(value, Head):
            self.head = value
            self.last = value.response.t if value.response else 0.0
        elif isinstance(value, End):
            self.end = value
            self.last = value.t
            self._read_message()
        else:
            self._add_block(value)

    def _add_block(self, block: TimedBlock) -> None:
        self.size += len(block.raw_bytes)
        for _, t in block.cuts:
            self._add_read(t)
        self._add_read(block.t)
        self.last = block.t
        if block.data is None:
            if not self.events and self.size < _BODY_LIMIT:
                self._body.append(block.raw)
            return
        self.events += 1
        if self.first_event is None:
            self.first_event = block.t
        if block.event is None:
            return  # SDKs skip an event without a name, so it changes nothing
        if self.first_text is not None and block.data.startswith(_DELTA):
            return  # nearly all of a stream, and nothing in it is needed any more
        try:
            self._add_event(block.t, as_object(_json.loads(block.data)))
        except ValueError:
            return

    def _add_read(self, t: float) -> None:
        if t != self._last_read:
            self.reads += 1
            self._last_read = t

    def _add_event(self, t: float, payload: dict[str, Any]) -> None:
        delta = as_object(payload.get("delta"))
        match payload.get("type"):
            case "ping":
                self.pings += 1
            case "content_block_delta":
                if self.first_text is None and _has_text(delta):
                    self.first_text = t
            case "message_start":
                message = as_object(payload.get("message"))
                self._add_usage(message.get("usage"))
                self.model = _text(message.get("model"))
                self.stop_reason = _text(message.get("stop_reason"))
            case "message_delta":
                self.stop_reason = _text(delta.get("stop_reason"))
                self._add_usage(payload.get("usage"))
            case "message_stop":
                self.stopped = True
            case "error" if isinstance(payload.get("error"), dict):
                self.error = payload["error"]

    def _read_message(self) -> None:
        """Read a Message that is the whole body, as an answer to a request without `stream`."""
        message = as_object(self.body_json)
        if message.get("type") == "message":
            self.stop_reason = _text(message.get("stop_reason"))
            self._add_usage(message.get("usage"))

    def _add_usage(self, usage: Any) -> None:
        self.usage.update({key: value for key, value in as_object(usage).items() if value is not None})

    @property
    def status(self) -> int | None:
        """The HTTP status; None if no response came."""
        return self.head.response.status if self.head and self.head.response else None

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
        return "" if self.events else str(read_error(b"".join(self._body)))

    @property
    def body_json(self) -> Any:
        """The body if it is JSON instead of an event stream, else None."""
        try:
            return None if self.events else _json.loads(b"".join(self._body))
        except ValueError:
            return None

    @property
    def outcome(self) -> str:
        """How the response turned out, in one word, as far as it has come.

        The stop reason of a whole message; else the type of an error in the stream, the status of an HTTP
        error, how the body broke off, or `partial` for a stream without `message_stop`. A response of another
        kind has its status.
        """
        if self.status is None:
            return "no_response" if self.end else "unfinished"
        if self.stopped and self.stop_reason:
            return self.stop_reason
        if self.error is not None:
            return as_text(self.error.get("type") or "error")
        if self.end is None:
            return "unfinished"
        if self.status >= 400 or self.end.how is not Ending.COMPLETE:
            return str(self.status) if self.status >= 400 else self.end.how
        if self.events or self._begins_as_stream:
            return "partial"
        message = as_object(self.body_json)
        return as_text(message["stop_reason"]) if message.get("stop_reason") else str(self.status)

    @property
    def problems(self) -> list[str]:
        """Why this is not a complete answer; empty if it is one."""
        problems = []
        if self.status is None:
            problems.append("no response came")
        elif self.status >= 400:
            problems.append(f"the API answered with status {self.status}")
        elif not self.events and not self._is_plain_answer:
            problems.append(self._not_a_stream())
        if self.error is not None:
            error = f"{as_text(self.error.get('type'))}: {as_text(self.error.get('message'))}"
            problems.append(f"the stream holds an error: {error}")
        if self.end is None:
            problems.append("the recording stops without an end")
        elif self.status is None:
            pass  # the end says only how the request failed
        elif self.end.how is not Ending.COMPLETE:
            problems.append(_BROKEN[self.end.how])
        elif self.events and not self.stopped and self.error is None:
            problems.append("the stream ended without message_stop: what came is partial")
        return problems

    @property
    def _begins_as_stream(self) -> bool:
        return not self.events and b"".join(self._body).lstrip().startswith(_FIELDS)

    @property
    def _is_plain_answer(self) -> bool:
        """Whether the body is JSON that is no error, and the request did not want a stream.

        Of a request that is not recorded, only a Message shows that.
        """
        body, request = self.body_json, self.head.request if self.head else None
        wanted = request.json() if request else None
        if body is None or as_object(wanted).get("stream") is True:
            return False
        answer = as_object(body)
        if answer.get("type") == "error" or answer.get("error"):
            return False
        no_stream = wanted is not None or (request is not None and request.method == "GET")
        return no_stream or answer.get("type") == "message"

    def _not_a_stream(self) -> str:
        headers = self.head.response.headers if self.head and self.head.response else {}
        kind = headers.get("content-type", "without a content type")
        if not self.size:
            return "the body is empty"
        if self._begins_as_stream:
            return "the stream ended before its first event was complete"
        said = as_object(self.body_json).get("type") != "message" and self.error_text
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
    def usage_text(self) -> str:
        """The final usage as people read it."""
        return usage_text(self.usage)


def _text(value: Any) -> str | None:
    """Return a name as text: a wrong one must not break whoever shows it."""
    return None if value is None else as_text(value)


def _has_text(delta: dict[str, Any]) -> bool:
    type_ = delta.get("type")
    return type_ in _VISIBLE_DELTAS and bool(delta.get(DELTA_TEXT[type_]))
