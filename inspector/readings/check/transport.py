"""Transport: the response as HTTP has it, and how it ended."""

from __future__ import annotations

from inspector import _json
from inspector.readings.check.findings import Severity
from inspector.readings.check.rule import Judgement, Moment, Note, rule
from inspector.readings.check.scene import Scene, quote
from inspector.readings.check.sdk import HANDLED, NOTHING, Reaction
from inspector.readings.check.sources import DOC_ERRORS, HTTP, WHATWG, thread
from inspector.recording import Ending

__all__: list[str] = []

ERROR, WARNING, INFO = Severity.ERROR, Severity.WARNING, Severity.INFO

_ROUND = (30, 60, 100, 120, 125, 180, 300, 400, 600, 900)
_STATUS = Reaction(stream="anthropic.APIStatusError", create="anthropic.APIStatusError")
_CUT = Reaction(stream="httpx2.RemoteProtocolError", create="httpx2.RemoteProtocolError")
_RESET = Reaction(stream="httpx2.ReadError", create="httpx2.ReadError")
_TIMEOUT = Reaction(stream="httpx2.ReadTimeout", create="httpx2.ReadTimeout")


def wall(s: Scene) -> str:
    """Name the time limit of some hop that the end of this response falls on, if it does."""
    hit = next((limit for limit in _ROUND if abs(s.t - limit) <= 0.015 * limit), None)
    return (
        f"; {s.t:.1f} s after the request, which looks like a {hit} s limit on some hop"
        if hit and s.timed
        else ""
    )


def after(s: Scene) -> str:
    """Say where the end came."""
    return f"after ev {s.number} ({s.last_event or s.kind or 'no name'})" if s.number else "before any event"


@rule(
    on=Moment.END,
    severity=ERROR,
    source=DOC_ERRORS,
    sdk=Reaction(stream="anthropic.APIConnectionError", create="anthropic.APIConnectionError"),
    example="",
)
def no_response(s: Scene) -> Judgement:
    """A request is answered."""
    if s.response is not None or (s.end and s.how is Ending.ABANDONED):
        return None
    error = s.end.error if s.end and s.end.error else "the recorder saw no answer"
    timeout = Reaction(stream="anthropic.APITimeoutError", create="anthropic.APITimeoutError")
    return Note(
        f"no response in {s.t:.1f} s: {s.how or 'unknown'}: {error}",
        sdk=timeout if s.how is Ending.TIMEOUT else None,
    )


@rule(on=Moment.END, severity=ERROR, source=DOC_ERRORS, sdk=_STATUS, example="")
def http_status(s: Scene) -> Judgement:
    """A request for a stream is answered with status 200."""
    response = s.response
    if response is None or response.status == 200:
        return None
    kind = response.headers.get("content-type", "").partition(";")[0]
    return f"HTTP {response.status} {_error_words(s.sniff) or kind} after {response.t:.1f} s; no stream was started"


def _error_words(body: bytes) -> str:
    try:
        error = _json.loads(body)["error"]
        return f"{error['type']}: {quote(str(error.get('message')), 80)}"
    except (ValueError, LookupError, TypeError, AttributeError):
        return ""


@rule(on=Moment.END, severity=ERROR, source=thread("anthropics/claude-code#88451"), sdk=NOTHING, example="")
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


def _asked(s: Scene) -> bool:
    body = s.head.request.json()
    return isinstance(body, dict) and body.get("stream") is True


def _unasked(s: Scene) -> bool:
    body = s.head.request.json()
    return isinstance(body, dict) and not body.get("stream")


@rule(on=Moment.END, severity=INFO, source=DOC_ERRORS, example="")
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
    example="",
)
def body_empty(s: Scene) -> Judgement:
    """A stream has events."""
    if s.cause != "body" or s.foreign:
        return None
    comments = f" ({s.total} bytes of comments and blank lines)" if s.total else ""
    return f"the response ended after 0 events{comments}"


@rule(
    on=Moment.END,
    severity=ERROR,
    source=thread("anthropics/anthropic-sdk-python#1919", "anthropics/claude-code#67766"),
    sdk=_CUT,
    example="",
)
def body_truncated(s: Scene) -> Judgement:
    """The body ends as HTTP says: with its last chunk, or with as many bytes as were announced."""
    if s.how not in (Ending.CUT, Ending.RESET) or s.cause in ("unanswered", "error", "status"):
        return None
    way = (
        "the connection was reset" if s.how is Ending.RESET else "the connection closed before the body's end"
    )
    tail = f", in the middle of a frame ({len(s.tail.raw)} bytes of it came)" if s.tail else ""
    done = "; the message itself is whole" if s.stop_at else ""
    words = f"{way} {after(s)}{tail}{done}{s.opened}{wall(s)}"
    return Note(words, WARNING if s.stop_at else None, _RESET if s.how is Ending.RESET else _CUT)


