"""Framing: the event stream's own lines, blocks and bytes."""

from __future__ import annotations

import re

from inspector import sse
from inspector.checker.citations import DOC_STREAM, WHATWG, thread
from inspector.checker.context import Context
from inspector.checker.payloads import find_separator
from inspector.checker.rule import ERROR, INFO, WARNING, Judgement, Moment, Note, quote, rule
from inspector.protocol.error_bodies import read_error
from inspector.protocol.event_payloads import joined_objects
from inspector.recording import Absent, Ending

__all__: list[str] = []

_SEPARATORS = {
    b"\xe2\x80\xa8": "U+2028",
    b"\xe2\x80\xa9": "U+2029",
    b"\xc2\x85": "U+0085",
    b"\x0b": "VT",
    b"\x0c": "FF",
}
_find_no_space = re.compile(rb"(?:^|[\r\n])(?:\xef\xbb\xbf)?(?:data|event):[^ \r\n]").search


@rule(
    on=Moment.ODD_EVENT,
    severity=ERROR,
    source=DOC_STREAM + " " + thread("earendil-works/pi#1983", "openclaw/openclaw#37571"),
    limit=1,
    needs=Absent.FRAMING,
)
def frame_event_missing(c: Context) -> Judgement:
    """Every event has an `event:` line with its name.

    Example: no "event:" line; official SDKs drop this frame (type content_block_delta)
    """
    kind = c.event.payload.get("type")
    if c.event.name is not None or not isinstance(kind, str) or c.event.kind == "error":
        return None
    return f'no "event:" line; official SDKs drop this frame (type {kind})'


@rule(on=Moment.ODD_EVENT, severity=ERROR, source=DOC_STREAM, limit=3)
def frame_event_mismatch(c: Context) -> Judgement:
    """The `event:` line and the payload's `type` name the same event.

    Example: the event's name is "ping", but its type is "content_block_delta"
    """
    name, kind = c.event.name, c.event.payload.get("type")
    if name in (None, kind) or not isinstance(kind, str) or (c.event.kind == "error" and name != "error"):
        return None
    return f"the event's name is {quote(name)}, but its type is {quote(kind)}"


@rule(
    on=Moment.END,
    severity=ERROR,
    source=WHATWG + " " + thread("farion1231/cc-switch#6541"),
)
def frame_unterminated(c: Context) -> Judgement:
    """A blank line ends every event, the last one too.

    Example: no blank line follows the last frame (message_delta), which is whole; parsers discard it
    """
    tail = c.stream.tail
    if tail is None or c.stream.ending is not Ending.COMPLETE:
        return None
    if c.stream.error_at and c.stream.error_at.event is not None:
        return None
    if c.event.frame_problem:
        return f"the body ends in the middle of a frame: {c.event.frame_problem}{c.message.still_open}"
    if joined_objects(tail.data or b""):
        return None  # frame-missing-blank-line reports it
    name, still_open = f" ({tail.event})" if tail.event else "", c.message.still_open
    if not tail.readable:
        said = _error_in(tail.raw)
        after = f"after {len(tail.raw)} bytes of it"
        return f"the body ends in the middle of a frame{name}, {after}{said}{still_open}"
    done = tail.kind == "message_stop" and c.message.stop_reason is not None
    said = _error_in(tail.data or b"") if tail.kind == "error" else ""
    whole = f"no blank line follows the last frame{name}, which is whole; parsers discard it"
    message = f"{whole}{said}{still_open}"
    return Note(message, WARNING if done else None)


def _error_in(tail: bytes) -> str:
    """Quote what an unfinished frame says, if it is an error: a page of HTML, or JSON without `data:`."""
    start = tail.lstrip()
    text = str(read_error(start)) if start.startswith((b"<", b"{")) else ""
    return f"; it says {quote(text, 80)}" if text else ""


@rule(on=Moment.FRAME, severity=WARNING, source=WHATWG, limit=1)
def data_multiline(c: Context) -> Judgement:
    """A payload is on one `data:` line; several are legal, but few clients join them.

    Example: the payload is spread over 2 data lines
    """
    data = c.event.data
    lines = data.count(b"\n") + 1
    if lines == 1 or joined_objects(data):
        return None
    return f"the payload is spread over {lines} data lines"


