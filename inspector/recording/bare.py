"""Responses without a recording around them, read as the values of one: what `curl` prints, bare payloads.

Such a file has no times and no end. The head says so (`absent`), every time is 0, and the end is `complete`.
A gzip body under a head that says so is decoded, as recorders decode it.
Each value comes with its line: the number, from 1, of the line of the file at which it begins.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import IO, TYPE_CHECKING

from inspector import _json, sse
from inspector.recording.absent import Absent
from inspector.recording.bedrock import BlockDecoder, FrameBlocks, is_binary
from inspector.recording.pieces import LINE_LIMIT, long_line
from inspector.recording.sniffing import Form
from inspector.recording.values import (
    End,
    Ending,
    Head,
    Line,
    Request,
    Response,
    TimedBlock,
    Torn,
    timed_block,
)
from inspector.storage.piecewise import buffered

if TYPE_CHECKING:
    from inspector.storage.compression import Inflated

__all__ = ["END", "bare_values", "payload_block"]

END = End(0.0, Ending.COMPLETE)
"""The end of every bare response."""

_ABSENT = (Absent.TIMES, Absent.READS, Absent.END, Absent.REQUEST, Absent.SENT)

Numbered = tuple[int, Line]
"""A value and its line."""

_HTTP = b"HTTP/"
_GZIP = b"\x1f\x8b"
_HTTP_HEAD = re.compile(rb"HTTP/[^\n]*+\n(?:[^\r\n][^\n]*+\n)*+\r?\n")
_HTTP_HEADS_LIMIT = 1024 * 1024  # bytes
_NAME = re.compile(r"[^\r\n\ud800-\udfff]+")


def bare_values(form: Form, pieces: Iterator[bytes], name: str | None) -> Iterator[Numbered]:
    """Yield the values of a file that holds `form`: payloads, what `curl -i` prints, or else a body."""
    if form is Form.PAYLOADS:
        return _payloads(buffered(pieces), name)
    if form is Form.HTTP:
        return _http(pieces)
    return _body(pieces)


def _body(pieces: Iterator[bytes]) -> Iterator[Numbered]:
    """Yield a body that stands alone, and may be no event stream.

    Only a response of status 200 is an event stream. Of another body the status is not known. One piece must
    do to tell: whoever shows a live stream cannot wait for more.
    """
    start = b""
    while _says_nothing(start) and (piece := next(pieces, b"")):
        start += piece
    unknown = () if sse.begins_with_field(start) else (Absent.STATUS,)
    yield 1, _head(Response(0.0), Absent.HEADERS, *unknown)
    yield from _blocks(chain([start], pieces), 1)


def _says_nothing(start: bytes) -> bool:
    """Whether a body has only a byte order mark, a part of one, or blanks so far."""
    return sse.BOM.startswith(start) or not start.removeprefix(sse.BOM).strip()


def _http(pieces: Iterator[bytes]) -> Iterator[Numbered]:
    """Yield what `curl -i` prints: heads, of which the last one counts, then the body.

    Headers that may hold secrets lose their value, as in every recording.
    """
    blank, heads, rest = _split_heads(pieces)
    if not heads:
        yield from _body(chain([rest], pieces))
        return
    *before, last = heads
    line = 1 + blank + sum(head.count(b"\n") for head in before)
    response = _response(last)
    head = _head(response)
    yield line, head
    line += last.count(b"\n") + (not last.endswith(b"\n"))
    if response.headers.get("content-encoding", "").lower() in ("gzip", "x-gzip"):
        yield from _gzip_blocks(rest, pieces, line)
    else:
        decoder = FrameBlocks() if is_binary(head) else sse.Decoder()
        yield from _blocks(chain([rest], pieces), line, decoder)


def _gzip_blocks(start: bytes, pieces: Iterator[bytes], line: int) -> Iterator[Numbered]:
    """Cut a body that is gzip by its head. `curl --compressed` keeps that head, and decodes the body."""
    while len(start) < len(_GZIP) and (piece := next(pieces, b"")):
        start += piece
    body = chain([start], pieces)
    if not start.startswith(_GZIP):
        yield from _blocks(body, line)
        return
    from inspector.storage.compression import Compression, Inflated  # rarely needed

    inflated = Inflated(body, Compression.GZIP, None)
    for number, value in _blocks(inflated, line):
        yield number, value if value is not END else _end_of(inflated)


def _end_of(inflated: Inflated) -> End:
    """Return the end of a decoded body, as a recorder notes it."""
    if inflated.several:  # clients ignore what follows the first member, and so do recorders if it is no gzip
        return END._replace(extra={"several_members": True})
    broken = inflated.damage and not inflated.members
    return END._replace(error=f"DecodingError: {inflated.damage}") if broken else END


def _payloads(file: IO[bytes], name: str | None) -> Iterator[Numbered]:
    """Yield one payload a line. Each is an event that its `type` names.

    A payload without a type, or one that is not JSON, is an event without a name. A byte order mark, which
    editors write, is no part of the first payload. A last line that breaks off is torn. Raises `FormatError`
    for a line beyond the limit.
    """
    yield 1, _head(Response(0.0), Absent.FRAMING, Absent.HEADERS)
    number = 0
    while text := file.readline(LINE_LIMIT + 1):
        number += 1
        if len(text) > LINE_LIMIT:
            raise long_line(LINE_LIMIT, name, number)
        text = text if number > 1 else text.removeprefix(sse.BOM)
        if text.strip():
            block = payload_block(text.rstrip(b"\r\n").replace(b"\r", b" "))
            if block.event is None and not text.endswith(b"\n") and not _json.valid(text):
                yield number, Torn(text, number)
                return
            yield number, block
    yield number, END


def _head(response: Response, *absent: Absent) -> Head:
    return Head("", Request(), response, extra={"absent": sorted({*_ABSENT, *absent})})


def _blocks(pieces: Iterable[bytes], line: int, decoder: BlockDecoder | None = None) -> Iterator[Numbered]:
    """Cut a body that begins at `line` into blocks: those of an event stream, or what `decoder` cuts."""
    decoder = decoder or sse.Decoder()
    for piece in pieces:
        for block in decoder.feed(piece):
            yield line, timed_block(block, 0.0)
            line += _line_ends(block.raw) if block.raw else 3
    tail = decoder.close()
    if tail:
        yield line, timed_block(tail, 0.0)
        line += _line_ends(tail.raw)
    unfinished = tail is not None and not tail.raw.endswith((b"\n", b"\r"))
    yield (line if unfinished else max(line - 1, 1)), END


def _line_ends(raw: bytes) -> int:
    """Count the line ends of the event-stream standard: LF, CRLF and CR."""
    returns = raw.count(b"\r")
    return raw.count(b"\n") + (returns - raw.count(b"\r\n") if returns else 0)


def payload_block(data: bytes, t: float = 0.0) -> TimedBlock:
    """Return the event that has this payload: its `type` names it. `data` has no line end in it."""
    try:
        kind = _json.as_object(_json.loads(data)).get("type")
    except ValueError:
        kind = None
    if isinstance(kind, str) and _NAME.fullmatch(kind):
        return TimedBlock(t, kind, data)
    return timed_block(sse.parse(b"data: %b\n\n" % data), t)


def _split_heads(pieces: Iterator[bytes]) -> tuple[int, list[bytes], bytes]:
    """Return the number of blank lines before the heads, the heads, and what has come of the body by then.

    No more pieces are taken than are needed to see where the body begins.
    """
    blank, rest = 0, b""
    heads: list[bytes] = []
    for piece in pieces:
        rest += piece
        if not heads:
            blank += rest.count(b"\n", 0, len(rest) - len(rest.lstrip()))
            rest = rest.lstrip()
        while match := _HTTP_HEAD.match(rest):
            heads.append(match.group())
            rest = rest[match.end() :]
        if not (rest.startswith(_HTTP) or _HTTP.startswith(rest)) or len(rest) > _HTTP_HEADS_LIMIT:
            return blank, heads, rest
    if rest.startswith(_HTTP):  # it breaks off in a head
        return blank, [*heads, rest], b""
    return blank, heads, rest


def _response(head: bytes) -> Response:
    """Read one head; a status that is no number is 0."""
    from inspector.redact import allowed_headers  # its patterns take a while to compile

    status_line, *lines = re.split(r"\r?\n", head.decode("latin-1"))
    version, _, status = status_line.partition(" ")
    code = status[:3]
    fields = ((key.strip(), value.strip()) for key, _, value in (line.partition(":") for line in lines))
    headers, withheld = allowed_headers(((key, value) for key, value in fields if value), response=True)
    known = code.isascii() and code.isdigit()
    return Response(0.0, int(code) if known else 0, headers, version, withheld)
