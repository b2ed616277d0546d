"""The file that `-o` records to."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator
from pathlib import Path

from inspector.cli._printing import say
from inspector.errors import RecordingError
from inspector.formats import opened
from inspector.record.files import FileTarget, refuse_other_content
from inspector.recording import End, Head, waiting_folder

__all__ = ["recording_to"]


@contextlib.contextmanager
def recording_to(path: str | None, *, overwrite: bool, append: bool) -> Iterator[FileTarget | None]:
    """Give a target for the file `path`, or None without a path. At the end, the file is on the disk itself.

    An old file is replaced only at the end, and only by recordings that are whole. Raises `RecordingError` if
    the file cannot be written, or exists and neither option says what to do.
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
    if exists and overwrite and not append:
        with _replacing(target) as new:
            yield FileTarget(new)
    elif exists and not append:
        raise RecordingError(
            "exists already; use --overwrite to replace it or --append to add to it", path=path
        )
    else:
        refuse_other_content(target)
        try:
            yield FileTarget(target)
        finally:
            _sync(target)


@contextlib.contextmanager
def _replacing(target: Path) -> Iterator[Path]:
    """Give the path of a new file. At the end it replaces `target` if it is whole; if not, both stay."""
    folder = waiting_folder(target)
    new = folder / f"new-{os.getpid()}-{time.time_ns()}.jsonl"
    try:
        folder.mkdir(exist_ok=True)
    except OSError as error:
        raise RecordingError(f"cannot be written: {error.strerror}", path=str(target)) from error
    try:
        yield new
    finally:
        if new.exists():
            if _is_whole(new):
                _sync(new)
                new.replace(target)
            else:
                say(f"{target} stays as it was, for the new recording is not whole: it is in {new}")
        with contextlib.suppress(OSError):  # the new file, or others, are in it
            folder.rmdir()


def _is_whole(path: Path) -> bool:
    """Whether every recording of a file has its end."""
    heads = ends = 0
    try:
        with opened(path) as reader:
            for value in reader:
                heads += isinstance(value, Head)
                ends += isinstance(value, End)
            return heads == ends and not reader.torn
    except RecordingError:
        return False


def _sync(path: Path) -> None:
    """Have the system write a file to the disk itself, so that it survives a loss of power."""
    if path.is_file():
        # To be written, too: Windows flushes nothing else.
        with contextlib.suppress(OSError), path.open("r+b") as file:
            os.fsync(file.fileno())
