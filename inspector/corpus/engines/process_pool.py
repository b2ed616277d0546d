"""The engine for one machine: a process on each core.

`concurrent.futures` has a pool, too. When one of its workers dies, all batches that are under way fail, and
nobody knows which of them killed it. Here each worker has its own pipe and one batch at a time, so the batch
to blame is known, and no thread of this process has to be forked.

A batch whose worker dies is handed out again. If a second worker dies, it is halved, down to the one source
that does it.
"""

from __future__ import annotations

import multiprocessing
import os
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import wait
from typing import TYPE_CHECKING, Any, Generic

from inspector.corpus.batches import Batches
from inspector.corpus.engines.this_process import OUT_OF_MEMORY
from inspector.corpus.engines.worker_process import DONE, FAILED, NO_MEMORY, READY, Worker
from inspector.corpus.jobs import Job, Result
from inspector.errors import EngineError
from inspector.storage import Source

if TYPE_CHECKING:
    from inspector.corpus.engines.worker_process import Pipe

__all__ = ["ProcessPool", "cores"]

_WINDOW = 4  # batches under way for each worker: the others go on while the first one takes long
_STARTS = 3  # workers in a row that die before they are ready
_BLINK = 0.5  # seconds: a signal that comes just before a system call is seen after this time


def cores() -> int:
    """Return the number of cores that this process may use."""
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1


@dataclass(slots=True)
class _Task:
    """A batch under way."""

    sources: Sequence[Source]
    deaths: int = 0
    results: list[Any] = field(default_factory=list)


class ProcessPool:
    """Call a job in `workers` processes.

    They are forked, which takes no time; with `fresh`, and where there is no fork, they are started anew:
    the libraries of object stores have threads, which a forked process would not have.
    """

    def __init__(self, workers: int | None = None, *, fresh: bool = False) -> None:
        self._workers = workers or cores()
        forks = not fresh and "fork" in multiprocessing.get_all_start_methods()
        self._context = multiprocessing.get_context("fork" if forks else "spawn")

    def run(self, job: Job[Result], sources: Iterable[Source]) -> Iterator[Result]:
        """Yield the results of all batches, in the order of the sources.

        Raises what the job raises, and `EngineError` if no worker can be started. The workers are gone when
        the generator is closed, or ends.
        """
        run = _Run(self._context, self._workers, job, Batches(sources, self._workers))
        try:
            yield from run.results()
        finally:
            run.end()


class _Run(Generic[Result]):
    """One run of a job: its workers, and the batches that are under way."""

    def __init__(self, context: Any, workers: int, job: Job[Result], batches: Batches) -> None:
        self._context, self._most, self._job, self._batches = context, workers, job, batches
        self._busy: dict[object, tuple[Worker, _Task]] = {}
        self._idle: list[Worker] = []
        self._order: deque[_Task] = deque()
        self._again: deque[_Task] = deque()
        self._failed_starts = 0

    def results(self) -> Iterator[Result]:
        """Yield the results in order, as soon as they are there."""
        while True:
            self._hand_out()
            while self._order and self._order[0].results:
                yield from self._order.popleft().results
                self._hand_out()
            if not self._order:
                return
            self._receive()

    def end(self) -> None:
        """End all workers at once."""
        for worker in [*self._idle, *(worker for worker, _ in self._busy.values())]:
            worker.end()

    def _hand_out(self) -> None:
        """Give every worker a batch, and start those that are missing."""
        while len(self._busy) < self._most and (task := self._next()):
            others = [*self._pipes(), *(worker.pipe for worker in self._idle)]
            worker = self._idle.pop() if self._idle else Worker(self._context, self._job, others)
            self._busy[worker.pipe] = worker, task
            worker.send(task.sources)

    def _pipes(self) -> list[Pipe]:
        return [worker.pipe for worker, _ in self._busy.values()]

    def _next(self) -> _Task | None:
        if self._again:
            return self._again.popleft()
        batch = self._batches.take() if len(self._order) < _WINDOW * self._most else []
        if not batch:
            return None
        task = _Task(batch)
        self._order.append(task)
        return task

    def _receive(self) -> None:
        """Wait for the next answer. List more sources meanwhile."""
        pipes = self._pipes()
        ready = wait(pipes, 0)
        while not ready:
            ready = wait(pipes, 0 if self._batches.look_ahead() else _BLINK)
        for pipe in ready:
            worker, task = self._busy[pipe]
            try:
                what, value = worker.receive()
            except EOFError:
                del self._busy[pipe]
                self._bury(worker, task)
                continue
            self._failed_starts = 0
            if what == READY:
                continue
            del self._busy[pipe]
            self._idle.append(worker)
            if what == DONE:
                task.results.append(value)
            elif what == NO_MEMORY:
                self._retry(task, OUT_OF_MEMORY)
            elif what == FAILED:
                raise value

    def _bury(self, worker: Worker, task: _Task) -> None:
        how = worker.end()
        if worker.is_ready:
            self._retry(task, how)
            return
        self._failed_starts += 1
        if self._failed_starts >= _STARTS:
            raise EngineError(f"no worker can be started: {how.replace('that read it ', '')}; try -j1")
        self._again.append(task)

    def _retry(self, task: _Task, why: str) -> None:
        """Hand out a batch again, in halves from the second time on."""
        task.deaths += 1
        if task.deaths == 1:
            self._again.append(task)
        elif len(task.sources) == 1:
            task.results.append(self._job.lost(task.sources[0], why))
        else:
            at, middle = self._order.index(task), len(task.sources) // 2
            halves = [_Task(task.sources[:middle], 1), _Task(task.sources[middle:], 1)]
            del self._order[at]
            for half in reversed(halves):
                self._order.insert(at, half)
            self._again += halves
