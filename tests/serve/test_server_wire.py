"""The server over real sockets, byte by byte: every way to end, misuse and leave it."""

from __future__ import annotations

import contextlib
import json
import shutil
import subprocess
import time
import tracemalloc

import pytest
from conftest import ROOT
from http_wire import made, received
from sockets import ASK, BOUND, STREAM, closing, connected, exchange, read_all, until

from inspector import load, load_all
from inspector.serve.limits import ServerLimits
from inspector.serve.server import Server

FOLDER = ROOT / "recordings"
HELLO = FOLDER / "hello.jsonl"
BROKEN = FOLDER / "broken"


@pytest.fixture
def serve():
    with contextlib.ExitStack() as stack:
        yield lambda *recordings, **options: stack.enter_context(Server(*(recordings or [HELLO]), **options))


# Faithful.


@pytest.mark.parametrize(
    "path", [*sorted(FOLDER.glob("*.jsonl")), BROKEN / "bad_utf8.jsonl"], ids=lambda path: path.stem
)
def test_bytes_and_chunks_are_those_of_the_recording(serve, path):
    server = serve(path)
    for recording in load_all(path):
        wire, _ = exchange(server, closing(ASK))
        response, chunks, whole = received(wire)
        assert whole
        assert response.status_code == recording.response.status
        assert b"".join(chunks) == recording.body
        if "content-length" not in recording.response.headers:
            assert chunks == [data for _, data in recording.chunks()]


@pytest.mark.parametrize("name", ["cut_text", "abandoned", "no_end"])
def test_a_cut_is_a_close_without_the_last_chunk(serve, name):
    wire, reset = exchange(serve(BROKEN / f"{name}.jsonl"), ASK)
    _, chunks, whole = received(wire)
    assert (b"".join(chunks), whole, reset) == (load(BROKEN / f"{name}.jsonl").body, False, False)


def test_a_reset_comes_after_everything_that_was_sent(serve):
    for _ in range(5):
        wire, reset = exchange(serve(BROKEN / "reset.jsonl"), ASK)
        assert (b"".join(received(wire)[1]), reset) == (load(BROKEN / "reset.jsonl").body, True)


def test_a_reset_waits_for_a_client_that_reads_slowly(serve):
    big = made((1.0, b"x" * 20_000_000), end="reset")
    with connected(serve(big)) as client:
        client.sendall(ASK)
        got = b""
        while len(got) < 1_000_000:
            got += client.recv(1000)
        rest, reset = read_all(client)
    assert reset
    assert len(got) + len(rest) > 20_000_000


def test_a_stall_is_silence_until_the_client_goes(serve):
    recording = load(BROKEN / "timeout.jsonl")
    server = serve(recording)
    with connected(server) as client:
        client.sendall(ASK)
        got = b""
        while b"".join(received(got, closed=False)[1]) != recording.body:
            got += client.recv(65536)
        client.settimeout(0.05)
        with pytest.raises(TimeoutError):
            client.recv(1)


@pytest.mark.parametrize("end, reset", [("cut", False), ("reset", True), ("complete", False), (None, False)])
def test_a_head_that_never_came_is_never_sent(serve, end, reset):
    recording = made(end=end)
    head = recording.head.__class__("", recording.request)
    recording = recording.__class__(head, (), recording.end)
    assert exchange(serve(recording), ASK) == (b"", reset)


@pytest.mark.parametrize("keep", [True, False])
def test_pace_is_the_recorded_one(serve, keep):
    server = serve(FOLDER / "prefilled.jsonl", speed=1)
    begun = time.monotonic()
    with connected(server) as client:
        client.sendall(ASK if keep else closing(ASK))
        assert client.recv(1) == b"H"
        assert time.monotonic() - begun >= load(FOLDER / "prefilled.jsonl").response.t
        got = b"H"
        while not got.endswith(b"0\r\n\r\n"):
            got += client.recv(65536)
        assert time.monotonic() - begun >= load(FOLDER / "prefilled.jsonl").end.t


def test_speed_and_max_gap_shorten_the_wait(serve):
    server = serve(FOLDER / "pings.jsonl", speed=10, max_gap=0.001)
    begun = time.monotonic()
    exchange(server, closing(ASK))
    assert time.monotonic() - begun < 3


# HTTP.


def test_a_connection_serves_one_request_after_another(serve):
    server = serve(loop=True)
    with connected(server) as client:
        for _ in range(3):
            client.sendall(ASK)
            got = b""
            while not got.endswith(b"0\r\n\r\n"):
                got += client.recv(65536)
            assert b"".join(received(got, closed=False)[1]) == load(HELLO).body


def test_requests_sent_ahead_are_answered_in_order(serve):
    server = serve(HELLO, FOLDER / "error_529.jsonl", FOLDER / "tool_use.jsonl")
    wire, _ = exchange(server, ASK + ASK + closing(ASK))
    order = [wire.index(part) for part in (b"Hello!", b"overloaded_error", b"toolu_")]
    assert order == sorted(order)


