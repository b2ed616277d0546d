"""Parsing faults as users write them: `NAME[=VALUE][@POSITION][,key=value…]`.

    cut-fin@ev:7
    stall=5s@block:1
    error-event=overloaded_error@ev:1,close=open
    http-error=529,retry_after=1,on=1..2

Every fault takes `on`, the requests that it applies to, counted from 1: `on=1..2` fails twice, and then the
recording answers. The position may also stand between or after the settings. A value that contains `,` or `@`
stands in double quotes. A text that cannot be parsed is a `UsageError` that points at the place.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, NoReturn

from inspector.errors import UsageError
from inspector.faults.catalogue import FAULTS
from inspector.faults.positions import Position, parse_position
from inspector.faults.registry import Kind

__all__ = ["DIRTY_DOZEN", "EVERY_REQUEST", "PRESETS", "Fault", "Requests", "parse", "plans"]

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
"""Twelve faults to test a client with first: the SDK hides each, or raises what few clients catch."""

PRESETS: dict[str, tuple[str, ...]] = {"dirty-dozen": DIRTY_DOZEN}
"""Named lists of faults to try one after another."""

_REPLACED = {"fail-then-ok": "write http-error=529,on=1..2; every fault takes on="}
"""Names of former faults, and what to write instead."""

_NAME = re.compile(r"[^=@,]*")
_VALUE = re.compile(r'"(?:[^"\\]|\\.)*"|[^,@]*')
_POSITION = re.compile(r"[^,@]*")
_KEY = re.compile(r"([^=,@]*)(=?)")
_REQUESTS = re.compile(r"([1-9]\d{0,3})(\.\.)?([1-9]\d{0,3})?")


class Requests(NamedTuple):
    """The requests that a fault applies to, counted from 1; `last` None means all from `first` on."""

    first: int = 1
    last: int | None = None


EVERY_REQUEST = Requests()
"""The requests of a fault that does not limit them."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault as it was written: its kind, its position, its parameters' values, the requests it is for."""

    kind: Kind
    position: Position | None = None
    values: Mapping[str, Any] = field(default_factory=dict)
    on: Requests = EVERY_REQUEST
    text: str = ""

    def covers(self, request: int) -> bool:
        """Return whether the fault applies to the request of this number, counted from 1."""
        return self.on.first <= request and (self.on.last is None or request <= self.on.last)


def plans(texts: Iterable[str]) -> list[tuple[Fault, ...]]:
    """Parse faults that apply together. A preset among them makes one plan for each of its faults."""
    made: list[tuple[Fault, ...]] = [()]
    for text in texts:
        options = [parse(each) for each in PRESETS.get(text, (text,))]
        made = [(*plan, option) for plan in made for option in options]
    return made


def parse(text: str) -> Fault:
    """Parse one fault. Raises `UsageError` that points at what cannot be parsed and says what can."""
    for at, char in enumerate(text):
        if not char.isprintable():  # messages about a fault go to a terminal
            _fail(text, at, 1, "a fault is written in printable characters")
    return _Parser(text).parse()


