"""Recordings are found by what their requests' bodies say."""

from __future__ import annotations

import json

import pytest

from inspector import Head, Request
from inspector.play.bodies import Bodies, parsed
from inspector.play.received import IncomingRequest
from inspector.views.comparison import QUESTION, WHOLE

URL = "https://api.anthropic.com/v1/messages"
ASK = {"model": "claude-haiku-4-5", "messages": [{"role": "user", "content": "Hi"}]}


def head(body=None, url=URL):
    return Head("", Request("POST", url, {}, None if body is None else json.dumps(body).encode()))


def find(bodies, body, comparison=WHOLE):
    request = IncomingRequest("POST", URL, json.dumps(body).encode())
    return bodies.find(request, comparison.value(body)), bodies.played(request, comparison.value(body))


def test_each_is_found_until_it_is_used_and_then_known_as_played():
    bodies = Bodies([head(ASK), head(ASK)], [0, 1], WHOLE)
    assert find(bodies, ASK) == (0, None)
    bodies.use(0, again=False)
    assert find(bodies, ASK) == (1, 0)
    bodies.use(1, again=True)
    assert find(bodies, ASK) == (1, 1)


def test_a_recording_without_a_body_answers_any_question_of_its_path_but_last():
    heads = [head(), head(ASK), head(url=f"{URL}/count_tokens")]
    bodies = Bodies(heads, range(3), QUESTION)
    assert find(bodies, ASK, QUESTION)[0] == 1
    assert find(bodies, {**ASK, "messages": []}, QUESTION)[0] == 0
    assert find(Bodies(heads, range(3), WHOLE), {"messages": []})[0] is None


@pytest.mark.parametrize("body, value", [(b"", None), (b"{", None), (b"[1]", [1]), (b"1," * 600_000, None)])
def test_a_body_is_parsed_if_it_is_json_of_a_bearable_size(body, value):
    assert parsed(body) == value
