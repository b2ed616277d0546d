"""A source: one thing that may hold recordings, by a name that every command takes."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["Source"]


class Source(NamedTuple):
    """A file, an object of a store, a whole archive, or some frames of a pack.

    `name` is its path or its URL, without credentials; `inspector.storage` opens it. `size` is in bytes as
    they are stored, `modified` is in seconds since 1970 (UTC); both are None if they are unknown. `sure` says
    that the name alone promises recordings; else the content decides, and a source of something else is
    passed over. `frames` limits a pack to the frames from the first number up to the second, which is not
    one of them; its `size` is then that of their text. None means a file that is no pack.
    """

    name: str
    size: int | None = None
    modified: float | None = None
    sure: bool = True
    frames: tuple[int, int] | None = None
