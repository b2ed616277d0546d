"""Recordings to play from: files, folders, sessions, or recordings in memory."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from inspector.recording import (
    End,
    Head,
    Recording,
    TimedBlock,
    chunks,
    load_all,
    opened,
    read,
    recordings_in,
)

__all__ = ["Playback", "Source", "loaded", "sources"]

_STREAMED_FROM = 1024 * 1024
"""The size in bytes from which on a file is read while it is played."""


class Playback:
    """One play of a recording: its blocks or, by iterating, its chunks; each once, in order."""

    def __init__(self, blocks: Iterable[TimedBlock], ends: Sequence[End]) -> None:
        self.blocks = blocks
        self._ends = ends  # filled while the blocks are read from a file

    def __iter__(self) -> Iterator[tuple[float, bytes]]:
        """Yield (time, bytes) for every recorded read."""
        return chunks(self.blocks)

    @property
    def end(self) -> End | None:
        """The recorded end, known after the last block; None if the recording has none."""
        return self._ends[-1] if self._ends else None


class Source:
    """A recording to play any number of times. Its head is at hand, its blocks may be in a file."""

    def __init__(
        self,
        name: str,
        head: Head,
        play: Callable[[], Playback],
        others: Callable[[], list[Source]] = list,
    ) -> None:
        self.name = name
        self.head = head
        self.play = play
        """Begin a play."""
        self.others = others
        """Return the recordings that follow in the same large file, which is read whole for that."""

    def recording(self) -> Recording:
        """Read the recording whole. Raises `RecordingError` for a file that is broken or gone."""
        playback = self.play()
        blocks = tuple(playback.blocks)
        return Recording(self.head, blocks, playback.end, source=self.name)

    @classmethod
    def of(cls, recording: Recording, name: str | None = None) -> Source:
        """Return a source for a recording in memory."""
        ends = (recording.end,) if recording.end else ()
        return cls(
            name or recording.source or "a recording in memory",
            recording.head,
            lambda: Playback(recording.blocks, ends),
        )


def sources(recordings: Iterable[str | os.PathLike[str] | Recording]) -> Iterator[Source]:
    """Yield a source for every recording that is meant, but of a large file only for its first.

    Reading a large file takes time: what else it holds is in `Source.others`. Raises `RecordingError` for a
    path that is no recording.
    """
    for item in recordings:
        if isinstance(item, Recording):
            yield Source.of(item)
            continue
        path = Path(item)
        if path.is_dir():
            yield from sources(recordings_in(path))
        elif path.is_file() and path.stat().st_size >= _STREAMED_FROM:
            yield _streamed(path)
        else:
            several = load_all(item)
            for number, recording in enumerate(several, 1):
                yield Source.of(recording, f"{item}#{number}" if len(several) > 1 else str(item))


def loaded(recordings: Iterable[str | os.PathLike[str] | Recording]) -> list[Recording]:
    """Read every recording that is meant, whole. Raises `RecordingError` for a path that is no recording."""
    return [each.recording() for source in sources(recordings) for each in (source, *source.others())]


def _streamed(path: Path) -> Source:
    """Return the first recording of a large file, of which only the head is read now."""

    def play() -> Playback:
        ends: list[End] = []
        return Playback(_blocks(path, ends), ends)

    def others() -> list[Source]:
        several = load_all(path)[1:] if _holds_several(path) else []
        return [Source.of(each, f"{path}#{number}") for number, each in enumerate(several, 2)]

    with opened(path) as (file, name):
        head = next(read(file, name))
    assert isinstance(head, Head)
    return Source(str(path), head, play, others)


def _blocks(path: Path, ends: list[End]) -> Iterator[TimedBlock]:
    with opened(path) as (file, name):
        lines = read(file, name)
        next(lines)
        for line in lines:
            if isinstance(line, TimedBlock):
                yield line
            elif isinstance(line, End):
                ends.append(line)
            elif isinstance(line, Head):
                return


def _holds_several(path: Path) -> bool:
    """Look for a second head as bytes. That is quick, and a false alarm costs only time."""
    with opened(path) as (file, _):
        file.readline()
        before = b""
        while piece := file.read(1 << 20):
            if b'\n{"recording"' in before + piece:
                return True
            before = piece[-16:]
    return False
