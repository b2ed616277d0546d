"""Framing: the event stream's own lines, blocks and bytes."""

from __future__ import annotations

import re

from inspector import sse
from inspector.protocol import EVENT_TYPES
from inspector.readings.check.facts import is_error
from inspector.readings.check.findings import Severity
from inspector.readings.check.rule import Judgement, Moment, Note, rule
from inspector.readings.check.scene import Scene, quote
from inspector.readings.check.sdk import DROPPED, HANDLED, JSON_ERROR, NOTHING, Reaction
from inspector.readings.check.sources import DOC_STREAM, WHATWG, thread

__all__: list[str] = []

ERROR, WARNING, INFO = Severity.ERROR, Severity.WARNING, Severity.INFO

_KNOWN_FIELDS = (b"event", b"data", b"id", b"retry", b"")
_HEARTBEAT = re.compile(
    rb":[ \t]*(?:ping|keep-?alive|heart-?beat|processing)[^\n]{0,40}$", re.IGNORECASE | re.MULTILINE
)
_MIXED = re.compile(rb"(?<!\r)\n\r|\r\n\n|\r\n\r(?!\n)|\r\r\n")
_separator = re.compile(rb"\xe2\x80[\xa8\xa9]|\xc2\x85|[\x0b\x0c]").search
_SEPARATORS = {
    b"\xe2\x80\xa8": "U+2028",
    b"\xe2\x80\xa9": "U+2029",
    b"\xc2\x85": "U+0085",
    b"\x0b": "VT",
    b"\x0c": "FF",
}


def lines(s: Scene) -> list[tuple[bytes, bytes]]:
    """The fields of the current frame, without a byte order mark."""
    raw = s.block.raw
    return sse.fields(raw.removeprefix(b"\xef\xbb\xbf") if not s.offset else raw)


@rule(
    on=Moment.EVENT,
    severity=ERROR,
    source=DOC_STREAM + " " + thread("earendil-works/pi#1983", "openclaw/openclaw#37571"),
    sdk=DROPPED,
    limit=1,
    example="",
)
def frame_event_missing(s: Scene) -> Judgement:
    """Every event is named by an `event:` line."""
    kind = s.payload.get("type")
    if s.name is not None or not isinstance(kind, str) or s.kind == "error":
        return None
    note = f'no "event:" line; official SDKs drop this frame (type {kind})'
    return Note(note, sdk=NOTHING if kind == "message_start" else None)


@rule(on=Moment.EVENT, severity=ERROR, source=DOC_STREAM, example="", limit=3)
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
    example="",
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
    on=(Moment.PAYLOAD, Moment.END),
    severity=ERROR,
    source=WHATWG + " " + thread("rexxars/eventsource-parser#31"),
    sdk=JSON_ERROR,
    example="",
)
def frame_missing_blank_line(s: Scene) -> Judgement:
    """A blank line stands between one event and the next."""
    data = s.block.data
    if s.end is not None and s.tail is not None:
        data = sse.parse(s.tail.raw.rstrip(b"\r\n") + b"\n\n").data
    count = glued(data or b"")
    return (
        f"{count} JSON objects in one frame: their events are not separated by blank lines" if count else None
    )


def glued(data: bytes) -> int:
    """How many JSON objects stand in a payload, one a line; 0 where it is something else."""
    parts = [part for part in data.split(b"\n") if part.strip()]
    whole = all(part.lstrip().startswith(b"{") and part.rstrip().endswith(b"}") for part in parts)
    return len(parts) if whole and len(parts) > 1 else 0


@rule(on=Moment.FRAME, severity=WARNING, source=WHATWG, sdk=HANDLED, limit=1, example="")
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
    example="",
)
def data_no_space(s: Scene) -> Judgement:
    """A space follows `data:`; without it the stream is legal, and some clients skip it."""
    raw = b"\n" + s.block.raw
    bare = re.search(rb"[\r\n](?:\xef\xbb\xbf)?(?:data|event):[^ \r\n]", raw)
    return '"data:" or "event:" without a space after it (legal; some clients skip these)' if bare else None


@rule(on=Moment.FRAME, severity=WARNING, source=DOC_STREAM, sdk=DROPPED, example="")
def data_empty(s: Scene) -> Judgement:
    """A named event has a payload."""
    if s.block.data or not sse.is_finished(s.block.raw):
        return None
    name = dict(lines(s)).get(b"event", b"").decode("utf-8", "replace")
    if name in ("", "ping"):
        return None
    return Note(f"{name} with no data; parsers drop it", ERROR if name in EVENT_TYPES else None)


