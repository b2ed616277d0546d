"""HTTP/1.1 requests out of bytes (RFC 9112): a push parser that never reads, never waits and never raises.

Heads are parsed by httptools (llhttp, the parser of Node.js). Whatever is wrong with a request becomes a
`Refusal`, after which no byte is looked at any more. Heads and bodies are bounded.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import NamedTuple

import httptools

__all__ = ["Incoming", "Limits", "Refusal", "Requests"]


@dataclass(frozen=True, slots=True)
class Limits:
    """What a client may ask of the server: sizes in bytes, times in seconds."""

    head: int = 64 * 1024
    body: int = 32 * 1024 * 1024
    """The API's own limit for a request."""
    half: float = 30.0
    """How long a request may stand still in the middle."""
    idle: float = 120.0
    """How long a connection may wait for its next request."""
    stall: float = 3600.0
    """How long a connection stays open that is to be silent, or whose client does not read."""
    linger: float = 5.0
    """How long a client may take to notice that the connection was closed."""


class Incoming(NamedTuple):
    """A request as it came. Header names are in lower case.

    `old`: the client speaks HTTP/1.0. `keeps`: it will make its next request on the same connection.
    """

    method: str
    target: str
    headers: list[tuple[bytes, bytes]]
    body: bytes
    old: bool
    keeps: bool


class Refusal(NamedTuple):
    """What is wrong with a request: the status, the API's type of error, and words."""

    status: int
    type: str
    message: str


class Requests:
    """Feed it bytes; take requests from `ready`, and after the last of them the `refusal`, if any."""

    __slots__ = (
        "_body",
        "_fed",
        "_headers",
        "_limits",
        "_parser",
        "_size",
        "_target",
        "_upgrade",
        "half",
        "ready",
        "refusal",
        "waits",
    )

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self.ready: deque[Incoming] = deque()
        self.refusal: Refusal | None = None
        self.half = False
        """Whether a request has begun that is not complete."""
        self.waits = False
        """Whether its client waits for `100 Continue` before it sends the body."""
        self._parser = httptools.HttpRequestParser(self)
        self._fed = 0
        self._reset()

    def _reset(self) -> None:
        self._target = b""
        self._headers: list[tuple[bytes, bytes]] = []
        self._body: list[bytes] = []
        self._size = -1  # of the body so far; -1 while the head is being read
        self._upgrade = False

    def feed(self, data: bytes | memoryview) -> None:
        """Take the next bytes, cut wherever they are."""
        if self.refusal is not None:
            return
        if self._size < 0:
            self._fed += len(data)
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade as asked:
            self._without_upgrade(data, asked.args[0])
        except httptools.HttpParserError as error:
            self.refuse(400, "invalid_request_error", f"this is not an HTTP/1.1 request: {error}")
        if self._size < 0 and self._fed > self._limits.head and self.half:
            self._refuse_head()

    def refuse(self, status: int, type_: str, message: str) -> None:
        """Take no more bytes; the first reason counts."""
        self.refusal = self.refusal or Refusal(status, type_, f"inspector: {message}")
        self.half = self.waits = False
        self._reset()

    def _refuse_head(self) -> None:
        limit = self._limits.head
        self.refuse(431, "request_too_large", f"the request's head is longer than {limit:,} bytes")

    def _refuse_body(self) -> None:
        limit = self._limits.body >> 20
        self.refuse(413, "request_too_large", f"the request's body is longer than {limit} MiB")

    def _without_upgrade(self, data: bytes | memoryview, offset: int) -> None:
        """Read on as if no other protocol had been offered: a server may ignore that (RFC 9110, 7.8).

        The parser takes what follows such a head for the other protocol, so it is given the head anew.
        """
        method = self._parser.get_method()
        if method == b"CONNECT":
            self.refuse(405, "invalid_request_error", "this is no proxy: CONNECT is not served")
            return
        headers = [header for header in self._headers if header[0] not in (b"upgrade", b"connection")]
        lines = b"".join(b"%b: %b\r\n" % header for header in headers)
        head = b"%b %b HTTP/1.1\r\n%b\r\n" % (method, self._target, lines)
        self._parser = httptools.HttpRequestParser(self)
        self._reset()
        self.feed(head)
        if rest := bytes(data[offset:]):
            self.feed(rest)

    # What the parser calls.

    def on_message_begin(self) -> None:
        """A request begins."""
        self._reset()
        self.half = True

    def on_url(self, target: bytes) -> None:
        """A piece of its target has come."""
        self._target += target

    def on_header(self, name: bytes, value: bytes) -> None:
        """One of its headers has come."""
        self._headers.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        """Its head has come."""
        self._upgrade = self._parser.should_upgrade()
        self._size = 0
        if self._fed > self._limits.head:
            size = len(self._target) + sum(len(name) + len(value) + 4 for name, value in self._headers)
            if size > self._limits.head:
                self._refuse_head()
                return
        self._fed = 0
        headers = dict(self._headers)
        length = headers.get(b"content-length", b"")
        if length.isdigit() and int(length) > self._limits.body:
            self._refuse_body()
        elif b"expect" in headers:
            self.waits = headers[b"expect"].lower() == b"100-continue"

    def on_body(self, piece: bytes) -> None:
        """A piece of its body has come."""
        if self.refusal is None:
            self._body.append(piece)
            self._size += len(piece)
            if self._size > self._limits.body:
                self._refuse_body()

    def on_message_complete(self) -> None:
        """It is complete."""
        if self.refusal is not None or self._upgrade:
            return
        parser, body = self._parser, self._body
        self.ready.append(
            Incoming(
                parser.get_method().decode("latin-1"),
                self._target.decode("latin-1"),
                self._headers,
                body[0] if len(body) == 1 else b"".join(body),
                parser.get_http_version() == "1.0",
                parser.should_keep_alive(),
            )
        )
        self.half = self.waits = False
        self._size = -1
