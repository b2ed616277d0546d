"""The laws of matching by request: its own recording answers a request, and another question is a miss."""

from __future__ import annotations

import json
import re
import warnings

import pytest
from conftest import ROOT
from hypothesis import given, settings
from hypothesis import strategies as st

from inspector import RecordingWarning, load_all
from inspector.play.player import Player
from inspector.play.received import IncomingRequest
from inspector.play.sources import Source
from inspector.protocol import is_side_traffic
from inspector.recording import recording_paths


def recordings():
    """The bundled recordings, one for each request."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RecordingWarning)  # one is torn
        every = [each for path in recording_paths([ROOT / "recordings"]) for each in load_all(path)]
    return {(each.request.url, each.request.body): each for each in every if each.request.body}.values()


SOURCES = [Source.of(recording, f"{number}.jsonl") for number, recording in enumerate(recordings())]


def request_of(source):
    request = source.head.request
    return IncomingRequest(request.method, request.url, request.body)


def test_the_bundled_recordings_ask_several_questions():
    assert len(SOURCES) > 5
    assert not any(is_side_traffic(each.head.request.method, each.head.request.url) for each in SOURCES)


@settings(deadline=None)
@given(st.permutations(SOURCES), st.sampled_from(["request", "body"]))
def test_every_request_is_answered_by_its_own_recording_in_any_order(order, match):
    player = Player(SOURCES, match=match, strict=True)
    answers = [player.answer(request_of(source)) for source in order]
    for source, answer in zip(order, answers, strict=True):
        asked, played = json.loads(source.head.request.body), json.loads(answer_head(answer).body)
        assert (asked["messages"], asked.get("stream")) == (played["messages"], played.get("stream"))
        if match == "body":
            assert answer.recording == source.name
    assert (player.unused, player.misses) == ([], [])


def answer_head(answer):
    return next(source for source in SOURCES if source.name == answer.recording).head.request


def texts(value, path="body"):
    """The path of every text that a user wrote, and how to replace it."""
    if isinstance(value, dict):
        for key, member in value.items():
            yield from texts(member, f"{path}.{key}")
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from texts(item, f"{path}[{index}]")
    elif isinstance(value, str) and re.search(r"\.(content|text)$", path):
        yield path, value


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.name)
def test_another_question_is_a_miss_that_names_the_path(source):
    body = json.loads(source.head.request.body)
    for path, text in texts({"messages": body["messages"]}):
        changed = json.dumps(body).replace(json.dumps(text), json.dumps("Another question?"))
        answer = Player([source], match="request").answer(request_of(source)._replace(body=changed.encode()))
        assert answer.recording is None
        named = [each.split(" ")[0] for each in answer.differences]
        assert any(path.startswith(each) for each in named), (path, answer.miss)
