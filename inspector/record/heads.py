"""The head of a recording, made of what a client sent and a server answered, and without their secrets.

Whoever records calls this: the tap for a client's library, the proxy for what passes it. So both keep and
withhold the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from inspector._version import __version__
from inspector.record.destination import Observer
from inspector.recording import Head, Request, Response
from inspector.redact import Mask, Pseudonyms, allowed_headers

__all__ = ["Fields", "ReceivedHead", "SentRequest", "head_of"]

Fields = Sequence[tuple[str, str]]
"""Header fields: name and value, in order, a repeated name as often as it came."""

_RECORDER = {"name": "sse-inspector", "version": __version__}  # as a recording's head names it


@dataclass(frozen=True, slots=True)
class SentRequest:
    """A request as it was sent.

    `at` is when, in UTC, and `clock` the same moment on the recorder's clock, in seconds. `body` is what is
    known of the body; None if nothing is. `extra` has further members for the recorded request. `observer`
    sees the recording of the exchange.
    """

    at: datetime
    clock: float
    method: str
    url: str
    headers: Fields
    body: bytes | None = None
    extra: Mapping[str, Any] | None = None
    observer: Observer | None = None


@dataclass(frozen=True, slots=True)
class ReceivedHead:
    """The head of a response, and when it came on the recorder's clock.

    `undecoded` says that nothing here can undo its content coding.
    """

    clock: float
    status: int
    headers: Fields
    http: str
    undecoded: bool = False


def head_of(
    sent: SentRequest, received: ReceivedHead | None, pseudonyms: Pseudonyms | None = None
) -> tuple[Head, Mask]:
    """Return a recording's head, and the mask that hides the secrets of this exchange in all that follows.

    With `pseudonyms`, ids become pseudonyms.
    """
    mask = Mask(sent.headers, received.headers if received else (), pseudonyms=pseudonyms)
    # What the URL and the body hold of secrets, the server may repeat.
    mask.learn(sent.url.encode())
    mask.learn(sent.body or b"")
    response = None if received is None else _response_of(received, received.clock - sent.clock, mask)
    at = sent.at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return Head(at, _request_of(sent, mask), response, _RECORDER), mask


def _request_of(sent: SentRequest, mask: Mask) -> Request:
    headers, withheld = allowed_headers(sent.headers, mask=mask)
    return Request(
        method=sent.method,
        url=mask.url(sent.url),
        headers=headers,
        body=sent.body and mask.request(sent.body),
        withheld=withheld,
        extra=sent.extra,
    )


def _response_of(received: ReceivedHead, t: float, mask: Mask) -> Response:
    headers, withheld = allowed_headers(received.headers, response=True, mask=mask)
    return Response(
        t=round(t, 6),
        status=received.status,
        headers=headers,
        http=received.http,
        withheld=withheld,
        extra={"undecoded": True} if received.undecoded else None,
    )
