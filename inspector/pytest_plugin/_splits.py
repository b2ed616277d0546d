"""Run a test for every way in which a network may split a body, and find the smallest split that fails."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable, Coroutine, Iterator, Sequence
from dataclasses import replace
from random import Random
from typing import TYPE_CHECKING, Any

import pytest

from inspector.escaping import escape
from inspector.recording import Recording, TimedBlock
from inspector.redact import mask_text

if TYPE_CHECKING:
    from inspector.pytest_plugin._case import Case

__all__ = ["Splits", "cut_at"]

_RANDOM_SPLITS = 32
"""How many runs with several cuts each, chosen by the seed, follow the runs with one cut."""


class Splits:
    """Call a function with a transport that plays the test's recording: once for every split.

    1. Without a cut: the function should pass.
    2. With one cut, at every byte; in a body of more than `at_most` bytes, at `at_most` of them, chosen by
       `seed`.
    3. With several cuts at once, chosen by `seed`. A body of at most `10 * at_most` bytes also byte by byte.

    Each run is judged as a test is: by its misses, and by what was not played. Faults are in the recording
    before it is cut; what a fault limited by `on` puts before it is not cut.

    A failure is shrunk to the fewest cuts that still fail. A note on the exception says where they are.
    """

    def __init__(self, case: Case) -> None:
        self._case = case
        (*self._before, self._recording), self._options = case.to_split()

    def __call__(self, function: Callable[[Any], Any], *, at_most: int = 500, seed: int = 0) -> None:
        """Run `function(transport)`, which may be a coroutine function, for every split."""
        self._run(function, ())
        for cuts in _splits(len(self._recording.body), at_most, Random(seed)):
            error = self._error(function, cuts)
            if error is not None:
                cuts, error = self._shrink(function, cuts, error)
                where = f"{self._recording.source} is {self._describe(cuts)}"
                error.add_note(escape(mask_text(f"inspector: fails when {where}")))
                raise error

    def _run(self, function: Callable[[Any], Any], cuts: Sequence[int]) -> None:
        from inspector.play.transport import replay

        transport = replay(*self._before, cut_at(self._recording, cuts), **self._options)
        with self._case.answered_by(transport):
            result = function(transport)
            if inspect.iscoroutine(result):
                _run_to_its_end(result)

    def _error(self, function: Callable[[Any], Any], cuts: Sequence[int]) -> BaseException | None:
        try:
            self._run(function, cuts)
        except (Exception, pytest.fail.Exception) as error:
            return error
        return None

    def _shrink(
        self, function: Callable[[Any], Any], cuts: tuple[int, ...], error: BaseException
    ) -> tuple[tuple[int, ...], BaseException]:
        """Remove cuts while it still fails: first halves, then quarters, in the end single cuts."""
        size = len(cuts) // 2
        while size:
            start = 0
            while start < len(cuts) and len(cuts) > 1:
                fewer = cuts[:start] + cuts[start + size :]
                new = self._error(function, fewer) if fewer else None
                if new is None:
                    start += size
                else:
                    cuts, error = fewer, new
            size //= 2
        return cuts, error

    def _describe(self, cuts: Sequence[int]) -> str:
        body = self._recording.body
        return "cut " + " and ".join(
            f"at byte {cut}, {body[max(cut - 12, 0) : cut]!r} | {body[cut : cut + 12]!r}" for cut in cuts
        )


def _run_to_its_end(coroutine: Coroutine[Any, Any, object]) -> None:
    try:
        asyncio.get_running_loop()
    except RuntimeError:  # none runs
        asyncio.run(coroutine)
        return
    coroutine.close()
    pytest.fail(
        "every_split runs the async function itself, once for each split: make this test a plain function "
        "(def, not async def)",
        pytrace=False,
    )


def cut_at(recording: Recording, cuts: Sequence[int]) -> Recording:
    """Return the recording with other reads: its body arrives in reads that end at these bytes only."""
    blocks: list[TimedBlock] = []
    start, reads = 0, sorted(cuts)
    for block in recording.blocks:
        end = start + len(block.raw_bytes)
        within = tuple((cut - start, 1e-6 * (n + 1)) for n, cut in enumerate(reads) if start < cut < end)
        at = 1e-6 * (1 + sum(cut < end for cut in reads))
        blocks.append(block._replace(t=at, cuts=within))
        start = end
    return replace(recording, blocks=tuple(blocks))


def _splits(size: int, at_most: int, chance: Random) -> Iterator[tuple[int, ...]]:
    places = range(1, size)
    once = places if len(places) <= at_most else sorted(chance.sample(places, at_most))
    yield from ((cut,) for cut in once)
    for _ in range(min(_RANDOM_SPLITS, at_most) if len(places) > 1 else 0):
        yield tuple(sorted(chance.sample(places, chance.randint(2, min(len(places), 64)))))
    if len(places) <= 10 * at_most:
        yield tuple(places)  # byte by byte
