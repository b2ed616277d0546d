"""Recordings with one change: each event and each field of a recording, broken in every usual way.

`changes` makes them in a fixed order. A `Change` says what was done and where, in words that are the same for
the same change in another recording: the law of `test_one_change.py` takes one of each kind, and prints a
table of what is found.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Any, NamedTuple

from inspector.recording import Recording, TimedBlock

VALUES: dict[str, Any] = {
    "null": None,
    "a number": 7,
    "a text": "x",
    "an empty text": "",
    "a list": [],
    "a list of 5": [5],
    "a list of null": [None],
    "an object": {},
    "huge": 2**80,
    "negative": -1,
    "true": True,
    "a fraction": 0.5,
}
"""What a field is changed to, by its name in the table. A field is also left out, and misspelled."""

_EVENTS = (
    "message_start",
    "content_block_start",
    "content_block_delta",
    "content_block_stop",
    "message_delta",
    "message_stop",
    "ping",
    "error",
)


class Change(NamedTuple):
    """One change: what was done, the event or the field that it was done to, and the recording after it."""

    what: str
    where: str
    recording: Recording

    @property
    def kind(self) -> str:
        return f"{self.where}: {self.what}"


def changes(sent: Recording) -> Iterator[Change]:
    """Yield every change of a recording: of the order of its events, then of their fields."""
    yield from _of_events(sent)
    for at, block in enumerate(sent.blocks):
        if block.data is not None and not block.raw:
            payload = json.loads(block.data)
            for what, path, changed in _of_fields(payload):
                data = json.dumps(changed).encode()
                yield Change(what, _name(payload, path), _with(sent, at, [block._replace(data=data)]))


def one_of_each(recordings: Iterable[Recording]) -> dict[str, Change]:
    """Return the first change of each kind."""
    found: dict[str, Change] = {}
    for sent in recordings:
        for change in changes(sent):
            found.setdefault(change.kind, change)
    return found


def _with(sent: Recording, at: int, blocks: list[TimedBlock], count: int = 1) -> Recording:
    return replace(sent, blocks=(*sent.blocks[:at], *blocks, *sent.blocks[at + count :]))


def _of_events(sent: Recording) -> Iterator[Change]:
    for at, block in enumerate(sent.blocks):
        if block.data is None or block.raw:
            continue
        payload = json.loads(block.data)
        where = _event(payload)
        yield Change("dropped", where, _with(sent, at, []))
        yield Change("sent twice", where, _with(sent, at, [block, block]))
        if at + 1 < len(sent.blocks):
            after = sent.blocks[at + 1]
            kinds = {block.event, after.event}
            if len(kinds) > 1 and "ping" not in kinds:
                yield Change(f"after {after.event}", where, _with(sent, at, [after, block], 2))
        for kind in _EVENTS:
            if kind != block.event:
                data = json.dumps({**payload, "type": kind}).encode()
                yield Change(
                    f"retyped {kind}", where, _with(sent, at, [block._replace(event=kind, data=data)])
                )
        yield Change("renamed", where, _with(sent, at, [block._replace(event="message")]))
        yield Change("unnamed", where, _with(sent, at, [block._replace(event=None)]))
        for data in (b"null", b"[]", b"7", b'"x"', b"{}", b"{"):
            yield Change(f"payload {data.decode()}", where, _with(sent, at, [block._replace(data=data)]))


def _of_fields(payload: dict[str, Any]) -> Iterator[tuple[str, tuple[Any, ...], dict[str, Any]]]:
    for path in list(_paths(payload)):
        for what, edit in _edits(path[-1]):
            changed = copy.deepcopy(payload)
            parent: Any = changed
            for key in path[:-1]:
                parent = parent[key]
            before = json.dumps(parent)
            edit(parent, path[-1])
            if json.dumps(parent) != before:
                yield what, path, changed


def _paths(value: Any) -> Iterator[tuple[Any, ...]]:
    """Yield the path of every field and of the first members of every array."""
    steps: Iterable[tuple[Any, Any]] = ()
    if isinstance(value, dict):
        steps = value.items()
    elif isinstance(value, list):
        steps = enumerate(value[:2])
    for key, member in steps:
        yield (key,)
        yield from ((key, *below) for below in _paths(member))


def _edits(key: Any) -> Iterator[tuple[str, Callable[[Any, Any], None]]]:
    for what, value in VALUES.items():
        yield what, lambda parent, key, value=value: parent.__setitem__(key, copy.copy(value))
    if isinstance(key, str):
        yield "absent", lambda parent, key: parent.pop(key)
        yield "misspelled", lambda parent, key: parent.__setitem__(key + "s", parent.pop(key))
    yield "value misspelled", _misspell
    if key == "index":
        yield "renumbered", lambda parent, key: parent.__setitem__(key, parent[key] + 1)


def _misspell(parent: Any, key: Any) -> None:
    if isinstance(parent[key], str) and parent[key]:
        parent[key] += "s"


def _event(payload: dict[str, Any]) -> str:
    inner = payload.get("content_block") or payload.get("delta") or {}
    kind = inner.get("type") if isinstance(inner, dict) else None
    return f"{payload['type']}({kind})" if kind else str(payload["type"])


def _name(payload: dict[str, Any], path: tuple[Any, ...]) -> str:
    """Name a field: its event, then the way to it. What a tool's input holds is one field."""
    way = "".join("[]" if isinstance(key, int) else f".{key}" for key in path)
    return re.sub(r"\.input\..*", ".input.*", f"{_event(payload)}{way}")