@rule(
    on=Moment.FRAME,
    severity=WARNING,
    source=WHATWG + " " + thread("hey-api/hey-api#3054"),
    sdk=HANDLED,
    limit=1,
    example="",
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
    example="",
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
    sdk=Reaction("yields every event but message_start", stream="AssertionError"),
    example="",
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
    example="",
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
    example="",
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
    on=(Moment.PAYLOAD,),
    severity=ERROR,
    source=thread("mnfst/llm-gateway#2478"),
    sdk=JSON_ERROR,
    example="",
)
def keepalive_spliced(s: Scene) -> Judgement:
    """A keep-alive is not written into the middle of an event."""
    found = heartbeat(s)
    return f"the comment {quote(found)} is written inside a data line" if found else None


def heartbeat(s: Scene) -> str:
    """The keep-alive comment inside a payload that is not JSON; empty where there is none."""
    if not any(problem == "json-invalid" for problem, _ in s.problems):
        return ""
    found = _HEARTBEAT.search(s.block.data or b"")
    if found:
        s.tally["spliced"] = True
    return found[0].decode("utf-8", "replace") if found else ""


@rule(on=Moment.FRAME, severity=INFO, source=WHATWG, limit=1, example="")
def comment_present(s: Scene) -> Judgement:
    """A comment is legal; official SDKs hide it."""
    text = next((value for name, value in lines(s) if name == b""), None)
    return f"a comment: {quote(text.decode('utf-8', 'replace').strip())}" if text is not None else None


@rule(on=Moment.FRAME, severity=INFO, source=thread("theopenco/llmgateway#2334"), limit=1, example="")
def comment_with_id(s: Scene) -> Judgement:
    """A stream with `id:` lines has no comment-only frames: some decoders make empty events of them."""
    names = [name for name, _ in lines(s)]
    if b"id" in names:
        s.tally["id"] = True
    only = bool(names) and all(name == b"" for name in names)
    return (
        "comment-only frames after an id: line; openai-python up to 2.37 makes empty events of them"
        if only and "id" in s.tally
        else None
    )


@rule(
    on=Moment.FRAME,
    severity=WARNING,
    source=WHATWG + " " + thread("ggml-org/llama.cpp#16104"),
    example="",
)
def frame_unknown_field(s: Scene) -> Judgement:
    """The fields of an event stream are event, data, id and retry."""
    raw = s.block.raw
    if not sse.is_finished(raw) or s.tally.pop("spliced", False):
        return None
    odd = next((name for name, _ in lines(s) if name not in _KNOWN_FIELDS), None)
    return (
        f"unknown field {quote(odd.decode('utf-8', 'replace'))}; parsers ignore the line"
        if odd is not None
        else None
    )


@rule(on=Moment.FRAME, severity=INFO, source=WHATWG, limit=1, example="")
def id_or_retry(s: Scene) -> Judgement:
    """`id:` and `retry:` have no use here: a Messages stream cannot be resumed."""
    used = next((name for name, _ in lines(s) if name in (b"id", b"retry")), None)
    return f"{used.decode()}: is sent; Messages streams cannot be resumed" if used else None


@rule(
    on=Moment.PAYLOAD,
    severity=WARNING,
    source=thread("huggingface/tau#692", "anthropics/anthropic-sdk-csharp#202"),
    sdk=Reaction("ignores it"),
    example="",
)
def done_sentinel(s: Scene) -> Judgement:
    """A stream ends with `message_stop`; `[DONE]` is OpenAI's."""
    if (s.block.data or b"").strip() != b"[DONE]":
        return None
    if s.name is not None:
        old = None if s.name in EVENT_TYPES else ""
        raised = JSON_ERROR._replace(old_stream=old, old_create=old)
        return Note(f'"[DONE]" in an event named {quote(s.name)}; the SDK parses it as JSON', ERROR, raised)
    if s.stop_at or s.error_at:
        return '"[DONE]" is an OpenAI sentinel'
    return Note(f'"[DONE]" stands in the place of message_stop{s.opened}', ERROR)


@rule(on=Moment.EVENT, severity=WARNING, source=thread("openai/openai-go#368"), sdk=HANDLED, example="")
def frame_oversize(s: Scene) -> Judgement:
    """A frame fits in the buffers that clients read it with."""
    size = len(s.raw)
    most = s.limits.max_frame
    if size <= most:
        return None
    return f"the frame is {size:,} bytes; readers with a buffer of {most:,} fail on it (Go's bufio.Scanner: 65,536)"


@rule(
    on=Moment.EVENT,
    severity=ERROR,
    source=thread("BerriAI/litellm#41826", "theopenco/llmgateway#2271"),
    sdk=Reaction("ignores the error, and returns the partial message as if it were whole"),
    example="",
)
def error_unnamed(s: Scene) -> Judgement:
    """An error is sent as an event named `error`."""
    if s.name == "error" or not is_error(s.payload):
        return None
    error = s.payload.get("error")
    message = error.get("message") if isinstance(error, dict) else error
    words = message if isinstance(message, str) else str(s.payload.get("detail") or s.payload.get("message"))
    frame = "an unnamed frame" if s.name is None else f"an event named {quote(s.name)}"
    return f"an error payload in {frame}: {quote(words, 80)}; SDKs do not take it for one{s.opened}"
