"""Bedrock's events: what the frames of AWS's binary event stream dispatch.

A frame is a block of a recording like any other. Its `raw` is the frame, byte for byte. `event` and `data`
are what the SDK's client of Bedrock makes of it (anthropic 2.12, `lib/bedrock/_stream_decoder.py`):

- A `chunk` holds `{"bytes": base64, "p": padding}`, and in the base64 an event of the Messages API.
- An exception is an `error` event with its type and message.
- Any other event keeps its own name and payload; the SDK ignores it.

A frame that is not sound dispatches nothing. The content type alone says that a body has frames.
"""

from __future__ import annotations

import re
from binascii import Error as Base64Error
from binascii import a2b_base64, b2a_base64
from collections.abc import Callable
from typing import Protocol

import orjson

from inspector import _json, sse
from inspector.aws_frames import CONTENT_TYPE, Frame, FrameDecoder, parse_frame, with_payload
from inspector.recording.values import Head, TimedBlock
from inspector.sse import Block

__all__ = [
    "BlockDecoder",
    "FrameBlocks",
    "is_binary",
    "masked_frames",
    "parse_block",
    "reframed",
    "with_data",
]

_BASE64 = re.compile(rb'"bytes"\s*:\s*"([A-Za-z0-9+/]*+)')


class BlockDecoder(Protocol):
    """What cuts a body into blocks: `inspector.sse.Decoder`, or the same for frames."""

    def feed(self, chunk: bytes, /) -> list[Block]:
        """Take the next bytes; return the blocks that are whole now."""
        ...

    def close(self) -> Block | None:
        """End the body; return the rest that is no whole block."""
        ...


class FrameBlocks:
    """Cut a binary event stream into blocks."""

    __slots__ = ("_decoder",)

    def __init__(self) -> None:
        self._decoder = FrameDecoder()

    def feed(self, chunk: bytes) -> list[Block]:
        """Take the next bytes; return the blocks that are whole now."""
        return [_block(frame) for frame in self._decoder.feed(chunk)]

    def close(self) -> Block | None:
        """End the body; return the rest that is no whole frame, if any."""
        rest = self._decoder.close()
        return _block(rest) if rest else None


def is_binary(head: Head) -> bool:
    """Whether a response says that its body is AWS's binary event stream."""
    response = head.response
    return response is not None and response.headers.get("content-type", "").lower().startswith(CONTENT_TYPE)


def parse_block(raw: bytes, *, first: bool = False, binary: bool = False) -> Block:
    """Parse the bytes of one block, in either framing. `first`: the body begins with it."""
    return _block(parse_frame(raw)) if binary else sse.parse(raw, first=first)


def _block(frame: Frame) -> Block:
    """Return what a frame dispatches."""
    raw, headers, payload, problem, _ = frame
    if problem:
        return Block(None, None, raw)
    kind = headers.get(":message-type", "event")
    if kind in ("exception", "error"):
        return Block(b"error", _error_of(frame), raw)
    name = headers.get(":event-type")
    inner = _inner(payload) if name == "chunk" else None
    if inner is not None:
        return Block(_name_of(inner), inner, raw)
    return Block(name.encode() if isinstance(name, str) and name else None, payload, raw)


def _inner(payload: bytes) -> bytes | None:
    """Return the event in a chunk; None if there is none."""
    try:
        text = orjson.loads(payload)["bytes"]
        return a2b_base64(text)
    except (ValueError, TypeError, KeyError, Base64Error):
        return None


def _name_of(inner: bytes) -> bytes | None:
    """Name an event as the SDK does: by its type, or `completion`. None if the SDK skips it."""
    try:
        value = _json.loads(inner)
    except ValueError:
        return b"completion"
    kind = _json.as_object(value).get("type")
    if isinstance(kind, str):
        return kind.encode("utf-8", "replace") or None
    return None if isinstance(value, dict) and "completion" not in value else b"completion"


def _error_of(frame: Frame) -> bytes:
    """Return the payload that the SDK makes of an exception."""
    headers = frame.headers
    try:
        body = _json.as_object(_json.loads(frame.payload))
    except ValueError:
        body = {}
    kind = headers.get(":exception-type") or headers.get(":error-code") or ""
    message = body.get("Message", body.get("message")) or headers.get(":error-message") or ""
    error = {"type": _json.as_text(kind), "message": _json.as_text(message)}
    return _json.dumps({"type": "error", "error": error})


def _message(error: bytes) -> bytes:
    """Return the JSON text of an error's message."""
    return _json.dumps(_json.as_object(_json.as_object(_json.loads(error)).get("error")).get("message", ""))


def with_data(raw: bytes, data: bytes) -> bytes:
    """Return a sound frame with another event: the inner one of a chunk, the whole payload of others."""
    frame = parse_frame(raw)
    if frame.headers.get(":message-type", "event") != "event":  # its payload is not the event made of it
        old, new = _message(_error_of(frame)), _message(data)
        payload = frame.payload.replace(old, new) if old in frame.payload else b'{"message":%b}' % new
        return with_payload(raw, payload.ljust(len(frame.payload)))  # reads are known by their lengths
    text = _BASE64.search(frame.payload) if frame.headers.get(":event-type") == "chunk" else None
    if text is None:
        return with_payload(raw, data)
    end = frame.payload.index(b'"', text.end(1))
    base64 = b2a_base64(data, newline=False)
    return with_payload(raw, frame.payload[: text.start(1)] + base64 + frame.payload[end:])


def reframed(before: TimedBlock, after: TimedBlock) -> TimedBlock:
    """Return `after`, which has no frame, with the frame of `before` and its own event in it."""
    if before.data is None or after.data is None:
        return after
    raw = before.raw if after.data == before.data else with_data(before.raw, after.data)
    return after._replace(raw=raw)


def masked_frames(
    blocks: list[TimedBlock],
    mask_events: Callable[[list[TimedBlock]], list[TimedBlock]],
    mask: Callable[[bytes], bytes],
) -> list[TimedBlock]:
    """Hide the secrets in frames: `mask_events` in the events of a batch, `mask` in any bytes.

    A frame that had a secret is written again, as long as before and with CRCs that are right.
    """
    plain = [block if block.data is None else block._replace(raw=b"") for block in blocks]
    return [_masked(block, hidden, mask) for block, hidden in zip(blocks, mask_events(plain), strict=True)]


def _masked(block: TimedBlock, hidden: TimedBlock, mask: Callable[[bytes], bytes]) -> TimedBlock:
    if block.data is None:
        return block._replace(raw=_mask_rest(block.raw, mask))
    return reframed(block, hidden)


def _mask_rest(raw: bytes, mask: Callable[[bytes], bytes]) -> bytes:
    """Hide the secrets in bytes that are no sound frame: as they stand, and in base64."""

    def hidden(match: re.Match[bytes]) -> bytes:
        text = match[1][: len(match[1]) // 4 * 4]
        start = match.start(1) - match.start()
        masked = b2a_base64(mask(a2b_base64(text)), newline=False)
        return match[0][:start] + masked + match[0][start + len(text) :]

    return _BASE64.sub(hidden, mask(raw))