class _Parser:
    """Reads one fault's text from left to right."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.kind = self._kind()
        self.values: dict[str, Any] = {each.name: each.default for each in self.kind.parameters}
        self.position: Position | None = None
        self.on = EVERY_REQUEST

    def parse(self) -> Fault:
        if self._skip("="):
            if not self.kind.parameters:
                self._fail(1, f"{self.kind.name} takes no value; write {self.kind.usage}", start=self.at - 1)
            self._value(self.kind.parameters[0].name)
        while self.at < len(self.text):
            if self._skip("@"):
                self._position()
            elif self._skip(","):
                self._setting()
            else:
                self._fail(1, f"this is not expected here; write {self.kind.usage}")
        return Fault(self.kind, self.position or self.kind.position, self.values, self.on, self.text)

    def _kind(self) -> Kind:
        name = self._take(_NAME)[0]
        if name not in FAULTS:
            self._fail(len(name), _unknown_fault(name, self.text), start=0)
        return FAULTS[name]

    def _position(self) -> None:
        start, text = self.at, self._take(_POSITION)[0]
        # An @ after a value may have been meant as a part of it.
        hint = "" if start == len(self.kind.name) + 1 else "; put a value that contains @ in double quotes"
        if self.kind.position is None:
            message = f"{self.kind.name} takes no position; write {self.kind.usage}{hint}"
            self._fail(1 + len(text), message, start=start - 1)
        if self.position is not None:
            self._fail(1 + len(text), f"a fault takes one position{hint}", start=start - 1)
        try:
            self.position = parse_position(text)
        except ValueError as error:
            self._fail(len(text), f"{error}{hint}", start=start)

    def _setting(self) -> None:
        start, match = self.at, self._take(_KEY)
        key = match[1].strip().replace("-", "_")
        parameter = self.kind.parameter(key)
        if key in ("on", "on_request"):
            self._requests()
        elif parameter is None:
            self._fail(len(match[1]), _unknown_parameter(self.kind, match[1]), start=start)
        elif not match[2]:
            self._fail(len(match[1]), f"{key} needs a value: {key}={parameter.shape}", start=start)
        else:
            self._value(key)

    def _value(self, key: str) -> None:
        start, written = self.at, self._take(_VALUE)[0]
        quoted = len(written) > 1 and written[0] == written[-1] == '"'
        parameter = self.kind.parameter(key)
        assert parameter
        try:
            self.values[key] = parameter.read(re.sub(r"\\(.)", r"\1", written[1:-1]) if quoted else written)
        except ValueError as error:
            self._fail(len(written), f"{self.kind.name} cannot use {key}={written}: {error}", start=start)

    def _requests(self) -> None:
        start, written = self.at, self._take(_VALUE)[0]
        match = _REQUESTS.fullmatch(written)
        if not match or (match[3] and (not match[2] or int(match[3]) < int(match[1]))):
            self._fail(len(written), "requests are written 1, 1..2 or 2.., from 1 to 9999", start=start)
        last = int(match[3]) if match[3] else None if match[2] else int(match[1])
        self.on = Requests(int(match[1]), last)

    def _take(self, pattern: re.Pattern[str]) -> re.Match[str]:
        match = pattern.match(self.text, self.at)
        assert match  # every pattern matches the empty text
        self.at = match.end()
        return match

    def _skip(self, char: str) -> bool:
        skipped = self.text.startswith(char, self.at)
        self.at += skipped
        return skipped

    def _fail(self, size: int, message: str, *, start: int | None = None) -> NoReturn:
        _fail(self.text, self.at if start is None else start, size, message)


def _unknown_fault(name: str, text: str) -> str:
    if text in PRESETS:
        return f"{text} is a list of faults to try one after another: {', '.join(PRESETS[text])}"
    if name in _REPLACED:
        return f"no fault is called {name!r}; {_REPLACED[name]}"
    return _unknown("fault", name, [*FAULTS, *PRESETS], "`inspector faults` lists them")


def _unknown_parameter(kind: Kind, name: str) -> str:
    known = [*(each.name for each in kind.parameters), "on"]
    return _unknown(f"parameter of {kind.name}", name, known, f"it takes {', '.join(known)}")


def _unknown(what: str, name: str, known: list[str], otherwise: str) -> str:
    near = difflib.get_close_matches(name, known, n=3, cutoff=0.5)
    hint = f"did you mean {' or '.join(near)}?" if near else otherwise
    return f"no {what} is called {name!r}; {hint}"


def _fail(text: str, at: int, size: int, message: str) -> NoReturn:
    """Raise with the text, and a line under it that points."""
    shown = "".join(char if char.isprintable() else "?" for char in text)
    raise UsageError(message, f"  {shown}", f"  {' ' * at}{'^' * max(size, 1)}") from None
