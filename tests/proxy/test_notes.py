"""Recordings of exchanges with long requests: begun on another thread, and complete all the same."""

from __future__ import annotations

import threading

import pytest
from raw_client import connect
from raw_upstream import BOUND, exactly, head_of, until

from inspector import load_all, tap
from inspector.proxy.forwarder import Forwarder

pytest_plugins = ["forwarding"]

BODY = b'{"image":"%b"}' % (b"x" * 1_000_000)
POST = b"POST /v1/messages HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n%b" % (len(BODY), BODY)


@pytest.fixture
def slow(file):
    """A tap that begins when it may, and the event that allows it."""
    may, hooks = threading.Event(), tap(file)
    begin = hooks.begin

    def begin_later(*arguments):
        assert may.wait(BOUND)
        return begin(*arguments)

    hooks.begin = begin_later
    return hooks, may


@pytest.mark.parametrize("late", [False, True], ids=["in the middle", "after the end"])
def test_a_recording_that_begins_slowly_delays_no_event_and_is_whole(upstream, file, slow, late):
    hooks, may = slow
    forwarder = Forwarder(upstream.url, hooks).start()
    with connect(forwarder) as client:
        client.sendall(POST)
        server = upstream.accept()
        head_of(server)
        assert exactly(server, len(BODY)) == BODY
        server.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        head_of(client)
        for number in range(3):
            piece = b"12\r\nevent: a\ndata: %d\n\n\r\n" % number
            server.sendall(piece)
            assert until(client, piece) == piece
            if number == 1 and not late:
                may.set()
        server.sendall(b"0\r\n\r\n")
        until(client, b"0\r\n\r\n")
        may.set()
    forwarder.stop()
    (recording,) = load_all(file)
    assert recording.body == b"".join(b"event: a\ndata: %d\n\n" % number for number in range(3))
    assert len(list(recording.chunks())) == 3
    assert (recording.end.how, recording.request.body) == ("complete", BODY)


@pytest.mark.parametrize("size", [10, 100_000])
def test_a_fault_of_ours_is_reported_and_the_stream_goes_on(upstream, file, size):
    lines, hooks = [], tap(file)

    def fail(*_):
        raise RuntimeError("no")

    hooks.begin = fail
    forwarder = Forwarder(upstream.url, hooks, report=lines.append).start()
    with connect(forwarder) as client:
        client.sendall(
            b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n" % size + b"x" * size
        )
        server = upstream.accept()
        head_of(server)
        exactly(server, size)
        server.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
        assert until(client, b"{}").startswith(b"HTTP/1.1 200 ")
    forwarder.stop()
    assert lines == ["this response is not recorded: RuntimeError: no"]
