"""A JSON array of a stream's events, as logs and tests keep it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from inspector import _json
from inspector.formats.documents import Document
from inspector.formats.interaction import SAVED, Interaction, as_list, as_mapping
from inspector.protocol import EVENT_TYPES
from inspector.recording import Absent

__all__ = ["claims", "interactions"]

_ABSENT = SAVED | {Absent.REQUEST, Absent.SPELLING}


def claims(value: Any) -> bool:
    """Whether a document is an array of events of the Messages API."""
    listed = as_list(value)
    kinds = [as_mapping(each).get("type") for each in listed]
    return "message_start" in kinds[:100] and kinds[0] in EVENT_TYPES


def interactions(documents: Iterator[Document]) -> Iterator[Interaction]:
    """Yield an exchange for each array."""
    for line, value in documents:
        payloads = [(0.0, _json.dumps(event)) for event in as_list(value)]
        yield Interaction(line=line, payloads=payloads, absent=_ABSENT)
