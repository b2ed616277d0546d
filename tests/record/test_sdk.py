"""One call with the installed SDK: what it sends, what it records, and how it reports what happened."""

from __future__ import annotations

import json

import anthropic
import pytest
from conftest import ROOT
from loopback import CUT, STALL, Server, chunked, head
from recorded import SECRET, by_time, only

import inspector
from inspector import Ending, load, tap
from inspector.http_library import sdk_library
from inspector.record.sdk import Call, CallFailedError, call

HELLO = [data for _, data in load(ROOT / "recordings" / "hello.jsonl").chunks()]
EVENTS = len(list(load(ROOT / "recordings" / "hello.jsonl").events()))
BODY = {"model": "claude-haiku-4-5", "max_tokens": 10, "messages": [{"role": "user", "content": "Hi"}]}


def test_the_body_and_the_headers_are_sent_as_they_are(tmp_path):
    body = {**BODY, "brand_new": {"a": 1}, "stream": False}
    with Server(chunked(HELLO)) as server:
        result = call(Call(body, headers={"x-a": "b"}, base_url=server.url, api_key=SECRET), tap(tmp_path))
    ((line, headers, content),) = server.requests
    assert line == "POST /v1/messages HTTP/1.1"
    assert headers["x-a"] == "b"
    assert SECRET in str(headers)
    assert json.loads(content) == {**body, "stream": True}
    assert result.error is None
    assert only(tmp_path).body == b"".join(HELLO)


def test_the_result_has_the_number_of_events_that_the_sdk_passed_on(tmp_path):
    transport = inspector.replay(ROOT / "recordings" / "hello.jsonl")
    result = call(Call(BODY, api_key=SECRET, transport=transport), tap(tmp_path))
    assert 0 < result.events <= EVENTS
    assert (result.error, result.text) == (None, "")


def test_what_the_sdk_raises_about_a_response_is_part_of_the_result(tmp_path):
    body = b'{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}'
    busy = [head(529, {"content-type": "application/json"}, content_length=len(body)), body]
    with Server(busy) as server:
        result = call(Call(BODY, base_url=server.url, api_key=SECRET), tap(tmp_path))
    assert isinstance(result.error, anthropic.APIStatusError)
    assert "Overloaded" in result.text
    assert only(tmp_path).body == body


def test_a_timeout_in_the_stream_is_part_of_the_result(tmp_path):
    with Server([*chunked(HELLO[:2])[:-1], STALL]) as server:
        result = call(Call(BODY, base_url=server.url, api_key=SECRET, timeout=1.0), tap(tmp_path))
    assert isinstance(result.error, sdk_library().ReadTimeout)
    assert only(tmp_path).end.how is Ending.TIMEOUT


def test_every_attempt_is_recorded_and_so_is_the_one_without_a_response(tmp_path):
    busy = [head(529, {"retry-after-ms": "1"}, content_length=2), b"{}"]
    with Server(busy, [CUT]) as server, pytest.raises(CallFailedError) as raised:
        call(Call(BODY, base_url=server.url, api_key=SECRET, max_retries=1), tap(tmp_path))
    assert len(server.requests) == 2
    assert str(raised.value).startswith(f"cannot reach {server.url}/v1/messages: Server disconnected")
    first, second = by_time(tmp_path)
    assert (first.response.status, second.response) == (529, None)
    assert second.end.how is Ending.CUT


def test_a_missing_key_is_a_failed_call_that_names_the_variable(tmp_path, monkeypatch):
    for name in ("ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    with pytest.raises(CallFailedError, match="ANTHROPIC_API_KEY"):
        call(Call(BODY, base_url="http://127.0.0.1:1"), tap(tmp_path / "recordings"))


def test_a_body_that_the_sdk_cannot_send_is_a_failed_call(tmp_path):
    with Server(chunked(HELLO)) as server, pytest.raises(CallFailedError, match="no call was made: "):
        call(Call({**BODY, "messages": object()}, base_url=server.url, api_key=SECRET), tap(tmp_path))
    assert server.requests == []


def test_ctrl_c_while_a_transport_waits_by_itself_is_recorded(tmp_path):
    class Interrupted(sdk_library().BaseTransport):
        def handle_request(self, request):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        call(Call(BODY, api_key=SECRET, transport=Interrupted()), tap(tmp_path))
    assert (only(tmp_path).response, only(tmp_path).end.how) == (None, Ending.ABANDONED)
