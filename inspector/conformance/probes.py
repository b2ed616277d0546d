"""What a probe is, and the table of all probes.

A probe is one small function of an `Endpoint`. It sends requests, and yields a `Deviation` for each thing
that does not hold. What the checker says of a stream it yields as `answer.clean()`. Its name, what must hold
in one sentence, and what it costs are in its decorator:

    @probe("max-tokens", "An answer stops at its limit, and says so.", requests=1, max_tokens=5, source=…)
    def max_tokens(endpoint: Endpoint) -> Iterator[Deviation]:
        answer = endpoint.ask(user("Count to one hundred."), max_tokens=5).accepted()
        yield from answer.clean()
        if answer.stop_reason != "max_tokens":
            yield answer.fail(f"it stops for {answer.stop_reason}, and not for its limit")

A probe may raise `NotApplicable` or `NotTested`, with the reason as a sentence, and `Failed` where it cannot
go on. It sees no error of the network: a recording is the whole truth of that, too.

This module does not import what makes requests: a probe's own annotation says what its argument is.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

from inspector.conformance.scoring.scorecard import Deviation
from inspector.conformance.sets import NEWEST_SET, probes_of_set
from inspector.errors import UsageError

__all__ = [
    "PROBES",
    "Failed",
    "Kind",
    "NotApplicable",
    "NotTested",
    "Probe",
    "Probing",
    "TooBusy",
    "chosen_probes",
    "probe",
]


class NotApplicable(Exception):  # noqa: N818 - an outcome, not an error
    """The endpoint says, as the API would, that it has no such thing. The text says so in a sentence."""


class NotTested(Exception):  # noqa: N818 - an outcome, not an error
    """Nothing can be said of the endpoint. The text says why, in a sentence."""


class TooBusy(NotTested):
    """The endpoint is too busy at the moment. It may not be if fewer requests come at a time."""


class Failed(Exception):  # noqa: N818 - an outcome, not an error
    """The probe cannot go on, because of `deviation`, which is a failure."""

    def __init__(self, deviation: Deviation) -> None:
        super().__init__(deviation.message)
        self.deviation = deviation


class Kind(StrEnum):
    """What a probe looks at."""

    DIRECT = "direct"
    """Whether the endpoint speaks the Messages API."""
    THROUGH = "through"
    """What a hop does to a stream on its way from an upstream to a client."""


Probing = Callable[[Any], Iterator[Deviation]]
"""A probe's function. Its argument is the `Endpoint`."""

_Probing = TypeVar("_Probing", bound=Probing)


@dataclass(frozen=True, slots=True)
class Probe:
    """One probe. `sentence` says what must hold.

    One run sends at most `requests` requests, whose limits of output add up to `max_tokens`. `source` is the
    document that says so, `seen` has public reports of endpoints for which it did not hold. `version` counts
    the meanings that the name has had: see `inspector.conformance.sets`.
    A probe that is `alone` runs after the others, with nothing beside it: it measures times, or keeps the
    endpoint busy.
    """

    name: str
    kind: Kind
    sentence: str
    requests: int
    max_tokens: int
    source: str
    seen: tuple[str, ...]
    run: Probing
    version: int = 1
    alone: bool = False

    @property
    def key(self) -> str:
        """The name by which sets list it."""
        return self.name if self.version == 1 else f"{self.name}@{self.version}"


PROBES: dict[str, Probe] = {}
"""Every probe by its key, in the order in which results are listed."""


def probe(
    name: str,
    sentence: str,
    *,
    requests: int,
    max_tokens: int,
    source: str,
    seen: tuple[str, ...] = (),
    kind: Kind = Kind.DIRECT,
    version: int = 1,
    alone: bool = False,
) -> Callable[[_Probing], _Probing]:
    """Register a function as a probe. The arguments are those of `Probe`."""

    def register(run: _Probing) -> _Probing:
        made = Probe(name, kind, sentence, requests, max_tokens, source, seen, run, version, alone)
        assert made.key not in PROBES, f"two probes are called {made.key}"
        PROBES[made.key] = made
        return run

    return register


def chosen_probes(
    kind: Kind, only: Iterable[str] = (), skip: Iterable[str] = (), *, of: str = NEWEST_SET
) -> list[Probe]:
    """Return the probes of a kind in the set `of` that `only` names (without names: all) and `skip` does not.

    A text may list several names, with commas or blanks between them. Raises `UsageError` for a name that is
    none, and if nothing is left.
    """
    in_set = probes_of_set(of)
    there = [each for each in PROBES.values() if each.kind is kind and each.key in in_set]
    only = [only] if isinstance(only, str) else list(only)
    wanted, unwanted = _listed(only, kind, there), _listed(skip, kind, there)
    if only and not wanted:  # an empty variable of a job must not run all
        raise UsageError("the selection names no probe; leave it out to run all")
    probes = [each for each in there if (not wanted or each.name in wanted) and each.name not in unwanted]
    if not probes:
        raise UsageError("no probe is selected; `inspector probe --list` lists them")
    return probes


def _listed(texts: Iterable[str], kind: Kind, there: Iterable[Probe]) -> set[str]:
    known = [each.name for each in there]
    names = [
        name
        for text in ([texts] if isinstance(texts, str) else texts)
        for name in text.replace(",", " ").split()
    ]
    for name in names:
        if name not in known:
            near = difflib.get_close_matches(name, known, 1)
            hint = f"did you mean {near[0]}?" if near else "`inspector probe --list` lists them"
            raise UsageError(f"there is no {kind} probe {name!r}; {hint}")
    return set(names)
