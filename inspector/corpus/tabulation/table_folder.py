"""A folder of tables: what `-o DIR` writes, and what `--resume` goes on with.

Each source has its rows exactly once, however often a run is interrupted. A part that is committed stays as
it is. If some of its rows must go, since their source has changed or could not be read, the others become a
new part, which says which part it `replaces`. To commit the new part makes the old one void; then that is
removed. The sources whose rows went are in no part until they are read again: no interruption loses them.
"""

from __future__ import annotations

import contextlib
import json
import os
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import NamedTuple

from inspector.checker import Severity
from inspector.corpus.tabulation.arrow_tables import arrow
from inspector.corpus.tabulation.folder_lock import FolderLock
from inspector.corpus.tabulation.table_parts import (
    LEDGER,
    PartWriter,
    about,
    committed,
    remove,
    remove_others,
    rows_of,
    without,
)
from inspector.corpus.tabulation.tabulate import NAME_KEY, Tables, Tabulate, failing_in, source_key
from inspector.corpus.totals import Totals
from inspector.errors import RecordingError, UsageError
from inspector.storage import Source

__all__ = ["TableFolder"]

_PART = 32 * 1024 * 1024  # bytes in memory, after which a part is committed: some 80,000 responses
_INTERVAL = 15.0  # seconds after which a part is committed that is smaller, so that little is lost with a run
_SETTINGS, _REPLACES = "inspector.settings", "inspector.replaces"


class _Known(NamedTuple):
    """A source of which a committed part has rows; `complete` if it need not be read again."""

    part: int
    size: int | None
    modified: int | None
    complete: bool


