"""Bedrock's client records its binary stream with a tap and through the proxy, and replays the recording."""

from __future__ import annotations

import anthropic
import pytest
from aws_frame_bytes import HEADERS, exception_frame, frames_of
from loopback import END, RESET, Server, chunk, head
from sdk import OLD, hx
from streams import GOOD

import inspector
from inspector import Ending, load

pytest_plugins = ["forwarding"]

FRAMES = frames_of(GOOD)
CALL = {"model": "claude-m", "max_tokens": 9, "messages": [{"role": "user", "content": "?"}], "stream": True}


def client(url, **options):
    pytest.importorskip("boto3")
    keys = {"aws_access_key": "AKIAABCDEFGHIJKLMNOP", "aws_secret_key": "s" * 40, "aws_region": "us-east-1"}
    return anthropic.AnthropicBedrock(**keys, base_url=url, max_retries=0, **options)


def events(stream):
    return [event.to_dict() for event in stream]


def answer(*steps):
    return [head(headers={**HEADERS, "transfer-encoding": "chunked"}), *steps]


def test_a_tap_and_a_replay_give_the_client_the_same_events(tmp_path):
    script = answer(*(chunk(frame) for frame in FRAMES), END)
    with Server(script) as server:
        http = anthropic.DefaultHttpxClient(event_hooks=inspector.tap(tmp_path / "a.jsonl"))
        with client(server.url, http_client=http) as live:
            read = events(live.messages.create(**CALL))
    recording = load(tmp_path / "a.jsonl")
    assert recording.body == b"".join(FRAMES)
    assert [event.data for event in recording.events()] == read
    with inspector.Server(recording) as again, client(again.url) as replayed:
        assert events(replayed.messages.create(**CALL)) == read
    assert "AKIAABCDEFGHIJKLMNOP" not in (tmp_path / "a.jsonl").read_text()


def test_the_proxy_records_what_the_client_reads(forward, file):
    with Server(answer(*(chunk(frame) for frame in FRAMES), END)) as server:
        forwarder = forward(server.url)
        with client(forwarder.url) as through:
            read = events(through.messages.create(**CALL))
        forwarder.stop()
    recording = load(file)
    assert [event.data for event in recording.events()] == read
    assert [block.raw for block in recording.blocks] == FRAMES


@pytest.mark.skipif(OLD, reason="its decoder of exceptions is another")
def test_an_exception_comes_through(forward, file):
    with Server(answer(chunk(FRAMES[0] + exception_frame()), END)) as server:
        forwarder = forward(server.url)
        with client(forwarder.url) as through, pytest.raises(anthropic.APIStatusError, match="Too many"):
            events(through.messages.create(**CALL))
        forwarder.stop()
    assert [event.name for event in load(file).events()] == ["message_start", "error"]


def test_a_frame_that_the_upstream_cuts_is_the_tail(forward, file):
    with Server(answer(chunk(FRAMES[0]), chunk(FRAMES[1][:50]), RESET)) as server:
        forwarder = forward(server.url)
        with client(forwarder.url) as through, pytest.raises(hx.HTTPError):
            events(through.messages.create(**CALL))
        forwarder.stop()
    recording = load(file)
    assert [block.raw for block in recording.blocks] == [FRAMES[0], FRAMES[1][:50]]
    assert recording.end.how in (Ending.CUT, Ending.RESET)
