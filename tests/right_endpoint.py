"""A small endpoint that answers every probe right: what it says is made of the request.

`deviate` takes each request and its right reply, and returns the reply that is sent. So a test makes one
thing wrong, and all else stays right.
"""

from __future__ import annotations

import json
import socket
import struct
import sys
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

KEY = "the-right-key-of-the-tests"
PATHS = {"/v1/messages", "/v1/messages/count_tokens", "/v1/models"}
CITIES = ("Paris", "Oslo")


@dataclass
class Asked:
    """A request: its method, path, headers by names in lower case, and body."""

    method: str
    path: str
    headers: dict
    content: bytes

    @property
    def body(self):
        try:
            return json.loads(self.content)
        except ValueError:
            return None

    @property
    def prompt(self):
        turns = (self.body or {}).get("messages") or []
        return text_of(turns[0]["content"]) if turns else ""

    @property
    def stream(self):
        return bool((self.body or {}).get("stream"))


@dataclass
class Reply:
    """A response: a JSON `body`, or the `events` of a stream. `end` is complete, cut, reset or open."""

    status: int = 200
    body: object = None
    events: list | None = None
    headers: dict = field(default_factory=dict)
    end: str = "complete"

    def pieces(self):
        if self.events is None:
            yield self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()
            return
        for event in self.events:
            if isinstance(event, bytes):
                yield event
            else:
                name = event.get("type", "")
                yield f"event: {name}\ndata: {json.dumps(event, ensure_ascii=False)}\n\n".encode()


def text_of(content):
    if isinstance(content, str):
        return content
    return " ".join(block.get("text", "") for block in content)


def error(status, kind, message="no"):
    body = {"type": "error", "error": {"type": kind, "message": message}, "request_id": "req_1"}
    return Reply(status, body)


def right(asked):
    """The right reply to any request of a probe."""
    if asked.path not in PATHS:
        return error(404, "not_found_error")
    if asked.method != ("GET" if asked.path == "/v1/models" else "POST"):
        return error(405, "invalid_request_error")
    if KEY not in (asked.headers.get("x-api-key"), asked.headers.get("authorization", "")[7:]):
        return error(401, "authentication_error")
    if asked.path == "/v1/models":
        model = {"type": "model", "id": "m", "display_name": "M", "created_at": "2026-01-01T00:00:00Z"}
        return Reply(body={"data": [model], "has_more": False, "first_id": "m", "last_id": "m"})
    body = asked.body
    if body is None:
        return error(400, "invalid_request_error")
    if asked.path.endswith("count_tokens"):
        return Reply(body={"input_tokens": tokens(body)})
    if str(body.get("model")).startswith("no-such"):
        return error(404, "not_found_error")
    if "max_tokens" not in body:
        return error(400, "invalid_request_error")
    message = answer(asked)
    return Reply(events=list(streamed(message))) if asked.stream else Reply(body=message)


def tokens(body):
    return (
        1
        + len(text_of(body.get("system", "")).split())
        + len(json.dumps(body["messages"]).split()) // 4
        + (50 * len(body.get("tools", [])))
    )


_IDS = iter(range(1, 10**9))


def answer(asked):
    """The message that a good model would write."""
    body = asked.body
    blocks, reason, sequence = content(asked)
    words = sum(len(str(block).split()) for block in blocks)
    if asked.body["max_tokens"] <= 5:
        blocks, reason, words = [{"type": "text", "text": "one two"}], "max_tokens", 5
    return {
        "id": f"msg_{next(_IDS)}",
        "type": "message",
        "role": "assistant",
        "model": body["model"],
        "content": blocks,
        "stop_reason": reason,
        "stop_sequence": sequence,
        "usage": {"input_tokens": tokens(body), "output_tokens": words},
    }


def content(asked):
    """The content blocks, the stop reason and the stop sequence."""
    body, prompt = asked.body, asked.prompt
    said = text(prompt)
    blocks = []
    if body.get("thinking"):
        blocks.append(
            {"type": "thinking", "thinking": "Let me see. It is easy.", "signature": "c2lnbmF0dXJl"}
        )
    if body.get("tools") and len(body["messages"]) == 1:
        if "First write" in prompt:
            blocks.append({"type": "text", "text": "Let me look."})
        name = body["tools"][0]["name"]
        for number in range(2 if "twice" in prompt else 1):
            arguments = {} if name == "get_time" else {"city": CITIES[number]}
            call = {"type": "tool_use", "id": f"toolu_{next(_IDS)}", "name": name, "input": arguments}
            blocks.append(call)
        return blocks, "tool_use", None
    if body.get("stop_sequences"):
        return [{"type": "text", "text": "one two three four "}], "stop_sequence", "five"
    return [*blocks, {"type": "text", "text": said}], "end_turn", None


