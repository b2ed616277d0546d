"""A live page of a server shows what the server really sent, and the request that it answered."""

from __future__ import annotations

import base64
import contextlib
import http.client
import json
import urllib.request

import pytest
from loopback import eventually

import inspector
from inspector.cli._answers_view import AnswersView
from inspector.formats import load
from inspector.recording.bundled import bundled_recording

HELLO = load(bundled_recording("hello"))
SECRET = "sk-ant-api03-" + "A1b2C3d4" * 10
BODY = json.dumps({"stream": True, "model": "mine", "messages": []}).encode()


@contextlib.contextmanager
def serving(**options):
    view = AnswersView(show=False, ui=True, err=False)
    hello = bundled_recording("hello")
    server = inspector.Server(
        hello, match="any", loop=True, tap=view.tap, control=view.page.answer, **options
    )
    with view.showing(), server:
        yield server, view


def fetch(url, path="/v1/messages", headers=()):
    request = urllib.request.Request(url + path, BODY, dict(headers))
    with urllib.request.urlopen(request, timeout=20) as response:
        return response.read()


def items(view):
    """What the page would get."""
    source = view.page.answer("GET", "/inspector/lines/x/0")
    return json.loads(source.recording().body)["items"]


def ended(view, count=1):
    """The facts of the exchanges that have ended, when so many have, and the lines of all."""

    def facts():
        return [each["facts"] for each in items(view) if each.get("facts", {}).get("end")]

    assert eventually(lambda: len(facts()) == count)
    parts = [each.get(part, "") for each in items(view) for part in ("head", "lines")]
    return facts(), b"".join(map(base64.b64decode, parts))


def test_the_page_has_the_body_that_was_sent_and_the_request_that_came():
    with serving() as (server, view):
        assert fetch(server.url) == HELLO.body
        (facts,), lines = ended(view)
    head, *_ = (json.loads(line) for line in lines.splitlines())
    assert head["request"]["body"] == json.loads(BODY)
    assert facts["url"] == f"{server.url}/v1/messages"
    assert facts["name"] == "1 hello.jsonl"
    assert (facts["outcome"], facts["bytes"]) == ("end_turn", len(HELLO.body))


def test_times_are_those_at_which_it_was_sent():
    with serving() as (server, view):
        fetch(server.url)
        (facts,), _ = ended(view)
    assert facts["end"]["t"] < HELLO.end.t  # at once, and not at the recorded pace


def test_a_client_that_leaves_is_shown_as_that():
    with serving(speed=1.0) as (server, view):
        connection = http.client.HTTPConnection("127.0.0.1", int(server.url.rpartition(":")[2]), timeout=20)
        connection.request("POST", "/v1/messages", BODY)
        assert connection.getresponse().read(50)
        connection.close()
        (facts,), _ = ended(view)
    assert facts["end"]["how"] == "abandoned"
    assert 0 < facts["bytes"] < len(HELLO.body)


def test_secrets_are_not_shown():
    with serving() as (server, view):
        fetch(server.url, headers={"x-api-key": SECRET, "x-note": SECRET})
        _, lines = ended(view)
    assert SECRET.encode() not in lines


def test_an_answer_that_is_made_up_is_called_after_its_request():
    with serving() as (server, view):
        fetch(server.url, "/v1/messages/count_tokens")
        (facts,), _ = ended(view)
    assert facts["name"] == "1 mine-count_tokens"


@pytest.mark.parametrize("path", ["/health", "/inspector/"])
def test_health_checks_and_the_pages_own_requests_are_not_shown(path):
    with serving() as (server, view):
        with urllib.request.urlopen(server.url + path, timeout=20) as response:
            response.read()
        fetch(server.url)
        facts, _ = ended(view)
    assert [each["name"] for each in facts] == ["1 hello.jsonl"]
