"""Faults of the connection and of HTTP: the body is cut, its length or coding a lie, the status an error."""

from __future__ import annotations

import zlib
from collections.abc import Iterator

from inspector import _json
from inspector.faults.edits import answered, cut, rebuilt, until, with_headers
from inspector.faults.parameters import choice, count, seconds, switch, text
from inspector.faults.positions import Point, Unfit
from inspector.faults.registry import fault
from inspector.protocol import error_for_status, error_payload
from inspector.recording import End, Ending, Recording

__all__ = [
    "content_length",
    "cut_clean",
    "cut_fin",
    "cut_mid_frame",
    "cut_rst",
    "fail_then_ok",
    "gzip",
    "http_200_wrong_body",
    "http_error",
]

_HOW = {"clean": Ending.COMPLETE, "fin": Ending.CUT, "rst": Ending.RESET}

_HTML = b"<!DOCTYPE html>\n<html><head><title>%d</title></head>\n<body><h1>%b</h1></body></html>\n"


@fault(
    "cut-clean",
    at="mid",
    incident="https://github.com/openclaw/openclaw/pull/120030",
    sdk=(
        "raises nothing: the partial message is a success, its stop_reason None, a half tool call has "
        "half its input"
    ),
    client="treat a stream without message_stop as failed",
)
def cut_clean(recording: Recording, at: Point) -> Recording:
    """The body ends early, and as HTTP says: a last chunk of length 0."""
    return cut(recording, at, Ending.COMPLETE)


@fault(
    "cut-fin",
    at="mid",
    incident="https://github.com/anthropics/anthropic-sdk-python/issues/1919",
    sdk=(
        "RemoteProtocolError of the HTTP library, no anthropic exception, not retried; @end too, although"
        " the message is whole; @head: APIConnectionError, retried"
    ),
    client="catch transport errors; mark the answer partial, or accept it where message_stop was there",
)
def cut_fin(recording: Recording, at: Point) -> Recording:
    """The peer closes the connection in the middle of the body, without a last chunk."""
    return cut(recording, at, Ending.CUT)


@fault(
    "cut-rst",
    seconds("delay", "how long after the last byte", 0.0),
    at="mid",
    incident="https://github.com/anthropics/claude-code/issues/67766",
    sdk=(
        "ReadError of the HTTP library, no anthropic exception, not retried; @head: APIConnectionError, "
        "retried"
    ),
    client="catch transport errors; mark the answer partial",
)
def cut_rst(recording: Recording, at: Point, delay: float) -> Recording:
    """The connection is reset (RST) in the middle of the body."""
    return cut(recording, at, Ending.RESET, delay)


@fault(
    "cut-mid-frame",
    choice("how", "how the connection ends", "clean", "fin", "rst"),
    count("bytes", "how many bytes of the event still come; half of it unless said", None, least=1),
    at="mid",
    incident="https://github.com/sudoprivacy/sudocode/pull/576",
    sdk="clean: raises nothing, the event is dropped; fin: RemoteProtocolError; rst: ReadError",
    client="treat an unfinished event as a broken stream, and do not retry for ever",
)
def cut_mid_frame(recording: Recording, at: Point, how: str, bytes_: int | None) -> Recording:
    """The body ends inside an event's `data:` line."""
    if at.event is None:
        raise Unfit("there is no event at this position")
    size = len(at.event.block.raw_bytes)
    inside = size // 2 if bytes_ is None else bytes_
    if inside >= size - 1:
        raise Unfit(f"event {at.event.number} has {size} bytes; say bytes= below {size - 1}")
    return cut(recording, at._replace(offset=at.offset + inside), _HOW[how])


@fault(
    "content-length",
    count("delta", "how many bytes more or fewer than there are", 100, least=-1_000_000_000, unit="±N"),
    sdk="more: RemoteProtocolError; fewer: raises nothing, the rest of the body is lost",
    client="treat a stream without message_stop as failed",
)
def content_length(recording: Recording, delta: int) -> Recording:
    """The response has a content-length, and it is wrong: a client reads so much, or waits for more."""
    response = answered(recording)
    if "content-encoding" in response.headers and not (response.extra or {}).get("undecoded"):
        raise Unfit("its body was compressed, so its length on the wire is not known")
    size = len(recording.body) + delta
    if not delta or size < 0:
        raise Unfit(
            f"its body has {len(recording.body)} bytes; say a difference that is not 0 and leaves some"
        )
    t = recording.end.t if recording.end else 0.0
    end = End(t, Ending.CUT if delta > 0 else Ending.COMPLETE)
    headers = {"content-length": str(size), "transfer-encoding": None}  # the latter would win
    return with_headers(rebuilt(recording, until(recording, size), end), headers)


