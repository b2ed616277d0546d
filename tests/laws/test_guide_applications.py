"""Whole applications, as the guides show them: loops of tool calls, and an endpoint that streams."""

from __future__ import annotations

import asyncio
import json

import pytest
from anthropic import beta_async_tool, beta_tool
from guide_clients import FOLDER, HELLO, REQUEST, aoffline, offline

from inspector import load_all
from inspector.http_library import sdk_library

SESSION = load_all(FOLDER / "tool_session.jsonl")
FIRST, SECOND = [json.loads(recording.request.body) for recording in SESSION]
TIDES = SECOND["messages"][2]["content"][0]["content"]


def test_a_loop_of_tool_calls_makes_the_recorded_requests():
    messages = list(FIRST["messages"])
    request = {name: FIRST[name] for name in ("model", "max_tokens", "tools")}
    with offline("tool_session", match="body") as client:
        while True:
            with client.messages.stream(**request, messages=messages) as stream:
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

    request = {"model": "claude-haiku-4-5", "max_tokens": 1024, "messages": FIRST["messages"], "stream": True}

    async def main():
        async with aoffline("tool_session") as client:
            runner = client.beta.messages.tool_runner(**request, tools=[aget_tides])
            return [await stream.get_final_message() async for stream in runner]

    with offline("tool_session") as client:
        runner = client.beta.messages.tool_runner(**request, tools=[get_tides])
        turns = [stream.get_final_message() for stream in runner]
    for messages in (turns, asyncio.run(main())):
        assert [message.to_dict(mode="json") for message in messages] == [r.message() for r in SESSION]
    assert calls == [("Saint-Malo", "2026-11-21")] * 2


def test_an_endpoint_of_fastapi_that_streams():
    fastapi = pytest.importorskip("fastapi")
    responses = pytest.importorskip("fastapi.responses")
    library = sdk_library()

    async def main():
        async with aoffline("hello") as client:
            app = fastapi.FastAPI()

            @app.get("/chat")
            async def chat():
                async def pieces():
                    async with client.messages.stream(**REQUEST) as stream:
                        async for text in stream.text_stream:
                            yield text

                return responses.StreamingResponse(pieces(), media_type="text/plain")

            transport = library.ASGITransport(app)
            async with library.AsyncClient(transport=transport, base_url="http://test") as caller:
                return await caller.get("/chat")

    response = asyncio.run(main())
    assert (response.status_code, response.text) == (200, HELLO)
