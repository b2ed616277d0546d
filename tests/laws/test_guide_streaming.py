"""Streaming, as the guides show it: the SDK's helpers and raw events, sync and async, from a recording."""

from __future__ import annotations

import asyncio

from guide_clients import FOLDER, HELLO, REQUEST, aoffline, offline

from inspector import load

# Sync


def test_text_stream():
    with offline("hello") as client, client.messages.stream(**REQUEST) as stream:
        pieces = list(stream.text_stream)
    assert len(pieces) > 10
    assert "".join(pieces) == HELLO


def test_get_final_text():
    with offline("hello") as client, client.messages.stream(**REQUEST) as stream:
        assert stream.get_final_text() == HELLO


def test_get_final_message_after_the_text():
    with offline("hello") as client, client.messages.stream(**REQUEST) as stream:
        for _ in stream.text_stream:
            pass
        message = stream.get_final_message()
    assert message.content[0].text == HELLO
    assert (message.stop_reason, message.usage.output_tokens > 1) == ("end_turn", True)


def test_until_done_and_the_snapshot_on_the_way():
    with offline("hello") as client, client.messages.stream(**REQUEST) as stream:
        for event in stream:
            if event.type == "content_block_delta":
                break
        sofar = stream.current_message_snapshot.content[0].text
        assert HELLO.startswith(sofar)
        assert 0 < len(sofar) < len(HELLO)
        stream.until_done()
        assert stream.current_message_snapshot.content[0].text == HELLO


def test_text_events_accumulate():
    text = ""
    with offline("hello") as client, client.messages.stream(**REQUEST) as stream:
        for event in stream:
            if event.type == "text":
                text += event.text
                assert event.snapshot == text
    assert text == HELLO


def test_accumulating_raw_events_by_hand():
    text, usage, kinds = "", None, []
    with offline("hello") as client:
        for event in client.messages.create(**REQUEST, stream=True):
            kinds.append(event.type)
            if event.type == "content_block_delta" and event.delta.type == "text_delta":
                text += event.delta.text
            elif event.type == "message_delta":
                usage = event.usage
    assert text == HELLO
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
        with client.messages.stream(**REQUEST) as stream:
            for piece in stream.text_stream:
                assert piece
                break
        stream = client.messages.create(**REQUEST, stream=True)
        next(stream)
        stream.close()


def test_the_request_id_of_a_stream():
    with offline("hello") as client, client.messages.stream(**REQUEST) as stream:
        assert stream.request_id == load(FOLDER / "hello.jsonl").response.headers["request-id"]
        stream.until_done()


def test_raw_and_streaming_responses():
    with offline("hello", "hello") as client:
        raw = client.messages.with_raw_response.create(**REQUEST, stream=True)
        assert raw.headers["request-id"].startswith("req_")
        assert [event.type for event in raw.parse()][-1] == "message_stop"
        with client.messages.with_streaming_response.create(**REQUEST, stream=True) as response:
            body = b"".join(response.iter_bytes())
    assert body == load(FOLDER / "hello.jsonl").body


# Async


def test_async_text_stream_and_final_text():
    async def main():
        async with aoffline("hello", "hello") as client:
            async with client.messages.stream(**REQUEST) as stream:
                pieces = [piece async for piece in stream.text_stream]
            async with client.messages.stream(**REQUEST) as stream:
                return "".join(pieces), await stream.get_final_text()

    assert asyncio.run(main()) == (HELLO, HELLO)


def test_async_final_message_until_done_and_snapshot():
    async def main():
        async with aoffline("hello", "hello") as client:
            async with client.messages.stream(**REQUEST) as stream:
                message = await stream.get_final_message()
            async with client.messages.stream(**REQUEST) as stream:
                await stream.until_done()
                return message, stream.current_message_snapshot

    message, snapshot = asyncio.run(main())
    assert message.content[0].text == snapshot.content[0].text == HELLO


def test_async_raw_events():
    async def main():
        text = ""
        async with aoffline("hello") as client:
            async for event in await client.messages.create(**REQUEST, stream=True):
                if event.type == "content_block_delta":
                    text += event.delta.text
        return text

    assert asyncio.run(main()) == HELLO


def test_several_async_streams_at_once():
    names = ["hello", "thinking", "tool_use", "citations"]

    async def one(client):
        async with client.messages.stream(**REQUEST) as stream:
            return (await stream.get_final_message()).id

    async def main():
        async with aoffline(*names) as client:
            return await asyncio.gather(*(one(client) for _ in names))

    assert sorted(asyncio.run(main())) == sorted(load(FOLDER / f"{n}.jsonl").message()["id"] for n in names)
