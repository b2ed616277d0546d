"""Failures that a program takes for a success, and what it raises otherwise."""

from __future__ import annotations

from dataclasses import replace

import pytest
from client_logs import QUESTION, RAISED, RETURNED, attempt, log, seen, sent

from inspector import Ending
from inspector.resilience import Conclusion, Program

BROKEN = ["cut-clean", "cut-fin", "cut-rst", "error-event@mid", "error-unnamed", "cut-mid-frame"]
NOTHING = ["http-error=400", "http-200-wrong-body", "error-event@ev:1", "http-200-wrong-body=empty"]
PART = sent(fault="cut-clean")


@pytest.mark.parametrize("fault", BROKEN)
def test_a_part_that_is_returned_is_accepted(fault):
    assert seen(log(attempt(1, 0.0, sent(fault=fault)), program=RETURNED)) == {"truncated-accepted"}


@pytest.mark.parametrize("fault", NOTHING)
def test_nothing_that_is_returned_is_accepted(fault):
    assert seen(log(attempt(1, 0.0, sent(fault=fault)), program=RETURNED)) == {"failure-accepted"}


@pytest.mark.parametrize("how", [Conclusion.RAISED, Conclusion.REPORTED, Conclusion.EXITED])
@pytest.mark.parametrize("fault", [*BROKEN, *NOTHING])
def test_a_program_that_says_so_has_accepted_nothing(fault, how):
    assert seen(log(attempt(1, 0.0, sent(fault=fault)), program=Program(how, "x"))) == set()


def test_a_program_whose_end_nobody_knows_is_not_accused():
    assert seen(log(attempt(1, 0.0, PART))) == {"truncated-accepted: not known"}


def test_a_client_that_left_before_the_failure_has_not_accepted_it():
    left = attempt(1, 0.0, PART, end=Ending.ABANDONED)
    assert seen(log(left, program=RETURNED)) == {"truncated-accepted: not known"}
    assert seen(log(left, program=RAISED)) == set()
    silent = attempt(1, 0.0, sent(fault="stall-ping"), end=Ending.ABANDONED)
    assert seen(log(silent, program=RETURNED)) == {"truncated-accepted"}


def test_an_earlier_failure_says_nothing_once_another_call_succeeded():
    other = attempt(2, 1.0, sent(), messages=[{"role": "user", "content": "in short?"}])
    assert seen(log(attempt(1, 0.0, PART), other, program=RETURNED)) == set()


def test_one_of_several_calls_at_a_time_that_got_a_part_is_accepted_with_them():
    calls = [attempt(1, 0.0, PART, seconds=1.0), attempt(2, 0.1, sent(), seconds=1.0)]
    assert seen(log(*calls, program=RETURNED)) == {"truncated-accepted"}


def tool_turn(tool, **result):
    use = {"type": "tool_use", "id": tool.id, "name": tool.name, "input": {}}
    made = {"type": "tool_result", "tool_use_id": tool.id, "content": "ok", **result}
    return [{"role": "assistant", "content": [use]}, {"role": "user", "content": [made]}]


def test_a_part_that_comes_back_with_tool_results_is_accepted_whatever_the_end():
    part = sent("tool_use", "cut-clean@type:message_delta")
    (tool,) = part.tools
    made = [attempt(1, 0.0, part), attempt(2, 1.0, sent(), messages=tool_turn(tool))]
    assert seen(log(*made)) == {"truncated-accepted"}


def test_a_part_that_comes_back_before_a_user_turn_may_be_the_repair():
    turn = [{"role": "assistant", "content": PART.text}, QUESTION]
    made = [attempt(1, 0.0, PART), attempt(2, 1.0, sent(), messages=turn)]
    assert seen(log(*made)) == {"truncated-accepted: not known"}


def test_a_part_that_the_model_goes_on_with_is_not_accepted():
    turn = [{"role": "assistant", "content": PART.text}]
    made = [attempt(1, 0.0, PART), attempt(2, 1.0, sent(), messages=turn)]
    assert seen(log(*made, program=RETURNED)) == set()


@pytest.mark.parametrize(("text", "expected"), [("", {"answer-lost"}), ("Hello!", set()), (None, set())])
def test_an_answer_that_came_comes_out(text, expected):
    program = replace(RETURNED, text=text)
    assert seen(log(attempt(1, 0.0, sent(fault="strip-event-lines")), program=program)) == expected


@pytest.mark.parametrize(
    ("name", "is_api_error", "expected"),
    [
        ("httpx2.RemoteProtocolError", False, {"raw-exception: warning"}),
        ("json.decoder.JSONDecodeError", False, {"raw-exception: warning"}),
        ("AttributeError", False, {"raw-exception: warning"}),
        ("anthropic.APIStatusError", True, set()),
        ("my_app.AnswerError", False, set()),
        ("ValueError", False, set()),
    ],
)
def test_an_exception_that_says_nothing_of_the_stream_is_noted(name, is_api_error, expected):
    program = replace(RAISED, exception=name, is_api_error=is_api_error)
    assert seen(log(attempt(1, 0.0, PART), program=program)) == expected


@pytest.mark.parametrize("fault", ["cut-fin@end", "hang-after-stop"])
def test_a_whole_message_is_not_thrown_away_for_what_follows(fault):
    whole = sent(fault=fault)
    made = attempt(1, 0.0, whole, end=whole.end)
    assert seen(log(made, program=RAISED)) == {"answer-discarded: warning"}
    assert seen(log(made, program=RETURNED)) == set()
