"""The sources that the arguments of a command mean, listed while they are read."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path

from inspector.errors import RecordingError
from inspector.recording import waiting_notices
from inspector.recording.paths import waiting_folder
from inspector.storage import Source, listed, without_recordings
from inspector.storage.kinds import is_url

__all__ = ["Listing"]


@dataclass(slots=True)
class _Argument:
    """An argument, and whether it has recordings: a source's name promises some, or the contents decide."""

    name: str
    first: int
    count: int = 0
    empty: int = 0
    is_sure: bool = False


class Listing:
    """Iterate the sources of all arguments, once. Nothing is held but what is wrong.

    `count` is the number of sources so far, and `complete` says that there are no more. `skipped` are those
    that were left out because they are not `wanted`.
    """

    def __init__(
        self,
        arguments: Sequence[str],
        *,
        absolute: bool = False,
        wanted: Callable[[Source], bool] = lambda source: True,
    ) -> None:
        self.arguments = [_absolute(each) for each in arguments] if absolute else list(arguments)
        self.count = self.skipped = 0
        self._wanted = wanted
        self.complete = False
        self._errors: list[RecordingError] = []
        self._doubtful: list[_Argument] = []
        self._waited_for: list[str] = []
        self._sources = self._list()

    def __iter__(self) -> Iterator[Source]:
        return self._sources

    def peek(self, count: int) -> list[Source]:
        """Return the first sources, at most `count`, and leave them to be iterated."""
        first = list(islice(self._sources, count))
        self._sources = chain(first, self._sources)
        return first

    def note_empty(self, positions: Iterable[int]) -> None:
        """Take note of sources that hold nothing but something else. Positions count from 0."""
        for at in positions:
            for argument in self._doubtful:
                if argument.first <= at < argument.first + argument.count:
                    argument.empty += 1

    def errors(self) -> list[RecordingError]:
        """Return what could not be listed, and for each argument without recordings what it holds instead."""
        empty = [each.name for each in self._doubtful if not each.is_sure and each.count == each.empty]
        return [*self._errors, *map(without_recordings, empty)]

    def notices(self) -> Iterator[str]:
        """Yield a message for each file that recordings wait for, unless those are read too."""
        return waiting_notices(self._waited_for)

    def _list(self) -> Iterator[Source]:
        for argument in self.arguments:
            if argument == "-":
                if self._wanted(stdin := Source("-")):
                    yield self._counted(stdin)
                continue
            doubtful = _Argument(argument, self.count)
            self._doubtful.append(doubtful)
            # Of a folder everything is read, also what waits for one of its files.
            may_wait = not is_url(argument) and not Path(argument).is_dir()
            for source in listed(argument):
                if isinstance(source, RecordingError):
                    self._errors.append(source)
                    doubtful.is_sure = True
                    continue
                if not self._wanted(source):
                    self.skipped += 1
                    doubtful.is_sure = True
                    continue
                doubtful.is_sure |= source.sure
                doubtful.count += 1
                name = source.name
                if ".waiting" in name or (may_wait and waiting_folder(Path(name)).is_dir()):
                    self._waited_for.append(name)
                yield self._counted(source)
            if doubtful.is_sure:
                self._doubtful.remove(doubtful)
        self.complete = True

    def _counted(self, source: Source) -> Source:
        self.count += 1
        return source


def _absolute(argument: str) -> str:
    return argument if argument == "-" or is_url(argument) else os.path.abspath(argument)  # noqa: PTH100
