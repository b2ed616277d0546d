"""Answers that no recording holds: errors, guesses, and the head of a response."""

from __future__ import annotations

import json

import pytest
from small_recordings import small, stream

from inspector import End, Ending, Head, Recording, Request
from inspector.play.made_up import MADE_UP_HEADER, error_answer, json_answer, made_up, without_body
from inspector.play.sources import Source

COUNT = "/v1/messages/count_tokens"
HEADS = [stream(model="a").head, Head("", Request("POST", body=b"[]")), Head("", Request("GET"))]


def value(source):
    return json.loads(source.recording().body)


@pytest.mark.parametrize("body, tokens", [(b"", 1), (b"x" * 7, 1), (b"x" * 400, 100)])
def test_a_token_count_is_a_guess_from_the_size_and_says_so(body, tokens):
    source, what = made_up("POST", COUNT, body, ())
    assert (value(source), what) == ({"input_tokens": tokens}, "token count")
    assert source.head.response.headers[MADE_UP_HEADER] == what


def test_tools_count_too():
    plain = {"model": "m", "messages": [{"role": "user", "content": "Hi"}]}
    tools = {**plain, "tools": [{"name": "f", "input_schema": {"type": "object"}}]}
    less, more = (
        value(made_up("POST", COUNT, json.dumps(body).encode(), ()).source) for body in (plain, tools)
    )
    assert less["input_tokens"] < more["input_tokens"]


def test_the_models_are_those_that_requests_name():
    source, what = made_up("GET", "/v1/models", b"", HEADS)
    model = {"type": "model", "id": "a", "display_name": "a", "created_at": "1970-01-01T00:00:00Z"}
    assert value(source) == {"data": [model], "has_more": False, "first_id": "a", "last_id": "a"}
    assert what == "list of models"
    assert value(made_up("GET", "/v1/models/a", b"", HEADS).source) == model
    assert made_up("GET", "/v1/models/a", b"", HEADS).what == "model"


def test_without_a_model_the_list_is_empty():
    source, _ = made_up("GET", "/v1/models", b"", ())
    assert value(source) == {"data": [], "has_more": False, "first_id": None, "last_id": None}


@pytest.mark.parametrize(
    "method, path",
    [
        ("GET", COUNT),
        ("POST", "/v1/models"),
        ("GET", "/v1/models/b"),
        ("GET", "/v1/modelsx"),
        ("POST", "/v1/messages"),
        ("GET", "/"),
    ],
)
def test_nothing_else_is_made_up(method, path):
    assert made_up(method, path, b"", HEADS) is None


@pytest.mark.parametrize("status, kind", [(404, "not_found_error"), (500, "api_error")])
def test_an_error_has_the_apis_shape_and_is_not_to_be_retried(status, kind):
    source = error_answer(status, "why")
    assert value(source) == {"type": "error", "error": {"type": kind, "message": "why"}}
    assert source.head.response.status == status
    assert source.head.response.headers["x-should-retry"] == "false"


def test_a_json_answer_comes_whole_and_at_once():
    recording = json_answer(418, {"a": "é"}, {"x": "y"}).recording()
    assert recording.body == '{"a":"é"}'.encode()
    assert recording.response.headers == {
        "content-type": "application/json",
        "content-length": "10",
        "x": "y",
    }
    assert (recording.response.status, recording.response.t) == (418, 0.0)
    assert recording.end == End(0.0, Ending.COMPLETE)


def test_the_answer_to_head_is_the_head_at_its_time():
    source = Source.of(small(b"abc", headers={"content-length": "3"}), "name")
    headless = without_body(source).recording()
    assert (headless.response, headless.body) == (source.head.response, b"")
    assert headless.end == End(0.5, Ending.COMPLETE)


def test_the_answer_to_head_may_be_a_broken_connection():
    source = Source.of(Recording(Head("", Request("GET")), (), End(1.0, Ending.RESET)))
    assert without_body(source) is source
