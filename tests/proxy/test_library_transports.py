"""Transports that call the network: what passes is recorded, and remembered."""

from __future__ import annotations

import asyncio
import socket

import pytest
from loopback import Server, chunked

from inspector import load_all, tap
from inspector.http_library import sdk_library
from inspector.proxy.library_transports import RecordingDoor, network_transport

PARTS = [b"event: a\ndata: 1\n\n", b"event: b\nda", b"ta: 2\n\n"]


@pytest.fixture
def file(tmp_path):
    return tmp_path / "recorded.jsonl"


def nobody():
    """The URL of an address where nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return f"http://127.0.0.1:{listening.getsockname()[1]}"


def test_a_client_calls_the_network_and_is_recorded(file):
    with Server(chunked(PARTS)) as upstream:
        recorder = tap(file)
        transport = network_transport(RecordingDoor(recorder))
        with sdk_library().Client(transport=transport) as client:
            assert client.post(f"{upstream.url}/v1/messages", content=b"{}").content == b"".join(PARTS)
        recorder.flush()
    (request,) = transport.requests
    assert (request.path, request.body, request.status) == ("/v1/messages", b"{}", 200)
    assert load_all(file)[0].body == b"".join(PARTS)


def test_so_does_an_async_client(file):
    recorder = tap(file)
    transport = network_transport(RecordingDoor(recorder))

    async def fetch_async(url):
        async with sdk_library().AsyncClient(transport=transport) as client:
            return (await client.post(f"{url}/v1/messages", content=b"{}")).content

    with Server(chunked(PARTS)) as upstream:
        assert asyncio.run(fetch_async(upstream.url)) == b"".join(PARTS)
    recorder.flush()
    assert [request.status for request in transport.requests] == [200]
    assert load_all(file)[0].body == b"".join(PARTS)


def test_a_request_that_fails_is_recorded_and_remembered_too(file):
    recorder = tap(file)
    transport = network_transport(RecordingDoor(recorder))
    with sdk_library().Client(transport=transport) as client, pytest.raises(sdk_library().ConnectError):
        client.post(f"{nobody()}/v1/messages")
    recorder.flush()
    assert [request.status for request in transport.requests] == [None]
    assert load_all(file)[0].response is None
