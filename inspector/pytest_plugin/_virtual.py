"""Virtual time: waits that take none.

While it is on, event loops that this thread runs have a clock that stands still while they work and jumps to
the next timer when nothing else is to be done; `time.sleep` in this thread moves the same clock. A loop that
watches a socket of its own waits really, since nobody can know when something comes.
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

_OWN = 1  # what a loop watches by itself: the pipe by which other threads wake it


class VirtualTime:
    """A clock in seconds that only waiting moves."""

    def __init__(self, start: float) -> None:
        self._start = self._time = start

    @property
    def now(self) -> float:
        """The seconds that have passed since the test began."""
        return self._time - self._start

    def time(self) -> float:
        """The clock, as `time.monotonic` and an event loop's `time` have it."""
        return self._time

    def sleep(self, seconds: float) -> None:
        """Let so many seconds have passed."""
        self._time += max(seconds, 0.0)


class _Selector:
    """An event loop's selector that jumps instead of waiting, where it watches nothing."""

    def __init__(self, selector: Any, clock: VirtualTime) -> None:
        self._selector = selector
        self._clock = clock

    def __getattr__(self, name: str) -> Any:
        return getattr(self._selector, name)

    def select(self, timeout: float | None = None) -> Any:
        if not timeout or len(self._selector.get_map()) > _OWN:
            begun = time.monotonic()
            ready = self._selector.select(timeout)
            self._clock.sleep(time.monotonic() - begun)
            return ready
        ready = self._selector.select(0)
        if not ready:
            self._clock.sleep(timeout)
        return ready


@contextlib.contextmanager
def virtual_time() -> Iterator[VirtualTime]:
    """Run this thread's event loops, and its `time.sleep`, on a clock that jumps."""
    # Loops are caught when they run, not when they are made: a test framework has made its own by then.
    clock, thread = VirtualTime(time.monotonic()), threading.get_ident()
    run_forever, sleep = asyncio.BaseEventLoop.run_forever, time.sleep

    def virtually(loop: Any) -> None:
        if threading.get_ident() != thread or not hasattr(loop, "_selector"):
            run_forever(loop)
            return
        with _on(loop, clock):
            run_forever(loop)

    def slept(seconds: float) -> None:
        (clock.sleep if threading.get_ident() == thread else sleep)(seconds)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(asyncio.BaseEventLoop, "run_forever", virtually)
        patch.setattr(time, "sleep", slept)
        yield clock


@contextlib.contextmanager
def _on(loop: Any, clock: VirtualTime) -> Iterator[None]:
    selector, own_time = loop._selector, loop.__dict__.get("time")
    read: Callable[[], float] = clock.time
    loop._selector, loop.time = _Selector(selector, clock), read
    try:
        yield
    finally:
        loop._selector = selector
        if own_time is None:
            del loop.time
        else:
            loop.time = own_time
