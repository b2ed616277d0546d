"""HTTP/1.1 requests out of bytes (RFC 9112): a push parser that never reads, never waits and never raises.

Heads are parsed by httptools (llhttp, the parser of Node.js). Whatever is wrong with a request becomes a
`Refusal`, and no byte after it is looked at. Heads, bodies and all that stands around bodies are bounded, and
so is what is kept of them: many small chunks take no more memory than a large one. Trailers are dropped.
"""

from __future__ import annotations

from collections import deque
from typing import NamedTuple

import httptools

from inspector.play.bounded import BoundedCache
from inspector.play.received import IncomingRequest
from inspector.serve.access import Access
from inspector.serve.limits import Refusal, ServerLimits

__all__ = ["KnownRequests", "ParsedRequest", "RequestParser"]

_FIELDS = 1000
"""How many header fields a request may have."""
_FRAMING = 16
"""How many bytes may frame each byte of a chunked body, beside those that `ServerLimits.head` allows."""
_KNOWN = 1024 * 1024  # bytes of requests that are known
_KNOWN_EACH = 16 * 1024


class ParsedRequest(NamedTuple):
    """A request as it came, header names in lower case, and what its client expects of the connection."""

    request: IncomingRequest
    http_1_0: bool
    keep_alive: bool


class KnownRequests:
    """Requests by their bytes, to parse equal ones once: a load of many clients is often one request."""

    def __init__(self) -> None:
        self._requests: BoundedCache[bytes, ParsedRequest] = BoundedCache(_KNOWN)
        self.get = self._requests.get

    def put(self, wire: bytes, parsed: ParsedRequest) -> None:
        """Keep a request, if it is small and does not end its connection, which only a parser knows."""
        if len(wire) <= _KNOWN_EACH and parsed.keep_alive:
            self._requests.put(wire, parsed, len(wire))


class RequestParser:
    """Feed it bytes; take requests from `ready`, and after the last of them look at `refusal`."""

    __slots__ = (
        "_access",
        "_body",
        "_fed",
        "_headers",
        "_known",
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

    def __init__(self, limits: ServerLimits, known: KnownRequests, access: Access | None = None) -> None:
        self._limits = limits
        self._known = known
        self._access = access
        self.ready: deque[ParsedRequest] = deque()
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
        self._body = bytearray()
        self._size = -1  # of the body so far; -1 while the head is being read
        self._upgrade = False

    def feed(self, data: bytes | memoryview) -> None:
        """Take the next bytes, cut wherever they are."""
        if self.half or self.refusal is not None:
            self._parse(data)
            return
        # Between requests, the bytes alone say what they mean.
        wire = bytes(data)
        known = self._known.get(wire)
        if known is not None:
            self.ready.append(known)
            return
        before = len(self.ready)
        self._parse(wire)
        if len(self.ready) == before + 1 and not self.half and self.refusal is None:
            self._known.put(wire, self.ready[-1])

    def _parse(self, data: bytes | memoryview) -> None:
        if self.refusal is not None:
            return
        self._fed += len(data)
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            self._without_upgrade(data, upgrade.args[0])
        except httptools.HttpParserError as error:
            self.refuse(400, "invalid_request_error", f"this is not an HTTP/1.1 request: {error}")
        if self.half and self._fed > self._limits.head + max(self._size, 0) * (1 + _FRAMING):
            self._refuse_head("head is" if self._size < 0 else "trailers or chunk extensions are")

    def refuse(self, status: int, type_: str, message: str) -> None:
        """Take no more bytes. The first reason counts."""
        self._refuse(Refusal(status, type_, f"inspector: {message}"))

    def _refuse(self, refusal: Refusal) -> None:
        self.refusal = self.refusal or refusal
        self.half = self.waits = False
        self._reset()

    def _refuse_head(self, what: str = "head is") -> None:
        limit = self._limits.head
        self.refuse(431, "request_too_large", f"the request's {what} longer than {limit:,} bytes")

    def _refuse_body(self) -> None:
        limit = self._limits.body >> 20
        self.refuse(413, "request_too_large", f"the request's body is longer than {limit} MiB")

    def _without_upgrade(self, data: bytes | memoryview, offset: int) -> None:
        """Go on as if the client had offered no other protocol: a server may ignore that (RFC 9110, 7.8).

        The parser takes what follows such a head for the other protocol, so a new one gets the head without
        the offer.
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
        self._parse(head)
        if rest := bytes(data[offset:]):
            self._parse(rest)

    # The parser calls these.

    def on_message_begin(self) -> None:
        """Begin a request."""
        self._reset()
        self.half = True

    def on_url(self, target: bytes) -> None:
        """Take a piece of the target."""
        self._target += target

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header field; drop it if it is a trailer, as a server may (RFC 9110, 6.5.1)."""
        if self._size < 0 and len(self._headers) <= _FIELDS:
            self._headers.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        """Look at the complete head before the body comes."""
        self._upgrade = self._parser.should_upgrade()
        self._size = 0
        if self._fed > self._limits.head:
            size = len(self._target) + sum(len(name) + len(value) + 4 for name, value in self._headers)
            if size > self._limits.head:
                self._refuse_head()
                return
        if len(self._headers) > _FIELDS:
            self.refuse(431, "request_too_large", f"the request has more than {_FIELDS:,} header fields")
            return
        if self._access is not None:
            refused = self._access.refusal(self._target, self._headers)
            if refused is not None:
                self._refuse(refused)
                return
        self._fed = 0
        headers = dict(self._headers)
        length = headers.get(b"content-length", b"")
        if length.isdigit() and int(length) > self._limits.body:
            self._refuse_body()
        elif b"expect" in headers:
            self.waits = headers[b"expect"].lower() == b"100-continue"

    def on_body(self, piece: bytes) -> None:
        """Take a piece of the body."""
        if self.refusal is None:
            self._body += piece
            self._size += len(piece)
            if self._size > self._limits.body:
                self._refuse_body()

    def on_message_complete(self) -> None:
        """Hand out the complete request."""
        if self.refusal is not None or self._upgrade:
            return
        parser = self._parser
        request = IncomingRequest(
            parser.get_method().decode("latin-1"),
            self._target.decode("latin-1"),
            bytes(self._body),
            self._headers,
        )
        http_1_0 = parser.get_http_version() == "1.0"
        self.ready.append(ParsedRequest(request, http_1_0, parser.should_keep_alive()))
        self.half = self.waits = False
        self._size = -1
        self._fed = 0
        self._body = bytearray()
