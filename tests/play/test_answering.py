"""The transport and the server say the same of the requests that they answered."""

from __future__ import annotations

import contextlib

import pytest

import inspector
from inspector.http_library import sdk_library

ASK = {"stream": True, "messages": []}
URL = "/v1/messages"


@contextlib.contextmanager
def _server(*recordings):
    with inspector.Server(*recordings) as server, sdk_library().Client(base_url=server.url) as client:
        yield server, client


@contextlib.contextmanager
def _transport(*recordings):
    transport = inspector.replay(*recordings)
    with sdk_library().Client(transport=transport, base_url="http://api") as client:
        yield transport, client


@pytest.mark.parametrize("answers_from", [_server, _transport])
def test_requests_misses_and_unused_recordings(answers_from):
    with answers_from("hello", "tool_use") as (answering, client):
        client.post(URL, json=ASK)
        client.post("/v1/unknown", json=ASK)
        assert [request.path for request in answering.requests] == [URL, "/v1/unknown"]
        assert [request.path for request in answering.misses] == ["/v1/unknown"]
        assert len(answering.unused) == 1


@pytest.mark.parametrize("answers_from", [_server, _transport])
def test_a_program_that_hands_out_half_an_answer_as_a_whole_is_found_out(answers_from):
    with answers_from("broken/cut_text") as (answering, client):
        with contextlib.suppress(sdk_library().HTTPError):
            client.post(URL, json=ASK)
        assert answering.verdict(returned="half an answer").faults
        assert not answering.verdict(raised=ValueError()).faults
