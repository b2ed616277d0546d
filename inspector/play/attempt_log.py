"""The log of what became of each answer: when it was requested, what was played, and how it ended.

The transport and the server write it. `verdict` reads it: `inspector.resilience` judges what it says.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from inspector._json import as_object
from inspector.play.pace import Pace
from inspector.play.received import ReceivedRequest
from inspector.play.sources import Source
from inspector.recording import Ending, Request

if TYPE_CHECKING:  # the checks are imported when a client is judged
    from inspector.resilience import Attempt, ClientLimits, ClientLog, ClientVerdict, Program, Sent

__all__ = ["AttemptLog", "Play"]

_READ_TIMEOUT = "x-stainless-read-timeout"
"""The header in which Anthropic's SDK for Python says how many seconds it waits for the next bytes."""


class Play:
    """One answer on its way to a client, from now on, at a pace on `clock` (seconds).

    `read_timeout` is the client's, infinite if it has none; None if that is not known. `pretended` seconds of
    waiting came at the end that did not pass on the clock.
    """

    __slots__ = (
        "at",
        "by_server",
        "clock",
        "end",
        "ended",
        "number",
        "pace",
        "pretended",
        "read_timeout",
        "source",
    )

    def __init__(
        self,
        number: int,
        source: Source,
        pace: Pace,
        clock: Callable[[], float],
        read_timeout: float | None = None,
    ) -> None:
        self.number = number
        self.source = source
        self.pace = pace
        self.clock = clock
        self.at = clock()
        self.read_timeout = read_timeout
        self.ended: float | None = None
        self.end: Ending | None = None
        self.by_server = False
        self.pretended = 0.0

    def done(self, at: float, end: Ending, *, by_server: bool = False, pretended: float = 0.0) -> None:
        """Note when and how it ended for the client, and whether because the server waited no longer.

        What is noted first holds.
        """
        if self.ended is None:
            self.ended, self.end, self.by_server, self.pretended = at, end, by_server, pretended


class AttemptLog:
    """The last `keep` answers that a player has chosen. Safe between threads."""

    def __init__(self, keep: int) -> None:
        self._plays: deque[Play] = deque(maxlen=keep)
        self._program: Program | None = None

    def add(self, play: Play) -> Play:
        """Log an answer that is about to be played."""
        self._plays.append(play)
        return play

    def verdict(
        self, requests: Iterable[ReceivedRequest], program: Program, limits: ClientLimits | None = None
    ) -> ClientVerdict:
        """Judge the client. What is said once of how the program ended holds for later calls, too."""
        from inspector.resilience import judge_client

        if program.is_over or self._program is None or not self._program.is_over:
            self._program = program
        return judge_client(self.read(requests), limits)

    def read(self, requests: Iterable[ReceivedRequest]) -> ClientLog:
        """Return the log as a value: of the requests that are still remembered, those for messages."""
        from inspector.resilience import ClientLog, Program

        calls = {each.number: each for each in requests if _is_call(each)}
        answers = _Answers()
        plays = [play for play in list(self._plays) if play.number in calls]
        attempts = [_attempt(play, calls[play.number], answers) for play in plays]
        now = max((play.clock() for play in plays), default=0.0)
        return ClientLog(tuple(attempts), now, self._program or Program())


class _Answers:
    """What each source says, and when each of its blocks is due after the request; read once."""

    def __init__(self) -> None:
        self._read: dict[tuple[int, Pace, bool], tuple[Sent, array[float]]] = {}

    def of(self, play: Play, request: Mapping[str, Any]) -> tuple[Sent, array[float]]:
        source, streamed = play.source, request.get("stream") is True
        key = (id(source), play.pace, streamed)
        if key not in self._read:
            from inspector.resilience import read_sent

            recording = source.recording()
            if not streamed:  # the recorded request may have been for a stream
                plain = Request("POST", recording.request.url)
                recording = replace(recording, head=replace(recording.head, request=plain))
            sent = read_sent(recording)
            start = recording.response.t if recording.response else 0.0
            times = [start, *(t for t, _ in sent.rhythm)]
            self._read[key] = sent, play.pace.due(times)
        return self._read[key]


def _is_call(request: ReceivedRequest) -> bool:
    """Whether a request is for a message, and not for a count of tokens or a batch."""
    path = request.path.rstrip("/")
    return request.method == "POST" and path.endswith("/messages") and bool(as_object(request.json()))


def _attempt(play: Play, request: ReceivedRequest, answers: _Answers) -> Attempt:
    from inspector.resilience import Attempt

    sent, due = answers.of(play, as_object(request.json()))
    until = play.clock() if play.ended is None else play.ended + play.pretended
    came = bisect_right(due, until - play.at) - 1  # the first of `due` is the head
    is_content = [each for _, each in sent.rhythm]
    last = next((place for place in range(came, 0, -1) if is_content[place - 1]), 0)
    read_timeout = play.read_timeout
    if read_timeout is None:
        read_timeout = _seconds(request.headers.get(_READ_TIMEOUT, ""))
    return Attempt(
        number=play.number,
        at=play.at,
        body=request.body,
        sent=sent,
        ended=play.ended,
        end=play.end,
        content_at=play.at + due[last],
        kept_alive=came > last,
        got_all=not any(is_content[last:]),
        by_server=play.by_server,
        pretended=play.pretended,
        read_timeout=read_timeout,
        missed=request.miss is not None,
        path=request.path,
    )


def _seconds(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
