"""The files that arguments of commands and calls mean: files, patterns, folders, archives, URLs, `-`."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from inspector.errors import RecordingError
from inspector.storage import is_there, listed, recording_names, without_recordings
from inspector.storage.kinds import is_pattern, is_url, named_compressed, plain_name

__all__ = [
    "means_files",
    "named_body",
    "named_compressed",
    "names_of",
    "recording_paths",
    "refuse_other_ending",
    "waiting_folder",
    "waiting_notices",
    "without_ending",
]

_READABLE = (".jsonl", ".sse")
_BODIES = (".sse", ".txt")
_NOT_WRITTEN = (
    *(".har", ".json", ".toml", ".txt", ".yaml", ".yml", ".sse", ".csv", ".parquet", ".html"),
    *(".flow", ".flows", ".mitm", ".gz", ".zst"),
)
"""Endings of files that other programs, or this one, would not read as the lines of a recording."""

Holds = Callable[[str], bool]
"""Whether a file holds recordings. It is called for files whose name does not say so."""


def recording_paths(arguments: Iterable[str | os.PathLike[str]], holds: Holds | None = None) -> list[str]:
    """Return the name of every file that the arguments mean, in their order.

    A folder means the files in it and below it that end in `.jsonl` or `.sse`, compressed ones too, and those
    of other tools for which `holds` is true, in the order of their paths, in which 9 comes before 10; hidden
    files and folders are skipped. An archive means its members, in their order. A pattern means the files
    that match it. Any other argument is a name, or `-` for standard input. Raises `RecordingError` if a
    folder, a pattern or an archive means no file, or cannot be read.
    """
    names: list[str] = []
    for argument in arguments:
        for each in names_of(argument, holds):
            if isinstance(each, RecordingError):
                raise each
            names.append(each)
    return names


def names_of(argument: str | os.PathLike[str], holds: Holds | None = None) -> Iterator[str | RecordingError]:
    """Yield what `recording_paths` returns for one argument, one by one; what cannot be read is an error."""
    if os.fspath(argument) == "-":
        yield "-"
        return
    count = 0
    for source in listed(argument):
        for each in (source,) if isinstance(source, RecordingError) else recording_names(source):
            if isinstance(each, RecordingError):
                count += 1
                yield each
            elif each[1] or (holds is not None and holds(each[0])):
                count += 1
                yield each[0]
    if not count:
        yield without_recordings(argument)


def waiting_folder(path: Path) -> Path:
    """Return the folder in which recordings wait to be appended to the file `path`."""
    return path.with_name(path.name + ".waiting")


def waiting_notices(paths: Iterable[str]) -> Iterator[str]:
    """Yield a message for each file that recordings wait for, unless `paths` has those recordings too.

    They wait while their responses last, and after that if their process was killed.
    """
    known = dict.fromkeys(paths)
    for path in known:
        if is_url(path):
            continue
        folder = waiting_folder(Path(path))
        names = sorted(file.name for file in folder.iterdir()) if folder.is_dir() else []
        count = sum(str(folder / name) not in known for name in names)
        if count:
            what = "1 recording is" if count == 1 else f"{count} recordings are"
            yield (
                f"{path}: {what} not in this file but in {folder}: still being written, or left by a process "
                f"that died. The next recording to {path} appends what is left; or show the folder"
            )


def means_files(argument: str) -> bool:
    """Whether an argument names what exists or is bundled, or is a URL, a pattern or `-`."""
    return argument == "-" or is_url(argument) or is_pattern(argument) or is_there(argument)


def named_body(name: str) -> bool:
    """Whether a file is named like a response body, or is standard input."""
    return name == "-" or plain_name(name).endswith(_BODIES)


def refuse_other_ending(name: str) -> None:
    """Raise `RecordingError` if a name means a format in which recordings are not written."""
    ending = next((ending for ending in _NOT_WRITTEN if name.lower().endswith(ending)), None)
    if ending:
        raise RecordingError(
            f"a recording is not written as {ending}: name a file that ends in .jsonl; `inspector export` "
            "makes files of other formats from it",
            path=name,
        )


def without_ending(name: str) -> str:
    """Return a file's name without the endings by which recordings are known: `hello.jsonl.gz` is `hello`."""
    plain = name[: len(plain_name(name))]
    ending = next((ending for ending in _READABLE if plain.lower().endswith(ending)), "")
    return plain[: len(plain) - len(ending)]
