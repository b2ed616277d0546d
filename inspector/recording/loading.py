"""Whole recordings, in memory."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator
from typing import IO

from inspector.errors import RecordingError, RecordingWarning
from inspector.recording.assembly import Assembly
from inspector.recording.parsing import HEAD_START
from inspector.recording.paths import recording_paths, waiting_notices
from inspector.recording.reader import Importing, Reader, opened
from inspector.recording.sniffing import Form
from inspector.recording.values import Head, Recording
from inspector.storage import public_name

__all__ = ["holds_several", "load", "load_all", "loaded", "only", "recordings", "whole"]


def recordings(file: IO[bytes], name: str | None = None) -> Iterator[Recording]:
    """Yield the recordings that a file holds, one after another, each held in memory whole."""
    return whole(Reader(file, name))


def load_all(path: str | os.PathLike[str]) -> list[Recording]:
    """Load every recording of a file of a native form, or of such files in a folder or of a pattern.

    `inspector.formats.load_all` does the same for every format, and says more.
    """
    recordings, problems = loaded(recording_paths([path]), None)
    for problem in problems:
        warnings.warn(problem, RecordingWarning, stacklevel=2)  # the line that calls load_all
    return recordings


def load(path: str | os.PathLike[str]) -> Recording:
    """Load the one recording of a file of a native form; see `inspector.formats.load`."""
    recordings, problems = loaded(recording_paths([path]), None)
    for problem in problems:
        warnings.warn(problem, RecordingWarning, stacklevel=2)
    return only(recordings, path)


def loaded(paths: list[str], importing: Importing | None) -> tuple[list[Recording], list[str]]:
    """Return the recordings of some files, and messages about what of them could not be read."""
    recordings: list[Recording] = []
    problems: list[str] = []
    for path in paths:
        with opened(path, importing) as reader:
            recordings += whole(reader)
            how = ["the line is torn"] * len(reader.torn)
            if reader.cut:
                how[-1:] = [reader.cut]
            before = "what stands before it is read"
            problems += [
                f"{path}:{line}: {what}; {before}" for line, what in zip(reader.torn, how, strict=True)
            ]
            problems += [f"{path}: {notice}" for notice in reader.notices]
    return recordings, [*problems, *waiting_notices(paths)]


def only(recordings: list[Recording], path: str | os.PathLike[str]) -> Recording:
    """Return the one recording of a file; raise `RecordingError` for several."""
    if len(recordings) > 1:
        raise RecordingError(f"holds {len(recordings)} recordings; use load_all", path=public_name(path))
    return recordings[0]


def holds_several(path: str | os.PathLike[str]) -> bool:
    """Whether a file may hold more than one recording.

    This searches the bytes for a second head, which is far quicker than reading them. It may be wrong: a
    payload may contain the beginning of a head.
    """
    with opened(path) as reader:
        form, pieces = reader.unpacked()
        if form is not Form.RECORDING:
            return False
        before = next(pieces)[1:]  # without the beginning of the first head
        for piece in pieces:
            if HEAD_START in before:
                return True
            before = before[1 - len(HEAD_START) :] + piece
        return HEAD_START in before


def whole(reader: Reader) -> Iterator[Recording]:
    """Put the values of a file together."""
    whole: Assembly | None = None
    for value in reader:
        if isinstance(value, Head):
            if whole is not None:
                yield whole.recording(reader.name or "")
            whole = Assembly(value)
        elif whole is not None:
            whole.add(value)
    if whole is not None:
        yield whole.recording(reader.name or "")
