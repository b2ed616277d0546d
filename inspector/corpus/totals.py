"""Totals: how many files were read, and how many were not."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["Totals"]


class Totals(NamedTuple):
    """Counts of files, each member of an archive being one, and of their recordings.

    A file that can be read only in part is `unreadable`, and its recordings count as far as they were read.
    Files `of_something_else` hold no recordings, and their names promise none.
    """

    read: int = 0
    unreadable: int = 0
    of_something_else: int = 0
    recordings: int = 0

    @property
    def files(self) -> int:
        """All of them."""
        return self.read + self.unreadable + self.of_something_else

    def __str__(self) -> str:
        return self.line()

    def line(self, *, recordings: bool = True) -> str:
        """Return the counts as one line; without the recordings if nobody counted them."""
        within = f" ({self.recordings:,} recording{'s' * (self.recordings != 1)})" if recordings else ""
        return (
            f"{self.files:,} source{'s' * (self.files != 1)}: {self.read:,} read{within}, "
            f"{self.unreadable:,} unreadable, {self.of_something_else:,} of something else"
        )
