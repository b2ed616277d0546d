"""Header fields: those of a recorded response that are played, and those of a request as it came."""

from __future__ import annotations

import re
from collections.abc import Iterable

from inspector.recording import Response

__all__ = ["HOP_BY_HOP", "RawHeaders", "header_value", "played_headers"]

RawHeaders = Iterable[tuple[bytes, bytes]]
"""Header fields as they stand in a message: name and value, in order."""

HOP_BY_HOP = frozenset(
    {
        "connection",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)
"""Header fields that are meant for one connection (RFC 9110, 7.6.1), and no part of the response."""

_LENGTH = re.compile(r"[0-9]{1,18}")
_NOT_IN_A_LINE = re.compile(r"[\r\n\x00]+")


def played_headers(
    response: Response, size: int | None = None, *, whole: bool = True
) -> list[tuple[bytes, bytes]]:
    """Return the recorded header fields that every client gets, in order: all but those of the connection.

    `size` is the number of bytes in the body, None if the body says nothing about the length, and `whole`
    says whether the body ended as HTTP says. A recorded `content-length` that such a body cannot have had
    is not true any more: somebody edited the body. A whole body then gets its own length. If the recorder
    decoded the body, neither the coding nor the length is true, and both are left out. A response without
    any header field is a stream that was saved without its head: clients get the type of a stream.
    """
    if response.status == 200 and not response.headers:
        return [(b"content-type", b"text/event-stream")]
    dropped = HOP_BY_HOP
    if _decoded(response):
        dropped |= {"content-encoding", "content-length"}
    elif response.status == 204 or not _LENGTH.fullmatch(response.headers.get("content-length", "")):
        dropped |= {"content-length"}
    fields = {name: value for name, value in response.headers.items() if name not in dropped}
    length = int(fields.get("content-length", -1))
    if size is not None and length >= 0:
        if whole:
            fields["content-length"] = str(size)
        elif size > length:
            del fields["content-length"]
    return [(_encoded(name), _encoded(value)) for name, value in fields.items()]


def header_value(headers: RawHeaders, name: str) -> str | None:
    """Return the value of the first field with that name (in lower case), None without one."""
    wanted = name.encode()
    return next((value.decode("latin-1") for key, value in headers if key.lower() == wanted), None)


def _decoded(response: Response) -> bool:
    """Whether the recording holds the body in another coding than its head says."""
    return "content-encoding" in response.headers and not (response.extra or {}).get("undecoded")


def _encoded(text: str) -> bytes:
    # A line end in a value would begin another header field: a recording may be edited by hand.
    return _NOT_IN_A_LINE.sub(" ", text).encode("utf-8", "replace")
