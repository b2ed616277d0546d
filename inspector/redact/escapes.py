r"""Text in which a character may be written as an escape, and the text without those escapes.

A key may be written `sk\u002dant\u002d…` in JSON, `sk\\u002dant…` in a JSON string in a JSON string, and a
URL `https:\/\/…`. Only escapes of ordinary characters are undone: quotes, backslashes and line ends stay
escaped, so that strings begin and end where they did.
"""

from __future__ import annotations

import re
from bisect import bisect_right

__all__ = ["Plain", "plain"]

# It begins with one backslash, not with a run of them: a literal is found ten times as fast.
_ESCAPE = re.compile(rb"\\(?:/|(?:u00|x)([2-6][0-9A-Fa-f]|7[0-9A-Ea-e]))")
_MAY_ESCAPE = re.compile(rb"\\(?:/|u00|x)").search  # the byte before decides, and is found quickly
_BACKSLASH = b"\\"[0]
_KEPT = b"\"'\\"


class Plain:
    """Text without escapes; `where` finds its characters in the text that has them."""

    __slots__ = ("_after", "_shifts", "text")

    def __init__(self, text: bytes) -> None:
        pieces: list[bytes] = []
        at = size = 0
        self._after = [0]  # positions in the plain text behind which a shift holds
        self._shifts = [0]  # bytes to add there
        for match in _ESCAPE.finditer(text):
            char = bytes([int(match[1], 16)]) if match[1] else b"/"
            if char in _KEPT:
                continue
            start = match.start()
            # The whole run of backslashes belongs to the escape: half of it would change what is escaped.
            while start > at and text[start - 1] == _BACKSLASH:
                start -= 1
            pieces += text[at:start], char
            size += start - at + 1
            at = match.end()
            self._after.append(size)
            self._shifts.append(at - size)
        pieces.append(text[at:])
        self.text = b"".join(pieces)

    def where(self, position: int) -> int:
        """Return where a character begins, and so where the one before it ends, in the text with escapes."""
        return position + self._shifts[bisect_right(self._after, position) - 1]


def plain(text: bytes) -> Plain | None:
    """Return `text` without escapes; None if it has no escape of an ordinary character."""
    return Plain(text) if _MAY_ESCAPE(text) else None
