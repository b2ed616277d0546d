"""For the tests of `serve`: recordings of chunks, their responses, what a client makes of bytes, a clock."""

from __future__ import annotations

import h11

from inspector import End, Ending, Head, Recording, Request, Response, TimedBlock
from inspector.play.pace import Pace
from inspector.play.sources import Source
from inspector.serve.responses import prepare


def made(*chunks, status=200, end="complete", headers=None, **more):
    """A recording of chunks: (t, bytes) each."""
    blocks = tuple(TimedBlock(t, None, None, data) for t, data in chunks)
    last = chunks[-1][0] if chunks else 0.5
    head = Head("", Request(), Response(0.5, status, headers or {}, **more))
    return Recording(head, blocks, End(last + 0.25, Ending(end)) if end else None)


def prepared(recording, pace=None, **options):
    return prepare(Source.of(recording), pace or Pace(), **options)


def received(wire, closed=True, method="POST"):
    """What a client makes of the bytes: (response, the body's chunks, whether it was whole)."""
    client = h11.Connection(h11.CLIENT)
    length = [("content-length", "0")] if method == "POST" else []
    client.send(h11.Request(method=method, target="/", headers=[("host", "x"), *length]))
    client.send(h11.EndOfMessage())
    client.receive_data(wire)
    if closed:
        client.receive_data(b"")
    response, body = None, []
    while True:
        try:
            event = client.next_event()
        except h11.RemoteProtocolError:
            return response, body, False
        if isinstance(event, h11.Response):
            response = event
        elif isinstance(event, h11.Data):
            if event.chunk_start or not body:
                body.append(b"")
            body[-1] += bytes(event.data)
        elif isinstance(event, h11.EndOfMessage):
            return response, body, True
        else:
            return response, body, False


class Clock:
    """A clock that stands until it is moved, and its timers."""

    def __init__(self):
        self.now = 100.0
        self.timers = []

    def __call__(self):
        return self.now

    def call_at(self, when, callback):
        timer = _Timer(self, when, callback)
        self.timers.append(timer)
        return timer

    def run(self, until=float("inf")):
        """Move on from timer to timer."""
        while self.timers:
            timer = min(self.timers, key=lambda timer: timer.when)
            if timer.when > until:
                return
            self.timers.remove(timer)
            self.now = max(self.now, timer.when)
            timer.callback()


class _Timer:
    def __init__(self, clock, when, callback):
        self.clock, self.when, self.callback = clock, when, callback

    def cancel(self):
        if self in self.clock.timers:
            self.clock.timers.remove(self)
