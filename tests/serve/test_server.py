"""The server over real sockets: what clients see of it, and of every way to end, misuse and leave it."""

from __future__ import annotations

import contextlib
import json
import shutil
import socket
import subprocess
import threading
import time

import anthropic
import pytest
from conftest import LIBRARIES, ROOT
from test_responses import made, received

from inspector import AddressError, UsageError, load, load_all
from inspector.http_library import sdk_library
from inspector.serve.server import Limits, Server

FOLDER = ROOT / "recordings"
HELLO = FOLDER / "hello.jsonl"
BROKEN = FOLDER / "broken"
LIBRARY = LIBRARIES[0]
STREAM = b'{"stream":true}'
ASK = b"POST /v1/messages HTTP/1.1\r\nHost: x\r\nContent-Length: 15\r\n\r\n" + STREAM
MESSAGE = {"model": "m", "max_tokens": 1, "messages": []}
BOUND = 10.0  # seconds; nothing takes as long


@pytest.fixture
def serve():
    with contextlib.ExitStack() as stack:
        yield lambda *recordings, **options: stack.enter_context(Server(*(recordings or [HELLO]), **options))


@contextlib.contextmanager
def connected(server):
    host, _, port = server.url.removeprefix("http://").rpartition(":")
    with socket.create_connection((host, int(port)), timeout=BOUND) as client:
        yield client


def read_all(client):
    """Everything until the server closes; and whether it reset the connection."""
    pieces = []
    try:
        while piece := client.recv(65536):
            pieces.append(piece)
    except ConnectionResetError:
        return b"".join(pieces), True
    return b"".join(pieces), False


def exchange(server, wire):
    """Send bytes on a connection of their own, and read until it is closed."""
    with connected(server) as client:
        client.sendall(wire)
        return read_all(client)


def closing(wire):
    return wire.replace(b"Host: x\r\n", b"Host: x\r\nConnection: close\r\n", 1)


def until(true):
    """Wait for what other threads do, bounded."""
    deadline = time.monotonic() + BOUND
    while not true():
        assert time.monotonic() < deadline
        threading.Event().wait(0.001)


@contextlib.contextmanager
def client_of(server, mode="sync", **options):
    options = {"api_key": "none", "max_retries": 0, "timeout": BOUND, "base_url": server.url, **options}
    with anthropic.Anthropic(**options) as client:
        yield client


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


# The SDK.


@pytest.mark.filterwarnings("ignore:Pydantic serializer warnings")  # 0.x, of blocks that are newer than it
@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.jsonl")), ids=lambda path: path.stem)
def test_a_message_without_a_stream_is_the_sdks_own_sum_of_the_stream(serve, path):
    recording = load_all(path)[0]
    if path.stem == "fallback" and anthropic.__version__.startswith("0."):
        pytest.skip("0.x does not know fallback, and sums it differently")
    if recording.response.status != 200 or path.stem in ("error_mid_stream", "unknown"):
        return
    if path.stem in ("fallback", "mcp") and sdk_library().__name__ == "httpx":
        pytest.skip("anthropic 0.x does not know all that this message holds")
    server = serve(recording, recording)
    with client_of(server) as client:
        with client.beta.messages.stream(**MESSAGE) as stream:
            summed = stream.get_final_message().to_dict()
        whole = client.beta.messages.create(**MESSAGE).to_dict()
    for block in summed["content"]:
        block.pop("parsed_output", None)
    assert whole == summed


def raised(call):
    try:
        call()
    except Exception as error:
        return type(error), str(error)
    return None


ENDINGS = [
    "cut_text",
    "reset",
    "abandoned",
    "no_end",
    "no_response",
    "timeout",
    "cut_tool",
    "html",
    "bad_json",
]


@pytest.mark.parametrize("name", ENDINGS)
def test_every_end_raises_in_the_sdk_what_replay_raises(serve, name):
    from inspector import replay

    def consume(client):
        for _ in client.messages.create(**MESSAGE, stream=True):
            pass

    path = BROKEN / f"{name}.jsonl"
    timeout = 0.2 if name == "timeout" else BOUND
    with client_of(serve(path), timeout=timeout) as client:
        over_sockets = raised(lambda: consume(client))
    with anthropic.DefaultHttpxClient(transport=replay(path)) as http:
        replayed = raised(lambda: consume(anthropic.Anthropic(api_key="n", http_client=http, max_retries=0)))
    assert (over_sockets and over_sockets[0]) == (replayed and replayed[0])


def test_failures_and_then_success_as_the_sdk_retries(serve):
    overloaded = made((0.6, b"{}"), status=529, headers={"retry-after-ms": "1"})
    server = serve(overloaded, overloaded, HELLO)
    with client_of(server, max_retries=2) as client:
        assert client.messages.create(**MESSAGE).usage.output_tokens == 65
    assert [served.status for served in server.requests] == [529, 529, 200]


