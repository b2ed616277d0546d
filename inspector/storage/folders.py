"""What has files below it, a folder, an archive, a part of a bucket; and how a file is called there.

`written_name` is the one place that makes the names of files out of the names of sources.
"""

from __future__ import annotations

import os
import re
from pathlib import PurePath

from inspector.escaping import escape
from inspector.redact import mask_text
from inspector.storage.kinds import is_url
from inspector.storage.places import container_of, split, store_of

__all__ = ["holds_files", "name_below", "written_name"]


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


def written_name(path: str) -> str:
    """Return a relative path under which a file may be written that a source of this name leads to.

    No part of it has a secret, a control character, or a mark that turns text around. A part that had to be
    changed begins with a digest of the original, so that different names stay different.
    """
    return str(PurePath(*map(_written_part, PurePath(path).parts))) if path else ""


def _written_part(part: str) -> str:
    hidden = mask_text(part)
    plain = part if hidden == part else re.sub(r"\*+", "-", hidden)
    if escape(plain) != plain:
        plain = "".join(char if escape(char) == char else "-" for char in plain)
    if plain == part:
        return part
    from hashlib import sha256  # rarely needed

    return f"{sha256(part.encode('utf-8', 'surrogatepass')).hexdigest()[:8]}-{plain}"
