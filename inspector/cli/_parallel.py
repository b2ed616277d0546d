"""Call a function for many files on several cores, and keep the order of the files.

The processes are forked: they start at once, with everything imported. This process takes a share of the
files itself. (With a process pool instead, checking a thousand recordings takes a tenth longer.)
"""

from __future__ import annotations

import contextlib
import os
import pickle
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Generic, TypeVar

__all__ = ["PARALLEL_FROM", "for_each_file"]

PARALLEL_FROM = 48
"""From this many files on, several processes are faster: to start one takes as long as to check dozens."""

Result = TypeVar("Result")


def for_each_file(
    function: Callable[[str], Result],
    names: Sequence[str],
    jobs: int | None = None,
    *,
    label: str = "reading",
) -> list[Result]:
    """Return `function(name)` for each name, in order. `jobs` limits the processes; None means one a core.

    The results must be picklable. On a terminal, a progress bar with a `label` shows how far many files are.
    """
    jobs = jobs or _cores()
    # Only one process can read standard input.
    if len(names) < PARALLEL_FROM or "-" in names or not hasattr(os, "fork"):
        jobs = 1
    children = [_Child(function, names[at::jobs]) for at in range(1, jobs)]
    with _progress(label, len(names)) as step:
        own = []
        for name in names[::jobs]:
            own.append(function(name))
            step(jobs)  # one step here stands for one in each process
    shares = [own, *(child.results() for child in children)]
    return [shares[at % jobs][at // jobs] for at in range(len(names))]


class _Child(Generic[Result]):
    """A forked process that takes a share of the files."""

    def __init__(self, function: Callable[[str], Result], names: Sequence[str]) -> None:
        self._function, self._names = function, names
        self._pipe, pipe = os.pipe()
        self._id = os.fork()
        if self._id == 0:
            try:
                with open(pipe, "wb") as file:  # noqa: PTH123 - a descriptor
                    pickle.dump([function(name) for name in names], file, protocol=-1)
            finally:
                os._exit(0)
        os.close(pipe)

    def results(self) -> list[Result]:
        """Wait for the results. If the process died early, or failed, take its share here."""
        try:
            with open(self._pipe, "rb") as file:  # noqa: PTH123 - a descriptor
                results: list[Result] = pickle.load(file)
        except (EOFError, pickle.UnpicklingError):
            results = [self._function(name) for name in self._names]
        os.waitpid(self._id, 0)
        return results


@contextlib.contextmanager
def _progress(label: str, count: int) -> Iterator[Callable[[int], None]]:
    """Show a progress bar for many files."""
    if count < PARALLEL_FROM or not sys.stderr.isatty():
        yield lambda steps: None
        return
    from inspector.cli._tables import progress

    with progress(label, count) as step:
        yield step


def _cores() -> int:
    affinity: Callable[[int], set[int]] | None = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1
