"""Many clients: those that there are descriptors for are served, others are refused, and nothing leaks."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT
from loopback import eventually
from raw_client import GET, POST, connect, error_of
from raw_upstream import head_of, rest_of, until

pytest_plugins = ["forwarding"]

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"


def test_one_client_more_than_there_is_room_for_is_refused_and_the_others_go_on(
    forward, upstream, lines, monkeypatch
):
    monkeypatch.setattr("inspector.proxy.applications.most_connections", lambda: 1)
    forwarder = forward(upstream.url)
    with connect(forwarder) as first:
        first.sendall(GET)
        server = upstream.accept()
        head_of(server)
        with connect(forwarder) as second:
            status, kind, text = error_of(rest_of(second))
        assert (status, kind) == (503, "overloaded_error")
        assert "ulimit -n" in text
        assert lines == [text.removeprefix("inspector: ")]
        server.sendall(ANSWER)
        assert until(first, b"{}").startswith(b"HTTP/1.1 200 ")
    assert eventually(lambda: b"HTTP/1.1 200 " in _served(forwarder, upstream))


def _served(forwarder, upstream):
    """One more exchange; what the client reads of it."""
    with connect(forwarder) as client, contextlib.suppress(OSError):
        client.sendall(GET)
        upstream.listening.settimeout(0.2)
        server = upstream.accept()
        head_of(server)
        server.sendall(ANSWER)
        return until(client, b"{}")
    return b""


def test_a_client_that_begins_with_http_2_is_told_to_use_http_1_1(forward, upstream, lines):
    with connect(forward(upstream.url)) as client:
        client.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes([0, 0, 0, 4, 0, 0, 0, 0, 0]))
        answer = rest_of(client)
    frames = []
    while answer:  # RFC 9113, 4.1
        size = int.from_bytes(answer[:3])
        frames.append((answer[3], answer[5:9], answer[9 : 9 + size]))
        answer = answer[9 + size :]
    settings, goaway = frames
    assert settings == (4, bytes(4), b"")
    assert goaway[:2] == (7, bytes(4))
    assert goaway[2].startswith(bytes(4) + (13).to_bytes(4) + b"inspector: ")
    assert len(lines) == 1


FEW = """
import contextlib, resource, socket, sys, threading
resource.setrlimit(resource.RLIMIT_NOFILE, (60, 60))
from inspector import tap
from inspector.proxy import applications
from inspector.proxy.forwarder import Forwarder
applications.most_connections = lambda: 1000  # a wrong count: descriptors run out before
upstream, forwarder = sys.argv[1], None
forwarder = Forwarder(upstream, tap(sys.argv[2]), report=lambda line: print(line, file=sys.stderr)).start()
print(forwarder.url, flush=True)
sys.stdin.readline()
forwarder.stop()
"""


def test_a_process_without_descriptors_says_so_and_goes_on(upstream, tmp_path):
    with (
        subprocess.Popen(
            [sys.executable, "-c", FEW, upstream.url, str(tmp_path / "r")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        ) as process,
        contextlib.ExitStack() as stack,
    ):
        try:
            url = process.stdout.readline().strip()
            clients = [stack.enter_context(connect(_At(url))) for _ in range(80)]
            clients[0].sendall(GET)
            status, kind, text = error_of(rest_of(clients[0]))
            assert (status, kind) == (503, "overloaded_error")
            assert "may not open more files" in text
            for client in clients:
                client.close()
            with connect(_At(url)) as client:
                client.sendall(GET)
                server = upstream.accept()
                head_of(server)
                server.sendall(ANSWER)
                assert until(client, b"{}").startswith(b"HTTP/1.1 200 ")
        finally:
            _, errors = process.communicate("\n", timeout=60)
    assert "Traceback" not in errors
    assert process.returncode == 0


class _At:
    def __init__(self, url):
        self.url = url


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="this system does not list open files")
def test_nothing_is_left_open(forward, upstream):
    forwarder = forward(upstream.url)

    def descriptors():
        return len(list(Path("/proc/self/fd").iterdir()))

    def rounds():
        for act in ("answer", "cut", "leave", "half"):
            with connect(forwarder) as client:
                client.sendall(POST[:-1] if act == "half" else POST)
                server = upstream.accept()
                head_of(server)
                if act == "answer":
                    server.sendall(ANSWER.replace(b"Content", b"Connection: close\r\nContent"))
                    until(client, b"{}")
                elif act == "cut":
                    server.close()
                    rest_of(client)
            server.close()

    rounds()
    before = descriptors()
    for _ in range(5):
        rounds()
    assert eventually(lambda: descriptors() <= before)
