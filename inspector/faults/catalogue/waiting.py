"""Faults of waiting: nothing comes, or only what keeps the connection alive.

A recording is finite. What would never end goes on for as long as the fault's parameters say. Then the reader
waits `SDK_READ_TIMEOUT` seconds longer, and times out.
"""

from __future__ import annotations

from inspector.faults.contents import last_of_type
from inspector.faults.edits import (
    frame,
    reads_after,
    reads_before,
    rebuilt,
    repetitions,
    response_of,
    silenced,
    with_tail,
    without_response,
)
from inspector.faults.parameters import choice, seconds, text
from inspector.faults.positions import Point
from inspector.faults.registry import fault
from inspector.protocol import SDK_READ_TIMEOUT
from inspector.recording import Ending, Recording

__all__ = ["hang_after_stop", "keep_alive", "stall", "stall_after_headers", "stall_headers"]

_PING = frame("ping", b'{"type": "ping"}')
_DURATION = seconds("for", "how long they keep coming", 60.0)


@fault(
    "stall",
    seconds("secs", "how long; forever: until the reader times out; default: forever", None, forever=True),
    at="mid",
    incident="https://github.com/anthropics/claude-code/issues/33949",
    client="have its own timeout between events",
)
def stall(recording: Recording, at: Point, secs: float | None) -> Recording:
    """Nothing comes for a while, or ever again, and the connection stays open."""
    if secs is None:
        return silenced(recording, at)
    response_of(recording)
    later = [(t + secs, chunk) for t, chunk in reads_after(recording, at.offset)]
    end = recording.end and recording.end._replace(t=recording.end.t + secs)
    return rebuilt(recording, [*reads_before(recording, at.offset), *later], end)


@fault(
    "stall-headers",
    seconds("secs", "how long the reader waits", SDK_READ_TIMEOUT),
    incident="https://github.com/anthropics/claude-code/issues/91502",
    client="limit the total time of a request",
)
def stall_headers(recording: Recording, secs: float) -> Recording:
    """The server accepts the request and never answers."""
    return without_response(recording, Ending.TIMEOUT, secs)


@fault(
    "stall-after-headers",
    incident="https://github.com/agentforce314/clawcodex/pull/734",
    client="have a timeout for the first event",
)
def stall_after_headers(recording: Recording) -> Recording:
    """The response's head comes with status 200, and nothing after it."""
    return silenced(recording, Point(0, response_of(recording).t))


@fault(
    "stall-ping",
    seconds("interval", "the time between two pings", 15.0),
    _DURATION,
    at="mid",
    fixed={"text": None},
    sentence="Pings keep coming, and nothing else.",
    incident="https://github.com/langchain-ai/langchain/pull/36964",
    client="have a timeout between events other than pings",
)
@fault(
    "stall-comment",
    seconds("interval", "the time between two comments", 15.0),
    _DURATION,
    text("text", "the text of the comments", "keepalive"),
    at="mid",
    sentence="Comments keep coming, and nothing else.",
    incident="https://github.com/MadSkittles/Router-Maestro/pull/61",
    client="have a timeout between events",
)
def keep_alive(recording: Recording, at: Point, interval: float, for_: float, text: str | None) -> Recording:
    """Replace the rest of the body by comments; by pings if `text` is None."""
    piece = _PING if text is None else b": %b\n\n" % text.encode()
    tail = [piece] * repetitions(for_, interval)
    return with_tail(recording, at, tail, every=interval, end=Ending.TIMEOUT)


@fault(
    "hang-after-stop",
    choice("after", "the last event that comes", {"stop": "message_stop", "delta": "message_delta"}),
    seconds("interval", "the time between pings; default: no pings", None),
    seconds("for", "how long pings keep coming", 60.0),
    incident="https://github.com/tombii/better-ccflare/pull/307",
    client="stop reading at message_stop, or soon after a stop_reason",
)
def hang_after_stop(recording: Recording, after: str, interval: float | None, for_: float) -> Recording:
    """The message is complete, but the body does not end."""
    last = last_of_type(recording, f"message_{after}")
    at = Point(last.offset + len(last.block.raw_bytes), last.t)
    if interval is None:
        return silenced(recording, at)
    return keep_alive(recording, at, interval, for_, text=None)
