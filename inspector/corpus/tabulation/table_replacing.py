"""Tables beside tables: new ones are made in a hidden folder, and take the place of the old ones when whole.

    DIR/responses/part-00000.parquet      the tables that count
    DIR/.new-tables/responses/…           those of a run that begins anew, until it comes to its end

To rename `.new-tables` to `.whole-tables` decides: the old tables go, and the new ones move into their place.
What a killed process leaves of that, the next run does.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from pathlib import Path

from inspector.corpus.tabulation.table_parts import TABLES, committed, remove

__all__ = ["discard_beside", "finish_replacing", "place_beside", "replace_tables"]

_NEW, _WHOLE, _MOVING = ".new-tables", ".whole-tables", ".moving-tables"


def place_beside(folder: Path) -> Path:
    """Return where new tables are made while those in `folder` stay."""
    return folder / _NEW


def discard_beside(folder: Path) -> None:
    """Remove new tables that are not whole."""
    if place_beside(folder).exists():
        shutil.rmtree(place_beside(folder))


def replace_tables(folder: Path) -> None:
    """Let the new tables take the place of those in `folder`. Raises `OSError`."""
    os.replace(folder / _NEW, folder / _WHOLE)  # noqa: PTH105
    finish_replacing(folder)


def finish_replacing(folder: Path) -> None:
    """Do what is left of `replace_tables`. Every step can be done twice."""
    whole, moving = folder / _WHOLE, folder / _MOVING
    if whole.is_dir():
        for number in committed(folder):
            remove(folder, number)
        os.replace(whole, moving)  # noqa: PTH105
    if moving.is_dir():
        for table in TABLES:  # `sources` comes last: it commits each part
            for file in sorted((moving / table).glob("part-*.parquet")):
                (folder / table).mkdir(exist_ok=True)
                os.replace(file, folder / table / file.name)  # noqa: PTH105
        shutil.rmtree(moving)
        for table in TABLES:  # a table that the new ones lack
            with contextlib.suppress(OSError):
                (folder / table).rmdir()
