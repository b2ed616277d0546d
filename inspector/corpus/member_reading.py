"""Reading a batch of sources: every file in them once, with what there is to say of each.

    read_files(sources, session_reports, "checked")

gives the reports of all recordings. A file that breaks off, or is no recording, keeps nobody from the next.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import IO, Any, Generic, NamedTuple, TypeVar

from inspector import storage
from inspector.corpus.jobs import Counts, Problem
from inspector.corpus.totals import Totals
from inspector.errors import FormatError, RecordingError
from inspector.formats.door import NEVER_NATIVE, importing
from inspector.recording import Line, Reader
from inspector.recording.pieces import Rewindable
from inspector.recording.sniffing import NATIVE, form_of
from inspector.storage import Member, Source, Unread
from inspector.storage.piecewise import buffered, pieces_of

__all__ = [
    "Files",
    "NoRecordingsError",
    "ReadJob",
    "is_something_else",
    "lost_file",
    "members_of",
    "read_file",
    "read_files",
    "reader_of",
]

Item = TypeVar("Item")
_NATIVE = frozenset(form.value for form in NATIVE)


class NoRecordingsError(RecordingError):
    """A file that holds no recordings, and whose name did not promise any."""


@dataclass(slots=True)
class Files(Generic[Item]):
    """What was read of some sources: an item for each recording, and what is wrong with files.

    `unreadable` are those that cannot be read, or not to their end, a problem for each. `notices` are about
    files that were read all the same.
    """

    counts: Counts = field(default_factory=Counts)
    items: list[Item] = field(default_factory=list)
    unreadable: list[Problem] = field(default_factory=list)
    notices: list[Problem] = field(default_factory=list)


def read_files(sources: Sequence[Source], use: Callable[[Reader], Iterable[Item]], done: str) -> Files[Item]:
    """Read every file of the sources, and return what `use` makes of them: an item for each recording.

    `done` is what was done with what stands before the place where a file breaks off.
    """
    files: Files[Item] = Files()
    counts: Counter[str] = Counter()
    used = set()
    for member in members_of(sources):
        what = read_file(member, files, use, done)
        counts[what] += 1
        if what != "of_something_else":
            used.add(member.source.name)
    empty = tuple(at for at, source in enumerate(sources) if source.name not in used)
    files.counts = Counts(len(sources), Totals(**counts, recordings=len(files.items)), empty)
    return files


class ReadJob(NamedTuple, Generic[Item]):
    """The job that reads files, for `use` and `done` of `read_files`. `use` must be picklable."""

    use: Callable[[Reader], Iterable[Item]]
    done: str

    def __call__(self, sources: Sequence[Source]) -> Files[Item]:
        """Read every file of the sources."""
        return read_files(sources, self.use, self.done)

    def lost(self, source: Source, why: str) -> Files[Item]:
        """Return a source that no worker survived as one that cannot be read."""
        return lost_file(source, why)


def lost_file(source: Source, why: str) -> Files[Any]:
    """Return a source that no worker survived as one that cannot be read."""
    error = RecordingError(f"cannot be read: {why}", path=source.name)
    return Files(Counts(1, Totals(unreadable=1)), unreadable=[Problem(source.name, str(error))])


def members_of(sources: Iterable[Source], *, digests: bool = False) -> Iterator[Member | Unread]:
    """Yield what `inspector.storage.read` does; `-` is standard input."""
    for is_stdin, group in groupby(sources, key=lambda source: source.name == "-"):
        if is_stdin:
            yield from (Member(source, sys.stdin.buffer, digests=digests) for source in group)
        else:
            yield from storage.read(group, digests=digests)


def reader_of(member: Member) -> Reader:
    """Return a reader of a file, whatever it holds.

    If the name promises no recordings, and none are in the file, this or reading the first value raises
    `NoRecordingsError`.
    """
    if member.sure:
        return Reader(member.file, member.name, importing)
    file: IO[bytes] = member.file
    if member.name.lower().endswith(NEVER_NATIVE):
        pieces = Rewindable(pieces_of(file, member.name))
        if form_of(pieces) in NATIVE:
            raise NoRecordingsError("holds no recordings", path=member.name)
        file = buffered(pieces.rewound())
    return Reader(file, member.name, _importing_or_nothing)


def read_file(
    member: Member | Unread, files: Files[Any], use: Callable[[Reader], Iterable[Any]], done: str
) -> str:
    """Read one file, add what there is to say of it, and return what became of it: a field of `Totals`."""
    name = member.name
    if isinstance(member, Unread):
        files.unreadable.append(_problem(name, member.error()))
        return "unreadable"
    before = len(files.items)
    reader: Reader | None = None
    try:
        reader = reader_of(member)
        for item in use(reader):
            files.items.append(item)
    except RecordingError as error:
        if not member.sure and is_something_else(error):
            return "of_something_else"
        files.unreadable.append(_problem(name, error))
        files.notices += [Problem(name, f"{name}: {notice}") for notice in (reader.notices if reader else ())]
        return "unreadable"
    if not member.sure and len(files.items) == before:
        return "of_something_else"
    damage = _damage(name, reader, done, files.notices)
    if damage:
        files.unreadable.append(_problem(name, damage))
    return "unreadable" if damage else "read"


def _problem(name: str, error: RecordingError) -> Problem:
    return Problem(name, str(error), error.reason)


def _damage(name: str, reader: Reader, done: str, notices: list[Problem]) -> FormatError | None:
    """Return why a file that was read counts as unreadable, or None; add what else to say of the file.

    A recording whose writer died is one all the same. A file of another tool that breaks off is broken. So is
    compressed data: no recorder writes it piece by piece, so a copy of it was cut.
    """
    notices += [Problem(name, f"{name}: {notice}") for notice in reader.notices]
    if not reader.torn:
        return None
    line = reader.torn[-1]
    cut = reader.cut or ("" if reader.format in _NATIVE else "the file breaks off here")
    if cut:
        return FormatError(f"{cut}; what stands before it is {done}", path=name, line=line)
    notices.append(Problem(name, f"{name}:{line}: the line is torn; what stands before it is {done}"))
    return None


def _importing_or_nothing(pieces: Rewindable, reader: Reader) -> Iterator[tuple[int, Line]]:
    values = importing(pieces, reader)
    if values is None:
        raise NoRecordingsError("holds no recordings", path=reader.name)
    return values


def is_something_else(error: RecordingError) -> bool:
    """Return whether an error says that a file holds nothing of the Messages API."""
    from inspector.formats.importing import NothingToImportError  # only files of other tools raise it

    return isinstance(error, NoRecordingsError | NothingToImportError)
