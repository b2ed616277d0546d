"""Sets side by side: what a comparison of them is made of."""

from __future__ import annotations

from dataclasses import dataclass

from inspector.corpus.trends.trend_counting import Counted, Group
from inspector.corpus.trends.trend_intervals import Interval

__all__ = ["Compared", "SetFacts", "Side", "Trends"]


@dataclass(frozen=True, slots=True)
class Side:
    """A number in one set. A share is that of `count` in `of`; a quantile is of `count` values.

    `interval` is None if there is nothing to count.
    """

    interval: Interval | None
    count: int
    of: int


@dataclass(frozen=True, slots=True)
class Compared:
    """A number that is compared.

    If `kind` is `unreadable`, it is a share of files. If it is `verdict`, `ending`, `stop_reason`, `status`
    or `rule`, it is a share of recordings. If it is `time` (in seconds), `tokens` or `rate` (tokens a
    second), it is the quantile `part`. `change` is by how much it is larger in the second of two sets.
    `at_least` is the smallest change that the intervals allow, as the logarithm of a ratio, for shares of the
    odds; 0 if they allow that nothing changed.
    """

    kind: str
    name: str
    part: str | None
    group: Group
    sides: tuple[Side, ...]
    change: Interval | None = None
    at_least: float = 0.0

    @property
    def changed(self) -> bool:
        """Whether it changed beyond chance."""
        return self.change is not None and (self.change.low > 0 or self.change.high < 0)


@dataclass(frozen=True, slots=True)
class SetFacts:
    """What a set is: its name, and the counts of all its rows."""

    name: str
    counted: Counted


@dataclass(frozen=True, slots=True)
class Trends:
    """Sets side by side; `lines` begin with the surest large change. `notes` say what is not compared."""

    sets: tuple[SetFacts, ...]
    by: str | None
    lines: tuple[Compared, ...]
    comparisons: int
    """How many numbers share the chance of being wrong: as many as there are lines, or some more."""
    notes: tuple[str, ...]

    @property
    def changed(self) -> tuple[Compared, ...]:
        """The lines that changed beyond chance."""
        return tuple(line for line in self.lines if line.changed)
