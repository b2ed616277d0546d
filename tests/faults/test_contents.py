"""What a recording contains: events without parsing, types, content blocks."""

from __future__ import annotations

import pytest
from edited import load

from inspector.faults.contents import (
    NotApplicableError,
    block_type,
    content_blocks,
    delta_of,
    describe_blocks,
    event_numbered,
    event_places,
    event_types,
    events_of_type,
    last_of_type,
)
from inspector.recording.bundled import bundled_names


@pytest.mark.parametrize("name", [name for name in bundled_names() if name not in ("tool_session",)])
@pytest.mark.filterwarnings("ignore::inspector.RecordingWarning")
def test_places_are_those_of_the_events(name):
    recording = load(name)
    assert [place.event for place in event_places(recording)] == list(recording.events())
    for place in event_places(recording):
        assert recording.body[place.offset : place.end] == place.block.raw_bytes


def test_an_event_has_a_number_or_the_recording_says_how_many_it_has():
    hello = load("hello")
    assert event_numbered(hello, 46) == list(hello.events())[45]
    with pytest.raises(NotApplicableError, match="it has 46 events, so there is no event 47"):
        event_numbered(hello, 47)


def test_an_event_matches_the_types_of_its_name_payload_delta_and_block():
    events = list(load("hello").events())
    assert event_types(events[1]) == {"content_block_start", "text"}
    assert event_types(events[3]) == {"content_block_delta", "text_delta"}


def test_events_are_found_by_their_type():
    hello = load("hello")
    assert [event.number for event in events_of_type(hello, "ping")] == [3]
    assert last_of_type(hello, "content_block_delta").number == 43
    with pytest.raises(NotApplicableError, match="it has no error"):
        events_of_type(hello, "error")


def test_an_event_without_a_delta_has_an_empty_one():
    events = list(load("hello").events())
    assert delta_of(events[3]) == {"type": "text_delta", "text": "Hello!"}
    assert delta_of(events[2]) == delta_of(events[0]) == {}


def test_content_blocks_are_gathered_and_described():
    blocks = content_blocks(load("tools_parallel"))
    assert [block_type(events) for events in blocks.values()] == ["text", "tool_use", "tool_use", "tool_use"]
    assert describe_blocks(blocks).startswith("its content blocks are 0 text, 1 tool_use")
    assert describe_blocks(content_blocks(load("hello"))) == "its only content block is 0 text"
    assert describe_blocks(content_blocks(load("error_529"))) == "it has no content blocks"
