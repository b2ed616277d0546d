"""The members of a tar archive (POSIX ustar and pax, GNU), as a stream that is read once, from front to back.

Python's `tarfile` reads the headers. Here stands what it lacks: its own stream mode keeps every header in
memory, takes a damaged one for the end, and believes a header that says it is gigabytes long. Nothing is ever
written to a disk, so that a name is a label only, whatever it says.
"""

from __future__ import annotations

import io
import tarfile
from collections.abc import Callable, Iterator
from typing import IO, Any, cast

from inspector.errors import RecordingError
from inspector.storage.compression import Compression, Inflated
from inspector.storage.piecewise import buffered, pieces_of

__all__ = ["TarStream", "label"]

_MARKS = ((b"\x1f\x8b", Compression.GZIP), (b"\x28\xb5\x2f\xfd", Compression.ZSTD))
_HEADER_LIMIT = 1024 * 1024
"""Bytes of all that describes one member: long names, extended headers, the map of a sparse file."""

_SKIPPED = 1024 * 1024  # bytes that are read at once to get past them
_MALFORMED = (tarfile.TarError, ValueError, LookupError, ArithmeticError, RecursionError)
"""What `tarfile` raises for headers that make no sense."""


class TarStream:
    """An iterator of the regular files in an archive, as `(header, file)`.

    A file is read before the next is taken. `name` is the archive's, for messages. Raises `RecordingError`
    where the archive breaks off or is damaged: the file that is being read does, or else the iterator.
    """

    def __init__(self, file: IO[bytes], name: str) -> None:
        self._name = name
        start = file.read(4)
        self._inflated: Inflated | None = None
        for mark, compression in _MARKS:
            if start.startswith(mark):
                pieces = pieces_of(file, name)
                self._inflated = Inflated(_chained(start, pieces), compression, name)
                file, start = buffered(self._inflated), b""
        self._file = _Forward(file, start)
        self._members = self._read()

    def __iter__(self) -> Iterator[tuple[tarfile.TarInfo, IO[bytes]]]:
        return self._members

    def __next__(self) -> tuple[tarfile.TarInfo, IO[bytes]]:
        return next(self._members)

    def _read(self) -> Iterator[tuple[tarfile.TarInfo, IO[bytes]]]:
        tar: tarfile.TarFile | None = None
        while self._more(tar.offset if tar else 0):
            try:
                if tar is None:
                    tar = tarfile.TarFile(fileobj=cast(IO[bytes], self._file))
                    header = tar.next()
                else:
                    header = tarfile.TarInfo.fromtarfile(tar)
            except _MALFORMED as error:
                if tar is None:
                    raise self._no_archive() from None
                where = f"is damaged {tar.offset} bytes behind its beginning"
                raise self._broken(f"{where}: {error}") from None
            tar.pax_headers = {}  # an archive may have any number of headers for all its members
            if tar.offset < self._file.tell():
                raise self._broken("is damaged: a size in it is negative")
            if header and header.isreg():
                member = _MemberFile(self._file, header.size, self._cut)
                yield header, cast(IO[bytes], member)
                if member.broken:
                    return
        self._check_rest()

    def _more(self, offset: int) -> bool:
        """Go to the next header, and return whether there is one: blocks of zeros end an archive."""
        self._file.seek(offset)
        self._file.limit = offset + _HEADER_LIMIT
        block = self._file.peek(tarfile.BLOCKSIZE)
        if len(block) < tarfile.BLOCKSIZE:
            raise self._cut() if offset else self._no_archive()
        return any(block)

    def _check_rest(self) -> None:
        """Read what follows the end of the archive, for the checksum of compressed data stands behind it."""
        if self._inflated:
            while self._file.take(_SKIPPED):
                pass
            if self._inflated.damage or self._inflated.torn:
                raise self._broken("breaks off here")

    def _no_archive(self) -> RecordingError:
        damage = self._inflated.damage if self._inflated else ""
        return RecordingError(damage or "is no tar archive", path=self._name)

    def _cut(self) -> RecordingError:
        return self._broken("breaks off here")

    def _broken(self, message: str) -> RecordingError:
        if self._inflated and self._inflated.damage:
            message = self._inflated.damage
        return RecordingError(f"{message}; what follows in this archive is not read", path=self._name)


def label(name: str) -> str:
    """Return the name of a member as it stands behind the archive's: without `./` or `/` before it."""
    return "/".join(part for part in name.split("/") if part not in ("", "."))


class _Forward:
    """A file that is read from front to back, and knows where it is. `start` was taken from it already.

    Nothing behind the byte `limit` is read as a header.
    """

    def __init__(self, file: IO[bytes], start: bytes) -> None:
        self._file = file
        self._start = start
        self._at = 0
        self._seeks = file.seekable()
        self.limit = 0

    def tell(self) -> int:
        return self._at

    def read(self, size: int) -> bytes:
        """Read the bytes of a header."""
        if self._at + size > self.limit:
            raise tarfile.ReadError(f"a header of more than {_HEADER_LIMIT >> 20} MiB")
        return self.take(size)

    def peek(self, size: int) -> bytes:
        """Return the next bytes without reading them, fewer only at the end."""
        data = self.take(size)
        self._start = data + self._start
        self._at -= len(data)
        return data

    def take(self, size: int) -> bytes:
        """Read this number of bytes, fewer only at the end."""
        data = self._start[:size]
        self._start = self._start[size:]
        if len(data) < size:
            data += self._file.read(size - len(data))
        self._at += len(data)
        return data

    def seek(self, position: int, whence: int = 0) -> int:
        """Go on to a position. At the end of the file, reading says so."""
        missing = position - self._at
        if self._seeks and missing > _SKIPPED:
            self._start = b""
            self._file.seek(position)
            self._at = position
            return position
        while missing > 0 and (data := self.take(min(missing, _SKIPPED))):
            missing -= len(data)
        return self._at


class _MemberFile(io.RawIOBase):
    """The bytes of one member."""

    def __init__(self, file: _Forward, size: int, cut: Callable[[], RecordingError]) -> None:
        self._file = file
        self._left = size
        self._cut = cut
        self.broken = False

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1, /) -> bytes:
        if size < 0:
            return self.readall()
        data = self._file.take(min(size, self._left))
        self._left -= len(data)
        if not data and self._left and size:
            self.broken = True
            raise self._cut()
        return data

    def readinto(self, buffer: Any, /) -> int:
        data = self.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)


def _chained(start: bytes, pieces: Iterator[bytes]) -> Iterator[bytes]:
    yield start
    yield from pieces
