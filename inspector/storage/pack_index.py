"""The index of a pack: which source stands where in it. `docs/packs.md` is the specification.

It is a text file of JSON lines beside the pack: a header, a line for each frame, then a line for each source,
frame by frame. A frame's line says where the lines of its sources stand, so that one frame is read without
the rest of an index that may name a hundred thousand sources.
"""

from __future__ import annotations

import io
import re
from bisect import bisect
from collections.abc import Iterator
from typing import IO, Any, NamedTuple

from inspector import _json
from inspector.errors import RecordingError
from inspector.storage.kinds import natural
from inspector.storage.stores import Store

__all__ = ["PACK_VERSION", "Entry", "Frame", "PackIndex", "dump_index"]

PACK_VERSION = 1
"""The version of the format, in the header."""

_LONGEST = 1024 * 1024  # bytes of a line of the header or of a frame; they have some hundred
_WINDOW = 256 * 1024  # bytes of the sources' lines that are read at once
_FRAME_OF_LINE = re.compile(rb'"frame":(\d+),')


class Frame(NamedTuple):
    """One zstd frame: `size` bytes of the pack from `start` on, which hold `text` bytes of text.

    `lines` is where the lines of its sources stand in the index, in bytes from the first source's line on.
    `first` is the name of its first source.
    """

    number: int
    start: int
    size: int
    text: int
    sources: int
    lines: tuple[int, int]
    first: str


class Entry(NamedTuple):
    """One source in a pack: `size` bytes of its frame's text from `at` on, with this SHA-256 (hexadecimal).

    `origin` is the name of the file that it was made of, if that has another name; else it is empty.
    """

    name: str
    frame: int
    at: int
    size: int
    recordings: int
    sha256: str
    origin: str = ""

    def dumped(self) -> bytes:
        """Write the source's line."""
        fields = {
            "name": self.name,
            "frame": self.frame,
            "at": self.at,
            "bytes": self.size,
            "recordings": self.recordings,
            "sha256": self.sha256,
        }
        return _json.dumps({**fields, "from": self.origin} if self.origin else fields) + b"\n"

    def within(self, text: memoryview) -> memoryview:
        """Return the source's bytes out of its frame's text."""
        return text[self.at : self.at + self.size]


def dump_index(header: dict[str, Any], frames: list[Frame], lines: list[bytes]) -> Iterator[bytes]:
    """Yield the lines of an index. `lines` are those of the sources; the header gets what counts them."""
    counts = {"frames": len(frames), "sources": sum(frame.sources for frame in frames)}
    yield _json.dumps({"pack": PACK_VERSION, **counts, **header}) + b"\n"
    for frame in frames:
        fields = {"frame": frame.number, "start": frame.start, "size": frame.size, "text": frame.text}
        where = {"sources": frame.sources, "lines": frame.lines, "first": frame.first}
        yield _json.dumps({**fields, **where}) + b"\n"
    yield from lines


