"""The values of one recording, put together as they come."""

from __future__ import annotations

from inspector.recording.values import End, Head, Line, Other, Recording, TimedBlock, Torn

__all__ = ["Assembly"]


class Assembly:
    """One recording in the making: it begins with `head`, and `add` takes each further value."""

    __slots__ = ("_blocks", "_end", "_head", "_others", "_torn")

    def __init__(self, head: Head) -> None:
        self._head = head
        self._blocks: list[TimedBlock] = []
        self._others: list[tuple[int, bytes]] = []
        self._end: End | None = None
        self._torn = False

    def add(self, value: Line) -> None:
        """Take the next value, which is no head."""
        match value:
            case TimedBlock():
                self._blocks.append(value)
            case End():
                self._end = value
            case Other():
                self._others.append((len(self._blocks), value.text))
            case Torn():
                self._torn = True

    def recording(self, source: str) -> Recording:
        """Return the recording as far as it has come. `source` is the name of its file."""
        return Recording(self._head, tuple(self._blocks), self._end, self._torn, tuple(self._others), source)