@rule(
    on=Moment.FRAME,
    severity=(INFO, WARNING),
    source=WHATWG + " " + thread("aaif-goose/goose#7928"),
    limit=1,
)
def data_no_space(c: Context) -> Judgement:
    """A space follows `data:`; a stream without it is legal, but some clients skip its lines.

    Example: no space follows "data:" or "event:" (legal; some clients skip these lines)
    """
    if _find_no_space(c.event.block.raw):
        return 'no space follows "data:" or "event:" (legal; some clients skip these lines)'
    return None


@rule(
    on=Moment.FRAME,
    severity=WARNING,
    source=WHATWG + " " + thread("hey-api/hey-api#3054"),
    limit=1,
)
def line_ending_nonlf(c: Context) -> Judgement:
    r"""Lines end in LF; CRLF and CR are legal, but naive clients see no events then.

    Example: lines end in CRLF (legal; parsers that look for "\n\n" see no events)
    """
    ending = c.framing.line_ending
    if ending == "LF":
        return None
    return f'lines end in {ending} (legal; parsers that look for "\\n\\n" see no events)'


@rule(
    on=Moment.FRAME,
    severity=ERROR,
    source=WHATWG + " " + thread("EdamAme-x/pentect#1438"),
    limit=1,
)
def line_ending_mixed(c: Context) -> Judgement:
    """All lines of a stream end alike.

    Example: a blank line is made of two different line ends; the SDK holds events back from here
    """
    framing, raw = c.framing, c.event.block.raw
    if framing.mixed_blank_line:
        return "a blank line is made of two different line ends; the SDK holds events back from here"
    first, ending = framing.first_line_ending, framing.line_ending
    if raw and ending != first and sse.is_finished(raw):
        return f"line ends change from {first} to {ending} in mid-stream"
    return None


@rule(
    on=Moment.FRAME,
    severity=ERROR,
    source=WHATWG,
)
def bom(c: Context) -> Judgement:
    """A body does not begin with a byte order mark: the standard strips it, the SDK does not.

    Example: the body begins with a UTF-8 byte order mark
    """
    begins = not c.event.offset and c.event.block.raw.startswith(sse.BOM)
    return "the body begins with a UTF-8 byte order mark" if begins else None


@rule(
    on=(Moment.FRAME, Moment.CUT, Moment.PAYLOAD),
    severity=ERROR,
    source=WHATWG,
)
def utf8_invalid(c: Context) -> Judgement:
    """An event stream is valid UTF-8.

    Example: byte 0xff at @507 is not UTF-8
    """
    event = c.event
    if event.problems and not event.is_plain:
        return None  # FRAME or CUT came before PAYLOAD
    raw = event.block.raw_bytes
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError as error:
        cut_off = not sse.is_finished(raw) and error.end >= len(raw) - 3
        at = event.offset + error.start
        return None if cut_off else f"byte 0x{raw[error.start]:02x} at @{at} is not UTF-8"
    return None


@rule(
    on=Moment.ODD_EVENT,
    severity=INFO,
    source=thread("langgenius/dify#39008", "anthropics/anthropic-sdk-typescript#882"),
    limit=1,
)
def unicode_line_separator(c: Context) -> Judgement:
    """Only CR and LF end a line; U+2028 and the like are text, but some line readers split there.

    Example: raw U+2028 in the payload; str.splitlines() and httpx split the line there
    """
    data = c.event.data
    match = None if data.isascii() else find_separator(data)
    if match is None:
        return None
    return f"raw {_SEPARATORS[match[0]]} in the payload; str.splitlines() and httpx split the line there"


@rule(on=(Moment.ODD_EVENT, Moment.OVERSIZE), severity=WARNING, source=thread("openai/openai-go#368"))
def frame_oversize(c: Context) -> Judgement:
    """A frame fits into the buffers of clients.

    Example: the frame is 70,123 bytes; readers with a buffer of 65,536 fail on it
    """
    if c.framing.oversize:
        at, limit = c.framing.oversize_at, sse.BLOCK_LIMIT >> 20
        return Note(
            f"the frame is {c.framing.oversize:,} bytes; beyond {limit} MiB, nothing reads it here", at=at
        )
    size, most = c.stream.size - c.event.offset, c.limits.max_frame
    if size <= most:
        return None
    return f"the frame is {size:,} bytes; readers with a buffer of {most:,} fail on it"