class PackIndex:
    """An index in a store: its header and its frames are read at once, the sources when they are needed.

    `size` is that of the pack. A frame whose line is broken is what stands between its neighbours; `problems`
    names such lines. Raises `RecordingError` if it is no index, or its header or two such lines together are
    broken.
    """

    def __init__(self, store: Store, name: str) -> None:
        self._store, self.name = store, name
        with store.opened(name) as file:
            header = self._object(file, 1)
            if "pack" not in header:
                raise self._error(1, "it is not the index of a pack")
            if header["pack"] != PACK_VERSION:
                raise self._error(1, f"pack format {header['pack']!r}: a newer inspector may read it")
            try:
                self.size = _count(header["size"])
                count = _count(header["frames"])
            except (KeyError, ValueError) as error:
                raise self._error(1, f"its header is broken: {error}") from None
            read = [self._frame(file, number) for number in range(count)]
            self._base = file.tell()
            self._window, self._at = file.read(_WINDOW), 0
            self._end = file.seek(0, io.SEEK_END) - self._base
        self.frames: list[Frame] = []
        self.problems: list[RecordingError] = []
        end = Frame(count, self.size, 0, 0, 0, (self._end, self._end), "")
        for number, (frame, after) in enumerate(zip(read, [*read[1:], end], strict=True)):
            self._append(frame or self._rebuilt(number, after))

    def entries(self, frame: Frame) -> tuple[list[Entry], list[RecordingError]]:
        """Return the sources of a frame that stand in the index, and what is wrong with the others."""
        return self._parsed(self._lines(*frame.lines), frame)

    def frame_of(self, name: str) -> Frame | None:
        """Return the frame in which a source stands; None if the pack has no such source.

        The sources of one folder were packed in the order of their paths, so the first names of the frames
        nearly always lead to it. If not, this searches all lines, and keeps them for the next search.
        """
        at = bisect(self.frames, _order(name), key=lambda frame: _order(frame.first)) - 1
        if at >= 0 and any(entry.name == name for entry in self.entries(self.frames[at])[0]):
            return self.frames[at]
        lines = self._lines(0, self.frames[-1].lines[1] if self.frames else 0)
        start = lines.find(b'{"name":' + _json.dumps(name) + b",")
        match = _FRAME_OF_LINE.search(lines, start) if start >= 0 else None
        number = int(match[1]) if match else len(self.frames)
        return self.frames[number] if number < len(self.frames) else None

    def _lines(self, start: int, end: int) -> bytes:
        """Return these bytes of the sources' lines, and keep what follows: the next frames need it."""
        if not self._at <= start <= end <= self._at + len(self._window):
            with self._store.opened(self.name) as file:
                file.seek(self._base + start)
                self._window, self._at = file.read(max(min(end, self._end) - start, _WINDOW)), start
        return self._window[start - self._at : end - self._at]

    def _parsed(self, text: bytes, frame: Frame) -> tuple[list[Entry], list[RecordingError]]:
        entries: list[Entry] = []
        problems: list[RecordingError] = []
        lines = text.split(b"\n")[:-1]
        first = 2 + len(self.frames) + sum(each.sources for each in self.frames[: frame.number])
        for number, line in enumerate(lines):
            try:
                entries.append(_entry(_json.loads(line)))
            except (KeyError, TypeError, ValueError):
                problems.append(self._error(first + number, "this line is broken, so its source is lost"))
        if len(lines) < frame.sources:
            what = f"it breaks off: {frame.sources - len(lines)} sources of frame {frame.number} are missing"
            problems.append(self._error(first + len(lines), what))
        return entries, problems

    def _frame(self, file: IO[bytes], number: int) -> Frame | None:
        """Read the line of the frame of this number; return None if it is broken."""
        value = self._object(file, number + 2)
        try:
            start, size, text, sources = (_count(value[key]) for key in ("start", "size", "text", "sources"))
            before, after = map(_count, value["lines"])
            lines = (before, after)
            return Frame(_count(value["frame"]), start, size, text, sources, lines, str(value["first"]))
        except (KeyError, TypeError, ValueError):
            return None

    def _rebuilt(self, number: int, after: Frame | None) -> Frame:
        """Return a frame whose line is broken: it is what stands between its neighbours."""
        line = number + 2
        if after is None:
            raise self._error(line, "the line of this frame is broken, and so is the next one")
        start, before = self._next()
        between = Frame(number, start, after.start - start, 0, 0, (before, after.lines[0]), "")
        lines = self._lines(*between.lines)
        entries, _ = self._parsed(lines, between)
        if between.size <= 0 or any(entry.frame != number for entry in entries):
            raise self._error(line, "the line of this frame is broken, and those around it do not fit")
        self.problems.append(self._error(line, "this line is broken; its frame is read by those around it"))
        text = max((entry.at + entry.size for entry in entries), default=0)
        first = entries[0].name if entries else ""
        return between._replace(text=text, sources=lines.count(b"\n"), first=first)

    def _append(self, frame: Frame) -> None:
        follows = (len(self.frames), *self._next()) == (frame.number, frame.start, frame.lines[0])
        if not follows or frame.lines[0] > frame.lines[1]:
            raise self._error(len(self.frames) + 2, "this frame does not follow the one before it")
        self.frames.append(frame)

    def _next(self) -> tuple[int, int]:
        """Return where the next frame stands in the pack, and its lines in the index."""
        last = self.frames[-1] if self.frames else None
        return (last.start + last.size, last.lines[1]) if last else (0, 0)

    def _object(self, file: IO[bytes], number: int) -> dict[str, Any]:
        """Return what the next line holds, empty if it is broken. Raise if there is no whole line."""
        line = file.readline(_LONGEST)
        if not line.endswith(b"\n"):
            raise self._error(number, "it breaks off" if len(line) < _LONGEST else "this line is too long")
        try:
            value = _json.loads(line)
        except ValueError:
            return {}
        return value if isinstance(value, dict) else {}

    def _error(self, line: int, what: str) -> RecordingError:
        return RecordingError(f"line {line} of a pack's index: {what}", path=self.name)


def _order(name: str) -> list[tuple[str, str]]:
    """Return a key that sorts names as a folder is listed."""
    return [natural(part) for part in name.split("/")]


def _entry(value: Any) -> Entry:
    frame, at, size, recordings = (_count(value[key]) for key in ("frame", "at", "bytes", "recordings"))
    name, sha256 = value["name"], value["sha256"]
    if not isinstance(name, str) or not isinstance(sha256, str):
        raise ValueError("a name is text")
    return Entry(name, frame, at, size, recordings, sha256)


def _count(value: Any) -> int:
    if type(value) is not int or value < 0:
        raise ValueError(f"{value!r} is no number of bytes or things")
    return value
