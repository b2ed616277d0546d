"""The numbers of many recordings as one: how each is spread over those that know it.

Rule 1: an error, and a request without a response, are no answers. Their times say nothing of the model.
Rule 2: the duration of an answer counts if it is whole, with a stop reason. When its first token came, and
how long it stood still, counts also if it broke off: else the slowest would be left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from inspector.views.distribution import Distribution, distribution
from inspector.views.key_numbers import longest_silence
from inspector.views.statistics import Statistics

__all__ = ["MEASURES", "Aggregate", "aggregate"]


def _longest_silence(statistics: Statistics) -> float | None:
    silence = longest_silence(statistics)
    return silence.seconds if silence else None


MEASURES: dict[str, Callable[[Statistics], float | None]] = {
    "first_event": lambda s: s.first_event,
    "first_token": lambda s: s.first_token,
    "output_tokens_per_second": lambda s: s.rates.output_tokens,
    "longest_silence": _longest_silence,
    "duration": lambda s: s.duration,
}
"""What is compared over recordings, in seconds or per second; None where a recording does not know it."""


def _counted(name: str, s: Statistics) -> float | None:
    """Return what a recording adds to a distribution."""
    whole = s.stop_reason is not None
    counts = whole or (s.first_event is not None and name != "duration")
    return MEASURES[name](s) if counts else None


@dataclass(frozen=True, slots=True)
class Aggregate:
    """How the numbers of the answers among `recordings` are spread; None for one that no answer knows."""

    recordings: int
    first_event: Distribution | None
    first_token: Distribution | None
    output_tokens_per_second: Distribution | None
    longest_silence: Distribution | None
    duration: Distribution | None


def aggregate(all_statistics: Iterable[Statistics]) -> Aggregate:
    """Return how the numbers of recordings are spread."""
    each = list(all_statistics)
    spreads = {
        name: distribution(value for s in each if (value := _counted(name, s)) is not None)
        for name in MEASURES
    }
    return Aggregate(len(each), **spreads)
