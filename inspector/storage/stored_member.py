"""A member: one file as it is read, alone or out of an archive or a pack; and a file that cannot be read."""

from __future__ import annotations

import io
from typing import IO, TYPE_CHECKING, Any, NamedTuple, cast

from inspector.errors import RecordingError
from inspector.storage.stored_source import Source

if TYPE_CHECKING:
    from hashlib import _Hash

__all__ = ["Member", "Unread"]

_PIECE = 64 * 1024


class Unread(NamedTuple):
    """A source, or a member of one, that cannot be read. `message` says why, without the name.

    `settled` says that this is so because of what it is: nobody needs to try again.
    """

    source: Source
    name: str
    message: str
    settled: bool = False

    @classmethod
    def because(cls, source: Source, error: RecordingError) -> Unread:
        """Return it for an error that names what could not be read: the source, or what is in it.

        An error may name what keeps the source, as a bucket that cannot be reached. That is not its name.
        """
        below = error.path is not None and error.path.startswith(source.name)
        return cls(source, error.path if error.path and below else source.name, error.reason)

    def error(self) -> RecordingError:
        """Return the error that says so, to be printed or raised."""
        return RecordingError(self.message, path=self.name)


class Member:
    """One file that may hold recordings.

    `name` is a name that every command takes: of a plain file its path or URL, of a member of an archive the
    archive's and the member's own. `file` gives the bytes as they are stored; it can be read once, and until
    the next member is taken. `source` is where it came from. `size` (bytes) and `modified` (seconds since
    1970) are None if unknown. `sure` is as in `Source`: if it is False, the content decides.

    Reading `file` raises `OSError` or `RecordingError` if the bytes break off or are damaged.
    """

    __slots__ = ("_hash", "file", "modified", "name", "size", "source", "sure")

    def __init__(
        self,
        source: Source,
        file: IO[bytes],
        *,
        name: str | None = None,
        size: int | None = None,
        modified: float | None = None,
        sure: bool | None = None,
        digests: bool = False,
    ) -> None:
        self.source = source
        self.name = source.name if name is None else name
        self.size = size
        self.modified = modified
        self.sure = source.sure if sure is None else sure
        self._hash: _Hash | None = None
        if digests:
            from hashlib import sha256

            self._hash = sha256()
            file = cast(IO[bytes], _Hashed(file, self._hash))
        self.file = file

    def digest(self) -> str:
        """Read the rest of `file`, and return the SHA-256 of all its bytes, in hexadecimal.

        Raises `ValueError` if `read` was called without `digests`, and what reading the file raises.
        """
        if self._hash is None:
            raise ValueError("call read(…, digests=True): hashing begins with the first byte")
        while self.file.read(_PIECE):
            pass
        return self._hash.hexdigest()


class _Hashed(io.RawIOBase):
    """A file whose bytes are hashed as they are read."""

    def __init__(self, file: IO[bytes], sha256: _Hash) -> None:
        self._read = getattr(file, "read1", file.read)
        self._update = sha256.update

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1, /) -> bytes:
        if size < 0:
            return self.readall()
        piece: bytes = self._read(size)
        self._update(piece)
        return piece

    def readinto(self, buffer: Any, /) -> int:
        piece = self.read(len(buffer))
        buffer[: len(piece)] = piece
        return len(piece)
