"""Streams for tests: events as bytes, and recordings of them."""

from __future__ import annotations

import json

from inspector.recording import End, Ending, Head, Recorder, Recording, Request, Response

ANTHROPIC = "https://api.anthropic.com/v1/messages"
COMPAT = "https://gateway.example/v1/messages"
HEADERS = {
    "content-type": "text/event-stream; charset=utf-8",
    "transfer-encoding": "chunked",
    "request-id": "req_1",
}


def frame(name, data):
    """One event in the plain form. `data` is a payload or its bytes."""
    payload = data if isinstance(data, bytes) else json.dumps(data, ensure_ascii=False).encode()
    return b"event: %b\ndata: %b\n\n" % (name.encode(), payload)


def event(kind, **fields):
    return frame(kind, {"type": kind, **fields})


def start(name="msg_1", **fields):
    message = {
        "id": name,
        "type": "message",
        "role": "assistant",
        "model": "claude-sonnet-5",
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
        "usage": {"input_tokens": 10, "output_tokens": 1},
        **fields,
    }
    return event("message_start", message={k: v for k, v in message.items() if v is not ...})


def opens(index, kind="text", **fields):
    usual = {
        "text": {"text": ""},
        "thinking": {"thinking": "", "signature": ""},
        "tool_use": {"id": f"toolu_{index}", "name": "get_weather", "input": {}},
        "server_tool_use": {"id": f"srvtoolu_{index}", "name": "web_search", "input": {}},
    }
    block = {"type": kind, **usual.get(kind, {}), **fields}
    return event(
        "content_block_start", index=index, content_block={k: v for k, v in block.items() if v is not ...}
    )


def delta(index, text="Hello", kind="text_delta", **fields):
    name = {"text_delta": "text", "thinking_delta": "thinking", "input_json_delta": "partial_json"}
    name |= {"signature_delta": "signature"}
    carries = {name[kind]: text} if kind in name and text is not None else {}
    return event("content_block_delta", index=index, delta={"type": kind, **carries, **fields})


def tool_delta(index, text):
    return delta(index, text, "input_json_delta")


def stops(index):
    return event("content_block_stop", index=index)


def message_delta(reason="end_turn", output=12, usage=..., **fields):
    usage = {"output_tokens": output} if usage is ... else usage
    extra = {} if usage is None else {"usage": usage}
    return event("message_delta", delta={"stop_reason": reason, "stop_sequence": None, **fields}, **extra)


STOP = event("message_stop")
PING = frame("ping", {"type": "ping"})
TEXT = opens(0) + delta(0) + delta(0, " there") + stops(0)
TOOL = opens(0, "tool_use") + tool_delta(0, "") + tool_delta(0, '{"city": "Paris"}') + stops(0)
END = message_delta() + STOP
GOOD = start() + TEXT + END


def recording(
    *reads,
    how=Ending.COMPLETE,
    status=200,
    headers=HEADERS,
    url=ANTHROPIC,
    t=0.5,
    end=None,
    body=None,
    error=None,
    request=None,
    extra=None,
):
    """A recording of reads: bytes, or (time, bytes). Without a time, a read comes 10 ms after the last."""
    recorder = Recorder(binary="amazon.eventstream" in headers.get("content-type", ""))
    blocks, now = [], t
    for read in reads:
        now, chunk = read if isinstance(read, tuple) else (now + 0.01, read)
        blocks += recorder.feed([(now, chunk)])
    blocks += recorder.close()
    response = None if status is None else Response(t, status, headers, extra=extra)
    ending = None if how is None else End(now if end is None else end, how, error)
    sent = Request(url=url, headers=request or {}, body=body)
    return Recording(Head("2026-11-20T00:00:00Z", sent, response), tuple(blocks), ending)


def events_of(body):
    """A body, cut before each of its plain frames."""
    return [part + b"\n\n" for part in body.split(b"\n\n") if part]
