"""Looking for secrets in files of any kind: the work of `inspector redact --scan`."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from inspector.errors import RecordingError
from inspector.redact import scan
from inspector.storage.compression import Compression, Inflated

__all__ = ["Secret", "files_below", "secrets_of"]

_PIECE = 8 * 1024 * 1024  # bytes
_LONGEST = 64 * 1024 * 1024  # bytes of a line; a longer one is looked at in pieces
_FOREIGN = frozenset({"node_modules", "__pycache__"})  # folders of files that are not the user's own
_MAGIC = {b"\x1f\x8b": Compression.GZIP, b"\x28\xb5": Compression.ZSTD}


class Secret(NamedTuple):
    """Where a secret stands, and of which kind it is."""

    path: str
    line: int
    kind: str


def files_below(paths: Iterable[str]) -> Iterator[str]:
    """Yield each file of the paths; of a folder those in it and below it, without hidden and foreign ones."""
    for path in paths:
        if not Path(path).is_dir():
            yield path
            continue
        for parent, folders, names in os.walk(path):
            folders[:] = sorted(name for name in folders if _is_own(Path(parent, name)))
            yield from (str(Path(parent, name)) for name in sorted(names) if (Path(parent, name)).is_file())


def _is_own(folder: Path) -> bool:
    hidden = folder.name.startswith(".") or folder.name in _FOREIGN
    return not hidden and not (folder / "pyvenv.cfg").exists()


def secrets_of(path: str) -> Iterator[Secret]:
    """Yield the secrets of a file, compressed or not; none of a file that is no text.

    Raises `RecordingError` if it cannot be read.
    """
    line = 1
    for text in _whole_lines(_pieces(path)):
        at = 0
        for offset, kind in scan(text):
            line += text.count(b"\n", at, offset)
            at = offset
            yield Secret(path, line, kind)
        line += text.count(b"\n", at)


def _pieces(path: str) -> Iterator[bytes]:
    try:
        with Path(path).open("rb") as file:
            first = file.read(_PIECE)
            rest = iter(lambda: file.read(_PIECE), b"")
            compression = _MAGIC.get(first[:2])
            pieces = (piece for each in ((first,), rest) for piece in each)
            for number, piece in enumerate(Inflated(pieces, compression, path) if compression else pieces):
                if not number and b"\0" in piece[:8192]:
                    return
                yield piece
    except OSError as error:
        raise RecordingError(f"cannot be read: {error.strerror}", path=path) from error


def _whole_lines(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Put pieces together so that each ends with a line."""
    rest = b""
    for piece in pieces:
        end = piece.rfind(b"\n") + 1
        if end or len(rest) > _LONGEST:
            yield rest + piece[:end]
            rest = piece[end:]
        else:
            rest += piece
    if rest:
        yield rest
