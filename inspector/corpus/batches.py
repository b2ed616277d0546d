"""Sources in batches: a few at first, so that every worker has one soon, then hundreds, then a few again.

The listing of a folder or a bucket streams, and `Batches` takes no more of it than it hands out, but for what
`look_ahead` takes while nobody has anything else to do. So the number of all sources is known early if they
are not too many.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from itertools import islice

from inspector.storage import Source

__all__ = ["Batches", "are_many"]

MOST, LEAST = 256, 8  # sources in a batch
MOST_BYTES, LEAST_BYTES = 16 * 1024 * 1024, 1024 * 1024  # of a batch of several sources
AHEAD = 100_000  # sources: some 30 MB
_STEP = 64  # sources that are listed at once: a worker that is done waits that long

MANY = 96
"""From this many sources on, several processes are faster: to start them takes as long as to check dozens."""
MANY_BYTES = 4 * 1024 * 1024
"""And from this many bytes on, in several sources."""


def are_many(first: Sequence[Source]) -> bool:
    """Return whether workers are worth their start for sources that begin with these."""
    size = sum(source.size or 0 for source in first)
    return len(first) >= MANY or (len(first) > 1 and size >= MANY_BYTES)


class Batches:
    """Take sources in batches, for a number of workers."""

    def __init__(self, sources: Iterable[Source], workers: int = 1) -> None:
        self._sources = iter(sources)
        self._workers = workers
        self._ahead: deque[Source] = deque()
        self._complete = False
        self._count = self._size = 0  # of what was handed out
        self._size_ahead = 0

    def take(self) -> list[Source]:
        """Return the next batch; an empty one at the end."""
        most, most_bytes = self._share()
        batch: list[Source] = []
        size = 0
        while len(batch) < most and size < most_bytes and (self._ahead or self._fill(1)):
            source = self._ahead.popleft()
            size += source.size or 0
            batch.append(source)
        self._count += len(batch)
        self._size += size
        self._size_ahead -= size
        return batch

    def _share(self) -> tuple[int, int]:
        """Return how many sources and bytes make a batch now.

        It is a part of what was handed out before, and of what is left as soon as that is known: so no worker
        waits long for its first batch, nor at the end for the last batch of another one.
        """
        count, size, parts = self._count, self._size, 4 * self._workers
        if self._complete:
            count, size = min(count, len(self._ahead)), min(size, self._size_ahead)
        return min(max(count // parts, LEAST), MOST), min(max(size // parts, LEAST_BYTES), MOST_BYTES)

    def look_ahead(self) -> bool:
        """List some more sources; return False if there is nothing to list, or enough was listed."""
        return len(self._ahead) < AHEAD and self._fill(_STEP)

    def _fill(self, count: int) -> bool:
        if self._complete:
            return False
        more = list(islice(self._sources, count))
        self._ahead += more
        self._size_ahead += sum(source.size or 0 for source in more)
        self._complete = len(more) < count
        return bool(more)
