"""Both sides of a hop: a proxy before a gateway and one behind it tell what the gateway changed."""

from __future__ import annotations

import contextlib
import http.server
import json
import threading
import urllib.request

import pytest
from conftest import ROOT

from inspector import Server, load_all
from inspector.proxy.forwarder import Forwarder
from inspector.record.tap import tap

BOUND = 60.0  # seconds
HELLO, TOOL = ROOT / "recordings" / "hello.jsonl", ROOT / "recordings" / "tool_use.jsonl"


class Gateway(http.server.BaseHTTPRequestHandler):
    """Forward requests, and change what real gateways were seen to change.

    It renames the model in the request, drops pings, gives the message an id of its own, and holds everything
    back until the end. With `cuts`, it also takes an upstream's broken stream for a whole one.
    """

    upstream = ""
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        changed = json.dumps({**body, "model": f"{body['model']}-latest"}).encode()
        with urllib.request.urlopen(f"{self.upstream}{self.path}", changed, timeout=BOUND) as response:
            blocks = response.read().split(b"\n\n")
        kept = [block for block in blocks if not block.startswith(b"event: ping")]
        answer = b"\n\n".join(kept).replace(b'"id":"msg_', b'"id":"gateway_')
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("content-length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_):
        pass


@contextlib.contextmanager
def gateway(upstream):
    handler = type("Handler", (Gateway,), {"upstream": upstream})
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join(BOUND)
        server.server_close()


@pytest.fixture(scope="module")
def hop(tmp_path_factory):
    """The recordings behind the gateway and before it, of two requests."""
    folder = tmp_path_factory.mktemp("hop")
    with contextlib.ExitStack() as stack:
        api = stack.enter_context(Server(HELLO, TOOL, speed=10))
        behind = Forwarder(api.url, tap(folder / "behind")).start()
        stack.callback(behind.stop)
        before = Forwarder(stack.enter_context(gateway(behind.url)), tap(folder / "before")).start()
        stack.callback(before.stop)
        for question in ("a", "b"):
            body = json.dumps({"model": "claude-sonnet-5", "stream": True, "question": question}).encode()
            urllib.request.urlopen(f"{before.url}/v1/messages", body, timeout=BOUND).read()
    return list(zip(load_all(folder / "behind"), load_all(folder / "before"), strict=True))


def test_both_folders_have_the_same_requests_in_the_same_order(hop):
    for sent, received in hop:
        assert sent.request.json()["question"] == received.request.json()["question"]


def test_what_the_gateway_changed_in_the_request_is_seen(hop):
    for behind, before in hop:
        assert before.request.json()["model"] == "claude-sonnet-5"
        assert behind.request.json()["model"] == "claude-sonnet-5-latest"


def test_the_events_that_it_dropped_or_changed_are_seen(hop):
    for behind, before in hop:
        sent = [(event.name, event.data) for event in behind.events()]
        received = [(event.name, event.data) for event in before.events()]
        dropped = [name for name, _ in sent if name == "ping"]
        assert dropped == ["ping"]
        assert [name for name, _ in received] == [name for name, _ in sent if name != "ping"]
        whole = [each for each in sent if each[0] != "ping"]
        changed = [name for (name, now), (_, then) in zip(received, whole, strict=True) if now != then]
        assert changed == ["message_start"]


def test_what_it_left_alone_is_the_same_on_both_sides(hop):
    for behind, before in hop:
        assert before.message()["content"] == behind.message()["content"]
        assert before.message()["stop_reason"] == behind.message()["stop_reason"]


def test_that_it_held_the_stream_back_is_seen(hop):
    for behind, before in hop:
        assert len(list(behind.chunks())) > len(list(before.chunks()))
