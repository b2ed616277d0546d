"""Forwarding to an upstream: every byte passes as it comes, and is recorded."""

from __future__ import annotations

import contextlib
import re
import socket
import threading

import pytest
from conftest import LIBRARIES
from loopback import CUT, END, RESET, STALL, Server, chunk, chunked, head

from inspector import load_all, tap
from inspector.errors import AddressError
from inspector.play.made_up import json_answer
from inspector.proxy.forwarder import Choices, Forwarder

pytest_plugins = ["forwarding"]

LIBRARY = LIBRARIES[0]
PARTS = [b"event: a\ndata: 1\n\n", b"event: b\nda", b"ta: 2\n\n"]
BOUND = 60.0  # seconds


def fetch(url, method="POST", **options):
    with LIBRARY.Client(trust_env=False, timeout=BOUND) as client:
        return client.request(method, f"{url}/v1/messages?beta=true", **options)


@contextlib.contextmanager
def streamed(url):
    with LIBRARY.Client(trust_env=False, timeout=BOUND) as client, client.stream("POST", url) as response:
        yield response


def nobody():
    """The URL of an address where nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return f"http://127.0.0.1:{listening.getsockname()[1]}"


# The reverse proxy.


def test_a_request_reaches_the_upstream_as_it_was_sent(forward):
    with Server(chunked(PARTS)) as upstream:
        forwarder = forward(f"{upstream.url}/team/")
        fetch(forwarder.url, content=b'{"a" : 1}', headers={"x-api-key": "secret", "te": "trailers"})
        ((line, headers, body),) = upstream.requests
    assert (line, body) == ("POST /team/v1/messages?beta=true HTTP/1.1", b'{"a" : 1}')
    assert headers["x-api-key"] == "secret"
    assert headers["host"] == upstream.url.removeprefix("http://")
    assert "te" not in headers


def test_a_response_comes_chunk_by_chunk_and_is_recorded(forward, file):
    went_on = threading.Event()
    script = [head(transfer_encoding="chunked"), chunk(PARTS[0]), lambda: went_on.wait(BOUND)]
    with Server([*script, chunk(PARTS[1] + PARTS[2]), END]) as upstream:
        forwarder = forward(upstream.url)
        with (
            LIBRARY.Client(trust_env=False, timeout=BOUND) as client,
            client.stream("POST", forwarder.url) as got,
        ):
            chunks = got.iter_raw()
            assert next(chunks) == PARTS[0]
            went_on.set()
            assert b"".join(chunks) == PARTS[1] + PARTS[2]
        forwarder.stop()
    assert got.headers["request-id"] == "req_loopback"
    (recording,) = load_all(file)
    assert recording.body == b"".join(PARTS)
    assert recording.end.how == "complete"


@pytest.mark.parametrize(
    "step, end, error", [(CUT, "cut", LIBRARY.RemoteProtocolError), (RESET, "reset", LIBRARY.ReadError)]
)
def test_where_the_upstream_breaks_off_the_forwarder_does_too(forward, file, step, end, error):
    read = threading.Event()
    script = [head(transfer_encoding="chunked"), chunk(PARTS[0]), lambda: read.wait(BOUND), step]
    with Server(script) as upstream:
        forwarder = forward(upstream.url)
        with streamed(forwarder.url) as response:
            chunks = response.iter_raw()
            assert next(chunks) == PARTS[0]
            read.set()  # a reset may overtake what was sent before it
            with pytest.raises(error):
                next(chunks)
        forwarder.stop()
    (recording,) = load_all(file)
    assert (recording.body, recording.end.how) == (PARTS[0], end)


def test_a_response_with_a_length_keeps_it(forward):
    with Server([head(529, content_length="2"), b"{}"]) as upstream:
        response = fetch(forward(upstream.url).url)
    assert (response.status_code, response.headers["content-length"], response.content) == (529, "2", b"{}")
    assert "transfer-encoding" not in response.headers


def test_a_response_to_head_has_no_body(forward):
    with Server([head(200, content_length="7")]) as upstream:
        response = fetch(forward(upstream.url).url, "HEAD")
    assert (response.status_code, response.headers["content-length"], response.content) == (200, "7", b"")


def test_an_upstream_that_cannot_be_reached_is_a_clear_error_that_is_not_retried(forward, file):
    upstream = nobody()
    forwarder = forward(upstream)
    response = fetch(forwarder.url)
    assert response.status_code == 502
    assert response.headers["x-should-retry"] == "false"
    assert response.json()["error"]["message"].startswith(
        f"inspector: {upstream} cannot be reached: ConnectError"
    )
    forwarder.stop()
    assert load_all(file)[0].response is None


def test_the_requests_are_remembered_with_their_status(forward):
    with Server(chunked(PARTS), [head(529, content_length="2"), b"{}"]) as upstream:
        forwarder = forward(upstream.url)
        fetch(forwarder.url, content=b'{"n":1}', headers={"X-A": "b"})
        fetch(forwarder.url, content=b'{"n":2}')
    first, second = forwarder.requests
    assert (first.number, first.method, first.path, first.status) == (1, "POST", "/v1/messages", 200)
    assert (first.json(), first.headers["x-a"]) == ({"n": 1}, "b")
    assert (second.number, second.status) == (2, 529)
    assert (second.recording, second.miss) == (None, None)


def test_stop_waits_for_a_response_under_way(forward, file):
    begun = threading.Event()
    script = [head(transfer_encoding="chunked"), chunk(PARTS[0]), begun.set, chunk(PARTS[1]), END]
    with Server(script) as upstream:
        forwarder = forward(upstream.url)
        thread = threading.Thread(target=fetch, args=(forwarder.url,))
        thread.start()
        assert begun.wait(BOUND)
        forwarder.stop()
        forwarder.stop()
        thread.join(BOUND)
    assert load_all(file)[0].end.how == "complete"


def test_who_waits_for_a_response_under_way_may_lose_patience(forward, file):
    with Server([head(transfer_encoding="chunked"), chunk(PARTS[0]), STALL]) as upstream:
        forwarder = forward(upstream.url)
        with streamed(forwarder.url) as response:
            assert next(response.iter_raw()) == PARTS[0]
            waiting = threading.Thread(target=forwarder.stop)
            waiting.start()
            forwarder.stop(patience=0)
            waiting.join(BOUND)
            assert not waiting.is_alive()
    assert load_all(file)[0].end.how == "abandoned"


def test_it_listens_where_it_should(file):
    forwarder = Forwarder("http://up.test", tap(file), host="localhost").start()
    try:
        assert re.fullmatch(r"http://localhost:\d+", forwarder.url)
        with pytest.raises(AddressError, match="Address already in use; port 0 takes any free one"):
            Forwarder("http://up.test", tap(file), port=int(forwarder.url.rpartition(":")[2])).start()
    finally:
        forwarder.stop()


def test_other_names_of_the_host_are_allowed_one_by_one(file):
    with Server([head(200, content_length="2"), b"{}"]) as upstream:
        forwarder = Forwarder(upstream.url, tap(file), allow_hosts=["box.internal"]).start()
        seen = [
            fetch(forwarder.url, headers={"host": name}).status_code for name in ("box.internal", "evil.test")
        ]
        forwarder.stop()
    assert seen == [200, 421]


def test_a_request_that_is_not_recorded_is_forwarded_all_the_same(file):
    choices = Choices(records=lambda method, path: (method, path) != ("POST", "/v1/messages"))
    with Server([head(200, content_length="2"), b"{}"]) as upstream:
        forwarder = Forwarder(upstream.url, tap(file), choices=choices).start()
        assert fetch(forwarder.url).content == b"{}"
        assert fetch(forwarder.url, "PUT").content == b"{}"
        forwarder.stop()
        assert len(upstream.requests) == 2
    assert [recording.request.method for recording in load_all(file)] == ["PUT"]


def test_side_traffic_is_forwarded_and_not_recorded(forward, file):
    with Server([head(200, content_length="0")]) as upstream:
        forwarder = forward(upstream.url)
        with LIBRARY.Client(trust_env=False, timeout=BOUND) as client:
            client.head(f"{forwarder.url}/")
            client.post(f"{forwarder.url}/api/event_logging/batch", content=b"{}")
        forwarder.stop()
        assert len(upstream.requests) == 2
    assert not file.exists()


def test_a_request_that_is_not_recorded_and_fails_leaves_nothing(file):
    forwarder = Forwarder(nobody(), tap(file), choices=Choices(records=lambda method, path: False)).start()
    assert fetch(forwarder.url).status_code == 502
    forwarder.stop()
    assert not file.exists()


def test_a_request_that_is_answered_here_does_not_reach_the_upstream(file):
    choices = Choices(answer=lambda method, path: json_answer(200, {"path": path}))
    with Server([head(200, content_length="2"), b"{}"]) as upstream:
        forwarder = Forwarder(upstream.url, tap(file), choices=choices).start()
        response = fetch(forwarder.url)
        assert (response.json(), response.headers["connection"]) == ({"path": "/v1/messages"}, "close")
        assert fetch(forwarder.url, "HEAD").content == b""
        forwarder.stop()
        assert upstream.requests == []
    assert not file.exists()
    assert forwarder.requests == []
