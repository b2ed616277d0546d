"""Which test of a run writes which file: one test for each, also among parallel workers.

A second test that names the same file waits until the first has ended. Then it is answered from the file, if
that was written.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from filelock import BaseFileLock

__all__ = ["Claims"]


class Claims:
    """The files that the tests of this run have written, and those that a running test may write.

    `run` is what all workers of one run share; None without workers.
    """

    def __init__(self, run: str | None = None) -> None:
        self._shared = run is not None
        self._folder = Path(tempfile.gettempdir()) / f"inspector-run-{run or os.getpid()}"
        self._written: set[Path] = set()
        self._held: list[BaseFileLock] = []

    def hold(self, paths: Iterable[Path]) -> None:
        """Keep other tests from writing these files until `release`; wait for one that does."""
        if not self._shared:  # one test at a time
            return
        from filelock import FileLock

        self._folder.mkdir(mode=0o700, exist_ok=True)
        for path in sorted(map(self._note, paths)):  # in one order, so that no two wait for each other
            lock = FileLock(path.with_suffix(".lock"))
            lock.acquire()
            self._held.append(lock)

    def release(self) -> None:
        """Let other tests have the files."""
        while self._held:
            self._held.pop().release()

    def is_written(self, path: Path) -> bool:
        """Return whether a test of this run has written the file, or has found it up to date."""
        return path.absolute() in self._written or (self._shared and self._note(path).exists())

    def written(self, path: Path) -> None:
        """Note that the test that holds the file has written it, or has found it up to date."""
        self._written.add(path.absolute())
        if self._shared:
            self._note(path).touch()

    def _note(self, path: Path) -> Path:
        """Return the file that stands for a recording. It exists when the recording was written."""
        return self._folder / hashlib.sha256(os.fsencode(path.absolute())).hexdigest()[:32]
