"""What runs over a corpus, and what runs it: a job, an engine, and the counts that must add up.

A **job** is a function of a batch of sources. It is pickled, and a worker calls it. An **engine** hands out
batches and returns the results. Both laws hold for every engine, and for any number of workers:

1. Results come in the order of the sources, and each source is in exactly one of them.
2. A bounded number of batches is under way, whatever the corpus holds.

A worker may die: a file makes it run out of memory, or somebody kills it. The engine then hands out the batch
again, in halves if need be. A source that no worker survives is `lost`, and the job says what that means.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple, Protocol, TypeVar

from inspector.corpus.totals import Totals
from inspector.storage import Source

__all__ = ["Counts", "Engine", "Job", "OfFiles", "Problem", "Result"]

Result = TypeVar("Result")
Result_co = TypeVar("Result_co", covariant=True)


class Job(Protocol[Result_co]):
    """A picklable function of some sources."""

    def __call__(self, sources: Sequence[Source], /) -> Result_co:
        """Read the sources, and return what there is to say of them."""

    def lost(self, source: Source, why: str, /) -> Result_co:
        """Return the result of a source that no worker survived."""


class Engine(Protocol):
    """What calls a job for every source."""

    def run(self, job: Job[Result], sources: Iterable[Source], /) -> Iterator[Result]:
        """Yield the results of all batches, in the order of the sources."""


class Counts(NamedTuple):
    """What became of some sources.

    `sources` are those that were handed out. `totals` count the files in them: a plain file is one, an
    archive or a pack holds many. `empty` has the positions of the sources that hold nothing but something
    else.
    """

    sources: int = 0
    totals: Totals = Totals()
    empty: tuple[int, ...] = ()

    def __add__(self, other: Counts) -> Counts:  # type: ignore[override]
        """Return both, without positions."""
        return Counts(
            self.sources + other.sources, Totals(*map(sum, zip(self.totals, other.totals, strict=True)))
        )


class Problem(NamedTuple):
    """Something to say of a file: its name, the whole message, which begins with the name, and why alone."""

    file: str
    message: str
    reason: str = ""


class OfFiles(Protocol):
    """What a result says of the files that were read, whatever else it has."""

    @property
    def counts(self) -> Counts:
        """What became of the sources."""

    @property
    def unreadable(self) -> Sequence[Problem]:
        """The files that cannot be read, or not to their end."""

    @property
    def notices(self) -> Sequence[Problem]:
        """What else to say of files."""
