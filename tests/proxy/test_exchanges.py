"""What a hostile or broken application can do to the reverse proxy, and where its requests can go."""

from __future__ import annotations

import contextlib
import json
import socket
import time

import pytest
from conftest import LIBRARIES
from loopback import END, STALL, Server, chunk, chunked, eventually, head

from inspector import load_all, tap
from inspector.proxy.boundaries import ProxyLimits
from inspector.proxy.forwarder import Forwarder
from inspector.proxy.message_heads import parse_request
from inspector.proxy.upstream import Upstream

pytest_plugins = ["forwarding"]

LIBRARY = LIBRARIES[0]
BOUND = 60.0  # seconds
OK = [head(200, content_length="2"), b"{}"]
PARTS = [b"event: a\ndata: 1\n\n", b"event: b\ndata: 2\n\n"]


@contextlib.contextmanager
def connected(forwarder):
    port = int(forwarder.url.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port), timeout=BOUND) as client:
        yield client


def exchange(forwarder, wire):
    """Send bytes on a connection of their own, and read until it is closed."""
    with connected(forwarder) as client:
        client.sendall(wire)
        got = b""
        while piece := client.recv(65536):
            got += piece
    return got


def asking(line=b"POST /v1/messages HTTP/1.1", *fields, host=b"localhost", body=b"{}"):
    fields = [b"Host: " + host, b"Connection: close", b"Content-Length: %d" % len(body), *fields]
    return b"\r\n".join([line, *fields, b"", body])


# Bodies.


@pytest.mark.parametrize("trailers", [b"", b"X-Checksum: 1\r\nHost: evil.test\r\n"])
def test_a_chunked_body_is_forwarded_whole(forward, trailers):
    wire = (
        b"POST /v1/messages HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
        b"Transfer-Encoding: chunked\r\n\r\n"
        b'5;x=y\r\n{"a":\r\n2\r\n1}\r\n0\r\n' + trailers + b"\r\n"
    )
    with Server(OK) as upstream:
        assert exchange(forward(upstream.url), wire).endswith(b"\r\n\r\n{}")
        ((_, headers, body),) = upstream.requests
    assert body == b'{"a":1}'
    assert headers["transfer-encoding"] == "chunked"
    assert not {"content-length", "x-checksum"} & set(headers)


def test_a_client_that_sends_its_body_in_pieces_reaches_the_upstream(forward):
    with Server(OK) as upstream, LIBRARY.Client(trust_env=False, timeout=BOUND) as client:
        client.post(f"{forward(upstream.url).url}/v1/messages", content=iter([b'{"a":', b"1}"]))
        assert upstream.requests[0][2] == b'{"a":1}'


@pytest.mark.parametrize(
    "half",
    [
        asking(body=b"{}")[:-1],
        asking()[:30],
        b"",
        b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
    ],
    ids=["half a body", "half a head", "nothing", "half a chunk"],
)
def test_half_a_request_does_not_hold_up_the_end(forward, half, capfd):
    with Server(OK) as upstream:
        forwarder = forward(upstream.url)
        with connected(forwarder) as client:
            client.sendall(half)
            exchange(forwarder, asking())  # by now it has read the other one, too
            begun = time.monotonic()
            forwarder.stop()
            assert time.monotonic() - begun < 5
        # Half a body has been passed on as far as it came, and then its connection was closed.
        assert [body for _, _, body in upstream.requests if body == b"{}"] == [b"{}"]
    assert capfd.readouterr() == ("", "")


def test_a_client_that_waits_for_100_continue_gets_it(forward):
    with Server(OK) as upstream, connected(forward(upstream.url)) as client:
        wire = asking(b"POST / HTTP/1.1", b"Expect: 100-continue")
        client.sendall(wire[:-2])
        assert client.recv(65536) == b"HTTP/1.1 100 Continue\r\n\r\n"
        client.sendall(wire[-2:])
        assert client.recv(65536).startswith(b"HTTP/1.1 200 ")
        assert "expect" not in upstream.requests[0][1]


def test_a_connection_serves_one_request_after_another_also_those_sent_ahead(forward):
    wire = asking().replace(b"Connection: close\r\n", b"")
    with Server(OK, chunked(PARTS), OK) as upstream, connected(forward(upstream.url)) as client:
        client.sendall(wire + wire + asking())
        got = b""
        while piece := client.recv(65536):
            got += piece
        assert len(upstream.requests) == 3
    assert got.count(b"HTTP/1.1 200 ") == 3
    assert got.index(chunk(PARTS[0])) < got.index(END) < got.rindex(b"HTTP/1.1 200 ")


def test_a_body_of_any_length_passes_and_its_beginning_is_recorded(forward, file, monkeypatch):
    monkeypatch.setattr("inspector.proxy.applications.ProxyLimits", lambda: ProxyLimits(copy=1000))
    with Server(OK) as upstream:
        forwarder = forward(upstream.url)
        assert exchange(forwarder, asking(body=b"x" * 50_000_000)).endswith(b"{}")
        assert len(upstream.requests[0][2]) == 50_000_000
        forwarder.stop()
    request = load_all(file)[0].request
    assert (request.body, request.extra) == (b"x" * 1000, {"body_length": 50_000_000})


# Where requests go.

TARGETS = [
    b"/v1/messages?beta=true",
    b"http://evil.test/v1/messages?beta=true",
    b"http://user:pass@localhost:1/v1/messages?beta=true",
]


