"""An upstream that fails: the client learns what happened, the recording has it, and others go on."""

from __future__ import annotations

import pytest
from raw_client import GET, POST, connect, ended, error_of
from raw_upstream import head_of, reset, rest_of, until

from inspector import UsageError, tap
from inspector.proxy.boundaries import ProxyLimits
from inspector.proxy.forwarder import Choices, Forwarder
from inspector.serve.limits import ServerLimits

pytest_plugins = ["forwarding"]


def nothing(server):
    server.close()


def half_a_head(server):
    server.sendall(b"HTTP/1.1 200 OK\r\nA: ")
    server.close()


def sends(data):
    return lambda server: server.sendall(data)


NO_HTTP = "cut", "RemoteProtocolError"
FAULTS = {
    "closes": (nothing, "closed the connection without a response", *NO_HTTP),
    "resets": (reset, "reset the connection before its response", "reset", "ReadError"),
    "half a head": (half_a_head, "in the middle of a response's head", *NO_HTTP),
    "garbage": (sends(b"garbage\r\n\r\n"), "does not answer in HTTP/1.1", *NO_HTTP),
    "garbage without an end": (sends(b"garb\xff"), "HTTP/1.1: b'garb\\xff'", *NO_HTTP),
    "an endless head": (
        sends(b"HTTP/1.1 200 OK\r\nA: " + b"x" * 300_000),
        "longer than 262,144 bytes: b'HTTP/1.1 200 OK'",
        *NO_HTTP,
    ),
    "many fields": (
        sends(b"HTTP/1.1 200 OK\r\n%b\r\n" % (b"A: b\r\n" * 1100)),
        "1,000",
        *NO_HTTP,
    ),
    "two lengths": (
        sends(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n"),
        "not one number",
        *NO_HTTP,
    ),
    "another protocol": (
        sends(b"HTTP/1.1 101 X\r\nUpgrade: a\r\nConnection: upgrade\r\n\r\n"),
        "101 Switching Protocols",
        *NO_HTTP,
    ),
    "HTTP/2": (
        sends(b"\0\0\x12\4\0\0\0\0\0\r\n\r\n"),
        "does not answer in HTTP/1.1",
        *NO_HTTP,
    ),
}


@pytest.mark.parametrize(("act", "message", "how", "error"), FAULTS.values(), ids=FAULTS)
def test_what_the_upstream_does_is_said_to_all(forward, upstream, lines, tmp_path, act, message, how, error):
    forwarder = forward(upstream.url)
    with connect(forwarder) as client:
        client.sendall(POST)
        server = upstream.accept()
        until(server, b"{}")
        act(server)
        status, kind, text = error_of(rest_of(client))
    assert (status, kind) == (502, "api_error")
    assert text.startswith(f"inspector: {upstream.url} ")
    assert message in text
    assert lines == []  # the recording says it
    recording = ended(forwarder, tmp_path)
    assert (recording.response, recording.end.how) == (None, how)
    assert recording.end.error.startswith(error)
    assert [request.status for request in forwarder.requests] == [502]


def test_a_failure_that_is_not_recorded_is_reported_once_until_all_is_well(upstream, lines, tmp_path):
    choices = Choices(records=lambda method, path: False)
    forwarder = Forwarder(upstream.url, tap(tmp_path), choices=choices, report=lines.append).start()

    def exchange(*, well):
        with connect(forwarder) as client:
            client.sendall(POST)
            server = upstream.accept()
            until(server, b"{}")
            if well:
                server.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}")
            server.close()
            rest_of(client) if not well else until(client, b"{}")

    for well in (False, False, True, False):
        exchange(well=well)
    forwarder.stop()
    assert lines == [f"{upstream.url} closed the connection without a response"] * 2
    assert list(tmp_path.iterdir()) == []


def test_others_go_on_meanwhile(forward, upstream):
    forwarder = forward(upstream.url)
    with connect(forwarder) as broken, connect(forwarder) as healthy:
        healthy.sendall(GET)
        good = upstream.accept()
        head_of(good)
        broken.sendall(GET)
        reset(upstream.accept())
        assert error_of(rest_of(broken))[0] == 502
        good.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
        assert until(healthy, b"{}").startswith(b"HTTP/1.1 200 ")


