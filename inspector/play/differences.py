"""In what a request differs from a recorded one, at a bounded cost: of very large bodies only a part is read.

Nothing here recurses, so a body may be nested as deeply as a parser takes it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from typing import Any, NamedTuple

from inspector.play.received import IncomingRequest, ReceivedRequest, url_path
from inspector.play.word_diff import first_difference, word_diff
from inspector.recording import Request
from inspector.redact import mask_text

__all__ = [
    "MASKED",
    "AnyRequest",
    "Difference",
    "body_differences",
    "endpoint",
    "readable",
    "target_differences",
]

MASKED = re.compile(r"\*{8,}")
"""What stands for a secret that was masked when the request was recorded: as long as the secret was."""

_SHOWN = 60  # characters of a value
_LONG = 30  # characters from which on two texts are compared word by word
_CHANGED = 240  # characters of such a comparison
_READ = 16 * 1024  # characters of a value that are masked before it is cut: a secret must be whole to be seen
_SORTED = 10_000  # members of two objects, which take time to sort
_TEXT = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


class _Absent:
    """A member that one of the two bodies does not have."""

    def __init__(self, text: str) -> None:
        self.text = text


_MISSING, _NOTHING = _Absent("missing"), _Absent("nothing")


AnyRequest = IncomingRequest | ReceivedRequest | Request
"""A request, whether it was received or recorded."""


class Difference(NamedTuple):
    """One difference: where it is, the recorded value and the received one. As text it is a phrase."""

    where: str
    recorded: Any
    received: Any

    def __str__(self) -> str:
        if isinstance(self.recorded, list) and isinstance(self.received, list):
            return f"{self.where} has {len(self.received)} items, recorded were {len(self.recorded)}"
        if isinstance(self.recorded, str) and isinstance(self.received, str):
            changed = _changed_words(self.recorded, self.received)
            if changed:
                return f"{self.where} differs: {changed}"
        name = self.where.rpartition(".")[2]
        received, recorded = _short(name, self.received), _short(name, self.recorded)
        return mask_text(f"{self.where} is {received}, recorded was {recorded}")


def target_differences(request: AnyRequest, recorded: Request) -> Iterator[Difference]:
    """Yield the differences in method and path."""
    if request.method != recorded.method:
        yield Difference("method", _Absent(recorded.method), _Absent(request.method))
    ours, theirs = endpoint(request.url), endpoint(recorded.url)
    if ours and theirs and ours != theirs:
        yield Difference("path", _Absent(theirs), _Absent(ours))


def endpoint(url: str) -> str:
    """Return the path from `/v1/` on: what stands before it is a gateway's. Empty for any other path."""
    path = url_path(url)
    start = path.find("/v1/")
    return path[start:].rstrip("/") if start >= 0 else ""


def readable(body: bytes, value: Any) -> Any:
    """Return the JSON `value` of a body, or its text if it has none."""
    return body.decode("utf-8", "replace") if value is None and body else value


def body_differences(recorded: Any, received: Any, values: int | None = None) -> Iterator[Difference | None]:
    """Yield the differences between two bodies' values in order; at the end None if not all was compared.

    `values` limits how many pairs of values are compared.
    """
    pairs = [iter([("body", recorded, received)])]
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
                yield Difference(where, one, other)
            pairs.append(_items(where, one, other))
        elif not _same(one, other):
            yield Difference(where, one, other)


_Pairs = Iterator[tuple[str, Any, Any]]


def _members(where: str, recorded: dict[str, Any], received: dict[str, Any]) -> _Pairs:
    keys: Iterable[str] = chain(recorded, (key for key in received if key not in recorded))
    if len(recorded) + len(received) <= _SORTED:
        keys = sorted(keys)
    for key in keys:
        yield f"{where}.{key}", recorded.get(key, _NOTHING), received.get(key, _MISSING)


def _items(where: str, recorded: list[Any], received: list[Any]) -> _Pairs:
    for index, (one, other) in enumerate(zip(recorded, received, strict=False)):
        yield f"{where}[{index}]", one, other


def _same(recorded: Any, received: Any) -> bool:
    """Compare two plain values. A text that was masked when it was recorded equals any of its length."""
    if isinstance(recorded, str) and isinstance(received, str):
        return recorded == received or _same_but_masked(recorded, received)
    return bool(recorded == received) and type(recorded) is type(received)


def _same_but_masked(recorded: str, received: str) -> bool:
    if MASKED.fullmatch(recorded):  # masked as a whole, and as long as JSON wrote it
        return len(recorded) in (
            len(_TEXT.encode(received).encode("utf-8", "surrogatepass")) - 2,
            len(json.dumps(received)) - 2,
        )
    if len(recorded) != len(received):
        return False
    at = 0
    for mask in MASKED.finditer(recorded):
        if recorded[at : mask.start()] != received[at : mask.start()]:
            return False
        at = mask.end()
    return recorded[at:] == received[at:]


def _changed_words(recorded: str, received: str) -> str:
    """Write in which words two long texts differ; empty for short texts, and for two secrets."""
    if min(len(recorded), len(received)) < _LONG or max(len(recorded), len(received)) < _SHOWN:
        return ""
    at = max(0, first_difference(recorded, received) - _READ // 2)
    one, other = (mask_text(text[at : at + _READ]) for text in (recorded, received))
    if one == other:
        return ""
    text = _TEXT.encode(word_diff(one, other)).encode("utf-8", "backslashreplace").decode()
    return text if len(text) <= _CHANGED else text[: _CHANGED - 1] + "…"


def _short(name: str, value: Any) -> str:
    """Write the value of a member for people: masked, and only its beginning if it is long."""
    if isinstance(value, _Absent):
        return value.text
    member = f'"{name}":'
    text = mask_text(member + _beginning(value))[len(member) :]
    text = text.encode("utf-8", "backslashreplace").decode()
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"


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
