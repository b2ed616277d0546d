"""The FILE arguments that commands share: files, globs, folders, `-`."""

from __future__ import annotations

import glob
from collections.abc import Iterable
from pathlib import Path

import click

from inspector.errors import RecordingError
from inspector.recording import recordings_in

__all__ = ["expand", "files_argument"]

files_argument = click.argument("files", metavar="FILE...", nargs=-1, required=True)
"""One or more recordings: files, globs, folders, or `-` for standard input."""


def expand(files: Iterable[str]) -> list[str]:
    """Name every recording that FILE arguments mean: a folder means the `*.jsonl` in it, by name.

    Raises `RecordingError` where an argument means none.
    """
    found: list[str] = []
    for name in files:
        path = Path(name)
        if path.is_dir():
            found += map(str, recordings_in(name))
        elif name != "-" and not path.exists() and glob.has_magic(name):
            matches = sorted(glob.glob(name, recursive=True))  # noqa: PTH207 - a pattern, absolute or not
            if not matches:
                raise RecordingError("no file matches this pattern", path=name)
            found += matches
        else:
            found.append(name)
    return found
