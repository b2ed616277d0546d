"""How many columns of a terminal a text takes, and what of it fits into some.

A column is a cell of the terminal: Chinese, Japanese and Korean characters and most emoji take two. rich
knows the widths of characters. It is imported for text that is not ASCII only: that takes 3 ms.

Terminals disagree about marks that take space (Devanagari's vowel signs), about emoji of several characters,
and about what a selector makes an emoji: xterm, VTE and tmux draw more cells than kitty. Here the larger
number counts. So a line may end a little early, and no terminal breaks it. The text must be escaped.
"""

from __future__ import annotations

import functools
import unicodedata
from collections.abc import Iterator

__all__ = ["beginning", "cells", "chopped", "ending", "filled"]

_WIDEST = 8  # columns of a cluster: four emoji that are joined
_JOINER, _EMOJI_SELECTOR = "\u200d", "\ufe0f"
_CIRCLED_NUMBERS = range(0x3248, 0x3250)  # two cells in glibc, one in rich


def cells(text: str) -> int:
    """Return how many columns a text takes."""
    if text.isascii():
        return len(text)
    if _EMOJI_SELECTOR in text:
        return sum(width for _, width in _clusters(text, _WIDEST))
    return sum(map(_width, text))


def beginning(text: str, width: int) -> str:
    """Return as much of the beginning of a text as `width` columns hold."""
    if text.isascii():
        return text[: max(width, 0)]
    at = 0
    for cluster, size in _clusters(text, width):
        width -= size
        if width < 0:
            break
        at += len(cluster)
    return text[:at]


def ending(text: str, width: int) -> str:
    """Return as much of the end of a text as `width` columns hold."""
    if text.isascii():
        return text[max(len(text) - width, 0) :]
    at = len(text)
    for cluster, size in reversed([*_clusters(text, width)]):
        width -= size
        if width < 0:
            break
        at -= len(cluster)
    return text[at:]


def filled(text: str, width: int) -> str:
    """Return a text in exactly `width` columns: cut, or with blanks after it."""
    text = beginning(text, width) if cells(text) > width else text
    return text + " " * (width - cells(text))


def chopped(text: str, width: int) -> list[str]:
    """Cut a text into pieces of at most `width` columns. A character of two is left out if there is one."""
    width = max(width, 1)
    if text.isascii():
        return [text[at : at + width] for at in range(0, len(text), width)]
    pieces: list[list[str]] = []
    room = 0
    for cluster, size in _clusters(text, width):
        if size > width:
            continue
        if not pieces or size > room:
            pieces.append([])
            room = width
        pieces[-1].append(cluster)
        room -= size
    return ["".join(piece) for piece in pieces]


def _clusters(text: str, most: int) -> Iterator[tuple[str, int]]:
    """Yield the characters of a text, with the marks that belong to each, and their widths.

    A cluster takes at most `most` columns, or those of its first character.
    """
    start, width, before = 0, 0, ""
    for at, char in enumerate(text):
        size = _width(char)
        if char == _EMOJI_SELECTOR:
            size = int(before != "" and _width(before) == 1)
        joins = size == 0 or before == _JOINER or char == _EMOJI_SELECTOR or _is_mark(char)
        if at and not (joins and width + size <= max(most, width)):
            yield text[start:at], width
            start, width = at, 0
        width += size
        before = char
    if text:
        yield text[start:], width


@functools.lru_cache(4096)
def _width(char: str) -> int:
    from rich.cells import get_character_cell_size

    width = get_character_cell_size(char)
    if ord(char) in _CIRCLED_NUMBERS or (width == 0 and _is_mark(char)):
        return 1 if unicodedata.east_asian_width(char) in "NH" else 2
    return width


def _is_mark(char: str) -> bool:
    """Return whether a character takes space, but belongs to the one before it."""
    return unicodedata.category(char) == "Mc" or "\U0001f3fb" <= char <= "\U0001f3ff"  # the tones of a skin
