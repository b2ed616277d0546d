"""Transport: the response as HTTP has it, and how it ended."""

from __future__ import annotations

from inspector import _json
from inspector.checker.citations import DOC_ERRORS, HTTP, WHATWG, thread
from inspector.checker.context import Scene, quote
from inspector.checker.findings import Severity
from inspector.checker.reactions import HANDLED, NOTHING, Reaction
from inspector.checker.rule import Judgement, Moment, Note, rule

__all__: list[str] = []

ERROR, WARNING, INFO = Severity.ERROR, Severity.WARNING, Severity.INFO

_STATUS = Reaction(stream="anthropic.APIStatusError", create="anthropic.APIStatusError")


@rule(
    on=Moment.END,
    severity=ERROR,
    source=DOC_ERRORS,
    sdk=_STATUS,
    example='HTTP 529 overloaded_error: "Overloaded" after 0.5 s; no stream was started',
)
def http_status(s: Scene) -> Judgement:
    """A request for a stream is answered with status 200."""
    response = s.response
    if response is None or response.status == 200:
        return None
    what = _error_words(s.sniff) or response.headers.get("content-type", "").partition(";")[0]
    return f"HTTP {response.status} {what} after {response.t:.1f} s; no stream was started"


def _error_words(body: bytes) -> str:
    try:
        error = _json.loads(body)["error"]
        return f"{error['type']}: {quote(str(error.get('message')), 80)}"
    except (ValueError, LookupError, TypeError, AttributeError):
        return ""


@rule(
    on=Moment.END,
    severity=ERROR,
    source=thread("anthropics/claude-code#88451"),
    sdk=NOTHING,
    example="the body is HTML or XML, not an event stream (content-type text/html)",
)
def body_not_sse(s: Scene) -> Judgement:
    """The body of a streamed answer is an event stream."""
    if s.response is None or s.response.status != 200 or not s.total:
        return None
    kind = s.headers.get("content-type", "")
    if s.foreign:
        what = next((words for magic, words in _BODIES.items() if s.sniff.lstrip().startswith(magic)), "data")
        if _encoded(s.sniff) or (what == "JSON" and _unasked(s)):
            return None
        declared = f" (content-type {kind})" if kind else ""
        asked = '; the request had "stream": true' if _asked(s) else ""
        return Note(f"the body is {what}, not an event stream{declared}{asked}", at=s.first_at)
    if kind and not kind.lower().startswith("text/event-stream"):
        return Note(f"content-type is {quote(kind)}, not text/event-stream", sdk=HANDLED, at=s.first_at)
    return None


_BODIES = {b"{": "JSON", b"[": "JSON", b"<": "HTML or XML", b"\x1f\x8b": "gzip", b"\x28\xb5": "zstd"}


def _encoded(body: bytes) -> bool:
    return body.startswith((b"\x1f\x8b", b"\x28\xb5\x2f\xfd"))


def _undecoded(s: Scene) -> bool:
    """Whether the recorded bytes are still in their content coding."""
    return bool(s.response and s.response.extra and s.response.extra.get("undecoded"))


def _asked(s: Scene) -> bool:
    body = s.head.request.json()
    return isinstance(body, dict) and body.get("stream") is True


def _unasked(s: Scene) -> bool:
    body = s.head.request.json()
    return s.head.request.method != "POST" or (isinstance(body, dict) and not body.get("stream"))


@rule(
    on=Moment.END,
    severity=INFO,
    source=DOC_ERRORS,
    example="the request did not ask for a stream, and the answer is one JSON body",
)
def body_not_streamed(s: Scene) -> Judgement:
    """A request without `"stream": true` is answered with one JSON body, which this tool does not check."""
    if (
        s.foreign
        and s.sniff.lstrip().startswith(b"{")
        and _unasked(s)
        and s.response
        and s.response.status == 200
    ):
        return "the request did not ask for a stream, and the answer is one JSON body"
    return None


@rule(
    on=Moment.END,
    severity=ERROR,
    source=thread("coder/aibridge#56", "earendil-works/pi#2537"),
    sdk=NOTHING,
    example="the response ended after 0 events",
)
def body_empty(s: Scene) -> Judgement:
    """A stream has events."""
    if s.cause != "body" or s.foreign:
        return None
    comments = f" ({s.total} bytes of comments and blank lines)" if s.total else ""
    return f"the response ended after 0 events{comments}"


@rule(
    on=Moment.HEAD,
    severity=INFO,
    source=HTTP,
    example="the body is delimited by the close of the connection; a cut would look like a clean end",
)
def body_close_delimited(s: Scene) -> Judgement:
    """The body says where it ends, so that a cut can be told from an end."""
    response, headers = s.response, s.headers
    told = {"transfer-encoding", "content-length"} & headers.keys()
    if response is None or not headers or told or not response.http.startswith("HTTP/1"):
        return None
    if response.withheld and "transfer-encoding" in response.withheld:
        return None
    return "the body is delimited by the close of the connection; a cut would look like a clean end"


