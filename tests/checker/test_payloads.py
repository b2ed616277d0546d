"""Payloads that are not plain JSON objects, and the JSON of a tool's input."""

from __future__ import annotations

import pytest

from inspector.checker.payloads import (
    ToolJson,
    diagnose,
    find_separator,
    heartbeat,
    is_error,
    joined_objects,
    judge_tool_json,
)

DEEP = b"[" * 100_000


@pytest.mark.parametrize(
    ("data", "value", "rules"),
    [
        pytest.param(b'{"a": 1}', {"a": 1}, [], id="right"),
        pytest.param(b'{"a": NaN}', None, ["number-nonfinite"], id="NaN"),
        pytest.param(b'{"a": 1e999}', {"a": float("inf")}, ["number-nonfinite"], id="beyond a double"),
        pytest.param(b'"\\ud83d"', "\ud83d", ["surrogate-lone"], id="lone surrogate"),
        pytest.param(b'"\xff"', "\ufffd", ["utf8-invalid"], id="invalid UTF-8"),
        pytest.param(b'"\xff\\ud83d', None, ["utf8-invalid"], id="invalid UTF-8, and no JSON"),
        pytest.param(b"{", None, ["json-invalid"], id="no JSON"),
        pytest.param(DEEP, None, ["json-invalid"], id="too deep"),
        pytest.param(b"9" * 5000, None, ["json-invalid"], id="too many digits"),
    ],
)
def test_a_payload_is_read_if_it_can_be_and_its_problems_are_named(data, value, rules):
    read, readable, problems = diagnose(data)
    assert [problem.rule for problem in problems] == rules
    assert readable is (value is not None or b"NaN" in data)
    assert read == value or b"NaN" in data


@pytest.mark.parametrize(
    ("escapes", "lone"),
    [
        (r"\ud83d\ude00", ""),
        (r"\ud83d", r"\ud83d"),
        (r"\ude00", r"\ude00"),
        (r"\ud83d \ude00", r"\ud83d"),
        (r"\ud83d\ud83d\ude00", r"\ud83d"),
        (r"\\ud83d", ""),
        (r"\n\u00e9", ""),
    ],
)
def test_an_escape_of_half_a_character_needs_its_other_half(escapes, lone):
    _, _, problems = diagnose(f'"{escapes}"'.encode())
    assert [problem.detail for problem in problems] == [f"the escape {lone} is half a character"] * bool(lone)


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
    ("data", "count"),
    [(b"{}\n{}", 2), (b" {}\n\n{} \n{}", 3), (b"{}", 0), (b'{"a":\n1}', 0), (b"[]\n[]", 0), (b"", 0)],
)
def test_objects_that_no_blank_line_separates_are_counted(data, count):
    assert joined_objects(data) == count


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


@pytest.mark.parametrize(
    ("payload", "error"),
    [
        ({"type": "error"}, True),
        ({"object": "error", "message": "m"}, True),
        ({"error": "boom"}, True),
        ({"detail": "not found"}, True),
        ({"error": None, "choices": []}, False),
        ({"type": "ping", "error": "x"}, False),
        ({"detail": "x", "more": 1}, False),
    ],
)
def test_an_error_is_recognised_in_the_forms_that_servers_send(payload, error):
    assert is_error(payload) is error


@pytest.mark.parametrize("character", ["\u2028", "\u2029", "\x85", "\x0b", "\x0c"])
def test_characters_that_line_readers_split_at_are_found(character):
    assert find_separator(f"a{character}b".encode())[0].decode() == character
    assert find_separator("a é\u2020 b".encode()) is None
