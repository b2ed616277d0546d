"""Ending: how the response came to its end, or did not."""

from __future__ import annotations

from inspector.checker.citations import DOC_ERRORS, thread
from inspector.checker.context import Scene
from inspector.checker.findings import Severity
from inspector.checker.reactions import Reaction
from inspector.checker.rule import Judgement, Moment, Note, rule
from inspector.recording import Ending

__all__ = ["after", "wall"]

ERROR, WARNING, INFO = Severity.ERROR, Severity.WARNING, Severity.INFO

_ROUND = (30, 60, 100, 120, 125, 180, 300, 400, 600, 900)
_CUT = Reaction(stream="httpx2.RemoteProtocolError", create="httpx2.RemoteProtocolError")
_RESET = Reaction(stream="httpx2.ReadError", create="httpx2.ReadError")
_TIMEOUT = Reaction(stream="httpx2.ReadTimeout", create="httpx2.ReadTimeout")


def wall(s: Scene) -> str:
    """Name the time limit of some hop that the end of this response falls on, if it does."""
    hit = next((limit for limit in _ROUND if abs(s.t - limit) <= 0.015 * limit), None)
    return (
        f"; {s.t:.1f} s after the request, which looks like a {hit} s limit on some hop"
        if hit and s.timed
        else ""
    )


def after(s: Scene) -> str:
    """Say where the end came."""
    return f"after ev {s.number} ({s.last_event or s.kind or 'no name'})" if s.number else "before any event"


@rule(
    on=Moment.END,
    severity=ERROR,
    source=DOC_ERRORS,
    sdk=Reaction(stream="anthropic.APIConnectionError", create="anthropic.APIConnectionError"),
    example="no response in 0.5 s: reset: Connection refused",
)
def no_response(s: Scene) -> Judgement:
    """A request is answered."""
    if s.response is not None or (s.end and s.how is Ending.ABANDONED):
        return None
    error = s.end.error if s.end and s.end.error else "the recorder saw no answer"
    timeout = Reaction(stream="anthropic.APITimeoutError", create="anthropic.APITimeoutError")
    return Note(
        f"no response in {s.t:.1f} s: {s.how or 'unknown'}: {error}",
        sdk=timeout if s.how is Ending.TIMEOUT else None,
    )


@rule(
    on=Moment.END,
    severity=ERROR,
    source=thread("anthropics/anthropic-sdk-python#1919", "anthropics/claude-code#67766"),
    sdk=_CUT,
    example=(
        "the connection closed before the body's end after ev 3 (content_block_delta); open: block 0 (text)"
    ),
)
def body_truncated(s: Scene) -> Judgement:
    """The body ends as HTTP says: with its last chunk, or with as many bytes as were announced."""
    if s.how not in (Ending.CUT, Ending.RESET) or s.cause in ("unanswered", "error", "status"):
        return None
    way = (
        "the connection was reset" if s.how is Ending.RESET else "the connection closed before the body's end"
    )
    tail = f", in the middle of a frame ({len(s.tail.raw)} bytes of it came)" if s.tail else ""
    done = "; the message itself is whole" if s.stop_at else ""
    words = f"{way} {after(s)}{tail}{done}{s.opened}{wall(s)}"
    return Note(words, WARNING if s.stop_at else None, _RESET if s.how is Ending.RESET else _CUT)


@rule(
    on=Moment.END,
    severity=ERROR,
    source=thread("anthropics/claude-code#33949", "anthropics/claude-code#91502"),
    sdk=_TIMEOUT,
    example=(
        "nothing came for 300.0 s after ev 3 (content_block_delta), and the reader gave up; "
        "open: block 0 (text); 300.5 s after the request, which looks like a 300 s limit on "
        "some hop"
    ),
)
def body_timeout(s: Scene) -> Judgement:
    """The server goes on sending, or ends the stream."""
    if s.how is not Ending.TIMEOUT or s.cause in ("unanswered", "status"):
        return None
    done = "; the message itself is whole" if s.stop_at else ""
    words = (
        f"nothing came for {s.t - s.last_t:.1f} s {after(s)}, and the reader gave up{done}{s.opened}{wall(s)}"
    )
    return Note(words, WARNING if s.stop_at else None)


@rule(
    on=Moment.END,
    severity=INFO,
    source="the recording",
    example=(
        "the reader stopped after ev 3 (content_block_delta); what came after is unknown; "
        "open: block 0 (text)"
    ),
)
def reader_stopped(s: Scene) -> Judgement:
    """A reader reads to the end; what it did not read cannot be checked."""
    if s.how is not Ending.ABANDONED or s.stop_at or s.error_at or s.cause in ("unanswered", "status"):
        return None
    return f"the reader stopped {after(s)}; what came after is unknown{s.opened}"


@rule(
    on=Moment.END,
    severity=WARNING,
    source="the recording",
    example=(
        "the recorder died after ev 3 (content_block_delta): it has no end line; what came "
        "after is unknown; open: block 0 (text)"
    ),
)
def recording_unfinished(s: Scene) -> Judgement:
    """A recording says how its response ended."""
    if s.end is not None or s.stop_at or s.error_at:
        return None
    torn = "its last line is torn" if s.torn else "it has no end line"
    return f"the recorder died {after(s)}: {torn}; what came after is unknown{s.opened}"
