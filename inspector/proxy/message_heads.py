"""The heads of HTTP/1.1 messages (RFC 9112), without any I/O: read, and written for the other side.

Rule 1: of a request, whatever two programs may understand differently is refused, because one of the two
could be the server behind this proxy (request smuggling): bare line ends, folded lines, spaces in names,
two lengths, a length besides chunks, codings of transfer.

Rule 2: of a response, what the RFC gives one meaning is read. The user named the server, and clients read
such answers directly: bare line ends (2.2), folded lines (5.2), spaces after names (5.1), one length said
twice, and a length besides chunks (6.3), which then does not count.

Rule 3: what is not refused is passed on as it came: order, spelling and repeated fields.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from inspector.play.headers import HOP_BY_HOP
from inspector.proxy.body_framing import Body, Chunked, Empty, OfLength, UntilClose

__all__ = [
    "HTTP_2",
    "HTTP_2_REFUSAL",
    "Fields",
    "HeadError",
    "RequestHead",
    "ResponseHead",
    "parse_request",
    "parse_response",
    "passed_on",
]

Fields = list[tuple[bytes, bytes]]

HTTP_2 = b"PRI * HTTP/2.0\r\n\r\n"
"""How a client begins that speaks HTTP/2 without asking (RFC 9113, 3.4)."""
_USE_HTTP_1_1 = b"inspector: this proxy speaks HTTP/1.1"
HTTP_2_REFUSAL = b"".join(
    [
        b"\0\0\0\4\0\0\0\0\0",  # SETTINGS, which come first
        b"\0\0%c\7\0\0\0\0\0" % (8 + len(_USE_HTTP_1_1)),  # GOAWAY
        b"\0\0\0\0\0\0\0\x0d" + _USE_HTTP_1_1,  # no stream was served; HTTP_1_1_REQUIRED
    ]
)
"""What tells it to use HTTP/1.1 (RFC 9113, 6.8 and 7)."""

_MOST_FIELDS = 1000
_TOKEN = rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"
_REQUEST_LINE = re.compile(rb"(%b) ([\x21-\x7e\x80-\xff]+) HTTP/1\.([01])" % _TOKEN)
_STATUS_LINE = re.compile(rb"HTTP/1\.([01]) ([1-9][0-9]{2})(?: ([\t\x20-\x7e\x80-\xff]*))?")
_FIELD = re.compile(rb"(%b):([\t\x20-\x7e\x80-\xff]*)" % _TOKEN)
_LINE_END = re.compile(rb"\r?\n")
_FOLD = re.compile(rb"\r\n[ \t]+")
_SPACE_AFTER_NAME = re.compile(rb"(?<=\r\n)(%b)[ \t]+:" % _TOKEN)
_LENGTH = re.compile(rb"[0-9]{1,18}")
_BARE_LF = re.compile(rb"(?<!\r)\n")
_SHOWN = 60  # bytes
_SHOWN_OF_GARBAGE = 200  # bytes; its recording has no other place for them
_OF_ONE_CONNECTION = frozenset(name.encode() for name in HOP_BY_HOP - {"trailer", "transfer-encoding"})


class HeadError(ValueError):
    """A head that is not read."""


@dataclass(frozen=True, slots=True)
class RequestHead:
    """The head of a request, as it came."""

    method: str
    target: str
    fields: Fields
    http_1_0: bool

    @property
    def keep_alive(self) -> bool:
        """Whether its client may send another request on this connection. Those of HTTP/1.0 may not."""
        return not self.http_1_0 and b"close" not in _listed(self.fields, b"connection")

    @property
    def waits(self) -> bool:
        """Whether its client waits for `100 Continue` before it sends the body."""
        return not self.http_1_0 and b"100-continue" in _listed(self.fields, b"expect")

    def body(self) -> Body:
        """Return how its body is framed (RFC 9112, 6.3). Raises `HeadError`."""
        names = {name.lower() for name, _ in self.fields}
        if b"transfer-encoding" in names:
            if b"content-length" in names:
                raise HeadError("it has both Content-Length and Transfer-Encoding")
            if self.http_1_0:
                raise HeadError("HTTP/1.0 has no Transfer-Encoding")
        return _body(self.fields) or Empty()


@dataclass(frozen=True, slots=True)
class ResponseHead:
    """The head of a response, as it came."""

    status: int
    reason: bytes
    fields: Fields
    http_1_0: bool

    @property
    def keep_alive(self) -> bool:
        """Whether the server will take another request on this connection."""
        closes = self.http_1_0 or self.two_framings or b"close" in _listed(self.fields, b"connection")
        return not closes

    @property
    def two_framings(self) -> bool:
        """Whether it has a length besides chunks. The chunks count (RFC 9112, 6.3)."""
        return {b"content-length", b"transfer-encoding"} <= {name.lower() for name, _ in self.fields}

    @property
    def keep_alive_seconds(self) -> float | None:
        """How long the server lets the connection wait for another request; None if it does not say."""
        for each in _listed(self.fields, b"keep-alive"):
            name, _, value = each.partition(b"=")
            if name == b"timeout" and _LENGTH.fullmatch(value):
                return float(value)
        return None

    def body(self, method: str) -> Body:
        """Return how its body is framed, as the answer to such a request. Raises `HeadError`."""
        body = _body(self.fields, repeated=True)
        if method == "HEAD" or self.status in (204, 304):
            return Empty()
        return body or UntilClose()


def parse_request(head: bytes) -> RequestHead:
    """Read a request's head, with the empty line that ends it. Raises `HeadError`."""
    if match := _BARE_LF.search(head):
        raise HeadError(f"a line ends without CR: {head[: match.start()][-_SHOWN:]!r}")
    line, fields = _lines(head)
    match = _REQUEST_LINE.fullmatch(line)
    if match is None:
        raise HeadError(f"this is not a request line of HTTP/1.1: {line[:_SHOWN]!r}")
    method, target, minor = match.groups()
    if minor == b"1" and sum(name.lower() == b"host" for name, _ in fields) != 1:
        raise HeadError("a request of HTTP/1.1 has exactly one Host")
    return RequestHead(method.decode(), target.decode("latin-1"), fields, minor == b"0")


