"""What probes send: short messages that any model can answer, tools, a picture and a document."""

from __future__ import annotations

import base64
import struct
import zlib
from collections.abc import Sequence
from typing import Any

__all__ = ["NOW", "WEATHER", "Turns", "document", "picture", "tool_result", "user"]

Turns = list[dict[str, Any]]
"""The `messages` of a request."""

WEATHER: dict[str, Any] = {
    "name": "get_weather",
    "description": "Get the current weather in a city.",
    "input_schema": {
        "type": "object",
        "properties": {"city": {"type": "string", "description": "The name of the city"}},
        "required": ["city"],
    },
}
"""A tool with one argument."""

NOW: dict[str, Any] = {
    "name": "get_time",
    "description": "Get the current time. It takes no arguments.",
    "input_schema": {"type": "object", "properties": {}},
}
"""A tool without arguments."""


def user(content: str | list[dict[str, Any]]) -> Turns:
    """Return the messages of a request with one turn, of the user."""
    return [{"role": "user", "content": content}]


def tool_result(call: str, content: Any, *, is_error: bool | None = None) -> dict[str, Any]:
    """Return the content block that answers a tool call of this id."""
    result = {"type": "tool_result", "tool_use_id": call, "content": content}
    return result if is_error is None else result | {"is_error": is_error}


def picture() -> dict[str, Any]:
    """Return a content block with a PNG of 32 by 32 red pixels."""
    size = 32
    rows = (b"\0" + b"\xff\x00\x00" * size) * size
    header = struct.pack(">IIBBBBB", size, size, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    png = b"\x89PNG\r\n\x1a\n" + b"".join(_png_chunk(*chunk) for chunk in chunks)
    return {"type": "image", "source": _base64_source("image/png", png)}


def document() -> dict[str, Any]:
    """Return a content block with a PDF of one page, which says hello."""
    return {"type": "document", "source": _base64_source("application/pdf", _pdf(b"hello"))}


def _base64_source(media_type: str, data: bytes) -> dict[str, str]:
    return {"type": "base64", "media_type": media_type, "data": base64.b64encode(data).decode()}


def _png_chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _pdf(text: bytes) -> bytes:
    drawing = b"BT /F1 24 Tf 20 50 Td (%b) Tj ET" % text
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 100]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        b"<</Length %d>>stream\n%b\nendstream" % (len(drawing), drawing),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    file = b"%PDF-1.4\n"
    places = []
    for number, each in enumerate(objects, 1):
        places.append(len(file))
        file += b"%d 0 obj%b\nendobj\n" % (number, each)
    return file + _pdf_end(places, len(file))


def _pdf_end(places: Sequence[int], at: int) -> bytes:
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    count = len(places) + 1
    return b"xref\n0 %d\n0000000000 65535 f \n%btrailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (
        count,
        table,
        count,
        at,
    )
