"""A cassette answers what it holds; the rest is sent on, recorded, and answered."""

from __future__ import annotations

import json
from contextlib import contextmanager

import httpx
import pytest
from conftest import ROOT

from inspector import Server, load, tap
from inspector.http_library import sdk_library
from inspector.proxy.forwarder import Forwarder
from inspector.proxy.library_transports import network_transport
from inspector.pytest_plugin._new_requests import answering_new_requests
from inspector.pytest_plugin._redirecting import Redirected

HELLO = load(ROOT / "recordings/hello.jsonl")
ASK = HELLO.request.json()


@contextmanager
def answering(upstream, folder):
    file = folder / "live.jsonl"
    recorder = tap(file)
    forwarder = Forwarder(upstream, recorder).start()
    try:
        with answering_new_requests([HELLO], forwarder, recorder, file, match="request", ignore=[]) as server:
            yield server
    finally:
        forwarder.stop()


def post(url, **changes):
    return httpx.post(f"{url}/v1/messages?beta=true", content=json.dumps({**ASK, **changes}), timeout=60)


def test_only_new_requests_are_sent_on(tmp_path):
    other = [{"role": "user", "content": "New?"}]
    with (
        Server(ROOT / "recordings/thinking.jsonl", match="any", loop=True) as api,
        answering(api.url, tmp_path) as server,
    ):
        assert post(server.url).content == HELLO.body
        assert api.requests == []
        assert post(server.url, messages=other).content == load(ROOT / "recordings/thinking.jsonl").body
        assert (len(api.requests), api.requests[0].url) == (1, "/v1/messages?beta=true")
        assert (server.misses, server.unused) == ([], [])
    assert load(tmp_path / "live.jsonl").request.json()["messages"] == other


def test_an_api_that_is_not_there_is_an_error(tmp_path):
    with Server(ROOT / "recordings/hello.jsonl") as gone:
        url = gone.url
    with answering(url, tmp_path) as server:
        with pytest.raises(httpx.HTTPError):
            post(server.url, messages=[])
        assert post(server.url).status_code == 200


def test_the_transport_sends_everything_to_one_server(tmp_path):
    library = sdk_library()
    with Server(ROOT / "recordings/hello.jsonl") as server:
        transport = network_transport(Redirected(server))
        with library.Client(transport=transport) as client:
            response = client.post("https://api.anthropic.com/v1/messages", json=ASK)
        assert response.content == HELLO.body
        (request,) = transport.requests
        assert dict(request.headers)["host"] == server.url.removeprefix("http://")
