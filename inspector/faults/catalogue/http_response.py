"""Faults of the connection and of HTTP: a body that is cut, a wrong length or coding, an error status."""

from __future__ import annotations

import zlib
from collections.abc import Iterator

from inspector import _json
from inspector.faults import edits
from inspector.faults.contents import NotApplicableError
from inspector.faults.edits import Read, reads_before, rebuilt, response_of, with_headers
from inspector.faults.parameters import choice, count, seconds, switch, text
from inspector.faults.positions import Point
from inspector.faults.registry import fault
from inspector.protocol import error_for_status, error_payload
from inspector.recording import End, Ending, Recording

__all__ = ["content_length", "cut", "gzip", "http_200_wrong_body", "http_error"]

_ENDINGS = {"clean": Ending.COMPLETE, "fin": Ending.CUT, "rst": Ending.RESET}
_HOW = {"clean": "as HTTP requires", "fin": "the connection is closed", "rst": "the connection is reset"}

_PAGE = b"<!DOCTYPE html>\n<html><head><title>%d</title></head>\n<body><h1>%b</h1></body></html>\n"


@fault(
    "cut-clean",
    at="mid",
    fixed={"how": "clean"},
    sentence="The body ends early, but as HTTP requires: with a last chunk of length 0.",
    incident="https://github.com/openclaw/openclaw/pull/120030",
    client="treat a stream without message_stop as failed",
)
@fault(
    "cut-fin",
    at="mid",
    fixed={"how": "fin"},
    sentence="The server closes the connection inside the body, without the last HTTP chunk.",
    incident="https://github.com/anthropics/anthropic-sdk-python/issues/1919",
    client="catch transport errors; mark the answer as partial, or accept it if message_stop has come",
)
@fault(
    "cut-rst",
    seconds("delay", "how long after the last byte", 0.0),
    at="mid",
    fixed={"how": "rst"},
    sentence="The connection is reset (TCP RST) inside the body.",
    incident="https://github.com/anthropics/claude-code/issues/67766",
    client="catch transport errors; mark the answer as partial",
)
@fault(
    "cut-mid-frame",
    choice("how", "how the body ends", _HOW),
    count("bytes", "how many bytes of the event still come; default: half", None, least=1),
    at="mid",
    fixed={"inside": True},
    sentence="The body ends inside an event's `data:` line.",
    incident="https://github.com/sudoprivacy/sudocode/pull/576",
    client="treat an unfinished event as a broken stream, and limit the number of retries",
)
def cut(
    recording: Recording,
    at: Point,
    how: str,
    delay: float = 0.0,
    inside: bool = False,
    bytes_: int | None = None,
) -> Recording:
    """End the body at a point, or inside the event that starts there."""
    if inside:
        at = at._replace(offset=at.offset + _size_left(at, bytes_))
    return edits.cut(recording, at, _ENDINGS[how], delay)


def _size_left(at: Point, size: int | None) -> int:
    if at.event is None:
        raise NotApplicableError("there is no event at this position")
    whole = len(at.event.block.raw_bytes)
    left = whole // 2 if size is None else size
    if left >= whole - 1:
        raise NotApplicableError(f"event {at.event.number} has {whole} bytes; set bytes= below {whole - 1}")
    return left


@fault(
    "content-length",
    count("delta", "how many bytes more or fewer than the body has", 100, least=-1_000_000_000, unit="±N"),
    client="treat a stream without message_stop as failed",
)
def content_length(recording: Recording, delta: int) -> Recording:
    """The content-length header is wrong: a client waits for more bytes, or reads too few."""
    response = response_of(recording)
    if "content-encoding" in response.headers and not (response.extra or {}).get("undecoded"):
        raise NotApplicableError("its body was compressed, so its length on the wire is unknown")
    whole = len(recording.body)
    size = whole + delta
    if not delta or size < 0:
        raise NotApplicableError(f"its body has {whole} bytes; set delta= to at least -{whole}, but not to 0")
    t = recording.end.t if recording.end else 0.0
    end = End(t, Ending.CUT if delta > 0 else Ending.COMPLETE)
    # With both headers, clients go by transfer-encoding.
    headers = {"content-length": str(size), "transfer-encoding": None}
    return with_headers(rebuilt(recording, reads_before(recording, size), end), headers)