def test_a_host_that_does_not_exist(forward, tmp_path):
    forwarder = forward("http://nobody.invalid")
    with connect(forwarder) as client:
        client.sendall(GET)
        status, _, text = error_of(rest_of(client))
    assert status == 502
    assert text.startswith("inspector: http://nobody.invalid cannot be reached: ConnectError")
    assert ended(forwarder, tmp_path).end.error.startswith("ConnectError")


def limited(monkeypatch, **limits):
    monkeypatch.setattr("inspector.proxy.applications.ProxyLimits", lambda: ProxyLimits(**limits))


def test_an_upstream_that_does_not_answer_is_a_504(forward, upstream, tmp_path, monkeypatch):
    limited(monkeypatch, silence=0.05)
    forwarder = forward(upstream.url)
    with connect(forwarder) as client:
        client.sendall(GET)
        status, kind, text = error_of(rest_of(client))
    assert (status, kind) == (504, "timeout_error")
    assert "sent no response within 0.05 s" in text
    recording = ended(forwarder, tmp_path)
    assert (recording.end.how, recording.end.error) == ("timeout", "ReadTimeout")


def test_an_upstream_that_falls_silent_is_recorded_as_a_timeout(forward, upstream, tmp_path, monkeypatch):
    limited(monkeypatch, silence=0.05)
    forwarder = forward(upstream.url)
    with connect(forwarder) as client:
        client.sendall(GET)
        server = upstream.accept()
        server.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab")
        assert rest_of(client).endswith(b"\r\n\r\nab")
    recording = ended(forwarder, tmp_path)
    assert (recording.body, recording.end.how) == (b"ab", "timeout")


def test_a_client_that_falls_silent_in_its_request_is_a_408(forward, upstream, monkeypatch):
    limited(monkeypatch, client=ServerLimits(half=0.05))
    with connect(forward(upstream.url)) as client:
        client.sendall(POST[:-1])
        assert error_of(rest_of(client))[:2] == (408, "timeout_error")
    with connect(forward(upstream.url)) as client:
        client.sendall(POST[:9])
        assert error_of(rest_of(client))[:2] == (408, "timeout_error")


@pytest.mark.parametrize("wire", [b"Zz\r\n", b"5\nabcde\r\n", b"5\r\nabcdefg\r\n"])
def test_a_request_whose_chunks_are_wrong_does_not_pass(forward, upstream, wire):
    with connect(forward(upstream.url)) as client:
        client.sendall(b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n" + wire)
        server = upstream.accept()
        assert error_of(rest_of(client))[:2] == (400, "invalid_request_error")
        got = rest_of(server)
    assert not got.endswith(wire)


@pytest.mark.parametrize(
    "head",
    [
        b"POST / HTTP/1.1\r\nHost: a.localhost\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: localhost\r\nA: b\r\n c\r\n\r\n",
        b"POST / HTTP/1.1\nHost: localhost\n\n",
        b"\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03\n",
    ],
)
def test_a_request_that_two_programs_may_read_differently_is_refused(forward, upstream, head):
    with connect(forward(upstream.url)) as client:
        client.sendall(head)
        assert error_of(rest_of(client))[:2] == (400, "invalid_request_error")


def test_a_head_that_never_ends_is_a_431(forward, upstream):
    with connect(forward(upstream.url)) as client:
        client.sendall(b"GET / HTTP/1.1\r\nA: " + b"x" * 100_000)
        assert error_of(rest_of(client))[:2] == (431, "request_too_large")


def test_connect_is_refused(forward, upstream):
    with connect(forward(upstream.url)) as client:
        client.sendall(b"CONNECT localhost:443 HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert error_of(rest_of(client))[0] == 405


def test_an_offer_of_another_protocol_is_ignored(forward, upstream):
    with connect(forward(upstream.url)) as client:
        client.sendall(GET.replace(b"\r\n\r\n", b"\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"))
        assert b"upgrade" not in head_of(upstream.accept()).lower()


@pytest.mark.parametrize("url", ["", "api.anthropic.com", "ftp://a", "http://", "http://a:b", "http://a b/"])
def test_an_upstream_that_is_no_url_is_refused_at_once(url, tmp_path):
    with pytest.raises(UsageError, match="is not a URL of http"):
        Forwarder(url, tap(tmp_path))
