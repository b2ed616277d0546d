"""A response as text: the bare body, what `curl -i` prints, and the bare payloads."""

from __future__ import annotations

from collections.abc import Sequence

from inspector.formats.http_texts import reason_of, sent_headers
from inspector.recording import Recording, is_binary

__all__ = ["body", "heads_and_body", "payloads"]


def body(recordings: Sequence[Recording]) -> bytes:
    """Return the body, byte for byte. Events in binary frames are written as an event stream's text."""
    (recording,) = recordings
    if not is_binary(recording.head):
        return recording.body
    return b"".join(block._replace(raw=b"").raw_bytes for block in recording.blocks if block.data is not None)


def heads_and_body(recordings: Sequence[Recording]) -> bytes:
    """Return the response's head, and the body after it."""
    (recording,) = recordings
    response = recording.response
    if response is None:
        return b""
    version = response.http or "HTTP/1.1"
    line = f"{version} {response.status} {reason_of(response.status)}".rstrip()
    fields = [f"{name}: {value}" for name, value in sent_headers(response)]
    return "\r\n".join([line, *fields, "", ""]).encode("utf-8", "replace") + recording.body


def payloads(recordings: Sequence[Recording]) -> bytes:
    """Return the payloads of the events, verbatim, one a line."""
    (recording,) = recordings
    lines = [block.data.replace(b"\n", b" ") + b"\n" for block in recording.blocks if block.data is not None]
    return b"".join(lines)
