"""One clock for all connections: what is due when, in absolute times, behind a single timer.

Nothing waits for a span, so nothing drifts: a piece that goes out late does not delay the one after it. The
heap holds one entry for each connection that waits.
"""

from __future__ import annotations

import heapq
import itertools
import select
import selectors
import sys
from collections.abc import Callable
from typing import Any, Protocol

__all__ = ["Schedule", "Ticket", "fine_selector"]


class _Timer(Protocol):
    def cancel(self) -> None: ...


class Ticket(list[Any]):
    """An entry of the schedule: the time, a number that orders equal times, and what to call."""

    __slots__ = ()

    def cancel(self) -> None:
        """Call nothing, and keep nothing alive until then."""
        self[2] = None


class Schedule:
    """Call back when it is time. `clock` returns seconds, `call_at` sets a timer on that clock."""

    def __init__(self, clock: Callable[[], float], call_at: Callable[..., _Timer]) -> None:
        self.clock = clock
        self._call_at = call_at
        self._heap: list[Ticket] = []
        self._numbers = itertools.count()
        self._timer: _Timer | None = None
        self._armed = float("inf")

    def at(self, when: float, callback: Callable[[float], None]) -> Ticket:
        """Call `callback` with the time as soon as `when` has come."""
        ticket = Ticket((when, next(self._numbers), callback))
        heapq.heappush(self._heap, ticket)
        if when < self._armed:
            self._arm(when)
        return ticket

    def _arm(self, when: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._armed = when
        self._timer = self._call_at(when, self._run)

    def _run(self) -> None:
        """Call all that is due now. What falls due meanwhile waits for reads and new clients."""
        heap, now = self._heap, self.clock()
        self._armed = float("-inf")  # so that `at` sets no timer while this runs
        try:
            for _ in range(len(heap)):  # entries that are added now, already due, must not stop the rest
                if heap[0][0] > now:
                    break
                callback = heapq.heappop(heap)[2]
                if callback is not None:
                    callback(now)
        finally:
            self._timer, self._armed = None, float("inf")
            while heap and heap[0][2] is None:
                heapq.heappop(heap)
            if heap:
                self._arm(heap[0][0])


def fine_selector() -> selectors.BaseSelector:
    """Return a selector whose timeouts are exact to microseconds, on Linux; epoll's are to a millisecond."""
    if sys.platform == "linux":

        class FineSelector(selectors.EpollSelector):
            """epoll(7) for what is ready; select(2) on the epoll for the wait: it takes microseconds."""

            def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
                descriptor = self.fileno()
                if timeout is None or not 0 < timeout < 1.0 or descriptor >= 1024:  # FD_SETSIZE
                    return super().select(timeout)
                ready = super().select(0)  # under load something is ready, and there is no need to wait
                if not ready:
                    select.select((descriptor,), (), (), timeout)
                    ready = super().select(0)
                return ready

        return FineSelector()
    return selectors.DefaultSelector()
