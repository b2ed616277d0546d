"""One table in one file, as CSV (RFC 4180), as JSON lines, or as Parquet; it is there when it is whole."""

from __future__ import annotations

import contextlib
import os
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Protocol

import orjson

from inspector.checker import Severity
from inspector.corpus.jobs import Problem
from inspector.corpus.tabulation.arrow_tables import arrow, schema
from inspector.corpus.tabulation.folder_lock import lock, remove_abandoned
from inspector.corpus.tabulation.row_groups import RowGroups
from inspector.corpus.tabulation.tabulate import Tables, Tabulate, failing_in
from inspector.corpus.totals import Totals
from inspector.errors import RecordingError
from inspector.storage import Source

__all__ = ["ENDINGS", "TableFile"]


class _Writer(Protocol):
    def write_batch(self, batch: Any, /) -> None: ...
    def close(self) -> None: ...


class TableFile:
    """One table of those that `job` makes, in a file whose name says the format. A context manager.

    Raises `RecordingError` if the file exists, unless `overwrite`, or if it cannot be written. After an error
    there is no new file. An old one stays until the new one is whole.
    """

    skipped = 0
    """How many files were there before: none, since every run reads all."""

    def __init__(self, path: str, job: Tabulate, table: str, *, overwrite: bool = False) -> None:
        arrow()
        self._path = Path(path)
        self._beside = self._path.with_name(f".{self._path.name}.{os.getpid()}.tmp")
        self._job, self._table, self._overwrite = job, table, overwrite
        self._totals = Totals()
        self._failing: Counter[Severity] = Counter()
        self._whole = False
        self.notice = ""
        """What to say of an old file that is still there."""

    def __enter__(self) -> TableFile:
        if self._path.exists() and not self._overwrite:
            raise RecordingError("exists already; use --overwrite to replace it", path=str(self._path))
        try:
            remove_abandoned(self._path)
            self._file = self._beside.open("wb")
            lock(self._file.fileno())
            self._writer = ENDINGS[self._path.suffix.lower()](self._file, schema(self._table))
        except OSError as error:
            raise self._error(error) from error
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                self._writer.close()
                self._file.close()
                self._put()
        except OSError as problem:
            raise self._error(problem) from problem
        finally:
            for close in (self._file.close, self._writer.close):
                with contextlib.suppress(OSError, ValueError):
                    close()
            self._beside.unlink(missing_ok=True)

    def _put(self) -> None:
        if self._path.exists() and not self._whole:
            self.notice = f"{self._path}: the file that was there stays, since the new one is not whole"
        else:
            self._beside.replace(self._path)

    def wants(self, source: Source) -> bool:
        """Return whether a source is to be read: every one is."""
        return True

    def add(self, tables: Tables) -> None:
        """Add the rows of some sources."""
        self._totals = Totals(*map(sum, zip(self._totals, tables.counts.totals, strict=True)))
        self._failing += failing_in(tables.responses)
        try:
            self._writer.write_batch(getattr(tables, self._table))
        except OSError as error:
            raise self._error(error) from error

    def add_unlisted(self, error: RecordingError) -> None:
        """Add a row for what could not be listed."""
        self.add(self._job.unread(error))

    def end(self, *, all_found: bool) -> None:
        """Take note that the run came to its end; `all_found` is as for a `TableFolder`."""
        self._whole = all_found and self._totals.recordings > 0

    def totals(self) -> Totals:
        """Return the totals of what was added."""
        return self._totals

    def problems(self) -> Iterator[Problem]:
        """Yield nothing: nothing was there before this run, which has said all."""
        yield from ()

    def failing(self) -> Counter[Severity]:
        """Return how many responses have findings of a severity or a worse one."""
        return self._failing

    def _error(self, error: OSError) -> RecordingError:
        reason = os.strerror(error.errno) if error.errno else str(error)
        return RecordingError(f"cannot be written: {reason}", path=str(self._path))


class _Csv:
    """CSV, with the rules of a response separated by blanks."""

    def __init__(self, file: IO[bytes], fields: Any) -> None:
        import pyarrow.csv as csv

        pa = arrow()
        self._lists = [at for at, field in enumerate(fields) if pa.types.is_list(field.type)]
        for at in self._lists:
            fields = fields.set(at, pa.field(fields.field(at).name, pa.string()))
        self._fields = fields
        self._writer = csv.CSVWriter(file, fields)

    def write_batch(self, batch: Any) -> None:
        import pyarrow.compute as compute

        columns = list(batch.columns)
        for at in self._lists:
            columns[at] = compute.binary_join(columns[at], " ")
        self._writer.write_batch(arrow().record_batch(columns, schema=self._fields))

    def close(self) -> None:
        self._writer.close()


class _JsonLines:
    """An object a line, with the columns as its members; dates as ISO 8601."""

    def __init__(self, file: IO[bytes], fields: Any) -> None:
        self._file = file

    def write_batch(self, batch: Any) -> None:
        option = orjson.OPT_APPEND_NEWLINE | orjson.OPT_UTC_Z
        self._file.writelines(orjson.dumps(row, option=option) for row in batch.to_pylist())

    def close(self) -> None:
        self._file.flush()


ENDINGS: dict[str, Callable[[IO[bytes], Any], _Writer]] = {
    ".csv": _Csv,
    ".jsonl": _JsonLines,
    ".parquet": RowGroups,
}
"""What writes a table, by the ending of the file's name."""
