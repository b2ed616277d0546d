"""What a live page has not got yet: items in their order, within a bound of memory.

A page asks for what came after the last item that it has. So no connection is held open, nothing waits for a
slow page, and a page that comes late, or again, gets everything that is kept.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from operator import itemgetter

from inspector.page.live_reading import Item, Part

__all__ = ["LiveLog"]

_ANSWER = 1024 * 1024  # bytes, about

_Numbered = tuple[int, bytes]
"""The number of an item, and its JSON."""


class LiveLog:
    """The items of the last `most` recordings, or of fewer if theirs have more than `most_bytes`.

    `name` is that of this log: a page that has items of another one begins anew.
    """

    def __init__(self, name: str, *, most: int = 50, most_bytes: int = 128 * 1024 * 1024) -> None:
        self._name = name
        self._most, self._most_bytes = most, most_bytes
        self._kept: dict[int, _Kept] = {}
        self._next = 1
        self._bytes = 0

    def publish(self, items: Iterable[Item]) -> None:
        """Add items. The oldest recordings are forgotten if there is no room."""
        for item in items:
            if item.part is Part.BEGIN:
                self._kept[item.number] = _Kept()
            kept = self._kept.get(item.number)
            if kept is not None:
                self._bytes += kept.add(self._next, item)
                self._next += 1
        while len(self._kept) > self._most or (self._bytes > self._most_bytes and len(self._kept) > 1):
            self.forget(next(iter(self._kept)))

    def forget(self, number: int) -> None:
        """Forget a recording: pages drop it, too."""
        if kept := self._kept.pop(number, None):
            self._bytes -= kept.size

    def since(self, name: str, last: int) -> bytes:
        """Return what came after item `last` of the log `name`, as JSON: all of it, or about a megabyte.

        `{"log": name, "last": the last item in here, "more": whether there are more, "kept": [the numbers of
        the recordings that are kept], "items": […]}`.
        """
        if name != self._name:
            last = 0
        new = sorted((each for kept in self._kept.values() for each in kept.since(last)), key=itemgetter(0))
        items, size = [], 0
        for number, json in new:
            if size > _ANSWER:
                break
            items.append(json)
            size += len(json)
            last = number
        more = b"true" if len(items) < len(new) else b"false"
        kept = ",".join(map(str, self._kept)).encode()
        head = b'{"log":"%b","last":%d,"more":%b,"kept":[%b],"items":[' % (
            self._name.encode(),
            last,
            more,
            kept,
        )
        return b"%b%b]}" % (head, b",".join(items))


class _Kept:
    """The items of one recording: it begins, its lines, and its facts as they are now."""

    def __init__(self) -> None:
        self.size = 0
        self._items: list[_Numbered] = []
        self._facts: _Numbered | None = None

    def add(self, number: int, item: Item) -> int:
        """Add an item; return by how many bytes it has grown."""
        before = self.size
        self.size += len(item.json)
        if item.part is Part.FACTS:
            self.size -= len(self._facts[1]) if self._facts else 0
            self._facts = number, item.json
        else:
            self._items.append((number, item.json))
        return self.size - before

    def since(self, last: int) -> Iterator[_Numbered]:
        yield from self._items[bisect_right(self._items, last, key=itemgetter(0)) :]
        if self._facts and self._facts[0] > last:
            yield self._facts
