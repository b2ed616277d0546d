"""SIGTERM and SIGHUP end a command as Ctrl-C does, so that what it records is finished."""

from __future__ import annotations

import contextlib
import signal
import sys
import threading
from collections.abc import Iterator
from types import FrameType

__all__ = ["Terminated", "ending_on_signals"]


class Terminated(KeyboardInterrupt):
    """A signal ends the command; `status` is its exit status, as shells count it."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.status = 128 + number


@contextlib.contextmanager
def ending_on_signals() -> Iterator[None]:
    """Raise `Terminated` where the command is when SIGTERM or SIGHUP comes, and exit with its status.

    A signal that is ignored stays ignored: `nohup` means it.
    """
    before = {}
    if threading.current_thread() is threading.main_thread():
        for name in ("SIGTERM", "SIGHUP"):  # Windows has no SIGHUP
            number = getattr(signal, name, None)
            if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
                before[number] = signal.signal(number, _terminate)
    try:
        yield
    except Terminated as end:
        sys.exit(end.status)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _terminate(number: int, _: FrameType | None) -> None:
    raise Terminated(number)
