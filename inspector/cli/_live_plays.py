"""What `serve --ui` shows: each recording that is being played, value by value, when it is due."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import PurePath
from typing import Any, NamedTuple

from inspector.cli._live_page import LivePage, Passing
from inspector.errors import RecordingError
from inspector.play.pace import Pace
from inspector.play.received import ReceivedRequest
from inspector.play.sources import Source
from inspector.protocol import is_side_traffic
from inspector.recording import End
from inspector.recording.redacted import redacted
from inspector.redact import KEEP_IDS, Redaction
from inspector.serve.connection import Delivery

__all__ = ["LivePlays", "LiveServer", "live_server"]

_MOST = 200
"""How many plays are shown at a time; further ones are left out."""


class LivePlays:
    """Follow the plays of a server whose pace is this. `begun` and `delivered` are called on its thread."""

    def __init__(self, pace: Pace, clock: Callable[[], float] = time.monotonic) -> None:
        self._pace = pace
        self._clock = clock
        self._lock = threading.Lock()
        self._new: list[tuple[ReceivedRequest, Source, float]] = []
        self._over: dict[int, tuple[float, Delivery]] = {}
        self._plays: dict[int, _Play] = {}

    def begun(self, received: ReceivedRequest, source: Source) -> None:
        """Note that a source begins to answer a request."""
        if is_side_traffic(received.method, received.path):
            return
        with self._lock:
            if len(self._new) + len(self._plays) < _MOST:
                self._new.append((received, source, self._clock()))

    def delivered(self, received: ReceivedRequest, delivery: Delivery) -> None:
        """Note that the answer to a request has ended."""
        with self._lock:
            self._over[received.number] = (self._clock(), delivery)

    def due(self) -> Iterator[Passing]:
        """Yield what has become due of every play since this was called last."""
        with self._lock:
            new, self._new = self._new, []
            over, self._over = self._over, {}
        now = self._clock()
        for received, source, since in new:
            try:
                play = _Play(received, source, since, self._pace)
            except RecordingError:  # its file has changed; the client got an error
                continue
            self._plays[received.number] = play
            yield from play.begin()
        for number, play in list(self._plays.items()):
            ended, delivery = over.get(number, (now, None))
            yield from play.until(ended, delivery)
            if delivery is not None:
                del self._plays[number]


class LiveServer(NamedTuple):
    """A live page for a server, and the arguments that the server needs for it."""

    page: LivePage
    arguments: dict[str, Any]


def live_server(pace: Pace, report: Callable[[ReceivedRequest, Delivery], None] | None) -> LiveServer:
    """Return a page that shows the plays of a server of this pace; `report` is called as without it."""
    plays = LivePlays(pace)
    page = LivePage(plays.due)

    def delivered(received: ReceivedRequest, delivery: Delivery) -> None:
        plays.delivered(received, delivery)
        if report is not None:
            report(received, delivery)

    return LiveServer(page, {"begun": plays.begun, "report": delivered, "control": page.answer})


class _Play:
    """One answer on its way: what of it is due at which time of the clock."""

    def __init__(self, received: ReceivedRequest, source: Source, since: float, pace: Pace) -> None:
        recording = redacted(source.recording(), Redaction(KEEP_IDS))
        self._number = received.number
        self._name = f"{received.number} {PurePath(source.name).name}"
        self._head = recording.head
        self._end = recording.end
        self._since = since
        self._start = recording.response.t if recording.response else 0.0
        times = [self._start, *(block.t for block in recording.blocks)]
        self._due = list(zip(pace.due(times)[1:], recording.blocks, strict=True))
        self._place = 0

    def begin(self) -> Iterator[Passing]:
        yield self._number, self._head, self._name

    def until(self, now: float, delivery: Delivery | None) -> Iterator[Passing]:
        """Yield what is due by now, and at the end of the delivery how it ended."""
        whole = delivery is not None and self._end is not None and delivery.end is self._end.how
        while self._place < len(self._due) and (whole or self._due[self._place][0] <= now - self._since):
            yield self._number, self._due[self._place][1], self._name
            self._place += 1
        if whole and self._end is not None:
            yield self._number, self._end, self._name
        elif delivery is not None:
            place = self._place
            t = self._due[place - 1][1].t if place else self._start
            yield self._number, End(t, delivery.end), self._name
