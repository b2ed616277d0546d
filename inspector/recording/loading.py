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
from inspector.recording.reader import Reader, opened
from inspector.recording.sniffing import Form
from inspector.recording.values import Head, Recording

_TORN = "the line is torn; what stands before it is read"

__all__ = ["holds_several", "load", "load_all", "recordings"]


def recordings(file: IO[bytes], name: str | None = None) -> Iterator[Recording]:
    """Yield the recordings that a file holds, one after another, each held in memory whole."""
    return _whole(Reader(file, name))


def load_all(path: str | os.PathLike[str]) -> list[Recording]:
    """Load every recording of a file, or of the files in a folder or of a pattern; `-` is standard input.

    A file may hold anything that a `Reader` reads: a recording, a session, a bare event stream. Raises
    `RecordingError` (`FormatError` with the line) if a file cannot be read or holds no recording. A torn line
    is a `RecordingWarning`: what stands before it is good. So is a recording that waits to be appended to the
    file.
    """
    return _load_all(path)


def _load_all(path: str | os.PathLike[str]) -> list[Recording]:
    loaded: list[Recording] = []
    problems: list[str] = []
    paths = recording_paths([path])
    for each in paths:
        with opened(each) as reader:
            loaded += _whole(reader)
            problems += [f"{each}:{line}: {_TORN}" for line in reader.torn]
    for problem in (*problems, *waiting_notices(paths)):
        warnings.warn(problem, RecordingWarning, stacklevel=3)  # the line that calls load or load_all
    return loaded


def load(path: str | os.PathLike[str]) -> Recording:
    """Load the one recording of a file; `-` is standard input.

    Raises as `load_all` does, and `RecordingError` for several recordings: use `load_all` for those.
    """
    loaded = _load_all(path)
    if len(loaded) > 1:
        raise RecordingError(f"holds {len(loaded)} recordings; use load_all", path=os.fspath(path))
    return loaded[0]


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


def _whole(reader: Reader) -> Iterator[Recording]:
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
