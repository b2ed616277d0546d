"""What the name of a file or of an object promises: recordings, perhaps some, an archive, or none."""

from __future__ import annotations

import re
from enum import Enum

__all__ = [
    "INDEX",
    "Kind",
    "is_hidden",
    "is_pattern",
    "is_url",
    "kind_of",
    "named_archive",
    "named_compressed",
    "named_pack",
    "natural",
    "plain_name",
]

INDEX = ".index"
"""What is added to the name of a pack to name its index, which stands beside it."""

_COMPRESSED = (".gz", ".zst")
_PACK = ".jsonl.zst"
_ARCHIVES = (".tar", ".tar.gz", ".tgz", ".tar.zst", ".tzst")
_RECORDINGS = (".jsonl", ".sse")
_OF_OTHERS = (
    *(".har", ".json", ".ndjson", ".toml", ".txt", ".yaml", ".yml"),
    *(".bin", ".flow", ".flows", ".log", ".mitm"),
)
"""Endings of files that may hold recordings of other tools, and mostly hold something else."""

_WILDCARDS = frozenset("*?[")
_NUMBER = re.compile(r"\d+")


class Kind(Enum):
    """What a name promises."""

    RECORDINGS = "recordings"
    PERHAPS = "a file of another tool, which may hold recordings"
    ARCHIVE = "an archive, whose members are looked at"
    INDEX = "the index of a pack, which is no source itself"
    OTHER = "something else"


def kind_of(name: str) -> Kind:
    """Return what the name of a file or of an object promises. Its folders do not count."""
    plain = plain_name(name)
    if plain.endswith(_RECORDINGS):
        return Kind.RECORDINGS
    if plain.endswith(_OF_OTHERS):
        return Kind.PERHAPS
    if named_archive(name):
        return Kind.ARCHIVE
    if plain.endswith(_PACK + INDEX):
        return Kind.INDEX
    only_compressed = named_compressed(name) and "." not in plain.rpartition("/")[2]
    return Kind.PERHAPS if only_compressed else Kind.OTHER


def is_url(name: str) -> bool:
    """Whether a name is a URL, such as `s3://bucket/key`."""
    scheme, mark, _ = name.partition("://")
    return bool(mark) and len(scheme) > 1 and scheme.isascii() and scheme.isalnum()  # `C://` is a drive


def is_pattern(name: str) -> bool:
    """Whether a name has a wildcard in it."""
    return not _WILDCARDS.isdisjoint(name)


def is_hidden(path: str) -> bool:
    """Whether a file, or a folder on the way to it, is hidden. `path` begins below what was named."""
    return any(part.startswith(".") and part not in (".", "..") for part in path.split("/"))


def named_archive(name: str) -> bool:
    """Whether a file is named like a tar archive, compressed or not."""
    return name.lower().endswith(_ARCHIVES)


def named_compressed(name: str) -> bool:
    """Whether a file is named like compressed data."""
    return name.lower().endswith(_COMPRESSED)


def named_pack(name: str) -> bool:
    """Whether a file is named like a pack. It is one if its index stands beside it."""
    return name.lower().endswith(_PACK)


def plain_name(name: str) -> str:
    """Return a name in lower case, without the ending of compressed data."""
    name = name.lower()
    return next((name.removesuffix(ending) for ending in _COMPRESSED if name.endswith(ending)), name)


def natural(name: str) -> tuple[str, str]:
    """Return a key that sorts names by their numbers: `9` before `10`, and `a.jsonl` before `a-2.jsonl`.

    It is for one part of a path. Keys are strings, since a folder may hold hundreds of thousands of names.
    """
    # No name holds a zero byte: what begins with one sorts before all else. A number sorts before a point.
    return _NUMBER.sub(_number, name.replace(".", "\0\1")), name


def _number(match: re.Match[str]) -> str:
    digits = str(int(match[0])) if len(match[0]) < 1000 else match[0]  # Python limits longer ones
    return f"\0\0{chr(len(digits))}{digits}"
