"""In what two JSON values differ, path by path, at a bounded cost: of very large values only a part is read.

Nothing here recurses, so a value may be nested as deeply as a parser takes it. A text that was masked equals
any text of its length that is the same around the mask.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from typing import Any, Final, NamedTuple

from inspector.redact import mask_text
from inspector.views.json_paths import JSONPath
from inspector.views.word_diff import first_difference, word_diff

__all__ = ["ABSENT", "MASKED", "ValueChange", "changed_words", "changes", "path_text", "short_value"]

MASKED = re.compile(r"\*{8,}")
"""What stands for a secret that was masked when the request was recorded: as long as the secret was."""

_SHOWN = 60  # characters of a value
_LONG = 30  # characters from which on two texts are compared word by word
_CHANGED = 240  # characters of such a comparison
_READ = 16 * 1024  # characters of a value that are masked before it is cut: a secret must be whole to be seen
_SORTED = 10_000  # members of two objects, which take time to sort
_TEXT = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


class _Absent:
    """The value of a member that one of two objects does not have."""

    def __repr__(self) -> str:
        return "ABSENT"

    def __reduce__(self) -> str:  # the one value stays the one value when it is copied
        return "ABSENT"


ABSENT: Final = _Absent()
"""Stands for a member that one of two objects does not have."""


class ValueChange(NamedTuple):
    """One difference: the path of the value, and the value on either side, `ABSENT` if a side has none.

    Two lists of different lengths are a change of their own, before the changes of their items.
    """

    path: JSONPath
    before: Any
    after: Any

    @property
    def where(self) -> str:
        """The path as people write it: `body.messages[0].content`."""
        return path_text(self.path)


def path_text(path: JSONPath) -> str:
    """Write a path as people write it."""
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return text.removeprefix(".")


def changes(
    before: Any, after: Any, path: JSONPath = ("body",), values: int | None = None
) -> Iterator[ValueChange | None]:
    """Yield the changes between two values in order; at the end None if not all was compared.

    `path` is that of the values. `values` limits how many pairs of values are compared.
    """
    pairs: list[_Pairs] = [iter([((None, path), before, after)])]
    compared = 0
    while pairs:
        pair = next(pairs[-1], None)
        if pair is None:
            pairs.pop()
            continue
        if compared == values:
            yield None
            return
        compared += 1
        where, one, other = pair
        if isinstance(one, dict) and isinstance(other, dict):
            pairs.append(_members(where, one, other))
        elif isinstance(one, list) and isinstance(other, list):
            if len(one) != len(other):
                yield ValueChange(_flat(where), one, other)
            pairs.append(_items(where, one, other))
        elif not _same(one, other):
            yield ValueChange(_flat(where), one, other)


_Trail = tuple[Any, Any]
"""The trail to a container, and a step from there. A path for each of many values would be costly to copy."""

_Pairs = Iterator[tuple[_Trail, Any, Any]]


def _flat(trail: _Trail) -> JSONPath:
    steps = []
    while trail[0] is not None:
        trail, step = trail
        steps.append(step)
    root: JSONPath = trail[1]
    return (*root, *reversed(steps))


def _members(where: _Trail, before: dict[str, Any], after: dict[str, Any]) -> _Pairs:
    keys: Iterable[str] = chain(before, (key for key in after if key not in before))
    if len(before) + len(after) <= _SORTED:
        keys = sorted(keys)
    for key in keys:
        yield (where, key), before.get(key, ABSENT), after.get(key, ABSENT)


def _items(where: _Trail, before: list[Any], after: list[Any]) -> _Pairs:
    for index, (one, other) in enumerate(zip(before, after, strict=False)):
        yield (where, index), one, other


def _same(before: Any, after: Any) -> bool:
    """Compare two plain values. A text that was masked before equals any of its length."""
    if isinstance(before, str) and isinstance(after, str):
        return before == after or _same_but_masked(before, after)
    return bool(before == after) and type(before) is type(after)


def _same_but_masked(masked: str, text: str) -> bool:
    if MASKED.fullmatch(masked):  # masked as a whole, and as long as JSON wrote it
        return len(masked) in (
            len(_TEXT.encode(text).encode("utf-8", "surrogatepass")) - 2,
            len(json.dumps(text)) - 2,
        )
    if len(masked) != len(text):
        return False
    at = 0
    for mask in MASKED.finditer(masked):
        if masked[at : mask.start()] != text[at : mask.start()]:
            return False
        at = mask.end()
    return masked[at:] == text[at:]


def changed_words(before: str, after: str) -> str:
    """Write in which words two long texts differ; empty for short texts, and for two secrets."""
    if min(len(before), len(after)) < _LONG or max(len(before), len(after)) < _SHOWN:
        return ""
    at = max(0, first_difference(before, after) - _READ // 2)
    one, other = (mask_text(text[at : at + _READ]) for text in (before, after))
    if one == other:
        return ""
    text = _TEXT.encode(word_diff(one, other)).encode("utf-8", "backslashreplace").decode()
    return text if len(text) <= _CHANGED else text[: _CHANGED - 1] + "…"


def short_value(name: str, value: Any, shown: int = _SHOWN) -> str:
    """Write the value of a member for people: masked, and only its beginning if it has more than `shown`."""
    member = f'"{name}":'
    text = mask_text(member + _beginning(value))[len(member) :]
    text = text.encode("utf-8", "backslashreplace").decode()
    return text if len(text) <= shown else text[: shown - 1] + "…"


def _beginning(value: Any) -> str:
    """Return the beginning of a value's JSON text."""
    if isinstance(value, str):
        value = value[:_READ]
    text = ""
    try:
        for piece in islice(_TEXT.iterencode(value), _READ):  # in pieces, unlike `encode`
            text += piece[:_READ]
            if len(text) >= _READ:
                break
    except RecursionError:  # nested deeply: what is shown stands before that
        pass
    return text