@fault(
    "gzip",
    choice(
        "mode",
        "how gzip is used",
        {
            "ok": "correctly",
            "lie": "the header says gzip, but the body is not compressed",
            "hidden": "the body is compressed, but no header says so",
            "cut": "the second half of the compressed body is missing",
        },
    ),
    switch("flush", "whether each read can be decompressed when it comes", True),
    incident="https://github.com/router-for-me/CLIProxyAPI/pull/1834",
    client="report a body that cannot be decoded, and treat a stream without message_stop as failed",
)
def gzip(recording: Recording, mode: str, flush: bool) -> Recording:
    """The body is compressed, or the content-encoding header is wrong."""
    response = response_of(recording)
    if "content-encoding" in response.headers:
        encoding = response.headers["content-encoding"]
        raise NotApplicableError(f"its body is compressed already: {encoding}")
    if mode == "ok":
        return with_headers(recording, {"content-encoding": "gzip", "content-length": None})
    reads = list(_compressed(recording, flush=flush))
    size = sum(len(chunk) for _, chunk in reads)
    edited = recording if mode == "lie" else rebuilt(recording, reads)
    if mode == "cut":
        edited = rebuilt(recording, reads_before(edited, size // 2), End(0.0, Ending.COMPLETE))
    if mode == "hidden":
        return edited
    undecoded = {**(response.extra or {}), "undecoded": True}
    return with_headers(edited, {"content-encoding": "gzip"}, extra=undecoded)


def _compressed(recording: Recording, *, flush: bool) -> Iterator[Read]:
    packer = zlib.compressobj(wbits=zlib.MAX_WBITS | 16)
    t = 0.0
    for t, chunk in recording.chunks():
        yield t, packer.compress(chunk) + (packer.flush(zlib.Z_SYNC_FLUSH) if flush else b"")
    yield t, packer.flush()


@fault(
    "http-error",
    count("status", "the HTTP status, 400 to 599", 529, least=400, most=599, unit="STATUS"),
    choice("body", "the form of the error", {"json": "the API's own", "html": "a web page"}),
    seconds("retry_after", "the `retry-after` header; default: none", None),
    text("message", "the error's message; default: the API's for this status", None),
    incident="https://github.com/anthropics/claude-code/issues/16737",
    client="back off and try again",
)
def http_error(
    recording: Recording, status: int, body: str, retry_after: float | None, message: str | None
) -> Recording:
    """An HTTP error comes instead of the stream."""
    error = error_for_status(status)
    detail = message or error.message
    response = response_of(recording)
    if body == "html":
        content = _PAGE % (status, detail.encode())
    else:
        request_id = response.headers.get("request-id")
        content = _json.dumps({**error_payload(error.type, detail), "request_id": request_id})
    after = None if retry_after is None else f"{retry_after:.3f}".rstrip("0").rstrip(".")
    content_type = "text/html" if body == "html" else "application/json"
    return _with_body(recording, content, content_type, status, {"retry-after": after})


@fault(
    "http-200-wrong-body",
    choice(
        "body",
        "what comes instead of the stream",
        {"html": "a sign-in page", "json": "an error object that is not the API's", "empty": "nothing"},
    ),
    incident="https://github.com/coder/aibridge/issues/56",
    client="treat a stream without events as failed",
)
def http_200_wrong_body(recording: Recording, body: str) -> Recording:
    """A web page, a JSON object or nothing comes with status 200 instead of the stream."""
    content, content_type = {
        "html": (_PAGE % (200, b"Sign in"), "text/html"),
        "json": (b'{"error":"no healthy upstream"}', "application/json"),
        "empty": (b"", "text/event-stream"),
    }[body]
    return _with_body(recording, content, content_type, 200, {})


def _with_body(
    recording: Recording, content: bytes, content_type: str, status: int, headers: dict[str, str | None]
) -> Recording:
    """Replace the whole response but its time, and the headers that say nothing of its body."""
    response = response_of(recording)
    edited = rebuilt(recording, [(response.t, content)], End(response.t, Ending.COMPLETE))
    extra = {name: value for name, value in (response.extra or {}).items() if name != "undecoded"}
    described = {"content-type": content_type, "content-length": None, "content-encoding": None}
    return with_headers(edited, {**headers, **described}, status=status, extra=extra or None)
