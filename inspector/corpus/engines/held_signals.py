"""Signals that wait while processes are started: the processes inherit that, and decide for themselves."""

from __future__ import annotations

import contextlib
import signal
import sys
from collections.abc import Iterator

__all__ = ["SIGNALS", "leave_signals_to_parent", "signals_held"]

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
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [])
    try:
        signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)  # it raises, too, for one that came just before
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def leave_signals_to_parent() -> None:
    """Let a signal be for the process that started this one. It decides, and ends this one.

    Ctrl-C reaches every process of a terminal.
    """
    with contextlib.suppress(ValueError):
        signal.set_wakeup_fd(-1)
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN if number == signal.SIGINT else signal.SIG_DFL)
    if sys.platform != "win32":
        signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
