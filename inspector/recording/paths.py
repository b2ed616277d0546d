"""The files that arguments of commands and calls mean: files, patterns, folders, `-`."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from inspector.errors import RecordingError

__all__ = [
    "means_files",
    "named_body",
    "named_compressed",
    "recording_paths",
    "refuse_other_ending",
    "waiting_folder",
    "waiting_notices",
    "without_ending",
]

_WILDCARDS = frozenset("*?[")
_COMPRESSED = (".gz", ".zst")
_READABLE = (".jsonl", ".sse")
_BODIES = (".sse", ".txt")
_DIGITS = re.compile(r"(\d+)")
_OF_OTHERS = (
    *(".har", ".json", ".ndjson", ".toml", ".txt", ".yaml", ".yml"),
    *(".bin", ".flow", ".flows", ".log", ".mitm"),
)
"""Endings of files that may hold recordings of other tools, and mostly hold something else."""

_NOT_WRITTEN = (
    *(".har", ".json", ".toml", ".txt", ".yaml", ".yml", ".sse", ".csv", ".parquet", ".html"),
    *(".flow", ".flows", ".mitm", *_COMPRESSED),
)
"""Endings of files that other programs, or this one, would not read as the lines of a recording."""

Holds = Callable[[Path], bool]
"""Whether a file in a folder holds recordings. It is called for files with the endings of `_OF_OTHERS`."""


def recording_paths(arguments: Iterable[str | os.PathLike[str]], holds: Holds | None = None) -> list[str]:
    """Return the path of every file that the arguments mean, in their order.

    A folder means the files in it and below it that end in `.jsonl` or `.sse`, compressed ones too, and those
    of other tools for which `holds` is true, in the order of their paths, in which 9 comes before 10; hidden
    files and folders are skipped. A pattern means the files that match it. Any other argument is a path, or
    `-` for standard input. Raises `RecordingError` if a folder or a pattern means no file.
    """
    paths: list[str] = []
    for argument in arguments:
        name = os.fspath(argument)
        if Path(name).is_dir():
            paths += _in_folder(name, holds)
        elif _is_pattern(name) and not Path(name).exists():
            paths += _matching(name, holds)
        else:
            paths.append(name)
    return paths


def waiting_folder(path: Path) -> Path:
    """Return the folder in which recordings wait to be appended to the file `path`."""
    return path.with_name(path.name + ".waiting")


def waiting_notices(paths: Iterable[str]) -> Iterator[str]:
    """Yield a message for each file that recordings wait for, unless `paths` has those recordings too.

    They wait while their responses last, and after that if their process was killed.
    """
    known = list(paths)
    for path in known:
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
    """Whether an argument names a file or folder that exists, or is a pattern or `-`."""
    return argument == "-" or Path(argument).exists() or _is_pattern(argument)


def named_compressed(name: str) -> bool:
    """Whether a file is named like compressed data."""
    return name.lower().endswith(_COMPRESSED)


def named_body(name: str) -> bool:
    """Whether a file is named like a response body, or is standard input."""
    return name == "-" or _plain(name).endswith(_BODIES)


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
    plain = name[: len(_plain(name))]
    ending = next((ending for ending in _READABLE if plain.lower().endswith(ending)), "")
    return plain[: len(plain) - len(ending)]


def _plain(name: str) -> str:
    """Return a name in lower case, without the ending of compressed data."""
    name = name.lower()
    return next((name.removesuffix(ending) for ending in _COMPRESSED if name.endswith(ending)), name)


def _is_pattern(name: str) -> bool:
    return not _WILDCARDS.isdisjoint(name)


def _in_folder(folder: str, holds: Holds | None) -> list[str]:
    paths, others, hidden = [], [], 0
    for path in filter(_is_no_device, _files_below(folder)):
        if path.name.startswith("."):
            hidden += 1
        elif _plain(path.name).endswith(_READABLE) or _is_of_another_tool(path, holds):
            paths.append(path)
        else:
            others.append(path)
    if not paths:
        raise RecordingError(f"no recordings in this folder: {_holds(sorted(others), hidden)}", path=folder)
    return [str(path) for path in sorted(paths, key=_natural)]


def _is_no_device(path: Path) -> bool:
    """Whether nobody waits at a file: a pipe or a device in a folder may have no end."""
    return path.is_file() or not path.exists()  # the latter is a link to nothing, which reading reports


def _natural(path: Path) -> list[list[str | int]]:
    """Return a key that sorts names by their numbers: `9` before `10`, and `a.jsonl` before `a-2.jsonl`."""
    parts = (_DIGITS.split(part.replace(".", "\0")) for part in path.parts)
    return [[int(each) if at % 2 else each for at, each in enumerate(part)] for part in parts]


def _is_of_another_tool(path: Path, holds: Holds | None) -> bool:
    plain = _plain(path.name)
    only_compressed = named_compressed(path.name) and "." not in plain
    return holds is not None and (plain.endswith(_OF_OTHERS) or only_compressed) and holds(path)


def _files_below(folder: str) -> Iterator[Path]:
    def fail(error: OSError) -> None:
        path = str(error.filename)
        raise RecordingError(f"cannot be read: {error.strerror}", path=path) from error

    for parent, folders, names in os.walk(folder, onerror=fail):
        folders[:] = [name for name in folders if not name.startswith(".")]
        yield from (Path(parent, name) for name in names)


def _matching(pattern: str, holds: Holds | None) -> list[str]:
    import glob  # rarely needed, and commands start quickly

    matches = sorted(glob.glob(pattern, recursive=True))  # noqa: PTH207 - a pattern, absolute or not
    files = [name for name in matches if not Path(name).is_dir() and _is_no_device(Path(name))]
    # `**` matches folders as well as the files in them. Folders count only if a pattern matches nothing else.
    if matches and not files:
        files = list(dict.fromkeys(path for folder in matches for path in _in_folder(folder, holds)))
    if not files:
        raise RecordingError("no file matches this pattern", path=pattern)
    return files


def _holds(others: list[Path], hidden: int) -> str:
    """Describe a folder without recordings: `it holds 3 other files: 2 .json, 1 .md (a.json, b.json, …)`."""
    if not others:
        return "it holds hidden files only" if hidden else "it is empty"
    endings = Counter(path.suffix or "without an ending" for path in others)
    counts = ", ".join(f"{count} {ending}" for ending, count in endings.most_common(5))
    names = ", ".join(path.name for path in others[:3])
    more_endings = ", …" if len(endings) > 5 else ""
    more_names = ", …" if len(others) > 3 else ""
    files = "file" if len(others) == 1 else "files"
    return (
        f"it holds {len(others)} other {files}: {counts}{more_endings} ({names}{more_names}). "
        "Recordings end in .jsonl and bare streams in .sse, compressed ones in .gz or .zst after that"
    )
