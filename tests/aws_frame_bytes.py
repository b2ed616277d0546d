"""Frames of AWS's binary event stream for tests, written by the format's own description."""

from __future__ import annotations

import base64
import json
import struct
from binascii import crc32

from streams import recording

from inspector import sse

HEADERS = {"content-type": "application/vnd.amazon.eventstream", "x-amzn-requestid": "0b8b"}
URL = "https://bedrock-runtime.us-east-1.amazonaws.com/model/claude-m/invoke-with-response-stream"
EVENT = {":event-type": "chunk", ":content-type": "application/json", ":message-type": "event"}
THROTTLED = {":exception-type": "throttlingException", ":message-type": "exception"}


def header(name, value):
    """One header; its value's type is that of the Python value, text if it is none of those."""
    start = bytes([len(name.encode())]) + name.encode()
    if isinstance(value, bool):
        return start + bytes([0 if value else 1])
    if isinstance(value, int):
        return start + b"\x05" + struct.pack("!q", value)
    kind, data = (6, value) if isinstance(value, bytes) else (7, value.encode())
    return start + bytes([kind]) + struct.pack("!H", len(data)) + data


def aws_frame(payload, headers=EVENT):
    """One frame. `headers` is a mapping, or their bytes."""
    text = (
        headers if isinstance(headers, bytes) else b"".join(header(name, headers[name]) for name in headers)
    )
    lengths = struct.pack("!II", 16 + len(text) + len(payload), len(text))
    start = lengths + struct.pack("!I", crc32(lengths)) + text + payload
    return start + struct.pack("!I", crc32(start))


def chunk_frame(event):
    """The frame in which Bedrock sends an event of the Messages API."""
    return aws_frame(json.dumps({"bytes": base64.b64encode(event).decode(), "p": "abcdefgh"}).encode())


def exception_frame(message="Too many requests"):
    """The frame with which Bedrock ends a stream that fails."""
    return aws_frame(json.dumps({"message": message}).encode(), THROTTLED)


def frames_of(body):
    """The events of an SSE body, each as a frame."""
    return [chunk_frame(block.data) for block in sse.Decoder().feed(body) if block.data is not None]


def bedrock(*reads, url=URL, headers=HEADERS, **more):
    """A recording of a response of Bedrock."""
    return recording(*reads, url=url, headers=headers, **more)
