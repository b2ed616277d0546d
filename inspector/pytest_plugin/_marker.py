"""The test's `recording` marker, and the files that it names."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from inspector.errors import UsageError
from inspector.recording import Recording
from inspector.recording.bundled import bundled_names, bundled_recording

__all__ = ["Marker", "find_recording", "read_marker", "recording_path"]

_OPTIONS = ("speed", "fault", "match", "strict", "loop")


class Marker(NamedTuple):
    """The arguments of `@pytest.mark.recording`."""

    names: tuple[str | os.PathLike[str] | Recording, ...]
    speed: float | None = None
    fault: Any = None
    match: str = "order"
    strict: bool = True
    loop: bool = False


def read_marker(node: pytest.Item) -> Marker:
    """Read the closest marker of a test. Raises `UsageError` if it is missing, or names no recording."""
    marker = node.get_closest_marker("recording")
    if marker is None or not marker.args:
        raise UsageError(
            'this test names no recording. Mark it with @pytest.mark.recording("name"), where name is a file '
            f"in its recordings folder or a bundled recording: {', '.join(bundled_names())}"
        )
    unknown = sorted(set(marker.kwargs) - set(_OPTIONS))
    if unknown:
        raise UsageError(
            f"@pytest.mark.recording does not know {', '.join(unknown)}; it knows {', '.join(_OPTIONS)}"
        )
    return Marker(marker.args, **marker.kwargs)


def find_recording(name: str | os.PathLike[str], folder: Path) -> Path | None:
    """Return the path of an existing recording: in `folder`, with or without `.jsonl`, or else bundled."""
    for path in (folder / name, recording_path(name, folder)):
        if path.exists():
            return path
    stem = os.fspath(name).removesuffix(".jsonl")
    return bundled_recording(stem) if stem in bundled_names() else None


def recording_path(name: str | os.PathLike[str], folder: Path) -> Path:
    """Return the path in `folder` for a recording of that name. The file need not exist."""
    path = folder / name
    return path if path.suffix == ".jsonl" else path.with_name(f"{path.name}.jsonl")
