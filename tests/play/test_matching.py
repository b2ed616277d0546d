"""Which recording answers which request, and what is said where none does."""

from __future__ import annotations

import json
import threading

import pytest

from inspector import Head, Request
from inspector.play.matching import MATCHES, Asked, Matcher, Miss

URL = "https://api.anthropic.com/v1/messages"


def head(body=None, url=URL, method="POST"):
    return Head("", Request(method, url, {}, None if body is None else json.dumps(body).encode()))


def ask(body=None, url="http://127.0.0.1:8000/v1/messages", method="POST"):
    text = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
    return Asked(method, url, text)


def take(match, heads, *asked):
    """What each request gets, one after another."""
    matcher = Matcher(match, [f"{number}.jsonl" for number in range(len(heads))])
    return [matcher.take(one, heads) for one in asked]


def only_miss(match, heads, asked):
    (answer,) = take(match, heads, asked)
    assert isinstance(answer, Miss)
    return answer.message


def test_there_are_four_ways_to_match():
    assert MATCHES == ("order", "body", "name", "any")


def test_in_order_each_recording_answers_once_whatever_the_body():
    heads = [head({"n": 1}), head({"n": 2})]
    first, second, third = take("order", heads, ask({"n": 2}), ask(b"not json"), ask({"n": 1}))
    assert (first, second) == (0, 1)
    assert isinstance(third, Miss)


def test_by_body_the_first_unused_recording_that_was_asked_the_same_answers():
    heads = [head({"n": 1}), head({"n": 2}), head({"n": 1})]
    one, two = ask({"n": 1}), ask({"n": 2})
    answers = take("body", heads, two, one, one, one)
    assert answers[:3] == [1, 0, 2]
    assert isinstance(answers[3], Miss)


@pytest.mark.parametrize(
    "recorded, asked",
    [
        ({"a": 1, "b": [1, {"c": None}]}, b' { "b" : [1,\n{"c":null}] , "a" : 1 } '),
        ({"text": "é/"}, b'{"text":"\\u00e9\\/"}'),
        ({"text": "é"}, '{"text":"é"}'.encode()),
        ({"a": 1}, b'{"a":1,"metadata":{"user_id":"new"}}'),
        ({"a": 1, "metadata": {"user_id": "old"}}, b'{"a":1}'),
        (None, b""),
        ({"text": "my key is sk-ant-**********.\n"}, b'{"text":"my key is sk-ant-0123456789.\\n"}'),
    ],
    ids=["order and spacing", "escapes", "no escapes", "metadata came", "metadata went", "no body", "masked"],
)
def test_bodies_that_say_the_same_match(recorded, asked):
    assert take("body", [head(recorded)], ask(asked)) == [0]


@pytest.mark.parametrize(
    "recorded, asked, words",
    [
        ({"a": 1}, {"a": 2}, "body.a is 1, asked was 2"),
        ({"a": 1}, {"a": 1.0}, "body.a is 1, asked was 1.0"),
        ({"a": 1}, {"a": True}, "body.a is 1, asked was true"),
        ({"a": None}, {}, "body.a is null, asked was nothing"),
        ({}, {"a": "x"}, 'body.a is absent, asked was "x"'),
        ({"m": [{"c": "hi"}]}, {"m": [{"c": "ho"}]}, 'body.m[0].c is "hi", asked was "ho"'),
        ({"m": [1]}, {"m": [1, 2]}, "body.m has 1 items, asked were 2"),
        ({"m": {"metadata": 1}}, {"m": {"metadata": 2}}, "body.m.metadata is 1, asked was 2"),
        ({"a": 1}, b"no json", 'body is {"a":1}, asked was "no json"'),
        ({"a": 1}, b"\xff", 'body is {"a":1}, asked was "\ufffd"'),
        ({"a": "x" * 99}, {"a": "y"}, f'body.a is "{"x" * 58}…, asked was "y"'),
        ({"a": "***"}, {"a": "abc"}, 'body.a is "***", asked was "abc"'),
        ({"a": "*" * 9 + "."}, {"a": "a" * 9}, f'body.a is "{"*" * 9}.", asked was "{"a" * 9}"'),
        ({"a": 1}, {"a": "sk-ant-0123456789"}, 'body.a is 1, asked was "sk-ant-**********"'),
        (None, {"a": 1}, 'body is null, asked was {"a":1}'),
    ],
)
def test_the_difference_is_told(recorded, asked, words):
    message = only_miss("body", [head(recorded)], ask(asked))
    assert message == (
        f"inspector: no recording has this request. Nearest is 0.jsonl, where {words}. "
        "Record this request, or make the same one."
    )


