r"""The binary event-stream format of AWS: bytes in, frames out.

Follows https://smithy.io/2.0/aws/amazon-eventstream.html, and knows nothing of Bedrock or Claude. A frame is

    length of the frame (4 bytes), length of its headers (4), CRC of these eight bytes (4),
    headers, payload, CRC of all bytes before it (4)

in network byte order. Its content type is `application/vnd.amazon.eventstream`.

`FrameDecoder` is a push decoder with the laws of `inspector.sse.Decoder`: it is *lossless*, *chunk-blind* and
*total*. A frame that is not sound is returned with its `problem`. A wrong CRC of the whole frame spoils that
frame alone. After a prelude that is wrong nobody knows where the next frame begins, so all that follows is
one rest. The cost is linear in the input. A rest longer than `FRAME_LIMIT` is returned in pieces of exactly
that size.
"""

from __future__ import annotations

from collections.abc import Mapping
from struct import Struct
from types import MappingProxyType
from typing import Any, NamedTuple
from zlib import crc32

__all__ = [
    "CONTENT_TYPE",
    "FRAME_LIMIT",
    "PRELUDE_SIZE",
    "Frame",
    "FrameDecoder",
    "is_frame_start",
    "parse_frame",
    "with_payload",
]

CONTENT_TYPE = "application/vnd.amazon.eventstream"

FRAME_LIMIT = 2**24 - 1
"""The longest frame that is read, in bytes. Such a frame begins with a zero byte; no block of SSE does."""

_HEADERS_LIMIT = 128 * 1024
_PRELUDE = Struct("!III")
_CRC = Struct("!I")
PRELUDE_SIZE = _PRELUDE.size
"""How many bytes the two lengths and their CRC have."""
_OVERHEAD = _PRELUDE.size + _CRC.size
_NO_HEADERS: Mapping[str, Any] = MappingProxyType({})
_KNOWN, _KNOWN_SIZE = 64, 512  # headers that are read only once, and the bytes of the longest of them
_KNOWN_PRELUDES = 4096
_known_preludes: dict[bytes, tuple[int, int]] = {}
_known_headers: dict[bytes, Mapping[str, Any]] = {}
_new = tuple.__new__


class Frame(NamedTuple):
    """One frame, or bytes that are none.

    `headers` has Python's values: bool, int (timestamps too, in milliseconds), str, bytes (UUIDs too).
    `problem` says what is wrong with the frame; it is empty if nothing is. A frame with a problem has neither
    headers nor a payload. `cut` says that the problem is only that bytes are missing at its end.
    """

    raw: bytes
    headers: Mapping[str, Any] = _NO_HEADERS
    payload: bytes = b""
    problem: str = ""
    cut: bool = False


class FrameDecoder:
    """Cut a binary event stream into frames while its bytes come. The module's docstring has the laws."""

    __slots__ = ("_needed", "_pieces", "_size", "lost")

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self._size = 0
        self._needed = _PRELUDE.size  # bytes without which nothing more is known
        self.lost = False
        """Whether a wrong prelude has come: no frame follows any more."""

    @property
    def pending(self) -> int:
        """The number of bytes that have come and are in no frame yet."""
        return self._size

    def feed(self, chunk: bytes) -> list[Frame]:
        """Take the next bytes; return the frames that are whole now, in order."""
        if not self._size and len(chunk) >= self._needed:
            return self._scan(chunk)
        if chunk:
            self._pieces.append(chunk)
            self._size += len(chunk)
        return self._scan(self._take()) if self._size >= self._needed else []

    def close(self) -> Frame | None:
        """End the stream: no more bytes come. Return the rest that is no whole frame, if any."""
        rest = self._take()
        return parse_frame(rest) if rest else None

    def _scan(self, body: bytes) -> list[Frame]:
        frames: list[Frame] = []
        view, at, size = memoryview(body), 0, len(body)
        crc_of, preludes, known = _CRC.unpack_from, _known_preludes, _known_headers
        while not self.lost and size - at >= 12:
            lengths = preludes.get(body[at : at + 12]) or _lengths(body[at : at + 12])
            if lengths is None:
                self.lost = True
                break
            length, headers_length = lengths
            end = at + length
            if end > size:
                self._needed = length
                break
            start = at + headers_length + 12
            headers = known.get(body[at + 12 : start])
            # As in `_frame`, without a call for each of many frames.
            if headers and crc32(view[at : end - 4]) == crc_of(body, end - 4)[0]:
                frames.append(_new(Frame, (body[at:end], headers, body[start : end - 4], "", False)))
            else:
                frames.append(parse_frame(body[at:end]))
            at = end
            self._needed = 12
        if self.lost:
            self._needed = FRAME_LIMIT + 1
            while size - at > FRAME_LIMIT:
                frames.append(parse_frame(body[at : at + FRAME_LIMIT]))
                at += FRAME_LIMIT
        if at < size:
            self._pieces, self._size = [body[at:]], size - at
        return frames

    def _take(self) -> bytes:
        body = self._pieces[0] if len(self._pieces) == 1 else b"".join(self._pieces)
        self._pieces, self._size = [], 0
        return body