@rule(
    on=Moment.END,
    severity=ERROR,
    source=thread("anthropics/claude-code#33949", "anthropics/claude-code#91502"),
    sdk=_TIMEOUT,
    example="",
)
def body_timeout(s: Scene) -> Judgement:
    """The server goes on sending, or ends the stream."""
    if s.how is not Ending.TIMEOUT or s.cause in ("unanswered", "status"):
        return None
    done = "; the message itself is whole" if s.stop_at else ""
    words = (
        f"nothing came for {s.t - s.last_t:.1f} s {after(s)}, and the reader gave up{done}{s.opened}{wall(s)}"
    )
    return Note(words, WARNING if s.stop_at else None)


@rule(on=Moment.END, severity=INFO, source="the recording", example="")
def reader_stopped(s: Scene) -> Judgement:
    """A reader reads to the end; what it did not read cannot be checked."""
    if s.how is not Ending.ABANDONED or s.stop_at or s.error_at or s.cause in ("unanswered", "status"):
        return None
    return f"the reader stopped {after(s)}; what came after is unknown{s.opened}"


@rule(on=Moment.END, severity=WARNING, source="the recording", example="")
def recording_unfinished(s: Scene) -> Judgement:
    """A recording says how its response ended."""
    if s.end is not None or s.stop_at or s.error_at:
        return None
    torn = "its last line is torn" if s.torn else "it has no end line"
    return f"the recorder died {after(s)}: {torn}; what came after is unknown{s.opened}"


@rule(on=Moment.HEAD, severity=INFO, source=HTTP, example="")
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
    example="",
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
    example="",
)
def content_encoding_mismatch(s: Scene) -> Judgement:
    """A compressed body says so in Content-Encoding."""
    if s.response is None or s.response.status != 200 or not _encoded(s.sniff):
        return None
    kind = "gzip" if s.sniff.startswith(b"\x1f\x8b") else "zstd"
    said = s.headers.get("content-encoding")
    return f"the body is {kind}, but " + (
        f"Content-Encoding says {said}" if said else "no Content-Encoding header says so"
    )


@rule(on=Moment.HEAD, severity=INFO, source=thread("envoyproxy/ai-gateway#1927"), example="")
def content_encoding_present(s: Scene) -> Judgement:
    """An event stream is better sent uncompressed: a compressor may hold events back."""
    said = s.headers.get("content-encoding", "identity")
    return f"the stream is {said}-encoded; offsets are in decoded bytes" if said != "identity" else None


@rule(on=Moment.HEAD, severity=WARNING, source=WHATWG, sdk=HANDLED, example="")
def charset_nonutf8(s: Scene) -> Judgement:
    """An event stream is UTF-8, whatever its charset says."""
    _, _, charset = s.headers.get("content-type", "").lower().partition("charset=")
    charset = charset.partition(";")[0].strip().strip('"')
    if charset in ("", "utf-8", "utf8"):
        return None
    return f"charset={quote(charset)} is declared; an event stream is always UTF-8"


@rule(on=Moment.HEAD, severity=INFO, source=DOC_ERRORS, example="")
def request_id_missing(s: Scene) -> Judgement:
    """Every answer of the API has a `request-id` header, which support asks for."""
    headers = s.headers
    if not headers or "request-id" in headers or "x-request-id" in headers:
        return None
    return "no request-id header: not Anthropic's own, or stripped on the way"


@rule(on=Moment.FRAME, severity=INFO, source=thread("vllm-project/vllm#38732"), limit=1, example="")
def chunk_splits_utf8(s: Scene) -> Judgement:
    """Clients decode characters across reads: a read may end in the middle of one."""
    raw = s.raw
    return _split(raw, [size for size, _ in s.block.cuts if 0 < size < len(raw)])


def _split(raw: bytes, cuts: list[int]) -> str | None:
    at = next((size for size in cuts if 0x80 <= raw[size] < 0xC0), None)
    return f"a read ended inside a UTF-8 character, {at} bytes into the frame" if at is not None else None
