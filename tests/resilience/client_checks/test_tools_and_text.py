"""Half tools and doubled text, as the next turn or the program shows them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from client_logs import QUESTION, RAISED, RETURNED, attempt, log, seen, sent

HALF = sent("tool_use", "tool-json=truncate")
TOOL = HALF.tools[-1]
PART, WHOLE = sent(fault="cut-fin"), sent()


def turn_of(given, **result):
    use = {"type": "tool_use", "id": TOOL.id, "name": TOOL.name, "input": given}
    made = {"type": "tool_result", "tool_use_id": TOOL.id, "content": "-6 degrees", **result}
    messages = [{"role": "assistant", "content": [use]}, {"role": "user", "content": [made]}]
    return attempt(2, 1.0, sent(), messages=messages)


@pytest.mark.parametrize("given", [{}, {"location": "Ouj"}])
def test_a_half_tool_with_a_result_has_run(given):
    assert not TOOL.is_whole
    assert seen(log(attempt(1, 0.0, HALF), turn_of(given))) == {"half-tool-run"}


def test_a_half_tool_with_an_error_as_its_result_has_not_run():
    assert seen(log(attempt(1, 0.0, HALF), turn_of({}, is_error=True), program=RETURNED)) == set()


def test_a_whole_tool_may_run():
    assert seen(log(attempt(1, 0.0, sent("tool_use")), turn_of({}), program=RETURNED)) == set()


def test_a_half_tool_that_is_handed_out_is_as_bad():
    program = replace(RETURNED, tools=((TOOL.name, {}),))
    assert seen(log(attempt(1, 0.0, HALF), program=program)) == {"half-tool-run"}
    assert seen(log(attempt(1, 0.0, HALF), program=replace(RETURNED, tools=()))) == set()


def test_a_half_tool_of_which_no_more_is_seen_is_not_known_to_have_run():
    assert seen(log(attempt(1, 0.0, HALF), program=RETURNED)) == {"half-tool-run: not known"}
    assert seen(log(attempt(1, 0.0, HALF), program=RAISED)) == set()


def turn_with(text):
    messages = [{"role": "assistant", "content": [{"type": "text", "text": text}]}, QUESTION]
    return attempt(3, 3.0, sent(), messages=messages)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (PART.text + WHOLE.text, {"doubled-text"}),
        (PART.text[:20] + WHOLE.text, {"doubled-text"}),
        (f" {PART.text}\n{WHOLE.text}\n", {"doubled-text"}),
        (WHOLE.text, set()),
        ("I said: " + WHOLE.text, set()),
        (WHOLE.text + WHOLE.text[:5], set()),
    ],
)
def test_text_of_a_broken_attempt_before_the_whole_is_doubled(text, expected):
    made = [attempt(1, 0.0, PART), attempt(2, 1.0, WHOLE)]
    assert seen(log(*made, turn_with(text), program=RETURNED)) == expected
    assert seen(log(*made, program=replace(RETURNED, text=text))) == expected


def test_two_messages_in_one_body_are_doubled_if_both_come_out():
    merged = sent(fault="splice-retry")
    assert len(merged.texts) == 2
    both = replace(RETURNED, text=merged.text)
    assert seen(log(attempt(1, 0.0, merged), program=both)) == {"doubled-text"}
    assert seen(log(attempt(1, 0.0, merged), program=replace(RETURNED, text=merged.texts[1]))) == set()


def test_after_a_retry_nobody_guesses_what_was_shown():
    made = [attempt(1, 0.0, PART), attempt(2, 1.0, WHOLE)]
    assert seen(log(*made, program=RETURNED)) == {"doubled-text: not known"}
    assert seen(log(*made, program=RAISED)) == set()
