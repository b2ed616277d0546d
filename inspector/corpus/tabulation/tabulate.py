"""Reading sources into tables: the job that runs in a worker, one pass over each file.

Nothing is lost: a file that cannot be read is a row of `responses` with the reason in `error`. If recordings
stand before the place where reading failed, the last of them has it.
"""

from __future__ import annotations

import functools
import hashlib
import json
import struct
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from inspector._version import __version__
from inspector.checker import Limits, Profile, Report, Severity
from inspector.corpus.jobs import Counts, Problem
from inspector.corpus.member_reading import Files, members_of, read_file
from inspector.corpus.tabulation.arrow_tables import arrow, record_batch
from inspector.corpus.tabulation.table_columns import COLUMNS, SCHEMA_VERSION
from inspector.corpus.totals import Totals
from inspector.errors import RecordingError
from inspector.recording import Reader
from inspector.storage import Member, Source, Unread
from inspector.views.event_rows import EventRows
from inspector.views.response_rows import ResponseRow, response_rows

__all__ = ["NAME_KEY", "Tables", "Tabulate", "failing_in", "source_key"]

NAME_KEY = 16
"""The bytes of a source's key that stand for its name. The parts of one pack share them."""

_DONE = "in the tables"
_NOTHING_ELSE = (None,) * (len(COLUMNS["responses"]) - 7)  # a row without a recording


class Tables(NamedTuple):
    """Arrow record batches of some sources, and what there is to say of the files in them.

    `events` is None unless the job makes it.
    """

    sources: Any
    responses: Any
    findings: Any
    events: Any
    counts: Counts = Counts()
    unreadable: tuple[Problem, ...] = ()
    notices: tuple[Problem, ...] = ()


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
        return self.of(sources, members_of(sources, digests=True))

    def lost(self, source: Source, why: str) -> Tables:
        """Return the tables of a source that could not be read, because no worker survived it."""
        return self.of([source], [Unread(source, source.name, f"cannot be read: {why}")])

    def unread(self, error: RecordingError) -> Tables:
        """Return the tables of what could not be listed: a folder without permission, a missing bucket."""
        source = Source(error.path or "")
        return self.of([source], [Unread(source, source.name, error.reason)])

    def of(self, sources: Sequence[Source], members: Iterable[Member | Unread]) -> Tables:
        """Return the tables of sources whose members are these, in order; they have digests."""
        made = _Making(self, sources)
        for each in members:
            made.take(each)
        return made.tables()

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


def failing_in(responses: Any) -> Counter[Severity]:
    """Return how many rows of `responses` have findings of each severity, or of a worse one."""
    compute = arrow().compute
    errors, warnings = (compute.fill_null(responses[name], 0) for name in ("errors", "warnings"))
    either = compute.add(errors, warnings)
    counts = (compute.sum(compute.greater(each, 0)).as_py() or 0 for each in (errors, either))
    return Counter(dict(zip((Severity.ERROR, Severity.WARNING), counts, strict=True)))


def source_key(source: Source) -> bytes:
    """Return what tells a source from every other: a digest of its name, and the frames of a pack."""
    name = source.name.encode("utf-8", "surrogateescape")
    frames = struct.pack(">QQ", *source.frames) if source.frames else b""
    return hashlib.blake2b(name, digest_size=NAME_KEY).digest() + frames


@dataclass(slots=True)
class _Count:
    """What became of one source, and how many rows each table has of it."""

    source: Source
    complete: bool = True
    files: Counter[str] = field(default_factory=Counter)
    recordings: int = 0
    rows: Counter[str] = field(default_factory=Counter)
    names: Counter[str] = field(default_factory=Counter)

    def name_of(self, member: Member | Unread) -> str:
        """Return the name of a member, once: an archive may hold several files of one name."""
        self.names[member.name] += member.name != self.source.name
        number = self.names[member.name]
        # No member that is read has such a name: it ends in no ending of recordings.
        return f"{member.name}~{number}" if number > 1 else member.name


