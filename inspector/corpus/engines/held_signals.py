"""Signals that wait while processes are started: the processes inherit that, and decide for themselves."""

from __future__ import annotations

import contextlib
import signal
import sys
from collections.abc import Iterator

__all__ = ["SIGNALS", "signals_held"]

SIGNALS = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
"""The signals that end a command. Windows has fewer."""


@contextlib.contextmanager
def signals_held(*, spawns: bool) -> Iterator[None]:
    """Let these signals wait until the end of the block. A thread that it starts never gets them.

    `spawns`: the block starts processes by `multiprocessing` without forking.
    """
    if sys.platform == "win32":
        yield
        return
    if spawns:  # its tracker would be started with the first of them, and end the waiting of the signals
        from multiprocessing import resource_tracker

        resource_tracker.ensure_running()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
