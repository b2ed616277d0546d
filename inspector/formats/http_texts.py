"""What several exports say of HTTP: a status in words, and the headers that are true of a decoded body."""

from __future__ import annotations

import re
from http import HTTPStatus

from inspector.recording import Response

__all__ = ["reason_of", "sent_headers"]

_OF_THE_WIRE = frozenset(
    {"content-encoding", "content-length", "transfer-encoding", "connection", "keep-alive"}
)
_LINE_END = re.compile(r"[\r\n\x00]+")


def reason_of(status: int) -> str:
    """Return the usual words for a status; empty for one that has none."""
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""


def sent_headers(response: Response) -> list[tuple[str, str]]:
    """Return the headers that are true of the body as it is exported: whole, decoded, and not in chunks."""
    undecoded = bool(response.extra and response.extra.get("undecoded"))
    dropped = _OF_THE_WIRE - {"content-encoding"} if undecoded else _OF_THE_WIRE
    return [
        (name, _LINE_END.sub(" ", value)) for name, value in response.headers.items() if name not in dropped
    ]
