"""The texts that people read when no recording answers: what is wrong, and what to do."""

from __future__ import annotations

import pytest

from inspector.play import misses

MANY = [f"{letter}.jsonl" for letter in "abcdefgh"]
TEXTS = {
    "one is used up": (
        misses.exhausted("POST", "/v1/messages", ["hello.jsonl"]),
        "no recording left for POST /v1/messages: hello.jsonl was already played. "
        "Pass loop=True (--loop), or record another.",
    ),
    "many are used up": (
        misses.exhausted("POST", "/v1/messages", MANY),
        "no recording left for POST /v1/messages: all 8 recordings were already played (a.jsonl, b.jsonl, "
        "c.jsonl, d.jsonl, e.jsonl, …). Pass loop=True (--loop), or record another.",
    ),
    "another is next": (
        misses.another_request("a.jsonl", ["method is GET, recorded was POST"]),
        "the next recording, a.jsonl, is for another request: method is GET, recorded was POST. "
        "Record this request, or send the recorded one.",
    ),
    "another body": (
        misses.unrecorded_body("a.jsonl", list("123456")),
        "this request is in no recording. The nearest is a.jsonl: 1; 2; 3; 4; 5. "
        "Record this request, or send the recorded one.",
    ),
    "another name": (
        misses.no_such_name("x", ["dir/a.jsonl#1", "dir/a.jsonl#2", "b.jsonl"], "x-name"),
        "no recording is called 'x'. Known are a, b. Name one in the header x-name, or as the model.",
    ),
    "no name": (
        misses.no_such_name("", ["a.jsonl"], "x-name"),
        "this request names no recording. Known are a. Name one in the header x-name, or as the model.",
    ),
    "another path": (
        misses.unknown_path("POST", "/x", {"/v1/messages", "/a"}),
        "no recording is for POST /x. Recorded paths are /a, /v1/messages. "
        "Give the client a base URL without a path.",
    ),
    "no v1": (
        misses.unknown_path("POST", "/messages", {"/v1/messages"}),
        "no recording is for POST /messages. Recorded paths are /v1/messages. "
        "This client puts no /v1 before its paths: end its base URL with /v1.",
    ),
    "strict": (
        misses.made_up_refused("GET", "/v1/models", "list of models"),
        "no recording answers GET /v1/models, and strict forbids making up the list of models. "
        "Record this request, or leave strict out.",
    ),
    "unplayable": (
        misses.unplayable(OSError("a.jsonl: gone")),
        "a recording cannot be played: a.jsonl: gone",
    ),
}


@pytest.mark.parametrize("why", TEXTS)
def test_a_miss_says_what_is_wrong_and_what_to_do(why):
    text, expected = TEXTS[why]
    assert text == f"inspector: {expected}"
