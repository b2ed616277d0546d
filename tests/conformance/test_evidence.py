"""What an answer proves: whether the endpoint has a place, and whether it only takes time."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from inspector.conformance.evidence import Answer
from inspector.conformance.probes import Failed, NotApplicable, NotTested
from inspector.recording import End, Ending, Head, Recording, Request, Response, TimedBlock

AT = "2026-11-20T10:00:00Z"


def answered(status, headers=None, message=""):
    body = json.dumps({"type": "error", "error": {"type": "api_error", "message": message}}).encode()
    head = Head(AT, Request("POST", "http://x/"), Response(0.1, status, headers or {}))
    return Answer("x-1", Recording(head, (TimedBlock(0.1, None, None, body),), End(0.1, Ending.COMPLETE)))


@pytest.mark.parametrize(
    ("status", "message"),
    [(404, ""), (405, ""), (501, ""), (400, "count_tokens is not supported"), (500, "Not Implemented")],
)
def test_an_endpoint_says_that_it_has_no_such_thing(status, message):
    with pytest.raises(NotApplicable):
        answered(status, message=message).there("count_tokens")


def test_any_other_error_is_a_failure():
    with pytest.raises(Failed, match="Field required"):
        answered(400, message="max_tokens: Field required").there("count_tokens")


@pytest.mark.parametrize("late", [True, False])
def test_an_answer_that_only_takes_time_is_not_tested_and_one_that_is_too_long_fails(late):
    answer = replace(answered(200, {"content-type": "application/json"}), stopped="it did not end", late=late)
    with pytest.raises(NotTested if late else Failed, match="it did not end"):
        answer.accepted()
