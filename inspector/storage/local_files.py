"""The store of local files: folders, patterns, and single paths.

A folder is walked in the order of its paths, folder by folder, so that only the names of one folder on each
level are held. Links to folders are not followed, so that no circle of links has to be seen. Pipes and
devices are left out: one may have no end.

A name that no file has may be the short name of a bundled file: see `bundled_files`.
"""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import PurePath
from typing import IO

from inspector.errors import RecordingError
from inspector.storage.bundled_files import bundled_path, near_bundled
from inspector.storage.kinds import Kind, is_pattern, kind_of, natural
from inspector.storage.stored_source import Source

__all__ = ["fetched", "listed", "opened", "there", "without_recordings"]


def listed(argument: str) -> Iterator[Source | RecordingError]:
    """Yield the sources of a folder, of a pattern, or one path. See `places.Store`."""
    if os.path.isdir(argument):  # noqa: PTH112 - names in bytes that are no text, and speed
        yield from _in_folder(str(PurePath(argument)))
    elif is_pattern(argument) and not os.path.exists(argument):  # noqa: PTH110
        yield from _matching(argument)
    else:
        yield there(argument) or Source(argument)


def without_recordings(argument: str) -> RecordingError:
    """Return the error for a folder or pattern that means no recordings: it says what the folder holds."""
    if not os.path.isdir(argument):  # noqa: PTH112
        return RecordingError("no file matches this pattern", path=argument)
    from inspector.storage.other_files import OtherFiles  # rarely needed, and commands start quickly

    others = OtherFiles()
    for path in _files_below(argument, hidden=True):
        if isinstance(path, str):
            others.add(os.path.basename(path))  # noqa: PTH119
    return RecordingError(f"no recordings in this folder: {others}", path=argument)


@contextlib.contextmanager
def opened(name: str) -> Iterator[IO[bytes]]:
    """Open a file. Raises `RecordingError` if it cannot be opened."""
    with _open(name) as file:
        yield file


def fetched(sources: Iterable[Source]) -> Iterator[tuple[Source, IO[bytes] | RecordingError]]:
    """Yield each source with its open file, or with why there is none."""
    for source in sources:
        try:
            file = _open(source.name)
        except RecordingError as error:
            yield source, error
            continue
        with file:
            yield source, file


def there(name: str) -> Source | None:
    """Return a file as a source; None if there is no such file, or if it is a folder."""
    try:
        status = os.stat(name)  # noqa: PTH116
    except FileNotFoundError:
        bundled = bundled_path(name)
        source = there(bundled) if bundled else None
        return source._replace(name=name) if source else None
    except (OSError, ValueError):
        return None
    if stat.S_ISDIR(status.st_mode):
        return None
    return Source(name, status.st_size, status.st_mtime)


def _open(name: str) -> IO[bytes]:
    try:
        return open(name, "rb")  # noqa: PTH123
    except IsADirectoryError:
        raise RecordingError("this is a folder; name a recording in it", path=name) from None
    except OSError as error:
        bundled = bundled_path(name) if isinstance(error, FileNotFoundError) else None
        if bundled:
            return _open(bundled)
        near = near_bundled(name) if isinstance(error, FileNotFoundError) else None
        hint = f"; did you mean {near}, which comes with inspector?" if near else ""
        raise RecordingError(f"cannot be read: {error.strerror}{hint}", path=name) from error


def _in_folder(folder: str) -> Iterator[Source | RecordingError]:
    for path in _files_below(folder):
        if isinstance(path, RecordingError):
            yield path
            continue
        kind = kind_of(path)
        if kind is not Kind.OTHER:
            yield from _source(path, sure=kind is Kind.RECORDINGS)


def _source(path: str, *, sure: bool = True) -> Iterator[Source]:
    """Yield a file of a folder as a source, but not a device or a folder that a link leads to."""
    try:
        status = os.stat(path)  # noqa: PTH116
    except OSError:
        yield Source(path, sure=sure)  # a link to nothing, or a file that just vanished: reading says so
        return
    if stat.S_ISREG(status.st_mode):
        yield Source(path, status.st_size, status.st_mtime, sure)


def _files_below(folder: str, *, hidden: bool = False) -> Iterator[str | RecordingError]:
    """Yield the paths of the files below a folder, in order, or why a folder cannot be listed.

    With `hidden`, hidden files come as well, but nothing in hidden folders.
    """
    names: list[str] = []
    folders: set[str] = set()
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                is_hidden = entry.name.startswith(".")
                if is_hidden and not hidden:
                    continue
                if entry.is_dir(follow_symlinks=False):
                    if is_hidden:
                        continue
                    folders.add(entry.name)
                names.append(entry.name)
    except OSError as error:
        yield RecordingError(f"cannot be read: {error.strerror}", path=error.filename or folder)
        return
    names.sort(key=natural, reverse=True)
    while names:  # each name is let go as soon as it is yielded
        name = names.pop()
        path = os.path.join(folder, name) if folder != "." else name  # noqa: PTH118
        if name in folders:
            yield from _files_below(path, hidden=hidden)
        else:
            yield path


def _matching(pattern: str) -> Iterator[Source | RecordingError]:
    from inspector.storage.pattern_walk import matching  # rarely needed

    folders: list[str] = []
    files = 0
    for each in matching(pattern):
        if isinstance(each, RecordingError):
            files += 1
            yield each
        elif each[1]:
            # `**` matches folders as well as the files in them. They count only if nothing else matches.
            folders = [] if files else [*folders, each[0]]
        else:
            for source in _source(each[0]):
                files += 1
                yield source
    if not files:
        for folder in folders:
            yield from _in_folder(folder)
