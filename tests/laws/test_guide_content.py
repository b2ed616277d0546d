"""What streams hold, as the guides show it: thinking, tools, citations, stop reasons, the final message."""

from __future__ import annotations

import contextlib
import json

import anthropic
import pytest
from guide_clients import FOLDER, HELLO, REQUEST, finals, offline, text_of

from inspector import RecordingWarning, load_all
from inspector.recording.bundled import bundled_names

V1_OR_LATER = int(anthropic.__version__.split(".")[0]) >= 1


def test_extended_thinking():
    thinking, signature = "", ""
    with offline("thinking") as client:
        for event in client.messages.create(
            **REQUEST, stream=True, thinking={"type": "enabled", "budget_tokens": 1024}
        ):
            if event.type == "content_block_delta" and event.delta.type == "thinking_delta":
                thinking += event.delta.thinking
            if event.type == "content_block_delta" and event.delta.type == "signature_delta":
                signature = event.delta.signature
    block, *_, text = finals("thinking").content
    assert (block.type, block.thinking, block.signature) == ("thinking", thinking, signature)
    assert text.text == text_of("thinking")
    assert thinking


def test_thinking_events_of_the_helper():
    with offline("thinking") as client, client.messages.stream(**REQUEST) as stream:
        events = [event for event in stream if event.type in ("thinking", "signature")]
    assert events[-1].type == "signature"
    assert "".join(event.thinking for event in events[:-1]) == events[-2].snapshot


def test_redacted_and_omitted_thinking():
    assert "redacted_thinking" in [block.type for block in finals("redacted_thinking").content]
    first = finals("thinking_omitted").content[0]
    assert (first.type, first.thinking, bool(first.signature)) == ("thinking", "", True)


def test_tool_use_and_its_input_on_the_way():
    pieces, tool = [], None
    with offline("tool_use") as client, client.messages.stream(**REQUEST) as stream:
        for event in stream:
            if event.type == "input_json":
                pieces.append(event.partial_json)
                snapshot = event.snapshot
            if event.type == "content_block_stop" and event.content_block.type == "tool_use":
                tool = event.content_block
        message = stream.get_final_message()
    assert message.stop_reason == "tool_use"
    assert len(pieces) > 1
    assert tool.input == snapshot == json.loads("".join(pieces))


def test_input_json_deltas_by_hand():
    inputs = {}
    with offline("tools_parallel") as client:
        for event in client.messages.create(**REQUEST, stream=True):
            if event.type == "content_block_delta" and event.delta.type == "input_json_delta":
                inputs[event.index] = inputs.get(event.index, "") + event.delta.partial_json
    tools = [block for block in finals("tools_parallel").content if block.type == "tool_use"]
    assert len(tools) > 1
    assert [tool.input for tool in tools] == [json.loads(text) if text else {} for text in inputs.values()]


def test_citations():
    with offline("citations") as client, client.messages.stream(**REQUEST) as stream:
        cited = [event.citation for event in stream if event.type == "citation"]
    kept = [citation for block in finals("citations").content for citation in block.citations or []]
    assert cited
    assert [citation.to_dict() for citation in cited] == [citation.to_dict() for citation in kept]


@pytest.mark.parametrize(
    "name, kinds",
    [
        ("web_search", {"server_tool_use", "web_search_tool_result"}),
        ("web_fetch", {"server_tool_use", "web_fetch_tool_result"}),
        ("code_execution", {"server_tool_use"}),
        ("tool_search", {"server_tool_use", "tool_search_tool_result"}),
    ],
)
def test_server_tools(name, kinds):
    message = finals(name)
    assert kinds <= {block.type for block in message.content}
    assert all(block.input for block in message.content if block.type == "server_tool_use")


@pytest.mark.parametrize(
    "name, kind",
    [
        ("compaction", "compaction"),
        ("compaction_request", "compaction"),
        ("fallback", "fallback"),
        ("mcp", "mcp_tool_use"),
        ("mcp", "mcp_tool_result"),
        ("advisor", "server_tool_use"),
    ],
)
def test_what_only_the_beta_helper_knows(name, kind):
    assert kind in [block.type for block in finals(name, beta=True).content]


@pytest.mark.parametrize(
    "name, reason",
    [
        ("hello", "end_turn"),
        ("max_tokens", "max_tokens"),
        ("stop_sequence", "stop_sequence"),
        ("tool_use", "tool_use"),
        ("pause_turn", "pause_turn"),
        ("refusal", "refusal"),
        ("context_window", "model_context_window_exceeded"),
    ],
)
def test_stop_reasons(name, reason):
    assert finals(name).stop_reason == reason


def test_a_very_long_answer_may_be_requested():
    assert finals("hello", max_tokens=128_000).content[0].text == HELLO


def test_pings_comments_and_line_ends_do_not_show():
    for name in ("pings", "comments", "crlf", "unicode"):
        assert "".join(b.text for b in finals(name).content if b.type == "text") == text_of(name)


def quietly_loaded(name):
    with pytest.warns(RecordingWarning) if name.endswith("torn") else contextlib.nullcontext():
        return load_all(FOLDER / f"{name}.jsonl")


RAISES = [
    *("error_401", "error_429", "error_529", "error_mid_stream"),
    *("broken/abandoned", "broken/bad_json", "broken/bad_utf8", "broken/cut_text", "broken/html"),
    *("broken/index_gap", "broken/no_end", "broken/no_response", "broken/reset", "broken/timeout"),
    *("broken/torn", "broken/unnamed"),
]


@pytest.mark.parametrize("name", bundled_names())
def test_the_message_of_a_recording_is_the_final_message_of_the_sdk(name):
    for recording in quietly_loaded(name):
        try:
            with offline(recording) as client, client.beta.messages.stream(**REQUEST) as stream:
                message = stream.get_final_message()
        except Exception:
            assert name in RAISES
        else:
            assert name not in RAISES
            expected = recording.message()
            if not V1_OR_LATER:  # which did not know this one yet
                expected.pop("input_transformations", None)
            assert message.to_dict(mode="json", warnings=False) == expected
