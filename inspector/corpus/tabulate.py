"""Reading sources into tables: the job that runs in a worker, one pass over each file.

Nothing is lost: a file that cannot be read is a row of `responses` with the reason in `error`, after the rows
of the recordings that stand before the place where reading failed.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from inspector._version import __version__
from inspector.checker import Limits, Profile, Report
from inspector.corpus.arrow_tables import record_batch
from inspector.corpus.table_columns import COLUMNS, SCHEMA_VERSION
from inspector.errors import RecordingError
from inspector.formats.door import importing
from inspector.formats.importing import NothingToImportError
from inspector.recording import Line, Reader
from inspector.recording.pieces import Rewindable
from inspector.recording.sniffing import NATIVE
from inspector.storage import Member, Source, Unread, read
from inspector.views.event_rows import EventRows
from inspector.views.response_rows import ResponseRow, response_rows

__all__ = ["Tables", "Tabulate", "source_key"]

_FORMATS = frozenset(form.value for form in NATIVE)
_AT = tuple(COLUMNS["responses"]).index("at")  # the columns before it are of the file


class Tables(NamedTuple):
    """Arrow record batches of some sources, and what people should know of them; `events` may be None."""

    sources: Any
    responses: Any
    findings: Any
    events: Any
    notices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Tabulate:
    """Read sources into tables. `profile`, `rules` and `limits` are those of `inspector.check`.

    `events` makes the table of events too.
    """

    profile: Profile | None = None
    rules: Collection[str] | None = None
    limits: Limits | None = None
    events: bool = False

    def __call__(self, sources: Sequence[Source]) -> Tables:
        """Read sources, each once and to its end."""
        return self.of(sources, read(sources, digests=True))

    def settings(self) -> str:
        """Return, in JSON, what decides which rows are made: two runs with the same make the same."""
        rules = None if self.rules is None else sorted(self.rules)
        values = {
            "inspector": __version__,
            "schema": SCHEMA_VERSION,
            "profile": self.profile,
            "rules": rules,
            "limits": (self.limits or Limits())._asdict(),
            "events": self.events,
        }
        return json.dumps(values)

    def of(self, sources: Sequence[Source], members: Iterable[Member | Unread]) -> Tables:
        """Return the tables of sources whose members are these, in order; they have digests."""
        made = _Rows(self, sources)
        for each in members:
            made.take(each)
        return made.tables()

    def lost(self, source: Source, why: str) -> Tables:
        """Return the tables of a source that could not be read, because no worker survived it."""
        return self.of([source], [Unread(source, source.name, why)])


def source_key(source: Source) -> bytes:
    """Return what tells a source from every other: a digest of its name and of the frames that it means."""
    text = f"{source.name}\0{source.frames}".encode("utf-8", "surrogateescape")
    return hashlib.blake2b(text, digest_size=16).digest()


@dataclass(slots=True)
class _Count:
    """What became of the files of one source, and how many rows each table has of it."""

    complete: bool = True
    read: int = 0
    unreadable: int = 0
    of_something_else: int = 0
    recordings: int = 0
    responses: int = 0
    findings: int = 0
    events: int = 0


class _Rows:
    """The rows of some sources while their members are read, in order."""

    def __init__(self, job: Tabulate, sources: Sequence[Source]) -> None:
        self._job = job
        self._sources = sources
        self._counts = [_Count() for _ in sources]
        self._places = {id(source): place for place, source in enumerate(sources)}
        self._responses: list[Sequence[Any]] = []
        self._findings: list[Sequence[Any]] = []
        self._events: list[Sequence[Any]] = []
        self._notices: list[str] = []

    def take(self, each: Member | Unread) -> None:
        """Take the next member."""
        place = self._places.get(id(each.source))
        count = self._counts[self._sources.index(each.source) if place is None else place]
        before = len(self._responses), len(self._findings), len(self._events)
        if isinstance(each, Unread):
            count.complete = False
            count.unreadable += 1
            self._add([], each.name, (None, each.source.size, each.source.modified), each.message)
        else:
            self._read(each, count)
        count.responses += len(self._responses) - before[0]
        count.findings += len(self._findings) - before[1]
        count.events += len(self._events) - before[2]

    def _read(self, member: Member, count: _Count) -> None:
        job, events, rows, error = self._job, EventRows() if self._job.events else None, [], None
        reader = Reader(member.file, member.name, importing if member.sure else _only_recordings)
        try:
            for row, report in response_rows(
                reader,
                profile=job.profile,
                rules=job.rules,
                limits=job.limits,
                seen=events.take if events else None,
            ):
                rows.append(row)
                self._findings += _findings_of(report)
            if reader.torn and reader.format not in _FORMATS:
                error = f"line {reader.torn[-1]}: the file breaks off here"
        except NothingToImportError as problem:
            if not member.sure:
                count.of_something_else += 1
                return
            error = problem.reason
        except RecordingError as problem:
            error = problem.reason
        digest = None
        with contextlib.suppress(RecordingError, OSError):
            digest = member.digest()
        if events:
            self._events += ((member.name, *event) for event in events.rows)
        self._notices += (f"{member.name}: {notice}" for notice in reader.notices)
        self._add(rows, member.name, (digest, member.size, member.modified), error)
        count.complete = count.complete and digest is not None
        count.recordings += len(rows)
        count.read += error is None
        count.unreadable += error is not None

    def _add(self, rows: list[ResponseRow], name: str, file: tuple[Any, ...], error: str | None) -> None:
        """Add the rows of a file. The last has the error: reading failed there, or before any recording."""
        sha256, size, modified = file
        facts = sha256, size, None if modified is None else round(modified * 1_000_000)
        for row in rows:
            last = error if row is rows[-1] else None
            self._responses.append((*row[:2], *facts, *row[2:], __version__, last))
        if not rows:
            nothing = (None,) * (len(COLUMNS["responses"]) - _AT - 2)
            self._responses.append((name, None, *facts, *nothing, __version__, error))

    def tables(self) -> Tables:
        """Return all rows as tables."""
        return Tables(
            record_batch("sources", [*map(_ledger_row, self._sources, self._counts)]),
            record_batch("responses", self._responses),
            record_batch("findings", self._findings),
            record_batch("events", self._events) if self._job.events else None,
            tuple(self._notices),
        )


def _only_recordings(pieces: Rewindable, reader: Reader) -> Iterator[tuple[int, Line]] | None:
    """Import a file whose name does not promise recordings."""
    values = importing(pieces, reader)
    if values is None:
        raise NothingToImportError("not a recording, and no format that is known", path=reader.name)
    return values


def _findings_of(report: Report) -> Iterable[tuple[Any, ...]]:
    for each in report.findings:
        place = (each.event, each.offset, each.t, each.block)
        yield report.file, report.number, each.rule, each.severity.value, *place, each.message, each.more


def _ledger_row(source: Source, count: _Count) -> tuple[Any, ...]:
    modified = None if source.modified is None else round(source.modified * 1_000_000)
    return (
        source.name,
        source_key(source),
        source.size,
        modified,
        count.complete,
        count.read,
        count.unreadable,
        count.of_something_else,
        count.recordings,
        count.responses,
        count.findings,
        count.events,
    )
