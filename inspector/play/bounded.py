"""A mapping that forgets what was used longest ago, bounded by the sum of sizes that its values are given."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, TypeVar

__all__ = ["BoundedCache"]

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class BoundedCache(Generic[K, V]):
    """Keep the values used last, up to `limit` in size together; a single value may be larger."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._values: OrderedDict[K, tuple[V, int]] = OrderedDict()
        self._size = 0

    @property
    def full(self) -> bool:
        """Whether the next value would push out another."""
        return self._size >= self._limit

    def get(self, key: K) -> V | None:
        """Return a value, if it is still kept."""
        entry = self._values.get(key)
        if entry is None:
            return None
        self._values.move_to_end(key)
        return entry[0]

    def put(self, key: K, value: V, size: int) -> None:
        """Keep a value under a new key."""
        self._values[key] = value, size
        self._size += size
        while self.full and len(self._values) > 1:
            _, (_, dropped) = self._values.popitem(last=False)
            self._size -= dropped
