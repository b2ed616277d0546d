"""What the API counted: each usage object that a stream brought, and when.

Tokens are the API's own counts, which are running totals. Nothing here is estimated from text.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from inspector._json import as_object

__all__ = ["TokenInterval", "UsagePoint", "token_intervals", "tokens_of", "usage_point"]

_COUNTS = ("input", "output", "cache_read", "cache_write", "thinking")


@dataclass(frozen=True, slots=True)
class UsagePoint:
    """The counts of one usage object, in tokens; None for those that it does not have.

    `t` is when it came, in seconds since the request, `event` the number of its event. `thinking` is a part
    of `output`.
    """

    t: float | None
    event: int
    input: int | None
    output: int | None
    cache_read: int | None
    cache_write: int | None
    thinking: int | None


@dataclass(frozen=True, slots=True)
class TokenInterval:
    """The output tokens that the API counted from one usage object to a later one, `t0` to `t1`."""

    t0: float
    t1: float
    tokens: int

    @property
    def per_second(self) -> float:
        """Tokens a second."""
        return self.tokens / (self.t1 - self.t0)


def usage_point(usage: dict[str, Any], t: float | None, event: int) -> UsagePoint | None:
    """Return what a usage object counts; None if it counts nothing that is known."""
    details = as_object(usage.get("output_tokens_details"))
    counts = (
        _count(usage, "input_tokens"),
        _count(usage, "output_tokens"),
        _count(usage, "cache_read_input_tokens"),
        _count(usage, "cache_creation_input_tokens"),
        _count(details, "thinking_tokens"),
    )
    return None if counts == (None,) * len(counts) else UsagePoint(t, event, *counts)


def tokens_of(points: Iterable[UsagePoint]) -> dict[str, int | None]:
    """Return the last count of each kind."""
    last: dict[str, int | None] = dict.fromkeys(_COUNTS)
    for point in points:
        last |= {name: count for name in _COUNTS if (count := getattr(point, name)) is not None}
    return last


def token_intervals(points: Sequence[UsagePoint]) -> tuple[TokenInterval, ...]:
    """Return the times between usage objects in which output tokens were counted."""
    counted = [
        (point.t, point.output) for point in points if point.t is not None and point.output is not None
    ]
    return tuple(
        TokenInterval(t0, t1, after - before)
        for (t0, before), (t1, after) in pairwise(counted)
        if t1 > t0 and after > before
    )


def _count(values: dict[str, Any], key: str) -> int | None:
    count = values.get(key)
    return count if count.__class__ is int else None
