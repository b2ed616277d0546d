"""Ending: how the response came to its end."""

from __future__ import annotations

from inspector.checker.citations import DOC_ERRORS, thread
from inspector.checker.context import Cause, Context
from inspector.checker.rule import ERROR, INFO, WARNING, Judgement, Moment, Note, rule
from inspector.recording import Ending

__all__ = ["after", "round_limit"]

_ROUND = (30, 60, 100, 120, 125, 180, 300, 400, 600, 900)

_UNANSWERED: dict[Ending | None, str] = {
    Ending.CUT: "the connection closed",
    Ending.RESET: "the connection failed",
    Ending.TIMEOUT: "the reader gave up",
}


def round_limit(c: Context) -> str:
    """Say that the response ended at a usual time limit, if it did; as the end of a message."""
    t = c.clock.t
    limit = next((limit for limit in _ROUND if abs(t - limit) <= 0.015 * limit), None)
    if limit is None or not c.timed:
        return ""
    return f"; {t:.1f} s after the request, which looks like a {limit} s limit on some hop"


def after(c: Context) -> str:
    """Say after which event the response ended."""
    stream = c.stream
    if not stream.events:
        return "before any event"
    return f"after ev {stream.events} ({stream.last_event or c.event.kind or 'no name'})"


def _whole(c: Context) -> str:
    return "; the message itself is whole" if c.stream.stop_at else ""


@rule(on=Moment.END, severity=ERROR, source=DOC_ERRORS)
def no_response(c: Context) -> Judgement:
    """A request is answered.

    Example: no response; the connection failed after 0.5 s: Connection refused
    """
    end = c.stream.end
    if c.response is not None or c.stream.ending is Ending.ABANDONED:
        return None
    error = end.error if end and end.error else "the recorder saw no answer"
    how = _UNANSWERED.get(c.stream.ending, "the recording ends")
    return f"no response; {how} after {c.clock.t:.1f} s: {error}"


@rule(
    on=Moment.END,
    severity=ERROR,
    source=thread("anthropics/anthropic-sdk-python#1919", "anthropics/claude-code#67766"),
)
def body_truncated(c: Context) -> Judgement:
    """The body ends as HTTP says: with its last chunk, or with as many bytes as were announced.

    Example: the connection closed before the body's end after ev 3 (content_block_delta); open: block 0
    (text)
    """
    stream, reset = c.stream, c.stream.ending is Ending.RESET
    if stream.ending not in (Ending.CUT, Ending.RESET):
        return None
    if c.cause in (Cause.UNANSWERED, Cause.ERROR, Cause.STATUS):
        return None
    way = "the connection was reset" if reset else "the connection closed before the body's end"
    tail = f", in the middle of a frame ({len(stream.tail.raw)} bytes of it came)" if stream.tail else ""
    message = f"{way} {after(c)}{tail}{_whole(c)}{c.message.still_open}{round_limit(c)}"
    return Note(message, WARNING if stream.stop_at else None)


@rule(
    on=Moment.END,
    severity=ERROR,
    source=thread("anthropics/claude-code#33949", "anthropics/claude-code#91502"),
)
def body_timeout(c: Context) -> Judgement:
    """The server goes on sending, or ends the stream.

    Example: nothing came for 300.0 s after ev 3 (content_block_delta), and the reader gave up; open: block
    0 (text); 300.5 s after the request, which looks like a 300 s limit on some hop
    """
    if c.stream.ending is not Ending.TIMEOUT or c.cause in (Cause.UNANSWERED, Cause.STATUS):
        return None
    silence = f"nothing came for {c.clock.t - c.clock.last_bytes:.1f} s {after(c)}, and the reader gave up"
    message = f"{silence}{_whole(c)}{c.message.still_open}{round_limit(c)}"
    return Note(message, WARNING if c.stream.stop_at else None)


@rule(on=Moment.END, severity=INFO, source="the recording")
def reader_stopped(c: Context) -> Judgement:
    """A reader reads to the end; what it did not read cannot be checked.

    Example: the reader stopped after ev 3 (content_block_delta); what came after is unknown; open: block 0
    (text)
    """
    stream = c.stream
    if stream.ending is not Ending.ABANDONED or stream.stop_at or stream.error_at:
        return None
    if c.cause in (Cause.UNANSWERED, Cause.STATUS):
        return None
    return f"the reader stopped {after(c)}; what came after is unknown{c.message.still_open}"


@rule(on=Moment.END, severity=WARNING, source="the recording")
def recording_unfinished(c: Context) -> Judgement:
    """A recording says how its response ended.

    Example: the recorder died after ev 3 (content_block_delta): the recording's end line is missing; what
    came after is unknown; open: block 0 (text)
    """
    stream = c.stream
    if stream.end is not None:
        return None
    trace = "the recording's last line is torn" if stream.torn else "the recording's end line is missing"
    if stream.stop_at or stream.error_at:
        return Note(
            f"{trace} {after(c)}: whether the body ended there is unknown, and a replay is cut there", INFO
        )
    return f"the recorder died {after(c)}: {trace}; what came after is unknown{c.message.still_open}"
