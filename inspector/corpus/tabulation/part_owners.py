"""Whose files stand in a folder of tables, and whether the parts there are whole.

Only files that this package wrote are ever removed. The metadata of a file says who wrote it. A file that is
damaged says nothing: it counts as a part's, if another file of that part says so.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from inspector.corpus.tabulation.arrow_tables import arrow
from inspector.corpus.tabulation.table_parts import TABLES, number_of, part_file
from inspector.corpus.tabulation.table_replacing import HIDDEN
from inspector.errors import RecordingError

__all__ = ["damaged", "make_folder", "refuse_damaged", "refuse_foreign"]


def make_folder(folder: Path) -> None:
    """Make the folder of tables. Raises `RecordingError`, which says what stands in its place."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        there = next(each for each in (folder, *folder.parents) if os.path.lexists(each))
        if there.is_dir():
            reason = f"cannot be made: {error.strerror}"
        elif there == folder:
            reason = "is no folder; name another one for the tables"
        else:
            reason = f"cannot be made, since {there} is no folder; name another one for the tables"
        raise RecordingError(reason, path=str(folder)) from error


def refuse_foreign(folder: Path) -> None:
    """Raise `RecordingError` if a table's folder holds a file that this package did not write, or is none.

    Hidden files are passed over: queries do not read them, and nobody removes them.
    """
    for name in (*TABLES, *HIDDEN):
        if os.path.lexists(folder / name) and not (folder / name).is_dir():
            message = f"{name} stands where a folder of tables goes; remove it, or name another folder"
            raise RecordingError(message, path=str(folder))
    ours: set[int] = set()
    unknown: dict[int, Path] = {}
    for file in _visible(folder):
        number = number_of(file.name)
        if number is None or not file.is_file():
            raise _foreign(folder, file)
        wrote = _is_ours(file)
        if wrote is False:
            raise _foreign(folder, file)
        if wrote:
            ours.add(number)
        else:
            unknown.setdefault(number, file)
    for number in unknown.keys() - ours:
        raise _foreign(folder, unknown[number])


def refuse_damaged(folder: Path, number: int, tables: Iterable[str]) -> None:
    """Raise `RecordingError` if a part lacks the file of a table, or has one that is damaged."""
    import pyarrow.parquet as parquet

    for table in tables:
        file = part_file(folder, table, number)
        try:
            parquet.read_schema(file)
        except FileNotFoundError:
            raise damaged(folder, f"{table}/{file.name} is missing") from None
        except (arrow().ArrowInvalid, OSError) as error:
            raise damaged(folder, f"{table}/{file.name}: {error}") from error


def damaged(folder: Path, what: str) -> RecordingError:
    """Return the error for tables that are damaged. Of what a library says, the first line counts."""
    reason = what.partition("\n")[0].rstrip(".")
    return RecordingError(f"its tables are damaged: {reason}; --overwrite makes them anew", path=str(folder))


def _visible(folder: Path) -> Iterator[Path]:
    for table in TABLES:
        if (folder / table).exists():
            yield from (file for file in (folder / table).iterdir() if not file.name.startswith("."))


def _is_ours(file: Path) -> bool | None:
    """Return whether this package wrote a file; None if it is damaged."""
    import pyarrow.parquet as parquet

    try:
        metadata: dict[bytes, Any] = parquet.read_schema(file).metadata or {}
    except (arrow().ArrowInvalid, OSError):
        return None
    return b"inspector.version" in metadata


def _foreign(folder: Path, file: Path) -> RecordingError:
    message = (
        f"{file.parent.name}/{file.name} is no table of inspector; name a folder of its own for the tables"
    )
    return RecordingError(message, path=str(folder))
