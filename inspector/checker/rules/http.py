"""HTTP: the response's status, headers and body."""

from __future__ import annotations

from inspector._json import valid
from inspector.aws_frames import CONTENT_TYPE
from inspector.checker.citations import DOC_ERRORS, HTTP, WHATWG, thread
from inspector.checker.context import Cause, Context
from inspector.checker.payloads import AWS_EVENTS
from inspector.checker.rule import ANY_END, ERROR, INFO, WARNING, Judgement, Moment, Note, quote, rule
from inspector.protocol.error_bodies import read_error
from inspector.recording import Absent, Ending

__all__: list[str] = []

_DIGITS = 18  # of a length that a body can have
_REQUEST_IDS = {"request-id", "x-request-id", "x-amzn-requestid"}
_FORMATS = {b"{": "JSON", b"[": "JSON", b"<": "HTML or XML", b"\x1f\x8b": "gzip", b"\x28\xb5": "zstd"}


@rule(on=ANY_END, severity=INFO, source="the recording")
def request_cut(c: Context) -> Judgement:
    """A recording has all of its request; rules that read the request rest if it is cut.

    Example: the first 2 of the request's 41,943,040 bytes are recorded; the rest is unknown
    """
    request = c.head.request
    extra = request.extra or {}
    if "body_length" not in extra:
        return None
    length = extra["body_length"]
    of = f" of the request's {length:,} bytes" if isinstance(length, int) else " bytes of the request"
    return f"the first {len(request.body or b''):,}{of} are recorded; the rest is unknown"


@rule(on=Moment.END, severity=ERROR, source=DOC_ERRORS, needs=Absent.STATUS)
def http_status(c: Context) -> Judgement:
    """The response to a request for a stream has status 200.

    Example: HTTP 529 overloaded_error: "Overloaded" after 0.5 s; no stream was started
    """
    response = c.response
    if response is None or response.status == 200:
        return None
    error = _error_text(c.stream.body_start) or response.headers.get("content-type", "").partition(";")[0]
    status = f"HTTP {response.status} {error}".rstrip()
    when = f" after {response.t:.1f} s" if c.timed else ""
    return f"{status}{when}; no stream was started"


def _error_text(body: bytes) -> str:
    """Return what the body of an error says, quoted; empty if it says nothing."""
    error = read_error(body)
    message = quote(error.message, 80) if error.message else ""
    return f"{error.type}: {message}" if error.type and message else error.type or message


@rule(on=ANY_END, severity=ERROR, source=thread("anthropics/claude-code#88451"))
def body_not_sse(c: Context) -> Judgement:
    """The body of a streamed response is an event stream.

    Example: the body is HTML or XML, not an event stream (content-type text/html): "Sign in"
    """
    stream, content_type = c.stream, c.headers.get("content-type", "")
    if c.response is None or c.response.status != 200 or not stream.size:
        return None
    if stream.is_event_stream:
        if not content_type or content_type.lower().startswith(("text/event-stream", CONTENT_TYPE)):
            return None
        message = f"content-type is {quote(content_type)}, not text/event-stream"
        return Note(message, at=stream.first_at)
    if stream.body_start.startswith(AWS_EVENTS):
        return None  # body-aws-events reports it
    start, wants_stream = stream.body_start.lstrip(), c.wants_stream
    kind = next((name for magic, name in _FORMATS.items() if start.startswith(magic)), "data")
    kind = "JSON" if kind == "data" and valid(start) else kind
    if _is_compressed(stream.body_start) or (kind == "JSON" and (wants_stream is False or c.whole_message)):
        return None
    declared = f" (content-type {content_type})" if content_type else ""
    request = '; the request had "stream": true' if wants_stream else ""
    text = read_error(stream.body_start).message if kind in ("JSON", "HTML or XML") else ""
    said = f": {quote(text, 80)}" if text else ""
    return Note(f"the body is {kind}, not an event stream{declared}{request}{said}", at=stream.first_at)


def _is_compressed(body: bytes) -> bool:
    return body.startswith((b"\x1f\x8b", b"\x28\xb5\x2f\xfd"))


def _is_undecoded(c: Context) -> bool:
    """Return whether the recorded bytes are still in their content coding."""
    return bool(c.response and c.response.extra and c.response.extra.get("undecoded"))


def _stopped_decoding(c: Context) -> bool:
    """Return whether the recorder, or the reader whose error it noted, failed to decode the body."""
    error = c.stream.end.error if c.stream.end else None
    coding = c.headers.get("content-encoding", "identity")
    return bool(error) and coding != "identity" and "decod" in str(error).lower()


