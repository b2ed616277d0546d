"""What keeps bytes, and what holds many files in one, as the rest of this room sees them.

A **store** lists names and gives their bytes; it knows nothing of what they are. A **container** is a file in
a store that reads as a folder does. It gets its bytes from any store, so that a tar in a bucket streams as
well. Both are modules with these functions, not classes, for they have no state to keep.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from typing import IO, Protocol

from inspector.errors import RecordingError
from inspector.storage.stored_member import Member, Unread
from inspector.storage.stored_source import Source

__all__ = ["Container", "Store"]


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

    def opened(self, source: Source, member: str, store: Store, /) -> AbstractContextManager[IO[bytes]]:
        """Open one member of the container `source`. Raises `RecordingError` if it has no such member.

        Members that are opened in their order are read in one pass.
        """

    def without_recordings(self, source: Source, store: Store, /) -> RecordingError:
        """Return the error for a container that holds no recordings: it says what it holds."""