def test_a_client_that_waits_for_100_continue_gets_it(serve):
    with connected(serve()) as client:
        head, body = closing(ASK).replace(b"Host", b"Expect: 100-continue\r\nHost").split(b"\r\n\r\n")
        client.sendall(head + b"\r\n\r\n")
        assert client.recv(65536) == b"HTTP/1.1 100 Continue\r\n\r\n"
        client.sendall(body)
        assert received(read_all(client)[0])[2]


def test_head_has_no_body(serve):
    wire, _ = exchange(serve(), b"HEAD / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
    assert wire.startswith(b"HTTP/1.1 200 OK\r\n")
    assert wire.endswith(b"\r\n\r\n")


@pytest.mark.parametrize(
    "garbage", [b"\x16\x03\x01\x00\xa5\x01", b"GET\r\n\r\n", b"POST / HTTP/1.1\r\n: x\r\n\r\n"]
)
def test_garbage_is_a_400_and_the_end(serve, garbage):
    wire, _ = exchange(serve(), garbage)
    assert wire.startswith(b"HTTP/1.1 400 Bad Request\r\n")
    assert json.loads(wire.partition(b"\r\n\r\n")[2])["error"]["type"] == "invalid_request_error"


def test_a_head_without_end_is_a_431(serve):
    wire, _ = exchange(serve(), b"GET / HTTP/1.1\r\nx: " + b"y" * 100_000)
    assert wire.startswith(b"HTTP/1.1 431 ")


@pytest.mark.parametrize("chunked", [True, False])
def test_a_body_of_100_mb_is_a_413_that_its_sender_can_read(serve, chunked):
    piece = b"x" * 1_000_000
    with connected(serve()) as client:
        framing = b"Transfer-Encoding: chunked" if chunked else b"Content-Length: 100000000"
        client.sendall(b"POST /v1/messages HTTP/1.1\r\nHost: localhost\r\n" + framing + b"\r\n\r\n")
        for _ in range(100):
            client.sendall(b"%x\r\n%b\r\n" % (len(piece), piece) if chunked else piece)
        wire, _ = read_all(client)
    assert wire.startswith(b"HTTP/1.1 413 ")
    assert json.loads(wire.partition(b"\r\n\r\n")[2])["error"]["type"] == "request_too_large"


def test_half_a_request_is_a_408(serve):
    server = serve(limits=ServerLimits(half=0.01))
    wire, _ = exchange(server, ASK[:-5])
    assert wire.startswith(b"HTTP/1.1 408 ")


def test_a_client_that_leaves_is_forgotten(serve):
    ended = []
    server = serve(load(FOLDER / "pings.jsonl"), speed=1, report=lambda *both: ended.append(both))
    with connected(server) as client:
        client.sendall(ASK)
        until(lambda: server.requests)
    until(lambda: ended)
    assert ended[0][1].end == "abandoned"


def test_a_client_that_reads_nothing_delays_no_other(serve):
    big = made((0.5, b"x" * 50_000_000))
    server = serve(big, HELLO)
    with connected(server) as slow:
        slow.sendall(ASK)
        until(lambda: server.requests)
        assert received(exchange(server, closing(ASK))[0])[2]


def test_a_large_answer_arrives_whole_at_any_pace_of_reading(serve):
    big = made((0.5, b"x" * 5_000_000), (0.6, b"y" * 5_000_000))
    server = serve(big)
    with connected(server) as client:
        client.sendall(closing(ASK))
        first = client.recv(1)
        until(lambda: server.requests)
        wire = first + read_all(client)[0]
    assert [len(chunk) for chunk in received(wire)[1]] == [5_000_000, 5_000_000]


@pytest.mark.skipif(not shutil.which("curl"), reason="curl is not here")
def test_curl(serve):
    server = serve(loop=True)
    url = f"{server.url}/v1/messages"
    done = subprocess.run(["curl", "-sNi", "-d", STREAM, url], capture_output=True, timeout=BOUND, check=True)
    head, _, body = done.stdout.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 OK\r\n")
    assert body == load(HELLO).body
    expecting = ["curl", "-sN", "-H", "Expect: 100-continue", "--expect100-timeout", "60", "-d", STREAM, url]
    assert subprocess.run(expecting, capture_output=True, timeout=BOUND).stdout == body
    assert (
        subprocess.run(["curl", "-s0", "-d", STREAM, url], capture_output=True, timeout=BOUND).stdout == body
    )
    upgrade = ["curl", "-sN", "--http2", "-d", STREAM, url]
    assert subprocess.run(upgrade, capture_output=True, timeout=BOUND).stdout == body


def test_the_memory_for_clients_that_never_read_is_bounded(serve):
    count, each = 50, 64 * 1024
    server = serve(made((0.5, b"x" * 20_000_000)), loop=True, keep=0)
    exchange(server, closing(ASK).replace(b"POST", b"HEAD"))
    server.warm()
    with contextlib.ExitStack() as clients:
        tracemalloc.start()
        try:
            for _ in range(count):
                client = clients.enter_context(connected(server))
                client.sendall(ASK)
                client.recv(1)
            # Each has had its first byte, so all that its socket takes is written, and the rest is kept.
            assert tracemalloc.get_traced_memory()[0] < count * (each + 16 * 1024)
        finally:
            tracemalloc.stop()
