"""How far a message has come, by what its stream says: the facts that decide how a response turned out.

An event counts by its payload, also without a name, and in a last block that no blank line ends: what clients
drop has come all the same. What cannot be read counts as the event that its name says. The grammar decides
what comes too late to count: all after an error, and all but a new message after `message_stop`. So
`inspector check` goes by the same facts.
"""

from __future__ import annotations

from typing import Any

from inspector import _json, sse
from inspector._json import as_object, as_text
from inspector.protocol import DELTA_TEXT, EVENT_TYPES
from inspector.protocol.error_bodies import read_error
from inspector.protocol.event_payloads import joined_objects, kind_of, objects_of
from inspector.protocol.grammar import MESSAGE_GRAMMAR, MessageState, Misstep
from inspector.recording import TimedBlock
from inspector.recording.parsing import payload_of
from inspector.views.block_times import TOKEN_DELTAS, text_of_start

__all__ = ["MessageProgress", "is_plain_delta"]

_DELTA = b'{"type":"content_block_delta",'
_TOO_LATE = frozenset({Misstep.AFTER_STOP, Misstep.AFTER_ERROR, Misstep.STOP_AGAIN})
_ONGOING = frozenset({MessageState.OPEN, MessageState.CLOSING})
_DONE = b"[DONE]"


def is_plain_delta(block: TimedBlock) -> bool:
    """Whether a block of a file is a delta in the plain form, of which its reader knows that it is JSON."""
    name, data, raw = block[1:4]
    return name == "content_block_delta" and not raw and data is not None and data.startswith(_DELTA)


