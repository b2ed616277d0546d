"""Which recording answers which request, and why none does."""

from __future__ import annotations

import json
import time

import pytest

from inspector import Head, Request, UsageError
from inspector.play.matching import MATCHES, Matcher, Miss, differences, parsed
from inspector.play.received import IncomingRequest, ReceivedRequest

URL = "https://api.anthropic.com/v1/messages"


def head(body=None, url=URL, method="POST"):
    return Head("", Request(method, url, {}, None if body is None else json.dumps(body).encode()))


def ask(body=None, url="http://127.0.0.1:8000/v1/messages", method="POST"):
    text = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
    return IncomingRequest(method, url, text)


def take(match, heads, *requests):
    """What each request gets, one after another."""
    matcher = Matcher(match, [f"{number}.jsonl" for number in range(len(heads))])
    return [matcher.take(request, heads, parsed(request.body)) for request in requests]


def only_miss(match, heads, request):
    (answer,) = take(match, heads, request)
    assert isinstance(answer, Miss)
    return answer.message


def test_there_are_five_named_ways_to_match():
    assert MATCHES == ("order", "request", "body", "name", "any")


def test_in_order_each_recording_answers_once_whatever_the_body():
    heads = [head({"n": 1}), head({"n": 2})]
    first, second, third = take("order", heads, ask({"n": 2}), ask(b"not json"), ask({"n": 1}))
    assert (first, second) == (0, 1)
    assert isinstance(third, Miss)


def test_by_body_the_first_unused_recording_of_the_same_body_answers():
    heads = [head({"n": 1}), head({"n": 2}), head({"n": 1})]
    one, two = ask({"n": 1}), ask({"n": 2})
    answers = take("body", heads, two, one, one, one)
    assert answers[:3] == [1, 0, 2]
    assert isinstance(answers[3], Miss)