@rule(on=Moment.END, severity=WARNING, source="Amazon Bedrock's invoke-with-response-stream")
def body_aws_events(c: Context) -> Judgement:
    """A body in Amazon's binary event stream, which Bedrock sends, says so in its content type.

    Example: the body is Amazon's binary event stream, and its content type is another: it is not checked
    """
    if c.stream.is_event_stream or not c.stream.body_start.startswith(AWS_EVENTS):
        return None
    return "the body is Amazon's binary event stream, and its content type is another: it is not checked"


@rule(on=Moment.BAD_FRAME, severity=ERROR, source="https://smithy.io/2.0/aws/amazon-eventstream.html")
def aws_frame_invalid(c: Context) -> Judgement:
    """The lengths and the CRCs of every frame of Amazon's binary event stream are right.

    Example: the frame's CRC is 7ab310fa, not 7ab3103f as it says; Bedrock's clients stop here
    """
    return f"{c.event.frame_problem}; Bedrock's clients stop here"


@rule(
    on=Moment.END,
    severity=ERROR,
    source=thread("coder/aibridge#56", "earendil-works/pi#2537"),
)
def body_empty(c: Context) -> Judgement:
    """A stream has events.

    Example: the response ended after 0 events
    """
    if c.cause is not Cause.BODY or not c.stream.is_event_stream or _stopped_decoding(c):
        return None
    comments = f" ({c.stream.size} bytes of comments and blank lines)" if c.stream.size else ""
    return f"the response ended after 0 events{comments}"


@rule(on=Moment.HEAD, severity=INFO, source=HTTP, needs=Absent.HEADERS)
def body_close_delimited(c: Context) -> Judgement:
    """The headers say where the body ends, so that a cut differs from an end.

    Example: the close of the connection delimits the body; a cut would look like a clean end
    """
    response, headers = c.response, c.headers
    if response is None or not headers or not response.http.startswith("HTTP/1"):
        return None
    if any(name in headers or name in response.withheld for name in ("transfer-encoding", "content-length")):
        return None
    return "the close of the connection delimits the body; a cut would look like a clean end"


@rule(on=Moment.HEAD, severity=WARNING, source=thread("confidential-dot-ai/c8s#140"), needs=Absent.HEADERS)
def content_length_on_stream(c: Context) -> Judgement:
    """A stream has no Content-Length: a server that knows the length has buffered all of it.

    Example: Content-Length 917 on an event stream: something buffered the whole response
    """
    length = c.headers.get("content-length")
    if length is None or c.response is None or c.response.status != 200 or "transfer-encoding" in c.headers:
        return None
    if not c.headers.get("content-type", "").startswith("text/event-stream"):
        return None
    return f"Content-Length {length} on an event stream: something buffered the whole response"


@rule(on=ANY_END, severity=WARNING, source=HTTP, needs=Absent.HEADERS)
def content_length_mismatch(c: Context) -> Judgement:
    """Content-Length is the length of the body, also after somebody has edited the recording.

    Example: Content-Length 1043, but the body has 18 bytes: it was edited or cut off after it was recorded
    """
    length, size = c.headers.get("content-length", ""), c.stream.size
    # Nobody can say what length a body had before it was decoded. HEAD and 304 have no body at all.
    if {"transfer-encoding", "content-encoding"} & c.headers.keys() or not size or not length.isdecimal():
        return None
    complete = c.stream.ending is Ending.COMPLETE
    if len(length) > _DIGITS or int(length) == size or (int(length) > size and not complete):
        return None
    return (
        f"Content-Length {length}, but the body has {size} bytes: it was edited or cut off after it was "
        "recorded"
    )


@rule(on=Moment.HEAD, severity=WARNING, source=HTTP, needs=Absent.HEADERS)
def content_length_with_chunked(c: Context) -> Judgement:
    """A response has Content-Length or Transfer-Encoding, and not both: a proxy may believe either.

    Example: Content-Length 1043 beside Transfer-Encoding chunked: a proxy that believes it cuts the stream
    """
    length, coding = c.headers.get("content-length"), c.headers.get("transfer-encoding")
    if length is None or coding is None:
        return None
    both = f"Content-Length {length} beside Transfer-Encoding {coding}"
    return f"{both}: a proxy that believes it cuts the stream"


