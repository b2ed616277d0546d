"""The file that `-o` records to."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from inspector.errors import RecordingError
from inspector.record.files import FileTarget

__all__ = ["recording_to"]


@contextlib.contextmanager
def recording_to(path: str | None, *, overwrite: bool, append: bool) -> Iterator[FileTarget | None]:
    """Give a target for the file `path`, or None without a path. An old file is replaced only at the end.

    Raises `RecordingError` if the file cannot be written, or exists and neither option says what to do.
    """
    if path is None:
        yield None
        return
    target = Path(path)
    if target.is_dir():
        raise RecordingError("this is a folder; name a file in it", path=path)
    if not target.parent.is_dir():
        raise RecordingError("cannot be written: there is no such folder", path=path)
    exists = target.exists() and target.stat().st_size > 0
    if not exists or append:
        yield FileTarget(target)
    elif overwrite:
        part = target.with_name(f".{target.name}.{os.getpid()}.part")
        try:
            yield FileTarget(part)
        finally:
            if part.exists():
                part.replace(target)
    else:
        raise RecordingError(
            "exists already; use --overwrite to replace it or --append to add to it", path=path
        )
