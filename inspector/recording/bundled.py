"""The recordings that ship with inspector: for `--offline`, examples and tests."""

from __future__ import annotations

import functools
import os
from pathlib import Path

from inspector.errors import UsageError
from inspector.storage.bundled_files import bundled_folder, bundled_path

__all__ = ["bundled_names", "bundled_recording", "path_or_bundled"]


def bundled_names() -> list[str]:
    """Name the bundled recordings, the broken ones last."""
    return list(_names())


@functools.cache  # a test run asks for each test
def _names() -> tuple[str, ...]:
    folder = bundled_folder()
    whole = sorted(file.stem for file in folder.glob("*.jsonl"))
    return (*whole, *sorted(f"broken/{file.stem}" for file in folder.glob("broken/*.jsonl")))


def bundled_recording(name: str) -> Path:
    """Return the path of the bundled recording `name`.

    Raises `UsageError`, which lists the names, if there is none.
    """
    stem = name.removesuffix(".jsonl")
    if stem not in _names():
        raise UsageError(f"no bundled recording is called {name!r}; there are {', '.join(bundled_names())}")
    return bundled_folder() / f"{stem}.jsonl"


def path_or_bundled(path: str | os.PathLike[str]) -> str:
    """Return a path; the short name of a bundled recording for its file's name, if there is no such file."""
    name = os.fspath(path)
    stem = name.removesuffix(".jsonl")
    if stem in _names() and not Path(name).exists():
        return stem if bundled_path(stem) else str(bundled_recording(stem))
    return name