@pytest.mark.parametrize("target", TARGETS, ids=bytes.decode)
@pytest.mark.parametrize("host", [b"localhost", b"127.0.0.1:9"])
def test_the_upstream_is_ours_whatever_target_and_host_say(target, host):
    upstream = Upstream("http://up.test:81/team/")
    request = parse_request(asking(b"POST " + target + b" HTTP/1.1", host=host, body=b""))
    assert upstream.url(request) == "http://up.test:81/team/v1/messages?beta=true"
    head, fields = upstream.request(request)
    assert head.startswith(b"POST /team/v1/messages?beta=true HTTP/1.1\r\n")
    assert dict(fields)[b"Host"] == b"up.test:81"
    assert (upstream.host, upstream.port) == ("up.test", 81)


@pytest.mark.parametrize(
    "target",
    [b"@evil.test/", b"//evil.test/x", b"/%zz", b"//[", b"/@evil.test", b"*", b"/\\evil.test", b"http://[/x"],
)
def test_no_target_sends_the_key_elsewhere(forward, target):
    with Server(OK) as upstream:
        got = exchange(forward(upstream.url), asking(b"POST " + target + b" HTTP/1.1", b"X-Api-Key: k"))
        hosts = [headers["host"] for _, headers, _ in upstream.requests]
    assert got.split()[1] in (b"200", b"400", b"421")
    assert hosts == [upstream.url.removeprefix("http://")] * len(hosts)
    if got.split()[1] != b"200":
        assert json.loads(got.partition(b"\r\n\r\n")[2])["error"]["type"] == "invalid_request_error"
        assert hosts == []


@pytest.mark.parametrize(
    "fields, status",
    [({"host": b"evil.test"}, b"421"), ({"host": b"localhost\r\nOrigin: https://evil.test"}, b"403")],
    ids=["host", "origin"],
)
def test_a_page_of_another_site_reaches_nothing(forward, fields, status):
    with Server(OK) as upstream:
        assert exchange(forward(upstream.url), asking(**fields)).split()[1] == status
        assert upstream.requests == []


# Headers.


def test_headers_for_one_connection_are_not_passed_on_either_way(forward):
    own = b"Connection: X-Mine, close\r\nX-Mine: 1\r\nKeep-Alive: 5\r\nTE: trailers\r\nX-Kept: 1"
    script = [
        head(200, content_length="2", connection="x-yours", x_yours="1", keep_alive="5", x_kept="1"),
        b"{}",
    ]
    with Server(script) as upstream:
        got = exchange(forward(upstream.url), asking().replace(b"Connection: close", own)).lower()
        ((_, headers, _),) = upstream.requests
    assert headers["x-kept"] == "1"
    assert not {"x-mine", "keep-alive", "te"} & set(headers)
    assert b"x-kept: 1" in got
    assert b"x-yours" not in got
    assert b"keep-alive" not in got


def test_a_cookie_of_one_response_is_not_sent_with_the_next_request(forward):
    with Server([head(200, content_length="2", set_cookie="a=b"), b"{}"]) as upstream:
        forwarder = forward(upstream.url)
        assert b"set-cookie: a=b" in exchange(forwarder, asking())
        exchange(forwarder, asking())
        assert "cookie" not in upstream.requests[1][1]


# Leaving.


def test_an_application_that_leaves_ends_its_request(forward, file):
    script = [head(transfer_encoding="chunked"), chunk(PARTS[0]), STALL]
    with Server(script) as upstream:
        forwarder = forward(upstream.url)
        with connected(forwarder) as client:
            client.sendall(asking())
            got = b""
            while not got.endswith(chunk(PARTS[0])):
                got += client.recv(65536)
        assert upstream.left.wait(BOUND)
        assert eventually(lambda: file.exists() and b'"end":"abandoned"' in file.read_bytes())
        forwarder.stop()
    (recording,) = load_all(file)
    assert (recording.body, recording.end.how) == (PARTS[0], "abandoned")


def test_a_response_that_never_ends_ends_with_the_proxys_patience(forward, file):
    script = [head(transfer_encoding="chunked"), chunk(PARTS[0]), STALL]
    with Server(script) as upstream:
        forwarder = forward(upstream.url)
        with connected(forwarder) as client:
            client.sendall(asking())
            assert client.recv(1) == b"H"
            forwarder.stop(patience=0.05)
    assert load_all(file)[0].end.how == "abandoned"


def test_an_upstream_that_never_answers_a_client_that_left_is_recorded_too(forward, file):
    with Server([STALL]) as upstream:
        forwarder = forward(upstream.url)
        with connected(forwarder) as client:
            client.sendall(asking())
            assert eventually(lambda: upstream.requests)
        assert upstream.left.wait(BOUND)
        forwarder.stop()
    assert load_all(file)[0].response is None


def test_a_connection_that_is_kept_alive_does_not_hold_up_the_end(file):
    with Server(*[[*OK, STALL]] * 2) as upstream:
        forwarder = Forwarder(upstream.url, tap(file)).start()
        with connected(forwarder) as client:
            client.sendall(asking().replace(b"Connection: close\r\n", b""))
            got = b""
            while not got.endswith(b"{}"):
                got += client.recv(65536)
            begun = time.monotonic()
            forwarder.stop()
            assert time.monotonic() - begun < BOUND
