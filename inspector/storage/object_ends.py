"""The end of a listing, and the proof that it is one.

A page of a listing says whether another one follows. obstore takes an answer that is XML and no page, such as
an error of the store or a page of the web, for a last page without objects. So every end is doubted, and what
follows the last key is requested again.

Law: a listing is complete, or raises. An end counts if the server itself says so in an answer that is read
as it is (`other_servers`). A server that wants credentials for that lists once more, from right before the
last key: a listing has that key in it, and nothing else has.
"""

from __future__ import annotations

from collections.abc import Iterator

from inspector.errors import RecordingError
from inspector.storage.exact_keys import Stored, obstore_can_name
from inspector.storage.object_clients import Client
from inspector.storage.object_errors import NO_STORE
from inspector.storage.object_urls import Place
from inspector.storage.other_servers import Answer, what_follows

__all__ = ["before", "is_ordered", "listed_to_the_end"]

_PAGE = 50  # objects that come at once; where the listing fails, those that wait for others are lost
_UNORDERED = "--x-s3"  # buckets of S3 Express: their listings have no order, and start at no key
_UNPROVEN = (
    "no recordings are listed below this, and the store does not say without credentials whether that is "
    "true; check the name and the endpoint"
)
_ENDS_ARE_SURE = ("az", "azure", "adl", "abfs", "abfss")  # obstore refuses what is no page of Azure's


def is_ordered(place: Place) -> bool:
    """Return whether the listings of a bucket are in the order of its keys."""
    return not place.root.endswith(_UNORDERED)


def before(key: str) -> str | None:
    """Return a key that comes right before another, or nearly; None if obstore can name none."""
    rest, last = key[:-1], key[-1:]
    if last.isascii():
        near = f"{rest}{chr(ord(last) - 1)}z"  # few keys go on with what comes after `z`
        if obstore_can_name(near):
            return near
    return rest if obstore_can_name(rest) else None


def listed_to_the_end(client: Client, place: Place, folder: str, after: str | None) -> Iterator[Stored]:
    """Yield the objects of a folder that come after a key, all of them.

    Raises `RecordingError` where an answer is no listing, and what the client raises.
    """
    last = ""
    for stored in _pages(client, folder, after):
        yield stored
        last = _later(last, stored)
    if place.scheme in _ENDS_ARE_SURE or not is_ordered(place):
        return
    while True:
        end, is_met = last, not last
        answer = (
            what_follows(client.listing, folder, end or after or "") if client.listing else Answer.REFUSED
        )
        if answer is Answer.NONE:
            return
        if answer is Answer.NO_LISTING:
            raise _broken(place, folder, end)
        for stored in _pages_from(client, folder, end) if end else _pages(client, folder, after):
            is_met = is_met or stored.key == end
            if stored.key > last:
                yield stored
                last = _later(last, stored)
        if last == end:
            if not end and client.listing and answer is Answer.REFUSED and not _lists(client):
                raise RecordingError(_UNPROVEN, path=place.name(folder))
            if is_met and answer is Answer.REFUSED:
                return
            raise _broken(place, folder, end)


def _pages(client: Client, folder: str, after: str | None) -> Iterator[Stored]:
    for page in client.store.list(folder or None, offset=after, chunk_size=_PAGE):
        for meta in page:
            yield Stored(meta["path"], meta["size"], meta["last_modified"].timestamp())


def _pages_from(client: Client, folder: str, key: str) -> Iterator[Stored]:
    try:
        yield from _pages(client, folder, before(key))
    except Exception as error:
        if type(error).__name__ == "InvalidPathError" or " " not in key:
            raise
        # Not every server reads obstore's `+` as a blank. Then the signature is wrong to it.
        start = key.partition(" ")[0]
        yield from _pages(client, folder, start if obstore_can_name(start) else None)


def _lists(client: Client) -> bool:
    """Return whether a bucket lists any object to who has credentials."""
    try:
        return next(_pages(client, "", None), None) is not None
    except Exception:  # of obstore: whoever may list a folder need not be allowed to list the bucket
        return False


def _later(last: str, stored: Stored) -> str:
    """Return the key at which the listing has arrived.

    obstore drops the slash of an empty object that stands for a folder, so that it seems to come too late.
    """
    return last if stored.key < last and not stored.size else stored.key


def _broken(place: Place, folder: str, end: str) -> RecordingError:
    if not end:
        return RecordingError(f"cannot be listed: {NO_STORE}", path=place.name(folder))
    message = (
        f"cannot be listed to its end: what comes after {end} is no listing; try again, or check the endpoint"
    )
    return RecordingError(message, path=place.name(folder))
