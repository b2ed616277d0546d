"""Requests as they were received, and the memory of them."""

from __future__ import annotations

import threading

import pytest

from inspector.play import received
from inspector.play.received import History, IncomingRequest, ReceivedRequest, url_path


@pytest.mark.parametrize(
    "url, path",
    [
        ("https://api.anthropic.com/v1/messages?beta=true", "/v1/messages"),
        ("/v1/messages?beta=true#x", "/v1/messages"),
        ("http://[::1]:80/a", "/a"),
        ("http://host", ""),
        ("//host/a", "//host/a"),
        ("//[", "//["),
        ("*", "*"),
        ("", ""),
        ("/a\tb\n", "/a\tb\n"),
    ],
)
def test_the_path_of_any_url_or_target(url, path):
    assert url_path(url) == path


def request(**more):
    headers = [(b"Host", b"x"), (b"X-Api-Key", b"secret")]
    given = {"method": "POST", "url": "/a?key=secret", "raw_headers": headers, "body": b'{"n":"secret"}'}
    return ReceivedRequest(1, **{**given, **more})


def test_a_request_has_its_path_its_headers_and_its_json():
    assert request().path == "/a"
    assert request().headers == {"host": "x", "x-api-key": "secret"}
    assert request().json() == {"n": "secret"}
    assert request(body=b"").json() is None
    assert request(body=b"no json").json() is None


@pytest.mark.parametrize(
    "answer, shown",
    [
        ({"recording": "a.jsonl", "status": 200}, "<ReceivedRequest 1: POST /a 200, a.jsonl>"),
        ({"status": 404, "miss": "secret"}, "<ReceivedRequest 1: POST /a 404, no recording>"),
        ({"recording": "a.jsonl"}, "<ReceivedRequest 1: POST /a None, a.jsonl>"),
    ],
)
def test_its_repr_holds_no_secret(answer, shown):
    assert repr(request(**answer)) == shown


def test_it_cannot_be_changed():
    with pytest.raises(AttributeError):
        request().status = 1


def test_the_history_keeps_the_last_requests():
    history = History(3)
    for number in range(5):
        history.add(IncomingRequest("GET", f"/{number}"), status=200)
    assert [(each.number, each.path) for each in history.all()] == [(3, "/2"), (4, "/3"), (5, "/4")]


def test_a_history_that_keeps_nothing_still_counts():
    history = History(0)
    numbers = [history.add(IncomingRequest("GET", "/"), status=None).number for _ in range(2)]
    assert (numbers, history.all()) == ([1, 2], [])


def test_the_bodies_of_a_history_are_bounded(monkeypatch):
    monkeypatch.setattr(received, "_KEPT_BODIES", 10)
    history = History(100)
    for size in (4, 4, 4, 50):
        history.add(IncomingRequest("POST", "/", b"x" * size), status=200)
    assert [len(each.body) for each in history.all()] == [50]


def test_threads_get_different_numbers():
    history = History(1000)
    together = threading.Barrier(4)

    def work():
        together.wait(60)
        for _ in range(100):
            history.add(IncomingRequest("GET", "/"), status=200)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert [each.number for each in history.all()] == list(range(1, 401))
