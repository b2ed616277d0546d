"""Virtual time: waiting moves a clock, and takes no time.

The event loops that this thread runs get a clock that stands still while they work. When a loop has nothing
to do but wait for a timer, the clock jumps to that timer. `time.sleep` in this thread moves the same clock. A
loop that watches a socket, or waits for a thread of its executor, waits in real time: nobody can know when
data will arrive or when the thread will be done.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

__all__ = ["VirtualTime", "virtual_time"]

_WAKE_UP = 1  # a loop always watches one file: the pipe by which other threads wake it


class VirtualTime:
    """A clock, in seconds, that moves only while somebody waits."""

    def __init__(self, start: float) -> None:
        self._start = self._time = start

    @property
    def now(self) -> float:
        """Return the seconds that have passed since the test began."""
        return self._time - self._start

    def time(self) -> float:
        """Return the clock's reading, comparable with `time.monotonic` at the start."""
        return self._time

    def sleep(self, seconds: float) -> None:
        """Move the clock forward. A negative number moves nothing."""
        self._time += max(seconds, 0.0)


class _Selector:
    """An event loop's selector that moves the clock instead of waiting, if only a timer can end the wait."""

    def __init__(self, selector: Any, clock: VirtualTime, waits_for_threads: Callable[[], bool]) -> None:
        self._selector = selector
        self._clock = clock
        self._waits_for_threads = waits_for_threads

    def __getattr__(self, name: str) -> Any:
        return getattr(self._selector, name)

    def select(self, timeout: float | None = None) -> Any:
        if not timeout or len(self._selector.get_map()) > _WAKE_UP or self._waits_for_threads():
            started = time.monotonic()
            ready = self._selector.select(timeout)
            self._clock.sleep(time.monotonic() - started)
            return ready
        ready = self._selector.select(0)
        if not ready:
            self._clock.sleep(timeout)
        return ready


@contextlib.contextmanager
def virtual_time() -> Iterator[VirtualTime]:
    """Run this thread's event loops, and its `time.sleep`, on a clock that waiting moves."""
    # Patch loops when they run, not when they are made: a test framework may have made its loop already.
    clock, thread = VirtualTime(time.monotonic()), threading.get_ident()
    run_forever, sleep = asyncio.BaseEventLoop.run_forever, time.sleep

    def run_virtually(loop: Any) -> None:
        if threading.get_ident() != thread or not hasattr(loop, "_selector"):
            run_forever(loop)
            return
        with _on_clock(loop, clock):
            run_forever(loop)

    def sleep_virtually(seconds: float) -> None:
        (clock.sleep if threading.get_ident() == thread else sleep)(seconds)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(asyncio.BaseEventLoop, "run_forever", run_virtually)
        patch.setattr(time, "sleep", sleep_virtually)
        yield clock


@contextlib.contextmanager
def _on_clock(loop: Any, clock: VirtualTime) -> Iterator[None]:
    selector, run_in_executor = loop._selector, loop.run_in_executor
    pending: set[Any] = set()

    def run_and_remember(*arguments: Any) -> Any:
        future = run_in_executor(*arguments)
        pending.add(future)
        future.add_done_callback(pending.discard)
        return future

    def waits_for_threads() -> bool:
        # asyncio.run ends by waiting for the executor's threads, with a timeout since Python 3.12.
        return bool(pending) or loop._executor_shutdown_called

    own = {name: loop.__dict__[name] for name in ("time", "run_in_executor") if name in loop.__dict__}
    loop._selector = _Selector(selector, clock, waits_for_threads)
    loop.__dict__.update(time=clock.time, run_in_executor=run_and_remember)
    try:
        yield
    finally:
        loop._selector = selector
        del loop.time, loop.run_in_executor
        loop.__dict__.update(own)
