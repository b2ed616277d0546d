"""A folder that is written anew, or that replaces an old one when it is whole."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

from inspector.errors import RecordingError

__all__ = ["new_folder"]


@contextlib.contextmanager
def new_folder(folder: Path, *, replaces: Callable[[Path], bool] | None = None) -> Iterator[Path]:
    """Give the folder to write in, and put it in its place at the end.

    A new folder is `folder` itself, so an interruption leaves what was written until then; an empty one is
    removed. If there is one with files, they must all be such as `replaces` says: then the folder is written
    beside it, and the old one stays until the new one is whole. Raises `RecordingError` if there is one and
    it may not be replaced, or if the folder cannot be made.
    """
    try:
        if not _is_used(folder):
            folder.mkdir(parents=True, exist_ok=True)
            try:
                yield folder
            finally:
                with contextlib.suppress(OSError):  # it has files
                    folder.rmdir()
            return
        if replaces is None:
            raise RecordingError("exists already; --overwrite replaces it", path=str(folder))
        foreign = next((path.name for path in sorted(folder.iterdir()) if not replaces(path)), None)
        if foreign:
            raise RecordingError(
                f"is not replaced, since it holds other things, such as {foreign}: name a new folder",
                path=str(folder),
            )
        with _beside(folder) as new:
            yield new
    except OSError as error:
        raise RecordingError(f"cannot be written: {error.strerror}", path=str(folder)) from error


def _is_used(folder: Path) -> bool:
    return folder.exists() and (not folder.is_dir() or next(folder.iterdir(), None) is not None)


@contextlib.contextmanager
def _beside(folder: Path) -> Iterator[Path]:
    """Give a hidden folder beside; at the end it takes the place of the old one."""
    place = folder.resolve()
    new, old = (place.with_name(f".{place.name}.{what}") for what in ("new", "old"))
    for left in (new, old):  # by a process that was killed
        shutil.rmtree(left, ignore_errors=True)
    new.mkdir()
    try:
        yield new
        place.rename(old)
        new.rename(place)
    finally:
        for left in (new, old):
            shutil.rmtree(left, ignore_errors=True)
