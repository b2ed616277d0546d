"""Packs: many recordings in one session file (`.jsonl.zst`), with an index beside. A container, see `stores`.

A pack is zstd frames of about a mebibyte of text, each with a checksum, cut only between sources. So a range
of frames is read without the rest, and so is one source. The text of one frame is held at a time; a source
that has a frame of its own streams.

Law: a source that was packed is read as it was, or is an error. Its SHA-256 stands in the index, and is
compared whenever it is read (about 1 % of what `check` takes). So a damaged pack is read as far as it is
whole, and an index that does not fit gives no wrong bytes.
"""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterator
from hashlib import sha256
from typing import IO

from inspector.errors import RecordingError
from inspector.storage.compression import steps, zstd_library
from inspector.storage.kinds import INDEX
from inspector.storage.pack_index import Entry, Frame, PackIndex
from inspector.storage.piecewise import buffered
from inspector.storage.stored_member import Member, Unread
from inspector.storage.stored_source import Source
from inspector.storage.stores import Store

__all__ = ["members", "opened", "ranges", "without_recordings"]

_RANGE = 4 * 1024 * 1024  # bytes of text in one source of a pack: hundreds of recordings
_HELD = 16 * 1024 * 1024  # bytes of the text of one frame that are held; writers end a frame far earlier
_PIECE = 64 * 1024
_OTHER_BYTES = "holds other bytes than the index says"
_BREAKS_OFF = "breaks off: the pack ends in it, or before it"


def ranges(source: Source, store: Store) -> Iterator[Source | RecordingError]:
    """Yield a pack as sources of some frames each, so that many workers can read one pack.

    If its index is broken, or another pack's, yield the error and then the pack as an ordinary session file.
    """
    try:
        index = _index_of(source, store, again=True)
        _refuse_other_pack(source, index, store)
    except RecordingError as error:
        yield RecordingError(f"{error.reason}: the pack is read as one file", path=error.path)
        yield source
        return
    yield from index.problems
    first = 0
    while first < len(index.frames):
        after, text = first, 0
        while after < len(index.frames) and (after == first or text + index.frames[after].text <= _RANGE):
            text += index.frames[after].text
            after += 1
        yield source._replace(size=text, frames=(first, after))
        first = after


def members(source: Source, store: Store, *, digests: bool = False) -> Iterator[Member | Unread]:
    """Yield the sources that were packed, in their order. See `stores.Container`."""
    index = _index_of(source, store)
    with store.opened(source.name) as file:
        for frame in index.frames[slice(*source.frames) if source.frames else slice(None)]:
            held = _Frame(source.name, frame, file, index)
            for problem in held.problems:
                yield Unread.because(source, problem)
            is_said = False
            for entry in held.entries:
                name = f"{source.name}/{entry.name}"
                try:
                    content = held.content(entry, file)
                except RecordingError as error:
                    is_said = True
                    yield Unread.because(source, error)
                    continue
                yield Member(
                    source, content, name=name, size=entry.size, modified=source.modified, sure=True,
                    digests=digests,
                )  # fmt: skip
            if held.damage and not is_said:  # all sources are whole, but the pack is not
                yield Unread.because(source, held.error(held.damage, source.name))


@contextlib.contextmanager
def opened(source: Source, member: str, store: Store) -> Iterator[IO[bytes]]:
    """Open one packed source. See `stores.Container`."""
    index = _index_of(source, store)
    with store.opened(source.name) as file:
        held = _last.frame
        entry = held.named(member) if held else None
        if entry is None:
            frame = index.frame_of(member)
            held = frame and _Frame(source.name, frame, file, index)
            entry = held.named(member) if held else None
        if held is None or entry is None:
            raise RecordingError("the pack has no source of this name", path=f"{source.name}/{member}")
        _last.frame = held
        yield held.content(entry, file)


def without_recordings(source: Source, store: Store) -> RecordingError:
    """Return the error for a pack without sources."""
    return RecordingError("this pack holds nothing", path=source.name)


