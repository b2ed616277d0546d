"""The terminal: text made harmless and as wide as the screen, colour, and a reader that has gone."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import sys
from unicodedata import east_asian_width

__all__ = ["clip", "escape", "screen_width", "silence_stdout", "use_color"]

_UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f"  # C0, DEL and C1 controls: escape sequences begin here
    "\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff"  # invisible and direction-changing
    "\ud800-\udfff"  # lone surrogates cannot be encoded
    "]"
)
_SHORT = {"\n": "\\n", "\r": "\\r", "\t": "\\t", "\x1b": "\\e"}


def escape(text: str) -> str:
    """Make text from a stream harmless: control and direction characters become visible escapes."""
    return _UNSAFE.sub(_visible, text)


def _visible(match: re.Match[str]) -> str:
    char = match[0]
    code = ord(char)
    # A zero-width joiner holds an emoji together, and is harmless.
    if char == "\u200d":
        return char
    return _SHORT.get(char) or (f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}")


def clip(text: str, width: int | None) -> str:
    """Shorten `text` to `width` columns, with an ellipsis; None for no limit."""
    if width is None or 2 * len(text) <= width:
        return text
    used = 0
    for at, char in enumerate(text):
        used += 1 + (east_asian_width(char) in "WF")
        if used > width:
            return text[: max(at - 1, 0)] + "…"
    return text


def use_color() -> bool:
    """Colour only on a terminal, never under NO_COLOR, always under FORCE_COLOR."""
    if os.environ.get("NO_COLOR"):
        return False
    return bool(os.environ.get("FORCE_COLOR")) or (sys.stdout.isatty() and os.environ.get("TERM") != "dumb")


def screen_width() -> int | None:
    """The width of the terminal that stdout is, in columns; None where it is none."""
    return shutil.get_terminal_size((100, 24)).columns if sys.stdout.isatty() else None


def silence_stdout() -> None:
    """The reader of a pipe has gone: nothing more is owed to it, and Python must not complain at exit."""
    with contextlib.suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