class TableFolder:
    """The tables that `job` makes, in a folder that no other run writes to meanwhile. A context manager.

    `resume` goes on with the tables that are there, `overwrite` removes them. Raises `UsageError` if there
    are some and neither is set, or if they were made with other settings, and `RecordingError` if the folder
    cannot be written or another run holds it. `clock` tells the seconds that pass. Leaving it commits what
    came so far, also after an error; only if writing failed, the part that was being written is lost, and
    `resume` reads its sources again.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        job: Tabulate,
        *,
        resume: bool = False,
        overwrite: bool = False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        arrow()
        self.skipped = 0
        """How many sources an earlier run has read, as far as `wants` was called."""
        self._path = Path(path)
        self._tables = ("responses", "findings", *(["events"] if job.events else []))
        self._job, self._settings = job, job.settings()
        self._resume, self._overwrite = resume, overwrite
        self._lock = FolderLock(self._path)
        self._known: dict[bytes, _Known] = {}
        self._parts_of: dict[bytes, list[bytes]] = defaultdict(list)
        self._moved: dict[int, int] = {}
        self._stale: dict[int, set[bytes]] = defaultdict(set)
        self._writer: PartWriter | None = None
        self._rest: PartWriter | None = None
        self._next = 0
        self._failed = False
        self._clock = clock
        self._committed_at = 0.0

    def __enter__(self) -> TableFolder:
        with self._errors():
            self._path.mkdir(parents=True, exist_ok=True)
        self._lock.acquire()
        try:
            with self._errors():
                self._start()
            self._committed_at = self._clock()
        except BaseException:
            self._lock.release()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if self._failed:
                for writer in filter(None, (self._writer, self._rest)):
                    writer.discard()
            else:
                self._commit()
        finally:
            self._lock.release()

    def wants(self, source: Source) -> bool:
        """Return whether a source is to be read: if not, its rows are there, and it is unchanged."""
        known = self._known.get(key := source_key(source))
        modified = None if source.modified is None else round(source.modified * 1_000_000)
        if known and known.complete and (known.size, known.modified) == (source.size, modified):
            self.skipped += 1
            return False
        for each in self._parts_of.get(key[:NAME_KEY], (key,) if known else ()):
            # Of a pack that has changed, no old part is left, however the new ones are cut.
            if each in self._known and (each == key or self._known[each].modified != modified):
                self._forget(each)
        return True

    def _forget(self, key: bytes) -> None:
        """Let the rows of a source go with the next commit."""
        self._stale[self._known.pop(key).part].add(key)

    def add(self, tables: Tables) -> None:
        """Add the rows of sources that are wanted."""
        with self._errors():
            if self._writer is None:
                self._writer = self._new_part()
            self._writer.add(tables)
            if self._writer.size > _PART or self._clock() - self._committed_at >= _INTERVAL:
                self._commit()

    def add_unlisted(self, error: RecordingError) -> None:
        """Add a row for what could not be listed: a folder without permission, a missing bucket."""
        if self.wants(Source(error.path or "")):
            self.add(self._job.unread(error))

    def totals(self) -> Totals:
        """Return the totals of all committed parts: those of earlier runs, too."""
        names = ("files_read", "files_unreadable", "files_of_something_else", "recordings")
        counts = [Totals()]
        for number in committed(self._path):
            sources = rows_of(self._path, LEDGER, number, names)
            counts.append(Totals(*(sum(sources[name].to_pylist()) for name in names)))
        return Totals(*map(sum, zip(*counts, strict=True)))

    def failing(self) -> Counter[Severity]:
        """Return how many responses have findings of a severity or a worse one: of earlier runs, too."""
        names = ("errors", "warnings")
        parts = (rows_of(self._path, "responses", number, names) for number in committed(self._path))
        return sum(map(failing_in, parts), Counter())

    @contextlib.contextmanager
    def _errors(self) -> Iterator[None]:
        """Note that writing failed, and say why in one line."""
        try:
            yield
        except OSError as error:
            self._failed = True
            reason = os.strerror(error.errno) if error.errno else str(error)
            message = f"cannot be written: {reason}; --resume goes on with what is there"
            raise RecordingError(message, path=str(self._path)) from error
        except arrow().ArrowInvalid as error:
            self._failed = True
            message = f"its tables are damaged: {error}; --overwrite makes them anew"
            raise RecordingError(message, path=str(self._path)) from error
        except BaseException:
            self._failed = True
            raise

    def _start(self) -> None:
        """Remove what interrupted runs left behind, and learn what is there."""
        remove_others(self._path)
        if self._overwrite:  # also tables that are damaged
            for number in committed(self._path):
                remove(self._path, number)
        for number in committed(self._path):
            if old := about(self._path, number).get(_REPLACES):
                remove(self._path, int(old))
        there = committed(self._path)
        self._next = max(there, default=-1) + 1
        if there and not self._resume:
            message = "there are tables in this folder; --resume goes on with them, --overwrite replaces them"
            raise UsageError(f"{self._path}: {message}")
        for number in there:
            self._learn(number)

    def _learn(self, number: int) -> None:
        """Learn which sources a part has."""
        before, now = (
            json.loads(each) for each in (about(self._path, number).get(_SETTINGS, "{}"), self._settings)
        )
        changed = [
            f"{name} {before.get(name)}, not {now[name]}" for name in now if before.get(name) != now[name]
        ]
        if changed:
            message = f"its tables were made with {'; '.join(changed)}; --overwrite makes them anew"
            raise UsageError(f"{self._path}: {message}")
        sources = rows_of(self._path, LEDGER, number, ("key", "complete", "size", "modified"))
        key, complete, size = (sources[name].to_pylist() for name in ("key", "complete", "size"))
        modified = sources["modified"].cast("int64").to_pylist()
        for row in zip(key, size, modified, complete, strict=True):
            if row[0] in self._known:
                self._forget(row[0])
            if len(row[0]) > NAME_KEY:
                self._parts_of[row[0][:NAME_KEY]].append(row[0])
            self._known[row[0]] = _Known(number, *row[1:])

    def _commit(self) -> None:
        """Commit the part that is being written. Rows that it takes the place of go first."""
        with self._errors():
            stale, self._stale = self._stale, defaultdict(set)
            for number, keys in stale.items():
                self._remove_rows(number, keys)
            if self._writer is None and not committed(self._path):
                self._writer = self._new_part()  # tables without rows, so that they can be read
            if self._writer:
                self._writer.commit()
                self._writer = None
            self._committed_at = self._clock()

    def _remove_rows(self, number: int, keys: set[bytes]) -> None:
        while number in self._moved:
            number = self._moved[number]
        kept = without(self._path, number, keys, self._tables)
        if kept:
            self._moved[number] = self._next
            self._rest = self._new_part(replaces=number)
            self._rest.add(kept)
            self._rest.commit()
        remove(self._path, number)

    def _new_part(self, *, replaces: int | None = None) -> PartWriter:
        metadata = {_SETTINGS: self._settings} | ({} if replaces is None else {_REPLACES: str(replaces)})
        self._next += 1
        return PartWriter(self._path, self._next - 1, self._tables, metadata)
