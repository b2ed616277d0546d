"""Which recordings a request that is in none comes nearest to, and in what it differs from them.

A miss must not hold up other clients: only the recordings that are nearest in size are compared, and of large
bodies only a part.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from heapq import nsmallest
from itertools import islice
from typing import Any, NamedTuple

from inspector.play.bodies import parsed
from inspector.play.differences import Difference, body_differences, readable, target_differences
from inspector.play.received import IncomingRequest
from inspector.recording import Head
from inspector.views.comparison import Comparison

__all__ = ["Nearest", "nearest"]

_COMPARED = 32
"""With how many recordings a request that is in none is compared, to explain it: with the nearest in size."""

_COMPARED_BYTES = 1024 * 1024
"""How many bytes their bodies may have together; the first may have more."""

_COMPARED_VALUES = 5_000
"""How many values of each are compared."""

_COUNTED = 200
"""How many differences are counted: what differs in more is as far away."""


class Nearest(NamedTuple):
    """The nearest recording, the differences, and among how many it was sought if not among all.

    Without a difference and `complete`, the request is the recorded one. If not `complete`, a part was not
    compared.
    """

    position: int
    differences: list[Difference]
    complete: bool
    among: int | None


def nearest(
    request: IncomingRequest,
    value: Any,
    heads: Sequence[Head],
    positions: Iterable[int],
    comparison: Comparison,
) -> Nearest:
    """Compare a request, of which `value` is compared, with some of the recordings at `positions`."""
    positions = list(positions)
    body = readable(request.body, value)

    def distance(position: int) -> tuple[int, int, int]:
        recorded = heads[position].request
        another = len(list(target_differences(request, recorded)))
        return another, abs(len(recorded.body or b"") - len(request.body)), position

    candidates: list[tuple[int, bool, int, int, list[Difference | None]]] = []
    compared = 0
    for position in nsmallest(_COMPARED, positions, distance):
        recorded = heads[position].request
        compared += len(recorded.body or b"")
        if candidates and compared > _COMPARED_BYTES:
            break
        theirs = comparison.value(parsed(recorded.body or b""))
        target = [*target_differences(request, recorded)]
        different = [
            *target,
            *islice(body_differences(theirs, body, _COMPARED_VALUES), _COUNTED),
        ]
        candidates.append((len(target), None in different, len(different), position, different))
        if not different:
            break
    _, partly, _, position, different = min(candidates)
    known = [each for each in different if each is not None]
    among = len(candidates) if len(candidates) < len(positions) else None
    return Nearest(position, known, not partly, among)
