"""A request that its reader gives up before the response is a recording without a response."""

from __future__ import annotations

import asyncio
import gc
import signal
import threading
import weakref

import pytest
from loopback import CUT, STALL, Server, chunked
from recorded import BODY, PARTS, only, python

import inspector
from inspector import Ending, tap

PROGRAM = """
import sys
import anthropic, inspector
http = anthropic.DefaultHttpxClient(event_hooks=inspector.tap(sys.argv[2]))
client = anthropic.Anthropic(api_key="key-0123456789", base_url=sys.argv[1], http_client=http, max_retries=0)
client.messages.create(model="m", max_tokens=1, messages=[], stream=True)
"""


class Arrival(list):
    """A script that stalls after the request has come, and says so."""

    def __init__(self, come):
        super().__init__([come, STALL])


def test_ctrl_c_in_a_program_that_waits_for_the_head_records_the_attempt(tmp_path):
    come = threading.Event()
    with Server(Arrival(come.set)) as server:
        program = python(PROGRAM, server.url, tmp_path / "r.jsonl")
        assert come.wait(60)
        program.send_signal(signal.SIGINT)
        program.communicate(timeout=60)
    recording = inspector.load(tmp_path / "r.jsonl")
    assert recording.response is None
    assert (recording.end.how, recording.end.error) == (Ending.ABANDONED, None)
    assert recording.end.t > 0
    assert recording.request.json()["model"] == "m"


def test_a_cancelled_task_that_waits_for_the_head_is_recorded_once(library, tmp_path):
    seen = []

    async def trace(name, info):
        seen.append(name)

    async def cancel():
        loop, come = asyncio.get_running_loop(), asyncio.Event()
        script = Arrival(lambda: loop.call_soon_threadsafe(come.set))
        with Server(script) as server:
            async with library.AsyncClient(event_hooks=tap(tmp_path), trust_env=False) as client:
                request = client.build_request("POST", server.url, content=b"{}", extensions={"trace": trace})
                task = asyncio.create_task(client.send(request, stream=True))
                await come.wait()
                task.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await task

    asyncio.run(cancel())
    recording = only(tmp_path)
    assert (recording.response, recording.end.how) == (None, Ending.ABANDONED)
    assert "http11.receive_response_headers.failed" in seen  # the program's own trace goes on


@pytest.mark.parametrize("mode", ["sync", "async"])
def test_a_request_with_a_response_is_one_recording_and_its_trace_goes_on(library, mode, tmp_path):
    seen = []

    async def atrace(name, info):
        seen.append(name)

    async def post(url):
        async with library.AsyncClient(event_hooks=tap(tmp_path), trust_env=False) as client:
            return (await client.post(url, extensions={"trace": atrace})).content

    with Server(chunked(PARTS)) as server:
        if mode == "sync":
            with library.Client(event_hooks=tap(tmp_path), trust_env=False) as client:
                extensions = {"trace": lambda name, info: seen.append(name)}
                body = client.post(server.url, extensions=extensions).content
        else:
            body = asyncio.run(post(server.url))
    assert body == only(tmp_path).body == BODY
    assert "http11.receive_response_body.complete" in seen


def test_a_failure_of_the_network_is_left_to_on_error(library, tmp_path):
    hooks = tap(tmp_path)
    with (
        Server([CUT]) as server,
        library.Client(event_hooks=hooks, trust_env=False) as client,
        pytest.raises(library.RemoteProtocolError),
    ):
        client.post(server.url)
    assert list(tmp_path.iterdir()) == []


def test_a_request_has_one_recording_whatever_is_said_of_it_afterwards(library, tmp_path):
    hooks = tap(tmp_path)
    with Server(chunked(PARTS)) as server, library.Client(event_hooks=hooks, trust_env=False) as client:
        response = client.post(server.url)
        hooks.on_error(response.request, OSError())
    assert only(tmp_path).body == BODY


def test_a_request_is_freed_as_soon_as_its_client_drops_it(library, tmp_path):
    with (
        Server(chunked(PARTS)) as server,
        library.Client(event_hooks=tap(tmp_path), trust_env=False) as client,
    ):
        request = client.build_request("POST", server.url)
        tapped = weakref.ref(request)
        gc.disable()  # a request with a large body must not wait for the collector
        try:
            client.event_hooks["request"][0](request)
            del request
            assert tapped() is None
        finally:
            gc.enable()
