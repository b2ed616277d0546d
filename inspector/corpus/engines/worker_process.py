"""A worker: a process that is sent batches over a pipe, one at a time, and sends back a result for each.

Each worker has a pipe of its own, so nothing is shared, no lock is left behind by one that is killed, and the
end of its pipe says that it died. It ends when its pipe does: also if this process is killed.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import signal
import sys
import traceback
from collections.abc import Sequence
from multiprocessing.context import BaseContext
from typing import TYPE_CHECKING, Any, TypeAlias

from inspector.corpus.engines.held_signals import leave_signals_to_parent, signals_held
from inspector.storage import Source

if TYPE_CHECKING:
    if sys.platform == "win32":
        from multiprocessing.connection import PipeConnection

        Pipe: TypeAlias = PipeConnection[Any, Any]
    else:
        from multiprocessing.connection import Connection

        Pipe: TypeAlias = Connection[Any, Any]

__all__ = ["DONE", "FAILED", "NO_MEMORY", "READY", "Worker"]

READY, DONE, FAILED, NO_MEMORY = "ready", "done", "failed", "no memory"
"""What a worker sends: the first of these once, and one of the others for each batch."""


class Worker:
    """This process's side of a worker. `others` are the pipes of those that were started before it."""

    def __init__(self, context: BaseContext, job: Any, others: Sequence[Pipe]) -> None:
        self.pipe, theirs = context.Pipe()
        forks = context.get_start_method() == "fork"
        # A forked child has copies of these. If it kept them, no worker would see that this process died.
        inherited = [*others, self.pipe] if forks else []
        process = context.Process(target=_work, args=(theirs, job, inherited), daemon=True)  # type: ignore[attr-defined]
        with signals_held(spawns=not forks):  # until the child handles them as a worker
            process.start()
        theirs.close()
        self._process = process
        self.is_ready = False

    def send(self, sources: Sequence[Source]) -> None:
        """Give a batch to a worker that waits for one. If it died, `receive` says so."""
        with contextlib.suppress(OSError):
            self.pipe.send(sources)

    def receive(self) -> tuple[str, Any]:
        """Return what the worker sends. Raises `EOFError` if it died."""
        try:
            answer: tuple[str, Any] = self.pipe.recv()
        except (OSError, pickle.UnpicklingError) as error:
            raise EOFError from error
        self.is_ready = True
        return answer

    def end(self) -> str:
        """End the worker at once, if it has not ended, and return how it did."""
        self.pipe.close()
        if self._process.is_alive():
            self._process.join(0.05)  # one that died closes its pipe a moment before it is gone
        if self._process.is_alive():
            self._process.kill()
        self._process.join()
        return _how(self._process.exitcode)


def _how(status: int | None) -> str:
    if status is None or status >= 0:
        return f"the process that read it ended with status {status}"
    name = signal.Signals(-status).name if -status in set(signal.Signals) else f"signal {-status}"
    memory = "; there may be too little memory" if name == "SIGKILL" else ""
    return f"the process that read it was killed by {name}{memory}"


def _work(pipe: Pipe, job: Any, inherited: Sequence[Pipe]) -> None:
    """Run a job for each batch, until the pipe ends."""
    leave_signals_to_parent()
    for each in inherited:
        each.close()
    with contextlib.suppress(EOFError, OSError):
        pipe.send((READY, None))
        while True:
            pipe.send(_answer(job, pipe.recv()))
    os._exit(0)  # nothing here is to be finished, and what this process registered is not the worker's


def _answer(job: Any, sources: Sequence[Source]) -> tuple[str, Any]:
    try:
        return DONE, job(sources)
    except MemoryError:
        return NO_MEMORY, None
    except Exception as error:
        text = traceback.format_exc()
        try:
            error.add_note(f"In a worker:\n{text}")
            pickle.loads(pickle.dumps(error))
        except Exception:  # not every exception can be pickled, or made again of its arguments
            return FAILED, RuntimeError(text)
        return FAILED, error
