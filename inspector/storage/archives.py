"""The container tar: an archive reads as the folder that it was made of, in the order of its members.

Links, devices and folders are passed over: what a link leads to stands under its own name. A name that an
archive holds twice is read twice. Archives in an archive are not read.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from tarfile import TarInfo
from typing import IO

from inspector.errors import RecordingError
from inspector.storage.kinds import Kind, is_hidden, kind_of
from inspector.storage.other_files import OtherFiles
from inspector.storage.stored_member import Member, Unread
from inspector.storage.stored_source import Source
from inspector.storage.stores import Store
from inspector.storage.tar_stream import TarStream, label

__all__ = ["members", "opened", "without_recordings"]


def members(source: Source, store: Store, *, digests: bool = False) -> Iterator[Member | Unread]:
    """Yield the members of an archive that may hold recordings. See `places.Container`."""
    with store.opened(source.name) as file:
        try:
            for header, content in TarStream(file, source.name):
                inner = label(header.name)
                kind = kind_of(inner)
                if is_hidden(inner) or kind in (Kind.OTHER, Kind.INDEX):
                    continue
                name = f"{source.name}/{inner}"
                if refusal := _refusal(header, kind):
                    yield Unread(source, name, refusal, settled=True)
                    continue
                yield Member(
                    source,
                    content,
                    name=name,
                    size=header.size,
                    modified=_time(header),
                    sure=kind is Kind.RECORDINGS,
                    digests=digests,
                )
        except RecordingError as error:
            yield Unread.because(source, error)


@contextlib.contextmanager
def opened(source: Source, member: str, store: Store) -> Iterator[IO[bytes]]:
    """Open the first member of this name behind the one that was opened last, or from the beginning.

    So members that are opened in their order are read in one pass.
    """
    inner = label(member)
    archive, content = _Archive.kept(source), None
    if archive:
        with contextlib.suppress(RecordingError):  # where it breaks off: the member may stand before that
            content = archive.following(inner)
        if content is None:
            archive.close()
    if archive is None or content is None:
        archive = _Archive(source, store)
        content = archive.following(inner)
    if content is None:
        archive.close()
        raise RecordingError("this archive has no such member", path=f"{source.name}/{member}")
    try:
        yield content
    except BaseException:
        archive.close()
        raise
    archive.keep()


def without_recordings(source: Source, store: Store) -> RecordingError:
    """Return the error for an archive without recordings: it says what the archive holds."""
    others = OtherFiles()
    with store.opened(source.name) as file, contextlib.suppress(RecordingError):
        for header, _ in TarStream(file, source.name):
            others.add(label(header.name))
    return RecordingError(f"no recordings in this archive: {others}", path=source.name)


class _Archive:
    """An open archive, read up to the member that was opened last."""

    def __init__(self, source: Source, store: Store) -> None:
        self._source, self._process = source, os.getpid()
        self._stack = contextlib.ExitStack()
        file = self._stack.enter_context(store.opened(source.name))
        self._stream = TarStream(file, source.name)

    def following(self, inner: str) -> IO[bytes] | None:
        """Go on to the next member of this name, and return its bytes; None if there is none."""
        return next((content for header, content in self._stream if label(header.name) == inner), None)

    @classmethod
    def kept(cls, source: Source) -> _Archive | None:
        """Take the archive that was kept, if it is this source, unchanged. It is nobody else's then."""
        archive = _kept.pop() if _kept else None
        # A forked process shares the file's position with its parent, so it opens the file again.
        if archive and (archive._source, archive._process) != (source, os.getpid()):
            archive.close()
            archive = None
        return archive

    def keep(self) -> None:
        """Keep this archive open for the next call."""
        _kept.append(self)
        while len(_kept) > 1:
            _kept.pop(0).close()

    def close(self) -> None:
        """Close the file."""
        self._stack.close()


_kept: list[_Archive] = []
"""At most one archive, at the member that was opened last."""


def _time(header: TarInfo) -> float | None:
    """Return when a member was modified; None if the archive says something impossible."""
    return float(header.mtime) if 0 <= header.mtime < 1e11 else None


def _refusal(header: TarInfo, kind: Kind) -> str:
    """Say why a member is not read, if it is not."""
    if kind is Kind.ARCHIVE:
        return "an archive in an archive is not read: unpack the outer one first"
    return "a sparse file in an archive is not read" if header.issparse() else ""
