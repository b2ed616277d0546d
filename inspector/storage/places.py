"""Which module reads a name: the stores that keep bytes, and the containers that hold many files in one.

A **store** lists names and gives their bytes; it knows nothing of what they are. There are two:
`local_files` for paths, and `objects` for URLs. A **container** is a file in a store that reads as a folder
does: `archives` for tar, `packs` for packs. It gets its bytes from any store, so that a tar in a bucket
streams as well.

Both are modules with the functions of the protocols below. They are imported when a name needs them, since
commands start quickly, and they are modules, not classes, for they have no state to keep. To add one, write
the module and name it in `store_of` or `container_of`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from typing import IO, Protocol

from inspector.errors import RecordingError
from inspector.storage.kinds import is_url
from inspector.storage.stored_member import Member, Unread
from inspector.storage.stored_source import Source

__all__ = ["Container", "Store", "container_of", "split", "store_of"]

_INSIDE = re.compile(r"\.(?:tar|tar\.gz|tgz|tar\.zst|tzst|jsonl\.zst)/", re.IGNORECASE)
"""Where the name of a container ends in the name of a member."""


class Store(Protocol):
    """Where bytes are kept."""

    def listed(self, argument: str, /) -> Iterator[Source | RecordingError]:
        """Yield what an argument means, in the order of its names. Open nothing, and hold nothing whole.

        `Kind` decides what is a source: names that promise recordings, perhaps recordings (`sure=False`), and
        archives (`sure=False`), and packs' indexes, which the caller takes out again. One name alone is a
        source whatever it is called. What cannot be listed is an error, and the rest goes on. It says nothing
        of an argument that means no source: `without_recordings` does.
        """

    def without_recordings(self, argument: str, /) -> RecordingError:
        """Return the error for an argument that means no recordings: it says what there is instead."""

    def opened(self, name: str, /) -> AbstractContextManager[IO[bytes]]:
        """Open one name. The file can seek if seeking is cheap there. Raises `RecordingError`."""

    def fetched(self, sources: Iterable[Source], /) -> Iterator[tuple[Source, IO[bytes] | RecordingError]]:
        """Yield each source with its open file, in order, or with why there is none.

        The store closes a file when the next one is taken. It may fetch many small ones at once.
        """

    def there(self, name: str, /) -> Source | None:
        """Return one name as a source, with its size and time; None if the store has no such file."""


class Container(Protocol):
    """A file that holds many."""

    def members(self, source: Source, store: Store, /, *, digests: bool) -> Iterator[Member | Unread]:
        """Yield the members that may hold recordings, in the order in which they stand.

        Hidden ones are left out, and those that `Kind` calls something else. Where the container breaks off
        or is damaged, the member that is being read raises `RecordingError`, or an `Unread` says so.
        """

    def opened(self, name: str, member: str, store: Store, /) -> AbstractContextManager[IO[bytes]]:
        """Open one member of the container `name`. Raises `RecordingError` if it has no such member.

        Members that are opened in their order are read in one pass.
        """


def store_of(name: str) -> Store:
    """Return the store that keeps a name."""
    if is_url(name):
        from inspector.storage import objects

        return objects
    from inspector.storage import local_files

    return local_files


def container_of(source: Source) -> Container | None:
    """Return what reads the members of a source; None if it is one file."""
    return None


def split(name: str) -> tuple[Source, str] | None:
    """Split the name of a member: its container and the rest; None if the name is of no member.

    Only a file in its store is a container. A folder may be named like one.
    """
    for match in _INSIDE.finditer(name):
        container = store_of(name).there(name[: match.end() - 1])
        if container is not None:
            return container, name[match.end() :]
    return None
