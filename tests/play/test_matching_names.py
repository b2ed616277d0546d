"""The ways to choose that need no order: by name, any, and beginning again."""

from __future__ import annotations

import json

import pytest

from inspector import Head, Request
from inspector.play.matching import Asked, Matcher, Miss

URL = "https://api.anthropic.com/v1/messages"


def head(body=None, url=URL):
    return Head("", Request("POST", url, {}, None if body is None else json.dumps(body).encode()))


def ask(body=None, url=URL, name=None):
    return Asked("POST", url, b"" if body is None else json.dumps(body).encode(), name)


NAMES = [
    "recordings/hello.jsonl",
    "recordings/session.jsonl#1",
    "recordings/session.jsonl#2",
    "x/hello.jsonl",
]
HEADS = [head({"n": number}) for number in range(4)]


@pytest.mark.parametrize(
    "name, taken",
    [
        ("hello", [0, 3, 0]),
        ("hello.jsonl", [0, 3, 0]),
        ("x/hello", [3, 3, 3]),
        ("session", [1, 2, 1]),
        ("recordings/session", [1, 2, 1]),
        ("session#2", [2, 2, 2]),
    ],
)
def test_a_recording_answers_to_its_name_as_often_as_it_is_named(name, taken):
    matcher = Matcher("name", NAMES)
    assert [matcher.take(ask(name=name), HEADS) for _ in taken] == taken
    assert matcher.take(ask({"model": name}), HEADS) in taken


@pytest.mark.parametrize(
    "asked", [ask(name="nope"), ask({"model": "nope"}), ask({"model": "nope"}, name=None)]
)
def test_a_name_that_none_has_is_told_with_those_there_are(asked):
    miss = Matcher("name", NAMES).take(asked, HEADS)
    assert miss == Miss(
        "inspector: no recording is called 'nope'; there are hello, session. "
        "Name one in the header x-inspector-recording or as the model."
    )


@pytest.mark.parametrize("asked", [ask(), ask(["model"]), ask({"model": 1})])
def test_no_name_is_a_miss(asked):
    assert isinstance(Matcher("name", NAMES).take(asked, HEADS), Miss)


def test_any_is_the_next_one_whatever_is_asked():
    matcher = Matcher("any", NAMES[:2])
    assert [matcher.take(ask(url=f"http://h/{n}"), HEADS) for n in range(2)] == [0, 1]
    assert "all 2 recordings have been played" in matcher.take(ask(), HEADS).message


@pytest.mark.parametrize("match", ["order", "any"])
def test_a_loop_begins_again(match):
    matcher = Matcher(match, NAMES[:3], loop=True)
    assert [matcher.take(ask(), HEADS) for _ in range(7)] == [0, 1, 2, 0, 1, 2, 0]


def test_a_loop_by_body_takes_those_of_the_same_body_in_turn():
    heads = [head({"n": 1}), head({"n": 2}), head({"n": 1})]
    matcher = Matcher("body", NAMES[:3], loop=True)
    taken = [matcher.take(ask({"n": n}), heads) for n in (1, 1, 2, 1, 2, 1)]
    assert taken == [0, 2, 1, 0, 1, 2]
