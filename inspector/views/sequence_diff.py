"""Which items two sequences have in common, in order: the one alignment behind every diff.

Equal beginnings cost a comparison. What follows is aligned window by window, so that the cost is linear, and
the memory bounded. Within a window, the common subsequence is a longest one.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence

__all__ = ["matches"]

_WINDOW = 2048  # items
_STEP = _WINDOW // 2


def matches(one: Sequence[Hashable], other: Sequence[Hashable]) -> Iterator[tuple[int, int, int]]:
    """Yield the runs of equal items: where each begins in `one` and in `other`, and its length."""
    numbers: dict[Hashable, int] = {}
    a = [numbers.setdefault(item, len(numbers)) for item in one]
    b = [numbers.setdefault(item, len(numbers)) for item in other]
    i = j = 0
    while True:
        size = _common_beginning(a, i, b, j)
        if size:
            yield i, j, size
            i, j = i + size, j + size
        if i == len(a) or j == len(b):
            return
        inside = list(_within(a[i : i + _WINDOW], b[j : j + _WINDOW]))
        if i + _WINDOW < len(a) or j + _WINDOW < len(b):
            # What the end of a window matches depends on what follows it: only its first half is sure.
            inside = [each for each in inside if each[0] < _STEP and each[1] < _STEP]
        for at, there, size in inside:
            yield i + at, j + there, size
        if inside:
            at, there, size = inside[-1]
            i, j = i + at + size, j + there + size
        else:
            i, j = min(i + _STEP, len(a)), min(j + _STEP, len(b))


def _within(a: list[int], b: list[int]) -> Iterator[tuple[int, int, int]]:
    from rapidfuzz.distance import Indel  # takes 40 ms to import, and most recordings are the same

    for step in Indel.opcodes(a, b):
        if step.tag == "equal":
            yield step.src_start, step.dest_start, step.src_end - step.src_start


def _common_beginning(a: list[int], i: int, b: list[int], j: int) -> int:
    """Return how many items are equal from there on: slices compare faster than items."""
    size, step = 0, 1
    while step:
        one, other = a[i + size : i + size + step], b[j + size : j + size + step]
        if len(one) == len(other) == step and one == other:
            size += step
            step *= 2
        else:
            step //= 2
    return size