def text(prompt):
    if "200 words" in prompt:
        return "The sea is wide and deep. " * 40
    if "exactly" in prompt:
        return prompt.partition("else: ")[2]
    return prompt.rpartition(": ")[2] or "Well."


def streamed(message):
    """The events of a message."""
    start = {**message, "content": [], "stop_reason": None, "stop_sequence": None}
    start["usage"] = {**message["usage"], "output_tokens": 1}
    yield {"type": "message_start", "message": start}
    for index, block in enumerate(message["content"]):
        first, deltas = pieces(block)
        yield {"type": "content_block_start", "index": index, "content_block": first}
        if index == 0:
            yield {"type": "ping"}
        for delta in deltas:
            yield {"type": "content_block_delta", "index": index, "delta": delta}
        yield {"type": "content_block_stop", "index": index}
    delta = {"stop_reason": message["stop_reason"], "stop_sequence": message["stop_sequence"]}
    yield {"type": "message_delta", "delta": delta, "usage": message["usage"]}
    yield {"type": "message_stop"}


def pieces(block):
    """How a content block starts, and its deltas."""
    if block["type"] == "tool_use":
        parts = cut(json.dumps(block["input"])) if block["input"] else [""]
        return {**block, "input": {}}, [{"type": "input_json_delta", "partial_json": part} for part in parts]
    if block["type"] == "thinking":
        deltas = [{"type": "thinking_delta", "thinking": part} for part in cut(block["thinking"])]
        signature = {"type": "signature_delta", "signature": block["signature"]}
        return {**block, "thinking": "", "signature": ""}, [*deltas, signature]
    return {"type": "text", "text": ""}, [{"type": "text_delta", "text": part} for part in cut(block["text"])]


def cut(text, size=12):
    return [text[at : at + size] for at in range(0, len(text), size)]


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128  # with the default of 5, a connection of many waits a second


class RightEndpoint:
    """Serve on loopback. `asked` has every request."""

    def __init__(self, deviate=lambda asked, reply: reply, port=0):
        self.asked = []
        self._server = _Server(("127.0.0.1", port), self._handler(deviate))
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()

    def _handler(self, deviate):
        requests = self.asked

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def log_message(self, *_):
                pass

            def do_POST(self):
                length = int(self.headers.get("content-length", 0))
                fields = {name.lower(): value for name, value in self.headers.items()}
                asked = Asked(self.command, self.path, fields, self.rfile.read(length))
                requests.append(asked)
                send(self, deviate(asked, right(asked)))

            do_GET = do_POST  # noqa: N815

        return Handler


def send(handler, reply):
    """Send a reply in chunks, or with its length."""
    pieces = list(reply.pieces())
    fields = {"content-type": "application/json", "request-id": "req_1"}
    if reply.events is not None:
        fields |= {"content-type": "text/event-stream", "transfer-encoding": "chunked"}
    else:
        fields["content-length"] = str(len(pieces[0]))
    fields |= reply.headers
    handler.send_response(reply.status)
    for name, value in fields.items():
        if value:
            handler.send_header(name, value)
    handler.end_headers()
    chunked = fields.get("transfer-encoding") == "chunked"
    for piece in pieces:
        handler.wfile.write(b"%x\r\n%b\r\n" % (len(piece), piece) if chunked else piece)
    if reply.end == "complete":
        handler.wfile.write(b"0\r\n\r\n" if chunked else b"")
        if fields.get("connection") == "close":
            handler.close_connection = True
        return
    if reply.end == "reset":
        option = struct.pack("ii", 1, 0)
        handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, option)
    handler.close_connection = True


def openais_errors(asked, reply):
    """What a server does that answers errors in OpenAI's form."""
    if reply.status >= 400:
        reply.body = {"error": {"message": "no", "type": "invalid_request_error", "code": None}}
    return reply


if __name__ == "__main__":  # the examples of the manual need an endpoint: `python -m right_endpoint 8080`
    deviation = openais_errors if "openais-errors" in sys.argv else lambda asked, reply: reply
    print(RightEndpoint(deviation, port=int(sys.argv[1])).url, flush=True)
    threading.Event().wait()
