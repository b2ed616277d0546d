"""A recording as Chat Completions, read by the `openai` package: it must see what the recording means."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from every_recording import FOLDER, RECORDINGS
from openai_client import STREAM, hx, openai, streamed, unstreamed

from inspector import load
from inspector.conformance.chat_completions import as_chat_completion, chat_answer
from inspector.conformance.chat_values import finish_reason
from inspector.play.received import IncomingRequest
from inspector.play.whole_message import whole_message
from inspector.recording import Ending


def meant(message):
    """What a naive reader takes out of a Message."""
    content, usage = message["content"], message["usage"]
    parts = {
        kind: "".join(block.get(kind) or "" for block in content if block["type"] == kind)
        for kind in ("text", "thinking")
    }
    calls = [(each["id"], each["name"], each["input"]) for each in content if each["type"] == "tool_use"]
    prompt = sum(
        usage.get(name) or 0
        for name in ("input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens")
    )
    return (parts["text"], parts["thinking"], calls, finish_reason(message["stop_reason"])), (
        prompt,
        usage["output_tokens"],
    )


def is_whole(recording):
    kinds = [event.type for event in recording.events()]
    valid = all(event.valid and event.name for event in recording.events())
    ended = recording.end and recording.end.how is Ending.COMPLETE
    return valid and ended and "message_stop" in kinds and "error" not in kinds


BROKEN_INPUT = {"broken/glued_tool", "broken/spliced"}
WHOLE = {name: each for name, each in RECORDINGS.items() if is_whole(each) and name not in BROKEN_INPUT}


def test_most_recordings_are_whole():
    assert len(WHOLE) > 28


@pytest.mark.parametrize("read", [streamed, unstreamed])
@pytest.mark.parametrize("name", WHOLE)
def test_the_openai_package_reads_what_the_recording_means(name, read):
    expected, (prompt, completion) = meant(WHOLE[name].message())
    *seen, usage = read(WHOLE[name])
    assert tuple(seen) == expected
    assert (usage.prompt_tokens, usage.completion_tokens) == (prompt, completion)
    assert usage.total_tokens == prompt + completion


@pytest.mark.parametrize("name", WHOLE)
def test_chunks_arrive_when_their_events_did(name):
    recording = WHOLE[name]
    rendered = chat_answer(recording, STREAM)
    times = {event.t for event in recording.events()} | {block.t for block in recording.blocks}
    assert {block.t for block in rendered.blocks} <= times
    assert [block.t for block in rendered.blocks] == sorted(block.t for block in rendered.blocks)
    texts = [event.t for event in recording.events() if is_text(event)]
    chunks = [event.t for event in rendered.events() if event.valid and has_content(event.data)]
    assert chunks == texts or name.endswith(("prefilled", "index_gap"))
    assert rendered.end == recording.end


def is_text(event):
    return event.type == "content_block_delta" and event.data["delta"].get("text")


def has_content(chunk):
    return any(choice["delta"].get("content") for choice in chunk["choices"])


def test_the_usage_comes_only_if_it_is_wanted():
    without = list(chat_answer(RECORDINGS["hello"], {"stream": True}).events())
    assert not any("usage" in event.data for event in without[:-1])
    *_, usage, done = chat_answer(RECORDINGS["hello"], STREAM).events()
    assert usage.data["choices"] == []
    assert usage.data["usage"]["completion_tokens"] > 0
    assert done.block.data == b"[DONE]"


@pytest.mark.parametrize("name", ["broken/cut_text", "broken/reset", "broken/timeout"])
def test_a_cut_stays_a_cut(name):
    rendered = chat_answer(RECORDINGS[name], STREAM)
    assert rendered.end == RECORDINGS[name].end
    assert b"[DONE]" not in rendered.body
    assert b'"finish_reason":"' not in rendered.body
    with pytest.raises((openai.APIConnectionError, hx.TransportError)):
        streamed(RECORDINGS[name])
    with pytest.raises(openai.APIConnectionError):
        unstreamed(RECORDINGS[name])


def test_a_cut_within_a_tool_call_leaves_half_of_its_arguments():
    rendered = chat_answer(RECORDINGS["broken/cut_tool"], STREAM)
    assert rendered.end.how is Ending.COMPLETE  # as HTTP has it
    assert b"[DONE]" not in rendered.body
    with pytest.raises(json.JSONDecodeError):
        streamed(RECORDINGS["broken/cut_tool"])


def test_a_cut_that_looks_like_a_proper_end_has_no_finish_reason():
    cut = RECORDINGS["broken/cut_text"]
    ended = replace(cut, end=cut.end._replace(how=Ending.COMPLETE))
    text, _, _, reason, usage = streamed(ended)
    assert cut.message()["content"][0]["text"] == text
    assert (reason, usage) == (None, None)


def test_an_error_within_the_stream_is_raised():
    recording = RECORDINGS["error_mid_stream"]
    with pytest.raises(openai.APIError, match="Overloaded") as raised:
        streamed(recording)
    assert raised.value.body["type"] == "server_error"
    assert b"[DONE]" not in chat_answer(recording, STREAM).body
    with pytest.raises(openai.InternalServerError) as raised:
        unstreamed(recording)
    assert raised.value.status_code == 503


@pytest.mark.parametrize(
    ("name", "error", "status"),
    [
        ("error_401", "AuthenticationError", 401),
        ("error_429", "RateLimitError", 429),
        ("error_529", "InternalServerError", 503),
    ],
)
def test_an_error_has_the_shape_and_the_status_of_openai(name, error, status):
    message = json.loads(RECORDINGS[name].body)["error"]["message"]
    for read in (streamed, unstreamed):
        with pytest.raises(getattr(openai, error)) as raised:
            read(RECORDINGS[name])
        assert raised.value.status_code == status
        assert raised.value.body["message"] == message
        assert raised.value.request_id == RECORDINGS[name].response.headers["request-id"]
    headers = chat_answer(RECORDINGS[name], {}).response.headers
    assert headers.get("retry-after") == RECORDINGS[name].response.headers.get("retry-after")


def test_a_payload_that_is_not_json_stays_as_it_is():
    [broken] = [event.block.data for event in RECORDINGS["broken/bad_json"].events() if not event.valid]
    assert broken in chat_answer(RECORDINGS["broken/bad_json"], STREAM).body
    with pytest.raises(json.JSONDecodeError):
        streamed(RECORDINGS["broken/bad_json"])


def test_comments_stay_and_pings_go():
    rendered = chat_answer(RECORDINGS["comments"], STREAM)
    assert b": keepalive\n\n" in rendered.body
    assert b"ping" not in chat_answer(RECORDINGS["pings"], STREAM).body


def test_a_page_of_html_stays_as_it_is():
    assert chat_answer(RECORDINGS["broken/html"], STREAM) == RECORDINGS["broken/html"]


def test_a_whole_message_is_streamed_to_who_wants_a_stream():
    whole = whole_message(RECORDINGS["tool_use"])
    unstreamed_request = replace(whole.request, body=b"{}")
    whole = replace(whole, head=replace(whole.head, request=unstreamed_request))
    assert streamed(whole)[:4] == streamed(RECORDINGS["tool_use"])[:4]


def test_nothing_of_anthropic_is_left_in_the_headers():
    for recording in RECORDINGS.values():
        rendered = chat_answer(recording, STREAM)
        if rendered is not recording and rendered.response:
            assert not any(name.startswith("anthropic") for name in rendered.response.headers)


def test_the_rendering_changes_nothing_of_its_argument():
    before = load(FOLDER / "tools_parallel.jsonl")
    chat_answer(before, STREAM)
    assert before == load(FOLDER / "tools_parallel.jsonl")


def test_the_body_of_the_request_decides_about_the_form():
    request = IncomingRequest("POST", "/v1/chat/completions", body=json.dumps(STREAM).encode())
    assert as_chat_completion(RECORDINGS["hello"], request) == chat_answer(RECORDINGS["hello"], STREAM)
    request = IncomingRequest("POST", "/v1/chat/completions", body=b"no JSON")
    assert as_chat_completion(RECORDINGS["hello"], request) == chat_answer(RECORDINGS["hello"], {})
