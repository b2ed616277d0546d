"""The installed SDK, sync and async, with a tap: it behaves as without one."""

from __future__ import annotations

import asyncio
import gc

import anthropic
import pytest
from conftest import ROOT
from loopback import STALL, Server, chunked, head
from recorded import SECRET, by_time, chunks_of, only

from inspector import Ending, RecordingWarning, load, tap
from inspector.record import tap as tap_module

HELLO = [data for _, data in load(ROOT / "recordings" / "hello.jsonl").chunks()]
MESSAGE = {"model": "claude-haiku-4-5", "max_tokens": 10, "messages": [{"role": "user", "content": "Hi"}]}


def sdk_events(mode, url, hooks=None, **options):
    """List the events of `create(stream=True)`, as dicts."""
    options = {"api_key": SECRET, "base_url": url, "max_retries": 0, **options}
    if mode == "sync":
        with anthropic.DefaultHttpxClient(event_hooks=hooks) as http:
            client = anthropic.Anthropic(http_client=http, **options)
            return [event.to_dict() for event in client.messages.create(**MESSAGE, stream=True)]

    async def read():
        async with anthropic.DefaultAsyncHttpxClient(event_hooks=hooks) as http:
            client = anthropic.AsyncAnthropic(http_client=http, **options)
            return [event.to_dict() async for event in await client.messages.create(**MESSAGE, stream=True)]

    return asyncio.run(read())


def sdk_texts(mode, url, hooks=None, **options):
    events = sdk_events(mode, url, hooks, **options)
    return [event["delta"]["text"] for event in events if event["type"] == "content_block_delta"]


@pytest.mark.parametrize("mode", ["sync", "async"])
def test_the_sdk_sends_the_same_bytes_and_gets_the_same_events(mode, tmp_path):
    with Server(chunked(HELLO)) as server:
        bare = sdk_events(mode, server.url)
        tapped = sdk_events(mode, server.url, tap(tmp_path))
    assert tapped == bare
    (line, headers, content), tapped_request = server.requests
    assert (tapped_request[0], tapped_request[2]) == (line, content)
    assert list(tapped_request[1].items()) == list(headers.items())
    assert SECRET in str(headers)
    recording = only(tmp_path)
    assert chunks_of(recording) == HELLO
    assert recording.request.body == content
    assert {"authorization", "x-api-key"} & set(recording.request.withheld)
    assert "ping" in [event.name for event in recording.events()]  # the SDK hides it


@pytest.mark.parametrize("mode", ["sync", "async"])
def test_every_attempt_of_a_retried_request_is_a_recording(mode, tmp_path):
    busy = [head(429, {"content-type": "application/json", "retry-after-ms": "1"}, content_length=2), b"{}"]
    with Server(busy, chunked(HELLO)) as server:
        assert sdk_texts(mode, server.url, tap(tmp_path), max_retries=2)
    first, second = by_time(tmp_path)
    assert (first.response.status, second.response.status) == (429, 200)
    assert [r.request.headers["x-stainless-retry-count"] for r in (first, second)] == ["0", "1"]
    # The SDK does not read a response that it retries.
    assert first.end.how in (Ending.ABANDONED, Ending.COMPLETE)
    assert (second.body, second.end.how) == (b"".join(HELLO), Ending.COMPLETE)


@pytest.mark.parametrize("mode", ["sync", "async"])
def test_the_body_of_an_error_that_the_sdk_raises_is_recorded(mode, tmp_path):
    body = b'{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}'
    busy = [head(529, {"content-type": "application/json"}, content_length=len(body)), body]
    with Server(busy) as server, pytest.raises(anthropic.APIStatusError, match="Overloaded"):
        sdk_texts(mode, server.url, tap(tmp_path))
    assert (only(tmp_path).body, only(tmp_path).end.how) == (body, Ending.COMPLETE)


def test_a_fault_of_our_own_does_not_make_the_sdk_send_the_request_twice(tmp_path, monkeypatch):
    monkeypatch.setattr(tap_module, "head_of", None)
    with Server(chunked(HELLO)) as server, pytest.warns(RecordingWarning, match="TypeError"):
        assert sdk_texts("sync", server.url, tap(tmp_path), max_retries=2)
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    "mode, leave",
    [("sync", how) for how in ("break", "close", "with", "drop")]
    + [("async", how) for how in ("break", "with", "cancel")],
)
def test_a_stream_that_the_sdks_caller_leaves_early_is_recorded_as_abandoned(mode, tmp_path, leave):
    script = [*chunked(HELLO[:3])[:-1], STALL]

    def run(server):
        with anthropic.DefaultHttpxClient(event_hooks=tap(tmp_path)) as http:
            client = anthropic.Anthropic(api_key=SECRET, base_url=server.url, http_client=http)
            stream = client.messages.create(**MESSAGE, stream=True)
            if leave == "with":
                with stream:
                    assert next(stream).type == "message_start"
            else:
                for event in stream:
                    assert event.type == "message_start"
                    break
                if leave == "close":
                    stream.close()
                del stream
                gc.collect()
            assert server.left.wait(60)

    async def arun(server):
        http = anthropic.DefaultAsyncHttpxClient(event_hooks=tap(tmp_path))
        client = anthropic.AsyncAnthropic(api_key=SECRET, base_url=server.url, http_client=http)
        async with client:
            started = asyncio.Event()

            async def read():
                async with await client.messages.create(**MESSAGE, stream=True) as stream:
                    async for event in stream:
                        assert event.type == "message_start"
                        started.set()
                        if leave != "cancel":
                            break
                        await asyncio.sleep(3600)

            task = asyncio.create_task(read())
            await started.wait()
            if leave == "cancel":
                task.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await task
            await asyncio.wait([task])
            assert await asyncio.to_thread(server.left.wait, 10)

    with Server(script) as server:
        run(server) if mode == "sync" else asyncio.run(arun(server))
    recording = only(tmp_path)
    assert recording.end.how is Ending.ABANDONED
    assert HELLO[0] in recording.body
