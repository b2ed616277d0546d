"""The engine for small inputs: this process does all, and starts nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from inspector.corpus.batches import Batches
from inspector.corpus.jobs import Job, Result
from inspector.storage import Source

__all__ = ["OUT_OF_MEMORY", "ThisProcess"]

OUT_OF_MEMORY = "reading it takes more memory than there is"


class ThisProcess:
    """Call a job here, for one batch after another."""

    def run(self, job: Job[Result], sources: Iterable[Source]) -> Iterator[Result]:
        """Yield the results of all batches, in the order of the sources."""
        batches = Batches(sources)
        while batch := batches.take():
            yield from _results(job, batch)


def _results(job: Job[Result], batch: Sequence[Source]) -> Iterator[Result]:
    try:
        result = job(batch)
    except MemoryError:
        if len(batch) == 1:
            yield job.lost(batch[0], OUT_OF_MEMORY)
            return
        middle = len(batch) // 2
        yield from _results(job, batch[:middle])
        yield from _results(job, batch[middle:])
    else:
        yield result
