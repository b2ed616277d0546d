"""In what a request differs from a recorded one, in phrases for the person at the client."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from inspector.play.received import IncomingRequest, ReceivedRequest
from inspector.protocol.urls import endpoint
from inspector.recording import Request
from inspector.redact import mask_text
from inspector.views.json_diff import ABSENT, changed_words, changes, short_value

__all__ = [
    "AnyRequest",
    "Difference",
    "body_differences",
    "endpoint",
    "readable",
    "target_differences",
]


class _Phrase:
    """What a phrase says as it is, in the place of a value."""

    def __init__(self, text: str) -> None:
        self.text = text


_MISSING, _NOTHING = _Phrase("missing"), _Phrase("nothing")


AnyRequest = IncomingRequest | ReceivedRequest | Request
"""A request, whether it was received or recorded."""


class Difference(NamedTuple):
    """One difference: where it is, the recorded value and the received one. As text it is a phrase."""

    where: str
    recorded: Any
    received: Any

    def __str__(self) -> str:
        if isinstance(self.recorded, list) and isinstance(self.received, list):
            return f"{self.where} has {len(self.received)} items, recorded were {len(self.recorded)}"
        if isinstance(self.recorded, str) and isinstance(self.received, str):
            changed = changed_words(self.recorded, self.received)
            if changed:
                return f"{self.where} differs: {changed}"
        name = self.where.rpartition(".")[2]
        received, recorded = _short(name, self.received), _short(name, self.recorded)
        return mask_text(f"{self.where} is {received}, recorded was {recorded}")


def _short(name: str, value: Any) -> str:
    return value.text if isinstance(value, _Phrase) else short_value(name, value)


def target_differences(request: AnyRequest, recorded: Request) -> Iterator[Difference]:
    """Yield the differences in method and path."""
    if request.method != recorded.method:
        yield Difference("method", _Phrase(recorded.method), _Phrase(request.method))
    ours, theirs = endpoint(request.url), endpoint(recorded.url)
    if ours and theirs and ours != theirs:
        yield Difference("path", _Phrase(theirs), _Phrase(ours))


def readable(body: bytes, value: Any) -> Any:
    """Return the JSON `value` of a body, or its text if it has none."""
    return body.decode("utf-8", "replace") if value is None and body else value


def body_differences(recorded: Any, received: Any, values: int | None = None) -> Iterator[Difference | None]:
    """Yield the differences between two bodies' values in order; at the end None if not all was compared.

    `values` limits how many pairs of values are compared.
    """
    for each in changes(recorded, received, values=values):
        if each is None:
            yield None
        else:
            before = _NOTHING if each.before is ABSENT else each.before
            after = _MISSING if each.after is ABSENT else each.after
            yield Difference(each.where, before, after)