def parse_frame(raw: bytes) -> Frame:
    """Read bytes that are one frame, or say what keeps them from being one."""
    size = len(raw)
    if size < _PRELUDE.size:
        return Frame(raw, problem=f"the frame breaks off after {size} bytes, in its prelude", cut=True)
    length, headers_length, crc = _PRELUDE.unpack_from(raw)
    problem = _prelude_problem(raw[:8], length, headers_length, crc)
    if not problem and size < length:
        return Frame(raw, problem=f"the frame breaks off after {size:,} of {length:,} bytes", cut=True)
    if not problem and size > length:
        problem = f"the frame ends after {length:,} bytes, and {size - length:,} more follow"
    return Frame(raw, problem=problem) if problem else _frame(raw, memoryview(raw)[:-4], headers_length)


def is_frame_start(start: bytes) -> bool:
    """Whether bytes begin with a sound prelude, which is twelve bytes. Others do 1 in 2**32 times."""
    if len(start) < _PRELUDE.size:
        return False
    return not _prelude_problem(start[:8], *_PRELUDE.unpack_from(start))


def with_payload(raw: bytes, payload: bytes) -> bytes:
    """Return a sound frame with another payload. Its headers stay, and its lengths and CRCs are made anew."""
    _, headers_length, _ = _PRELUDE.unpack_from(raw)
    lengths = _PRELUDE.pack(_OVERHEAD + headers_length + len(payload), headers_length, 0)[:8]
    headers = raw[_PRELUDE.size : _PRELUDE.size + headers_length]
    frame = b"%b%b%b%b" % (lengths, _CRC.pack(crc32(lengths)), headers, payload)
    return frame + _CRC.pack(crc32(frame))


def _lengths(prelude: bytes) -> tuple[int, int] | None:
    """Return the lengths of a frame and of its headers; None if its prelude is wrong. Streams repeat them."""
    length, headers_length, crc = _PRELUDE.unpack(prelude)
    if _prelude_problem(prelude[:8], length, headers_length, crc):
        return None
    if len(_known_preludes) < _KNOWN_PRELUDES:
        _known_preludes[prelude] = length, headers_length
    return length, headers_length


def _prelude_problem(lengths: bytes, length: int, headers_length: int, crc: int) -> str:
    if crc32(lengths) != crc:
        return f"the frame's prelude is wrong: its CRC is {crc32(lengths):08x}, not {crc:08x} as it says"
    if headers_length > _HEADERS_LIMIT or length < _OVERHEAD + headers_length or length > FRAME_LIMIT:
        return f"the frame's lengths are absurd: {length:,} bytes, of which {headers_length:,} are headers"
    return ""


def _frame(raw: bytes, covered: memoryview, headers_length: int) -> Frame:
    """Read a frame whose prelude is sound; `covered` is what its CRC covers."""
    (crc,) = _CRC.unpack_from(raw, len(raw) - 4)
    if crc32(covered) != crc:
        return Frame(raw, problem=f"the frame's CRC is {crc32(covered):08x}, not {crc:08x} as it says")
    start = _PRELUDE.size + headers_length
    text = raw[_PRELUDE.size : start]
    try:
        headers = _known_headers.get(text) or _headers(text)
    except (ValueError, IndexError, KeyError) as error:
        return Frame(raw, problem=f"the frame's headers cannot be read: {error}")
    if len(text) <= _KNOWN_SIZE and len(_known_headers) < _KNOWN:
        _known_headers[text] = headers
    return Frame(raw, headers, raw[start:-4])


_INTEGERS = {2: Struct("!b"), 3: Struct("!h"), 4: Struct("!i"), 5: Struct("!q"), 8: Struct("!q")}


def _headers(text: bytes) -> Mapping[str, Any]:
    """Read headers: the name's length, the name, the value's type, the value. Raises for anything else."""
    headers: dict[str, Any] = {}
    at, size = 0, len(text)
    while at < size:
        end = at + 1 + text[at]
        name, kind = text[at + 1 : end].decode(), text[end]
        at = end + 1
        value: Any
        if kind in (0, 1):
            value = kind == 0
        elif kind in _INTEGERS:
            number = _INTEGERS[kind]
            value = number.unpack(text[at : (at := at + number.size)])[0]
        elif kind in (6, 7):
            at, length = at + 2, int.from_bytes(text[at : at + 2], "big")
            value = text[at : (at := at + length)]
            value = value.decode() if kind == 7 else value
        elif kind == 9:
            value = text[at : (at := at + 16)]
        else:
            raise ValueError(f"{name!r} has a value of the unknown type {kind}")
        if at > size:
            raise ValueError(f"{name!r} goes beyond their end")
        if name in headers:
            raise ValueError(f"{name!r} comes twice")
        headers[name] = value
    return MappingProxyType(headers)
