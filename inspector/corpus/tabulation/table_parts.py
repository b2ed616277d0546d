"""The parts of a folder of tables: a Parquet file in each table, of one number, made and removed as one.

    DIR/responses/part-00000.parquet    DIR/findings/part-00000.parquet    DIR/sources/part-00000.parquet

Rule 1: a file is written beside its place, under a name that no reader of tables takes, and renamed.
Rule 2: the file in `sources` is renamed last. It commits the part: without it the others count for nothing.
Rule 3: to remove a part, that file gets its hidden name back first, and is removed last.
Rule 4: so a part that does not count has its file in `sources` under the hidden name. A part that has none at
all has lost it: its rows were committed.
Rule 5: the rows of every table stand in the order of `sources`, whose counts say which rows are whose.
"""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from inspector.corpus.tabulation.arrow_tables import arrow, schema
from inspector.corpus.tabulation.row_groups import RowGroups
from inspector.corpus.tabulation.tabulate import Tables

__all__ = [
    "LEDGER",
    "TABLES",
    "PartWriter",
    "about",
    "committed",
    "number_of",
    "part_file",
    "parts",
    "remove",
    "remove_uncommitted",
    "rows_of",
    "without",
]

LEDGER = "sources"
"""The table whose file commits a part."""

TABLES = ("responses", "findings", "events", LEDGER)
"""All tables, in the order in which the files of a part are put in their places."""

_NAME = re.compile(r"part-(\d{5}|[1-9]\d{5,})\.parquet")
_HIDDEN = re.compile(r"\.part-(\d{5}|[1-9]\d{5,})\.parquet\.tmp")


class _Table:
    """One file of a part while it is written."""

    def __init__(self, file: Path, fields: Any) -> None:
        self._place = file
        self._beside = _hidden(file)
        file.parent.mkdir(parents=True, exist_ok=True)
        self._out = open(self._beside, "wb")  # noqa: PTH123, SIM115
        self._rows = RowGroups(self._out, fields)
        self.add = self._rows.write_batch

    def finish(self) -> None:
        """Write the rest, down to the disk."""
        self._rows.close()
        self._out.flush()
        os.fsync(self._out.fileno())
        self._out.close()

    def rename(self) -> None:
        os.replace(self._beside, self._place)  # noqa: PTH105

    def close(self) -> None:
        for close in (self._out.close, self._rows.close):  # the disk may be full
            with contextlib.suppress(OSError, ValueError):
                close()


class PartWriter:
    """One part while it is written: `add` tables, then `commit` or `discard`. Raises `OSError`.

    `about` is added to the metadata of every file.
    """

    def __init__(self, folder: Path, number: int, tables: Iterable[str], about: Mapping[str, str]) -> None:
        self.size = 0
        """The bytes of all rows so far, in memory."""
        self.sources = 0
        self._folder, self._number = folder, number
        self._committed = False
        self._tables: dict[str, _Table] = {}
        for name in sorted({*tables, LEDGER}, key=TABLES.index):
            fields = schema(name)
            fields = fields.with_metadata({**fields.metadata, **about})
            self._tables[name] = _Table(part_file(folder, name, number), fields)

    def add(self, tables: Tables) -> None:
        """Add the rows of some sources."""
        self.sources += tables.sources.num_rows
        for name, table in self._tables.items():
            batch = getattr(tables, name)
            self.size += batch.nbytes
            table.add(batch)

    def commit(self) -> None:
        """Put the part in its place."""
        for table in self._tables.values():
            table.finish()
        for table in self._tables.values():
            table.rename()
        self._committed = True

    def discard(self) -> None:
        """Remove what was written, unless it is committed."""
        for table in self._tables.values():
            table.close()
        if not self._committed:
            with contextlib.suppress(OSError):  # then the next run removes it
                remove(self._folder, self._number)


def part_file(folder: Path, table: str, number: int) -> Path:
    """Return the path of a part's file in a table."""
    return folder / table / f"part-{number:05}.parquet"


def number_of(name: str) -> int | None:
    """Return the number of the part that a file's name says; None if it is no name of a part."""
    match = _NAME.fullmatch(name)
    return int(match[1]) if match else None


def _hidden(file: Path) -> Path:
    return file.with_name(f".{file.name}.tmp")


def _numbers(folder: Path, table: str, name: re.Pattern[str] = _NAME) -> set[int]:
    try:
        names = os.listdir(folder / table)  # noqa: PTH208
    except FileNotFoundError:
        return set()
    return {int(match[1]) for match in map(name.fullmatch, names) if match}


def committed(folder: Path) -> list[int]:
    """Return the numbers of the parts that count."""
    return sorted(_numbers(folder, LEDGER))


def parts(folder: Path) -> list[int]:
    """Return the numbers of all parts, also of those that lost their file in `sources`."""
    return sorted(set().union(*(_numbers(folder, name) for name in TABLES)))


def about(folder: Path, number: int) -> dict[str, str]:
    """Return the metadata of a part."""
    import pyarrow.parquet as parquet

    metadata = parquet.read_schema(part_file(folder, LEDGER, number)).metadata or {}
    return {key.decode(): value.decode() for key, value in metadata.items()}


def rows_of(folder: Path, table: str, number: int, columns: Sequence[str] | None = None) -> Any:
    """Return the rows that a part has in a table; None means all columns."""
    import pyarrow.parquet as parquet

    names = None if columns is None else list(columns)
    return parquet.read_table(part_file(folder, table, number), columns=names, partitioning=None)


def remove(folder: Path, number: int) -> None:
    """Remove a part, or what is there of it. Every step can be done twice."""
    ledger = part_file(folder, LEDGER, number)
    with contextlib.suppress(FileNotFoundError):
        os.replace(ledger, _hidden(ledger))  # noqa: PTH105
    for name in TABLES:  # `sources` comes last
        file = part_file(folder, name, number)
        for each in (file, _hidden(file)):
            each.unlink(missing_ok=True)


def remove_uncommitted(folder: Path) -> None:
    """Remove what interrupted runs left behind: parts that do not count."""
    for number in _numbers(folder, LEDGER, _HIDDEN) - _numbers(folder, LEDGER):
        remove(folder, number)
    for name in TABLES:
        for number in _numbers(folder, name, _HIDDEN):
            _hidden(part_file(folder, name, number)).unlink()


def without(folder: Path, number: int, keys: Iterable[bytes], tables: Iterable[str]) -> Tables | None:
    """Return the rows of a part that are not of the sources with these keys; None if none is left."""
    import pyarrow.compute as compute

    pa, sources = arrow(), rows_of(folder, LEDGER, number)
    keeps = compute.invert(compute.is_in(sources["key"], value_set=pa.array(list(keys), pa.binary())))
    if not compute.any(keeps).as_py():
        return None
    rows: dict[str, Any] = {LEDGER: sources.filter(keeps)}
    for name in tables:
        counts = sources[name].to_pylist()
        mask = [keep for keep, count in zip(keeps.to_pylist(), counts, strict=True) for _ in range(count)]
        rows[name] = rows_of(folder, name, number).filter(pa.array(mask, pa.bool_()))
    return Tables(rows[LEDGER], rows["responses"], rows["findings"], rows.get("events"))
