"""For the tests of `play` and `serve`: small recordings in memory, and a large one in a file."""

from __future__ import annotations

import json

from inspector import End, Ending, Head, Recording, Request, Response, TimedBlock
from inspector.recording import Recorder, dump

MESSAGES = "https://api.anthropic.com/v1/messages"
STREAM_HEADERS = {"content-type": "text/event-stream", "request-id": "req_small"}


def small(*parts, end=None, body=b"{}", url=MESSAGES, status=200, method="POST", headers=STREAM_HEADERS):
    """A recording of these chunks, a second apart; `body` is the request's."""
    recorder = Recorder()
    blocks = [*recorder.feed((float(t), part) for t, part in enumerate(parts, 1)), *recorder.close()]
    response = Response(0.5, status, headers)
    end = end or End(len(parts) + 1.0, Ending.COMPLETE)
    return Recording(Head("", Request(method, url, {}, body), response), tuple(blocks), end)


def stream(*payloads, end="complete", error=None, model="m"):
    """A recording of these events, a tenth of a second apart."""
    blocks = tuple(
        TimedBlock(number / 10, data["type"], json.dumps(data).encode())
        for number, data in enumerate(payloads, 1)
    )
    request = Request("POST", MESSAGES, {}, b'{"model":"%b","stream":true}' % model.encode())
    head = Head("", request, Response(0.05, 200, STREAM_HEADERS))
    return Recording(head, blocks, None if end is None else End(9.0, Ending(end), error))


START = {"type": "message_start", "message": {"type": "message", "content": [], "usage": {}}}
STOP = {"type": "message_stop"}


def large_lines():
    """The chunks of a recording of more than a mebibyte, and the lines of its file."""
    parts = [b'event: a\ndata: {"n":%d,"text":"%b"}\n\n' % (n, b"x" * 2000) for n in range(700)]
    return parts, b"".join(dump(small(*parts))).splitlines(keepends=True)


def chunks_of(recording):
    return [data for _, data in recording.chunks()]
