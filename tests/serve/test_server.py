"""The server as its users meet it: with the SDK, started and stopped, and what it remembers."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time

import anthropic
import pytest
from conftest import ROOT
from http_wire import made
from small_recordings import large_lines
from sockets import ASK, BOUND, closing, connected, exchange, read_all, until

from inspector import AddressError, FormatError, UsageError, load, load_all, replay
from inspector.http_library import sdk_library
from inspector.recording import dump
from inspector.serve.server import Server

FOLDER = ROOT / "recordings"
HELLO = FOLDER / "hello.jsonl"
BROKEN = FOLDER / "broken"
MESSAGE = {"model": "m", "max_tokens": 1, "messages": []}


@pytest.fixture
def serve():
    with contextlib.ExitStack() as stack:
        yield lambda *recordings, **options: stack.enter_context(Server(*(recordings or [HELLO]), **options))


@contextlib.contextmanager
def client_of(server, mode="sync", **options):
    options = {"api_key": "none", "max_retries": 0, "timeout": BOUND, "base_url": server.url, **options}
    with anthropic.Anthropic(**options) as client:
        yield client


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
    assert [request.status for request in server.requests] == [529, 529, 200]


@pytest.mark.parametrize("mode", ["sync", "async"])
def test_a_miss_is_one_clear_error_that_is_not_retried(serve, mode):
    async def ask_async():
        async with anthropic.AsyncAnthropic(base_url=server.url, api_key="n", max_retries=2) as client:
            await client.messages.create(**MESSAGE, stream=True)

    server = serve(match="body")
    with pytest.raises(
        anthropic.NotFoundError,
        match=r"The nearest is .*hello\.jsonl: body\.max_tokens is 1, recorded was 256",
    ):
        if mode == "async":
            asyncio.run(ask_async())
        with client_of(server, max_retries=2) as client:
            client.messages.create(**MESSAGE, stream=True)
    (miss,) = server.misses
    assert miss.miss.startswith("inspector: this request is in no recording. ")
    assert server.requests == [miss]


def test_async_streams_side_by_side(serve):
    async def one(client):
        async with client.messages.stream(**MESSAGE) as stream:
            return await stream.get_final_text()

    async def all_():
        async with anthropic.AsyncAnthropic(base_url=server.url, api_key="none") as client:
            return await asyncio.gather(*(one(client) for _ in range(20)))

    server = serve(loop=True, speed=20)
    assert set(asyncio.run(all_())) == {load(HELLO).message()["content"][0]["text"]}
    assert len(server.requests) == 20


def test_the_server_remembers_its_requests(serve):
    server = serve()
    with client_of(server) as client:
        client.messages.create(**MESSAGE)
    (request,) = server.requests
    assert (request.number, request.method, request.path, request.status) == (1, "POST", "/v1/messages", 200)
    assert (request.url, request.json()) == ("/v1/messages", MESSAGE)
    assert request.headers["anthropic-version"]
    assert request.recording == str(HELLO)
    assert repr(request) == f"<ReceivedRequest 1: POST /v1/messages 200, {HELLO}>"
    assert (server.misses, server.unused) == ([], [])


def test_only_the_last_requests_are_kept(serve):
    server = serve(loop=True, keep=3)
    exchange(server, ASK * 4 + closing(ASK))
    assert [request.number for request in server.requests] == [3, 4, 5]


def test_a_report_has_the_request_and_its_delivery(serve):
    reports = []
    server = serve(keep=0, report=lambda *both: reports.append(both))
    wire, _ = exchange(server, closing(ASK))
    ((request, delivery),) = reports
    assert (request.number, request.recording, server.requests) == (1, str(HELLO), [])
    assert (delivery.sent, delivery.end) == (len(wire), "complete")


def test_strict_refuses_what_would_be_made_up(serve):
    with client_of(serve(strict=True)) as client:
        with pytest.raises(anthropic.NotFoundError, match="strict forbids making up the token count"):
            client.messages.count_tokens(model="m", messages=[])
        assert client.messages.create(**MESSAGE).id


# Beginning and end.


def test_the_server_stops_at_once_whatever_is_under_way():
    server = Server(BROKEN / "timeout.jsonl", FOLDER / "pings.jsonl", speed=1, loop=True).start()
    with connected(server) as one, connected(server) as other, connected(server) as idle:
        one.sendall(ASK)
        other.sendall(ASK)
        idle.sendall(b"POST /")
        until(lambda: len(server.requests) == 2)
        begun = time.monotonic()
        server.stop()
        assert time.monotonic() - begun < 4  # the streams take longer
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


def test_a_server_that_cannot_listen_does_not_start(serve):
    taken = int(serve().url.rpartition(":")[2])
    server = Server(HELLO, port=taken)
    with pytest.raises(AddressError, match=r"^cannot listen on "):
        server.start()
    server.stop()


def test_ipv6(serve):
    try:
        server = serve(host="::1")
    except AddressError:
        pytest.skip("no IPv6 here")
    with client_of(server) as client:
        assert client.messages.create(**MESSAGE).id


@pytest.mark.parametrize(
    "options, text",
    [
        ({"match": "x"}, "known are order, request, body, name, any"),
        ({"speed": 0}, "must be above 0"),
        ({"max_gap": -1}, "must be 0 or more"),
    ],
)
def test_options_without_meaning_are_refused(options, text):
    with pytest.raises(UsageError, match=text):
        Server(HELLO, **options)


def test_a_large_session_that_cannot_be_read_is_refused_before_it_is_served(tmp_path):
    file = tmp_path / "session.jsonl"
    file.write_bytes(b"".join([*large_lines()[1], *dump(made()), b"no line of a recording\n", b"{}\n"]))
    with pytest.raises(FormatError):
        Server(file)


def test_nothing_to_serve_is_refused():
    with pytest.raises(UsageError, match="no recordings to play"):
        Server()
