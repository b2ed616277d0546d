"""Faults of waiting: nothing comes, or only what keeps the connection alive.

A recording is finite: what would go on for ever goes on for as long as it is told, and ends in the timeout
of a reader that waits `SDK_READ_TIMEOUT` longer.
"""

from __future__ import annotations

from inspector.faults.edits import (
    answered,
    followed,
    rebuilt,
    silent,
    since,
    ticks,
    unanswered,
    until,
)
from inspector.faults.parameters import choice, seconds, text
from inspector.faults.payload_edits import event_of, frame
from inspector.faults.positions import Point
from inspector.faults.registry import fault
from inspector.protocol import SDK_READ_TIMEOUT
from inspector.recording import Ending, Recording

__all__ = [
    "hang_after_stop",
    "stall",
    "stall_after_headers",
    "stall_comment",
    "stall_headers",
    "stall_ping",
]

PING = frame("ping", b'{"type": "ping"}')


@fault(
    "stall",
    seconds("secs", "how long; after `forever` the reader's patience ends", None, forever=True),
    at="mid",
    incident="https://github.com/anthropics/claude-code/issues/33949",
    sdk=(
        "forever: ReadTimeout of the HTTP library after the read timeout (600 s), no anthropic exception,"
        " not retried"
    ),
    client="have a timeout of its own between events",
)
def stall(recording: Recording, at: Point, secs: float | None) -> Recording:
    """Nothing more comes, for a while or for ever, and the connection stays open."""
    if secs is None:
        return silent(recording, at)
    answered(recording)
    later = [(t + secs, chunk) for t, chunk in since(recording, at.offset)]
    end = recording.end and recording.end._replace(t=recording.end.t + secs)
    return rebuilt(recording, [*until(recording, at.offset), *later], end)


@fault(
    "stall-headers",
    seconds("secs", "how long the reader waits", SDK_READ_TIMEOUT),
    incident="https://github.com/anthropics/claude-code/issues/91502",
    sdk="APITimeoutError after the read timeout, having tried again max_retries times",
    client="bound the whole time of a request",
)
def stall_headers(recording: Recording, secs: float) -> Recording:
    """The request is accepted and never answered."""
    return unanswered(recording, Ending.TIMEOUT, secs)


@fault(
    "stall-after-headers",
    incident="https://github.com/agentforce314/clawcodex/pull/734",
    sdk="ReadTimeout of the HTTP library after the read timeout (600 s), no anthropic exception, not retried",
    client="have a timeout for the first event",
)
def stall_after_headers(recording: Recording) -> Recording:
    """The response's head comes, with status 200, and then nothing."""
    return silent(recording, Point(0, answered(recording).t))


@fault(
    "stall-ping",
    seconds("interval", "the time between two pings", 15.0),
    seconds("for", "how long they go on", 60.0),
    at="mid",
    incident="https://github.com/langchain-ai/langchain/pull/36964",
    sdk="hides the pings, and waits as long as they come; only then ReadTimeout of the HTTP library",
    client="have a timeout between events that are no pings",
)
def stall_ping(recording: Recording, at: Point, interval: float, for_: float) -> Recording:
    """Pings keep coming, and nothing else."""
    return followed(recording, at, [PING] * ticks(for_, interval), every=interval, end=Ending.TIMEOUT)


@fault(
    "stall-comment",
    seconds("interval", "the time between two comments", 15.0),
    seconds("for", "how long they go on", 60.0),
    text("text", "what they say", "keepalive"),
    at="mid",
    incident="https://github.com/MadSkittles/Router-Maestro/pull/61",
    sdk="hides the comments, and waits as long as they come; only then ReadTimeout of the HTTP library",
    client="have a timeout between events",
)
def stall_comment(recording: Recording, at: Point, interval: float, for_: float, text: str) -> Recording:
    """Comments keep coming, and nothing else."""
    comment = b": %b\n\n" % text.encode()
    return followed(recording, at, [comment] * ticks(for_, interval), every=interval, end=Ending.TIMEOUT)


@fault(
    "hang-after-stop",
    choice("after", "the last event that comes: message_stop, or message_delta", "stop", "delta"),
    seconds("interval", "the time between pings; silence unless said", None),
    seconds("for", "how long pings go on", 60.0),
    incident="https://github.com/tombii/better-ccflare/pull/307",
    sdk="reads on to the end of the body: ReadTimeout of the HTTP library after a whole message",
    client="be done at message_stop, or soon after a stop_reason",
)
def hang_after_stop(recording: Recording, after: str, interval: float | None, for_: float) -> Recording:
    """The message is whole, but the body does not end."""
    last = event_of(recording, f"message_{after}")
    at = Point(last.offset + len(last.block.raw_bytes), last.t)
    if interval is None:
        return silent(recording, at)
    return followed(recording, at, [PING] * ticks(for_, interval), every=interval, end=Ending.TIMEOUT)
