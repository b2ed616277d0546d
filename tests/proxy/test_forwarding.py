"""What passes through the proxy, byte for byte, and when: raw sockets on both sides."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from types import SimpleNamespace

import pytest
from loopback import encoded, eventually
from raw_client import connect
from raw_upstream import BOUND, exactly, head_of, reset, rest_of, until

from inspector import load_all
from inspector.proxy.body_framing import OfLength
from inspector.proxy.forwarding import Passing

pytest_plugins = ["forwarding"]

GET = b"GET /v1/models HTTP/1.1\r\nHost: localhost\r\n\r\n"
POST = b"POST /v1/messages HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n{}"
STREAM = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"


# Bytes.


def test_the_head_and_the_body_pass_as_they_came(forward, upstream):
    """Reason, spelling and order of fields, sizes and extensions of chunks, trailers."""
    head = b"HTTP/1.1 529 Too  much\r\nX-b: 1\r\nx-A: 2\r\nX-b: 3\r\nTransfer-Encoding: chunked\r\n"
    body = b"\r\n0003;a=b\r\nab\n\r\n5\r\n\0\xff\r\n1\r\n0\r\nX-Sum: 1\r\n\r\n"
    with connect(forward(upstream.url)) as client:
        client.sendall(GET)
        server = upstream.accept()
        assert head_of(server) == GET.replace(b"localhost", upstream.url[7:].encode())
        server.sendall(head + body)
        assert until(client, b"X-Sum: 1\r\n\r\n") == head + body


@pytest.mark.parametrize("size", [1, 3, 50])
def test_every_piece_passes_when_it_comes(forward, upstream, size):
    """Half a chunk, too: nothing waits for the rest of anything."""
    body = b"5\r\nab\r\nc\r\n3;x\r\nabc\r\n0\r\nA: b\r\n\r\n"
    with connect(forward(upstream.url)) as client:
        client.sendall(GET)
        server = upstream.accept()
        head_of(server)
        server.sendall(STREAM)
        head_of(client)
        for at in range(0, len(body), size):
            server.sendall(body[at : at + size])
            assert exactly(client, len(body[at : at + size])) == body[at : at + size]


def test_a_body_that_ends_with_its_connection_does_so_for_the_client(forward, upstream, file):
    forwarder = forward(upstream.url)
    with connect(forwarder) as client:
        client.sendall(POST)
        server = upstream.accept()
        until(server, b"{}")
        server.sendall(b"HTTP/1.0 200 OK\r\nA: b\r\n\r\nabc")
        server.close()
        assert rest_of(client) == b"HTTP/1.1 200 OK\r\nA: b\r\nconnection: close\r\n\r\nabc"
    forwarder.stop()
    (recording,) = load_all(file)
    assert (recording.body, recording.end.how, recording.response.http) == (b"abc", "complete", "HTTP/1.0")


def test_a_client_of_http_1_0_gets_the_body_without_chunks(forward, upstream):
    with connect(forward(upstream.url)) as client:
        client.sendall(b"GET / HTTP/1.0\r\n\r\n")
        server = upstream.accept()
        assert head_of(server) == b"GET / HTTP/1.1\r\nHost: %b\r\n\r\n" % upstream.url[7:].encode()
        server.sendall(b"HTTP/1.1 103 Early\r\n\r\n" + STREAM + b"2\r\nab\r\n0\r\nA: b\r\n\r\n")
        head = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nconnection: close\r\n\r\n"
        assert rest_of(client) == head + b"ab"


def test_informational_responses_pass(forward, upstream):
    early = b"HTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\n"
    with connect(forward(upstream.url)) as client:
        client.sendall(GET)
        server = upstream.accept()
        head_of(server)
        server.sendall(early)
        assert head_of(client) == early
        server.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")
        assert head_of(client) == b"HTTP/1.1 204 No Content\r\n\r\n"


@pytest.mark.parametrize("method", [b"HEAD", b"BREW", b"DELETE", b"OPTIONS"])
def test_any_method_passes_and_the_connection_goes_on(forward, upstream, method):
    with connect(forward(upstream.url)) as client:
        client.sendall(GET.replace(b"GET", method))
        server = upstream.accept()
        assert head_of(server).startswith(method + b" /v1/models ")
        answer = b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n" + (b"" if method == b"HEAD" else b"abc")
        server.sendall(answer)
        assert until(client, answer[-3:]) == answer
        client.sendall(GET)
        assert head_of(server).startswith(b"GET /v1/models ")  # on the same connection


def test_a_compressed_body_passes_as_it_is_and_is_recorded_decoded(forward, upstream, file):
    script = encoded([b"event: a\ndata: 1\n\n", b"event: b\ndata: 2\n\n"], "gzip")
    forwarder = forward(upstream.url)
    with connect(forwarder) as client:
        client.sendall(GET)
        server = upstream.accept()
        head_of(server)
        for piece in script:
            server.sendall(piece)
        assert until(client, b"0\r\n\r\n").endswith(b"".join(script[1:]))
    forwarder.stop()
    assert load_all(file)[0].body == b"event: a\ndata: 1\n\nevent: b\ndata: 2\n\n"


def test_a_read_is_passed_on_before_it_is_recorded():
    """To wake the thread that records takes longer than to send an event."""
    order = []
    source = SimpleNamespace(end=None, take=None, pause=None, hand_over=lambda take: take(b"ab"), keep=bytes)
    sink = SimpleNamespace(blocked=None, write=lambda data: order.append(("sent", data)))

    async def pass_on():
        note = lambda data: order.append(("noted", data))  # noqa: E731
        passing = Passing(source, sink, OfLength(2), note, silence=BOUND)
        passing.start()
        return await passing.ended

    assert asyncio.run(pass_on()) == ("complete", None)
    assert order == [("sent", b"ab"), ("noted", b"ab")]


# Both ways at once.


def test_a_request_body_passes_piece_by_piece_while_the_response_comes(forward, upstream, file):
    forwarder = forward(upstream.url)
    with connect(forwarder) as client:
        client.sendall(b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n")
        server = upstream.accept()
        until(server, b"\r\n\r\n1\r\na\r\n")
        server.sendall(STREAM)
        head_of(client)
        for letter in (b"b", b"c"):
            client.sendall(b"1;x\r\n%b\r\n" % letter)
            assert until(server, letter + b"\r\n") == b"1;x\r\n%b\r\n" % letter
            server.sendall(b"1\r\n%b\r\n" % letter)
            assert until(client, letter + b"\r\n") == b"1\r\n%b\r\n" % letter
        client.sendall(b"0\r\n\r\n")
        until(server, b"0\r\n\r\n")
        server.sendall(b"0\r\n\r\n")
        until(client, b"0\r\n\r\n")
    forwarder.stop()
    (recording,) = load_all(file)
    assert recording.body == b"bc"
    assert (recording.request.body, recording.request.extra) == (b"a", {"body_length": None})


def test_a_client_that_expects_100_gets_it_when_the_upstream_is_there(forward, upstream):
    with connect(forward(upstream.url)) as client:
        client.sendall(POST[:-2].replace(b"Host", b"Expect: 100-continue\r\nHost"))
        server = upstream.accept()
        assert b"expect" not in head_of(server).lower()
        assert head_of(client) == b"HTTP/1.1 100 Continue\r\n\r\n"
        client.sendall(b"{}")
        assert until(server, b"{}") == b"{}"


def test_an_answer_before_the_end_of_the_request_reaches_the_client(forward, upstream):
    answer = b"HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\n{}"
    with connect(forward(upstream.url)) as client:
        client.sendall(POST.replace(b"Length: 2", b"Length: 2000000") + b"x" * 100_000)
        server = upstream.accept()
        until(server, b"xxx")
        server.sendall(answer)
        assert until(client, b"{}").startswith(b"HTTP/1.1 413 ")
        with contextlib.suppress(OSError):
            client.sendall(b"x" * 100_000)
        assert rest_of(client) == b""


# Endings.


@pytest.mark.parametrize("how", ["cut", "reset"])
@pytest.mark.parametrize("framing", [b"Transfer-Encoding: chunked", b"Content-Length: 50"])
def test_a_body_that_breaks_off_breaks_off_for_the_client(forward, upstream, file, how, framing):
    forwarder = forward(upstream.url)
    with connect(forwarder) as client:
        client.sendall(GET)
        server = upstream.accept()
        head_of(server)
        server.sendall(b"HTTP/1.1 200 OK\r\n%b\r\n\r\n5\r\nabcde\r\n" % framing)
        until(client, b"abcde\r\n")
        if how == "reset":
            reset(server)
            with pytest.raises(ConnectionResetError):
                rest_of(client)
        else:
            server.close()
            assert rest_of(client) == b""
    forwarder.stop()
    (recording,) = load_all(file)
    assert recording.end.how == how
    if how == "cut":
        assert "peer closed connection without sending complete message body" in recording.end.error
    else:
        assert recording.end.error.startswith("ReadError: ")


def test_garbage_between_chunks_reaches_the_client_and_ends_its_connection(forward, upstream, file):
    forwarder = forward(upstream.url)
    with connect(forwarder) as client:
        client.sendall(GET)
        server = upstream.accept()
        head_of(server)
        server.sendall(STREAM + b"5\r\nabcde\r\nnonsense\r\n")
        assert rest_of(client).endswith(b"5\r\nabcde\r\nnonsense\r\n")
        assert rest_of(server) == b""  # it was left
    forwarder.stop()
    (recording,) = load_all(file)
    assert (recording.body, recording.end.how) == (b"abcde", "cut")
    assert "illegal chunk header" in recording.end.error


def test_bytes_after_the_end_of_a_response_go_nowhere(forward, upstream):
    """They would be the answer to the client's next request."""
    with connect(forward(upstream.url)) as client:
        client.sendall(GET)
        first = upstream.accept()
        head_of(first)
        answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n"
        first.sendall(answer + b"ab" + answer + b"no")
        assert until(client, b"ab") == answer + b"ab"
        client.sendall(GET)
        second = upstream.accept()
        head_of(second)
        second.sendall(answer + b"cd")
        assert until(client, b"cd") == answer + b"cd"


