"""What a scripted upstream plays: the recordings that ship with inspector, made streams, and errors.

Nothing here does I/O besides reading those recordings, and nothing is left to chance. Times are set anew: a
cut that comes at full speed may overtake the bytes before it in a hop, and a probe should not wait long.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

from inspector import _json, faults
from inspector.formats import load_all
from inspector.protocol import error_payload
from inspector.recording import End, Ending, Head, Recorder, Recording, Request, Response, TimedBlock
from inspector.recording.bundled import bundled_names, bundled_recording

__all__ = [
    "broken",
    "bundled",
    "deltas",
    "error_answer",
    "frames",
    "message_of",
    "paced",
    "played",
    "streamed",
    "whole_names",
    "with_cached_tokens",
]

_URL = "https://api.anthropic.com/v1/messages"
_HEADERS = {"content-type": "text/event-stream; charset=utf-8", "cache-control": "no-cache"}
_MODEL = "claude-haiku-4-5-20251001"
_FIRST = 0.01  # seconds until a head comes
_OF_THEN = frozenset({"date", "via", "server", "cf-ray"})  # headers of the day and the way of a recording


def whole_names() -> list[str]:
    """Name the bundled recordings of streams that ended well: every kind of event, delta and block."""
    return [name for name in bundled_names() if not name.startswith(("broken/", "error_"))]


@cache
def bundled(name: str, number: int = 1) -> Recording:
    """Return a bundled recording, of a session that of this number. Its headers say nothing of a day."""
    recording = load_all(bundled_recording(name))[number - 1]
    response = recording.response
    if response is None:
        return recording
    headers = {each: value for each, value in response.headers.items() if each not in _OF_THEN}
    return replace(recording, head=replace(recording.head, response=replace(response, headers=headers)))


def paced(recording: Recording, every: float) -> Recording:
    """Return the recording with its reads `every` seconds apart, and its end after the last."""
    response = recording.response
    assert response is not None
    reads = [(_FIRST + every * at, chunk) for at, (_, chunk) in enumerate(recording.chunks(), 1)]
    return _of_reads(
        replace(recording.head, response=replace(response, t=_FIRST)),
        reads,
        recording.end.how if recording.end else Ending.CUT,
        every,
    )


def frames(payloads: Iterable[Mapping[str, Any]]) -> list[bytes]:
    """Write events, each as the API does."""
    return [
        b"event: %b\ndata: %b\n\n" % (str(payload["type"]).encode(), _json.dumps(payload))
        for payload in payloads
    ]


def message_of(
    *blocks: Iterable[Mapping[str, Any]], stop_reason: str = "end_turn", cached: int = 0
) -> list[dict[str, Any]]:
    """Return the events of a message with these content blocks, each from its start to its stop.

    `cached` is how many tokens of the input were read from a cache.
    """
    usage = {"input_tokens": 12, "cache_creation_input_tokens": 0, "cache_read_input_tokens": cached}
    message: dict[str, Any] = {
        "id": "msg_013Zva2CMHLNnXjNJJKqJ2EF",
        "type": "message",
        "role": "assistant",
        "model": _MODEL,
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
        "usage": {**usage, "output_tokens": 1},
    }
    events: list[dict[str, Any]] = [{"type": "message_start", "message": message}]
    for index, block in enumerate(blocks):
        events += [{**event, "index": index} for event in block]
    delta = {"stop_reason": stop_reason, "stop_sequence": None}
    events.append({"type": "message_delta", "delta": delta, "usage": {**usage, "output_tokens": 34}})
    return [*events, {"type": "message_stop"}]


def deltas(pieces: Iterable[str], tool: str = "") -> Iterator[dict[str, Any]]:
    """Yield the events of a text block, or of the call of a tool, whose deltas bring these pieces."""
    if tool:
        start = {"type": "tool_use", "id": "toolu_01T1x1fJ34qAmk2tNTrN7Up6", "name": tool, "input": {}}
        kind, member = "input_json_delta", "partial_json"
    else:
        start, kind, member = {"type": "text", "text": ""}, "text_delta", "text"
    yield {"type": "content_block_start", "content_block": start}
    for piece in pieces:
        yield {"type": "content_block_delta", "delta": {"type": kind, member: piece}}
    yield {"type": "content_block_stop"}


def with_cached_tokens() -> Recording:
    """Return a stream whose input came from a cache, apart from a few tokens."""
    return streamed(frames(message_of(deltas(["From ", "the ", "cache."]), cached=300)), _FIRST)


def streamed(reads: Sequence[bytes], every: float = 0.0, end: Ending = Ending.COMPLETE) -> Recording:
    """Return a stream whose body comes in these reads, `every` seconds apart; at 0, all at once."""
    at = [(_FIRST + every * number, read) for number, read in enumerate(reads, 1)]
    return _of_reads(_head(200, _HEADERS), at, end, every)


def played(
    reads: Iterable[tuple[float, bytes]], end: Ending = Ending.COMPLETE, last: float = 0.0
) -> Recording:
    """Return a stream whose reads come at these times in seconds, and that ends `last` after them."""
    return _of_reads(_head(200, _HEADERS), list(reads), end, last)


def error_answer(status: int, kind: str, message: str, headers: Mapping[str, str] | None = None) -> Recording:
    """Return an error as the API answers it, before any stream."""
    body = _json.dumps({**error_payload(kind, message), "request_id": "req_011CSHoEeqs5C35K2UUqR7Fy"})
    fields = {
        "content-type": "application/json",
        "request-id": "req_011CSHoEeqs5C35K2UUqR7Fy",
        **(headers or {}),
        "content-length": str(len(body)),
    }
    block = TimedBlock(_FIRST, None, None, body)
    return Recording(_head(status, fields), (block,), End(_FIRST, Ending.COMPLETE))


def _head(status: int, headers: Mapping[str, str]) -> Head:
    return Head("", Request("POST", _URL), Response(_FIRST, status, dict(headers)))


def _of_reads(head: Head, reads: list[tuple[float, bytes]], how: Ending, after: float) -> Recording:
    recorder = Recorder()
    blocks = (*recorder.feed(reads), *recorder.close())
    return Recording(head, blocks, End((reads[-1][0] if reads else _FIRST) + after, how))


def broken(recording: Recording, fault: str) -> Recording:
    """Return the recording with a fault in it."""
    return faults.apply(recording, fault)
