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
from inspector.storage import Source, is_there, listed, without_recordings
from inspector.storage.kinds import is_url

__all__ = ["Listing"]


@dataclass(slots=True)
class _Argument:
    """An argument, and whether it has recordings: a source's name promises some, or the contents decide.

    Nobody knows that it has none before it is listed to its end.
    """

    name: str
    first: int
    count: int = 0
    empty: int = 0
    is_sure: bool = False
    is_listed: bool = False

    @property
    def is_empty(self) -> bool:
        return self.is_listed and not self.is_sure and self.count == self.empty

    def is_missing(self, source: Source | RecordingError) -> bool:
        """Whether this says that the argument is not there, or that it could not be listed to its end."""
        if isinstance(source, RecordingError):
            return is_url(self.name) or Path(source.path or self.name) == Path(self.name)
        is_named = source.name == self.name and source.size is None and not is_url(self.name)
        return is_named and not is_there(self.name)


class Listing:
    """Iterate the sources of all arguments, once. Nothing is held but what is wrong.

    `count` is the number of sources so far, and `complete` says that there are no more. Those that are not
    `wanted` are left out.
    """

    def __init__(
        self,
        arguments: Sequence[str],
        *,
        absolute: bool = False,
        wanted: Callable[[Source], bool] = lambda source: True,
    ) -> None:
        self.arguments = [_absolute(each) for each in arguments] if absolute else list(arguments)
        self.count = 0
        self._wanted = wanted
        self.complete = False
        self._missing = False
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
        return [*self._errors, *map(without_recordings, self._empty())]

    @property
    def all_found(self) -> bool:
        """Whether each argument was there, could be listed to its end, and has recordings."""
        return self.complete and not self._missing and not self._empty()

    def _empty(self) -> list[str]:
        return [each.name for each in self._doubtful if each.is_empty]

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
                self._missing |= doubtful.is_missing(source)
                if isinstance(source, RecordingError):
                    self._errors.append(source)
                    doubtful.is_sure = True
                    continue
                if not self._wanted(source):
                    doubtful.is_sure = True
                    continue
                doubtful.is_sure |= source.sure
                doubtful.count += 1
                name = source.name
                if ".waiting" in name or (may_wait and waiting_folder(Path(name)).is_dir()):
                    self._waited_for.append(name)
                yield self._counted(source)
            doubtful.is_listed = True
            if doubtful.is_sure:
                self._doubtful.remove(doubtful)
        self.complete = True

    def _counted(self, source: Source) -> Source:
        self.count += 1
        return source


def _absolute(argument: str) -> str:
    return argument if argument == "-" or is_url(argument) else os.path.abspath(argument)  # noqa: PTH100
