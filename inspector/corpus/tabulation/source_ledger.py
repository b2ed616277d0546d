"""What the table `sources` of a folder says: which sources have rows in which part."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from inspector.corpus.tabulation.arrow_tables import arrow
from inspector.corpus.tabulation.table_parts import LEDGER, committed, parts, rows_of
from inspector.corpus.totals import Totals

__all__ = ["Known", "any_was_found", "sources_of", "totals_of"]

_COUNTS = ("files_read", "files_unreadable", "files_of_something_else", "recordings")


class Known(NamedTuple):
    """A source of which a committed part has rows; `complete` if it need not be read again."""

    part: int
    size: int | None
    modified: int | None
    complete: bool
    files: int
    recordings: int

    @property
    def was_found(self) -> bool:
        """Whether there was anything under its name. If not, its row only says so, or why none could look."""
        return self.complete or self.recordings > 0 or self.size is not None or self.modified is not None


def sources_of(folder: Path, number: int) -> Iterator[tuple[bytes, Known]]:
    """Yield the key of each source of a part, and what is known of it."""
    names = ("key", "size", "modified", "complete", *_COUNTS)
    table = rows_of(folder, LEDGER, number, names)
    columns = [table[name].cast("int64") if name == "modified" else table[name] for name in names]
    for key, size, modified, complete, *files, recordings in zip(
        *(column.to_pylist() for column in columns), strict=True
    ):
        yield key, Known(number, size, modified, complete, sum(files), recordings)


def any_was_found(folder: Path) -> bool:
    """Return whether tables hold more than names under which nothing was found. What is damaged may do so."""
    try:
        return any(known.was_found for number in parts(folder) for _, known in sources_of(folder, number))
    except (OSError, arrow().ArrowInvalid):
        return True


def totals_of(folder: Path) -> Totals:
    """Return the totals of all committed parts."""
    counts = [Totals()]
    for number in committed(folder):
        sources = rows_of(folder, LEDGER, number, _COUNTS)
        counts.append(Totals(*(sum(sources[name].to_pylist()) for name in _COUNTS)))
    return Totals(*map(sum, zip(*counts, strict=True)))
