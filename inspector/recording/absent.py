"""What a recording lacks because its source did not have it. The head lists it as `absent`."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

__all__ = ["Absent", "absent_of"]


class Absent(StrEnum):
    """What the source of a recording may lack. A reader does not make it up, and rules that need it rest."""

    TIMES = "times"
    """When each read returned: all blocks have one time, which says nothing."""
    READS = "reads"
    """Which bytes came in one read."""
    FRAMING = "framing"
    """The lines around the payloads: each event has the plain form, and the name that its `type` gives."""
    EVENTS = "events"
    """The events: they are made from the whole message that the source has."""
    SPELLING = "spelling"
    """The JSON's own bytes: its padding, the order of its keys and the form of its numbers."""
    USAGE = "usage"
    """The token counts: 0 stands in their place."""
    BODY = "body"
    """The body of the response, although one came."""
    END = "end"
    """How the response ended: `complete` stands for a body that was saved."""
    STATUS = "status"
    """The HTTP status: 200 stands in its place."""
    HEADERS = "headers"
    """Headers of the response: those that stand in the head may be changed, and others missing."""
    REQUEST = "request"
    """The request."""
    SENT = "sent"
    """When the request was sent: `at` is empty, or the time at which the response was saved."""


_NOTHING: frozenset[str] = frozenset()


def absent_of(extra: Mapping[str, Any] | None) -> frozenset[str]:
    """Return what a head with these members lists as absent.

    `untimed`, as older versions wrote it, means the times and the reads.
    """
    if not extra:  # as in nearly every recording, and rules ask often
        return _NOTHING
    listed = extra.get("absent")
    names = {name for name in listed if isinstance(name, str)} if isinstance(listed, list) else set()
    if extra.get("untimed") is True:
        names |= {Absent.TIMES, Absent.READS}
    return frozenset(names)
