"""The parameters of a fault: each has a name, a sentence, a shape, a default, and a way to read it from text.

A value that cannot be read is a `ValueError` that says what was expected.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

__all__ = [
    "Parameter",
    "choice",
    "choices",
    "count",
    "fraction",
    "identifier",
    "seconds",
    "switch",
    "text",
]

_SECONDS = re.compile(r"(\d+(?:\.\d+)?|\.\d+)(ms|s|m|h)?")
_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, None: 1.0}
_COUNT = re.compile(r"(-|\+)?(\d+)(k|kB|M|MB)?")
_MULTIPLES = {"k": 1000, "kB": 1000, "M": 1_000_000, "MB": 1_000_000, None: 1}


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a fault.

    `doc` says what it sets; if `default` is None, it says too what that means. `shape` stands for the value
    in a fault's usage. `read` turns text into a value, or raises `ValueError`. `options` are the words that
    it takes, and what each means.
    """

    name: str
    doc: str
    shape: str
    default: Any
    read: Callable[[str], Any]
    options: Mapping[str, str] = field(default_factory=dict)

    @property
    def default_text(self) -> str:
        """The default as users write it; empty if the default is None."""
        if isinstance(self.default, bool):
            return "yes" if self.default else "no"
        if isinstance(self.default, float):
            return f"{self.default:g}"
        return "" if self.default is None else str(self.default)

    @property
    def help(self) -> str:
        """What the parameter sets, and its default."""
        return f"{self.doc}; default: {self.default_text}" if self.default_text else self.doc


def choice(name: str, doc: str, options: Mapping[str, str]) -> Parameter:
    """Make a parameter that is one of several words, each with its meaning; the first is the default."""

    def read(value: str) -> str:
        if value not in options:
            raise ValueError(f"expected one of {', '.join(options)}")
        return value

    return Parameter(name, doc, "|".join(options), next(iter(options)), read, options)


def choices(name: str, doc: str, *options: str) -> Parameter:
    """Make a parameter that is one or more of several words, joined by `+`; the first is the default."""

    def read(value: str) -> str:
        if not set(value.split("+")) <= set(options):
            raise ValueError(f"expected one or more of {', '.join(options)}, joined by +")
        return value

    return Parameter(name, doc, "+".join(options), options[0], read)


def count(
    name: str, doc: str, default: int | None, *, least: int = 0, most: int = 100_000_000, unit: str = "N"
) -> Parameter:
    """Make a whole-number parameter, from `least` to `most`; `k` means thousands, `M` millions."""

    def read(value: str) -> int:
        match = _COUNT.fullmatch(value)
        number = int(f"{match[1] or ''}{match[2]}") * _MULTIPLES[match[3]] if match else least - 1
        if not least <= number <= most:
            raise ValueError(f"expected a whole number from {least} to {most}")
        return number

    return Parameter(name, doc, unit, default, read)


def fraction(name: str, doc: str, default: float | None, *, most: float) -> Parameter:
    """Make a parameter that is a number from 0 to `most`."""

    def read(value: str) -> float:
        try:
            number = float(value)
        except ValueError:
            number = -1.0
        if not 0 <= number <= most:
            raise ValueError(f"expected a number from 0 to {most:g}")
        return number

    return Parameter(name, doc, "X", default, read)


def seconds(name: str, doc: str, default: float | None, *, forever: bool = False) -> Parameter:
    """Make a parameter that is a length of time: `15`, `15s`, `250ms`, `2m`.

    With `forever` it also takes that word, which reads as None.
    """

    def read(value: str) -> float | None:
        if forever and value == "forever":
            return None
        match = _SECONDS.fullmatch(value)
        if not match:
            raise ValueError("expected a time such as 15s, 250ms or 2m" + (", or forever" if forever else ""))
        return float(match[1]) * _UNITS[match[2]]

    return Parameter(name, doc, "SECONDS|forever" if forever else "SECONDS", default, read)


def switch(name: str, doc: str, default: bool) -> Parameter:
    """Make a parameter that is `yes` or `no`; it also takes `true` and `false`."""

    def read(value: str) -> bool:
        if value not in ("yes", "no", "true", "false"):
            raise ValueError("expected yes or no")
        return value in ("yes", "true")

    return Parameter(name, doc, "yes|no", default, read)


def text(name: str, doc: str, default: str | None, *, shape: str = "TEXT", least: int = 0) -> Parameter:
    """Make a parameter that is text on one line, of at least `least` characters."""

    def read(value: str) -> str:
        if len(value) < least or "\r" in value or "\n" in value:
            raise ValueError(f"expected text on one line{', not empty' if least else ''}")
        return value

    return Parameter(name, doc, shape, default, read)


def identifier(name: str, doc: str, default: str, *, shape: str = "NAME") -> Parameter:
    """Make a parameter that is a name: letters, digits, `_`, `.` and `-`."""

    def read(value: str) -> str:
        if not re.fullmatch(r"[A-Za-z0-9_.-]+", value):
            raise ValueError("expected a name of letters, digits, _, . and -")
        return value

    return Parameter(name, doc, shape, default, read)
