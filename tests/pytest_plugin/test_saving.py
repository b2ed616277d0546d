"""A file is written if it says something new, and the summary says what it holds."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from conftest import ROOT
from small_recordings import small

from inspector import load, load_all
from inspector.pytest_plugin._saving import Summary, save_changed

TOOL = load(ROOT / "recordings/tool_use.jsonl")
HELLO = load(ROOT / "recordings/hello.jsonl")
JSON = {"content-type": "application/json"}


def count(body, **options):
    return small(body, headers=JSON, url="https://api.anthropic.com/v1/messages/count_tokens", **options)


def test_a_new_file_is_recorded_and_an_old_one_rewritten_if_it_means_something_else(tmp_path):
    summary, path = Summary(), tmp_path / "deep" / "a.jsonl"
    assert save_changed(path, [HELLO], summary) == "recorded"
    assert save_changed(path, [replace(HELLO, head=replace(HELLO.head, at="2030"))], summary) == "unchanged"
    assert load(path).head.at == HELLO.head.at
    assert save_changed(path, [TOOL], summary) == "rewritten"
    assert save_changed(path, [TOOL, HELLO], summary) == "rewritten"
    assert save_changed(path, [TOOL, HELLO, TOOL], summary, kept=2) == "appended"
    assert len(load_all(path)) == 3


def changed_request(recording, **members):
    body = json.dumps({**recording.request.json(), **members}).encode()
    return replace(recording, head=replace(recording.head, request=replace(recording.request, body=body)))


@pytest.mark.parametrize(
    "before, now, what",
    [
        (HELLO, changed_request(HELLO, metadata={"user_id": "new"}), "unchanged"),
        (HELLO, changed_request(HELLO, system="new"), "rewritten"),
        (HELLO, replace(HELLO, end=None), "rewritten"),
        (
            count(b'{"input_tokens":7,"request_id":"a"}'),
            count(b'{"input_tokens":7,"request_id":"b"}'),
            "unchanged",
        ),
        (count(b'{"input_tokens":7}'), count(b'{"input_tokens":8}'), "rewritten"),
        (count(b'{"input_tokens":7}'), count(b'{"input_tokens":7}', status=500), "rewritten"),
        (count(b"text"), count(b"other"), "rewritten"),
    ],
)
def test_ids_and_times_say_nothing_new_and_the_rest_does(tmp_path, before, now, what):
    path = tmp_path / "a.jsonl"
    save_changed(path, [before], Summary())
    assert save_changed(path, [now], Summary()) == what


@pytest.mark.parametrize(
    "old, new, what",
    [
        (b'"id":"msg_', b'"id":"msg_9', "unchanged"),
        (b'"id":"toolu_', b'"id":"toolu_9', "unchanged"),
        (b'"output_tokens":', b'"output_tokens":9', "unchanged"),
        (b'"stop_reason":"tool_use"', b'"stop_reason":"end_turn"', "rewritten"),
        (b'"name":"', b'"name":"my_', "rewritten"),
    ],
)
def test_of_a_message_content_and_stop_reason_count(tmp_path, old, new, what):
    path, changed = tmp_path / "a.jsonl", tmp_path / "b.jsonl"
    head, _, rest = (ROOT / "recordings/tool_use.jsonl").read_bytes().partition(b"\n")
    assert old in rest
    changed.write_bytes(head + b"\n" + rest.replace(old, new))
    save_changed(path, [TOOL], Summary())
    assert save_changed(path, [load(changed)], Summary()) == what


def test_a_file_that_cannot_be_read_is_rewritten(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_text("{nothing")
    assert save_changed(path, [HELLO], Summary()) == "rewritten"


def test_the_summary_names_model_events_size_and_what_was_left_out(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    summary = Summary()
    masked = small(b"x", body=b'{"key":"sk-ant-**********"}')
    save_changed(tmp_path / "a.jsonl", [HELLO], summary)
    save_changed(tmp_path / "b.jsonl", [HELLO, masked], summary)
    left_out = "without the values of authorization, anthropic-organization-id"
    assert summary.take() == [
        "recorded   a.jsonl",
        f"           claude-haiku-4-5 · 46 events · 6,216 bytes · {left_out}",
        "recorded   b.jsonl",
        f"           claude-haiku-4-5 · 2 responses · 46 events · 6,217 bytes · {left_out}"
        " · secrets masked in 1 response",
    ]
    assert summary.take() == []
