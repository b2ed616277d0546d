"""OpenAI's names for the same things."""

from __future__ import annotations

import pytest

from inspector.conformance.chat_values import chat_error, chat_status, chat_usage, possible_stop_reasons
from inspector.protocol import error_payload


def test_openai_counts_what_the_cache_held_as_a_part_of_the_prompt():
    usage = chat_usage(
        {
            "input_tokens": 5,
            "cache_creation_input_tokens": 20,
            "cache_read_input_tokens": 300,
            "output_tokens": 40,
            "output_tokens_details": {"thinking_tokens": 30},
        }
    )
    assert (usage["prompt_tokens"], usage["completion_tokens"], usage["total_tokens"]) == (325, 40, 365)
    assert usage["prompt_tokens_details"] == {"cached_tokens": 300}
    assert usage["completion_tokens_details"] == {"reasoning_tokens": 30}


def test_usage_that_is_not_there_counts_nothing():
    assert chat_usage({})["total_tokens"] == chat_usage({"input_tokens": None})["total_tokens"] == 0


@pytest.mark.parametrize(
    ("stop_reason", "possible"),
    [
        ("tool_use", {"tool_use"}),
        ("refusal", {"refusal"}),
        ("max_tokens", {"max_tokens", "model_context_window_exceeded"}),
        ("end_turn", {"end_turn", "stop_sequence", "pause_turn", "compaction"}),
        ("new_reason", {"new_reason", "end_turn", "stop_sequence", "pause_turn", "compaction"}),
    ],
)
def test_stop_reasons_with_one_finish_reason_cannot_be_distinguished(stop_reason, possible):
    assert possible_stop_reasons(stop_reason) == possible


def test_an_error_has_four_members_and_its_status():
    error = chat_error(error_payload("overloaded_error"))["error"]
    assert error == {"message": "Overloaded", "type": "server_error", "param": None, "code": None}
    assert chat_error("no object")["error"]["message"] is None
    assert [chat_status(status) for status in (400, 429, 529)] == [400, 429, 503]
