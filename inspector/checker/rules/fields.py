"""Fields: the lines of a frame, comments among them."""

from __future__ import annotations

from inspector import sse
from inspector.checker.citations import DOC_STREAM, WHATWG, thread
from inspector.checker.context import Scene, quote
from inspector.checker.findings import Severity
from inspector.checker.reactions import DROPPED
from inspector.checker.rule import Judgement, Moment, Note, rule
from inspector.protocol import EVENT_TYPES

__all__: list[str] = []

ERROR, WARNING, INFO = Severity.ERROR, Severity.WARNING, Severity.INFO
_KNOWN_FIELDS = (b"event", b"data", b"id", b"retry", b"")


def _lines(s: Scene) -> list[tuple[bytes, bytes]]:
    """The fields of the current frame, without a byte order mark."""
    raw = s.block.raw
    return sse.fields(raw.removeprefix(b"\xef\xbb\xbf") if not s.offset else raw)


@rule(
    on=Moment.FRAME,
    severity=WARNING,
    source=DOC_STREAM,
    sdk=DROPPED._replace(old_stream="json.JSONDecodeError", old_create="json.JSONDecodeError"),
    example="content_block_delta with no data; parsers drop it",
)
def data_empty(s: Scene) -> Judgement:
    """A named event has a payload."""
    if s.block.data or not sse.is_finished(s.block.raw):
        return None
    name = dict(_lines(s)).get(b"event", b"").decode("utf-8", "replace")
    if name in ("", "ping"):
        return None
    return Note(f"{name} with no data; parsers drop it", ERROR if name in EVENT_TYPES else None)


@rule(on=Moment.FRAME, severity=INFO, source=WHATWG, limit=1, example='a comment: "OPENROUTER PROCESSING"')
def comment_present(s: Scene) -> Judgement:
    """A comment is legal; official SDKs hide it."""
    text = next((value for name, value in _lines(s) if name == b""), None)
    return f"a comment: {quote(text.decode('utf-8', 'replace').strip())}" if text is not None else None


@rule(
    on=Moment.FRAME,
    severity=INFO,
    source=thread("theopenco/llmgateway#2334"),
    limit=1,
    example=("comment-only frames after an id: line; openai-python up to 2.37 makes empty events of them"),
)
def comment_with_id(s: Scene) -> Judgement:
    """A stream with `id:` lines has no comment-only frames: some decoders make empty events of them."""
    names = [name for name, _ in _lines(s)]
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
    example='unknown field "error"; parsers ignore the line',
)
def frame_unknown_field(s: Scene) -> Judgement:
    """The fields of an event stream are event, data, id and retry."""
    raw = s.block.raw
    if not sse.is_finished(raw) or s.tally.pop("spliced", False):
        return None
    odd = next((name for name, _ in _lines(s) if name not in _KNOWN_FIELDS), None)
    return (
        f"unknown field {quote(odd.decode('utf-8', 'replace'))}; parsers ignore the line"
        if odd is not None
        else None
    )


@rule(
    on=Moment.FRAME,
    severity=INFO,
    source=WHATWG,
    limit=1,
    example="retry: is sent; Messages streams cannot be resumed",
)
def id_or_retry(s: Scene) -> Judgement:
    """`id:` and `retry:` have no use here: a Messages stream cannot be resumed."""
    used = next((name for name, _ in _lines(s) if name in (b"id", b"retry")), None)
    return f"{used.decode()}: is sent; Messages streams cannot be resumed" if used else None
