"""Patterns of keys, with the rules that `glob` has for local files.

`*` and `?` stand for characters of one part of a key, between two slashes, and `[…]` for one character of a
set. A part that is `**` stands for any number of parts, or for none. A part that begins with a dot is hidden:
only a pattern that begins with a dot too matches it.
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Callable, Iterable

__all__ = ["literal_start", "matcher"]

_WILDCARD = re.compile(r"[*?[]")
_ANY_PARTS = "**"


def literal_start(pattern: str) -> str:
    """Return what every key that matches begins with: all before the first wildcard."""
    match = _WILDCARD.search(pattern)
    return pattern[: match.start()] if match else pattern


def matcher(pattern: str) -> Callable[[str], bool]:
    """Return a function that says whether a key matches. It takes time linear in the length of the key."""
    parts = pattern.split("/")
    end = len(parts)
    tests = [re.compile(fnmatch.translate(part)).match for part in parts]

    def reached(numbers: Iterable[int]) -> set[int]:
        """Return the numbers of the parts that may match next: `**` may stand for no part."""
        more = set(numbers)
        for number in range(end):
            if number in more and parts[number] == _ANY_PARTS:
                more.add(number + 1)
        return more

    def matches(key: str) -> bool:
        current = reached([0])
        for name in key.split("/"):
            following = []
            for number in current - {end}:
                any_parts = parts[number] == _ANY_PARTS
                hidden = name.startswith(".") and not parts[number].startswith(".")
                if not hidden and (any_parts or tests[number](name)):
                    following.append(number if any_parts else number + 1)
            current = reached(following)
        return end in current

    return matches
