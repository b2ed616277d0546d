"""Recordings by what their requests' bodies say, found by a digest of what is compared.

Key order, spacing and escapes do not count, nor secrets that were masked when the request was recorded.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict, deque
from collections.abc import Iterable, Sequence
from typing import Any

from inspector import _json
from inspector.play.differences import body_differences, readable, target_differences
from inspector.play.received import IncomingRequest
from inspector.recording import Head
from inspector.views.comparison import Comparison, canonical

__all__ = ["Bodies", "parsed"]

_VALUES = 500_000
"""A body of more JSON values than this is compared byte by byte: parsing it would hold up other clients."""


class Bodies:
    """The unused recordings by the digest of their requests' bodies, and those whose body was masked."""

    def __init__(self, heads: Sequence[Head], unused: Iterable[int], comparison: Comparison) -> None:
        self._heads = heads
        self._comparison = comparison
        self._digests: dict[int, bytes] = {}
        self._positions: dict[bytes, deque[int]] = defaultdict(deque)
        self._masked: deque[int] = deque()
        self._bodiless: deque[int] = deque()  # of their request only the path is known
        self._played: dict[bytes, int] = {}
        for position in unused:
            body = heads[position].request.body or b""
            self._digests[position] = digest = _digest(body, self._compared(position))
            self._positions[digest].append(position)
            if b"********" in body:
                self._masked.append(position)
            if not body and comparison.question:
                self._bodiless.append(position)

    def find(self, request: IncomingRequest, value: Any) -> int | None:
        """Return the first recording of the same request; None if there is none. `value` is as compared."""
        for position in self._positions.get(_digest(request.body, value), ()):
            if not any(target_differences(request, self._heads[position].request)):
                return position
        body = readable(request.body, value) if self._masked else None
        for position in self._masked:
            if not any(target_differences(request, self._heads[position].request)) and not any(
                True for _ in body_differences(self._compared(position), body)
            ):
                return position
        for position in self._bodiless:
            if not any(target_differences(request, self._heads[position].request)):
                return position
        return None

    def played(self, request: IncomingRequest, value: Any) -> int | None:
        """Return the recording of the same request that has been used up; None if there is none."""
        position = self._played.get(_digest(request.body, value))
        if position is None or any(target_differences(request, self._heads[position].request)):
            return None
        return position

    def use(self, position: int, *, again: bool) -> None:
        """Take a recording out; put it last if it is to be found `again`."""
        digest = self._digests[position]
        for positions in (self._positions[digest], self._masked, self._bodiless):
            if position in positions:
                positions.remove(position)
                if again:
                    positions.append(position)
        self._played[digest] = position

    def _compared(self, position: int) -> Any:
        """Return what is compared of a recorded body. It is not kept: bodies may be many and large."""
        return self._comparison.value(parsed(self._heads[position].request.body or b""))


def parsed(body: bytes) -> Any:
    """Return the JSON of a body; None if it has none, or too many values to parse it in a short time."""
    if not body or (len(body) > _VALUES and sum(map(body.count, (b",", b"[", b"{"))) > _VALUES):
        return None
    try:
        return _json.loads(body)
    except ValueError:
        return None


def _digest(body: bytes, value: Any) -> bytes:
    """Return a digest of the body's JSON in canonical form, so that equal bodies have equal digests."""
    return hashlib.sha256(canonical(body, value), usedforsecurity=False).digest()
