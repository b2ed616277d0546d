"""The one door for input: what one command can read, every command can read.

`opened` gives a `Reader` of a file, whatever it holds. `importing` is what that reader calls for a file that
holds none of the native forms.
"""

from __future__ import annotations

import contextlib
import os
import warnings
from collections.abc import Iterable, Iterator
from typing import IO

from inspector.errors import RecordingError, RecordingWarning
from inspector.recording import Line, Reader, Recording, loading, paths
from inspector.recording import opened as opened_native
from inspector.recording.pieces import Rewindable
from inspector.recording.sniffing import NATIVE

__all__ = [
    "NEVER_NATIVE",
    "has_native_form",
    "holds_several",
    "importing",
    "load",
    "load_all",
    "names_of",
    "opened",
    "recording_paths",
    "recordings",
]

NEVER_NATIVE = (".yaml", ".yml", ".toml", ".json")
"""Endings of files that are no event stream although they may begin with `data:` or `id:`."""


def importing(pieces: Rewindable, reader: Reader) -> Iterator[tuple[int, Line]] | None:
    """Return the values of a file of another tool, each with its line; None if no format claims it."""
    from inspector.formats.importing import imported  # rarely needed, and commands start quickly

    return imported(pieces, reader)


@contextlib.contextmanager
def opened(path: str | os.PathLike[str]) -> Iterator[Reader]:
    """Open a file of any format, `-` for standard input, and give a `Reader` of it; close it at the end.

    Raises `RecordingError` if it cannot be opened.
    """
    with opened_native(path, importing) as reader:
        yield reader


def recordings(file: IO[bytes], name: str | None = None) -> Iterator[Recording]:
    """Yield the recordings that a file holds, one after another, each held in memory whole."""
    return loading.whole(Reader(file, name, importing))


def load_all(path: str | os.PathLike[str]) -> list[Recording]:
    """Load every recording of a file, or of the files in a folder or of a pattern; `-` is standard input.

    A file may hold a recording, a session, a bare event stream, or a format of another tool, which
    `docs/formats.md` lists. Raises `RecordingError` (`FormatError` with the line) if a file cannot be read or
    holds no recording. A torn line is a `RecordingWarning`: what stands before it is good. So is a recording
    that waits to be appended to the file, and so are exchanges that are left out.
    """
    loaded, problems = loading.loaded(recording_paths([path]), importing)
    for problem in problems:
        warnings.warn(problem, RecordingWarning, stacklevel=2)
    return loaded


def load(path: str | os.PathLike[str]) -> Recording:
    """Load the one recording of a file; `-` is standard input.

    Raises as `load_all` does, and `RecordingError` for several recordings: use `load_all` for those.
    """
    loaded, problems = loading.loaded(recording_paths([path]), importing)
    for problem in problems:
        warnings.warn(problem, RecordingWarning, stacklevel=2)
    return loading.only(loaded, path)


def has_native_form(path: str | os.PathLike[str]) -> bool:
    """Whether a file is read piece by piece, as recordings and bare streams are; others are read whole."""
    with opened_native(path) as reader:
        return reader.unpacked()[0] in NATIVE


def holds_several(path: str | os.PathLike[str]) -> bool:
    """Whether a file may hold more than one recording. It may be wrong: see `inspector.recording`."""
    return not has_native_form(path) or loading.holds_several(path)


def recording_paths(arguments: Iterable[str | os.PathLike[str]]) -> list[str]:
    """Return the name of every file that the arguments mean, in their order.

    A folder means the files in it and below it that hold recordings, in path order: those that end in
    `.jsonl` or `.sse`, and files of other tools by what they hold; hidden files and folders are skipped. An
    archive means its members, in their order. A pattern means the files that match it. Any other argument is
    a path, a URL, or `-` for standard input. Raises `RecordingError` if a folder, an archive or a pattern
    means no file.
    """
    return paths.recording_paths(arguments, _holds_recordings)


def names_of(argument: str | os.PathLike[str]) -> Iterator[str | RecordingError]:
    """Yield what `recording_paths` returns for one argument, one by one; what cannot be read is an error."""
    return paths.names_of(argument, _holds_recordings)


def _holds_recordings(path: str) -> bool:
    """Whether a file in a folder holds recordings, or looks like it and is broken.

    Its name does not say what it holds, so most such files are something else.
    """
    from inspector.formats.importing import NothingToImportError

    try:
        with opened_native(path, importing) as reader:
            form, pieces = reader.unpacked()
            if form in NATIVE and not path.lower().endswith(NEVER_NATIVE):
                return True
            values = importing(Rewindable(pieces), reader)
            return values is not None and next(values, None) is not None
    except NothingToImportError:
        return False
    except RecordingError:
        return True  # reading it says what is wrong
