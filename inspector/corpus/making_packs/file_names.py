"""Files under the names of members: the very name wherever that is safe and the folder takes it.

Law: no name drives a terminal or shows a secret, as `written_name` says, for an archive may be of anybody.
Any other name comes back as it was, also one with bytes that are no UTF-8.
"""

from __future__ import annotations

import errno
import os
import re
from hashlib import sha256
from pathlib import Path

from inspector.storage.folders import written_name

__all__ = ["moved"]

_REFUSED = (errno.ENAMETOOLONG, errno.EILSEQ, errno.EINVAL)
_OLD_LETTERS = re.compile("[\udca0-\udcff]")  # bytes of older encodings; those below are controls in some
_LONGEST = 255  # bytes of one part of a path, in all usual file systems
_KEPT = 60  # characters of a longer one: at most 240 bytes


def moved(file: Path, folder: Path, name: str) -> str:
    """Move a file to `name` in a folder, a relative path without `..`; return the name that it has then.

    Raises `OSError` if the folder cannot be written.
    """
    try:
        return _moved(file, folder, "/".join(map(_safe, name.split("/"))))
    except OSError as error:
        if error.errno not in _REFUSED:
            raise
    return _moved(file, folder, "/".join(_shortened(written_name(part)) for part in name.split("/")))


def _safe(part: str) -> str:
    letters = _OLD_LETTERS.sub("", part)
    return part if written_name(letters) == letters else written_name(part)


def _moved(file: Path, folder: Path, name: str) -> str:
    place = folder / name
    place.parent.mkdir(parents=True, exist_ok=True)
    number, free = 1, place
    while os.path.lexists(free):
        number += 1
        free = place.with_name(f"{place.stem}-{number}{place.suffix}")
    file.replace(free)
    return free.relative_to(folder).as_posix()


def _shortened(part: str) -> str:
    if len(os.fsencode(part)) <= _LONGEST:
        return part
    return f"{sha256(os.fsencode(part)).hexdigest()[:8]}-{part[-_KEPT:]}"
