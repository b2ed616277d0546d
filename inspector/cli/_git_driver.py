"""`inspector diff --git-driver`: what git runs to compare recordings, or to make text of one.

git gives an external diff driver seven arguments, nine for a renamed file: path, old file, old hex, old mode,
new file, new hex, new mode[, new path, message]. It gives the file alone to a `textconv`, and the path alone
to a driver for an unmerged file. A driver that fails ends `git diff`: so nothing here fails, and whatever is
no recording is shown as text. See gitattributes(5), "Defining an external diff driver".
"""

from __future__ import annotations

import os
import subprocess
import sys
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from inspector.cli._coloured_diff import print_difference, print_lines
from inspector.cli._printing import Output, echo
from inspector.cli._terminal import use_color
from inspector.formats import load_all
from inspector.recording import Absent, Recording
from inspector.views.diff_api import diff_sessions
from inspector.views.diff_choices import Choices
from inspector.views.diff_text import Line
from inspector.views.meaning import STREAMED, meaning_of
from inspector.views.meaning_text import meaning_lines

__all__ = ["drive"]

_NOTHING = os.devnull
_NO_MODE = "."  # of a file that is only on one side


def drive(arguments: Sequence[str], choices: Choices) -> int:
    """Print what git wants to know; return exit status 0, since git takes any other for a crash."""
    if len(arguments) not in (1, 7, 9):
        raise click.UsageError("git gives a diff driver seven or nine arguments, and a textconv one")
    if os.environ.get("GIT_PAGER_IN_USE") and not os.environ.get("NO_COLOR"):
        click.get_current_context().color = True  # the pager shows colours, which git would use too
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if len(arguments) == 1:
            _print_text(arguments[0], choices)
        else:
            _print_difference(arguments, choices)
    sys.stdout.flush()
    return 0


def _loaded(path: str) -> list[Recording] | None:
    """Load a file for git; None if it is no recording, whatever is wrong with it."""
    try:
        recordings = load_all(path)
    except Exception:  # git must go on, and shows the file as text
        return None
    return recordings if all(map(_is_recording, recordings)) else None


def _is_recording(recording: Recording) -> bool:
    """Return whether a file is more than data that could be a body: other JSON lines have the same ending."""
    return Absent.REQUEST not in recording.head.absent or meaning_of(recording).form in STREAMED


def _print_text(path: str, choices: Choices) -> None:
    recordings = _loaded(path)
    if recordings is None:
        out = Output()
        out.data(_bytes(path))
        out.flush()
        return
    for line in _text(recordings, choices):
        echo(line)


def _text(recordings: Sequence[Recording], choices: Choices) -> Iterator[str]:
    for number, recording in enumerate(recordings, 1):
        if len(recordings) > 1:
            yield f"recording {number}"
        yield from meaning_lines(recording, choices)


def _print_difference(arguments: Sequence[str], choices: Choices) -> None:
    path, old, new = arguments[0], arguments[1], arguments[4]
    names = f"a/{path}", f"b/{arguments[7] if len(arguments) > 7 else path}"
    echo(f"diff --inspector {names[0]} {names[1]}", bold=True)
    modes = {"old": arguments[3], "new": arguments[6]}
    if _NO_MODE not in modes.values() and len({*modes.values()}) > 1:
        for side, mode in modes.items():
            echo(f"{side} mode {mode}", bold=True)
    if _NOTHING in (old, new):
        only = _loaded(new if old == _NOTHING else old)
        if only is not None:
            sign, style = ("+", "added") if old == _NOTHING else ("-", "removed")
            print_lines(Line(0, ((style, f"{sign}{line}"),)) for line in _text(only, choices))
            return
    else:
        before, after = _loaded(old), _loaded(new)
        if before is not None and after is not None:
            print_difference(diff_sessions(before, after, choices, names))
            return
    _print_as_git_does(old, new)


def _print_as_git_does(old: str, new: str) -> None:
    """Print git's own diff of two files, without its header, which names temporary files."""
    color = ["--color=always"] if use_color() or click.get_current_context().color else []
    diff = ["git", "diff", "--no-index", "--no-ext-diff", "--no-textconv", *color, "--", old, new]
    try:
        text = subprocess.run(diff, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False).stdout
    except OSError:
        text = b""
    start = text.find(b"@@")
    start = text.rfind(b"\n", 0, start) + 1 if start >= 0 else 0
    out = Output()
    out.data(text[start:])
    out.flush()


def _bytes(path: str) -> bytes:
    try:
        return Path(path).read_bytes()
    except OSError:
        return b""
