"""What came back for one request of a probe: its parts, how it ended, and both in words.

An `Arrival` is a pure reading of a recording. It exists whatever came: one without a response is the
recording of a request that failed.
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from inspector import _json, sse
from inspector.conformance.busy import seconds_to_wait
from inspector.escaping import escape
from inspector.protocol import fold
from inspector.protocol.error_bodies import ErrorBody, read_error
from inspector.recording import Ending, Event, Recording
from inspector.redact import mask_text

__all__ = ["BUSY", "Arrival", "shown"]

BUSY = frozenset({429, 529})
"""The statuses that ask a client to come back later."""
_SHOWN = 80  # characters of a value


@dataclass(frozen=True)
class Arrival:
    """One exchange of a probe: its `name`, such as `tool-1`, and its `recording`.

    `received` is the body as the endpoint sent it, where the recording has masks for secrets: a message that
    goes back must be the same. `received_fields` are the header fields, likewise.
    `stopped` says why reading was stopped before the end; empty if it was not.
    `late` says that it was stopped for the time limit.
    `connected` says that the request made a connection, and used none that was open.
    `patience` is the longest `retry-after`, in seconds, after which the request was to be sent again.
    """

    name: str
    recording: Recording
    received: bytes = field(default=b"", repr=False)
    stopped: str = ""
    connected: bool = True
    received_fields: tuple[tuple[bytes, bytes], ...] = field(default=(), repr=False)
    late: bool = False
    patience: float = math.inf

    @property
    def status(self) -> int | None:
        """The HTTP status; None if no response came."""
        return self.recording.response.status if self.recording.response else None

    @property
    def headers(self) -> Mapping[str, str]:
        """The response's headers, by their names in lower case."""
        return self.recording.response.headers if self.recording.response else {}

    @property
    def content_type(self) -> str:
        """The media type, without parameters and in lower case; empty if there is none."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    @cached_property
    def events(self) -> tuple[Event, ...]:
        """The events of the stream."""
        return tuple(self.recording.events())

    @cached_property
    def message(self) -> Mapping[str, Any]:
        """The message, folded from the stream or as it came whole; empty if none came."""
        return self.recording.message() or {}

    @cached_property
    def whole(self) -> bool:
        """Whether the stream of the message came to its end, whatever the body did then."""
        return any(event.type == "message_stop" for event in self.events)

    @property
    def too_slow(self) -> bool:
        """Whether the message was still arriving when the time limit ended: it only takes time."""
        arriving = self.events or self.content_type == "application/json"
        return self.late and bool(arriving) and not self.whole

    @cached_property
    def json(self) -> Any:
        """The body as JSON; None if it is none."""
        return _loaded(self.recording.body)

    @cached_property
    def error(self) -> ErrorBody:
        """What the body of an error says, in whatever form."""
        return read_error(self.recording.body[:65536])

    @property
    def retry_after(self) -> float | None:
        """How many seconds a client should wait before it tries again; None if it should not."""
        if self.status not in BUSY:
            return None
        return seconds_to_wait(self.headers, self.recording.head.at)

    @property
    def asks_too_long(self) -> bool:
        """Whether the endpoint is too busy for longer than anybody waits."""
        return (self.retry_after or 0.0) > self.patience

    @property
    def busy(self) -> str:
        """That the endpoint is too busy, in a sentence."""
        text = f"the endpoint is too busy: {self.said}"
        if not self.asks_too_long:
            return text
        seconds = self.retry_after or 0.0
        return f"{text}; retry-after is {seconds:.10g} s, longer than --patience ({self.patience:g} s)"

    @property
    def stop_reason(self) -> Any:
        """The message's stop reason."""
        return self.message.get("stop_reason")

    @property
    def stops(self) -> str:
        """How the message stops, as the verb of a sentence."""
        return "has no stop reason" if self.stop_reason is None else f"stops for {shown(self.stop_reason)}"

    @property
    def content(self) -> list[Mapping[str, Any]]:
        """The content blocks of the message."""
        content = self.message.get("content")
        return [block for block in content if isinstance(block, dict)] if isinstance(content, list) else []

    @property
    def text(self) -> str:
        """The text of all text blocks, joined."""
        return "".join(str(block.get("text", "")) for block in self.blocks("text"))

    @property
    def usage(self) -> Mapping[str, Any]:
        """The usage of the message."""
        return _json.as_object(self.message.get("usage"))

    def blocks(self, kind: str) -> list[Mapping[str, Any]]:
        """Return the content blocks of one type."""
        return [block for block in self.content if block.get("type") == kind]

    @property
    def counted_input(self) -> int:
        """How many tokens went in, by the usage: those read from a cache and written to it, too."""
        names = ("input_tokens", "cache_read_input_tokens", "cache_creation_input_tokens")
        counts = (self.usage.get(name) for name in names)
        return sum(count for count in counts if isinstance(count, int))

    @cached_property
    def sent_back(self) -> list[Any]:
        """The content blocks as the endpoint sent them, for the next request: without any mask."""
        if self.recording.message() is None:
            return []
        decoder = sse.Decoder()
        blocks = decoder.feed(self.received)
        tail = decoder.close()
        pairs = []
        for block in [*blocks, tail] if tail else blocks:
            if block.event is not None and block.data:
                with contextlib.suppress(ValueError):
                    pairs.append((block.event.decode("utf-8", "replace"), _json.loads(block.data)))
        content = (fold(pairs) or _json.as_object(_loaded(self.received))).get("content")
        return content if isinstance(content, list) else []

    def deltas(self, kind: str) -> list[Event]:
        """Return the deltas of one type, such as `text_delta`."""
        return [event for event in self.events if _delta_type(event) == kind]

    @property
    def refuses_as_the_api(self) -> bool:
        """Whether the body is an error in the API's own form."""
        body = _json.as_object(self.json)
        error = _json.as_object(body.get("error"))
        return body.get("type") == "error" and all(
            isinstance(error.get(name), str) for name in ("type", "message")
        )

    @property
    def refused_with_200(self) -> bool:
        """Whether the body is an error, or the stream begins with one, with the status of success."""
        first = self.events[0].type if self.events else ""
        body = _json.as_object(self.json)
        is_error = body.get("type") == "error" or bool(body.get("error"))
        return self.status == 200 and (is_error or first == "error")

    @property
    def said(self) -> str:
        """What came, in half a sentence: the status and what the body says, or how no response came."""
        if self.status is None:
            return self.failure
        if 200 <= self.status < 300:
            return f"{self.status}"
        text = str(self.error).removeprefix(f"{self.status}")  # a page of HTML says it again
        return f"{self.status} {text.lstrip(' :')}".strip()

    def beginning(self, length: int) -> str:
        """The beginning of the body as people may read it: in quotes, without secrets and controls."""
        text = self.recording.body[:4096].decode("utf-8", "replace")  # masked before it is cut
        shown = escape(" ".join(mask_text(text).split()))
        return f"`{shown[:length]}{'…' if len(shown) > length else ''}`"

    @property
    def failure(self) -> str:
        """How the exchange failed on the wire; empty if it did not."""
        end = self.recording.end
        if self.stopped or end is None or end.how is Ending.COMPLETE:
            return self.stopped
        if end.how is Ending.TIMEOUT and (end.error or "").startswith("ReadTimeout"):
            came = self.recording.blocks[-1].t if self.recording.blocks else 0.0
            return f"nothing came for {end.t - came:.1f} s, the limit (--silence, or a shorter --timeout)"
        return end.error or end.how.value


def shown(value: Any) -> str:
    """Show a value of a message in a sentence: as JSON, which it came in, and in a few characters."""
    text = _json.dumps_text(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def _loaded(body: bytes) -> Any:
    """Return a body's JSON; None if it is none."""
    try:
        return _json.loads(body)
    except ValueError:
        return None


def _delta_type(event: Event) -> Any:
    payload = _json.as_object(event.data)
    delta = _json.as_object(payload.get("delta"))
    return delta.get("type") if payload.get("type") == "content_block_delta" else None
