"""Requests as they were received, what answered each, and a bounded memory of the last of them."""

from __future__ import annotations

import itertools
import threading
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from inspector import _json
from inspector.play.headers import RawHeaders
from inspector.protocol.urls import url_path
from inspector.redact import mask_text

__all__ = ["History", "IncomingRequest", "ReceivedRequest", "url_path"]

_KEPT_BODIES = 64 * 1024 * 1024  # bytes


class IncomingRequest(NamedTuple):
    """A request that is to be answered.

    `url` is what the client's library gave: absolute in process, over a socket the target of the request
    line.
    """

    method: str
    url: str
    body: bytes = b""
    raw_headers: RawHeaders = ()


@dataclass(frozen=True, slots=True, repr=False)
class ReceivedRequest:
    """A request that was received, and what answered it.

    `number` counts from 1. `url` is absolute in process, and the target of the request line over a socket.
    `recording` names the recording that was played. It is None if none was, and then `miss` says why, unless
    the request needs no recording. `differences` are then those from the nearest recorded request, a phrase
    each. `status` is None if no response was to be sent.
    """

    number: int
    method: str
    url: str
    raw_headers: Sequence[tuple[bytes, bytes]] = ()
    body: bytes = b""
    recording: str | None = None
    status: int | None = None
    miss: str | None = None
    differences: tuple[str, ...] = ()

    @property
    def path(self) -> str:
        """The URL's path, without the query."""
        return url_path(self.url)

    @property
    def headers(self) -> Mapping[str, str]:
        """The header fields, their names in lower case."""
        return {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in self.raw_headers}

    def json(self) -> Any:
        """Parse the body; None if it is empty or not JSON."""
        try:
            return _json.loads(self.body) if self.body else None
        except ValueError:
            return None

    def __repr__(self) -> str:
        """Show no header, no body and no `miss`: they hold secrets and prompts."""
        answer = "no recording" if self.recording is None else self.recording
        return mask_text(
            f"<ReceivedRequest {self.number}: {self.method} {self.path} {self.status}, {answer}>"
        )


class History:
    """The last requests, bounded in number (`keep`) and in bytes of their bodies. Safe between threads."""

    def __init__(self, keep: int) -> None:
        self._keep = keep
        self._requests: deque[ReceivedRequest] = deque()
        self._size = 0
        self._numbers = itertools.count(1)
        self._lock = threading.RLock()  # a garbage collection may end in here again

    def share_numbers(self, process: int, processes: int) -> None:
        """Number as one process (from 0) of several: no number comes twice."""
        self._numbers = itertools.count(process + 1, processes)

    def add(
        self,
        request: IncomingRequest,
        *,
        status: int | None,
        recording: str | None = None,
        miss: str | None = None,
        differences: tuple[str, ...] = (),
    ) -> ReceivedRequest:
        """Number a request that was answered, with this status or without a response, and keep it."""
        method, url, body, headers = request
        with self._lock:
            received = ReceivedRequest(
                next(self._numbers),
                method,
                url,
                tuple(headers),
                body,
                recording,
                status,
                miss,
                differences,
            )
            if self._keep:
                self._requests.append(received)
                self._size += len(body)
                self._forget()
        return received

    def all(self) -> list[ReceivedRequest]:
        """Return what is kept, oldest first."""
        with self._lock:
            return list(self._requests)

    def _forget(self) -> None:
        while len(self._requests) > self._keep or (self._size > _KEPT_BODIES and len(self._requests) > 1):
            self._size -= len(self._requests.popleft().body)