def test_of_several_the_nearest_is_told_and_at_most_five_differences():
    heads = [head({"a": 1, "b": 1}), head({"a": 1, "b": 2}), head({"a": 9, "b": 9})]
    assert "Nearest is 1.jsonl, where body.a is 1, asked was 2." in only_miss(
        "body", heads, ask({"a": 2, "b": 2})
    )
    many = dict.fromkeys("abcdefgh", 1)
    message = only_miss("body", [head(many)], ask(dict.fromkeys(many, 2)))
    assert message.count("asked was") == 5


@pytest.mark.parametrize("match", ["order", "body"])
@pytest.mark.parametrize(
    "asked, words",
    [
        (ask({}, method="GET"), "method is POST, asked was GET"),
        (
            ask({}, "http://x/v1/messages/count_tokens"),
            "path is /v1/messages, asked was /v1/messages/count_tok",
        ),
        (ask({}, "http://x/v1/models"), "path is /v1/messages, asked was /v1/models"),
    ],
)
def test_another_method_or_endpoint_is_not_answered_and_uses_nothing_up(match, asked, words):
    answers = take(match, [head({})], asked, ask({}))
    assert words in answers[0].message
    assert answers[1] == 0


@pytest.mark.parametrize(
    "recorded, asked",
    [
        (URL, "http://127.0.0.1:1/v1/messages"),
        (URL, "http://gateway.test/team/anthropic/v1/messages?beta=true"),
        ("http://gateway.test/team/anthropic/v1/messages/", URL),
        ("http://odd.test/messages", URL),
        ("", URL),
    ],
)
def test_a_gateways_own_part_of_a_url_does_not_matter(recorded, asked):
    assert take("order", [head({}, recorded)], ask({}, asked)) == [0]


@pytest.mark.parametrize("match", ["order", "body"])
def test_when_all_are_played_it_says_so_and_what_to_do(match):
    asked = ask({})
    assert take(match, [head({})], asked, asked)[1].message == (
        "inspector: no recording is left for POST /v1/messages: the recording has been played (0.jsonl). "
        "Add a recording for this request, or find out why it is made."
    )
    many = take(match, [head({})] * 7, *[asked] * 8)[7].message
    assert "all 7 recordings have been played (0.jsonl, 1.jsonl, 2.jsonl, 3.jsonl, 4.jsonl, …)." in many


@pytest.mark.parametrize("match", ["order", "body"])
def test_many_threads_get_each_recording_once(match):
    count = 200
    heads = [head({})] * count
    matcher = Matcher(match, ["r"] * count)
    taken = []
    together = threading.Barrier(8)

    def work():
        together.wait(10)
        for _ in range(count // 8 + 5):
            taken.append(matcher.take(ask({}), heads))

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(one for one in taken if isinstance(one, int)) == list(range(count))
    assert sum(isinstance(one, Miss) for one in taken) == 40


def test_a_request_that_comes_while_another_is_being_matched_gets_another_recording():
    taken = []

    class Heads(list):
        """Has a second request come in the middle of the first."""

        other = None

        def __getitem__(self, position):
            if self.other is None:
                self.other = threading.Thread(target=lambda: taken.append(matcher.take(ask({}), heads)))
                self.other.start()
                self.other.join(0.05)
            return super().__getitem__(position)

    heads = Heads([head({}), head({})])
    matcher = Matcher("order", ["0.jsonl", "1.jsonl"])
    taken.append(matcher.take(ask({}), heads))
    heads.other.join(10)
    assert sorted(taken) == [0, 1]
