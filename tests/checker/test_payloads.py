"""Oddities in payloads, and the JSON of a tool's input."""

from __future__ import annotations

import pytest

from inspector.checker.payloads import ToolJson, find_separator, heartbeat, judge_tool_json


@pytest.mark.parametrize(
    ("pieces", "state", "detail"),
    [
        ([], "empty", ""),
        ([""], "empty", ""),
        (["", " "], "invalid", "it is blank"),
        ([" ", "{}"], "invalid", "its first piece is blank, and parsers of unfinished JSON fail there"),
        ([" {}"], "object", ""),
        (['{"a"', ": 1}"], "object", ""),
        (['{"a": ' + "9" * 4000 + "}"], "object", ""),
        (['{"a": ' + "9" * 5000 + "}"], "invalid", "a number has too many digits to read"),
        (['{"a": NaN}'], "invalid", "NaN is not JSON"),
        (['{"a": -Infinity}'], "invalid", "-Infinity is not JSON"),
        (['{"a": 1e999}'], "invalid", "1e999 is not JSON"),
        (['{"a": "\\ud83d"}'], "invalid", "the escape \\ud83d is half a character"),
        (['{"a": "\\ud83d', '\\ude00"}'], "object", ""),
        (['{"a":' * 250 + "1" + "}" * 250], "invalid", "it is nested too deeply to read"),
        (["nu"], "invalid", "at character 1, near 'nu'"),
        (["[1]"], "not-object", "an array"),
        (["7"], "not-object", "a number"),
        (["null"], "not-object", "null"),
        (["false"], "not-object", "true or false"),
        (['"x"'], "not-object", "text"),
        (['{"a": "\ud83d"}'], "invalid", "it holds half a character, \\ud83d"),
        (['{"a": "x'], "truncated", 'the last is \'{"a": "x\''),
        (['{"a": 1}', "{}"], "trailing", "after '{\"a\": 1}' comes '{}'"),
        (['{"a": Dave'], "invalid", "at character 7, near '{\"a\": Dave'"),
        (["[" * 100_000], "invalid", "it is nested too deeply to read"),
    ],
)
def test_the_json_of_a_tool_has_one_of_six_states(pieces, state, detail):
    assert judge_tool_json(pieces) == ToolJson(state, len("".join(pieces)), detail)


@pytest.mark.parametrize(
    ("data", "comment"),
    [
        (b'{"text": "Hel: keepalive', ": keepalive"),
        (b'{"te: Ping - 2026\nxt": 1}', ": Ping - 2026"),
        (b'{"text": ": we keep it alive and well, for longer than forty characters"}', ""),
        (b'{"text": "Hello"}', ""),
    ],
)
def test_a_keep_alive_inside_a_payload_is_recognised(data, comment):
    assert heartbeat(data) == comment


@pytest.mark.parametrize("character", ["\u2028", "\u2029", "\x85", "\x0b", "\x0c"])
def test_characters_that_line_readers_split_at_are_found(character):
    assert find_separator(f"a{character}b".encode())[0].decode() == character
    assert find_separator("a é\u2020 b".encode()) is None
