"""Where two recordings first differ byte by byte, as `cmp` says it: byte, line and event; and in their reads.

Compared are the bytes of both bodies and the boundaries of the reads. Times are not: they are never equal.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import accumulate
from typing import Any

from inspector.recording import Recording
from inspector.views.changes import Change
from inspector.views.json_diff import ABSENT
from inspector.views.word_diff import first_difference

__all__ = ["exact_changes"]

_SHOWN = 32  # bytes
_BEFORE = 8  # of them before the first that differs


def exact_changes(one: Recording, other: Recording) -> Iterator[Change]:
    """Yield the first byte of each body that differs, and the first read."""
    sides = (one.request.body or b"", other.request.body or b"")
    if sides[0] != sides[1]:
        at = first_difference(*sides)
        yield Change(("bytes", "request", at), *(_place(side, at) for side in sides))
    bodies = one.body, other.body
    if bodies[0] != bodies[1]:
        at = first_difference(*bodies)
        before, after = (_place(body, at) for body in bodies)
        yield Change(("bytes", at), before | _event(one, at), after | _event(other, at))
    ends = [[*accumulate(len(data) for _, data in each.chunks())] for each in (one, other)]
    if ends[0] != ends[1]:
        at = next((at for at, (a, b) in enumerate(zip(*ends, strict=False)) if a != b), min(map(len, ends)))
        yield Change(("reads", at), *(end[at] if at < len(end) else ABSENT for end in ends))


def _place(body: bytes, at: int) -> dict[str, Any]:
    """Return the line of a byte, and the bytes around it."""
    around = body[max(0, at - _BEFORE) : at + _SHOWN - _BEFORE]
    return {"line": body.count(b"\n", 0, at) + 1, "bytes": around.decode("utf-8", "backslashreplace")}


def _event(recording: Recording, at: int) -> dict[str, Any]:
    """Return the event that a byte stands in; nothing for a byte of none."""
    for event in recording.events():
        if event.offset <= at < event.offset + len(event.block.raw_bytes):
            return {"event": event.number, "type": event.type}
    return {}
