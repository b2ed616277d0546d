"""Sources in batches: a few at first, so that every worker has one soon, then hundreds.

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
MOST_BYTES = 16 * 1024 * 1024
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
        self._count = 0

    def take(self) -> list[Source]:
        """Return the next batch; an empty one at the end."""
        # Each batch is a part of what was handed out before it, so that no worker waits long for the last.
        most = min(max(self._count // (4 * self._workers), LEAST), MOST)
        batch: list[Source] = []
        size = 0
        while len(batch) < most and size < MOST_BYTES and (self._ahead or self._fill(1)):
            source = self._ahead.popleft()
            size += source.size or 0
            batch.append(source)
        self._count += len(batch)
        return batch

    def look_ahead(self) -> bool:
        """List some more sources; return False if there is nothing to list, or enough was listed."""
        return len(self._ahead) < AHEAD and self._fill(_STEP)

    def _fill(self, count: int) -> bool:
        if self._complete:
            return False
        more = list(islice(self._sources, count))
        self._ahead += more
        self._complete = len(more) < count
        return bool(more)
