"""In which words two texts differ: all of them, or as one short line `… capital of [-France-]{+Spain+}? …`.

The marks are those of `git diff --word-diff`. The cost is linear; for the short line it is bounded.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import AnyStr, NamedTuple

from inspector.views.sequence_diff import matches

__all__ = ["Piece", "first_difference", "pieces", "word_diff"]

_IDEOGRAPHS = "\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uffef"  # written without blanks between words
_WORD = re.compile(rf"[{_IDEOGRAPHS}]|[^\W{_IDEOGRAPHS}]+|\s+|[^\w\s]")
_COMPARED = 200  # words of each text that the short line compares
_CONTEXT = 24  # characters
_SHOWN = 40  # characters of a run of words
_RUNS = 2  # places that are shown
_CHANCE = 16  # characters: what is no longer, and between two longer changes, is the same by chance


class Piece(NamedTuple):
    """A part of two texts: `sign` is `=` for what both have, `-` for the first alone, `+` for the second."""

    sign: str
    text: str


_Run = tuple[str, str, str]
"""What was removed and added in a place, and the same text that follows it."""

_Runs = Iterator[_Run]


def first_difference(one: AnyStr, other: AnyStr) -> int:
    """Return how many characters, or bytes, both have in common at their beginning."""
    low, high = 0, min(len(one), len(other))
    while low < high:  # slices compare much faster than characters
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def pieces(before: str, after: str) -> Iterator[Piece]:
    """Yield all of two texts, piece by piece: what both have, and the words that only one has."""
    start = _word_start(before, first_difference(before, after), len(before))
    end = _common_end(before[start:], after[start:])
    one, other = (_WORD.findall(text[start : len(text) - end]) for text in (before, after))
    if start:
        yield Piece("=", before[:start])
    for removed, added, same in _runs(one, other):
        for sign, text in (("-", removed), ("+", added), ("=", same)):
            if text:
                yield Piece(sign, text)
    if end:
        yield Piece("=", before[len(before) - end :])


def word_diff(before: str, after: str) -> str:
    """Return the first places in which two texts differ, with a few characters around them."""
    at = first_difference(before, after)
    start = _word_start(before, at, _CONTEXT)
    begin = max(0, start - _CONTEXT)
    parts = ["…" * (begin > 0), before[begin:start]]
    one, other = (
        [word[0] for word in islice(_WORD.finditer(text, start), _COMPARED)] for text in (before, after)
    )
    is_cut = _COMPARED in (len(one), len(other))
    for number, (removed, added, same) in enumerate(_runs(one, other)):
        if is_cut and number and not same:
            break  # what follows is not compared
        parts += [f"[-{_cut(removed)}-]"] * bool(removed) + [f"{{+{_cut(added)}+}}"] * bool(added)
        parts.append(_around(same))
        if number == _RUNS:
            break
    return "".join(parts)


def _word_start(text: str, at: int, most: int) -> int:
    """Return where the word that `at` stands in begins, at most `most` characters before it."""
    earliest = max(0, at - most)
    while at > earliest and text[at - 1].isalnum():
        at -= 1
    return at


def _common_end(one: str, other: str) -> int:
    """Return how many characters the texts have in common at their end, beginning with no half of a word."""
    longest = min(len(one), len(other))
    low, high = 0, longest
    while low < high:
        middle = (low + high + 1) // 2
        if one[len(one) - middle : len(one) - low] == other[len(other) - middle : len(other) - low]:
            low = middle
        else:
            high = middle - 1
    while low and one[len(one) - low].isalnum():
        low -= 1
    return low


def _runs(one: Sequence[str], other: Sequence[str]) -> _Runs:
    """Yield the runs of two lists of words. What is the same by chance belongs to the changes around it."""
    return _merged(_merged(_exact_runs(one, other), _is_blank), _by_chance)


def _merged(runs: _Runs, unites: Callable[[_Run, _Run], bool]) -> _Runs:
    """Make one change of those that follow each other, if `unites` says so of each two."""
    removed: list[str] = []
    added: list[str] = []
    last: _Run | None = None
    for run in runs:
        if last and last[0] + last[1] and unites(last, run):
            removed.append(last[2])
            added.append(last[2])
        elif last:
            yield "".join(removed), "".join(added), last[2]
            removed, added = [], []
        removed.append(run[0])
        added.append(run[1])
        last = run
    if last:
        yield "".join(removed), "".join(added), last[2]


def _exact_runs(one: Sequence[str], other: Sequence[str]) -> _Runs:
    i = j = 0
    for at, there, size in (*matches(one, other), (len(one), len(other), 0)):
        if size or i < at or j < there:
            yield "".join(one[i:at]), "".join(other[j:there]), "".join(one[at : at + size])
        i, j = at + size, there + size


def _is_blank(run: _Run, following: _Run) -> bool:
    return not run[2].strip()


def _by_chance(run: _Run, following: _Run) -> bool:
    """Return whether what is the same between two changes is short, and shorter than either."""
    changed = (max(len(removed), len(added)) for removed, added, _ in (run, following))
    return len(run[2]) < min(_CHANCE, *changed)


def _cut(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"


def _around(text: str) -> str:
    """Return the beginning and the end of a text that is the same in both."""
    return text if len(text) <= 2 * _CONTEXT else f"{text[:_CONTEXT]}…{text[-_CONTEXT:]}"
