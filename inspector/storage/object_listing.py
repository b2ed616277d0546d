"""Listing the objects of a bucket: below a folder, or by a pattern, page by page.

The pages come in the order of the keys' bytes. So a pattern costs no more than the keys that begin as it
does: the listing of `2026-11-0*` starts there and ends there, in a bucket of any size.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from inspector.storage.exact_keys import Stored, list_exactly, obstore_can_name
from inspector.storage.kinds import is_pattern
from inspector.storage.object_clients import client_of
from inspector.storage.object_ends import before, is_ordered, listed_to_the_end
from inspector.storage.object_patterns import literal_start, matcher
from inspector.storage.object_urls import Place

__all__ = ["Range", "objects_of", "range_of"]


class Range(NamedTuple):
    """Which keys are meant: those that begin with `start`, and match a pattern if `matches` is not None.

    `folder` is the part of `start` up to its last slash: what is listed.
    """

    folder: str
    start: str
    matches: Callable[[str], bool] | None


def range_of(key: str) -> Range:
    """Return which keys a pattern means, or a folder."""
    if is_pattern(key):
        start = literal_start(key)
        return Range(start[: start.rfind("/") + 1], start, matcher(key))
    folder = f"{key}/" if key and not key.endswith("/") else key
    return Range(folder, folder, None)


def objects_of(place: Place, keys: Range) -> Iterator[Stored]:
    """Yield what is stored under the keys that are meant, in their order.

    Raises `RecordingError` where the store cannot be listed, after the objects before that.
    """
    for stored in _without_markers(_listed(place, keys)):
        if keys.matches is None or keys.matches(stored.key):
            yield stored


def _listed(place: Place, keys: Range) -> Iterator[Stored]:
    last = ""
    if obstore_can_name(keys.folder.rstrip("/") or "a"):
        client = client_of(place)
        ordered = is_ordered(place)
        after = before(keys.start) if ordered and keys.start != keys.folder else None
        with client.explained(place.name(place.key), "cannot be listed: "):
            try:
                for stored in listed_to_the_end(client, place, keys.folder, after):
                    if stored.key.startswith(keys.start):
                        last = stored.key
                        yield stored
                    elif ordered and stored.key > keys.start:
                        return
                return
            except Exception as error:
                if type(error).__name__ != "InvalidPathError":
                    raise
    yield from list_exactly(place, keys.start, last)


def _without_markers(objects: Iterator[Stored]) -> Iterator[Stored]:
    """Leave out the empty objects that stand for folders.

    Consoles make them. Their keys end in a slash, which obstore drops: such a one comes right before what is
    in the folder.
    """
    empty: Stored | None = None
    for stored in objects:
        if empty is not None and not stored.key.startswith(f"{empty.key}/"):
            yield empty
        empty = None
        if stored.size:
            yield stored
        elif not stored.key.endswith("/"):
            empty = stored
    if empty is not None:
        yield empty
