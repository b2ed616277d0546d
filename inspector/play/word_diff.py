"""In which words two long texts differ, as one short line: `… capital of [-France-]{+Spain+}? …`.

The marks are those of `git diff --word-diff`. Texts of any length are compared at a bounded cost.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import SequenceMatcher
from itertools import islice

__all__ = ["first_difference", "word_diff"]

_WORD = re.compile(r"\w+|\s+|[^\w\s]")
_COMPARED = 200  # of each text that are compared
_CONTEXT = 24  # characters
_SHOWN = 40  # characters of a run of words
_RUNS = 2  # places that are shown


def first_difference(one: str, other: str) -> int:
    """Return how many characters the texts have in common at their beginning."""
    low, high = 0, min(len(one), len(other))
    while low < high:  # slices compare much faster than characters
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def word_diff(recorded: str, received: str) -> str:
    """Return the first places in which two texts differ, with a few characters around them."""
    at = first_difference(recorded, received)
    earliest = max(0, at - _CONTEXT)
    start = at
    while start > earliest and recorded[start - 1].isalnum():  # from the beginning of a word on
        start -= 1
    begin = max(0, start - _CONTEXT)
    pieces = ["…" * (begin > 0), recorded[begin:start]]
    one, other = _split(recorded, start), _split(received, start)
    for runs, (removed, added, same) in enumerate(_runs(one, other)):
        pieces += [f"[-{_cut(removed)}-]"] * bool(removed) + [f"{{+{_cut(added)}+}}"] * bool(added)
        pieces.append(_around(same))
        if runs == _RUNS:
            break
    return "".join(pieces)


def _runs(one: list[str], other: list[str]) -> Iterator[tuple[str, str, str]]:
    """Yield what was removed and added in each place, and the same text that follows it; first that alone."""
    i = j = 0
    if one[:1] != other[:1]:
        yield "", "", ""
    for block in SequenceMatcher(None, one, other, autojunk=False).get_matching_blocks():
        if block.size and not "".join(one[block.a : block.a + block.size]).strip():
            continue  # a blank between two other words is not what they have in common
        removed, added = one[i : block.a], other[j : block.b]
        cut_off = block.size == 0 and _COMPARED in (len(one), len(other))
        if not (cut_off and i):  # what follows is not compared
            yield "".join(removed), "".join(added), "".join(one[block.a : block.a + block.size])
        i, j = block.a + block.size, block.b + block.size


def _split(text: str, at: int) -> list[str]:
    return [word[0] for word in islice(_WORD.finditer(text, at), _COMPARED)]


def _cut(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"


def _around(text: str) -> str:
    """Return the beginning and the end of a text that is the same in both."""
    return text if len(text) <= 2 * _CONTEXT else f"{text[:_CONTEXT]}…{text[-_CONTEXT:]}"
