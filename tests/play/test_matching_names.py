"""The ways to choose that need no order: by name, and any; and a loop."""

from __future__ import annotations

import json

import pytest

from inspector import Head, Request
from inspector.play.matching import Matcher, Miss, parsed
from inspector.play.received import IncomingRequest

URL = "https://api.anthropic.com/v1/messages"


def head(body=None, url=URL):
    return Head("", Request("POST", url, {}, None if body is None else json.dumps(body).encode()))


def ask(body=None, url=URL, name=None):
    headers = [(b"x-inspector-recording", name.encode())] if name else []
    return IncomingRequest("POST", url, b"" if body is None else json.dumps(body).encode(), headers)


def take(matcher, request, heads):
    return matcher.take(request, heads, parsed(request.body))


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
    assert [take(matcher, ask(name=name), HEADS) for _ in taken] == taken
    assert take(matcher, ask({"model": name}), HEADS) in taken


@pytest.mark.parametrize("ending", [".jsonl", ".sse", ".jsonl.gz", ".sse.zst"])
def test_a_name_needs_no_ending_of_any_readable_file(ending):
    matcher = Matcher("name", [f"a/one{ending}", f"a/two{ending}#1", f"a/two{ending}#2"])
    for name, position in {"one": 0, f"one{ending}": 0, "a/two#2": 2}.items():
        assert take(matcher, ask(name=name), HEADS[:3]) == position
    assert "Known are one, two. " in take(matcher, ask(name="nope"), HEADS[:3]).message


@pytest.mark.parametrize("request_", [ask(name="nope"), ask({"model": "nope"})])
def test_the_miss_for_an_unknown_name_lists_the_known_ones(request_):
    assert take(Matcher("name", NAMES), request_, HEADS) == Miss(
        "inspector: no recording is called 'nope'. Known are hello, session. "
        "Name one in the header x-inspector-recording, or as the model."
    )


@pytest.mark.parametrize("request_", [ask(), ask(["model"]), ask({"model": 1})])
def test_a_request_without_a_name_is_a_miss(request_):
    miss = take(Matcher("name", NAMES), request_, HEADS)
    assert miss.message.startswith("inspector: this request names no recording. Known are hello, session. ")


def test_any_is_the_next_one_whatever_the_request():
    matcher = Matcher("any", NAMES[:2])
    assert [take(matcher, ask(url=f"http://h/{n}"), HEADS) for n in range(2)] == [0, 1]
    assert "all 2 recordings were already played" in take(matcher, ask(), HEADS).message


@pytest.mark.parametrize("match", ["order", "any"])
def test_a_loop_begins_again(match):
    matcher = Matcher(match, NAMES[:3], loop=True)
    assert [take(matcher, ask(), HEADS) for _ in range(7)] == [0, 1, 2, 0, 1, 2, 0]


@pytest.mark.parametrize("match", ["order", "any"])
def test_a_loop_repeats_nothing_that_answers_once(match):
    matcher = Matcher(match, NAMES[:3], loop=True, once=[0])
    assert [take(matcher, ask(), HEADS) for _ in range(6)] == [0, 1, 2, 1, 2, 1]
    matcher = Matcher(match, NAMES[:3], loop=True, once=[0], used=1)
    assert [take(matcher, ask(), HEADS) for _ in range(4)] == [1, 2, 1, 2]


def test_by_any_of_its_names_a_recording_that_answers_once_does():
    matcher = Matcher("name", NAMES, once=[0])
    names = ["recordings/hello", "hello", "hello", "x/hello"]
    assert [take(matcher, ask(name=name), HEADS) for name in names] == [0, 3, 3, 3]
    assert "recordings/hello, which was already played" in take(matcher, ask(name=names[0]), HEADS).message


def test_a_loop_by_body_takes_those_of_the_same_body_in_turn():
    heads = [head({"n": 1}), head({"n": 2}), head({"n": 1})]
    matcher = Matcher("body", NAMES[:3], loop=True)
    taken = [take(matcher, ask({"n": n}), heads) for n in (1, 1, 2, 1, 2, 1)]
    assert taken == [0, 2, 1, 0, 1, 2]
    matcher = Matcher("body", NAMES[:3], loop=True, once=[0])
    assert [take(matcher, ask({"n": 1}), heads) for _ in range(4)] == [0, 2, 2, 2]
