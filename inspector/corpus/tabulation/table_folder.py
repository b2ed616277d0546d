"""A folder of tables: what `-o DIR` writes, and what `--resume` goes on with.

Each source has its rows exactly once, however often a run is interrupted. A part that is committed stays as
it is. If some of its rows must go, since their source has changed or could not be read, the others become a
new part, which says which part it `replaces`. To commit the new part makes the old one void; then that is
removed. The sources whose rows went are in no part until they are read again: no interruption loses them.

Old tables stay until a run that begins anew has come to its end: see `table_replacing`. A name under which
nothing was found is a row, which goes when a run comes to its end without saying the same again.
"""

from __future__ import annotations

import contextlib
import json
import os
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

from inspector.checker import Severity
from inspector.corpus.jobs import Problem
from inspector.corpus.tabulation.arrow_tables import arrow
from inspector.corpus.tabulation.folder_lock import FolderLock
from inspector.corpus.tabulation.part_owners import damaged, make_folder, refuse_damaged, refuse_foreign
from inspector.corpus.tabulation.source_ledger import Known, any_was_found, sources_of, totals_of
from inspector.corpus.tabulation.table_beginning import begin, go_on
from inspector.corpus.tabulation.table_parts import (
    LEDGER,
    PartWriter,
    about,
    committed,
    parts,
    remove,
    remove_uncommitted,
    rows_of,
    without,
)
from inspector.corpus.tabulation.table_replacing import discard_beside, finish_replacing, replace_tables
from inspector.corpus.tabulation.table_settings import differences
from inspector.corpus.tabulation.tabulate import NAME_KEY, Tables, Tabulate, failing_in, source_key
from inspector.corpus.totals import Totals
from inspector.errors import RecordingError, UsageError
from inspector.storage import Source

__all__ = ["TableFolder"]

_PART = 32 * 1024 * 1024  # bytes in memory, after which a part is committed: some 80,000 responses
_INTERVAL = 15.0  # seconds after which a part is committed that is smaller, so that little is lost with a run
_SETTINGS, _REPLACES = "inspector.settings", "inspector.replaces"


