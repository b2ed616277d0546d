"""A function of the user's own chooses the recording, as vcrpy's matchers do."""

from __future__ import annotations

import json

import pytest

from inspector import Head, Request
from inspector.play.matching import Matcher, Miss
from inspector.play.received import IncomingRequest

URL = "https://api.anthropic.com/v1/messages"


def head(url=URL, **body):
    return Head("", Request("POST", url, {"x-team": "a"}, json.dumps(body).encode()))


HEADS = [head(n=1, who="a"), head(n=2, who="b"), head(f"{URL}/count_tokens", n=3)]


def take(function, *requests):
    matcher = Matcher(function, ["0.jsonl", "1.jsonl", "2.jsonl"])
    return [
        matcher.take(
            IncomingRequest("POST", "/v1/messages", json.dumps(each).encode(), [(b"X-Team", b"a")]),
            HEADS,
            each,
        )
        for each in requests
    ]


def same_n(request, recorded):
    return request.json()["n"] == recorded.json()["n"]


def asserted_n(request, recorded):
    assert request.json()["n"] == recorded.json()["n"], "n differs"


@pytest.mark.parametrize("function", [same_n, asserted_n])
def test_the_first_unused_recording_that_it_accepts_answers(function):
    first, second, third, fourth = take(function, {"n": 2}, {"n": 1, "who": "c"}, {"n": 1}, {"n": 3})
    assert (first, second) == (1, 0)
    assert isinstance(third, Miss)
    assert isinstance(fourth, Miss)  # what another path answers is not offered to it


def test_a_miss_names_the_function_its_reason_and_what_differs():
    (miss,) = take(asserted_n, {"n": 5, "who": "a"})
    assert miss == Miss(
        "inspector: asserted_n (n differs) takes no unused recording for this request. The nearest is "
        "0.jsonl: body.n is 5, recorded was 1.",
        ("body.n is 5, recorded was 1",),
    )
    (miss,) = take(lambda *_: False, {"n": 1, "who": "a"})
    assert "<lambda> takes no unused recording" in miss.message
    assert "its body is the same, apart from metadata" in miss.message


def test_both_requests_have_the_same_attributes():
    seen = []

    def look(request, recorded):
        seen.append([(each.method, each.headers, each.body, each.url) for each in (request, recorded)])

    take(look, {"n": 1})
    ours, theirs = seen[0]
    assert ours == ("POST", {"x-team": "a"}, b'{"n": 1}', "/v1/messages")
    assert theirs == ("POST", {"x-team": "a"}, b'{"n": 1, "who": "a"}', URL)


def test_an_error_in_the_function_is_said():
    (miss,) = take(lambda request, _: request.json()["nothing"], {"n": 1})
    assert miss.message == "inspector: match=<lambda> raised KeyError: 'nothing'"
