"""What has files below it, a folder, an archive, a part of a bucket; and how a file is called there."""

from __future__ import annotations

import os
from pathlib import PurePath

from inspector.storage.kinds import is_url
from inspector.storage.places import container_of, split, store_of

__all__ = ["holds_files", "name_below"]


def holds_files(name: str | os.PathLike[str]) -> bool:
    """Whether a name is of a folder, an archive, or a part of a bucket. A pattern is not."""
    name = os.fspath(name)
    if os.path.isdir(name):  # noqa: PTH112
        return True
    if split(name):
        return False
    source = store_of(name).there(name)
    return container_of(source) is not None if source else is_url(name)


def name_below(name: str, folder: str) -> str:
    """Return the name of a file below the folder or archive that means it, as a path to write to.

    An archive and a bucket may hold any names: no part of one leads out of the folder that is written to.
    """
    parts = PurePath(os.path.relpath(name, folder)).parts
    return str(PurePath(*(part for part in parts if part != os.pardir)))