def test_a_client_that_leaves_ends_the_request_at_once(forward, upstream, file):
    forwarder = forward(upstream.url)
    with connect(forwarder) as client:
        client.sendall(GET)
        server = upstream.accept()
        head_of(server)
        server.sendall(STREAM + b"1\r\na\r\n")
        until(client, b"a\r\n")
    assert rest_of(server) == b""
    forwarder.stop()
    assert load_all(file)[0].end.how == "abandoned"


def test_a_client_that_leaves_before_the_response_ends_the_request(forward, upstream, file):
    forwarder = forward(upstream.url)
    with connect(forwarder) as client:
        client.sendall(GET)
        server = upstream.accept()
        head_of(server)
    assert rest_of(server) == b""
    forwarder.stop()
    (recording,) = load_all(file)
    assert (recording.response, recording.end.how) == (None, "abandoned")


def test_a_client_that_leaves_in_the_middle_of_its_request_ends_it(forward, upstream, file):
    forwarder = forward(upstream.url)
    with connect(forwarder) as client:
        client.sendall(POST[:-1])
        server = upstream.accept()
        until(server, b"{")
    assert rest_of(server) == b""
    forwarder.stop()
    (recording,) = load_all(file)
    assert (recording.response, recording.end.how) == (None, "abandoned")
    assert (recording.request.body, recording.request.extra) == (b"{", {"body_length": 2})


