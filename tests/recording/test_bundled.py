"""The bundled recordings: canonical, clean of secrets, and together a picture of the whole protocol."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import inspector
from inspector.protocol import BLOCK_DELTAS, BLOCK_TYPES, DELTA_TEXT, EVENT_TYPES, STOP_REASONS
from inspector.recording import dump
from inspector.recording.bundled import bundled_names, bundled_recording
from inspector.redact import Mask

WHOLE = [name for name in bundled_names() if not name.startswith("broken/")]
README = Path(__file__).parents[2] / "recordings" / "README.md"


def payloads():
    for name in WHOLE:
        for recording in inspector.load_all(bundled_recording(name)):
            yield from (event.data for event in recording.events() if isinstance(event.data, dict))


@pytest.mark.parametrize("name", WHOLE)
def test_it_is_spelt_as_the_writer_spells(name):
    path = bundled_recording(name)
    lines = [line for recording in inspector.load_all(path) for line in dump(recording)]
    assert b"".join(lines) == path.read_bytes()


@pytest.mark.parametrize("name", bundled_names())
def test_it_holds_no_secret(name):
    text = bundled_recording(name).read_bytes()
    assert Mask()(text) == text


@pytest.mark.parametrize("name", WHOLE)
def test_times_only_grow(name):
    for recording in inspector.load_all(bundled_recording(name)):
        times = [t for t, _ in recording.chunks()]
        assert times == sorted(set(times))
        assert recording.end.t >= times[-1]
        assert recording.response.t <= times[0]


def test_together_they_show_the_whole_protocol():
    events = list(payloads())
    assert {event.get("type") for event in events} >= EVENT_TYPES
    deltas = {event["delta"]["type"] for event in events if event.get("type") == "content_block_delta"}
    assert deltas >= {*DELTA_TEXT, "citations_delta"}
    assert deltas >= frozenset().union(*BLOCK_DELTAS.values())
    starts = {
        event["content_block"]["type"] for event in events if event.get("type") == "content_block_start"
    }
    assert starts >= BLOCK_TYPES
    stops = {event["delta"].get("stop_reason") for event in events if event.get("type") == "message_delta"}
    assert stops >= STOP_REASONS


def test_padding_is_as_the_api_writes_it():
    hello = inspector.load(bundled_recording("hello"))
    blanks = {len(re.search(rb"( *)\}$", block.data)[1]) for block in hello.blocks if block.event != "ping"}
    assert len(blanks) > 5


@pytest.mark.parametrize("name", bundled_names())
def test_the_specification_says_what_it_shows(name):
    assert f"`{name}.jsonl`" in README.read_text()


def test_the_specification_names_no_recording_that_is_not_there():
    named = re.findall(r"^\| `([a-z0-9_/]+)\.jsonl`", README.read_text(), re.MULTILINE)
    assert sorted(named) == sorted(bundled_names())
