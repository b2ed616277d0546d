"""The result of probing an endpoint, as plain values: what each probe says, and what proves it.

A `Scorecard` holds a `ProbeResult` for each probe, in the order of the table. Failures and warnings are
`Deviation`s. Nothing here does I/O. Times are in seconds.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from inspector.recording import Recording
from inspector.redact import mask_text

__all__ = ["Deviation", "Exchange", "ProbeResult", "Scorecard", "State"]


class State(StrEnum):
    """What a probe says of the endpoint."""

    PASS = "pass"
    """Everything held."""
    FAIL = "fail"
    """Something did not; the failures say what."""
    NOT_APPLICABLE = "not applicable"
    """The endpoint says, as the API would, that it has no such thing."""
    NOT_TESTED = "not tested"
    """Nothing can be said; the reason says why."""


@dataclass(frozen=True, slots=True)
class Deviation:
    """One thing that a probe found: what is wrong, in a sentence, and where.

    `exchange` names the recording that proves it, such as `tool-1`. `event` and `byte` are as in a `Finding`:
    the event's number from 1, and its first byte in the body. `rule` is the rule of `check` that says it, if
    one does. `client` says what the SDK does with the recording; the runner adds it to failures. `warns`: it
    is a warning, which fails nothing.
    """

    message: str
    exchange: str | None = None
    event: int | None = None
    byte: int | None = None
    rule: str | None = None
    client: str | None = None
    warns: bool = False

    @property
    def place(self) -> str:
        """Where it is, in the form of `check`: `ev 7 @865`; empty if nothing says so."""
        parts = [f"ev {self.event}" if self.event is not None else ""]
        parts.append(f"@{self.byte}" if self.byte is not None else "")
        return " ".join(filter(None, parts))

    @property
    def where(self) -> str:
        """The exchange and the place in it: `tool-1 ev 7 @865`; empty if nothing says so."""
        return " ".join(filter(None, [self.exchange, self.place]))

    def to_dict(self) -> dict[str, Any]:
        """Return the same as plain JSON values."""
        return {name: _plain(getattr(self, name)) for name in self.__dataclass_fields__}


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request of a probe and its response. `behind` is what a scripted upstream sent to the hop for it.

    `began` and `ended` are readings of the runner's clock. `held` is how long the endpoint had us wait before
    we sent it, by `retry-after`. `file` is where the recording is kept; None if it
    is kept nowhere. `stopped` says why reading was stopped before the end; empty if it was not.
    `late` says that this was for the time limit.
    """

    name: str
    recording: Recording = field(repr=False)
    behind: tuple[Recording, ...] = field(default=(), repr=False)
    began: float = 0.0
    ended: float = 0.0
    held: float = 0.0
    file: str | None = None
    stopped: str = ""
    late: bool = False

    @property
    def took(self) -> float:
        """How long the endpoint took, from the request to the end of the response, of both sides of a hop."""
        return self.ended - self.began

    def to_dict(self) -> dict[str, Any]:
        """Return what a report says of it, without the recording."""
        times = {"took": round(self.took, 3), "held": round(self.held, 3)}
        return {"name": self.name, "file": _plain(self.file), **times}


@dataclass(frozen=True, slots=True, repr=False)
class ProbeResult:
    """What one probe found, in all its runs.

    `reason` says why a probe is not applicable or was not tested. `passed` counts the runs that passed,
    `runs` those that could be judged: `--repeat 3` may give 2 of 3.
    """

    name: str
    state: State
    sentence: str = ""
    reason: str = ""
    failures: tuple[Deviation, ...] = ()
    warnings: tuple[Deviation, ...] = ()
    exchanges: tuple[Exchange, ...] = ()
    passed: int = 0
    runs: int = 0
    source: str = ""
    seen: tuple[str, ...] = ()
    known: str = ""

    def __repr__(self) -> str:
        """Say the state, and why, without the recordings."""
        said = "; ".join([self.reason, *(each.message for each in self.failures)]).removeprefix("; ")
        return f"<ProbeResult {self.name}: {self.state.value}{': ' if said else ''}{mask_text(said)}>"

    @property
    def waited(self) -> float:
        """How long the probe waited for the endpoint, all its exchanges together, and before them."""
        return sum(exchange.held + exchange.took for exchange in self.exchanges)

    @property
    def links(self) -> tuple[tuple[str, str], ...]:
        """Where to read more, each with what it is: first what must hold, then who has seen it fail."""
        links = (("how it must be", self.source), *(("seen elsewhere", each) for each in self.seen))
        return tuple((what, link) for what, link in links if link)

    def exchange(self, name: str | None) -> Exchange | None:
        """Return the exchange of this name; None if there is none."""
        return next((each for each in self.exchanges if each.name == name), None)

    def to_dict(self) -> dict[str, Any]:
        """Return the same as plain JSON values, without the recordings."""
        return {
            "name": self.name,
            "state": self.state.value,
            "sentence": self.sentence,
            "reason": _plain(self.reason),
            "known": _plain(self.known),
            "failures": [each.to_dict() for each in self.failures],
            "warnings": [each.to_dict() for each in self.warnings],
            "exchanges": [each.to_dict() for each in self.exchanges],
            "passed": self.passed,
            "runs": self.runs,
            "waited": round(self.waited, 3),
            "source": self.source,
            "seen": list(self.seen),
        }


