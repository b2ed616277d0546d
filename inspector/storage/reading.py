"""Reading what a name means: one file, or many sources one after another."""

from __future__ import annotations

import contextlib
import itertools
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from typing import IO

from inspector.errors import RecordingError
from inspector.storage.bundled_files import bundled_path
from inspector.storage.places import container_of, may_be_member, split, store_of
from inspector.storage.stored_member import Member, Unread
from inspector.storage.stored_source import Source

_Fetched = Callable[[Iterable[Source]], Iterator[tuple[Source, IO[bytes] | RecordingError]]]

__all__ = ["is_there", "opened", "read", "recording_names"]


@contextlib.contextmanager
def opened(name: str | os.PathLike[str]) -> Iterator[IO[bytes]]:
    """Open the file that a name means, as it is stored; close it at the end.

    A name is a path, a URL, or a container's with the name of a member behind it. Raises `RecordingError` if
    it cannot be opened.
    """
    with _way(os.fspath(name)) as file:
        yield file


def _way(name: str) -> AbstractContextManager[IO[bytes]]:
    store = store_of(name)
    if inside := split(name):
        container, source, member = inside
        return container.opened(source, member, store)
    if container_of(Source(name)) and store.there(name):
        raise RecordingError("this is an archive; name a recording in it", path=name)
    return store.opened(name)


def is_there(name: str) -> bool:
    """Whether a name is of a file or a folder that exists, or is bundled. Of a member, its archive counts."""
    return split(name) is not None or os.path.exists(name) or bundled_path(name) is not None  # noqa: PTH110


def read(sources: Iterable[Source], *, digests: bool = False) -> Iterator[Member | Unread]:
    """Yield the members of sources, in order, or why one cannot be read.

    A plain file is one member, an archive or a pack has many. Read a member before you take the next. With
    `digests`, `Member.digest` is there. Objects of a store are fetched many at once if they are small.
    """
    for container, group in itertools.groupby(sources, key=container_of):
        if container is None:
            yield from _plain(group, digests=digests)
            continue
        for source in group:
            try:
                yield from container.members(source, store_of(source.name), digests=digests)
            except RecordingError as error:
                yield Unread.because(source, error)


def _plain(sources: Iterable[Source], *, digests: bool) -> Iterator[Member | Unread]:
    for fetched, group in itertools.groupby(sources, key=_fetching):
        for source, file in fetched(group):
            if isinstance(file, RecordingError):
                yield Unread.because(source, file)
            else:
                yield Member(source, file, size=source.size, modified=source.modified, digests=digests)


def _fetching(source: Source) -> _Fetched:
    """Return what opens this source, and those like it that follow."""
    return _members_by_name if may_be_member(source.name) else store_of(source.name).fetched


def _members_by_name(sources: Iterable[Source]) -> Iterator[tuple[Source, IO[bytes] | RecordingError]]:
    for source in sources:
        with contextlib.ExitStack() as stack:
            try:
                file = stack.enter_context(opened(source.name))
            except RecordingError as error:
                yield source, error
            else:
                yield source, file


def recording_names(source: Source) -> Iterator[tuple[str, bool] | RecordingError]:
    """Yield the name of each member of a source, and whether it is `sure`; or why one cannot be read.

    A plain file is not opened. An archive is gone through once.
    """
    if container_of(source) is None:
        yield source.name, source.sure
        return
    for each in read([source]):
        yield each.error() if isinstance(each, Unread) else (each.name, each.sure)
