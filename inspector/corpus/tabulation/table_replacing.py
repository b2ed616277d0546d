"""Tables beside tables: new ones are made in a hidden folder, and take the place of the old ones when whole.

    DIR/responses/part-00000.parquet      the tables that count
    DIR/.new-tables/responses/…           those of a run that begins anew, until it comes to its end

To rename `.new-tables` to `.whole-tables` decides. Then each old table goes to `.old-tables`, as a whole
folder, and then each new one takes its place. So a reader sees at every moment a table of old rows, or of new
ones, or none; and never tables of both. What a killed process leaves of that, the next run does.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from pathlib import Path

from inspector.corpus.tabulation.table_parts import TABLES, number_of

__all__ = ["HIDDEN", "discard_beside", "finish_replacing", "place_beside", "replace_tables"]

_NEW, _WHOLE, _OLD = HIDDEN = (".new-tables", ".whole-tables", ".old-tables")


def place_beside(folder: Path) -> Path:
    """Return where new tables are made while those in `folder` stay."""
    return folder / _NEW


def discard_beside(folder: Path) -> bool:
    """Remove new tables that are not whole. Return whether there were any."""
    there = place_beside(folder).exists()
    if there:
        shutil.rmtree(place_beside(folder))
    return there


def replace_tables(folder: Path) -> None:
    """Let the new tables take the place of those in `folder`. Raises `OSError`."""
    for table in TABLES:  # also those that they lack, so that what is still here is still to be moved
        (folder / _NEW / table).mkdir(exist_ok=True)
    os.replace(folder / _NEW, folder / _WHOLE)  # noqa: PTH105
    finish_replacing(folder)


def finish_replacing(folder: Path) -> bool:
    """Do what is left of `replace_tables`, and return whether there was any. Every step can be done twice."""
    whole, old = folder / _WHOLE, folder / _OLD
    if decided := whole.is_dir():
        old.mkdir(exist_ok=True)
        waiting = [table for table in TABLES if (whole / table).is_dir()]
        for table in waiting:
            if (folder / table).is_dir():
                os.replace(folder / table, old / table)  # noqa: PTH105
        for table in waiting:
            os.replace(whole / table, folder / table)  # noqa: PTH105
        shutil.rmtree(whole)
    if old.is_dir():
        for table in TABLES:
            _clear(old / table, folder / table)
        shutil.rmtree(old)
        for table in TABLES:  # a table that the new ones lack
            with contextlib.suppress(OSError):
                (folder / table).rmdir()
    return decided


def _clear(old: Path, table: Path) -> None:
    """Remove the parts of an old table. Move what others keep there, hidden, to the new one."""
    for file in list(old.iterdir()) if old.is_dir() else ():
        if number_of(file.name) is not None:
            file.unlink()
        elif not (table / file.name).exists():
            table.mkdir(exist_ok=True)
            os.replace(file, table / file.name)  # noqa: PTH105
