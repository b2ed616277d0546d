"""Giving up: a client that gets nothing stops waiting, and leaves nothing open."""

from __future__ import annotations

from inspector.recording import Ending
from inspector.resilience.attempts import Attempt
from inspector.resilience.client_findings import (
    FAULT,
    UNKNOWN,
    WARNING,
    CallContext,
    Note,
    Notes,
    client_check,
)

__all__: list[str] = []


@client_check(
    FAULT,
    remedy="Set a read timeout of a minute or two: the SDKs wait 600 s for each read by default.",
    source="https://github.com/anthropics/claude-code/issues/33949",
)
def no_read_timeout(c: CallContext) -> Notes:
    """A client that gets nothing any more gives up in time.

    Observed: how long the client stayed after the last byte of a stream that stalls, and the read timeout
    that it names (SDKs send it as a header).

    Why: a connection that died in silence looks like one that is busy, and the program hangs.
    """
    for attempt in c.call.attempts:
        if not _is_done(attempt) and not attempt.kept_alive:
            yield from _waiting(c, attempt, "in silence", attempt.read_timeout)


@client_check(
    FAULT,
    remedy="Limit the time between events other than pings, or the time of the whole answer.",
    source="https://github.com/langchain-ai/langchain/pull/36964",
)
def no_content_timeout(c: CallContext) -> Notes:
    """A client that gets only pings gives up in time.

    Observed: how long the client stayed after the last content while pings or comments kept coming.

    Why: each byte starts a read timeout again, so that pings can hold a program as long as they come.
    """
    for attempt in c.call.attempts:
        if not _is_done(attempt) and attempt.kept_alive:
            yield from _waiting(c, attempt, "with nothing but pings", None)


@client_check(
    WARNING,
    remedy="Stop reading at `message_stop`.",
    source="https://github.com/tombii/better-ccflare/pull/307",
)
def waited_after_stop(c: CallContext) -> Notes:
    """A client does not wait for more when the message is complete.

    Observed: how long the client stayed after `message_stop` on a connection that does not end.

    Why: a gateway that keeps connections open turns each answer into a timeout.
    """
    for attempt in c.call.attempts:
        waited = _waited(c, attempt)
        if _is_done(attempt) and _is_quiet(attempt) and waited > c.limits.after_stop:
            yield Note(
                f"request {attempt.number}: {waited:.1f} s after message_stop it still waited",
                (attempt.number,),
            )


@client_check(
    WARNING,
    remedy="Close the stream in all cases: `with client.messages.stream(…) as stream:`.",
    source="https://github.com/encode/httpcore/issues/996",
)
def connection_left_open(c: CallContext) -> Notes:
    """A response that is not read to its end is closed.

    Observed: the program was done, and the response went on or had not been closed.

    Why: each holds a connection of the pool, and the server goes on with work that nobody reads.
    """
    if not c.log.program.is_over:
        return
    for attempt in c.call.attempts:
        if attempt.ended is None:
            message = f"request {attempt.number}: its response was open when the program was done"
            yield Note(message, (attempt.number,))


def _is_done(attempt: Attempt) -> bool:
    """Whether the whole message was sent."""
    return attempt.sent.is_whole and attempt.got_all


def _is_quiet(attempt: Attempt) -> bool:
    """Whether the response ended in a wait, or has not ended."""
    return attempt.end in (Ending.TIMEOUT, Ending.ABANDONED, None)


def _waited(c: CallContext, attempt: Attempt) -> float:
    until = c.log.at if attempt.ended is None else attempt.ended
    return max(until - attempt.content_at, 0.0) + attempt.pretended


def _waiting(c: CallContext, attempt: Attempt, how: str, read_timeout: float | None) -> Notes:
    """Judge a wait: it ended in time, or late, or not at all, or nobody looked long enough."""
    if not _is_quiet(attempt):
        return
    waited, limit = _waited(c, attempt), c.limits.wait
    number = (attempt.number,)
    text = f"request {attempt.number}: it waited {waited:.1f} s {how}"
    if attempt.ended is not None and not attempt.by_server:
        if waited == float("inf"):
            yield Note(f"request {attempt.number}: it has no read timeout, and waits without end", number)
        elif waited > limit:
            yield Note(f"{text} before it gave up; the limit is {limit:g} s", number, WARNING)
    elif waited >= limit:
        yield Note(f"{text}, and had not given up", number)
    elif attempt.sent.end is not Ending.TIMEOUT:
        return  # it was about to go on
    elif read_timeout is not None and read_timeout > limit:
        names = "no read timeout" if read_timeout == float("inf") else f"a read timeout of {read_timeout:g} s"
        yield Note(f"{text}, and names {names}; the limit is {limit:g} s", number, WARNING)
    elif read_timeout is None and not (c.log.program.is_over and attempt.ended is None):
        message = f"{text}, and had not given up when it was last seen; the limit is {limit:g} s"
        yield Note(message, number, UNKNOWN)
