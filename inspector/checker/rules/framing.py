"""Framing: the event stream's own lines, blocks and bytes."""

from __future__ import annotations

import re

from inspector import sse
from inspector.checker.citations import DOC_STREAM, WHATWG, thread
from inspector.checker.context import Scene, quote
from inspector.checker.findings import Severity
from inspector.checker.payloads import glued
from inspector.checker.reactions import DROPPED, HANDLED, Reaction
from inspector.checker.rule import Judgement, Moment, Note, rule
from inspector.protocol import EVENT_TYPES

__all__: list[str] = []

ERROR, WARNING, INFO = Severity.ERROR, Severity.WARNING, Severity.INFO
_NAMED_ONLY = Reaction("yields only the events that have names", stream="AssertionError")

_MIXED = re.compile(rb"(?<!\r)\n\r|\r\n\n|\r\n\r(?!\n)|\r\r\n")
_separator = re.compile(rb"\xe2\x80[\xa8\xa9]|\xc2\x85|[\x0b\x0c]").search
_SEPARATORS = {
    b"\xe2\x80\xa8": "U+2028",
    b"\xe2\x80\xa9": "U+2029",
    b"\xc2\x85": "U+0085",
    b"\x0b": "VT",
    b"\x0c": "FF",
}


@rule(
    on=Moment.EVENT,
    severity=ERROR,
    source=DOC_STREAM + " " + thread("earendil-works/pi#1983", "openclaw/openclaw#37571"),
    sdk=DROPPED,
    limit=1,
    example='no "event:" line; official SDKs drop this frame (type content_block_delta)',
)
def frame_event_missing(s: Scene) -> Judgement:
    """Every event is named by an `event:` line."""
    kind = s.payload.get("type")
    if s.name is not None or not isinstance(kind, str) or s.kind == "error":
        return None
    note = f'no "event:" line; official SDKs drop this frame (type {kind})'
    return Note(note, sdk=_NAMED_ONLY if kind == "message_start" else None)


@rule(
    on=Moment.EVENT,
    severity=ERROR,
    source=DOC_STREAM,
    example='the event\'s name is "ping", but its type is "content_block_delta"',
    limit=3,
)
def frame_event_mismatch(s: Scene) -> Judgement:
    """The `event:` line and the payload's `type` say the same."""
    kind = s.payload.get("type")
    if s.name in (None, kind) or not isinstance(kind, str) or (s.kind == "error" and s.name != "error"):
        return None
    words = f"the event's name is {quote(str(s.name))}, but its type is {quote(kind)}"
    if s.name == "ping":
        return Note(words, sdk=DROPPED)
    raised = Reaction(stream="anthropic.APIStatusError", create="anthropic.APIStatusError")
    return Note(words, sdk=raised if s.name == "error" else HANDLED if s.name in EVENT_TYPES else None)


@rule(
    on=Moment.END,
    severity=ERROR,
    source=WHATWG + " " + thread("farion1231/cc-switch#6541"),
    sdk=DROPPED,
    example=(
        "the last frame (message_delta), whole in itself, has no blank line after it; parsers discard it"
    ),
)
def frame_unterminated(s: Scene) -> Judgement:
    """A blank line ends every event, the last one too."""
    if s.tail is None or s.how is None or s.how.value != "complete" or s.foreign or s.error_at:
        return None
    raw = s.tail.raw
    read = sse.parse(raw.rstrip(b"\r\n") + b"\n\n", first=len(raw) == s.total)
    name = f" ({read.event.decode('utf-8', 'replace')})" if read.event else ""
    if glued(read.data or b""):
        return None
    if s.tally.get("tail read"):
        done = s.tally["tail read"] == "message_stop" and s.message.stop_reason is not None
        words = (
            f"the last frame{name}, whole in itself, has no blank line after it; parsers discard it{s.opened}"
        )
        return Note(words, WARNING if done else None)
    return f"the body ends in the middle of a frame{name}, after {len(raw)} bytes of it{s.opened}"


@rule(
    on=Moment.FRAME,
    severity=WARNING,
    source=WHATWG,
    sdk=HANDLED,
    limit=1,
    example="the payload is spread over 2 data lines",
)
def data_multiline(s: Scene) -> Judgement:
    """A payload stands on one `data:` line; several are legal, and few clients join them."""
    data = s.block.data
    if data is None or b"\n" not in data or glued(data):
        return None
    count = data.count(b"\n") + 1
    return f"the payload is spread over {count} data lines"


