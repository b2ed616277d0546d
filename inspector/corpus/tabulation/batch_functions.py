"""`check` and `stats` over Arrow record batches: for engines that hand out batches and take some back.

ray.data.from_items(…).map_batches(inspector.corpus.check, batch_format="pyarrow")
frame.mapInArrow(lambda batches: map(inspector.corpus.stats, batches), schema)
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import TYPE_CHECKING, Any

from inspector.checker import Limits, Profile, chosen
from inspector.checker.api import named_profile
from inspector.corpus.member_reading import members_of
from inspector.errors import UsageError
from inspector.storage import Member, Source, Unread

if TYPE_CHECKING:
    from inspector.corpus.tabulation.tabulate import Tables, Tabulate

__all__ = ["check", "stats"]

_NAMES = ("source", "path")
_CONTENTS = ("content", "bytes", "data")


def check(
    batch: Any,
    *,
    profile: Profile | str | None = None,
    select: Iterable[str] | None = None,
    ignore: Iterable[str] = (),
    limits: Limits | None = None,
) -> Any:
    """Check the sources of a record batch; return their findings as a record batch.

    `batch` is a `pyarrow.RecordBatch`, or a `pyarrow.Table`, for which a table is returned. Its column
    `source` or `path` has names that `inspector.storage` opens. If it has a column `content` (or `bytes`, or
    `data`) of binary data, that is the file, and nothing is opened. The columns of the result are those of
    the table `findings` in `docs/tables.md`. The other arguments are those of `inspector.check`. A source
    that cannot be read has no findings: `stats` has a row that says why. Raises `RecordingError` without
    pyarrow, and `UsageError` for a batch that lacks the columns.
    """
    return _tables(batch, profile, select, ignore, limits, "findings")


def stats(
    batch: Any,
    *,
    profile: Profile | str | None = None,
    select: Iterable[str] | None = None,
    ignore: Iterable[str] = (),
    limits: Limits | None = None,
) -> Any:
    """Measure and check the sources of a record batch; return a row for each response as a record batch.

    The columns are those of the table `responses` in `docs/tables.md`. A source that cannot be read is a row
    with an `error`. Arguments are as in `check`.
    """
    return _tables(batch, profile, select, ignore, limits, "responses")


def _tables(
    batch: Any,
    profile: Profile | str | None,
    select: Iterable[str] | None,
    ignore: Iterable[str],
    limits: Limits | None,
    table: str,
) -> Any:
    from inspector.corpus.tabulation.arrow_tables import (  # with what reads all formats: rarely needed
        arrow,
        schema,
    )
    from inspector.corpus.tabulation.tabulate import Tabulate

    pa = arrow()
    job = Tabulate(None if profile is None else named_profile(profile), chosen(select, ignore), limits)
    if isinstance(batch, pa.RecordBatch):
        return getattr(_tables_of(batch, job), table)
    made = [getattr(_tables_of(each, job), table) for each in batch.to_batches()]
    return pa.Table.from_batches(made, schema(table))


def _tables_of(batch: Any, job: Tabulate) -> Tables:
    names, contents = _column(batch, _NAMES), _column(batch, _CONTENTS)
    if names is None:
        raise UsageError(f"the batch has no column `source` or `path`; it has {batch.schema.names}")
    sources = [Source("" if name is None else str(name)) for name in names.to_pylist()]
    if contents is None:
        return job.of(sources, _read(sources))
    return job.of(sources, _members(sources, contents))


def _read(sources: Iterable[Source]) -> Iterator[Member | Unread]:
    for has_name, group in groupby(sources, key=lambda source: source.name != ""):
        if has_name:
            yield from members_of(group, digests=True)
        else:
            yield from map(_nameless, group)


def _nameless(source: Source) -> Unread:
    return Unread(source, "", "its name is null, or empty")


def _members(sources: Iterable[Source], contents: Any) -> Iterator[Member | Unread]:
    for source, content in zip(sources, contents, strict=True):
        data = content.as_buffer() if content.is_valid else None
        if not source.name:
            yield _nameless(source)
        elif data is None:
            yield Unread(source, source.name, "its content is null")
        else:
            yield Member(source, io.BytesIO(data), size=len(data), digests=True)


def _column(batch: Any, names: Iterable[str]) -> Any:
    return next((batch.column(name) for name in names if name in batch.schema.names), None)
