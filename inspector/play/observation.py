"""`inspector.observe`: play a recording to the installed SDK, and say what the SDK did with it.

Nothing here predicts. The SDK makes its calls in this process, through the transport of `inspector.replay`:
`messages.stream()` up to `get_final_message()`, and `messages.create(stream=True)` up to its end. It does not
retry, waits for no recorded time, and reaches no network. Ten seconds and 64 MiB are the limits of one call.
They hold between two events: nothing in this process can stop the SDK inside one. A process of its own can be
killed at any time; see `sdk_process`.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from inspector.http_library import UNDECODABLE
from inspector.play.losses import losses, unusable, whole_losses
from inspector.play.matching import endpoint
from inspector.play.pace import Pace
from inspector.play.player import Answer, Player
from inspector.play.received import IncomingRequest
from inspector.play.rendering import Timing
from inspector.play.sdk_calls import CREATE, MESSAGE, STREAM, Progress, run_calls
from inspector.play.sources import Playback, Source
from inspector.play.transport import ReplayTransport, transport_of
from inspector.recording import Absent, End, Ending, Recording, is_binary
from inspector.recording.one_recording import one_recording
from inspector.redact import mask_text
from inspector.sse import BLOCK_LIMIT

__all__ = [
    "MAX_BYTES",
    "MAX_SECONDS",
    "Observation",
    "Outcome",
    "calls_for",
    "observation_of",
    "observe",
    "pieces",
]

MAX_SECONDS = 10.0
MAX_BYTES = 64 * 1024 * 1024
_SHORT, _LONG, _LINES = 4096, 65536, 512


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one call of the SDK.

    `raises` is the exception's class as programs write it, None if nothing was raised; `text` is its text,
    and `is_api_error` says whether `except anthropic.APIError` catches it. `event` is the number of the last
    event that the SDK had got, 0 before the first; `at_end` says whether the body had ended by then.
    `passed_on` counts the events that came out. `hidden` has the numbers of those that did not, pings left
    out: the SDK hides all of them. `losses` says where the final message differs from what was sent.
    `stopped` says why the call was stopped, None if it ended by itself.
    """

    call: str
    raises: str | None = None
    text: str = ""
    is_api_error: bool = False
    event: int = 0
    at_end: bool = False
    passed_on: int = 0
    hidden: tuple[int, ...] = ()
    losses: tuple[str, ...] = ()
    stopped: str | None = None

    def __str__(self) -> str:
        """Say it in one clause, without the text of the exception and without the losses."""
        passed = f"passes on {self.passed_on} event{'' if self.passed_on == 1 else 's'}"
        if self.hidden:
            passed += f", hides {len(self.hidden)}"
        counted = f" {passed} and" if self.call == CREATE else ""
        if self.stopped:
            return f"{self.call}{counted} is stopped{self._place()}: {self.stopped}"
        return f"{self.call}{counted} raises {self.raises + self._place() if self.raises else 'nothing'}"

    def _place(self) -> str:
        if not self.event:
            return " at the end of the body" if self.at_end else ""
        return f" at the end, after event {self.event}" if self.at_end else f" at event {self.event}"

    def to_dict(self) -> dict[str, Any]:
        """Return the same as plain JSON values."""
        fields: dict[str, Any] = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return {**fields, "hidden": list(self.hidden), "losses": list(self.losses)}


