"""What a fault can be told: each parameter has a name, a shape, a default and a sentence.

A parameter reads its value from text, and says in words for people what it would take instead.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

__all__ = ["Parameter", "choice", "choices", "count", "fraction", "seconds", "shaped", "switch", "text"]

_SECONDS = re.compile(r"(\d+(?:\.\d+)?|\.\d+)(ms|s|m|h)?")
_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, None: 1.0}
_SIZE = re.compile(r"(-|\+)?(\d+)(k|kB|M|MB)?")
_SIZES = {"k": 1000, "kB": 1000, "M": 1_000_000, "MB": 1_000_000, None: 1}


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter: `read` turns its text into a value, or raises `ValueError` with what it would take."""

    name: str
    doc: str
    shape: str
    default: Any
    read: Callable[[str], Any]

    @property
    def shown_default(self) -> str:
        """The default as it would be written; empty where there is none."""
        if isinstance(self.default, bool):
            return "yes" if self.default else "no"
        if isinstance(self.default, float):
            return f"{self.default:g}"
        return "" if self.default is None else str(self.default)


def choice(name: str, doc: str, *options: str) -> Parameter:
    """One of several words; the first is the default."""

    def read(given: str) -> str:
        if given not in options:
            raise ValueError(f"it is one of {', '.join(options)}")
        return given

    return Parameter(name, doc, "|".join(options), options[0], read)


def choices(name: str, doc: str, *options: str) -> Parameter:
    """One or more of several words, joined by `+`; the first is the default."""

    def read(given: str) -> str:
        if not set(given.split("+")) <= set(options):
            raise ValueError(f"it is one or more of {', '.join(options)}, joined by +")
        return given

    return Parameter(name, doc, "+".join(options), options[0], read)


def count(
    name: str, doc: str, default: int | None, *, least: int = 0, most: int = 100_000_000, unit: str = "N"
) -> Parameter:
    """A whole number from `least` to `most`; `k` and `M` at its end are thousands and millions."""

    def read(given: str) -> int:
        match = _SIZE.fullmatch(given)
        value = int(f"{match[1] or ''}{match[2]}") * _SIZES[match[3]] if match else least - 1
        if not least <= value <= most:
            raise ValueError(f"it is a whole number from {least} to {most}")
        return value

    return Parameter(name, doc, unit, default, read)


def fraction(name: str, doc: str, default: float | None, *, most: float) -> Parameter:
    """A number from 0 to `most`."""

    def read(given: str) -> float:
        try:
            value = float(given)
        except ValueError:
            value = -1.0
        if not 0 <= value <= most:
            raise ValueError(f"it is a number from 0 to {most:g}")
        return value

    return Parameter(name, doc, "X", default, read)


def seconds(name: str, doc: str, default: float | None, *, forever: bool = False) -> Parameter:
    """A length of time: `15`, `15s`, `250ms`, `2m`; with `forever` also that word, which reads as None."""

    def read(given: str) -> float | None:
        if forever and given == "forever":
            return None
        match = _SECONDS.fullmatch(given)
        if not match:
            raise ValueError("it is a time such as 15s, 250ms or 2m" + (", or forever" if forever else ""))
        return float(match[1]) * _UNITS[match[2]]

    return Parameter(name, doc, "SECONDS|forever" if forever else "SECONDS", default, read)


def switch(name: str, doc: str, default: bool) -> Parameter:
    """Yes or no."""

    def read(given: str) -> bool:
        if given not in ("yes", "no", "true", "false"):
            raise ValueError("it is yes or no")
        return given in ("yes", "true")

    return Parameter(name, doc, "yes|no", default, read)


def text(
    name: str, doc: str, default: str | None, *, shape: str = "TEXT", pattern: str = r"[^\r\n]*"
) -> Parameter:
    """Any text of one line that `pattern` takes."""

    def read(given: str) -> str:
        if not re.fullmatch(pattern, given):
            raise ValueError(f"it is {shape}")
        return given

    return Parameter(name, doc, shape, default, read)


def shaped(name: str, doc: str, default: str | None, shape: str, read: Callable[[str], Any]) -> Parameter:
    """A parameter of a shape of its own."""
    return Parameter(name, doc, shape, default, read)
