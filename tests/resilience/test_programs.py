"""How a program ended, from what the caller knows."""

from __future__ import annotations

import json

import anthropic
import httpx
import pytest
from anthropic.types import Message

import inspector
from inspector.http_library import sdk_library
from inspector.resilience import Conclusion, exited, program_of


def test_nothing_is_assumed():
    assert program_of().how is Conclusion.UNKNOWN


def api_error():
    request = sdk_library().Request("POST", "http://localhost")
    return anthropic.RateLimitError(
        "slow down", response=sdk_library().Response(429, request=request), body=None
    )


@pytest.mark.parametrize(
    ("error", "name", "is_api_error"),
    [
        (httpx.ReadError("reset"), "httpx.ReadError", False),
        (json.JSONDecodeError("bad", "x", 0), "json.JSONDecodeError", False),
        (IndexError("list"), "IndexError", False),
        (api_error(), "anthropic.RateLimitError", True),
    ],
    ids=lambda value: getattr(type(value), "__name__", None),
)
def test_an_exception_is_named_as_programs_write_it(error, name, is_api_error):
    program = program_of(raised=error)
    assert (program.how, program.exception, program.is_api_error) == (Conclusion.RAISED, name, is_api_error)
    assert name in program.detail


@pytest.mark.parametrize("made", [dict, lambda message: Message(**message)], ids=["dict", "sdk"])
def test_a_message_gives_its_text_and_its_tools(made):
    message = inspector.load("recordings/tools_parallel.jsonl").message()
    program = program_of(returned=made(message))
    assert program.text.startswith("Three things")
    tools = [block for block in message["content"] if block["type"] == "tool_use"]
    assert program.tools == tuple((tool["name"], tool["input"]) for tool in tools)


@pytest.mark.parametrize(
    ("value", "text"), [("Hello", "Hello"), ("", ""), (None, None), (7, None), ([], None)]
)
def test_of_other_values_only_text_is_read(value, text):
    program = program_of(returned=value)
    assert (program.how, program.text, program.tools) == (Conclusion.RETURNED, text, None)


def test_a_report_of_a_failure_is_no_success_whatever_came_with_it():
    assert program_of(reported=True).how is Conclusion.REPORTED
    assert program_of(returned="part", reported=True).text == "part"


@pytest.mark.parametrize(("status", "how"), [(0, "returned"), (1, "exited"), (137, "exited")])
def test_a_status_of_0_says_that_all_went_well(status, how):
    assert exited(status).how == how
    assert f"status {status}" in exited(status).detail
