"""Which recording a request comes nearest to."""

from __future__ import annotations

import json

from inspector import Head, Request
from inspector.play.nearest import nearest
from inspector.play.received import IncomingRequest
from inspector.views.comparison import WHOLE

URL = "https://api.anthropic.com/v1/messages"


def heads(*bodies, url=URL):
    return [Head("", Request("POST", url, {}, json.dumps(body).encode())) for body in bodies]


def near(recorded, body):
    request = IncomingRequest("POST", "/v1/messages", json.dumps(body).encode())
    return nearest(request, body, recorded, range(len(recorded)), WHOLE)


def test_the_one_with_the_fewest_differences_is_the_nearest():
    closest = near(heads({"a": 1, "b": 1}, {"a": 1, "b": 2}, {"a": 9, "b": 9}), {"a": 2, "b": 2})
    assert (closest.position, [str(each) for each in closest.differences]) == (
        1,
        ["body.a is 2, recorded was 1"],
    )
    assert (closest.complete, closest.among) == (True, None)


def test_another_path_is_further_away_than_another_body():
    recorded = [*heads({"a": 1}, url=f"{URL}/count_tokens"), *heads({"b": 2, "c": 3})]
    assert near(recorded, {"a": 1}).position == 1


def test_of_many_only_the_nearest_in_size_are_compared():
    closest = near(heads(*({"text": "x" * number} for number in range(100))), {"text": "y" * 70})
    assert (closest.position, closest.among) == (54, 32) or closest.among == 32


def test_what_was_not_compared_is_said():
    one = [0] * 6000
    closest = near(heads(one), [*one[:-1], 1])
    assert (closest.differences, closest.complete) == ([], False)
