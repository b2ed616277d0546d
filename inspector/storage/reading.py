"""Reading what a name means: one file, or many sources one after another."""

from __future__ import annotations

import contextlib
import itertools
import os
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from typing import IO

from inspector.errors import RecordingError
from inspector.storage.places import container_of, split, store_of
from inspector.storage.stored_member import Member, Unread
from inspector.storage.stored_source import Source

__all__ = ["opened", "read"]


@contextlib.contextmanager
def opened(name: str | os.PathLike[str]) -> Iterator[IO[bytes]]:
    """Open the file that a name means, as it is stored; close it at the end.

    A name is a path, a URL, or a container's with the name of a member behind it. Raises `RecordingError` if
    it cannot be opened.
    """
    with _way(os.fspath(name)) as file:
        yield file


def _way(name: str) -> AbstractContextManager[IO[bytes]]:
    store, inside = store_of(name), split(name)
    container = container_of(inside[0]) if inside else None
    if inside and container:
        return container.opened(inside[0].name, inside[1], store)
    return store.opened(name)


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
    for _, group in itertools.groupby(sources, key=lambda source: id(store_of(source.name))):
        first = next(group)
        for source, file in store_of(first.name).fetched(itertools.chain([first], group)):
            if isinstance(file, RecordingError):
                yield Unread.because(source, file)
            else:
                yield Member(source, file, size=source.size, modified=source.modified, digests=digests)