class MessageProgress:
    """The facts so far; `take_event` and `take_rest` take what comes, in order.

    `first_text` is when the first text, thinking or tool input came. `unnamed` counts the API's events that
    have no name, `unreadable` events with a name that are no JSON. `merged_frames` counts frames in which no
    blank line separates several JSON objects, `merged_objects` those objects. `error` is the error object of
    the stream, None without one. `is_known` says that an event of the Messages API came.
    """

    def __init__(self) -> None:
        self.pings = self.unnamed = self.unreadable = 0
        self.merged_frames = self.merged_objects = 0
        self.first_text: float | None = None
        self.message_id: str | None = None
        self.model: str | None = None
        self.stop_reason: str | None = None
        self.error: dict[str, Any] | None = None
        self.usage: dict[str, Any] = {}
        self.is_known = False
        self.has_tail = False
        """Whether the last block is one that no blank line ends."""
        self.unended: str | None = None
        """The kind of an event at the end of the body that no blank line ends; None without one."""
        self._state = MessageState.WAITING
        self._started = self._stopped = False

    @property
    def stopped(self) -> bool:
        """Whether the message has come to its end. One that never started has not."""
        return self._started and (self._stopped or self.unended == "message_stop")

    def take_event(self, name: str | None, data: bytes, t: float) -> None:
        """Take an event that came at `t`."""
        try:
            payload = payload_of(data)
            objects = [payload] if payload.__class__ is dict else []
        except ValueError:
            self._take_odd(name, data, t)
            return
        if self.first_text is not None and objects and data.startswith(_DELTA):
            self.unnamed += name is None
            return  # nearly all of a stream, and nothing in it is needed any more
        self._take(name, objects, data, t)

    def _take_odd(self, name: str | None, data: bytes, t: float) -> None:
        """Take an event that orjson refuses. What is no JSON brings no text that a client can read."""
        is_json = _json.valid(data)
        if not is_json and not self._take_merged(data):
            self.unreadable += name is not None
        self._take(name, objects_of(data), data, t if is_json else None)

    def _take_merged(self, data: bytes) -> bool:
        """Count the objects of a frame that holds several; return whether it does."""
        count = joined_objects(data)
        self.merged_frames += count > 0
        self.merged_objects += count
        return count > 0

    def _take(self, name: str | None, objects: list[dict[str, Any]], data: bytes, t: float | None) -> None:
        for each in objects:
            kind = kind_of(name, each)
            self.unnamed += name is None and kind in EVENT_TYPES
            self.pings += kind == "ping" and len(objects) == 1
            self._step(kind, each, data, t)
        if not objects and data.strip() != _DONE:
            self._lose(name)

    def take_rest(self, raw: bytes, *, first: bool, binary: bool = False) -> None:
        """Take a block that dispatches no event.

        `first` says that the stream begins with it, `binary` that it is a frame of AWS's binary stream.
        """
        if raw == b"\n":
            return  # millions may come
        self.has_tail = not sse.is_finished(raw)
        if binary or len(raw) >= sse.BLOCK_LIMIT:  # a broken frame, or a piece of an endless block
            self._lose(None)
        elif not self.has_tail:
            if name := dict(sse.fields(raw)).get(b"event"):
                self._lose(name.decode("utf-8", "replace"))
        elif data := sse.parse(raw.rstrip(b"\r\n") + b"\n\n", first=first).data:
            objects = objects_of(data)
            self._take_merged(data)
            if len(objects) == 1:
                kind = objects[0].get("type")
                self.unended = kind if isinstance(kind, str) else None
                self._lose(self.unended)
            for each in objects if len(objects) > 1 else ():
                self._step(kind_of(None, each), each, data, None)

    def _lose(self, name: str | None) -> None:
        """Go on after an event that cannot be read; `name` is the kind it was meant to be."""
        self._state = MESSAGE_GRAMMAR.get((self._state, name or ""), (self._state, None))[0]
        if name == "message_start":
            self._begin({})
            self._state = MessageState.OPEN
        elif name == "error":
            self.error = self.error or {}
        if name not in ("ping", "content_block_delta"):
            self._started = True  # it may have been the start

    def _step(self, kind: str | None, payload: dict[str, Any], data: bytes, t: float | None) -> None:
        delta = as_object(payload.get("delta"))
        if self.first_text is None and _brings_text(kind, payload):
            self.first_text = t
        if kind not in EVENT_TYPES or kind == "ping" or kind is None:
            return
        self.is_known = True
        message = as_object(payload.get("message")) if kind == "message_start" else {}
        if message and self._state in _ONGOING and self.message_id and message.get("id") == self.message_id:
            return  # the same start again: the message goes on
        self._state, misstep = MESSAGE_GRAMMAR.get((self._state, kind), (self._state, None))
        if misstep in _TOO_LATE:
            return
        match kind:
            case "message_start":
                self._begin(message)
            case "message_delta":
                reason = delta.get("stop_reason")
                self.stop_reason = self.stop_reason if reason is None else as_text(reason)
                self._add_usage(payload.get("usage"))
            case "message_stop":
                self._stopped = True
            case "error":
                self.error = _error_of(payload, data)

    def _begin(self, message: dict[str, Any]) -> None:
        """Begin a message. One before it has no more say."""
        self._started, self._stopped = True, False
        id_, model, reason = message.get("id"), message.get("model"), message.get("stop_reason")
        self.message_id = id_ if isinstance(id_, str) else None
        self.model = None if model is None else as_text(model)
        self.stop_reason = None if reason is None else as_text(reason)
        self._add_usage(message.get("usage"))

    def _add_usage(self, usage: Any) -> None:
        self.usage.update({key: value for key, value in as_object(usage).items() if value is not None})


def _brings_text(kind: str | None, payload: dict[str, Any]) -> bool:
    if kind == "content_block_start":
        return text_of_start(as_object(payload.get("content_block"))) != ""
    delta = as_object(payload.get("delta")) if kind == "content_block_delta" else {}
    type_ = delta.get("type")
    text = delta.get(DELTA_TEXT[type_]) if type_ in TOKEN_DELTAS else None
    return isinstance(text, str) and text != ""


def _error_of(payload: dict[str, Any], data: bytes) -> dict[str, Any]:
    """Return the error object of an error event, also of one in a form that servers invent."""
    error = payload.get("error")
    if isinstance(error, dict):
        return error
    said = read_error(data)
    return {"type": said.type or "error", "message": said.message}
