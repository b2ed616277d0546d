"""SIGTERM and SIGHUP end a command as Ctrl-C does, so that what it records is finished.

Python handles a signal in the main thread, between two of its own instructions. If the signal comes just
before that thread enters a system call, or if the system gives it to another thread, nothing wakes the main
thread: a command that waits for a silent server would not end. So a thread hears of every signal through the
wakeup file descriptor (https://docs.python.org/3/library/signal.html#signal.set_wakeup_fd) and wakes the main
thread by SIGURG. Its handler does nothing, and a system call that it interrupts is called again (PEP 475).
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from types import FrameType

__all__ = ["Terminated", "ending_on_signals", "interrupted_by_signals", "signals_waiting"]

_END = b"\0"  # the number of no signal
_WAKES = (0.01, 0.1, 1.0)  # s after a signal: one wake could come too early on a busy machine


class Terminated(KeyboardInterrupt):
    """A signal ends the command; `status` is its exit status, as shells count it."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.status = 128 + number


@contextlib.contextmanager
def ending_on_signals() -> Iterator[None]:
    """Do as `interrupted_by_signals`, and exit with the signal's status."""
    try:
        with interrupted_by_signals():
            yield
    except Terminated as end:
        sys.exit(end.status)


@contextlib.contextmanager
def interrupted_by_signals(*, waking: bool = True) -> Iterator[None]:
    """Raise `Terminated` where the block is when SIGTERM or SIGHUP comes.

    No signal waits for a system call to end, Ctrl-C neither. Without `waking`, one that comes just before a
    system call does, and no thread is started: so the block may fork. A signal that is ignored stays ignored:
    `nohup` means it. Outside the main thread nothing changes.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {}
    for name in ("SIGTERM", "SIGHUP"):  # Windows has no SIGHUP
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
            before[number] = signal.signal(number, _terminate)
    try:
        with _waking() if waking else contextlib.nullcontext():
            yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextlib.contextmanager
def signals_waiting() -> Iterator[None]:
    """Let signals that end the command wait until the end of the block, which must be short.

    Outside the main thread nothing changes.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    came: list[tuple[int, FrameType | None]] = []
    names = ("SIGINT", "SIGTERM", "SIGHUP")
    numbers = [number for name in names if (number := getattr(signal, name, None)) is not None]
    before: dict[int, Callable[[int, FrameType | None], object]] = {
        number: handler for number in numbers if callable(handler := signal.getsignal(number))
    }
    for number in before:
        signal.signal(number, lambda *signal_: came.append(signal_))
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        for number, frame in came[:1]:
            before[number](number, frame)


def _terminate(number: int, _: FrameType | None) -> None:
    raise Terminated(number)


@contextlib.contextmanager
def _waking() -> Iterator[None]:
    """Wake the main thread after every signal."""
    if sys.platform == "win32":  # a signal interrupts no system call there
        yield
        return
    read, write = os.pipe()
    os.set_blocking(write, False)
    previous = signal.set_wakeup_fd(write, warn_on_full_buffer=False)
    urgent = signal.signal(signal.SIGURG, lambda *_: None)
    ended = threading.Event()
    waker = threading.Thread(target=_wake, args=(read, ended), name="inspector-signals", daemon=True)
    waker.start()
    try:
        yield
    finally:
        signal.set_wakeup_fd(previous)
        ended.set()
        with contextlib.suppress(BlockingIOError):  # a full pipe wakes the thread as well
            os.write(write, _END)  # closing would not do: a forked child may have the descriptor too
        waker.join()
        os.close(write)
        os.close(read)
        signal.signal(signal.SIGURG, urgent)


def _wake(signals: int, ended: threading.Event) -> None:
    main = threading.main_thread().ident
    if main is None or sys.platform == "win32":
        return
    while not ended.is_set():
        number = os.read(signals, 1)
        if number == _END or number[0] == signal.SIGURG:
            continue
        for wait in _WAKES:
            if ended.wait(wait):
                return
            signal.pthread_kill(main, signal.SIGURG)
