"""What a client was sent, read from recordings with and without faults."""

from __future__ import annotations

from dataclasses import replace

import pytest
from client_logs import sent
from conftest import ROOT

import inspector
from inspector.checker import Verdict
from inspector.play.whole_message import whole_message
from inspector.resilience import read_sent

NAMES = [path.stem for path in sorted((ROOT / "recordings").glob("*.jsonl"))]


@pytest.mark.parametrize("name", NAMES)
def test_text_and_tools_are_those_of_the_message(name):
    recording = inspector.load_all(ROOT / "recordings" / f"{name}.jsonl")[0]
    message = recording.message()
    content = message["content"] if message else []
    read = read_sent(recording)
    assert read.text == "".join(block.get("text") or "" for block in content)
    assert [tool.id for tool in read.tools] == [b["id"] for b in content if b["type"].endswith("tool_use")]
    if read.verdict is Verdict.COMPLETE:
        assert all(tool.is_whole for tool in read.tools)


@pytest.mark.parametrize("name", ["hello", "tool_use", "tools_parallel"])
def test_a_whole_message_says_the_same_as_its_stream(name):
    recording = inspector.load(ROOT / "recordings" / f"{name}.jsonl")
    derived = whole_message(recording)
    request = replace(derived.request, body=b'{"model":"m","messages":[]}')
    whole = read_sent(replace(derived, head=replace(derived.head, request=request)))
    stream = read_sent(recording)
    assert (whole.text, whole.is_whole) == (stream.text, True)
    assert [(tool.id, tool.is_whole) for tool in whole.tools] == [(tool.id, True) for tool in stream.tools]


@pytest.mark.parametrize(
    ("fault", "seconds"),
    [
        ("http-error=429,retry_after=2", 2.0),
        ("http-error=429,retry_after=0.25", 0.25),
        ("http-error=429", None),
    ],
)
def test_retry_after_is_read_in_seconds(fault, seconds):
    assert sent(fault=fault).retry_after == seconds


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after-ms": "1500", "retry-after": "9"}, 1.5),
        ({"retry-after": "Wed, 21 Oct 2026 07:28:00 GMT"}, None),
    ],
)
def test_milliseconds_come_first_and_a_date_needs_a_clock(headers, seconds):
    recording = inspector.load(ROOT / "recordings" / "error_529.jsonl")
    response = inspector.Response(0.1, 529, headers)
    head = inspector.Head("", recording.request, response)
    assert read_sent(inspector.Recording(head, recording.blocks, recording.end)).retry_after == seconds


def test_pings_and_comments_are_no_content():
    for fault in ("stall-ping", "stall-comment"):
        rhythm, silence = sent(fault=fault).rhythm, sent(fault="stall").rhythm
        assert rhythm[: len(silence)] == silence
        assert not any(is_content for _, is_content in rhythm[len(silence) :])
        assert len(rhythm) > len(silence)


def test_a_stream_without_event_names_has_its_text():
    assert sent(fault="strip-event-lines").text == sent().text
