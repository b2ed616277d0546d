"""One exchange on both sides of a hop: what came out in front, and what was sent behind it.

Everything here is a pure reading of recordings. Both sides are recorded on one clock, so a moment of one side
can be compared with a moment of the other.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, NamedTuple

from inspector import _json
from inspector.conformance.bridging import bridge_differences
from inspector.conformance.evidence import Answer
from inspector.conformance.probes import NotTested
from inspector.conformance.scoring.scorecard import Deviation
from inspector.recording import Ending, Event, Recording
from inspector.views.changes import Change, Part
from inspector.views.diff_api import diff
from inspector.views.json_diff import ABSENT, short_value

__all__ = ["Flow", "Pair", "change_text", "moment"]

_NOT_THE_HOPS = (Part.REQUEST, Part.FINDINGS, Part.TIMING, Part.BYTES, Part.READS)


@dataclass(frozen=True)
class Pair:
    """One request of a probe: the answer in `front`, and what the upstream sent `behind`, for each try.

    `script` is what the upstream was to answer. `keys` are what the requests behind authenticated with.
    `translated` says that the upstream speaks another protocol, so that only the meaning can be compared.
    """

    front: Answer
    behind: tuple[Recording, ...]
    script: tuple[Recording, ...]
    keys: tuple[str, ...] = ()
    translated: bool = False

    @property
    def reached(self) -> bool:
        """Whether a request came to the upstream."""
        return bool(self.behind)

    @property
    def tries(self) -> int:
        """How many requests came to the upstream."""
        return len(self.behind)

    @property
    def meant(self) -> Recording:
        """What the last request behind was answered with. Raises `NotTested` if there was none."""
        if not self.behind:
            raise NotTested(f"the request did not reach the upstream: {self.front.said}")
        return self.script[min(len(self.behind), len(self.script)) - 1]

    @property
    def last(self) -> Recording:
        """What was really sent to the last request behind. Raises `NotTested` if there was none."""
        if not self.behind:
            raise NotTested(f"the request did not reach the upstream: {self.front.said}")
        return self.behind[-1]

    def changes(self) -> list[Change]:
        """Return what the hop changed in what the answer means."""
        difference = diff(self.meant, self.front.recording, ignore=[part.value for part in _NOT_THE_HOPS])
        return [change for change in difference.changes if not _is_of_headers(change)]

    def bridged(self) -> Iterator[Deviation]:
        """Yield what a bridge to another protocol lost or made up, compared with what the upstream meant."""
        for each in bridge_differences(self.meant, self.front.recording):
            yield (self.front.warn if each.warns else self.front.fail)(each.message, each.event)

    # What the stream in front says.

    @cached_property
    def kinds(self) -> Counter[str]:
        """How many events of each type came in front."""
        return Counter(event.type or "" for event in self.front.events)

    def event(self, kind: str) -> Event | None:
        """Return the first event of a type that came in front."""
        return next((event for event in self.front.events if event.type == kind), None)

    @property
    def stop(self) -> Event | None:
        """The first event in front that says why the message stopped."""
        return next(
            (
                event
                for event in self.front.events
                if event.type == "message_delta"
                and _json.as_object(_json.as_object(event.data).get("delta")).get("stop_reason")
            ),
            None,
        )

    @property
    def success(self) -> str:
        """What in front says that the message is whole; empty if nothing does."""
        if self.kinds["message_stop"]:
            return "message_stop"
        if self.stop is not None:
            return "a stop_reason"
        if not self.front.events and self.front.status == 200 and self.front.stop_reason:
            return "a whole message"
        return ""

    @property
    def failed_openly(self) -> bool:
        """Whether a client can see in front that something went wrong."""
        end = self.front.recording.end
        if self.front.status != 200 or self.kinds["error"]:
            return True
        return end is None or end.how in (Ending.CUT, Ending.RESET)


def _is_of_headers(change: Change) -> bool:
    """Whether a change is one of a header that says nothing of a stream."""
    return change.part is Part.HEADERS and change.path[-1] != "content-type"


def change_text(change: Change) -> str:
    """Say in a clause what a hop changed."""
    if change.part is Part.EVENTS and change.path[0] == "events":
        lost = [] if change.before is ABSENT else list(change.before)
        new = [] if change.after is ABSENT else list(change.after)
        parts = [f"lost {', '.join(map(str, lost))}"] if lost else []
        parts += [f"added {', '.join(map(str, new))}"] if new else []
        return f"events: {'; '.join(parts)}"
    if change.after is ABSENT:
        return f"{change.where} is lost: {_short(change, change.before)}"
    if change.before is ABSENT:
        return f"{change.where} is added: {_short(change, change.after)}"
    return f"{change.where} was {_short(change, change.before)} and became {_short(change, change.after)}"


def _short(change: Change, value: Any) -> str:
    return short_value(str(change.path[-1]), value)


def moment(recording: Recording, t: float = 0.0) -> float:
    """Return when something of a recording happened, in seconds of the world's clock."""
    return datetime.fromisoformat(recording.head.at).timestamp() + t


class _Key(NamedTuple):
    """What tells an event from others of a stream: its type, its block, and how many of these came before."""

    kind: str
    index: Any
    number: int


def _moments(recording: Recording) -> Iterator[tuple[_Key, float]]:
    start, counts = moment(recording), Counter[tuple[str, Any]]()
    for event in recording.events():
        data = _json.as_object(event.data)
        each: tuple[str, Any] = (event.type or "", data.get("index"))
        if _is_text_chunk(data):
            each = ("content_block_delta", 0)
        counts[each] += 1
        yield _Key(*each, counts[each]), start + event.t


def _is_text_chunk(data: dict[str, Any]) -> bool:
    """Whether this is a chunk of Chat Completions with text, which a bridge turns into a delta."""
    choices = data.get("choices")
    delta = _json.as_object(choices[0]).get("delta") if isinstance(choices, list) and choices else None
    return bool(_json.as_object(delta).get("content"))


@dataclass(frozen=True, slots=True)
class Flow:
    """How much later each event came out than it was sent, and how many reads became how many.

    `delays` are in seconds, sorted. `length` is how long the upstream took to send all.
    """

    delays: Sequence[float]
    reads_behind: int
    reads_front: int
    length: float

    @classmethod
    def of(cls, front: Recording, behind: Recording, kind: str = "") -> Flow:
        """Compare the times of both sides; `kind` names the only type of event that counts."""
        sent = dict(_moments(behind))
        came = [(key, at) for key, at in _moments(front) if not kind or key.kind == kind]
        times = [t for t, _ in behind.chunks()]
        return cls(
            sorted(at - sent[key] for key, at in came if key in sent),
            reads_behind=len(times),
            reads_front=sum(1 for _ in front.chunks()),
            length=times[-1] - times[0] if times else 0.0,
        )

    def delay(self, share: float) -> float:
        """Return the delay that this share of the events does not exceed, in seconds; 0 without events."""
        if not self.delays:
            return 0.0
        return self.delays[min(len(self.delays) - 1, int(share * len(self.delays)))]

    @property
    def text(self) -> str:
        """The figures, in a clause."""
        return (
            f"adds {self.delay(0.5) * 1000:.1f} ms (p50), {self.delay(0.99) * 1000:.1f} ms (p99); "
            f"{self.reads_behind} arrivals come out as {self.reads_front}"
        )
