"""Writing Parquet in row groups of bounded size, of batches that may be small."""

from __future__ import annotations

from typing import IO, Any

from inspector.corpus.tabulation.arrow_tables import arrow

__all__ = ["RowGroups"]

_SIZE = 8 * 1024 * 1024  # bytes in memory
_ROWS = 65536  # at most: the tables of one archive may have many


class RowGroups:
    """A Parquet file of the schema `fields` while it is written. Raises `OSError`."""

    def __init__(self, file: IO[bytes], fields: Any) -> None:
        import pyarrow.parquet as parquet

        self._fields = fields
        self._waiting: list[Any] = []
        self._size = 0
        self._writer = parquet.ParquetWriter(file, fields, compression="zstd")

    def write_batch(self, rows: Any) -> None:
        """Add the rows of a record batch, or of a table."""
        table = arrow().table(rows).replace_schema_metadata(self._fields.metadata)
        self._waiting.append(table)
        self._size += table.nbytes
        if self._size > _SIZE:
            self._write()

    def _write(self) -> None:
        if self._waiting:
            self._writer.write_table(arrow().concat_tables(self._waiting), row_group_size=_ROWS)
            self._waiting, self._size = [], 0

    def close(self) -> None:
        """Write the rest, and the file's footer."""
        self._write()
        self._writer.close()
