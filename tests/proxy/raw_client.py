"""For tests of an upstream that fails: a client of raw sockets, and what it reads."""

from __future__ import annotations

import json
import socket

from raw_upstream import BOUND

from inspector import load_all

GET = b"GET /v1/models HTTP/1.1\r\nHost: localhost\r\n\r\n"
POST = b"POST /v1/messages HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n{}"


def ended(forwarder, tmp_path):
    """Stop the forwarder; return the one recording."""
    forwarder.stop()
    (recording,) = load_all(tmp_path / "recorded.jsonl")
    return recording


def connect(forwarder):
    return socket.create_connection(("127.0.0.1", int(forwarder.url.rpartition(":")[2])), timeout=BOUND)


def error_of(answer):
    """The status and the error of an answer in the API's shape."""
    head, _, body = answer.partition(b"\r\n\r\n")
    payload = json.loads(body)
    assert payload["type"] == "error"
    return int(head.split()[1]), payload["error"]["type"], payload["error"]["message"]
