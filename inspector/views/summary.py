"""The summary: how a response went, in the few facts that one asks for first.

It is fed block by block, so that it is ready when the stream ends, whatever its length.
"""

from __future__ import annotations

from typing import Any

from inspector import _json
from inspector.protocol import UNFINISHED_STOPS
from inspector.recording import End, Ending, Head, Recording, TimedBlock
from inspector.views.timeline import usage_words

__all__ = ["Summary", "summary"]

_TEXT_DELTAS = {"text_delta": "text", "thinking_delta": "thinking", "input_json_delta": "partial_json"}


def summary(recording: Recording) -> Summary:
    """Read a recording's summary."""
    read = Summary()
    read.add(recording.head)
    for block in recording.blocks:
        read.add(block)
    if recording.end:
        read.add(recording.end)
    return read


class Summary:
    """How a response went; `add` its head, blocks and end in order, and read the attributes at any time.

    Times are seconds since the request was sent, sizes are bytes of the decoded body.
    """

    def __init__(self) -> None:
        self.head: Head | None = None
        self.end: End | None = None
        self.events = self.pings = self.silent = self.size = self.reads = 0
        self.first_event: float | None = None
        self.first_text: float | None = None
        self.stop_reason: str | None = None
        self.stopped = False
        self.error: dict[str, Any] | None = None
        self.usage: dict[str, Any] = {}
        self._last_t = -1.0
        self._body: list[bytes] = []

    def add(self, value: Head | TimedBlock | End) -> None:
        """Take the next value of a recording."""
        if isinstance(value, Head):
            self.head = value
        elif isinstance(value, End):
            self.end = value
        else:
            self._add_block(value)

    def _add_block(self, block: TimedBlock) -> None:
        self.size += len(block.raw_bytes)
        for t in (*(t for _, t in block.cuts), block.t):
            self.reads += t != self._last_t
            self._last_t = t
        if block.data is None:
            self.silent += 1
            if not self.events and self.size < _BODY_LIMIT:
                self._body.append(block.raw)
            return
        self.events += 1
        if self.first_event is None:
            self.first_event = block.t
        try:
            data = _json.loads(block.data)
        except ValueError:
            return
        if isinstance(data, dict):
            self._add_event(block, data)

    def _add_event(self, block: TimedBlock, data: dict[str, Any]) -> None:
        kind = data.get("type")
        if block.event is None:
            return  # the SDKs skip it, so it changes nothing
        if kind == "ping":
            self.pings += 1
        elif kind == "content_block_delta":
            if self.first_text is None and _has_text(data.get("delta")):
                self.first_text = block.t
        elif kind == "message_start":
            message = data.get("message")
            if isinstance(message, dict):
                self._add_usage(message.get("usage"))
                self.stop_reason = message.get("stop_reason")
        elif kind == "message_delta":
            delta = data.get("delta")
            self.stop_reason = delta.get("stop_reason") if isinstance(delta, dict) else None
            self._add_usage(data.get("usage"))
        elif kind == "message_stop":
            self.stopped = True
        elif kind == "error" and isinstance(data.get("error"), dict):
            self.error = data["error"]

    def _add_usage(self, usage: Any) -> None:
        if isinstance(usage, dict):
            self.usage.update({key: value for key, value in usage.items() if value is not None})

    @property
    def status(self) -> int | None:
        """The HTTP status; None where no response came."""
        return self.head.response.status if self.head and self.head.response else None

    @property
    def http_error(self) -> dict[str, Any] | None:
        """The error object of a response that is one; empty where its body has another shape."""
        if self.status is None or self.status < 400:
            return None
        body = self.body_json
        error = body.get("error") if isinstance(body, dict) else None
        return error if isinstance(error, dict) else {}

    @property
    def body_json(self) -> Any:
        """The body, where it is JSON instead of an event stream."""
        try:
            return None if self.events else _json.loads(b"".join(self._body))
        except ValueError:
            return None

    @property
    def problems(self) -> list[str]:
        """What kept this from being a whole answer, in words; empty for one that is."""
        found = []
        if self.status is None:
            found.append("no response came")
        elif self.status >= 400:
            found.append(f"the API answered with status {self.status}")
        elif not self.events:
            found.append(self._not_a_stream())
        if self.error is not None:
            found.append(f"the stream holds an error: {self.error.get('type')}: {self.error.get('message')}")
        if self.end is None:
            found.append("the recording stops without an end")
        elif self.status is None:
            pass  # its end says only how the request failed
        elif self.end.how is not Ending.COMPLETE:
            found.append(_BROKEN[self.end.how])
        elif self.events and not self.stopped and self.error is None:
            found.append("the stream ended without message_stop: what came is partial")
        return found

    def _not_a_stream(self) -> str:
        headers = self.head.response.headers if self.head and self.head.response else {}
        kind = headers.get("content-type", "without a content type")
        return f"the body is no event stream ({kind})" if self.size else "the body is empty"

    @property
    def warning(self) -> str | None:
        """What to know about the stop reason, where it is not the end of an answer."""
        return UNFINISHED_STOPS.get(self.stop_reason or "")

    @property
    def usage_words(self) -> str:
        """The final usage in a few words."""
        return usage_words(self.usage)


_BODY_LIMIT = 1024 * 1024
_BROKEN = {
    Ending.CUT: "the connection was closed before the end",
    Ending.RESET: "the connection was reset",
    Ending.TIMEOUT: "nothing more came, and the reader gave up waiting",
    Ending.ABANDONED: "the reader stopped before the end",
}


def _has_text(delta: Any) -> bool:
    return isinstance(delta, dict) and bool(delta.get(_TEXT_DELTAS.get(str(delta.get("type")), "")))