@rule(
    on=ANY_END,
    severity=ERROR,
    source=thread("farion1231/cc-switch#3901", "router-for-me/CLIProxyAPI#1834"),
)
def content_encoding_mismatch(c: Context) -> Judgement:
    """A compressed body has a Content-Encoding header.

    Example: the body is gzip, but no Content-Encoding header says so
    """
    start = c.stream.body_start
    if c.response is None or c.response.status != 200 or not _is_compressed(start) or _is_undecoded(c):
        return None
    coding = c.headers.get("content-encoding")
    format_ = "gzip" if start.startswith(b"\x1f\x8b") else "zstd"
    if (coding and format_ in coding) or Absent.HEADERS in c.head.absent:
        return (
            f"the body is still {format_}, as it was sent, and is not checked; curl decodes with --compressed"
        )
    header = f"Content-Encoding says {coding}" if coding else "no Content-Encoding header says so"
    return f"the body is {format_}, but {header}"


@rule(on=ANY_END, severity=WARNING, source=HTTP)
def content_encoding_members(c: Context) -> Judgement:
    """A gzip body is one member: most clients ignore what follows the first, without an error.

    Example: the gzip body has several members; httpx, and so the SDK, stops after the first one
    """
    end = c.stream.end
    if end is None or not (end.extra and end.extra.get("several_members")):
        return None
    return "the gzip body has several members; httpx, and so the SDK, stops after the first one"


@rule(on=ANY_END, severity=ERROR, source=thread("farion1231/cc-switch#3901"))
def content_encoding_undecoded(c: Context) -> Judgement:
    """The whole body is in the coding that Content-Encoding names.

    Example: Content-Encoding says gzip, but the body is not gzip
    """
    coding = c.headers.get("content-encoding", "")
    if _stopped_decoding(c):
        how = "does not decode as that to its end" if c.stream.size else f"is not {coding}"
        return f"Content-Encoding says {coding}, but the body {how}"
    # Every recorder can decode these. That it could not decode another coding says nothing about the body.
    if coding not in ("gzip", "x-gzip", "deflate") or not _is_undecoded(c) or not c.stream.size:
        return None
    if _is_compressed(c.stream.body_start):
        return f"Content-Encoding says {coding}, but the body does not decode as that to its end"
    return f"Content-Encoding says {coding}, but the body is not {coding}"


@rule(on=Moment.HEAD, severity=INFO, source=thread("envoyproxy/ai-gateway#1927"))
def content_encoding_present(c: Context) -> Judgement:
    """An event stream should not be compressed: a compressor may hold events back.

    Example: the stream is gzip-encoded; offsets are in decoded bytes
    """
    coding = c.headers.get("content-encoding", "identity")
    return f"the stream is {coding}-encoded; offsets are in decoded bytes" if coding != "identity" else None


@rule(on=Moment.HEAD, severity=WARNING, source=WHATWG)
def charset_nonutf8(c: Context) -> Judgement:
    """An event stream is UTF-8, whatever its charset says.

    Example: the header declares charset="iso-8859-1"; an event stream is always UTF-8
    """
    _, _, charset = c.headers.get("content-type", "").lower().partition("charset=")
    charset = charset.partition(";")[0].strip().strip('"')
    if charset in ("", "utf-8", "utf8"):
        return None
    return f"the header declares charset={quote(charset)}; an event stream is always UTF-8"


@rule(on=Moment.HEAD, severity=INFO, source=DOC_ERRORS, needs=Absent.HEADERS)
def request_id_missing(c: Context) -> Judgement:
    """Every response of the API has a `request-id` header; Anthropic's support needs it.

    Example: no request-id header: the response is not Anthropic's own, or a proxy removed the header
    """
    headers = c.headers
    if not headers or Absent.HEADERS in c.head.absent or not _REQUEST_IDS.isdisjoint(headers):
        return None
    return "no request-id header: the response is not Anthropic's own, or a proxy removed the header"


@rule(
    on=(Moment.FRAME, Moment.CUT),
    severity=INFO,
    source=thread("vllm-project/vllm#38732"),
    limit=1,
)
def chunk_splits_utf8(c: Context) -> Judgement:
    """Clients decode characters across reads: a read may end in the middle of one.

    Example: a read ended inside a UTF-8 character, 114 bytes into the frame
    """
    raw = c.event.block.raw_bytes
    sizes = (size for size, _ in c.event.block.cuts if 0 < size < len(raw))
    at = next((size for size in sizes if 0x80 <= raw[size] < 0xC0), None)
    return None if at is None else f"a read ended inside a UTF-8 character, {at} bytes into the frame"
