"""What makes two requests the same question, and what does not."""

from __future__ import annotations

import json

import pytest

from inspector.views.comparison import QUESTION, WHOLE, Comparison

BODY = {
    "model": "claude-sonnet-4-5",
    "max_tokens": 9,
    "messages": [{"role": "user", "content": "Weather in Paris?"}],
    "tools": [{"name": "weather", "description": "d", "input_schema": {"type": "object"}}],
    "stream": True,
}
CALL = {"type": "tool_use", "id": "toolu_1", "name": "weather", "input": {"city": "Paris"}}
RESULT = {"type": "tool_result", "tool_use_id": "toolu_1", "content": "Sunny"}


def said(content, role="user"):
    return {"messages": [{"role": role, "content": content}]}


def with_answer(**changes):
    call, result = {**CALL, **changes.get("call", {})}, {**RESULT, **changes.get("result", {})}
    return [
        {"role": "user", "content": "Weather in Paris?"},
        {"role": "assistant", "content": [*changes.get("before", []), call]},
        {"role": "user", "content": [result]},
    ]


SAME = {
    "a snapshot of the model": {"model": "claude-sonnet-4-5-20250929"},
    "another version of the family": {"model": "claude-sonnet-4-6"},
    "max_tokens": {"max_tokens": 1000},
    "a system prompt": {"system": "Be brief."},
    "metadata": {"metadata": {"user_id": "someone"}},
    "thinking": {"thinking": {"type": "adaptive"}},
    "betas": {"betas": ["new-2026-01-01"]},
    "a block of text": said([{"type": "text", "text": "Weather in Paris?"}]),
    "a cached block": said(
        [{"type": "text", "text": "Weather in Paris?", "cache_control": {"type": "ephemeral"}}]
    ),
    "a null member": said([{"type": "text", "text": "Weather in Paris?", "citations": None}]),
    "Claude Code's reminder": said(
        [
            {"type": "text", "text": "<system-reminder>\nToday is Monday.</system-reminder>\n"},
            {"type": "text", "text": "Weather in Paris?"},
        ]
    ),
    "a reminder in the text": said("<system-reminder>a</system-reminder>\nWeather in Paris?"),
    "a system message": {"messages": [*BODY["messages"], {"role": "system", "content": "Agents: none"}]},
    "a tool that is cached": {"tools": [{**BODY["tools"][0], "cache_control": {"type": "ephemeral"}}]},
}
DIFFERENT = {
    "another family": {"model": "claude-opus-4-5"},
    "another question": said("Weather in Rome?"),
    "another role": said("Weather in Paris?", "assistant"),
    "one message more": {"messages": [*BODY["messages"], {"role": "assistant", "content": "Sunny"}]},
    "another tool": {"tools": [{**BODY["tools"][0], "name": "news"}]},
    "another description": {"tools": [{**BODY["tools"][0], "description": "e"}]},
    "another schema": {"tools": [{**BODY["tools"][0], "input_schema": {}}]},
    "no tools": {"tools": []},
    "no stream": {"stream": False},
    "half a reminder": said("<system-reminder>Weather in Paris?"),
    "an image": said([{"type": "image", "source": {"type": "url", "url": "https://x/y.png"}}]),
}


def question(changes):
    return QUESTION.value({**BODY, **changes})


@pytest.mark.parametrize("changes", SAME.values(), ids=SAME)
def test_it_is_the_same_question(changes):
    assert question(changes) == QUESTION.value(BODY)


@pytest.mark.parametrize("changes", DIFFERENT.values(), ids=DIFFERENT)
def test_it_is_another_question(changes):
    assert question(changes) != QUESTION.value(BODY)


@pytest.mark.parametrize("changes", {**SAME, **DIFFERENT}.values(), ids={**SAME, **DIFFERENT})
def test_the_body_stays_as_it_is_and_the_whole_of_it_is_another(changes):
    body = {**BODY, **changes}
    before = json.dumps(body)
    QUESTION.value(body)
    assert json.dumps(body) == before
    assert (WHOLE.value(body) == WHOLE.value(BODY)) is (changes.keys() <= {"metadata"})


def test_the_calls_and_results_of_tools_count():
    first = QUESTION.value({"messages": with_answer()})
    later = {
        "call": {"caller": {"type": "direct"}, "cache_control": {"type": "ephemeral"}},
        "result": {"is_error": False, "content": [{"type": "text", "text": "Sunny"}]},
    }
    assert QUESTION.value({"messages": with_answer(**later)}) == first
    for other in ({"call": {"input": {"city": "Rome"}}}, {"result": {"content": "Rain"}}):
        assert QUESTION.value({"messages": with_answer(**other)}) != first
    assert QUESTION.value({"messages": with_answer(result={"is_error": True})}) != first


def test_of_thinking_the_signature_does_not_count():
    one, other = (
        QUESTION.value(
            {"messages": with_answer(before=[{"type": "thinking", "thinking": t, "signature": s}])}
        )
        for t, s in (("hm", "a"), ("hm", "b"))
    )
    assert one == other
    assert one != QUESTION.value({"messages": with_answer()})


@pytest.mark.parametrize("match", [True, False])
def test_what_is_ignored_does_not_count(match):
    comparison = Comparison(question=match, ignore=["messages[0].content", "max_tokens", "system"])
    changes = {**said("Hello"), "max_tokens": 1, "system": "s"}
    assert comparison.value({**BODY, **changes}) == comparison.value(BODY)
    assert comparison.value({**BODY, "model": "x"}) != comparison.value(BODY)


@pytest.mark.parametrize("body", [None, "text", [1], {"prompt": "Hi"}, {"messages": "Hi"}, {"requests": []}])
def test_a_body_that_asks_no_question_is_compared_whole(body):
    assert QUESTION.value(body) == body


@pytest.mark.parametrize(
    "messages",
    [
        [None, 1, "x"],
        [{}],
        [{"role": "user", "content": None}],
        [
            {
                "role": "user",
                "content": [None, "x", {"type": 1}, {"type": "text"}, {"type": "text", "text": 1}],
            }
        ],
        [{"role": "user", "content": [{"type": "tool_result", "content": [{"type": "tool_result"}]}]}],
    ],
)
def test_what_is_no_message_is_compared_all_the_same(messages):
    value = QUESTION.value({"messages": messages, "tools": [1, None], "model": 5})
    assert value == QUESTION.value({"messages": messages, "tools": [1, None], "model": 5})


def test_many_beginnings_of_reminders_take_no_time():
    text = "<system-reminder>" * 200_000
    assert QUESTION.value(said(text))["messages"][0]["content"] == text
