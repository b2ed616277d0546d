"""The terminal: escape, clip and wrap text, decide on colour, and end quietly when nobody reads stdout."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import sys
import textwrap
from unicodedata import east_asian_width

__all__ = ["clip", "escape", "screen_width", "silence_stdout", "use_color", "wrap"]

_UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f"  # C0, DEL and C1 controls: escape sequences begin here
    "\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff"  # invisible and direction-changing
    "\ud800-\udfff"  # lone surrogates cannot be encoded
    "]"
)
_NARROWEST = 24  # columns; below that, lines of one word each are worse than lines that the terminal breaks
_SHORT = {"\n": "\\n", "\r": "\\r", "\t": "\\t", "\x1b": "\\e"}


def escape(text: str) -> str:
    """Replace control and direction characters by visible escapes, so that text cannot drive a terminal."""
    return _UNSAFE.sub(_visible, text)


def _visible(match: re.Match[str]) -> str:
    char = match[0]
    code = ord(char)
    # A zero-width joiner holds an emoji together and moves nothing.
    if char == "\u200d":
        return char
    return _SHORT.get(char) or (f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}")


def clip(text: str, width: int | None) -> str:
    """Shorten `text` to `width` columns, with an ellipsis; None means no limit."""
    if width is None or 2 * len(text) <= width:
        return text
    used = 0
    for at, char in enumerate(text):
        used += 1 + (east_asian_width(char) in "WF")
        if used > width:
            return text[: max(at - 1, 0)] + "…"
    return text


def wrap(text: str, width: int | None, *, indent: int | None = None) -> str:
    """Break `text` into lines of `width` columns; None means one line.

    Lines after the first begin at column `indent`; None means where the first begins. Words longer than a
    line (paths, URLs) stay whole, so that they can be copied.
    """
    if width is None or len(text) <= width:
        return text
    start = len(text) - len(text.lstrip()) if indent is None else indent
    lines = textwrap.wrap(
        text,
        max(width, start + _NARROWEST),
        subsequent_indent=" " * start,
        break_long_words=False,
        break_on_hyphens=False,
        drop_whitespace=True,
    )
    return "\n".join(lines)


def use_color() -> bool:
    """Return whether to print colour: on a terminal only, never under NO_COLOR, always under FORCE_COLOR."""
    if os.environ.get("NO_COLOR"):
        return False
    return bool(os.environ.get("FORCE_COLOR")) or (sys.stdout.isatty() and os.environ.get("TERM") != "dumb")


def screen_width() -> int | None:
    """Return the width of the terminal in columns; None if stdout is not a terminal."""
    return shutil.get_terminal_size((100, 24)).columns if sys.stdout.isatty() else None


def silence_stdout() -> None:
    """Send the rest of stdout to nowhere, because its reader has gone. Else Python would complain at exit."""
    with contextlib.suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
