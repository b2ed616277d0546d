"""The names of recorded exchanges: they sort in the order of requests, and every file system takes them."""

from __future__ import annotations

import pytest

from inspector.record.naming import exchange_name, first_number
from inspector.recording import Head, Request, recording_paths


def head(url="https://api.anthropic.com/v1/messages?beta=true", body=b'{"model":"claude-sonnet-5"}'):
    return Head("", Request("POST", url, {}, body))


@pytest.mark.parametrize(
    "given, name",
    [
        (head(), "0003-claude-sonnet-5-tool_use"),
        (head(body=b'{"model":"us.anthropic.claude-v2:0"}'), "0003-us.anthropic.claude-v2-0-tool_use"),
        (head(body=b'{"model":"../../etc/passwd"}'), "0003-etc-passwd-tool_use"),
        (head(body=b'{"model":"\\u001b[2J \\u0000"}'), "0003-2J-tool_use"),
        (head(body=b'{"model":"' + b"x" * 500 + b'"}'), f"0003-{'x' * 60}-tool_use"),
        (head(body=b'{"model":["a"]}'), "0003-messages-tool_use"),
        (head(body=b"not JSON"), "0003-messages-tool_use"),
        (head("http://h/v1/messages/count_tokens"), "0003-claude-sonnet-5-count_tokens-tool_use"),
        (head("http://h/v1/models", None), "0003-models-tool_use"),
        (head("http://h/", None), "0003-request-tool_use"),
    ],
    ids=lambda given: given if isinstance(given, str) else "",
)
def test_a_name_says_number_model_and_outcome_in_safe_characters(given, name):
    assert exchange_name(3, given, "tool_use") == name


@pytest.mark.parametrize(
    "body, name",
    [
        (b'{"model":"claude-a","messages":[{"content":"', "claude-a"),
        (b'{ "max_tokens": 1, "stream": true,\n"model" : "claude-a", "messages": [', "claude-a"),
        (b'{"metadata":{"model":"another"},"model":"claude-a","messages":[', "messages"),
        (b'{"messages":[{"model":"another"', "messages"),
        (b'{"model":"cla', "messages"),
        (None, "messages"),
    ],
)
def test_a_cut_body_is_called_by_the_model_in_its_beginning(body, name):
    cut = Head("", Request("POST", "http://h/v1/messages", {}, body, extra={"body_length": 50_000_000}))
    assert exchange_name(3, cut, "tool_use") == f"0003-{name}-tool_use"


def test_numbers_go_on_after_those_of_the_folder(tmp_path):
    assert first_number(tmp_path / "none") == 1
    for name in ("0007-a-end_turn.jsonl", "12345-b.jsonl", "2026-11-21_09-12-04-000000.jsonl", "99.jsonl"):
        (tmp_path / name).touch()
    assert first_number(tmp_path) == 12346
    assert first_number(tmp_path / "99.jsonl") == 1


def test_a_folder_is_read_in_the_order_of_the_numbers(tmp_path):
    names = [exchange_name(number, head(), "end_turn") for number in (1, 9, 10, 9999, 10000, 100000)]
    names[1:1] = [f"{names[0]}-2", f"{names[0]}-10"]
    for name in reversed(names):
        (tmp_path / f"{name}.jsonl").touch()
    assert recording_paths([tmp_path]) == [str(tmp_path / f"{name}.jsonl") for name in names]
