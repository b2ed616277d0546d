"""What a test's marker asks for, and where the recordings are that it names."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from inspector.errors import UsageError
from inspector.recording import Recording
from inspector.recording.bundled import bundled_names, bundled_recording

__all__ = ["Asking", "asking_of", "found_path", "meant_path"]

_OPTIONS = ("speed", "fault", "match", "strict")


class Asking(NamedTuple):
    """A test's marker, read."""

    names: tuple[str | os.PathLike[str] | Recording, ...]
    speed: float | None = None
    fault: Any = None
    match: str = "order"
    strict: bool = True


def asking_of(node: pytest.Item) -> Asking:
    """Read the marker that is closest to a test. Raises `UsageError` where there is none to go by."""
    marker = node.get_closest_marker("recording")
    if marker is None or not marker.args:
        raise UsageError(
            'which recording answers this test? Mark it with @pytest.mark.recording("name"), '
            f"the name of a file or of a bundled recording: {', '.join(bundled_names())}"
        )
    unknown = sorted(set(marker.kwargs) - set(_OPTIONS))
    if unknown:
        raise UsageError(
            f"@pytest.mark.recording does not know {', '.join(unknown)}; it knows {', '.join(_OPTIONS)}"
        )
    return Asking(marker.args, **marker.kwargs)


def found_path(name: str | os.PathLike[str], folder: Path) -> Path | None:
    """Return the recording of that name, with or without `.jsonl`, in the folder or else bundled."""
    for path in (folder / name, meant_path(name, folder)):
        if path.exists():
            return path
    stem = os.fspath(name).removesuffix(".jsonl")
    return bundled_recording(stem) if stem in bundled_names() else None


def meant_path(name: str | os.PathLike[str], folder: Path) -> Path:
    """Return where in the folder a recording of that name is or would be."""
    path = folder / name
    return path if path.suffix == ".jsonl" else path.with_name(f"{path.name}.jsonl")
