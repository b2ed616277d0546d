"""The body of a request, cut out of the head that it stands in, and parsed once.

It may be megabytes of conversation: more than the rest of its recording.
"""

from __future__ import annotations

from typing import Any

import orjson

from inspector.recording.values import Request

__all__ = ["body_of", "written_head"]

_START = b',"body":'

_last: tuple[bytes, Any] = (b"null", None)


def body_of(request: Request) -> Any:
    """Return the value of a request's body; None if it has none, or it is not JSON.

    It is not parsed again if its head was read last. The value must not be changed.
    """
    last, value = _last
    return value if request.body is last else request.json()


def written_head(line: bytes) -> tuple[dict[str, Any], bytes] | None:
    """Read a head as a program writes it; return it with null for its request's body, and the body verbatim.

    Return None for any other line. What is cut out is the body, because the rest of the line is JSON that has
    one member of this name, and its request has it.
    """
    global _last
    start = line.find(_START) + len(_START)
    end = line.rfind(b'},"response":', start)
    if end < 0:
        end = line.rfind(b'},"recorder":', start)
    if not len(_START) <= start < end:
        return None
    body, rest = line[start:end].strip(), b"%bnull%b" % (line[:start], line[end:])
    if rest.count(b'"body"') != 1 or b"\\u" in rest:  # an escape may spell the name, too
        return None
    try:
        value = orjson.loads(rest)
        ((content,),) = orjson.loads(b"[[%b]]" % body)  # one value, as deep as it stands in the head
        if "body" not in value["request"]:
            return None
    except (ValueError, LookupError, TypeError):
        return None
    _last = body, content
    return value, body
