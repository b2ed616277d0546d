"""What the fixture `inspector_config` may return, and what it does to a recording."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from small_recordings import small

from inspector import UsageError
from inspector.pytest_plugin._configuration import Configuration, configuration

pytest_plugins = ["pytester", "inner_runs"]

BODY = {"model": "m", "system": "s", "messages": [{"role": "user", "content": "Hi"}]}
RECORDING = small(
    b"{}", body=json.dumps(BODY).encode(), headers={"content-type": "application/json", "x-region": "eu"}
)
RECORDING = replace(
    RECORDING,
    head=replace(
        RECORDING.head, request=replace(RECORDING.head.request, headers={"User-Agent": "a", "x-b": "c"})
    ),
)


def edited(**entries):
    return configuration(entries).edited(RECORDING)


def test_nothing_is_changed_by_default():
    assert configuration({}) == Configuration()
    assert edited() == RECORDING


def test_header_fields_are_left_out_or_replaced_in_request_and_response():
    result = edited(filter_headers=["user-agent", ("X-B", "d"), ("x-region", None)])
    assert result.request.headers == {"x-b": "d"}
    assert result.response.headers == {"content-type": "application/json"}


def test_members_of_the_body_are_left_out_or_replaced_and_not_compared():
    entries = {"filter_body": ["system", ("messages[*].content", "…")], "ignore": ["tools"]}
    assert edited(**entries).request.json() == {"model": "m", "messages": [{"role": "user", "content": "…"}]}
    assert configuration(entries).ignored(None) == ["tools", "system", "messages[*].content"]
    assert configuration(entries).ignored(["model"]) == ["model", "system", "messages[*].content"]


def test_a_body_that_is_no_json_stays():
    recording = replace(
        RECORDING, head=replace(RECORDING.head, request=replace(RECORDING.request, body=b"text"))
    )
    assert configuration({"filter_body": ["system"]}).edited(recording) == recording


def test_before_record_has_the_last_word_and_sees_what_is_filtered():
    seen = []
    assert edited(filter_body=["system"], before_record=lambda each: seen.append(each)) is None
    assert "system" not in seen[0].request.json()
    assert edited(before_record=lambda each: each) == RECORDING


@pytest.mark.parametrize(
    "before_record, message",
    [
        (lambda each: 1 / 0, "before_record raised ZeroDivisionError: division by zero"),
        (lambda each: "text", "before_record returned str, and not a Recording or None"),
    ],
)
def test_a_before_record_that_fails_is_said(before_record, message):
    with pytest.raises(UsageError, match=message):
        edited(before_record=before_record)


@pytest.mark.parametrize(
    "value, message",
    [
        (None, "returns a dictionary, and not None"),
        (
            {"match_on": ["body"]},
            "does not know match_on; it knows match, ignore, filter_headers, filter_body",
        ),
        ({"ignore": "system"}, "ignore is a list of names, and not 'system'"),
        (
            {"filter_headers": [1]},
            "filter_headers is a list of names, or of pairs of a name and a text, and not",
        ),
        ({"filter_body": [("a", 1)]}, "filter_body is a list of names, or of pairs"),
        ({"ignore": ["a["]}, "is no path in a body"),
        ({"filter_body": ["a["]}, "is no path in a body"),
    ],
)
def test_what_has_no_meaning_is_refused(value, message):
    with pytest.raises(UsageError, match=message):
        configuration(value)


def test_a_wrong_configuration_is_an_error_of_one_line(inner):
    result = inner("""
@pytest.fixture(scope="session")
def inspector_config(): return {"math": "body"}

@pytest.mark.recording("hello")
def test_it(): ask(anthropic.Anthropic())
""")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["inspector: inspector_config does not know math; *"])
    assert "Traceback" not in result.stdout.str()


@pytest.mark.parametrize("scope", ["function", "module", "package", "session"])
def test_it_is_for_all_tests_of_its_scope_and_a_marker_takes_precedence(inner, scope):
    result = inner(f"""
@pytest.fixture(scope="{scope}")
def inspector_config(): return {{"match": "body", "ignore": ["max_tokens"]}}

@pytest.mark.recording("hello")
def test_ignored(): ask(anthropic.Anthropic(), max_tokens=1)

@pytest.mark.recording("hello")
def test_compared(): ask(anthropic.Anthropic(), system="s")

@pytest.mark.recording("hello", ignore=["system", "max_tokens"])
def test_marker_ignores(): ask(anthropic.Anthropic(), system="s", max_tokens=1)

@pytest.mark.recording("hello", match="order")
def test_marker_matches(): ask(anthropic.Anthropic(), system="s")
""")
    result.assert_outcomes(passed=3, failed=1)
    result.stdout.fnmatch_lines(["*test_compared*", '*body.system is "s", recorded was nothing*'])
