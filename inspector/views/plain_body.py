"""A body that holds no event: what came where a stream was to come, or what was requested without one."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from inspector import _json, sse
from inspector._json import as_object
from inspector.protocol.error_bodies import read_error
from inspector.protocol.event_payloads import is_error
from inspector.protocol.urls import endpoint
from inspector.recording import Request

__all__ = ["PlainBody"]

_LIMIT = 1024 * 1024
"""How many bytes to keep of a body that may be JSON."""


@dataclass(slots=True)
class PlainBody:
    """The beginning of a body; `add` its pieces in order."""

    _pieces: list[bytes] = field(default_factory=list)
    _size: int = 0
    _json: tuple[int, Any] | None = None

    def add(self, piece: bytes) -> None:
        """Take the next piece, as long as the body is short enough to be read."""
        self._size += len(piece)
        if self._size < _LIMIT:
            self._pieces.append(piece)

    @property
    def raw_bytes(self) -> bytes:
        """The bytes that are kept."""
        return b"".join(self._pieces)

    @property
    def json(self) -> Any:
        """The value if the body is JSON, else None."""
        if self._json is None or self._json[0] != self._size:
            try:
                value = _json.loads(self.raw_bytes)
            except ValueError:
                value = None
            self._json = self._size, value
        return self._json[1]

    @property
    def message(self) -> dict[str, Any]:
        """The Message that the body is; empty if it is none."""
        value = as_object(self.json)
        return value if value.get("type") == "message" else {}

    @property
    def error_text(self) -> str:
        """What the body says, if it is an error or a page; empty if it says nothing."""
        return str(read_error(self.raw_bytes))

    @property
    def error_type(self) -> str | None:
        """The type of the API's error that the body is; None if it is none, or has no type."""
        kind = as_object(as_object(self.json).get("error")).get("type")
        return kind if isinstance(kind, str) and kind else None

    @property
    def is_error(self) -> bool:
        """Whether the body is the JSON of an error."""
        return is_error(as_object(self.json))

    @property
    def begins_as_stream(self) -> bool:
        """Whether the body begins as an event stream does."""
        return sse.begins_with_field(self.raw_bytes)

    def answers(self, request: Request) -> bool:
        """Whether the body is what was requested: the request wants no stream, and this is no error.

        The API answers in JSON. Of a request that is not recorded, only a Message shows what it wanted.
        """
        wanted = request.json()
        if as_object(wanted).get("stream") is True or self.is_error:
            return False
        if request.method == "HEAD" or (request.url and not endpoint(request.url)):
            return True  # what other servers and other paths answer is none of the API's
        if wanted is None and request.method != "GET":
            return bool(self.message)
        return self.json is not None
