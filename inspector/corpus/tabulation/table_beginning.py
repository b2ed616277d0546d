"""Where a run makes its tables: in the folder, or beside those that are there.

A run that begins anew beside old tables notes its names in `.new-tables/names.json`, before anything else. If
it is interrupted, only a run of the same names goes on with its tables: those of other names would lose their
rows, old or new, as soon as the new tables take the place of the old ones.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Sequence
from pathlib import Path

from inspector.corpus.tabulation.arrow_tables import storable
from inspector.corpus.tabulation.source_ledger import any_was_found
from inspector.corpus.tabulation.table_parts import parts, remove, remove_uncommitted
from inspector.corpus.tabulation.table_replacing import discard_beside, place_beside
from inspector.errors import RecordingError, UsageError
from inspector.storage.kinds import is_url

__all__ = ["begin", "go_on"]

_NAMES = "names.json"
_SHOWN = 3  # names in a message


def begin(folder: Path, names: Sequence[str], announce: Callable[[str], object], *, overwrite: bool) -> Path:
    """Return where a run begins anew: beside the tables that are there, if it is to `overwrite` them.

    Raises `RecordingError` if it is not. Tables of names under which nothing was found are none: who mends a
    name begins anew.
    """
    there = parts(folder)
    if there and not overwrite:
        if any_was_found(folder):
            message = "there are tables in this folder; --resume goes on with them, --overwrite replaces them"
            raise RecordingError(message, path=str(folder))
        for number in there:
            remove(folder, number)
    if discard_beside(folder):
        announce(f"{folder}: the new tables of an --overwrite that was interrupted are removed")
    if not (there and overwrite):
        return folder
    place = place_beside(folder)
    place.mkdir()
    (place / _NAMES).write_text(json.dumps(_about(names)))
    return place


def go_on(folder: Path, names: Sequence[str], announce: Callable[[str], object]) -> Path:
    """Return where a run goes on: beside the old tables, if one of the same names was interrupted there.

    Raises `UsageError` if one of other names was, and has rows. If it has none, its folder is removed.
    """
    place = place_beside(folder)
    if not place.is_dir():
        return folder
    try:
        about = json.loads((place / _NAMES).read_text())
        digest, shown = about["digest"], about["names"]
    except (OSError, ValueError, KeyError, TypeError):  # the run was killed at once
        digest, shown = "", "other names"
    remove_uncommitted(place)
    old = "the tables that were there stay"
    if digest == _about(names)["digest"]:
        announce(f"{folder}: goes on with the --overwrite that was interrupted; {old} until its end")
        return place
    if any_was_found(place):
        raise UsageError(
            f"{folder}: an --overwrite of {shown} is not finished, and this command names others; with the "
            f"same names --resume finishes it, --overwrite begins anew; to drop it, remove {place}"
        )
    discard_beside(folder)
    announce(f"{folder}: an --overwrite of {shown} was interrupted before it read anything; {old}")
    return folder


def _about(names: Sequence[str]) -> dict[str, str]:
    """Return what tells the names of one command from those of another, and a text that has no secrets."""
    places = {name: name if name == "-" or is_url(name) else os.path.abspath(name) for name in names}  # noqa: PTH100
    shown = [storable(place) for place in places.values()]
    more = len(shown) - _SHOWN
    return {
        "digest": hashlib.sha256(json.dumps(sorted(places.items())).encode()).hexdigest(),
        "names": ", ".join(shown[:_SHOWN]) + (f" and {more} more" if more > 0 else ""),
    }