# Slow readers.


def sent_until_stuck(sender):
    """Send until nobody takes any more for a while; return how many bytes went off."""
    sender.setblocking(False)
    sent, piece = 0, b"x" * 1_000_000

    def stuck():
        nonlocal sent
        before = sent
        with contextlib.suppress(BlockingIOError):
            while sent < 1_000_000_000:
                sent += sender.send(piece)
        return sent == before > 0

    assert eventually(lambda: stuck() and stuck())
    sender.setblocking(True)
    return sent


def test_a_client_that_does_not_read_stops_the_upstream(forward, upstream):
    with connect(forward(upstream.url)) as client:
        client.sendall(GET)
        server = upstream.accept()
        head_of(server)
        server.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n")
        assert sent_until_stuck(server) < 50_000_000  # what the system keeps in its buffers
        client.close()
        with pytest.raises(OSError):
            while True:
                server.sendall(b"x" * 1_000_000)


def test_an_upstream_that_does_not_read_stops_the_client(forward, upstream):
    with connect(forward(upstream.url)) as client:
        client.sendall(POST[:-2].replace(b"Length: 2", b"Length: 1000000000"))
        server = upstream.accept()
        head_of(server)
        assert sent_until_stuck(client) < 50_000_000


@pytest.mark.parametrize("behind, patience", [(0, 5.0), (-1, 0.02)], ids=["slow", "for good"])
def test_a_disk_that_is_behind_slows_the_upstream_down_and_stops_nothing(
    forward, upstream, file, monkeypatch, behind, patience
):
    monkeypatch.setattr("inspector.proxy.notes._BEHIND", behind)
    monkeypatch.setattr("inspector.proxy.forwarding._PATIENCE", patience)
    forwarder = forward(upstream.url)
    body = b"".join(b"event: a\ndata: %d\n\n" % number for number in range(100_000))
    with connect(forwarder) as client:
        client.sendall(GET)
        server = upstream.accept()
        head_of(server)
        server.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body))
        sending = threading.Thread(target=server.sendall, args=(body,))
        sending.start()
        head_of(client)
        assert exactly(client, len(body)) == body
        sending.join(BOUND)
    forwarder.stop()
    (recording,) = load_all(file)
    assert (recording.body, recording.end.how) == (body, "complete")
