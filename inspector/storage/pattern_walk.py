"""The files that a pattern matches, in the order of their paths: what `glob` finds, and `sorted` sorts.

`glob` returns all of them at once, says nothing of a folder that may not be read, and goes around a circle
of links until the system stops it. Here a folder is looked at when its turn comes, and `**` enters no folder
that leads to it.

A part of a pattern between two slashes matches one name, and `**` any number of folders, or none. A hidden
name matches only a part that begins with a dot too.
"""

from __future__ import annotations

import fnmatch
import os
import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from inspector.errors import RecordingError
from inspector.storage.kinds import is_pattern

__all__ = ["matching"]

_ANY = "**"


class _Part(NamedTuple):
    """One part of a pattern: a name as it stands, or a test of names."""

    text: str
    matches: Callable[[str], object] | None


def matching(pattern: str) -> Iterator[tuple[str, bool] | RecordingError]:
    """Yield each path that matches, and whether it is a folder; or why a folder cannot be looked at."""
    texts = pattern.split("/")
    first = next(number for number, text in enumerate(texts) if is_pattern(text))
    parts = [_part(text) for text in texts[first:] if text]
    only_folders = not texts[-1]
    walk = _Walk(parts)
    for each in walk.below("".join(f"{text}/" for text in texts[:first]), walk.closed({0}), ()):
        if isinstance(each, RecordingError) or each[1] or not only_folders:
            yield each


def _part(text: str) -> _Part:
    if not is_pattern(text):
        return _Part(text, None)
    return _Part(text, re.compile(fnmatch.translate(text)).match)


class _Walk:
    """A walk with the numbers of the parts that the next name may match."""

    def __init__(self, parts: list[_Part]) -> None:
        self._parts = parts
        self._end = len(parts)

    def closed(self, numbers: set[int]) -> set[int]:
        """Add the parts behind each `**`, which may stand for no folder."""
        for number in range(self._end):
            if number in numbers and self._parts[number].text == _ANY:
                numbers.add(number + 1)
        return numbers

    def below(
        self, folder: str, numbers: set[int], above: tuple[tuple[int, int], ...]
    ) -> Iterator[tuple[str, bool] | RecordingError]:
        """Yield what matches below a folder. `folder` ends in a slash, or is empty; `above` leads to it."""
        try:
            status = os.stat(folder or ".")  # noqa: PTH116
            identity = (status.st_dev, status.st_ino)
            if identity in above and any(self._parts[each].text == _ANY for each in numbers - {self._end}):
                return
            names = self._names(folder, numbers)
        except (FileNotFoundError, NotADirectoryError):
            return
        except OSError as error:
            yield RecordingError(f"cannot be read: {error.strerror}", path=folder or ".")
            return
        # What is in a folder sorts as if a slash stood behind the folder's name.
        turns = sorted([*names, *(f"{name}/" for name, is_folder in names.items() if is_folder)])
        for turn in turns:
            name = turn.rstrip("/")
            matched = self._matched(name, numbers)
            following = self._following(matched)
            if turn != name:
                if following - {self._end}:
                    yield from self.below(folder + turn, following, (*above, identity))
            # `a/**` matches the folder a, and no file of this name.
            elif self._end in following if names[name] else self._end - 1 in matched:
                yield folder + name, names[name]

    def _names(self, folder: str, numbers: set[int]) -> dict[str, bool]:
        """Return the names that may match, and whether each is a folder. Without wildcards, list nothing."""
        parts = [self._parts[number] for number in numbers - {self._end}]
        names: dict[str, bool] = {}
        if any(part.matches for part in parts):
            with os.scandir(folder or ".") as entries:
                names = {
                    entry.name: _is_folder(entry) for entry in entries if self._matched(entry.name, numbers)
                }
        for part in parts:
            if not part.matches and os.path.lexists(folder + part.text):
                names[part.text] = os.path.isdir(folder + part.text)  # noqa: PTH112
        return names

    def _matched(self, name: str, numbers: set[int]) -> set[int]:
        """Return which of the parts match a name."""
        matched = set()
        for number in numbers - {self._end}:
            part = self._parts[number]
            hidden = name.startswith(".") and not part.text.startswith(".")
            if part.text == name if part.matches is None else not hidden and part.matches(name):
                matched.add(number)
        return matched

    def _following(self, matched: set[int]) -> set[int]:
        """Return the parts that what stands below may match, after these; the end if nothing more must."""
        parts = self._parts
        return self.closed({number if parts[number].text == _ANY else number + 1 for number in matched})


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False
