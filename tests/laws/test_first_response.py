"""The first response of a process begins as fast as any other: what takes time to load is loaded before.

Each case is a process of its own, which prints the modules that it imports while a response begins.
"""

from __future__ import annotations

import subprocess
import sys

import pytest
from conftest import ROOT
from loopback import Server, chunked, encoded

PARTS = [b'event: ping\ndata: {"type":"ping","api_key":"none"}\n\n'] * 2
CODINGS = ["identity", "gzip", "br", "zstd"]

TAP = """
import sys, inspector
from inspector.http_library import sdk_library
library, before = sdk_library(), []
hooks = inspector.tap(sys.argv[2])
hooks["response"].insert(0, lambda response: before.extend(sys.modules))
hooks["response"].append(lambda response: print(*sorted(set(sys.modules).difference(before))))
with library.Client(event_hooks=hooks, trust_env=False) as client:
    with client.stream("POST", sys.argv[1], content=b'{"messages":[]}'):
        pass
"""

PROXY = """
import socket, sys, inspector
from urllib.parse import urlsplit
from inspector.proxy.forwarder import Forwarder
forwarder = Forwarder(sys.argv[1], inspector.tap(sys.argv[2])).start()
address = urlsplit(forwarder.url)
with socket.create_connection((address.hostname, address.port), 10) as client:
    before = set(sys.modules)
    client.sendall(b"POST /v1/messages HTTP/1.1\\r\\nHost: localhost\\r\\nContent-Length: 2\\r\\n\\r\\n{}")
    client.recv(1)
    print(*sorted(set(sys.modules) - before))
forwarder.stop()
"""


@pytest.mark.parametrize("coding", CODINGS)
@pytest.mark.parametrize("program", [TAP, PROXY], ids=["tap", "proxy"])
def test_no_module_is_imported_while_a_first_response_begins(program, coding, tmp_path):
    with Server(chunked(PARTS) if coding == "identity" else encoded(PARTS, coding)) as server:
        command = [sys.executable, "-c", program, server.url, str(tmp_path / "recorded.jsonl")]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (0, "\n", "")


CALL = """
import sys, inspector
from inspector.record.sdk import Call, call
calls = 0
def count(frame, event, argument):
    global calls
    calls += event == "call"
def counted(path, number):
    global calls
    tap = inspector.tap(path.replace("recorded", str(number)))
    tap["request"].append(lambda request: sys.setprofile(count))
    transport = inspector.replay(sys.argv[1], speed=None)
    calls = 0
    body = {"model": "m", "max_tokens": 1, "messages": [{"role": "user", "content": "x"}]}
    assert call(Call(body, api_key="none", transport=transport), tap).error is None
    sys.setprofile(None)
    return calls
print(counted(sys.argv[2], 1), counted(sys.argv[2], 2))
"""


def test_the_sdk_reads_the_first_stream_with_as_much_work_as_any_other(tmp_path):
    """It builds its models when it reads their first event: that was four fifths of the work of a stream."""
    command = [
        sys.executable,
        "-c",
        CALL,
        str(ROOT / "recordings" / "hello.jsonl"),
        str(tmp_path / "recorded.jsonl"),
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    first, second = map(int, done.stdout.split())
    assert first < 1.3 * second
