"""One object as a file: streamed, and sought in by asking for the rest from another byte on."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import IO, Any

from inspector.errors import RecordingError
from inspector.storage.object_clients import Client
from inspector.storage.object_errors import explained

__all__ = ["SMALL", "opened_object", "refuse_shorter"]

SMALL = 4 * 1024 * 1024
"""An object of at most this many bytes is held whole."""

_CHUNK = 1024 * 1024
_BUFFER = 256 * 1024


def opened_object(client: Client, key: str, name: str, listed: int | None) -> IO[bytes]:
    """Ask for an object and return it as a file: a small one whole, a bigger one as it streams.

    `listed` is how many bytes the listing says that it has, None if it was not listed. A shorter one is not
    the object that was listed, or a cut one: that raises `RecordingError`. A longer one has grown since.

    The file raises `RecordingError` if the object changes or the answer breaks off while it is read. Raises
    what the client raises if there is no object.
    """
    result = client.store.get(key)
    refuse_shorter(result.meta["size"], listed, name)
    if result.meta["size"] <= SMALL:
        return io.BytesIO(bytes(result.bytes()))
    return io.BufferedReader(_Streamed(client, key, name, result), _BUFFER)


def refuse_shorter(size: int, listed: int | None, name: str) -> None:
    """Raise `RecordingError` if an object has fewer bytes than its listing says."""
    if listed is not None and size < listed:
        message = f"comes with {size:,} bytes, and the listing says {listed:,}: it was cut or replaced since"
        raise RecordingError(message, path=name)


class _Streamed(io.RawIOBase):
    """An object that is read chunk by chunk, in one request until somebody seeks."""

    def __init__(self, client: Client, key: str, name: str, result: Any) -> None:
        self._client, self._key, self._name = client, key, name
        self._size: int = result.meta["size"]
        self._tag: str | None = result.meta["e_tag"]
        self._at = 0
        self._chunk = memoryview(b"")
        self._chunks: Iterator[bytes] | None = result.stream(min_chunk_size=_CHUNK)

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        at = max(start + offset, 0)
        if at != self._at:
            self._at = at
            self._chunk, self._chunks = memoryview(b""), None
        return at

    def tell(self) -> int:
        return self._at

    def readinto(self, buffer: Any, /) -> int:
        if not self._chunk:
            self._chunk = memoryview(self._following())
        count = min(len(buffer), len(self._chunk))
        buffer[:count] = self._chunk[:count]
        self._chunk = self._chunk[count:]
        self._at += count
        return count

    def _following(self) -> bytes:
        """Return the next chunk, empty at the end."""
        if self._at >= self._size:
            return b""
        with explained(self._name, lambda error: _why(error, self._client)):
            if self._chunks is None:
                options: dict[str, Any] = {"range": {"offset": self._at}}
                if self._tag:
                    options["if_match"] = self._tag
                self._chunks = self._client.store.get(self._key, options=options).stream(
                    min_chunk_size=_CHUNK
                )
            return bytes(next(self._chunks, b""))

    def close(self) -> None:
        self._chunk, self._chunks = memoryview(b""), None
        super().close()


def _why(error: BaseException, client: Client) -> str:
    if type(error).__name__ == "PreconditionError":
        return "the object was replaced while it was read"
    return f"broke off while it was read: {client.reason(error)}"