@rule(
    on=Moment.HEAD,
    severity=WARNING,
    source=thread("confidential-dot-ai/c8s#140"),
    sdk=HANDLED,
    example="Content-Length 1043 on an event stream: something buffered the whole response",
)
def content_length_on_stream(s: Scene) -> Judgement:
    """A stream has no Content-Length: whoever knows its length had all of it."""
    length = s.headers.get("content-length")
    if length is None or s.response is None or s.response.status != 200:
        return None
    if not s.headers.get("content-type", "").startswith("text/event-stream"):
        return None
    return f"Content-Length {length} on an event stream: something buffered the whole response"


@rule(
    on=Moment.END,
    severity=ERROR,
    source=thread("farion1231/cc-switch#3901", "router-for-me/CLIProxyAPI#1834"),
    sdk=Reaction(stream="UnicodeDecodeError", create="UnicodeDecodeError"),
    example="the body is gzip, but no Content-Encoding header says so",
)
def content_encoding_mismatch(s: Scene) -> Judgement:
    """A compressed body says so in Content-Encoding."""
    if s.response is None or s.response.status != 200 or not _encoded(s.sniff) or _undecoded(s):
        return None
    kind = "gzip" if s.sniff.startswith(b"\x1f\x8b") else "zstd"
    said = s.headers.get("content-encoding")
    return f"the body is {kind}, but " + (
        f"Content-Encoding says {said}" if said else "no Content-Encoding header says so"
    )


@rule(
    on=Moment.END,
    severity=ERROR,
    source=thread("farion1231/cc-switch#3901"),
    example="Content-Encoding says gzip, but the body is not gzip",
)
def content_encoding_undecoded(s: Scene) -> Judgement:
    """The body is in the coding that Content-Encoding says, and all of it."""
    said = s.headers.get("content-encoding", "")
    # Every recorder can undo these two; that it could not undo another says nothing about the body.
    if said not in ("gzip", "x-gzip", "deflate") or not _undecoded(s) or not s.total:
        return None
    if _encoded(s.sniff):
        return f"Content-Encoding says {said}, but the body does not decode as that to its end"
    return f"Content-Encoding says {said}, but the body is not {said}"


@rule(
    on=Moment.HEAD,
    severity=INFO,
    source=thread("envoyproxy/ai-gateway#1927"),
    example="the stream is gzip-encoded; offsets are in decoded bytes",
)
def content_encoding_present(s: Scene) -> Judgement:
    """An event stream is better sent uncompressed: a compressor may hold events back."""
    said = s.headers.get("content-encoding", "identity")
    return f"the stream is {said}-encoded; offsets are in decoded bytes" if said != "identity" else None


@rule(
    on=Moment.HEAD,
    severity=WARNING,
    source=WHATWG,
    sdk=HANDLED,
    example='charset="iso-8859-1" is declared; an event stream is always UTF-8',
)
def charset_nonutf8(s: Scene) -> Judgement:
    """An event stream is UTF-8, whatever its charset says."""
    _, _, charset = s.headers.get("content-type", "").lower().partition("charset=")
    charset = charset.partition(";")[0].strip().strip('"')
    if charset in ("", "utf-8", "utf8"):
        return None
    return f"charset={quote(charset)} is declared; an event stream is always UTF-8"


@rule(
    on=Moment.HEAD,
    severity=INFO,
    source=DOC_ERRORS,
    example="no request-id header: not Anthropic's own, or stripped on the way",
)
def request_id_missing(s: Scene) -> Judgement:
    """Every answer of the API has a `request-id` header, which support asks for."""
    headers = s.headers
    if not headers or "request-id" in headers or "x-request-id" in headers:
        return None
    return "no request-id header: not Anthropic's own, or stripped on the way"


@rule(
    on=Moment.FRAME,
    severity=INFO,
    source=thread("vllm-project/vllm#38732"),
    limit=1,
    example="a read ended inside a UTF-8 character, 114 bytes into the frame",
)
def chunk_splits_utf8(s: Scene) -> Judgement:
    """Clients decode characters across reads: a read may end in the middle of one."""
    raw = s.raw
    return _split(raw, [size for size, _ in s.block.cuts if 0 < size < len(raw)])


def _split(raw: bytes, cuts: list[int]) -> str | None:
    at = next((size for size in cuts if 0x80 <= raw[size] < 0xC0), None)
    return f"a read ended inside a UTF-8 character, {at} bytes into the frame" if at is not None else None
