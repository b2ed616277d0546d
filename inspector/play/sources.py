"""Recordings to play from: files, folders, sessions, or recordings in memory."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from pathlib import Path

from inspector.recording import (
    End,
    Head,
    Recording,
    TimedBlock,
    holds_several,
    load_all,
    opened,
    recording_paths,
)

__all__ = ["Source", "sources"]

_STREAMED_FROM = 1024 * 1024  # bytes from which on a file with one recording is read as it is played


class Source:
    """A recording that can be played any number of times: its head at hand, its blocks read when played."""

    def __init__(
        self,
        name: str,
        head: Head,
        open_blocks: Callable[[], Iterator[TimedBlock | End]],
        others: Callable[[], list[Source]] = list,
    ) -> None:
        self.name = name
        self.head = head
        self._open = open_blocks
        self.others = others
        """Looks for what follows it in its file, where that has not been looked for yet."""

    def play(self) -> Iterator[TimedBlock | End]:
        """Yield the recording's blocks, and its end if it has one."""
        return self._open()

    def recording(self) -> Recording:
        """Read the recording whole."""
        played = list(self.play())
        end = played.pop() if played and isinstance(played[-1], End) else None
        blocks = tuple(item for item in played if isinstance(item, TimedBlock))
        return Recording(self.head, blocks, end if isinstance(end, End) else None, source=self.name)

    @classmethod
    def of(cls, recording: Recording, name: str | None = None) -> Source:
        """A source for a recording in memory."""

        def blocks() -> Iterator[TimedBlock | End]:
            return chain(recording.blocks, (recording.end,) if recording.end else ())

        return cls(name or recording.source or "a recording in memory", recording.head, blocks)


def sources(
    recordings: Iterable[str | os.PathLike[str] | Recording], *, lazily: bool = False
) -> Iterator[Source]:
    """Yield a source for every recording that is meant; a large file is not read before it is played.

    Whether a large file holds more than one takes a look at all of it. `lazily` leaves that to `others`.
    """
    for item in recordings:
        if isinstance(item, Recording):
            yield Source.of(item)
            continue
        for name in recording_paths([item]):
            path = Path(name)
            if path.is_file() and path.stat().st_size >= _STREAMED_FROM:
                first = _streamed(path)
                yield first
                if not lazily:
                    yield from first.others()
            else:
                several = load_all(name)
                for number, recording in enumerate(several, 1):
                    yield Source.of(recording, f"{name}#{number}" if len(several) > 1 else name)


def _streamed(path: Path) -> Source:
    """The first recording of a large file, of which only the head is read now."""

    def blocks() -> Iterator[TimedBlock | End]:
        with opened(path) as reader:
            next(reader)
            for value in reader:
                if isinstance(value, Head):
                    return
                if isinstance(value, TimedBlock | End):
                    yield value

    def others() -> list[Source]:
        several = load_all(path)[1:] if holds_several(path) else []
        return [Source.of(each, f"{path}#{number}") for number, each in enumerate(several, 2)]

    with opened(path) as reader:
        head = next(reader)
    assert isinstance(head, Head)
    return Source(str(path), head, blocks, others)
