"""Locks on open files: a file has one writer, among the threads of this process and among all processes."""

from __future__ import annotations

import contextlib
import os
import stat
from pathlib import Path

from inspector.record.warning import warn

__all__ = ["FileLock", "load_locks"]

_holders: dict[tuple[int, int], FileLock] = {}
"""Who writes to a file in this process. A file system may have no locks, or none between threads."""
_warned: set[int] = set()


def load_locks() -> None:
    """Load the library for locks now, which takes 44 ms: only files for several recordings need it."""
    import filelock  # noqa: F401


class FileLock:
    """A lock on the open file `descriptor`. The name of the file, `path`, is for the warning.

    Between processes it is the system's own lock. If the file system has none, as some network file systems,
    it holds inside this process only, and one warning says so.
    """

    def __init__(self, descriptor: int, path: Path) -> None:
        self._descriptor = descriptor
        self._path = path
        status = os.fstat(descriptor)
        self._device = status.st_dev
        self._file = (status.st_dev, status.st_ino)
        self._regular = stat.S_ISREG(status.st_mode)
        self._shared = False

    def acquire(self) -> bool:
        """Become the file's only writer; return whether that worked. Does not wait."""
        if _holders.setdefault(self._file, self) is not self:
            return False
        from filelock import lock_descriptor

        try:
            self._shared = lock_descriptor(self._descriptor, blocking=False)
        except OSError as error:
            self._warn(error)
            return True
        if not self._shared:
            self.forget()
        return self._shared

    def release(self) -> None:
        """Let others write."""
        if self._shared:
            from filelock import unlock_descriptor

            # Unlock explicitly: closing is not enough while a forked child holds the descriptor.
            with contextlib.suppress(OSError):
                unlock_descriptor(self._descriptor)
        self.forget()

    def forget(self) -> None:
        """Give the lock up without unlocking: in a forked child, to unlock would unlock for the parent."""
        self._shared = False
        if _holders.get(self._file) is self:
            del _holders[self._file]

    def _warn(self, error: OSError) -> None:
        if self._regular and self._device not in _warned:
            _warned.add(self._device)
            warn(
                f"{self._path}: this file system has no locks ({error.strerror}); "
                "let only one process at a time record to this file"
            )
