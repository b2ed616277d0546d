"""The strings and numbers of a JSON text, where they stand in its bytes, each with what its place makes it.

Nothing is parsed into values: the bytes stay as they are. Text that is no JSON is walked as far as it goes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

__all__ = ["Place", "Rule", "values_of"]

Place = tuple[int, int, str]
"""Where something begins and ends, and its kind."""

Rule = Callable[[str | None, bytes], str | None]
"""Returns the kind of a value from the kind of what is around it, and its name there: empty in an array."""

_TOKEN = re.compile(
    rb'"([^"\\]*+(?:\\.[^"\\]*+)*+)"?|([{}\[\],])|(-?[0-9][0-9.eE+-]*)', re.DOTALL
)  # a string may break off
_OPEN, _CLOSE, _OBJECT = b"{[", b"}]", b"{"


def values_of(
    text: bytes, rule: Rule, at: int = 0, kind: str | None = None
) -> Iterator[tuple[str | None, int, int, bool]]:
    """Yield (kind, start, end, whether it is a string) for each string and number of the value at `at`.

    Strings are without their quotes. Names of members are not yielded. `kind` is that of the whole value.
    """
    around: list[tuple[str | None, bool]] = []  # the kind of each open container, and whether it is an object
    name, expects_name = b"", False
    for token in _TOKEN.finditer(text, at):
        group = token.lastindex
        if group == 2:
            mark = token[2]
            if mark in _OPEN:
                inner = rule(around[-1][0], name) if around else kind
                expects_name = mark == _OBJECT
                around.append((inner, expects_name))
            elif mark in _CLOSE:
                if len(around) < 2:
                    return
                around.pop()
                expects_name = False
            elif around:
                expects_name = around[-1][1]
            name = b""
        elif expects_name and group == 1:
            name, expects_name = token[1], False
        else:
            yield rule(around[-1][0], name) if around else kind, *token.span(group or 1), group == 1
            if not around:
                return
