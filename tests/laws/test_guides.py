"""What the streaming guides show works on a recording as it stands there: the real SDK, sync and async."""

from __future__ import annotations

import asyncio
import contextlib
import json
from dataclasses import replace

import anthropic
import pytest
from anthropic import beta_async_tool, beta_tool
from conftest import ROOT

from inspector import RecordingWarning, load, load_all
from inspector import replay as replay_
from inspector.http_library import sdk_library
from inspector.recording.bundled import bundled_names

FOLDER = ROOT / "recordings"
ASKED = {"model": "claude-opus-4-8", "max_tokens": 1024, "messages": [{"role": "user", "content": "Hello"}]}
V1_OR_LATER = int(anthropic.__version__.split(".")[0]) >= 1


@contextlib.contextmanager
def offline(*recordings, max_retries=0, **options):
    """A client that is answered from recordings."""
    found = [FOLDER / f"{one}.jsonl" if isinstance(one, str) else one for one in recordings]
    http = anthropic.DefaultHttpxClient(transport=replay_(*found, **options))
    with anthropic.Anthropic(api_key="none", http_client=http, max_retries=max_retries) as client:
        yield client


@contextlib.asynccontextmanager
async def aoffline(*recordings, max_retries=0, **options):
    found = [FOLDER / f"{one}.jsonl" if isinstance(one, str) else one for one in recordings]
    http = anthropic.DefaultAsyncHttpxClient(transport=replay_(*found, **options))
    async with anthropic.AsyncAnthropic(api_key="none", http_client=http, max_retries=max_retries) as client:
        yield client


def text_of(name):
    content = load(FOLDER / f"{name}.jsonl").message()["content"]
    return "".join(block["text"] for block in content if block["type"] == "text")


HELLO = text_of("hello")


# The helpers: sync


def test_text_stream():
    with offline("hello") as client, client.messages.stream(**ASKED) as stream:
        pieces = list(stream.text_stream)
    assert len(pieces) > 10
    assert "".join(pieces) == HELLO


def test_get_final_text():
    with offline("hello") as client, client.messages.stream(**ASKED) as stream:
        assert stream.get_final_text() == HELLO


def test_get_final_message_after_the_text():
    with offline("hello") as client, client.messages.stream(**ASKED) as stream:
        for _ in stream.text_stream:
            pass
        message = stream.get_final_message()
    assert message.content[0].text == HELLO
    assert (message.stop_reason, message.usage.output_tokens > 1) == ("end_turn", True)


def test_until_done_and_the_snapshot_on_the_way():
    with offline("hello") as client, client.messages.stream(**ASKED) as stream:
        for event in stream:
            if event.type == "content_block_delta":
                break
        sofar = stream.current_message_snapshot.content[0].text
        assert HELLO.startswith(sofar)
        assert 0 < len(sofar) < len(HELLO)
        stream.until_done()
        assert stream.current_message_snapshot.content[0].text == HELLO


def test_text_events_accumulate():
    said = ""
    with offline("hello") as client, client.messages.stream(**ASKED) as stream:
        for event in stream:
            if event.type == "text":
                said += event.text
                assert event.snapshot == said
    assert said == HELLO


def test_accumulating_raw_events_by_hand():
    said, usage, kinds = "", None, []
    with offline("hello") as client:
        for event in client.messages.create(**ASKED, stream=True):
            kinds.append(event.type)
            if event.type == "content_block_delta" and event.delta.type == "text_delta":
                said += event.delta.text
            elif event.type == "message_delta":
                usage = event.usage
    assert said == HELLO
    assert usage.output_tokens > 1
    assert list(dict.fromkeys(kinds)) == [
        "message_start",
        "content_block_start",
        "content_block_delta",
        "content_block_stop",
        "message_delta",
        "message_stop",
    ]


def test_leaving_in_the_middle():
    with offline("hello", "hello") as client:
        with client.messages.stream(**ASKED) as stream:
            for piece in stream.text_stream:
                assert piece
                break
        stream = client.messages.create(**ASKED, stream=True)
        next(stream)
        stream.close()


def test_the_request_id_of_a_stream():
    with offline("hello") as client, client.messages.stream(**ASKED) as stream:
        assert stream.request_id == load(FOLDER / "hello.jsonl").response.headers["request-id"]
        stream.until_done()


def test_raw_and_streaming_responses():
    with offline("hello", "hello") as client:
        raw = client.messages.with_raw_response.create(**ASKED, stream=True)
        assert raw.headers["request-id"].startswith("req_")
        assert [event.type for event in raw.parse()][-1] == "message_stop"
        with client.messages.with_streaming_response.create(**ASKED, stream=True) as response:
            body = b"".join(response.iter_bytes())
    assert body == load(FOLDER / "hello.jsonl").body


# The helpers: async


