"""The terminal: wrap text, decide on colour, and end quietly when nobody reads stdout, or it is closed."""

from __future__ import annotations

import contextlib
import os
import sys

from inspector.cli._paragraphs import whole_words
from inspector.cli._widths import cells

__all__ = [
    "chosen_color",
    "replace_closed_streams",
    "screen_width",
    "silence_stdout",
    "use_color",
    "use_links",
    "wrap",
]

_NO_LINKS = frozenset({"dumb", "eterm-color", "linux"})  # they may print the address as text
_NARROWEST = 20  # columns of text in a line; if an indentation leaves fewer, it is given up


def wrap(text: str, width: int | None, *, indent: int | None = None) -> str:
    """Break `text` into lines of `width` columns; None means one line.

    Lines after the first begin at column `indent`; None means where the first begins. Words too long
    for that (paths, URLs) stay whole, so that they can be copied: they begin further left, on their own line.
    """
    if width is None or cells(text) <= width:
        return text
    start = len(text) - len(text.lstrip()) if indent is None else indent
    return "\n".join(whole_words(text, width, hanging=start if start + _NARROWEST <= width else 2))


def chosen_color() -> bool | None:
    """Return what NO_COLOR, FORCE_COLOR or a dumb terminal choose; None if none of them is there."""
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return False if os.environ.get("TERM") == "dumb" else None


def use_color(*, err: bool = False) -> bool:
    """Return whether to print colour: on a terminal only, if the environment does not choose.

    It is for stdout, or with `err` for stderr.
    """
    chosen = chosen_color()
    return (sys.stderr if err else sys.stdout).isatty() if chosen is None else chosen


def use_links(*, err: bool = False) -> bool:
    """Return whether to print links: on a terminal only, where colour is printed, never in a pipe.

    Terminals that do not know them show the text alone, but for those of `_NO_LINKS`. FORCE_HYPERLINK=0
    switches them off, as in other programs. It is for stdout, or with `err` for stderr.
    """
    if not (sys.stderr if err else sys.stdout).isatty() or not use_color(err=err):
        return False
    return os.environ.get("FORCE_HYPERLINK") != "0" and os.environ.get("TERM") not in _NO_LINKS


def screen_width(*, err: bool = False) -> int | None:
    """Return the terminal's width in columns; None if stdout, or with `err` stderr, is not a terminal."""
    if not (sys.stderr if err else sys.stdout).isatty():
        return None
    import shutil  # it imports three compressions, for some milliseconds

    return shutil.get_terminal_size((100, 24)).columns


def silence_stdout() -> None:
    """Send the rest of stdout to nowhere, because its reader has gone. Else Python would complain at exit."""
    with contextlib.suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)


def replace_closed_streams() -> None:
    """Give a process that was started without stdout or stderr (`>&-`) streams in their places.

    Python has None there. What is written to stdout is an `OSError`, as it is for any other program; messages
    go to nowhere. The descriptors are taken too: else the next file that is opened would be stdout.
    """
    if sys.stdout is None:
        _take_descriptor(1, os.O_RDONLY)
        sys.stdout = os.fdopen(1, "w", encoding="utf-8", closefd=False)
    if sys.stderr is None:
        _take_descriptor(2, os.O_WRONLY)
        sys.stderr = os.fdopen(2, "w", encoding="utf-8", closefd=False)


def _take_descriptor(descriptor: int, flags: int) -> None:
    nowhere = os.open(os.devnull, flags)
    if nowhere != descriptor:
        os.dup2(nowhere, descriptor)
        os.close(nowhere)