@dataclass(frozen=True, slots=True, repr=False)
class Scorecard:
    """What all probes of a set found at an endpoint, whose URL holds no secret here.

    `set` names the frozen set of probes, by month. `took` is the time of the whole run. `reason` says why
    nothing could be tested; empty if something was. `interrupted` says that the run was stopped, and `status`
    is then the exit status of what stopped it. `unkept` says why recordings are not kept; empty if all are.
    """

    set: str
    endpoint: str
    model: str
    results: tuple[ProbeResult, ...]
    took: float = 0.0
    reason: str = ""
    interrupted: bool = False
    at: str = field(default="", compare=False)
    status: int = field(default=130, compare=False)
    unkept: str = field(default="", compare=False)

    def __repr__(self) -> str:
        """Say where, and the score, without the recordings."""
        said = mask_text(self.reason) or self.score
        return f"<Scorecard of {_plain(self.endpoint)} ({_plain(self.model)}), set {self.set}: {said}>"

    def count(self, state: State) -> int:
        """Count the probes of one state."""
        return sum(1 for result in self.results if result.state is state)

    @property
    def failed(self) -> tuple[ProbeResult, ...]:
        """The probes that failed."""
        return tuple(result for result in self.results if result.state is State.FAIL)

    @property
    def unexpected(self) -> tuple[ProbeResult, ...]:
        """The probes that failed, without the known failures."""
        return tuple(result for result in self.failed if not result.known)

    @property
    def tested(self) -> int:
        """How many probes passed or failed."""
        return self.count(State.PASS) + self.count(State.FAIL)

    @property
    def warned(self) -> int:
        """How many warnings there are."""
        return sum(len(result.warnings) for result in self.results)

    @property
    def score(self) -> str:
        """How many of the tested probes passed, never without what failed and what was not tested."""
        parts = [f"{self.count(State.PASS)} of {self.tested} passed"]
        if self.failed:
            names = [f"{each.name} (known)" if each.known else each.name for each in self.failed]
            parts.append(f"failed: {', '.join(names)}")
        parts += [
            f"{count} {state.value}"
            for state in (State.NOT_APPLICABLE, State.NOT_TESTED)
            if (count := self.count(state))
        ]
        return "; ".join(parts)

    @property
    def waited(self) -> float:
        """How long the run waited for the endpoint. Times in which several requests were open count once."""
        exchanges = (exchange for result in self.results for exchange in result.exchanges)
        return _covered((each.began - each.held, each.ended) for each in exchanges)

    def result(self, name: str) -> ProbeResult | None:
        """Return the result of a probe; None if it did not run."""
        return next((each for each in self.results if each.name == name), None)

    def to_dict(self) -> dict[str, Any]:
        """Return the same as plain JSON values, without the recordings."""
        return {
            "set": self.set,
            "endpoint": _plain(self.endpoint),
            "model": _plain(self.model),
            "at": self.at,
            "score": self.score,
            "reason": _plain(self.reason),
            "interrupted": self.interrupted,
            "took": round(self.took, 3),
            "waited": round(self.waited, 3),
            "counts": {state.value: self.count(state) for state in State},
            "results": [result.to_dict() for result in self.results],
        }


def _covered(spans: Iterable[tuple[float, float]]) -> float:
    """Return the length of all spans together, where several overlap counted once."""
    total, until = 0.0, float("-inf")
    for began, ended in sorted(spans):
        total += max(0.0, ended - max(began, until))
        until = max(until, ended)
    return total


def _plain(value: Any) -> Any:
    """Return a text as JSON carries it, without secrets; any other value as it is."""
    if not isinstance(value, str):
        return value
    return mask_text(value.encode("utf-8", "backslashreplace").decode())