@dataclass(frozen=True, slots=True)
class Observation:
    """What an SDK did with a recording: the outcome of each call that reads such a response.

    `sdk` is the SDK with its version, such as `anthropic 2.12.0`. A recording of a stream has two outcomes,
    of `messages.stream()` and of `create()` with `stream=True`; a response to a request without
    `"stream": true` has one. Without outcomes `note` says why there are none.
    """

    sdk: str
    outcomes: tuple[Outcome, ...] = ()
    note: str = ""

    @property
    def stream(self) -> Outcome | None:
        """The outcome of `messages.stream()` and `get_final_message()`."""
        return next((each for each in self.outcomes if each.call == STREAM), None)

    @property
    def create(self) -> Outcome | None:
        """The outcome of `messages.create(stream=True)`."""
        return next((each for each in self.outcomes if each.call == CREATE), None)

    @property
    def raised(self) -> bool:
        """Whether a call raised an exception."""
        return any(each.raises for each in self.outcomes)

    def lines(self) -> list[str]:
        """Say it to people: a line for the calls, and one for what the final message lacks."""
        calls = "; ".join(map(str, self.outcomes)) or self.note
        lacking = [f"its final message: {'; '.join(each.losses)}" for each in self.outcomes if each.losses]
        return [f"{self.sdk}: {calls}", *lacking]

    def __str__(self) -> str:
        return "; ".join(self.lines())

    def to_dict(self) -> dict[str, Any]:
        """Return the same as plain JSON values."""
        return {
            "sdk": self.sdk,
            "outcomes": [each.to_dict() for each in self.outcomes],
            "note": self.note,
            "lines": self.lines(),
        }


def observe(
    recording: Recording, *, seconds: float = MAX_SECONDS, clock: Callable[[], float] = time.monotonic
) -> Observation:
    """Play a recording to the installed SDK, in this process, and return what the SDK did.

    One call is stopped after `seconds` by `clock`. The first observation imports anthropic, which takes a
    second or two. The recording may be broken in any way: what the SDK raises is a part of the result.
    Raises `TypeError` for a path: `load` it.
    """
    recording = one_recording(recording)
    calls = calls_for(recording)
    results = run_calls(lambda progress: _transport(recording, progress), (seconds, MAX_BYTES, clock), calls)
    import anthropic

    return observation_of(recording, anthropic.__version__, calls, results)


def calls_for(recording: Recording) -> tuple[str, ...]:
    """Return the calls that read such a response; none for another endpoint, for AWS's binary events, and
    without a known status: what an SDK does rests on it.

    The request says whether the program wants a stream, whatever the answer is. Without a request's body
    the response is taken for a stream.
    """
    if _why_not_played(recording):
        return ()
    body = recording.request.json()
    return (MESSAGE,) if isinstance(body, dict) and not body.get("stream") else (STREAM, CREATE)


def _why_not_played(recording: Recording) -> str:
    """Say why `client.messages` does not get a recording; empty if it does."""
    request = recording.request
    if endpoint(request.url) not in ("", "/v1/messages"):
        return f"another client reads the answer to {request.method} {request.url}".rstrip()
    if Absent.STATUS in recording.head.absent:
        return "the status of the response is not known"
    has_frames = bool(recording.blocks) and recording.blocks[0].raw.startswith(b"\0")
    return "another client reads the binary events of AWS" if has_frames and is_binary(recording.head) else ""


def pieces(recording: Recording) -> Iterator[tuple[int, bytes]]:
    """Yield the body in pieces, each with the number of the event that it belongs to or follows.

    A piece ends where an event ends, and where a recorded read ended inside of one. A long one is cut: the
    SDK's time for one piece grows with its lines and with all that came since the last blank line.
    """
    number = 0
    for block in recording.blocks:
        number += block.data is not None
        raw, start = block.raw_bytes, 0
        for size in (*(size for size, _ in block.cuts), len(raw)):
            while size > start:
                stop = size if size - start <= _SHORT else min(size, _cut(raw, start))
                yield number, raw[start:stop]
                start = stop


def _cut(raw: bytes, start: int) -> int:
    """Return where a long piece is cut, which is not between CR and LF."""
    lines = raw.count(b"\n", start, start + _LONG) + raw.count(b"\r", start, start + _LONG)
    stop = start + (_SHORT if lines > _LINES else _LONG)
    return stop + 1 if raw[stop - 1 : stop] == b"\r" else stop


class _WatchedPlayback(Playback):
    """Plays a recording and tells `progress` what it passes on."""

    def __init__(self, recording: Recording, progress: Progress) -> None:
        ends: tuple[End, ...] = (recording.end,) if recording.end else ()
        super().__init__(recording.blocks, ends)
        self._pieces, self._progress = pieces(recording), progress

    def __iter__(self) -> Iterator[tuple[float, bytes]]:
        progress = self._progress
        for progress.event, piece in self._pieces:
            progress.check(len(piece))
            yield 0.0, piece
        progress.ended = True


