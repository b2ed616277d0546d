"""Which requests belong together, and which follow."""

from __future__ import annotations

import json

import pytest
from client_logs import QUESTION, attempt, body, sent

from inspector.resilience.calls import calls

BUSY, WHOLE = sent(fault="http-error=529"), sent()
ANSWER = {"role": "assistant", "content": [{"type": "text", "text": "Rain."}]}


def numbers(*attempts):
    return [[each.number for each in call.attempts] for call in calls(attempts)]


def test_attempts_of_one_call_follow_each_other():
    assert numbers(*(attempt(n, float(n), BUSY) for n in (1, 2, 3))) == [[1, 2, 3]]


def test_after_a_success_the_same_question_is_a_new_call():
    assert numbers(attempt(1, 0.0, BUSY), attempt(2, 1.0, WHOLE), attempt(3, 2.0, BUSY)) == [[1, 2], [3]]


def test_two_clients_at_a_time_keep_their_attempts_apart():
    made = [attempt(1, 0.0, BUSY), attempt(2, 0.05, BUSY), attempt(3, 1.0, WHOLE), attempt(4, 1.05, WHOLE)]
    assert numbers(*made) == [[1, 4], [2, 3]]


def test_a_response_that_was_left_open_may_be_retried():
    assert numbers(attempt(1, 0.0, sent(fault="stall"), seconds=None), attempt(2, 9.0, WHOLE)) == [[1, 2]]


def test_a_body_that_is_no_conversation_is_compared_as_a_whole():
    made = [attempt(n, float(n), BUSY, body=text) for n, text in enumerate((b"x", b"x", b"y", b"[1]"))]
    assert numbers(*made) == [[0, 1], [2], [3]]


@pytest.mark.parametrize("content", ["Rain.", [{"type": "text", "text": "Rain."}]])
def test_the_next_turn_repeats_the_answer(content):
    later = attempt(2, 1.0, WHOLE, messages=[{"role": "assistant", "content": content}, QUESTION])
    first, second = calls([attempt(1, 0.0, WHOLE), later])
    assert (first.turn.number, first.turn.text, first.turn.continues) == (2, "Rain.", False)
    assert second.turn is None


def test_a_moved_cache_mark_changes_no_message():
    marked = {"type": "text", "text": "weather?", "cache_control": {"type": "ephemeral"}}
    first = attempt(
        1, 0.0, WHOLE, body=json.dumps({"messages": [{"role": "user", "content": [marked]}]}).encode()
    )
    later = attempt(2, 1.0, WHOLE, messages=[ANSWER, QUESTION])
    assert calls([first, later])[0].turn.text == "Rain."


def test_another_conversation_is_no_turn():
    other = attempt(2, 1.0, WHOLE, body=body(ANSWER).replace(b"weather?", b"news?"))
    assert calls([attempt(1, 0.0, WHOLE), other])[0].turn is None


def test_the_last_call_is_the_one_after_which_none_began():
    first, second = calls([attempt(1, 0.0, WHOLE), attempt(2, 1.0, WHOLE, messages=[ANSWER, QUESTION])])
    assert (first.is_last, second.is_last) == (False, True)


def test_a_thousand_turns_of_one_conversation_cost_one_look_at_each():
    messages = [ANSWER, QUESTION] * 40
    made = [attempt(n, float(n), WHOLE, messages=messages[: 2 * n]) for n in range(40)]
    assert [call.turn.number for call in calls(made)[:-1]] == list(range(1, 40))
