"""Recordings to play from: files, folders, sessions, or recordings in memory."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from inspector.errors import RecordingWarning
from inspector.formats import has_native_form, holds_several, load_all, opened, recording_paths
from inspector.play.headers import played_headers
from inspector.recording import End, Ending, Head, Reader, Recording, TimedBlock, chunks, waiting_notices
from inspector.recording.bundled import path_or_bundled

__all__ = ["UNNAMED", "Playback", "Source", "loaded", "sources", "split_turn"]

UNNAMED = "a recording in memory"
"""What a source without a file is called."""

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
        self._size: tuple[int, bool] | None = None
        self.others = others
        """Return the recordings that follow in the same large file, which is read whole for that."""

    def headers(self) -> list[tuple[bytes, bytes]]:
        """Return the header fields of the response that every client gets. There must be a response.

        Raises `RecordingError` for a file that is broken or gone.
        """
        response, bodiless = self.head.response, self.head.request.method == "HEAD"
        assert response is not None
        if "content-length" not in response.headers or bodiless or response.status == 304:
            return played_headers(response)
        if self._size is None:  # the body may be in a file, which is read for this
            playback = self.play()
            size = sum(len(block.raw_bytes) for block in playback.blocks)
            self._size = (size, playback.end is not None and playback.end.how is Ending.COMPLETE)
        size, whole = self._size
        return played_headers(response, size, whole=whole)

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
            name or recording.source or UNNAMED,
            recording.head,
            lambda: Playback(recording.blocks, ends),
        )


def sources(recordings: Iterable[str | os.PathLike[str] | Recording]) -> Iterator[Source]:
    """Yield a source for every recording that is meant, but of a large file only for its first.

    The name of a bundled recording means it, if no file has that name. Reading a large file takes time: what
    else it holds is in `Source.others`. Raises `RecordingError` for a path that is no recording.
    """
    for item in recordings:
        if isinstance(item, Recording):
            yield Source.of(item)
            continue
        for name in recording_paths([path_or_bundled(item)]):
            path = Path(name)
            large = path.is_file() and path.stat().st_size >= _STREAMED_FROM
            if large and has_native_form(path):
                for notice in waiting_notices([name]):
                    warnings.warn(notice, RecordingWarning, stacklevel=2)
                yield _streamed(path)
            else:
                several = load_all(name)
                for number, recording in enumerate(several, 1):
                    yield Source.of(recording, f"{name}#{number}" if len(several) > 1 else name)


def split_turn(name: str) -> tuple[str, str]:
    """Split a source's name into its file and its number in a session: `a.jsonl#2` is `a.jsonl` and `2`."""
    file, mark, number = name.rpartition("#")
    return (file, number) if mark and number.isdigit() else (name, "")


def loaded(recordings: Iterable[str | os.PathLike[str] | Recording]) -> list[Recording]:
    """Read every recording that is meant, whole. Raises `RecordingError` for a path that is no recording."""
    return [each.recording() for source in sources(recordings) for each in (source, *source.others())]


def _streamed(path: Path) -> Source:
    """Return the first recording of a large file, of which only the head is read now."""

    def play() -> Playback:
        ends: list[End] = []
        return Playback(_blocks(path, ends), ends)

    def others() -> list[Source]:
        several = load_all(path)[1:] if holds_several(path) else []
        return [Source.of(each, f"{path}#{number}") for number, each in enumerate(several, 2)]

    with opened(path) as reader:
        head = _head(reader)
    return Source(str(path), head, play, others)


def _head(reader: Reader) -> Head:
    """Read up to the first head, which may come after one that is torn."""
    return next(value for value in reader if isinstance(value, Head))


def _blocks(path: Path, ends: list[End]) -> Iterator[TimedBlock]:
    with opened(path) as reader:
        _head(reader)
        for value in reader:
            if isinstance(value, TimedBlock):
                yield value
            elif isinstance(value, End):
                ends.append(value)
            elif isinstance(value, Head):
                return
