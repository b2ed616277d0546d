"""The store of objects: buckets of S3, Google Cloud Storage and Azure, and single objects of the web.

    s3://bucket/2026/           all objects below it          (s3a:// too)
    s3://bucket/2026/a.jsonl    one; if there is no such object, all below `2026/a.jsonl/`
    s3://bucket/2026/*/x-*.gz   a pattern (see `object_patterns`), unless an object has that very key
    gs://bucket/…  az://container/…  abfss://container@account.dfs.core.windows.net/…
    https://host/a.jsonl        one object; a signature in its query is used, and shown nowhere

Listing streams in the order of the store, which is that of the keys' bytes: no bucket is held whole, and
nothing is opened. `fetched` asks for many small objects at once. Which process may call this module is said
in `object_clients`.
"""

from __future__ import annotations

import contextlib
import itertools
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import IO

from inspector.errors import RecordingError
from inspector.storage.exact_keys import get_exactly, obstore_can_name, there_exactly
from inspector.storage.kinds import Kind, is_hidden, kind_of
from inspector.storage.object_clients import Client, client_of
from inspector.storage.object_files import SMALL, opened_object
from inspector.storage.object_listing import Range, objects_of, range_of
from inspector.storage.object_urls import place_of, public_name
from inspector.storage.other_files import OtherFiles
from inspector.storage.stored_source import Source

__all__ = ["fetched", "listed", "opened", "there", "without_recordings"]

AT_ONCE = 64
"""How many small objects are fetched at once."""

HELD = 32 * 1024 * 1024
"""How many bytes of small objects are held at most, besides the one that is read."""

_COUNTED = 10_000
"""How many objects `without_recordings` looks at."""


def listed(argument: str) -> Iterator[Source | RecordingError]:
    """Yield the sources of a URL. See `places.Store`."""
    place = place_of(argument)
    source = there(argument)
    if source is not None:
        yield source
        return
    keys = range_of(place.key)
    try:
        for stored in objects_of(place, keys):
            kind = _kind(stored.key, keys)
            if kind is not Kind.OTHER:
                sure = kind is Kind.RECORDINGS
                yield Source(place.name(stored.key), stored.size, stored.modified, sure)
    except RecordingError as error:
        yield error


def _kind(key: str, keys: Range) -> Kind:
    """Return what a key promises. What a pattern matches was meant, whatever it is called."""
    if keys.matches:
        return Kind.RECORDINGS
    return Kind.OTHER if is_hidden(key[len(keys.folder) :]) else kind_of(key)


def without_recordings(argument: str) -> RecordingError:
    """Return the error for a URL that means no recordings: it says what is there."""
    place, name = place_of(argument), public_name(argument)
    if place.is_web:
        return RecordingError("there are no recordings in it", path=name)
    keys = range_of(place.key)
    if keys.matches:
        return RecordingError("no object matches this pattern", path=name)
    others, count = OtherFiles(), 0
    try:
        for stored in itertools.islice(objects_of(place, keys), _COUNTED):
            others.add(stored.key[len(keys.folder) :])
            count += 1
    except RecordingError as error:
        return error
    if not count:
        if place.key[-1:] in ("", "/"):
            return RecordingError(f"no recordings below this: {others}", path=name)
        return RecordingError("there is no such object, and none below it", path=name)
    first = f"of the first {count} objects, " if count == _COUNTED else ""
    return RecordingError(f"no recordings below this: {first}{others}", path=name)


def there(name: str) -> Source | None:
    """Return one object as a source; None if there is no such object.

    An object of the web is taken to be there: a signature may be for reading only.
    """
    place = place_of(name)
    if place.is_web:
        return Source(public_name(name))
    if place.key[-1:] in ("", "/"):  # a bucket, or a folder in it
        return None
    if not obstore_can_name(place.key):
        stored = there_exactly(place)
        return Source(name, stored.size, stored.modified) if stored else None
    client = client_of(place)
    with client.explained(name):
        try:
            meta = client.store.head(place.key)
        except FileNotFoundError:
            return None
    return Source(name, meta["size"], meta["last_modified"].timestamp())


@contextlib.contextmanager
def opened(name: str) -> Iterator[IO[bytes]]:
    """Open one object: as a stream, in which seeking asks for the rest. Raises `RecordingError`."""
    with _got(name, {}, None) as file:
        yield file


def fetched(sources: Iterable[Source]) -> Iterator[tuple[Source, IO[bytes] | RecordingError]]:
    """Yield each source with its open file, in order, or with why there is none.

    Small objects are fetched ahead, at most `AT_ONCE` of them and `HELD` bytes. A big one, or one of
    unknown size, is fetched in its turn, and streams.
    """
    waiting: deque[tuple[Source, Future[IO[bytes]] | None]] = deque()
    clients: dict[str, Client] = {}
    held = 0
    coming = iter(sources)
    following = next(coming, None)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        try:
            while waiting or following:
                while following and len(waiting) < AT_ONCE and held + _holding(following) <= HELD:
                    is_small = following.size is not None and following.size <= SMALL
                    future = pool.submit(_got, following.name, clients, following.size) if is_small else None
                    waiting.append((following, future))
                    held += _holding(following)
                    following = next(coming, None)
                source, future = waiting.popleft()
                held -= _holding(source)
                yield from _turn(source, future, clients)
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def _turn(
    source: Source, future: Future[IO[bytes]] | None, clients: dict[str, Client]
) -> Iterator[tuple[Source, IO[bytes] | RecordingError]]:
    try:
        file = future.result() if future else _got(source.name, clients, source.size)
    except RecordingError as error:
        yield source, error
        return
    with file:
        yield source, file


def _holding(source: Source) -> int:
    """Return how many bytes a source takes while it waits: a big one is not fetched yet."""
    return source.size if source.size is not None and source.size <= SMALL else 0


def _got(name: str, clients: dict[str, Client], listed: int | None) -> IO[bytes]:
    """Ask for an object. `clients` are those of the buckets so far. Raises `RecordingError`.

    `listed` is the size that its listing says, None if it was not listed.
    """
    place = place_of(name)
    if not place.is_web and place.key[-1:] in ("", "/"):
        raise RecordingError("this is no object, but a bucket or a folder; name one in it", path=name)
    if not place.is_web and not obstore_can_name(place.key):
        return get_exactly(place, listed)
    client = clients.get(place.root) or client_of(place)
    if not place.is_web:
        clients[place.root] = client
    with client.explained(name):
        return opened_object(client, place.key, public_name(name), listed)