class _AsRecorded(Player):
    """Answers with the recording as it is, also a request that does not ask for a stream."""

    def __init__(self, source: Source) -> None:
        super().__init__([source], match="any")
        self._answer_to_all = Answer(source, source.name)

    def answer(self, request: IncomingRequest) -> Answer:
        return self._answer_to_all


def _transport(recording: Recording, progress: Progress) -> ReplayTransport:
    name = recording.source or "the recording"
    source = Source(name, recording.head, lambda: _WatchedPlayback(recording, progress))
    return transport_of(_AsRecorded(source), Timing(Pace(), time.sleep, time.monotonic))


def observation_of(
    recording: Recording, version: str, calls: Sequence[str], results: Mapping[str, Mapping[str, Any]]
) -> Observation:
    """Make an observation of the results of `run_calls`."""
    note = "" if calls else f"not observed, as {_why_not_played(recording)}"
    outcomes = tuple(_outcome(recording, call, results) for call in calls)
    return Observation(f"anthropic {version}", outcomes, note)


def _outcome(recording: Recording, call: str, results: Mapping[str, Mapping[str, Any]]) -> Outcome:
    result = results[call]
    error, stopped = result["error"] or {}, result["stopped"]
    response = recording.response
    is_stream = call != MESSAGE and response is not None and response.status == 200
    is_read = is_stream and _reads_what_clients_read(recording)

    if result["ended"] and _is_unfinished(recording):
        error, stopped = {}, "the recording ends here"
    return Outcome(
        call,
        raises=error.get("name"),
        text=mask_text(error.get("text", "")),
        is_api_error=error.get("api", False),
        event=result["event"] if is_read else 0,
        at_end=result["ended"] and is_stream,
        passed_on=len(result["passed"]),
        hidden=tuple(_hidden(recording, result)) if is_read else (),
        losses=tuple(map(mask_text, _losses(recording, call, results))),
        stopped=stopped,
    )


def _losses(recording: Recording, call: str, results: Mapping[str, Mapping[str, Any]]) -> tuple[str, ...]:
    result = results[call]
    if call == MESSAGE and result["returned"]:
        return whole_losses(result["returned"], result["message"])
    if not result["message"]:
        return ()
    if not _reads_what_clients_read(recording):
        return unusable(result["message"])
    # The helper makes several events of one, so `create()` says better which did not come out.
    hidden = frozenset(_hidden(recording, results.get(CREATE, result)))
    return losses(recording.events(), result["message"], hidden)


def _reads_what_clients_read(recording: Recording) -> bool:
    """Return whether the recording's events are those of a client.

    They are not if the body was recorded as it is encoded, or has a frame beyond the limit of the decoder.
    """
    response = recording.response
    if response and response.extra and response.extra.get("undecoded"):
        return False
    return not any(block.data is None and len(block.raw) >= BLOCK_LIMIT for block in recording.blocks)


def _is_unfinished(recording: Recording) -> bool:
    """Return whether the recording ends before the response; the player then raises its own exception."""
    end = recording.end
    if end is not None and end.error and end.error.startswith(UNDECODABLE):
        return False
    return end is None or end.how is Ending.ABANDONED


def _hidden(recording: Recording, result: Mapping[str, Any]) -> Iterator[int]:
    """Yield the numbers of the events that went in and did not come out.

    An event comes out before the next goes in. If the SDK holds events back, as it does with mixed line ends,
    they come out together, and are known by their types alone.
    """
    passed = [(number, kind) for number, kind in result["passed"]]
    numbers = {number for number, _ in passed}
    late = deque(kind for _, kind in passed) if len(numbers) < len(passed) else None
    unfinished = (result["error"] or result["stopped"]) and not result["ended"]
    for event in recording.events():
        if event.number > result["event"] or (unfinished and event.number == result["event"]):
            return
        if late and late[0] == event.type:
            late.popleft()
        elif event.name != "ping" and (late is not None or event.number not in numbers):
            yield event.number