@pytest.mark.parametrize("mode", ["sync", "async"])
def test_a_miss_is_one_clear_error_that_is_not_tried_again(serve, mode):
    import asyncio

    async def ask_async():
        async with anthropic.AsyncAnthropic(base_url=server.url, api_key="n", max_retries=2) as client:
            await client.messages.create(**MESSAGE, stream=True)

    server = serve(match="body")
    with pytest.raises(
        anthropic.NotFoundError, match=r"Nearest is .*hello\.jsonl, where body\.max_tokens is 256"
    ):
        if mode == "async":
            asyncio.run(ask_async())
        with client_of(server, max_retries=2) as client:
            client.messages.create(**MESSAGE, stream=True)
    (miss,) = server.misses
    assert "inspector: no recording has this request." in miss.miss
    assert server.requests == [miss]


def test_async_streams_side_by_side(serve):
    import asyncio

    async def one(client):
        async with client.messages.stream(**MESSAGE) as stream:
            return await stream.get_final_text()

    async def all_():
        async with anthropic.AsyncAnthropic(base_url=server.url, api_key="none") as client:
            return await asyncio.gather(*(one(client) for _ in range(20)))

    server = serve(loop=True, speed=20)
    assert set(asyncio.run(all_())) == {load(HELLO).message()["content"][0]["text"]}
    assert len(server.requests) == 20


def test_what_the_server_got_can_be_looked_at(serve):
    server = serve()
    with client_of(server) as client:
        client.messages.create(**MESSAGE)
    (served,) = server.requests
    assert (served.number, served.method, served.path, served.status) == (1, "POST", "/v1/messages", 200)
    assert served.json() == MESSAGE
    assert served.headers["anthropic-version"]
    assert served.recording == str(HELLO)
    assert "none" not in repr(served).replace("needs-no-key", "")
    assert server.misses == []


def test_only_the_last_requests_are_kept(serve):
    server = serve(loop=True, keep=3)
    exchange(server, ASK * 4 + closing(ASK))
    assert [served.number for served in server.requests] == [3, 4, 5]


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


def test_go_on_is_said_to_a_client_that_waits_for_it(serve):
    with connected(serve()) as client:
        head, body = closing(ASK).replace(b"Host", b"Expect: 100-continue\r\nHost").split(b"\r\n\r\n")
        client.sendall(head + b"\r\n\r\n")
        assert client.recv(65536) == b"HTTP/1.1 100 Continue\r\n\r\n"
        client.sendall(body)
        assert received(read_all(client)[0])[2]


def test_head_has_no_body(serve):
    wire, _ = exchange(serve(), b"HEAD / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
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
        told = b"Transfer-Encoding: chunked" if chunked else b"Content-Length: 100000000"
        client.sendall(b"POST /v1/messages HTTP/1.1\r\nHost: x\r\n" + told + b"\r\n\r\n")
        for _ in range(100):
            client.sendall(b"%x\r\n%b\r\n" % (len(piece), piece) if chunked else piece)
        wire, _ = read_all(client)
    assert wire.startswith(b"HTTP/1.1 413 ")
    assert json.loads(wire.partition(b"\r\n\r\n")[2])["error"]["type"] == "request_too_large"


def test_half_a_request_is_a_408(serve):
    server = serve(limits=Limits(half=0.01))
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


def test_a_client_that_reads_nothing_holds_nobody_up(serve):
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


# Beginning and end.


def test_stopping_takes_no_time_whatever_is_under_way():
    server = Server(BROKEN / "timeout.jsonl", FOLDER / "pings.jsonl", speed=1, loop=True).start()
    with connected(server) as one, connected(server) as other, connected(server) as idle:
        one.sendall(ASK)
        other.sendall(ASK)
        idle.sendall(b"POST /")
        until(lambda: len(server.requests) == 2)
        begun = time.monotonic()
        server.stop()
        assert time.monotonic() - begun < 1
        assert not any(thread.name == "inspector-server" for thread in threading.enumerate())
        for client in (one, other, idle):
            read_all(client)


def test_a_server_can_be_started_again_at_its_port():
    server = Server(HELLO, loop=True)
    with server:
        url = server.url
        assert exchange(server, closing(ASK))[0]
    server.stop()
    with server:
        assert server.url == url
        assert exchange(server, closing(ASK))[0]
        with pytest.raises(UsageError, match="is running already"):
            server.start()


def test_a_port_that_is_taken_is_told(serve):
    taken = int(serve().url.rpartition(":")[2])
    with pytest.raises(
        AddressError, match=rf"^cannot listen on 127.0.0.1:{taken}: Address already in use; say"
    ):
        Server(HELLO, port=taken).start()


@pytest.mark.parametrize("host", ["no.such.host.invalid", "203.0.113.1"])
def test_an_address_that_is_not_ours_is_told(host):
    with pytest.raises(AddressError, match=f"^cannot listen on {host}:0: "):
        Server(HELLO, host=host).start()


def test_ipv6(serve):
    try:
        server = serve(host="::1")
    except AddressError:
        pytest.skip("no IPv6 here")
    with client_of(server) as client:
        assert client.messages.create(**MESSAGE).id


@pytest.mark.parametrize(
    "options, words",
    [({"match": "x"}, "known are order, body, name, any"), ({"speed": 0}, "must be above 0")],
)
def test_what_cannot_mean_anything_is_refused(options, words):
    with pytest.raises(UsageError, match=words):
        Server(HELLO, **options)


def test_nothing_to_serve_is_refused():
    with pytest.raises(UsageError, match="nothing to serve"):
        Server()
