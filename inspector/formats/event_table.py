"""A table of events: a row for each, for spreadsheets and data frames, as CSV or as Parquet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from inspector._json import as_object
from inspector.errors import RecordingError
from inspector.protocol import DELTA_TEXT
from inspector.recording import Event, Recording

__all__ = ["EventRow", "csv_table", "parquet_table", "rows"]


class EventRow(NamedTuple):
    """One event. `seconds` is since the request, None without times; `offset` and `size` are bytes."""

    recording: str
    number: int
    seconds: float | None
    event: str | None
    type: str | None
    content_block: int | None
    delta: str | None
    text: str | None
    offset: int
    size: int
    data: str


def rows(recordings: Sequence[Recording]) -> Iterator[EventRow]:
    """Yield a row for each event, in order. A recording without a file is named by its place, from 1."""
    for place, recording in enumerate(recordings, 1):
        name = recording.source or str(place)
        if sum(each.source == recording.source for each in recordings) > 1:
            name = f"{name}#{place}"
        for event in recording.events():
            yield _row(name, event, timed=recording.head.timed)


def _row(name: str, event: Event, *, timed: bool) -> EventRow:
    payload = as_object(event.data)
    delta, index = as_object(payload.get("delta")), payload.get("index")
    kind = delta.get("type")
    text = delta.get(DELTA_TEXT.get(kind, "")) if isinstance(kind, str) else None
    small = isinstance(index, int) and not isinstance(index, bool) and abs(index) < 2**63
    return EventRow(
        name,
        event.number,
        event.t if timed else None,
        event.name,
        event.type,
        index if small else None,
        kind if isinstance(kind, str) else None,
        text if isinstance(text, str) else None,
        event.offset,
        len(event.block.raw_bytes),
        (event.block.data or b"").decode("utf-8", "replace"),
    )


def csv_table(recordings: Sequence[Recording]) -> bytes:
    """Return the table as CSV (RFC 4180): UTF-8, CRLF, a header line, an empty field for nothing."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(EventRow._fields)
    writer.writerows(rows(recordings))
    return out.getvalue().encode("utf-8", "replace")


def parquet_table(recordings: Sequence[Recording]) -> bytes:
    """Return the table as Parquet. Raises `RecordingError` without pyarrow."""
    try:
        import pyarrow  # a library of 120 MB
        import pyarrow.parquet
    except ImportError:
        raise RecordingError('Parquet needs pyarrow: pip install "sse-inspector[parquet]"') from None
    text, count = pyarrow.string(), pyarrow.int64()
    types = [text, count, pyarrow.float64(), text, text, count, text, text, count, count, text]
    schema = pyarrow.schema(list(zip(EventRow._fields, types, strict=True)))
    made = [[_storable(value) for value in row] for row in rows(recordings)]
    columns: Any = [list(column) for column in zip(*made, strict=True)] if made else [[] for _ in types]
    table = pyarrow.table(columns, schema=schema)
    out = io.BytesIO()
    pyarrow.parquet.write_table(table, out, compression="zstd")
    return out.getvalue()


def _storable(value: Any) -> Any:
    """Replace half characters, which JSON can hold and UTF-8 cannot."""
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else value
