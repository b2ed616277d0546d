"""The workers of a dask cluster on this machine, and the process that keeps them: one that dies is replaced.

dask's own cluster starts each worker as a new Python, which imports dask and the job once more. Here each
worker is forked of the keeper, which has both. The keeper itself is forked of this process, while it has
imported dask, but runs no thread and no event loop yet that a fork could break. The end of its pipe says that
this process ended, or has all results: it then ends the workers at once. They have that end, too, and go by
themselves if the keeper was killed.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import multiprocessing
import os
import shutil
import signal
import threading
from collections.abc import Sequence
from multiprocessing.connection import wait
from typing import TYPE_CHECKING, Any

from inspector.corpus.engines.held_signals import SIGNALS, leave_signals_to_parent, signals_held

if TYPE_CHECKING:
    from inspector.corpus.engines.worker_process import Pipe

__all__ = ["Workers", "import_dask"]

_STARTS = 3  # workers in a row that do not come to run
_NO_START = 3  # the exit status of such a worker
_END = 5.0  # seconds until the keeper must have ended


def import_dask() -> None:
    """Import all of dask that is needed, and hide what is there now from the garbage collector.

    It would look through all of that again and again, in every process, and when this one ends: for a tenth
    of a second.
    """
    import distributed  # noqa: F401

    gc.freeze()


class Workers:
    """Keep `count` workers for a job, until this is closed.

    They are forked; with `fresh`, and where there is no fork, their keeper is started anew: the libraries of
    object stores have threads, which a forked process would not have.
    """

    def __init__(self, job: Any, count: int, *, fresh: bool = False) -> None:
        forks = not fresh and "fork" in multiprocessing.get_all_start_methods()
        if forks:
            import_dask()  # once, for this process and all workers
        context: Any = multiprocessing.get_context("fork" if forks else "spawn")
        self._forks = forks
        self._pipe, self._theirs = context.Pipe()
        inherited = [self._pipe] if forks else []
        self._keeper = context.Process(target=_keep, args=(self._theirs, job, count, inherited))

    def start(self) -> None:
        """Start the keeper. `close` ends it, also if a signal comes while it starts."""
        # Ctrl-C reaches every process of a terminal, and is for this one.
        with signals_held(spawns=not self._forks):
            self._keeper.start()
            self._theirs.close()

    def connect(self, address: str, folder: str) -> None:
        """Start the workers, and let them work for the scheduler at an address.

        `folder` is removed when they end: also if this process is killed.
        """
        import dask

        with contextlib.suppress(OSError):  # if the keeper died, there are no workers, which is noticed
            self._pipe.send((address, folder, dask.config.config))

    def close(self) -> None:
        """End all workers at once."""
        self._pipe.close()
        if self._keeper.pid is None:
            return
        self._keeper.join(_END)
        self._keeper.kill()
        self._keeper.join()


def _keep(pipe: Pipe, job: Any, count: int, inherited: Sequence[Pipe]) -> None:
    """Keep the workers. `job` is an argument so that a new process imports what it takes."""
    leave_signals_to_parent()
    # They may reach the whole group. What counts is the pipe's end: the folder goes, too.
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    for each in inherited:
        each.close()
    import_dask()
    import dask

    logging.disable(logging.CRITICAL)
    with contextlib.suppress(EOFError, OSError):
        address, folder, settings = pipe.recv()
        with dask.config.set(settings):
            _replace(pipe, count, address)
        shutil.rmtree(folder, ignore_errors=True)
    os._exit(0)  # nothing here is to be finished, and what this process registered is not the keeper's


def _replace(pipe: Pipe, count: int, address: str) -> None:
    """Start the workers, and another one for each that dies, until the pipe ends."""
    forks = "fork" in multiprocessing.get_all_start_methods()
    context: Any = multiprocessing.get_context("fork" if forks else "spawn")

    def started() -> Any:
        worker = context.Process(target=_work, args=(pipe, address), daemon=True)
        worker.start()
        return worker

    workers = [started() for _ in range(count)]
    failed_starts = 0
    while pipe not in (ended := wait([pipe, *(worker.sentinel for worker in workers)])):
        for at, worker in enumerate(workers):
            if worker.sentinel in ended:
                worker.join()
                failed_starts = failed_starts + 1 if worker.exitcode == _NO_START else 0
                if failed_starts == _STARTS:
                    return
                workers[at] = started()
    for worker in workers:
        worker.kill()
    for worker in workers:
        worker.join()


def _work(pipe: Pipe, address: str) -> None:
    leave_signals_to_parent()
    threading.Thread(target=_end_with, args=(pipe,), daemon=True).start()
    status = _NO_START

    async def work() -> None:
        nonlocal status
        from distributed import Worker

        # No limit, as for the processes of the pool: a worker over it would wait for memory that never comes.
        async with Worker(address, nthreads=1, memory_limit=0) as worker:
            status = 0
            await worker.finished()

    with contextlib.suppress(Exception):
        asyncio.run(work())
    os._exit(status)


def _end_with(pipe: Pipe) -> None:
    """End this process when the pipe ends: the keeper may be gone, and dask would wait for the worker."""
    wait([pipe])
    os._exit(0)
