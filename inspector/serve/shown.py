"""A response on its way to a client, noted as a proxy notes it: what was sent, when, and how it ended."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from pathlib import PurePath

from inspector.play.received import ReceivedRequest
from inspector.play.sources import UNNAMED, Source
from inspector.record.heads import ReceivedHead, SentRequest
from inspector.record.tap import Tap
from inspector.record.track import Track
from inspector.recording import Ending
from inspector.serve.responses import PreparedResponse

__all__ = ["Shown"]


class Shown:
    """One response that a tap notes. `url` is the server's; `source` is what it plays as `response`."""

    def __init__(
        self, tap: Tap, url: str, request: ReceivedRequest, source: Source, response: PreparedResponse
    ) -> None:
        at, clock, observer = tap.now()
        if observer is not None and source.name != UNNAMED:
            observer.played = PurePath(source.name).name
        fields = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in request.raw_headers]
        target = url + request.url if request.url.startswith("/") else request.url
        body = request.body or None
        self._sent = SentRequest(at, clock, request.method, target, fields, body, observer=observer)
        self._tap = tap
        self._source = source
        self._marks = response.marks
        self._status = response.status
        self._chunks = iter(source.play())
        self._pieces = 0
        self._track: Track | None = None

    def note(self, sent: int) -> None:
        """Note how many bytes of the response are sent, with its head and the framing of HTTP."""
        pieces = bisect_right(self._marks, sent)
        if not pieces or self._status is None:
            return
        now = self._tap.clock()
        if self._track is None:
            response = self._source.head.response
            assert response is not None
            head = ReceivedHead(now, self._status, list(response.headers.items()), response.http)
            self._track = self._tap.begin(self._sent, head, decoded=True)
            self._pieces = 1
        for _ in range(pieces - self._pieces):  # each piece after the head is a chunk, the last may be none
            chunk = next(self._chunks, None)
            if chunk is not None:
                self._track.note(now, chunk[1])
        self._pieces = max(self._pieces, pieces)

    def finish(self, end: Ending, then: Callable[[], None] = lambda: None) -> None:
        """Note how the response ended. This does not wait."""
        track = self._track or self._tap.begin(self._sent)
        track.finish(self._tap.clock(), end, None, then)
