"""Reading faults as they are written: `NAME[=VALUE][@POSITION][,key=value…]`.

    cut-fin@ev:7
    stall=5s@block:1
    error-event=overloaded_error@ev:1,close=open
    http-error=529,retry_after=1,on=1..2

Every fault takes `on`: the requests that meet it, counted from 1, so that "fail twice, then succeed" can be
said. A value with a comma stands in double quotes. What cannot be read is a `UsageError` that points at it.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NoReturn

from inspector.errors import UsageError
from inspector.faults.catalogue import FAULTS
from inspector.faults.positions import Position, parse_position
from inspector.faults.registry import Kind

__all__ = ["DIRTY_DOZEN", "PRESETS", "Fault", "parse", "plans"]

DIRTY_DOZEN = (
    "cut-clean",
    "cut-fin",
    "cut-rst",
    "stall-ping",
    "error-event@ev:1",
    "error-event@mid",
    "error-unnamed",
    "strip-event-lines",
    "splice-retry",
    "tool-json=truncate",
    "usage=drop",
    "rechunk=utf8",
)
"""Twelve faults that a client should be tested with: the SDK hides each, or raises what few catch."""

PRESETS: dict[str, tuple[str, ...]] = {"dirty-dozen": DIRTY_DOZEN}
"""Ready-made lists of faults, to be tried one after another."""

_NAME = re.compile(r"[^=@,]*")
_VALUE = re.compile(r'"(?:[^"\\]|\\.)*"|[^,@]*')
_PLACE = re.compile(r"[^,]*")
_SETTING = re.compile(r'([^=,]*)(=?)("(?:[^"\\]|\\.)*"|[^,]*)')
_RANGE = re.compile(r"([1-9]\d{0,3})(\.\.)?([1-9]\d{0,3})?")


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault as it was asked for: its kind, where it strikes, what it was told, on which requests."""

    kind: Kind
    position: Position | None = None
    values: Mapping[str, Any] = field(default_factory=dict)
    on: tuple[int, int | None] = (1, None)
    text: str = ""

    def covers(self, request: int) -> bool:
        """Say whether the request of this number, counted from 1, meets the fault."""
        first, last = self.on
        return first <= request and (last is None or request <= last)


def plans(texts: Iterable[str]) -> list[tuple[Fault, ...]]:
    """Parse several faults that strike together; a preset among them makes a plan for each of its own."""
    found: list[tuple[Fault, ...]] = [()]
    for text in texts:
        options = [parse(each) for each in PRESETS.get(text, (text,))]
        found = [(*plan, option) for plan in found for option in options]
    return found


def parse(text: str) -> Fault:
    """Parse one fault. Raises `UsageError` that points at what cannot be read, and names what could be."""
    for at, char in enumerate(text):
        if not char.isprintable():  # what is said of a fault goes to a terminal
            _fail(text, at, 1, "a fault is written in printable characters")
    name = _NAME.match(text)[0]  # type: ignore[index]
    kind = FAULTS.get(name)
    if kind is None:
        _fail(text, 0, len(name), _unknown("fault", name, [*FAULTS, *PRESETS], text))
    values: dict[str, Any] = {each.name: each.default for each in kind.parameters}
    at = len(name)
    if text[at : at + 1] == "=":
        match = _VALUE.match(text, at + 1)
        if not kind.parameters:
            _fail(text, at, 1, f"{name} takes no value; write {kind.usage}")
        values[kind.parameters[0].name] = _read(kind, kind.parameters[0].name, text, at + 1, match[0])  # type: ignore[index]
        at = match.end()  # type: ignore[union-attr]
    position = kind.default
    if text[at : at + 1] == "@":
        position, at = _position(kind, text, at + 1)
    on, at = _settings(kind, text, at, values)
    if at < len(text):
        _fail(text, at, 1, f"this is not expected here; write {kind.usage}")
    parsed = Fault(kind, position, values, on, text)
    if name == "fail-then-ok":
        return replace(parse(values["fault"]), on=(1, values["times"]), text=text)
    return parsed


def _position(kind: Kind, text: str, at: int) -> tuple[Position, int]:
    place = _PLACE.match(text, at)[0]  # type: ignore[index]
    if kind.default is None:
        _fail(text, at - 1, 1 + len(place), f"{kind.name} takes no position; write {kind.usage}")
    try:
        return parse_position(place), at + len(place)
    except ValueError as error:
        _fail(text, at, len(place), str(error))


def _settings(kind: Kind, text: str, at: int, values: dict[str, Any]) -> tuple[tuple[int, int | None], int]:
    on: tuple[int, int | None] = (1, None)
    while text[at : at + 1] == ",":
        match = _SETTING.match(text, at + 1)
        assert match
        key = match[1].strip().replace("-", "_")
        if key in ("on", "on_request"):
            on = _requests(text, match.start(3), match[3])
        elif kind.parameter(key) is None:
            names = [each.name for each in kind.parameters]
            _fail(
                text,
                match.start(1),
                len(match[1]),
                _unknown(f"parameter of {kind.name}", match[1], [*names, "on"]),
            )
        elif not match[2]:
            _fail(text, match.start(1), len(match[1]), f"{key} needs a value: {key}={_shape(kind, key)}")
        else:
            values[key] = _read(kind, key, text, match.start(3), match[3])
        at = match.end()
    return on, at


def _read(kind: Kind, key: str, text: str, at: int, given: str) -> Any:
    parameter = kind.parameter(key)
    assert parameter
    bare = re.sub(r"\\(.)", r"\1", given[1:-1]) if given[:1] == '"' and given[-1:] == '"' else given
    try:
        return parameter.read(bare)
    except ValueError as error:
        _fail(text, at, len(given), f"{kind.name} cannot read {key}={given}: {error}")


def _requests(text: str, at: int, given: str) -> tuple[int, int | None]:
    match = _RANGE.fullmatch(given)
    if not match or (match[3] and (not match[2] or int(match[3]) < int(match[1]))):
        _fail(text, at, len(given), "requests are written 1, 1..2 or 2.., from 1 to 9999")
    return int(match[1]), int(match[3]) if match[3] else None if match[2] else int(match[1])


def _shape(kind: Kind, key: str) -> str:
    parameter = kind.parameter(key)
    return parameter.shape if parameter else ""


def _unknown(what: str, name: str, known: list[str], text: str = "") -> str:
    if text in PRESETS:
        return f"{text} is a list of faults, to be tried one after another: {', '.join(PRESETS[text])}"
    near = difflib.get_close_matches(name, known, n=3, cutoff=0.5)
    if near:
        return f"no {what} is called {name!r}; did you mean {' or '.join(near)}?"
    listed = "`inspector faults` lists them" if what == "fault" else f"it takes {', '.join(known)}"
    return f"no {what} is called {name!r}; {listed}"


def _fail(text: str, at: int, size: int, words: str) -> NoReturn:
    """Raise with the text, and a line under it that points."""
    shown = "".join(char if char.isprintable() else "?" for char in text)
    raise UsageError(f"{words}\n  {shown}\n  {' ' * at}{'^' * max(size, 1)}") from None