def test_async_text_stream_and_final_text():
    async def main():
        async with aoffline("hello", "hello") as client:
            async with client.messages.stream(**ASKED) as stream:
                pieces = [piece async for piece in stream.text_stream]
            async with client.messages.stream(**ASKED) as stream:
                return "".join(pieces), await stream.get_final_text()

    assert asyncio.run(main()) == (HELLO, HELLO)


def test_async_final_message_until_done_and_snapshot():
    async def main():
        async with aoffline("hello", "hello") as client:
            async with client.messages.stream(**ASKED) as stream:
                message = await stream.get_final_message()
            async with client.messages.stream(**ASKED) as stream:
                await stream.until_done()
                return message, stream.current_message_snapshot

    message, snapshot = asyncio.run(main())
    assert message.content[0].text == snapshot.content[0].text == HELLO


def test_async_raw_events():
    async def main():
        said = ""
        async with aoffline("hello") as client:
            async for event in await client.messages.create(**ASKED, stream=True):
                if event.type == "content_block_delta":
                    said += event.delta.text
        return said

    assert asyncio.run(main()) == HELLO


def test_several_async_streams_at_once():
    names = ["hello", "thinking", "tool_use", "citations"]

    async def one(client):
        async with client.messages.stream(**ASKED) as stream:
            return (await stream.get_final_message()).id

    async def main():
        async with aoffline(*names) as client:
            return await asyncio.gather(*(one(client) for _ in names))

    assert sorted(asyncio.run(main())) == sorted(load(FOLDER / f"{n}.jsonl").message()["id"] for n in names)


# What the stream holds


def finals(name, *, beta=False, **asked):
    """The final message of a recording, by the sync and by the async helper."""
    asked = {**ASKED, **asked}

    async def main():
        async with (
            aoffline(name) as client,
            (client.beta if beta else client).messages.stream(**asked) as stream,
        ):
            return await stream.get_final_message()

    with offline(name) as client, (client.beta if beta else client).messages.stream(**asked) as stream:
        message = stream.get_final_message()
    amessage = asyncio.run(main())
    assert message.to_dict(warnings=False) == amessage.to_dict(warnings=False)
    return message