def parse_response(head: bytes) -> ResponseHead:
    """Read a response's head, with the empty line that ends it. Raises `HeadError`."""
    head = _LINE_END.sub(b"\r\n", head)
    match = _STATUS_LINE.fullmatch(head.partition(b"\r\n")[0])
    if match is None:
        raise HeadError(f"this is not a status line of HTTP/1.1: {head[:_SHOWN_OF_GARBAGE]!r}")
    _, fields = _lines(_SPACE_AFTER_NAME.sub(rb"\1:", _FOLD.sub(b" ", head)))
    minor, status, reason = match.groups()
    return ResponseHead(int(status), reason or b"", fields, minor == b"0")


def passed_on(fields: Iterable[tuple[bytes, bytes]]) -> Fields:
    """Return the fields that are not for one connection only (RFC 9110, 7.6.1).

    The framing of the body stays, because the body passes as it is.
    """
    fields = list(fields)
    kept = {b"transfer-encoding", b"content-length"}
    dropped = (_OF_ONE_CONNECTION | set(_listed(fields, b"connection"))) - kept
    return [(name, value) for name, value in fields if name.lower() not in dropped]


def _lines(head: bytes) -> tuple[bytes, Fields]:
    """Split a head into its first line and its fields."""
    first, *lines = head[:-4].split(b"\r\n")
    if len(lines) > _MOST_FIELDS:
        raise HeadError(f"it has more than {_MOST_FIELDS:,} header fields: {first[:_SHOWN]!r}")
    fields = []
    for line in lines:
        match = _FIELD.fullmatch(line)
        if match is None:
            kind = "a folded line" if line[:1] in (b" ", b"\t") else "not a header field"
            raise HeadError(f"{kind}: {line[:_SHOWN].split(b':')[0]!r}")
        fields.append((match[1], match[2].strip(b" \t")))
    return first, fields


def _body(fields: Fields, *, repeated: bool = False) -> Body | None:
    """Return how a body is framed; None if nothing says so. With `repeated` one length may be said twice."""
    lengths = [value for name, value in fields if name.lower() == b"content-length"]
    if repeated:
        lengths = sorted({each.strip() for value in lengths for each in value.split(b",")})
    codings = [value for name, value in fields if name.lower() == b"transfer-encoding"]
    if codings:
        if [coding.lower() for coding in codings] != [b"chunked"]:
            raise HeadError(f"its Transfer-Encoding is not chunked: {codings[0][:_SHOWN]!r}")
        return Chunked()
    if not lengths:
        return None
    if len(lengths) > 1 or not _LENGTH.fullmatch(lengths[0]):
        raise HeadError(f"its Content-Length is not one number: {b', '.join(lengths)[:_SHOWN]!r}")
    return OfLength(int(lengths[0]))


def _listed(fields: Iterable[tuple[bytes, bytes]], name: bytes) -> list[bytes]:
    """Return the members of a list that one or several fields hold, in lower case."""
    values = b",".join(value for key, value in fields if key.lower() == name)
    return [each.strip().lower() for each in values.split(b",")] if values else []
