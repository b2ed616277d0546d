"""Rows as Arrow record batches, of the schemas that `docs/tables.md` shows.

Text is made storable: without secrets, and with half characters, which UTF-8 has none of, as escapes. A
number that its column cannot hold is unknown: an integer of more than 64 bits, a time that is not finite.
Times are whole microseconds, as in all JSON of this package. Two names of sources that differ do so in the
tables as well: one that is not stored as it is ends in a digest of it.
"""

from __future__ import annotations

import functools
import hashlib
import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from inspector._version import __version__
from inspector.corpus.tabulation.table_columns import COLUMNS, SCHEMA_VERSION
from inspector.errors import RecordingError
from inspector.redact import mask_text

__all__ = ["arrow", "record_batch", "schema", "storable"]

_LIMIT = 2**63


def arrow() -> Any:
    """Return pyarrow, a library of 120 MB. Raises `RecordingError` without it."""
    try:
        import pyarrow
        import pyarrow.compute
    except ImportError:
        raise RecordingError('tables need pyarrow: pip install "sse-inspector[corpus]"') from None
    return pyarrow


@functools.cache
def schema(table: str) -> Any:
    """Return the Arrow schema of a table. Its metadata has the version of the schema, and inspector's."""
    pa = arrow()
    types = {
        "string": pa.string(),
        "binary": pa.binary(),
        "bool": pa.bool_(),
        "int64": pa.int64(),
        "double": pa.float64(),
        "timestamp": pa.timestamp("us", "UTC"),
        "list<string>": pa.list_(pa.string()),
    }
    fields = [(name, types[kind]) for name, kind in COLUMNS[table].items()]
    about = {
        "inspector.table": table,
        "inspector.schema": str(SCHEMA_VERSION),
        "inspector.version": __version__,
    }
    return pa.schema(fields, metadata=about)


def record_batch(table: str, rows: Sequence[Iterable[Any]]) -> Any:
    """Return rows of plain values, in the order of the table's columns, as a record batch."""
    pa, fields = arrow(), schema(table)
    kinds = COLUMNS[table].values()
    columns: Iterable[Sequence[Any]] = zip(*rows, strict=True) if rows else ((),) * len(kinds)
    arrays = [
        pa.array(_STORABLE.get(field.name, _STORABLE.get(kind, _as_it_is))(column), field.type)
        for kind, column, field in zip(kinds, columns, fields, strict=True)
    ]
    return pa.record_batch(arrays, schema=fields)


@functools.lru_cache(16384)
def storable(text: str) -> str:
    """Return a text as a table holds it. Names come again and again, and to search one takes 10 µs."""
    return mask_text(text.encode("utf-8", "backslashreplace").decode())


@functools.lru_cache(16384)
def _name(name: str) -> str:
    text = storable(name)
    if text == name:
        return name
    digest = hashlib.blake2b(name.encode("utf-8", "surrogatepass"), digest_size=8)
    return f"{text}~{digest.hexdigest()}"


def _names(column: Sequence[str]) -> list[str]:
    return [*map(_name, column)]


def _as_it_is(column: Sequence[Any]) -> Sequence[Any]:
    return column


def _texts(column: Sequence[str | None]) -> list[str | None]:
    return [None if text is None else storable(text) for text in column]


def _integers(column: Sequence[int | None]) -> list[int | None]:
    return [None if value is None or not -_LIMIT <= value < _LIMIT else value for value in column]


def _seconds(column: Sequence[float | None]) -> list[float | None]:
    return [None if value is None or not math.isfinite(value) else round(value, 6) for value in column]


_STORABLE: dict[str, Callable[[Sequence[Any]], Sequence[Any]]] = {
    "source": _names,
    "string": _texts,
    "int64": _integers,
    "double": _seconds,
}
"""What makes values storable, by the name of the column, or else by its type."""
