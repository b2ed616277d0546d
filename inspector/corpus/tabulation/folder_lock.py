"""Locks that end with a process: one run at a time writes to a folder; what a killed one left is known."""

from __future__ import annotations

import contextlib
import glob
import os
import sys
from pathlib import Path

from inspector.errors import RecordingError

__all__ = ["FolderLock", "lock", "remove_abandoned"]


def lock(descriptor: int) -> bool:
    """Lock an open file for this process, and return False if another has it. Some file systems cannot."""
    from filelock import lock_descriptor

    with contextlib.suppress(OSError):
        return lock_descriptor(descriptor, blocking=False)
    return True


def remove_abandoned(path: Path) -> None:
    """Remove files `.NAME.PID.tmp` beside a path that nobody writes any more: a killed run left them."""
    from filelock import lock_descriptor

    for file in path.parent.glob(f".{glob.escape(path.name)}.*[0-9].tmp"):
        with contextlib.suppress(OSError), file.open("rb") as left:
            if lock_descriptor(left.fileno(), blocking=False):
                file.unlink()


class FolderLock:
    """A lock that the system frees when this process ends, however it ends.

    It is on a file in the folder, which stays there: if it were removed, two runs could lock two files. On a
    file system without locks it holds nobody off.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._descriptor = -1

    def acquire(self) -> None:
        """Lock the folder. Raises `RecordingError` if another run has it, or if it cannot be written."""
        try:
            self._descriptor = os.open(self._folder / ".lock", os.O_RDWR | os.O_CREAT, 0o644)
        except OSError as error:
            raise RecordingError(f"cannot be written: {error.strerror}", path=str(self._folder)) from error
        if sys.platform != "win32":
            # A forked worker would hold the lock on as long as it lives, also if this process was killed.
            os.register_at_fork(after_in_child=self._close)
        if not lock(self._descriptor):
            self._close()
            message = "another run writes to this folder; wait for its end, or name another folder"
            raise RecordingError(message, path=str(self._folder))

    def release(self) -> None:
        """Let others write."""
        from filelock import unlock_descriptor

        if self._descriptor >= 0:
            with contextlib.suppress(OSError):
                unlock_descriptor(self._descriptor)
            self._close()

    def _close(self) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1
