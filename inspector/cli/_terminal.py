"""What may be shown on a terminal: text made harmless, and as wide as the screen."""

from __future__ import annotations

import re
import shutil
import sys

__all__ = ["clip", "escape", "screen_width"]

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
    if width is None or len(text) <= width:
        return text
    return text[: max(width - 1, 0)] + "…"


def screen_width() -> int | None:
    """The width of the terminal that stdout is, in columns; None where it is none."""
    return shutil.get_terminal_size((100, 24)).columns if sys.stdout.isatty() else None