@rule(
    on=Moment.FRAME,
    severity=(INFO, WARNING),
    source=WHATWG + " " + thread("aaif-goose/goose#7928"),
    sdk=HANDLED,
    limit=1,
    example='"data:" or "event:" without a space after it (legal; some clients skip these)',
)
def data_no_space(s: Scene) -> Judgement:
    """A space follows `data:`; without it the stream is legal, and some clients skip it."""
    raw = b"\n" + s.block.raw
    bare = re.search(rb"[\r\n](?:\xef\xbb\xbf)?(?:data|event):[^ \r\n]", raw)
    return '"data:" or "event:" without a space after it (legal; some clients skip these)' if bare else None


@rule(
    on=Moment.FRAME,
    severity=WARNING,
    source=WHATWG + " " + thread("hey-api/hey-api#3054"),
    sdk=HANDLED,
    limit=1,
    example='lines end in CRLF (legal; parsers that look for "\\n\\n" see no events)',
)
def line_ending_nonlf(s: Scene) -> Judgement:
    """Lines end in LF; CRLF and CR are legal, and naive clients find no events in them."""
    raw = s.block.raw
    if b"\r" not in raw:
        s.tally["lf"] = True
        return None
    ending = "CRLF" if b"\r\n" in raw else "CR"
    s.tally.setdefault("ending", ending)
    return f'lines end in {ending} (legal; parsers that look for "\\n\\n" see no events)'


@rule(
    on=(Moment.FRAME, Moment.END),
    severity=ERROR,
    source=WHATWG + " " + thread("EdamAme-x/pentect#1438"),
    sdk=Reaction("holds events back until a pure blank line or the end of the body"),
    limit=1,
    example="a blank line is made of two different line ends; the SDK holds events back from here",
)
def line_ending_mixed(s: Scene) -> Judgement:
    """All lines of a stream end alike."""
    if s.end is not None or not s.block.raw or s.foreign:
        return None
    raw = s.block.raw
    if b"\r" in raw and _MIXED.search(raw):
        return "a blank line is made of two different line ends; the SDK holds events back from here"
    ending = "CRLF" if b"\r\n" in raw else "CR" if b"\r" in raw else "LF"
    first = s.tally.setdefault("first ending", ending if s.offset == 0 else "LF" if s.number else ending)
    if ending != first and sse.is_finished(raw):
        return Note(f"line ends change from {first} to {ending} in mid-stream", sdk=HANDLED)
    return None


@rule(
    on=Moment.FRAME,
    severity=ERROR,
    source=WHATWG,
    sdk=Reaction("yields every event but message_start", stream="AssertionError", old_stream="RuntimeError"),
    example="the body begins with a UTF-8 byte order mark",
)
def bom(s: Scene) -> Judgement:
    """A body does not begin with a byte order mark; the standard strips it, the SDK does not."""
    return (
        "the body begins with a UTF-8 byte order mark" if not s.offset and s.raw.startswith(sse.BOM) else None
    )


@rule(
    on=(Moment.FRAME, Moment.PAYLOAD),
    severity=ERROR,
    source=WHATWG,
    sdk=Reaction(stream="UnicodeDecodeError", create="UnicodeDecodeError"),
    example="byte 0xff at @507 is not UTF-8",
)
def utf8_invalid(s: Scene) -> Judgement:
    """An event stream is valid UTF-8."""
    if s.block.raw and s.moment is Moment.PAYLOAD:
        return None  # told by the frame
    raw = s.raw
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError as error:
        cut = not sse.is_finished(raw) and error.end >= len(raw) - 3
        return None if cut else f"byte 0x{raw[error.start]:02x} at @{s.offset + error.start} is not UTF-8"
    return None


@rule(
    on=Moment.EVENT,
    severity=INFO,
    source=thread("langgenius/dify#39008", "anthropics/anthropic-sdk-typescript#882"),
    sdk=HANDLED,
    limit=1,
    example="raw U+2028 in the payload; str.splitlines() and httpx cut the line there",
)
def unicode_line_separator(s: Scene) -> Judgement:
    """Only CR and LF end a line; U+2028 and its like are text, and some line readers cut there."""
    data = s.block.data or b""
    found = None if data.isascii() else _separator(data)
    return (
        f"raw {_SEPARATORS[found[0]]} in the payload; str.splitlines() and httpx cut the line there"
        if found
        else None
    )


@rule(
    on=Moment.EVENT,
    severity=WARNING,
    source=thread("openai/openai-go#368"),
    sdk=HANDLED,
    example="the frame is 70,123 bytes; readers with a buffer of 65,536 fail on it",
)
def frame_oversize(s: Scene) -> Judgement:
    """A frame fits in the buffers that clients read it with."""
    size = len(s.raw)
    most = s.limits.max_frame
    if size <= most:
        return None
    return f"the frame is {size:,} bytes; readers with a buffer of {most:,} fail on it"
