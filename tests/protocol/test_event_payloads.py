"""Payloads that are not plain JSON objects."""

from __future__ import annotations

import pytest

from inspector.protocol.event_payloads import diagnose, is_error, joined_objects, kind_of, objects_of

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
    ("data", "count"),
    [(b"{}\n{}", 2), (b" {}\n\n{} \n{}", 3), (b"{}", 0), (b'{"a":\n1}', 0), (b"[]\n[]", 0), (b"", 0)],
)
def test_objects_that_no_blank_line_separates_are_counted(data, count):
    assert joined_objects(data) == count


@pytest.mark.parametrize(
    ("data", "objects"),
    [
        (b'{"a":1}', [{"a": 1}]),
        (b'{"a":1}\n{"b":2}', [{"a": 1}, {"b": 2}]),
        (b'{"a":"\xff"}', [{"a": "\ufffd"}]),
        (b'{"a":1}\n{"b":oops}', []),
        (b"[1]", []),
        (b"{oops", []),
    ],
)
def test_the_objects_of_an_odd_payload_are_those_that_can_be_read(data, objects):
    assert objects_of(data) == objects


@pytest.mark.parametrize(
    ("name", "payload", "kind"),
    [
        ("ping", {}, "ping"),
        (None, {"type": "ping"}, "ping"),
        ("x", {"type": "ping"}, "ping"),
        (None, {"error": "no"}, "error"),
        ("x", {"object": "error"}, "error"),
        ("error", {}, "error"),
        (None, {"type": 5}, None),
    ],
)
def test_an_event_is_what_its_payload_says_or_else_its_name(name, payload, kind):
    assert kind_of(name, payload) == kind


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
