"""The rule for arguments: a function that takes a recording takes the value, and no path.

`inspector.load` reads a file, and says what is wrong with it. So each other function is pure, and a recording
that is used twice is read once. `diff`, `report`, `replay` and `Server` take paths too: of files and folders.
"""

from __future__ import annotations

import os
from collections.abc import Iterable

from inspector.recording.values import Recording
from inspector.storage import public_name

__all__ = ["one_recording", "several_recordings"]


def one_recording(value: object) -> Recording:
    """Return an argument that is a recording. Raises `TypeError` for any other, which says what to do."""
    if isinstance(value, Recording):
        return value
    if isinstance(value, str | os.PathLike):
        raise TypeError(f"a path is no recording: write inspector.load({public_name(value)!r})")
    if isinstance(value, list | tuple):
        raise TypeError("these are several recordings, and one is taken: call it with each of them")
    raise TypeError(
        f"a recording is expected, as inspector.load(path) returns it, and not {type(value).__name__}"
    )


def several_recordings(values: object) -> Iterable[Recording]:
    """Return an argument that is one recording, or several. Raises `TypeError` as `one_recording` does."""
    if isinstance(values, Iterable) and not isinstance(values, str | os.PathLike | bytes):
        return map(one_recording, values)
    return [one_recording(values)]
