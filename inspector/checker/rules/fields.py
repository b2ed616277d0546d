"""Fields: the lines of a frame, comments among them."""

from __future__ import annotations

from inspector import sse
from inspector.checker.citations import DOC_STREAM, WHATWG, thread
from inspector.checker.context import Context
from inspector.checker.facts import KNOWN_FIELDS
from inspector.checker.rule import ERROR, INFO, WARNING, Judgement, Moment, Note, quote, rule
from inspector.protocol import EVENT_TYPES

__all__: list[str] = []


@rule(
    on=Moment.FRAME,
    severity=WARNING,
    source=DOC_STREAM,
)
def data_empty(c: Context) -> Judgement:
    """A named event has a payload.

    Example: content_block_delta has no data; parsers drop it
    """
    if c.event.data or not sse.is_finished(c.event.block.raw):
        return None
    name = c.framing.fields.get(b"event", b"").decode("utf-8", "replace")
    if name in ("", "ping"):
        return None
    if name == "error":
        return Note(
            "error has no data; parsers drop it, and the SDK raises an error without a message", ERROR
        )
    return Note(f"{name} has no data; parsers drop it", ERROR if name in EVENT_TYPES else None)


@rule(on=Moment.FRAME, severity=INFO, source=WHATWG, limit=1)
def comment_present(c: Context) -> Judgement:
    """A comment is legal; official SDKs hide it.

    Example: a comment: "OPENROUTER PROCESSING"
    """
    text = c.framing.fields.get(b"")
    return None if text is None else f"a comment: {quote(text.decode('utf-8', 'replace').strip())}"


@rule(on=Moment.FRAME, severity=INFO, source=thread("theopenco/llmgateway#2334"), limit=1)
def comment_with_id(c: Context) -> Judgement:
    """A stream with `id:` lines has no comment-only frames: some decoders make empty events of them.

    Example: comment-only frames after an id: line; openai-python up to 2.37 makes empty events of them
    """
    fields = c.framing.fields
    if not c.framing.id_seen or not fields or any(fields):
        return None
    return "comment-only frames after an id: line; openai-python up to 2.37 makes empty events of them"


@rule(on=Moment.FRAME, severity=WARNING, source=WHATWG + " " + thread("ggml-org/llama.cpp#16104"))
def frame_unknown_field(c: Context) -> Judgement:
    """The fields of an event stream are event, data, id and retry.

    Example: unknown field "error"; parsers ignore the line
    """
    unknown = next((name for name in c.framing.fields if name not in KNOWN_FIELDS), None)
    # After a keep-alive inside a payload, the rest of that payload looks like a field.
    if unknown is None or c.event.offset == c.framing.splice_end or not sse.is_finished(c.event.block.raw):
        return None
    return f"unknown field {quote(unknown.decode('utf-8', 'replace'))}; parsers ignore the line"


@rule(on=Moment.FRAME, severity=INFO, source=WHATWG, limit=1)
def id_or_retry(c: Context) -> Judgement:
    """`id:` and `retry:` have no use here: a Messages stream cannot be resumed.

    Example: retry: is sent; Messages streams cannot be resumed
    """
    used = next((name for name in c.framing.fields if name in (b"id", b"retry")), None)
    return f"{used.decode()}: is sent; Messages streams cannot be resumed" if used else None