class _Making:
    """The tables of some sources while their members are read, in order."""

    def __init__(self, job: Tabulate, sources: Sequence[Source]) -> None:
        self._job = job
        self._counts = [_Count(source) for source in sources]
        self._of = {id(count.source): count for count in self._counts}
        self._rows: dict[str, list[Sequence[Any]]] = {"responses": [], "findings": [], "events": []}
        self._unreadable: list[Problem] = []
        self._notices: list[Problem] = []

    def take(self, member: Member | Unread) -> None:
        """Read the next member."""
        count = self._of.get(id(member.source))
        if count is None:  # it came as a copy
            count = next(each for each in self._counts if each.source == member.source)
        before = {table: len(rows) for table, rows in self._rows.items()}
        self._read(member, count)
        count.rows.update({table: len(rows) - before[table] for table, rows in self._rows.items()})

    def _read(self, member: Member | Unread, count: _Count) -> None:
        files: Files[tuple[ResponseRow, Report]] = Files()
        events = EventRows() if self._job.events else None
        what = read_file(member, files, functools.partial(self._read_rows, events=events), _DONE)
        count.files[what] += 1
        count.recordings += len(files.items)
        self._unreadable += files.unreadable
        self._notices += files.notices
        if what == "of_something_else":
            return
        digest = None if isinstance(member, Unread) else _digest(member)
        whole = member.settled if isinstance(member, Unread) else digest is not None and member.name != "-"
        count.complete = count.complete and whole
        file = (digest, *_size_and_time(count.source if isinstance(member, Unread) else member))
        errors = [problem.reason for problem in files.unreadable]
        name = count.name_of(member)
        self._rows["responses"] += _response_rows(name, file, files.items, errors)
        for _, report in files.items:
            self._rows["findings"] += _finding_rows(name, report)
        if events:
            self._rows["events"] += ((name, *event) for event in events.rows)

    def _read_rows(self, reader: Reader, events: EventRows | None) -> Iterator[tuple[ResponseRow, Report]]:
        job, seen = self._job, events.take if events else None
        return response_rows(reader, profile=job.profile, rules=job.rules, limits=job.limits, seen=seen)

    def tables(self) -> Tables:
        """Return what was read."""
        files = sum((count.files for count in self._counts), Counter())
        recordings = sum(count.recordings for count in self._counts)
        has_none = {"of_something_else"}
        empty = tuple(at for at, count in enumerate(self._counts) if count.files.keys() <= has_none)
        return Tables(
            record_batch("sources", [*map(_source_row, self._counts)]),
            record_batch("responses", self._rows["responses"]),
            record_batch("findings", self._rows["findings"]),
            record_batch("events", self._rows["events"]) if self._job.events else None,
            Counts(len(self._counts), Totals(**files, recordings=recordings), empty),
            tuple(self._unreadable),
            tuple(self._notices),
        )


def _digest(member: Member) -> str | None:
    """Return the SHA-256 of a file; None if it cannot be read to its end."""
    try:
        return member.digest()
    except (OSError, RecordingError):
        return None


def _size_and_time(of: Source | Member) -> tuple[int | None, int | None]:
    return of.size, None if of.modified is None else round(of.modified * 1_000_000)


def _response_rows(
    name: str, file: tuple[Any, ...], items: Sequence[tuple[ResponseRow, Report]], errors: Sequence[str]
) -> Iterator[Sequence[Any]]:
    error = errors[0] if errors else None
    for row, _ in items:
        yield name, row.number, *file, *row[2:], __version__, error if row is items[-1][0] else None
    if not items:
        yield name, None, *file, *_NOTHING_ELSE, __version__, error


def _finding_rows(name: str, report: Report) -> Iterator[Sequence[Any]]:
    for each in report.findings:
        place = (each.event, each.offset, each.t, each.block)
        yield name, report.number, each.rule, each.severity.value, *place, each.message, each.more


def _source_row(count: _Count) -> Sequence[Any]:
    source, files, rows = count.source, count.files, count.rows
    return (
        source.name,
        source_key(source),
        *_size_and_time(source),
        count.complete,
        *(files[what] for what in ("read", "unreadable", "of_something_else")),
        count.recordings,
        *(rows[table] for table in ("responses", "findings", "events")),
    )