@pytest.mark.parametrize(
    "recorded, received",
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
def test_equal_bodies_match(recorded, received):
    assert take("body", [head(recorded)], ask(received)) == [0]


DIFFERENCES = [
    ({"a": 1}, {"a": 2}, "body.a is 2, recorded was 1"),
    ({"a": 1}, {"a": 1.0}, "body.a is 1.0, recorded was 1"),
    ({"a": 1}, {"a": True}, "body.a is true, recorded was 1"),
    ({"a": None}, {}, "body.a is missing, recorded was null"),
    ({}, {"a": "x"}, 'body.a is "x", recorded was nothing'),
    ({"m": [{"c": "hi"}]}, {"m": [{"c": "ho"}]}, 'body.m[0].c is "ho", recorded was "hi"'),
    ({"m": [1]}, {"m": [1, 2]}, "body.m has 2 items, recorded were 1"),
    ({"m": {"metadata": 1}}, {"m": {"metadata": 2}}, "body.m.metadata is 2, recorded was 1"),
    ({"a": 1}, b"no json", 'body is "no json", recorded was {"a":1}'),
    ({"a": 1}, b"\xff", 'body is "\ufffd", recorded was {"a":1}'),
    ({"a": "x" * 99}, {"a": "y"}, f'body.a is "y", recorded was "{"x" * 58}…'),
    ({"a": "***"}, {"a": "abc"}, 'body.a is "abc", recorded was "***"'),
    ({"a": "*" * 9 + "."}, {"a": "a" * 9}, f'body.a is "{"a" * 9}", recorded was "{"*" * 9}."'),
    ({"a": 1}, {"a": "sk-ant-0123456789"}, 'body.a is "sk-ant-**********", recorded was 1'),
    (None, {"a": 1}, 'body is {"a":1}, recorded was null'),
]


@pytest.mark.parametrize("recorded, received, text", DIFFERENCES)
def test_the_miss_says_what_differs(recorded, received, text):
    assert only_miss("body", [head(recorded)], ask(received)) == (
        f"inspector: this request is in no recording. The nearest is 0.jsonl: {text}. "
        "Record this request, or send the recorded one."
    )


@pytest.mark.parametrize("recorded, received, text", DIFFERENCES)
def test_differences_are_the_same_for_a_request_of_any_kind(recorded, received, text):
    method, url, body, headers = ask(received)
    for request in (Request(method, url, {}, body), ReceivedRequest(1, method, url, tuple(headers), body)):
        assert list(differences(request, head(recorded).request)) == [text]


def test_a_recorded_request_has_no_differences_from_itself():
    assert list(differences(head({"a": 1}).request, head({"a": 1}).request)) == []
    assert list(differences(head().request, head().request)) == []


def test_of_several_the_nearest_is_named_with_at_most_five_differences():
    heads = [head({"a": 1, "b": 1}), head({"a": 1, "b": 2}), head({"a": 9, "b": 9})]
    assert "The nearest is 1.jsonl: body.a is 2, recorded was 1." in only_miss(
        "body", heads, ask({"a": 2, "b": 2})
    )
    many = dict.fromkeys("abcdefgh", 1)
    message = only_miss("body", [head(many)], ask(dict.fromkeys(many, 2)))
    assert message.count("recorded was") == 5


@pytest.mark.parametrize("match", ["order", "body"])
@pytest.mark.parametrize(
    "request_, text",
    [
        (ask({}, method="GET"), "method is GET, recorded was POST"),
        (
            ask({}, "http://x/v1/messages/count_tokens"),
            "path is /v1/messages/count_tokens, recorded was /v1/messages",
        ),
        (ask({}, "http://x/v1/models"), "path is /v1/models, recorded was /v1/messages"),
    ],
)
def test_another_method_or_endpoint_is_a_miss_and_uses_nothing_up(match, request_, text):
    answers = take(match, [head({})], request_, ask({}))
    assert f": {text}. Record this request" in answers[0].message
    assert answers[1] == 0


def test_in_order_the_miss_names_the_next_recording():
    assert only_miss("order", [head({})], ask({}, method="GET")) == (
        "inspector: the next recording, 0.jsonl, is for another request: method is GET, recorded was POST. "
        "Record this request, or send the recorded one."
    )


@pytest.mark.parametrize(
    "recorded, received",
    [
        (URL, "http://127.0.0.1:1/v1/messages"),
        (URL, "http://gateway.test/team/anthropic/v1/messages?beta=true"),
        ("http://gateway.test/team/anthropic/v1/messages/", URL),
        ("http://odd.test/messages", URL),
        ("", URL),
    ],
)
def test_a_gateways_own_part_of_a_url_does_not_matter(recorded, received):
    assert take("order", [head({}, recorded)], ask({}, received)) == [0]


@pytest.mark.parametrize("match", ["order", "body"])
def test_when_all_were_played_the_miss_says_so_and_what_to_do(match):
    request = ask({}, URL + "?beta=true")
    assert take(match, [head({})], request, request)[1].message == (
        "inspector: no recording left for POST /v1/messages: 0.jsonl was already played. "
        "Pass loop=True (--loop), or record another."
    )
    many = take(match, [head({})] * 7, *[request] * 8)[7].message
    assert ": all 7 recordings were already played (0.jsonl, 1.jsonl, 2.jsonl, 3.jsonl, 4.jsonl, …). " in many


def test_an_unknown_way_to_match_is_refused():
    with pytest.raises(
        UsageError, match="match='url' is not known; known are order, request, body, name, any"
    ):
        Matcher("url", ["0.jsonl"])


def test_what_was_handed_out_before_counts_as_used():
    heads = [head({})] * 3
    matcher = Matcher("order", ["a", "b", "c"], used=1)
    assert [matcher.take(ask({}), heads, {}) for _ in range(2)] == [1, 2]
    assert isinstance(matcher.take(ask({}), heads, {}), Miss)
    matcher = Matcher("order", ["a", "b", "c"], used=1, loop=True)
    assert [matcher.take(ask({}), heads, {}) for _ in range(4)] == [1, 2, 0, 1]


def test_what_was_never_handed_out_is_unused():
    matcher = Matcher("body", ["a", "b", "c"])
    matcher.take(ask({"n": 1}), [head({"n": n}) for n in range(3)], {"n": 1})
    assert matcher.unused == ["a", "c"]


MANY = 490_000
HOSTILE = {
    "one long text": b'{"a":"' + b"x" * 8_000_000 + b'"}',
    "keys to mask": b'{"a":"' + b"sk-ant-api03-abcdefgh " * 300_000 + b'"}',
    "many members": b"{" + b",".join(b'"%d":1' % number for number in range(MANY)) + b"}",
    "many arrays": b"[" + b"[]," * (MANY // 2) + b"1]",
    "more values than are parsed": b"[" + b"[]," * 2_000_000 + b"1]",
    "not JSON at its end": b"[" + b"1," * MANY,
    "990 deep": b'{"a":' * 990 + b"1" + b"}" * 990,
    "5,000 deep": b"[" * 5000 + b"]" * 5000,
    "lone surrogates": b'["\\ud800",' + b"1," * (MANY // 2) + b"1]",
}


@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE)
def test_a_body_that_is_in_none_of_200_recordings_is_explained_in_a_short_time(body):
    text = [{"role": "user", "content": "hello " * 2000}]
    heads = [head({"key": "*" * 20, "messages": text, "n": number}) for number in range(200)]
    matcher = Matcher("body", [f"{number}.jsonl" for number in range(200)])
    matcher.take(ask(b""), heads, None)
    begun = time.thread_time()
    miss = matcher.take(ask(body), heads, parsed(body))
    assert time.thread_time() - begun < 3.0  # 0.4 at most on an idle machine, and 35 when nothing was bounded
    assert "Of the 32 that are most like it in size, the nearest is " in miss.message
    assert len(miss.message) < 1000


@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE)
def test_the_same_body_is_found_however_large_or_deep_it_is(body):
    heads = [head({}), Head("", Request("POST", URL, {}, body))]
    assert take("body", heads, ask(body)) == [1]


def test_bodies_that_only_their_spelling_tells_apart_match():
    assert take("body", [head({"a": 0.0})], ask(b'{"a":-0.0}')) == [0]


def test_where_large_bodies_differ_may_be_beyond_what_is_compared():
    one = [0] * 6000
    message = only_miss("body", [head(one)], ask([*one[:-1], 1]))
    assert "The nearest is 0.jsonl: the bodies are too large to say where they differ. Record" in message
