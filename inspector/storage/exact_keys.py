"""Keys of S3 that obstore cannot name, read with boto3 where it is installed.

To S3 a key is any text. obstore takes it for a path: it refuses keys with an empty part (`a//b`), with a part
that is `.` or `..`, and with a control character, and one such key makes the listing of everything around it
fail. AWS's own client changes no key, and is slower.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import Any, NamedTuple

from inspector.errors import RecordingError
from inspector.storage.object_clients import aws_client
from inspector.storage.object_errors import NO_STORE, explained, one_line
from inspector.storage.object_files import refuse_shorter
from inspector.storage.object_urls import Place

__all__ = ["Stored", "get_exactly", "list_exactly", "obstore_can_name", "there_exactly"]

_CONTROLS = frozenset(map(chr, [*range(32), 127]))
_ODD_PARTS = frozenset({"", ".", ".."})


class Stored(NamedTuple):
    """What a listing says of one object: its key, its size in bytes, its time in seconds since 1970."""

    key: str
    size: int
    modified: float


def obstore_can_name(key: str) -> bool:
    """Whether obstore can name a key as it is."""
    return _CONTROLS.isdisjoint(key) and _ODD_PARTS.isdisjoint(key.split("/"))


def list_exactly(place: Place, prefix: str, after: str) -> Iterator[Stored]:
    """Yield the objects whose keys begin with a prefix and come after a key, in the order of the keys."""
    with _explained(place):
        pages = _client(place).get_paginator("list_objects_v2")
        for page in pages.paginate(Bucket=_bucket(place), Prefix=prefix, StartAfter=after):
            is_cut = page.get("IsTruncated")  # boto3 takes a page of the web for one without objects, too
            if is_cut is None or (is_cut and not page.get("NextContinuationToken")):
                raise RecordingError(f"cannot be listed: {NO_STORE}", path=place.name(prefix))
            for item in page.get("Contents", ()):
                yield Stored(item["Key"], item["Size"], item["LastModified"].timestamp())


def there_exactly(place: Place) -> Stored | None:
    """Return what is stored under a key; None if nothing is."""
    with _explained(place):
        from botocore.exceptions import ClientError

        try:
            head = _client(place).head_object(Bucket=_bucket(place), Key=place.key)
        except ClientError as error:
            if error.response.get("ResponseMetadata", {}).get("HTTPStatusCode") == 404:
                return None
            raise
    return Stored(place.key, head["ContentLength"], head["LastModified"].timestamp())


def get_exactly(place: Place, listed: int | None) -> io.BufferedReader:
    """Ask for an object, and return it as a file that streams. `listed` is its size as listed, or None."""
    with _explained(place):
        answer = _client(place).get_object(Bucket=_bucket(place), Key=place.key)
        body = _Body(place, answer["Body"])
        try:
            refuse_shorter(answer["ContentLength"], listed, place.name(place.key))
        except RecordingError:
            body.close()
            raise
        return io.BufferedReader(body, 256 * 1024)


class _Body(io.RawIOBase):
    """The body of an answer, whose errors are `RecordingError`."""

    def __init__(self, place: Place, body: Any) -> None:
        self._place, self._body = place, body

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        with _explained(self._place):
            piece: bytes = self._body.read(len(buffer))
        buffer[: len(piece)] = piece
        return len(piece)

    def close(self) -> None:
        if not self.closed:
            self._body.close()
        super().close()


def _client(place: Place) -> Any:
    """Return boto3's client for a bucket. Raises `RecordingError` if boto3 cannot help."""
    if place.scheme not in ("s3", "s3a"):
        raise _cannot_name(place, "rename the object")
    try:
        return aws_client()
    except ImportError as error:
        raise _cannot_name(place, "pip install boto3: it can") from error


def _bucket(place: Place) -> str:
    return place.root.rpartition("/")[2]


def _cannot_name(place: Place, remedy: str) -> RecordingError:
    return RecordingError(
        "obstore cannot name a key here: it has an empty part (//), a part . or .., or a control character; "
        + remedy,
        path=place.name(place.key),
    )


def _explained(place: Place) -> AbstractContextManager[None]:
    """Raise what goes wrong as a `RecordingError` of one line, without URLs."""
    return explained(place.name(place.key), _why)


def _why(error: BaseException) -> str:
    answer = getattr(error, "response", None) or {}  # of botocore, which is imported only if it is there
    said = answer.get("Error", {})
    text = ": ".join(filter(None, [said.get("Code"), said.get("Message")])) if said else str(error)
    return f"the store failed: {one_line(text)[:200]}"