class TableFolder:
    """The tables that `job` makes, in a folder that no other run writes to meanwhile. A context manager.

    `resume` goes on with the tables that are there. `overwrite` begins anew, and the old ones stay until the
    new ones are whole; to `resume` that takes the same `names`. Raises `RecordingError` if there are tables
    and neither is set, if files of others stand among them, if the folder cannot be written, or if another
    run holds it; and `UsageError` if they were made with other settings, or new ones are begun of other
    names. `announce` gets what becomes of those. `clock` tells the seconds that pass.

    Leaving it commits what came so far, also after an error; only if writing failed, the part that was being
    written is lost, and `resume` reads its sources again.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        job: Tabulate,
        names: Sequence[str] = (),
        *,
        resume: bool = False,
        overwrite: bool = False,
        announce: Callable[[str], object] = lambda line: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        arrow()
        self.skipped = 0
        """How many files an earlier run has read, of the sources for which `wants` was called."""
        self._path = self._place = Path(path)
        self._tables = ("responses", "findings", *(["events"] if job.events else []))
        self._job, self._settings = job, job.settings()
        self._names, self._resume, self._overwrite = names, resume, overwrite
        self._announce = announce
        self._lock = FolderLock(self._path)
        self._known: dict[bytes, Known] = {}
        self._parts_of: dict[bytes, list[bytes]] = defaultdict(list)
        self._moved: dict[int, int] = {}
        self._stale: dict[int, set[bytes]] = defaultdict(set)
        self._writer: PartWriter | None = None
        self._rest: PartWriter | None = None
        self._next = 0
        self._failed = self._ended = self._all_found = False
        self._discarded: tuple[Totals, list[Problem]] | None = None
        self._clock = clock
        self._committed_at = 0.0

    def __enter__(self) -> TableFolder:
        make_folder(self._path)
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
        with contextlib.ExitStack() as leaving:
            leaving.callback(self._lock.release)
            leaving.callback(self._discard_nothing)
            if self._failed:
                for writer in filter(None, (self._writer, self._rest)):
                    writer.discard()
            else:
                self._commit()
                self._replace()

    @property
    def notice(self) -> str:
        """What to say of old tables that are still there, since the new ones are not whole."""
        if not self._is_beside:
            return ""
        stay = f"{self._path}: the tables that were there stay, since the new ones are not whole"
        goes_on = "; with the same names --resume goes on with the new ones, --overwrite begins anew"
        return stay + (goes_on if any_was_found(self._place) else "")

    @property
    def _is_beside(self) -> bool:
        return self._place != self._path

    def wants(self, source: Source) -> bool:
        """Return whether a source is to be read: if not, its rows are there, and it is unchanged."""
        known = self._known.get(key := source_key(source))
        modified = None if source.modified is None else round(source.modified * 1_000_000)
        if known and known.complete and (known.size, known.modified) == (source.size, modified):
            self.skipped += known.files
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

    def end(self, *, all_found: bool) -> None:
        """Take note that the run came to its end: every source was listed, and what is wanted was added.

        `all_found` says that every name of the run was there and could be listed. What an earlier run said of
        a name under which nothing was found goes, unless this run said it again.
        """
        self._ended, self._all_found = True, all_found
        for key in [key for key, known in self._known.items() if not known.was_found]:
            self._forget(key)

    def totals(self) -> Totals:
        """Return the totals of all committed parts: those of earlier runs, too."""
        if self._discarded:
            return self._discarded[0]
        with self._errors():
            return totals_of(self._place)

    def problems(self) -> Iterator[Problem]:
        """Yield why each file that has rows was not read, or not to its end: of earlier runs, too."""
        if self._discarded:
            yield from self._discarded[1]
        for table in self._read("responses", ("source", "error")):
            for row in table.filter(table["error"].is_valid()).to_pylist():
                yield Problem(row["source"], f"{row['source']}: {row['error']}")

    def failing(self) -> Counter[Severity]:
        """Return how many responses have findings of a severity or a worse one: of earlier runs, too."""
        return sum(map(failing_in, self._read("responses", ("errors", "warnings"))), Counter())

    def _read(self, table: str, columns: Sequence[str]) -> Iterator[Any]:
        for number in committed(self._place):
            with self._errors():
                rows = rows_of(self._place, table, number, columns)
            yield rows

    @contextlib.contextmanager
    def _errors(self) -> Iterator[None]:
        """Note that writing failed, and say why in one line."""
        try:
            yield
        except (OSError, arrow().ArrowInvalid) as error:
            self._failed = True
            if isinstance(error, OSError) and error.errno:
                reason = os.strerror(error.errno)
                message = f"cannot be written: {reason}; --resume goes on with what is there"
                raise RecordingError(message, path=str(self._path)) from error
            # pyarrow says so of compressed data that is damaged
            raise damaged(self._place, str(error)) from error
        except BaseException:
            self._failed = True
            raise

    def _start(self) -> None:
        """Finish what interrupted runs left behind, decide where parts go, and learn what is there."""
        refuse_foreign(self._path)
        names, announce = self._names, self._announce
        if finish_replacing(self._path):
            announce(
                f"{self._path}: the new tables of an --overwrite that was interrupted replace the old ones"
            )
        remove_uncommitted(self._path)
        if self._resume:
            self._place = go_on(self._path, names, announce)
        else:
            self._place = begin(self._path, names, announce, overwrite=self._overwrite)
        for number in parts(self._place):
            refuse_damaged(self._place, number, (LEDGER,))
            if old := about(self._place, number).get(_REPLACES):
                remove(self._place, int(old))
        there = committed(self._place)
        self._next = max(there, default=-1) + 1
        for number in there:
            self._learn(number)

    def _learn(self, number: int) -> None:
        """Learn which sources a part has."""
        before, now = (
            json.loads(each) for each in (about(self._place, number).get(_SETTINGS, "{}"), self._settings)
        )
        if changed := differences(before, now):
            message = f"its tables were made {', and '.join(changed)}; --overwrite makes them anew"
            raise UsageError(f"{self._path}: {message}")
        refuse_damaged(self._place, number, self._tables)
        for key, known in sources_of(self._place, number):
            if key in self._known:
                self._forget(key)
            if len(key) > NAME_KEY:
                self._parts_of[key[:NAME_KEY]].append(key)
            self._known[key] = known

    def _commit(self) -> None:
        """Commit the part that is being written. Rows that it takes the place of go first."""
        with self._errors():
            stale, self._stale = self._stale, defaultdict(set)
            for number, keys in stale.items():
                self._remove_rows(number, keys)
            if self._ended and self._writer is None and not committed(self._place):
                self._writer = self._new_part()  # tables without rows, so that they can be read
            if self._writer:
                self._writer.commit()
                self._writer = None
            self._committed_at = self._clock()

    def _replace(self) -> None:
        """Let new tables take the place of the old ones, if they are whole and something was read."""
        if self._is_beside and self._ended and self._all_found and self.totals().recordings:
            with self._errors():
                replace_tables(self._path)
            self._place = self._path

    def _discard_nothing(self) -> None:
        """Remove new tables that hold only names under which nothing was found. Keep what they say."""
        if self._is_beside and not any_was_found(self._place):
            self._discarded = self.totals(), list(self.problems())
            discard_beside(self._path)

    def _remove_rows(self, number: int, keys: set[bytes]) -> None:
        while number in self._moved:
            number = self._moved[number]
        kept = without(self._place, number, keys, self._tables)
        if kept:
            self._moved[number] = self._next
            self._rest = self._new_part(replaces=number)
            self._rest.add(kept)
            self._rest.commit()
        remove(self._place, number)

    def _new_part(self, *, replaces: int | None = None) -> PartWriter:
        metadata = {_SETTINGS: self._settings} | ({} if replaces is None else {_REPLACES: str(replaces)})
        self._next += 1
        return PartWriter(self._place, self._next - 1, self._tables, metadata)
