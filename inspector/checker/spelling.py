"""Telling a slip of the pen from a new name: the API may add names, but never one that is a letter off."""

from __future__ import annotations

import re
from collections.abc import Iterable

__all__ = ["meant"]

_SHORTEST, _SHORT = 4, 6  # letters: in shorter names, one letter makes another word (`pong`)
_DIGITS, _SIGNS = re.compile(r"\d+"), re.compile(r"[\W_]+")


def meant(name: str, known: Iterable[str]) -> str:
    """Return the known name that an unknown one must mean; empty if it may be a new name.

    Such names differ in one letter, in two letters that changed places, or in case and signs alone
    (`stopReason`). A different number is a new version, and no slip.
    """
    return next((each for each in known if _is_slip(name, each)), "")


def _is_slip(name: str, known: str) -> bool:
    if len(known) < _SHORTEST or abs(len(name) - len(known)) > len(known) // 2:
        return False
    if _SIGNS.sub("", name).lower() == _SIGNS.sub("", known).lower():
        return True
    if _DIGITS.sub("#", name) == _DIGITS.sub("#", known):
        return False
    one, other = _without_common_start(name, known)
    one, other = (rest[::-1] for rest in _without_common_start(one[::-1], other[::-1]))
    if len(one) == len(other) and len(known) < _SHORT:
        return False
    return max(len(one), len(other)) <= 1 or (len(one) == 2 and one == other[::-1])


def _without_common_start(one: str, other: str) -> tuple[str, str]:
    pairs = enumerate(zip(one, other, strict=False))
    at = next((at for at, (a, b) in pairs if a != b), min(len(one), len(other)))
    return one[at:], other[at:]
