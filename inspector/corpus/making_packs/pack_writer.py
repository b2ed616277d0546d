"""Writing packs into a folder: `pack-00001.jsonl.zst` and its index, then the next one.

Law: what bears the name of a pack is whole. Both files are written under hidden names; the index is renamed
first, so a pack never stands without it.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Iterator
from hashlib import sha256
from itertools import chain
from pathlib import Path
from typing import IO, Any, Protocol

from inspector._version import __version__
from inspector.errors import RecordingError
from inspector.storage.compression import zstd_library
from inspector.storage.kinds import INDEX
from inspector.storage.pack_index import Entry, Frame, dump_index

__all__ = ["PACK_SIZE", "PackWriter", "PackedLines", "UnwritableError"]

PACK_SIZE = 64 * 1024 * 1024
"""The size of a pack in bytes from which on the next one is begun, if the caller names no other."""

_FRAME = 1024 * 1024  # bytes of text; one source alone may be longer
_MOST = 100_000  # sources in a pack, whose lines of the index are held
_UNFINISHED = ".unfinished"


class UnwritableError(RecordingError):
    """A pack that cannot be written: the disk is full, for example."""


class PackedLines(Protocol):
    """The text of one source, and what is known of it after its last piece."""

    recordings: int

    def __iter__(self) -> Iterator[bytes]:
        """Iterate the pieces of the text."""

    def packed_name(self, name: str) -> str:
        """Return the name in a pack of the file that is called `name`."""


class PackWriter:
    """Writes sources into packs in `folder`, which exists. Used as a context, it closes the last pack.

    It holds the text of one frame and the index of one pack. Its methods raise `UnwritableError` if a
    file cannot be written. `packs` counts the packs that are whole, `sources` the sources in them, and `size`
    their bytes with their indexes.
    """

    def __init__(self, folder: Path, pack_size: int = PACK_SIZE) -> None:
        self._folder, self._pack_size = folder, pack_size
        self._library = zstd_library(None, writing=True)
        self._pack: _Pack | None = None
        self._waiting: list[tuple[str, PackedLines, bytes]] = []
        self._text = 0  # bytes that wait for the end of their frame
        self.packs = 0
        self.sources = 0
        self.size = 0

    def __enter__(self) -> PackWriter:
        return self

    def __exit__(self, kind: Any, *_: object) -> None:
        if kind is None:
            self.close()
        elif self._pack:
            self._pack.discard()

    def add(self, name: str, lines: PackedLines) -> None:
        """Write one source as `name`. If its lines raise, nothing of it is written."""
        pieces, begun, size = iter(lines), [], 0
        for piece in pieces:
            begun.append(piece)
            size += len(piece)
            if size > _FRAME:
                self._end_frame()
                self._write([name], [lines], [chain(begun, pieces)])
                return
        if self._text + size > _FRAME:
            self._end_frame()
        self._waiting.append((name, lines, b"".join(begun)))
        self._text += size

    def close(self) -> None:
        """End the last frame and the last pack."""
        self._end_frame()
        self._end_pack()

    def _end_frame(self) -> None:
        if self._waiting:
            names, lines, texts = zip(*self._waiting, strict=True)
            self._waiting, self._text = [], 0
            self._write(names, lines, ([text] for text in texts))

    def _write(
        self, names: Iterable[str], lines: Iterable[PackedLines], texts: Iterable[Iterable[bytes]]
    ) -> None:
        """Write one frame, and end the pack if it is large enough."""
        with self._reported():
            if self._pack is None:
                self._pack = _Pack(self._folder / f"pack-{self.packs + 1:05}.jsonl.zst", self._library)
            self._pack.frame(names, lines, texts)
        if self._pack.size >= self._pack_size or self._pack.sources >= _MOST:
            self._end_pack()

    def _end_pack(self) -> None:
        pack, self._pack = self._pack, None
        if pack is None:
            return
        if not pack.sources:  # the only source so far broke off
            pack.discard()
            return
        with self._reported():
            self.size += pack.finish()
        self.packs += 1
        self.sources += pack.sources

    @contextlib.contextmanager
    def _reported(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise UnwritableError(f"cannot be written: {error.strerror}", path=str(self._folder)) from error


class _Pack:
    """One pack while it is written."""

    def __init__(self, path: Path, library: Any) -> None:
        self._path, self._library = path, library
        self._file: IO[bytes] = self._hidden("").open("wb")
        self._frames: list[Frame] = []
        self._lines: list[bytes] = []
        self._names: set[str] = set()
        self._lines_size = 0
        self._recordings = 0
        self.size = 0

    @property
    def sources(self) -> int:
        """How many sources are in it."""
        return len(self._lines)

    def frame(
        self, names: Iterable[str], lines: Iterable[PackedLines], texts: Iterable[Iterable[bytes]]
    ) -> None:
        """Write a frame of these sources. If a text raises, the frame is taken back."""
        parameter = self._library.CompressionParameter
        compress = self._library.ZstdCompressor(options={parameter.checksum_flag: 1})
        entries: list[Entry] = []
        at = 0
        try:
            for name, each, text in zip(names, lines, texts, strict=True):
                begun, hashed, last = at, sha256(), b""
                for last in filter(None, text):
                    self._file.write(compress.compress(last))
                    hashed.update(last)
                    at += len(last)
                packed = each.packed_name(name)
                entries.append(
                    Entry(self._unique(packed), len(self._frames), begun, at - begun, each.recordings,
                          hashed.hexdigest(), "" if packed == name else name)
                )  # fmt: skip
                if not last.endswith(b"\n"):  # so that the next recording begins on a line of its own
                    self._file.write(compress.compress(b"\n"))
                    at += 1
            self._file.write(compress.flush())
        except BaseException:
            self._file.seek(self.size)
            self._file.truncate()
            raise
        self._note(entries, self._file.tell(), at)

    def _note(self, entries: list[Entry], end: int, text: int) -> None:
        lines = [entry.dumped() for entry in entries]
        before, after = self._lines_size, self._lines_size + sum(map(len, lines))
        start, self.size, self._lines_size = self.size, end, after
        number, size = len(self._frames), end - start
        first = entries[0].name
        self._frames.append(Frame(number, start, size, text, len(entries), (before, after), first))
        self._lines += lines
        self._recordings += sum(entry.recordings for entry in entries)

    def _unique(self, name: str) -> str:
        """Return a name that no other source of the pack has: `a-2.jsonl` for the second `a.jsonl`."""
        stem, dot, ending = name.rpartition(".")
        stem, ending = (stem, dot + ending) if stem else (name, "")
        number, unique = 1, name
        while unique in self._names:
            number += 1
            unique = f"{stem}-{number}{ending}"
        self._names.add(unique)
        return unique

    def finish(self) -> int:
        """Give both files their names; return their sizes together. They are on the disk itself."""
        made_by = {"name": "sse-inspector", "version": __version__}
        header = {"recordings": self._recordings, "size": self.size, "writer": made_by}
        index = self._hidden(INDEX)
        with index.open("wb") as file:
            file.writelines(dump_index(header, self._frames, self._lines))
            _sync(file)
            size = file.tell()
        _sync(self._file)
        self._file.close()
        index.replace(self._path.with_name(self._path.name + INDEX))
        self._hidden("").replace(self._path)
        return self.size + size

    def discard(self) -> None:
        """Remove what is not finished."""
        self._file.close()
        for ending in ("", INDEX):
            self._hidden(ending).unlink(missing_ok=True)

    def _hidden(self, ending: str) -> Path:
        return self._path.with_name(f".{self._path.name}{ending}{_UNFINISHED}")


def _sync(file: IO[bytes]) -> None:
    """Have the system write a file to the disk itself, so that it survives a loss of power."""
    file.flush()
    os.fsync(file.fileno())
