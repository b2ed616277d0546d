"""The verdict as a whole: what it says of a good client, its text, and that it never guesses."""

from __future__ import annotations

import json

import pytest
from client_logs import RAISED, RETURNED, attempt, log, seen, sent

from inspector import DIRTY_DOZEN
from inspector.resilience import CLIENT_CHECKS, Conclusion, Program, judge_client

OVERLOADED = "http-error=529,retry_after=1"


def test_a_client_that_got_its_answer_has_nothing_to_its_name():
    verdict = judge_client(log(attempt(1, 0.0, sent()), program=RETURNED))
    assert verdict.findings == ()
    assert verdict.resilient
    assert "request 1: 200, end_turn" in str(verdict)
    assert str(verdict).endswith("verdict: 0 faults, 0 warnings, 0 not known")


def test_a_client_that_retries_as_it_should_has_nothing_to_its_name():
    made = log(attempt(1, 0.0, sent(fault=OVERLOADED)), attempt(2, 1.2, sent()), program=RETURNED)
    verdict = judge_client(made)
    assert verdict.findings == ()
    assert verdict.retries == 1
    assert verdict.actions[1].startswith("request 2: 1.10 s after request 1, again: 200")


@pytest.mark.parametrize("fault", DIRTY_DOZEN)
def test_a_client_that_raises_an_error_of_its_own_has_no_fault_under_any_of_the_dozen(fault):
    made = log(attempt(1, 0.0, sent("tool_use", fault)), program=RAISED)
    assert judge_client(made).resilient


@pytest.mark.parametrize("fault", [*DIRTY_DOZEN, "http-error=529", "http-200-wrong-body", "stall-headers"])
def test_of_a_client_whose_end_nobody_knows_no_fault_is_claimed(fault):
    verdict = judge_client(log(attempt(1, 0.0, sent("tool_use", fault))))
    assert verdict.faults == ()


@pytest.mark.parametrize("recording", ["hello", "tool_use", "thinking", "max_tokens", "refusal"])
def test_a_whole_answer_is_never_held_against_a_client(recording):
    for program in (RETURNED, RAISED, Program()):
        assert seen(log(attempt(1, 0.0, sent(recording)), program=program)) == set()


def test_the_verdict_is_plain_json_too():
    made = log(attempt(1, 0.0, sent(fault="cut-clean")), program=RETURNED)
    plain = json.loads(json.dumps(judge_client(made).to_dict()))
    assert plain["resilient"] is False
    assert plain["findings"][0]["check"] == "truncated-accepted"
    assert plain["program"] == {"how": "returned", "detail": "it returned"}


def test_an_assertion_fails_with_the_whole_text_and_what_to_do():
    made = log(attempt(1, 0.0, sent(fault="cut-clean")), program=RETURNED)
    with pytest.raises(AssertionError, match=r"fault truncated-accepted.*no message_stop") as raised:
        judge_client(made).assert_resilient()
    assert CLIENT_CHECKS["truncated-accepted"].remedy in str(raised.value)


def test_faults_come_first_and_what_is_not_known_last():
    made = log(
        attempt(1, 0.0, sent("tool_use", "http-error=529")),
        attempt(2, 0.11, sent("tool_use", "http-error=529")),
        attempt(3, 0.22, sent("tool_use", "cut-clean@type:input_json_delta#3")),
        program=RETURNED,
    )
    standings = [str(each.standing) for each in judge_client(made).findings]
    assert standings == ["fault", "warning", "not known"]


def test_a_text_from_outside_is_harmless_on_a_terminal_and_hides_secrets():
    program = Program(Conclusion.RAISED, "it raised \x1b[31mE: sk-ant-api03-" + "x" * 90)
    text = str(judge_client(log(program=program)))
    assert "\x1b" not in text
    assert "xxxx" not in text


def test_of_a_thousand_requests_the_text_lists_the_first():
    made = log(*(attempt(n, float(n), sent(), seconds=0.5) for n in range(1, 1001)), program=RETURNED)
    text = str(judge_client(made))
    assert "and 980 more" in text
    assert len(text.splitlines()) < 30


@pytest.mark.parametrize("check", CLIENT_CHECKS.values(), ids=lambda check: check.id)
def test_a_check_says_all_that_the_manual_needs(check):
    assert all((check.sentence, check.observed, check.why, check.remedy))
    assert check.source.startswith("https://")


def test_the_repr_is_the_text_because_pytest_prints_it():
    verdict = judge_client(log(attempt(1, 1.0, sent()), program=RETURNED))
    assert repr(verdict) == str(verdict)
    assert repr(verdict).startswith("the client: 1 request, 0 retries")