def test_extended_thinking():
    thinking, signature = "", ""
    with offline("thinking") as client:
        for event in client.messages.create(
            **ASKED, stream=True, thinking={"type": "enabled", "budget_tokens": 1024}
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
    with offline("thinking") as client, client.messages.stream(**ASKED) as stream:
        events = [event for event in stream if event.type in ("thinking", "signature")]
    assert events[-1].type == "signature"
    assert "".join(event.thinking for event in events[:-1]) == events[-2].snapshot


def test_redacted_and_omitted_thinking():
    assert "redacted_thinking" in [block.type for block in finals("redacted_thinking").content]
    first = finals("thinking_omitted").content[0]
    assert (first.type, first.thinking, bool(first.signature)) == ("thinking", "", True)


def test_tool_use_and_its_input_on_the_way():
    pieces, tool = [], None
    with offline("tool_use") as client, client.messages.stream(**ASKED) as stream:
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
        for event in client.messages.create(**ASKED, stream=True):
            if event.type == "content_block_delta" and event.delta.type == "input_json_delta":
                inputs[event.index] = inputs.get(event.index, "") + event.delta.partial_json
    tools = [block for block in finals("tools_parallel").content if block.type == "tool_use"]
    assert len(tools) > 1
    assert [tool.input for tool in tools] == [json.loads(text) if text else {} for text in inputs.values()]


def test_citations():
    with offline("citations") as client, client.messages.stream(**ASKED) as stream:
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


def test_a_very_long_answer_may_be_asked_for():
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
            with offline(recording) as client, client.beta.messages.stream(**ASKED) as stream:
                message = stream.get_final_message()
        except Exception:
            assert name in RAISES
        else:
            assert name not in RAISES
            expected = recording.message()
            if not V1_OR_LATER:  # which did not know this one yet
                expected.pop("input_transformations", None)
            assert message.to_dict(mode="json", warnings=False) == expected


# Errors


@pytest.mark.parametrize(
    "name, kind, status",
    [
        ("error_401", anthropic.AuthenticationError, 401),
        ("error_429", anthropic.RateLimitError, 429),
        ("error_529", anthropic.APIStatusError, 529),
        ("error_mid_stream", anthropic.APIStatusError, 200),
        ("broken/no_response", anthropic.APIConnectionError, None),
    ],
)
def test_typed_exceptions(name, kind, status):
    async def main():
        async with aoffline(name) as client, client.messages.stream(**ASKED) as stream:
            await stream.until_done()

    raised = []
    with offline(name) as client, pytest.raises(kind) as error, client.messages.stream(**ASKED) as stream:
        stream.until_done()
    raised.append(error.value)
    with pytest.raises(kind) as error:
        asyncio.run(main())
    raised.append(error.value)
    for error in raised:
        assert getattr(error, "status_code", None) == status
        if status:
            assert error.body["type"] == "error"
            assert error.request_id.startswith("req_")


def test_what_an_error_of_the_limits_tells():
    with offline("error_429") as client, pytest.raises(anthropic.RateLimitError) as raised:
        client.messages.create(**ASKED)
    assert raised.value.response.headers["retry-after"] == "17"


def test_an_error_in_the_middle_of_a_stream_comes_after_what_was_said():
    said = ""
    with offline("error_mid_stream") as client, pytest.raises(anthropic.APIStatusError, match="verload"):
        for event in client.messages.create(**ASKED, stream=True):
            if event.type == "content_block_delta":
                said += event.delta.text
    assert said == text_of("error_mid_stream")
    assert said


def soon(recording):
    """The same, with permission to try again at once."""
    headers = {**recording.response.headers, "retry-after-ms": "0.01"}
    response = replace(recording.response, headers=headers)
    return replace(recording, head=replace(recording.head, response=response))


def test_the_sdk_tries_again_what_was_recorded_as_trying_again():
    busy, overloaded = soon(load(FOLDER / "error_429.jsonl")), soon(load(FOLDER / "error_529.jsonl"))

    async def main():
        async with (
            aoffline(busy, overloaded, "hello", max_retries=2) as client,
            client.messages.stream(**ASKED) as stream,
        ):
            return await stream.get_final_text()

    client = offline(busy, overloaded, "hello", max_retries=2)
    with client as client, client.messages.stream(**ASKED) as stream:
        assert stream.get_final_text() == HELLO
    assert asyncio.run(main()) == HELLO


# Turns

SESSION = load_all(FOLDER / "tool_session.jsonl")
FIRST, SECOND = [json.loads(recording.request.body) for recording in SESSION]
TIDES = SECOND["messages"][2]["content"][0]["content"]


def test_a_loop_of_tool_calls_makes_the_recorded_requests():
    messages = list(FIRST["messages"])
    asked = {name: FIRST[name] for name in ("model", "max_tokens", "tools")}
    with offline("tool_session", match="body") as client:
        while True:
            with client.messages.stream(**asked, messages=messages) as stream:
                message = stream.get_final_message()
            if message.stop_reason != "tool_use":
                break
            fields = ("type", "text", "id", "name", "input")
            content = [
                {field: getattr(block, field) for field in fields if hasattr(block, field)}
                for block in message.content
            ]
            results = [
                {"type": "tool_result", "tool_use_id": block.id, "content": TIDES}
                for block in message.content
                if block.type == "tool_use"
            ]
            messages += [{"role": "assistant", "content": content}, {"role": "user", "content": results}]
    assert messages == SECOND["messages"]
    assert message.to_dict(mode="json") == SESSION[1].message()


def test_the_tool_runner():
    calls = []

    @beta_tool
    def get_tides(harbour: str, date: str) -> str:
        """High and low water at a harbour."""
        calls.append((harbour, date))
        return TIDES

    @beta_async_tool(name="get_tides")
    async def aget_tides(harbour: str, date: str) -> str:
        """High and low water at a harbour."""
        return get_tides(harbour, date)

    asked = {"model": "claude-haiku-4-5", "max_tokens": 1024, "messages": FIRST["messages"], "stream": True}

    async def main():
        async with aoffline("tool_session") as client:
            runner = client.beta.messages.tool_runner(**asked, tools=[aget_tides])
            return [await stream.get_final_message() async for stream in runner]

    with offline("tool_session") as client:
        runner = client.beta.messages.tool_runner(**asked, tools=[get_tides])
        turns = [stream.get_final_message() for stream in runner]
    for messages in (turns, asyncio.run(main())):
        assert [message.to_dict(mode="json") for message in messages] == [r.message() for r in SESSION]
    assert calls == [("Saint-Malo", "2026-11-21")] * 2


# Behind an endpoint


def test_an_endpoint_of_fastapi_that_streams():
    fastapi = pytest.importorskip("fastapi")
    responses = pytest.importorskip("fastapi.responses")
    library = sdk_library()

    async def main():
        async with aoffline("hello") as client:
            app = fastapi.FastAPI()

            @app.get("/chat")
            async def chat():
                async def words():
                    async with client.messages.stream(**ASKED) as stream:
                        async for text in stream.text_stream:
                            yield text

                return responses.StreamingResponse(words(), media_type="text/plain")

            transport = library.ASGITransport(app)
            async with library.AsyncClient(transport=transport, base_url="http://test") as caller:
                return await caller.get("/chat")

    response = asyncio.run(main())
    assert (response.status_code, response.text) == (200, HELLO)
