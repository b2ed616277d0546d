"""Checking a file while it is read: a report for each recording, in memory that does not grow with it."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Protocol

from inspector.checker.checker import Checker
from inspector.checker.findings import Limits, Profile, Report
from inspector.errors import RecordingError
from inspector.recording import End, Head, Line, TimedBlock, Torn

__all__ = ["Lines", "Part", "Watched", "session_reports"]


class Lines(Protocol):
    """What `session_reports` reads: a `Reader`, or what stands around one."""

    @property
    def name(self) -> str | None:
        """The file's name."""

    @property
    def line(self) -> int:
        """The line at which the last value begins."""

    def __iter__(self) -> Iterator[Line]: ...
    def __next__(self) -> Line: ...


class Watched:
    """A reader whose values something else sees, too, while they are read."""

    def __init__(self, reader: Lines) -> None:
        self._reader = reader
        self._values = self._watch()

    @property
    def name(self) -> str | None:
        """The file's name."""
        return self._reader.name

    @property
    def line(self) -> int:
        """The line at which the last value begins."""
        return self._reader.line

    def __iter__(self) -> Iterator[Line]:
        return self._values

    def __next__(self) -> Line:
        return next(self._values)

    def _watch(self) -> Iterator[Line]:
        """Yield every value, after a look at it."""
        raise NotImplementedError


def session_reports(
    reader: Lines,
    *,
    profile: Profile | None = None,
    rules: Collection[str] | None = None,
    limits: Limits | None = None,
) -> Iterator[Report]:
    """Check every recording that a reader yields; yield a report for each.

    `profile` None means the one of the recorded host, `rules` None means all. Message ids are remembered from
    one recording to the next. Raises `RecordingError` when the reader does; the recording that it was in is
    reported first, as far as it was read.
    """
    ids: dict[str, int] = {}
    number = 1
    head: Line | None = next((value for value in reader if isinstance(value, Head)), None)  # one may be torn
    while isinstance(head, Head):
        part = Part(reader)
        checker = Checker(
            head,
            profile=profile,
            rules=rules,
            limits=limits,
            timed=head.timed,
            file=reader.name or "",
            number=number,
            ids=ids,
            cursor=part,
        )
        try:
            checker.feed(part.blocks())
        except RecordingError:
            yield checker.close(part.end, torn=True)
            raise
        yield checker.close(part.end, torn=part.torn)
        number, head = number + 1, part.following


class Part:
    """One recording after its head: `blocks` sets `end`, `torn` and the head that is `following`.

    `line` stays at its last value when the reader is at the next head.
    """

    __slots__ = ("_reader", "end", "following", "line", "torn")

    def __init__(self, reader: Lines) -> None:
        self._reader = reader
        self.line = reader.line
        self.end: End | None = None
        self.torn = False
        self.following: Line | None = None

    def blocks(self) -> Iterator[TimedBlock]:
        """Yield the blocks, up to the next head or the end of the file."""
        reader = self._reader
        for value in reader:
            if isinstance(value, TimedBlock):
                self.line = reader.line
                yield value
                continue
            if isinstance(value, Head):
                self.following = value
                return
            self.line = reader.line
            if isinstance(value, End):
                self.end = value
            elif isinstance(value, Torn):
                self.torn = True