class _Frame:
    """A frame and the sources in it.

    `problems` says what is wrong with its lines in the index, and `damage` with its bytes.
    """

    def __init__(self, pack: str, frame: Frame, file: IO[bytes], index: PackIndex) -> None:
        self._pack, self._frame = pack, frame
        self.entries, self.problems = index.entries(frame)
        self.damage = ""
        self._text = memoryview(b"")
        if not self._streams:
            self._text = memoryview(self._held(file))

    @property
    def _streams(self) -> bool:
        return self._frame.text > _HELD

    def named(self, name: str) -> Entry | None:
        """Return the source of this name."""
        return next((entry for entry in self.entries if entry.name == name), None)

    def content(self, entry: Entry, file: IO[bytes]) -> IO[bytes]:
        """Return a source's bytes as a file, which may read on in the pack's own file."""
        name = f"{self._pack}/{entry.name}"
        if self._streams:
            if (entry.at, entry.size) != (0, self._frame.text):
                raise self.error("is too large to hold several sources", name)
            return buffered(self._streamed(file, entry, name))
        content = entry.within(self._text)
        if sha256(content).hexdigest() != entry.sha256:
            breaks_off_behind = self.damage == _BREAKS_OFF and len(content) == entry.size
            raise self.error(_OTHER_BYTES if breaks_off_behind else self.damage or _OTHER_BYTES, name)
        return io.BytesIO(content)

    def is_of_another_pack(self, file: IO[bytes]) -> bool:
        """Whether there are whole bytes in it, and none are those of a source. Lost bytes prove nothing."""
        others = False
        for entry in self.entries:
            try:
                content = self.content(entry, file)
                while content.read(_PIECE):
                    pass
            except RecordingError as error:
                others = others or error.reason.endswith(_OTHER_BYTES)
            else:
                return False
        return others

    def _held(self, file: IO[bytes]) -> bytes:
        """Return the text of the frame, as far as it is whole."""
        pieces = []
        try:
            for piece in self._pieces(file):
                pieces.append(piece)
        except RecordingError as error:
            self.damage = error.reason
        return b"".join(pieces)

    def _streamed(self, file: IO[bytes], entry: Entry, name: str) -> Iterator[bytes]:
        hashed = sha256()
        try:
            for piece in self._pieces(file):
                hashed.update(piece)
                yield piece
        except RecordingError as error:
            raise self.error(error.reason, name) from error
        if hashed.hexdigest() != entry.sha256:
            raise self.error(_OTHER_BYTES, name)

    def error(self, what: str, name: str) -> RecordingError:
        """Return the error that this is wrong with the frame."""
        return RecordingError(f"frame {self._frame.number} of its pack {what}", path=name)

    def _pieces(self, file: IO[bytes]) -> Iterator[bytes]:
        """Yield the text of the frame in pieces; raise at its end if it is not whole."""
        library = zstd_library(self._pack)
        frame, text = library.ZstdDecompressor(), 0
        file.seek(self._frame.start)
        left = self._frame.size
        try:
            while left and not frame.eof and text <= self._frame.text:
                piece = file.read(min(left, _PIECE))
                if not piece:
                    raise RecordingError(_BREAKS_OFF)
                left -= len(piece)
                for out in steps(frame, piece):
                    text += len(out)
                    yield out
        except library.ZstdError as error:
            raise RecordingError(f"is damaged: {error}") from error
        except OSError as error:
            raise RecordingError(f"cannot be read: {error.strerror}") from error
        if not frame.eof or left or text != self._frame.text:
            raise RecordingError(_OTHER_BYTES)


class _Last:
    """The index and the frame that were read last, so that reading on from there is quick."""

    def __init__(self) -> None:
        self.key: tuple[str, float | None] | None = None
        self.index: PackIndex | None = None
        self.frame: _Frame | None = None


_last = _Last()


def _index_of(source: Source, store: Store, *, again: bool = False) -> PackIndex:
    """Return the index of a pack; the last one is kept, unless it is to be read `again`.

    Raises `RecordingError` if it cannot be read.
    """
    if again or _last.index is None or _last.key != (source.name, source.modified):
        name = source.name + INDEX
        _last.index = PackIndex(store, name)
        _last.key, _last.frame = (source.name, source.modified), None
    return _last.index


def _refuse_other_pack(source: Source, index: PackIndex, store: Store) -> None:
    """Raise `RecordingError` if an index is another pack's. A pack that breaks off is still its own."""
    if source.size is None or source.size == index.size:
        return
    if source.size < index.size and index.frames:
        with store.opened(source.name) as file:
            if not _Frame(source.name, index.frames[0], file, index).is_of_another_pack(file):
                return
    raise RecordingError(
        f"is not the index of this pack, which has {source.size} bytes and not {index.size}", path=index.name
    )