@fault(
    "gzip",
    choice(
        "mode",
        "rightly, or: header without gzip, gzip without header, the last half missing",
        "ok",
        "lie",
        "hidden",
        "cut",
    ),
    switch("flush", "whether every read can be decompressed when it comes", True),
    incident="https://github.com/router-for-me/CLIProxyAPI/pull/1834",
    sdk=(
        "ok: nothing; lie: DecodingError; hidden: UnicodeDecodeError; cut: raises nothing, and events are"
        " missing"
    ),
    client="say that the body cannot be read, and treat a stream without message_stop as failed",
)
def gzip(recording: Recording, mode: str, flush: bool) -> Recording:
    """The body is compressed, or the response's head is wrong about it."""
    response = answered(recording)
    if "content-encoding" in response.headers:
        raise Unfit(f"its body is compressed already: {response.headers['content-encoding']}")
    if mode == "ok":
        return with_headers(recording, {"content-encoding": "gzip", "content-length": None})
    reads = list(_compressed(recording, flush=flush))
    size = sum(len(chunk) for _, chunk in reads)
    edited = recording if mode == "lie" else rebuilt(recording, reads)
    if mode == "cut":
        edited = rebuilt(recording, until(edited, size // 2), End(0.0, Ending.COMPLETE))
    if mode == "hidden":
        return edited
    undecoded = {**(response.extra or {}), "undecoded": True}
    return with_headers(edited, {"content-encoding": "gzip"}, extra=undecoded)


def _compressed(recording: Recording, *, flush: bool) -> Iterator[tuple[float, bytes]]:
    packer = zlib.compressobj(wbits=zlib.MAX_WBITS | 16)
    t = 0.0
    for t, chunk in recording.chunks():
        yield t, packer.compress(chunk) + (packer.flush(zlib.Z_SYNC_FLUSH) if flush else b"")
    yield t, packer.flush()


@fault(
    "http-error",
    count("status", "the status, 400 to 599", 529, least=400, most=599, unit="STATUS"),
    choice("body", "what kind of body it has", "json", "html"),
    seconds("retry_after", "the `retry-after` header; none unless said", None),
    text("message", "the error's message", None),
    incident="https://github.com/anthropics/claude-code/issues/16737",
    sdk=(
        "the exception of the status: 529 OverloadedError, 429 RateLimitError, 504 GatewayTimeoutError (0.x: "
        "InternalServerError), 524 InternalServerError; retried, retry-after is honoured"
    ),
    client="back off and try again",
)
def http_error(
    recording: Recording, status: int, body: str, retry_after: float | None, message: str | None
) -> Recording:
    """An HTTP error with its own body comes instead of the stream."""
    error = error_for_status(status)
    text = message or error.message
    response = answered(recording)
    if body == "html":
        content = _HTML % (status, text.encode())
    else:
        request_id = response.headers.get("request-id")
        content = _json.dumps({**error_payload(error.type, text), "request_id": request_id})
    after = None if retry_after is None else f"{retry_after:.3f}".rstrip("0").rstrip(".")
    headers = {"retry-after": after, **_plain("text/html" if body == "html" else "application/json")}
    return _replaced(recording, content, status, headers)


@fault(
    "http-200-wrong-body",
    choice("body", "what stands in the stream's place", "html", "json", "empty"),
    incident="https://github.com/coder/aibridge/issues/56",
    sdk="create(stream=True): nothing at all, the loop just ends; messages.stream(): a bare AssertionError",
    client="fail on a stream without events",
)
def http_200_wrong_body(recording: Recording, body: str) -> Recording:
    """A page, a JSON object or nothing comes with status 200 instead of the stream."""
    content, kind = {
        "html": (_HTML % (200, b"Sign in"), "text/html"),
        "json": (b'{"error":"no healthy upstream"}', "application/json"),
        "empty": (b"", "text/event-stream"),
    }[body]
    return _replaced(recording, content, 200, _plain(kind))


def _plain(kind: str) -> dict[str, str | None]:
    return {"content-type": kind, "content-length": None, "content-encoding": None}


def _replaced(recording: Recording, content: bytes, status: int, headers: dict[str, str | None]) -> Recording:
    response = answered(recording)
    t = response.t
    edited = rebuilt(recording, [(t, content)], End(t, Ending.COMPLETE))
    extra = {name: value for name, value in (response.extra or {}).items() if name != "undecoded"}
    return with_headers(edited, headers, status=status, extra=extra or None)


@fault(
    "fail-then-ok",
    text("fault", "the fault, in double quotes if it has a position", "http-error"),
    count("times", "how many requests meet it", 2, least=1, most=9999),
    incident="https://github.com/anthropics/claude-code/issues/91502",
    sdk="what it does with the fault; it tries again by itself only what fails before the stream",
    client="show no text twice, and run no tool twice",
)
def fail_then_ok(recording: Recording, fault: str, times: int) -> Recording:
    """Another fault strikes so many requests, and then none: short for `FAULT,on=1..TIMES`."""
    return recording  # the parser has put the fault in the place of this one
