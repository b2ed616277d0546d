"""The files that ship with inspector. A short name means one, unless a file or a folder has that name.

`hello` is `recordings/hello.jsonl`. A name with an ending, or one that begins with `./`, is only a path.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

__all__ = ["bundled_folder", "bundled_path", "near_bundled"]

_NAME = re.compile(r"(?:broken/)?[a-z0-9_]+", re.ASCII)


def bundled_folder() -> Path:
    """Return the folder of the bundled files: in an installed package, or beside it in a checkout."""
    package = Path(__file__).parents[1]
    inside = package / "recordings"
    return inside if inside.is_dir() else package.parent / "recordings"


def bundled_path(name: str) -> str | None:
    """Return the path of the bundled file of this short name; None if something here has that name."""
    if not _NAME.fullmatch(name) or os.path.lexists(name):
        return None
    path = bundled_folder() / f"{name}.jsonl"
    return str(path) if os.path.isfile(path) else None  # noqa: PTH113


def near_bundled(name: str) -> str | None:
    """Return the short name of a bundled file that is nearly `name`; None if `name` is no short name."""
    if not _NAME.fullmatch(name):
        return None
    import difflib  # rarely needed, and commands start quickly

    folder = bundled_folder()
    known = [path.relative_to(folder).with_suffix("").as_posix() for path in folder.rglob("*.jsonl")]
    return next(iter(difflib.get_close_matches(name, known, 1)), None)
