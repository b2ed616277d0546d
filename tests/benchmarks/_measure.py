"""Measure on a shared machine: all contestants in every round, CPU time, medians.

A contestant is a function that does the work once. The ratio of two contestants is the median of the ratios
of all rounds, because what disturbs a round disturbs both of them.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from statistics import median

__all__ = ["Result", "Row", "interleaved", "ratio", "table"]

Clock = Callable[[], float]


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table. `goal` limits `ratio`: it is the lowest value if `above`, else the highest."""

    what: str
    ours: str
    versus: str
    ratio: float
    goal: float | None = None
    above: bool = False

    @property
    def met(self) -> bool | None:
        """Whether the goal is met; None if there is no goal."""
        if self.goal is None:
            return None
        return self.ratio >= self.goal if self.above else self.ratio <= self.goal


@dataclass(frozen=True, slots=True)
class Result:
    """The seconds that a contestant took in each round."""

    seconds: tuple[float, ...]

    def each(self, count: int) -> str:
        """Return the median time for one of `count` things (events, for example), with a unit."""
        return _with_unit(median(self.seconds) / count)


def interleaved(
    rounds: int, contestants: Iterable[Callable[[], object]], clock: Clock = time.process_time
) -> list[Result]:
    """Run every contestant in every round, in alternating order; return a result for each.

    The garbage collector runs before each turn, and as usual during it.
    """
    runs = list(contestants)
    seconds: list[list[float]] = [[] for _ in runs]
    for round_ in range(rounds):
        order = range(len(runs)) if round_ % 2 else reversed(range(len(runs)))
        for at in order:
            gc.collect()
            start = clock()
            runs[at]()
            seconds[at].append(clock() - start)
    return [Result(tuple(taken)) for taken in seconds]


def ratio(one: Result, other: Result) -> float:
    """Return the median, over all rounds, of `one`'s time divided by `other`'s."""
    return median(a / b for a, b in zip(one.seconds, other.seconds, strict=True))


def table(rows: Iterable[Row]) -> Iterator[str]:
    """Yield the lines of the table, each as soon as its row is known."""
    widths = (62, 10, 51, 7, 6)
    yield _line(("what", "ours", "compared with", "ratio", "goal"), widths) + " ok"
    for row in rows:
        goal = "" if row.goal is None else f"{'≥' if row.above else '≤'} {row.goal:g}"
        met = {True: "yes", False: "NO", None: "–"}[row.met]
        yield _line((row.what, row.ours, row.versus, f"{row.ratio:.3f}", goal), widths) + f" {met}"


def _line(cells: Iterable[str], widths: Iterable[int]) -> str:
    return " ".join(f"{cell:<{width}}" for cell, width in zip(cells, widths, strict=True))


def _with_unit(seconds: float) -> str:
    for unit, scale in (("s", 1.0), ("ms", 1e3), ("µs", 1e6)):
        if seconds * scale >= 1:
            return f"{seconds * scale:.3g} {unit}"
    return f"{seconds * 1e9:.3g} ns"
