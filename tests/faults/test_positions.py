"""Where a fault applies: positions as points of the body, and as events."""

from __future__ import annotations

import random

import pytest
from edited import edit, load, types

from inspector.faults.contents import NotApplicableError
from inspector.faults.positions import Point, Position, events_at, parse_position, point_at
from inspector.recording import End, Ending, Head, Recorder, Recording, Request, Response

CHANCE = random.Random(0)


@pytest.mark.parametrize(
    ("text", "position"),
    [
        ("ev:7", ("ev", "7", None)),
        ("ev:-1", ("ev", "-1", None)),
        ("ev:3..-2", ("ev", "3", "-2")),
        ("type:ping", ("type", "ping", None)),
        ("type:text_delta#-2", ("type", "text_delta", "-2")),
        ("block:0", ("block", "0", None)),
        ("byte:0", ("byte", "0", None)),
        ("time:2.5s", ("time", "2.5", None)),
        ("time:2", ("time", "2", None)),
        ("mid", ("mid", "", None)),
        ("random", ("random", "", None)),
    ],
)
def test_a_position_is_parsed(text, position):
    assert parse_position(text) == Position(*position, text)


@pytest.mark.parametrize(
    "text", ["", "mid:1", "ev", "ev:", "ev:0", "type:", "block:-1", "byte:x", "time:-1", "x"]
)
def test_a_text_that_is_no_position_gets_the_list_of_positions(text):
    with pytest.raises(ValueError, match="a position is ev:N, type:NAME#N, block:N"):
        parse_position(text)


@pytest.mark.parametrize(
    ("fault", "left"),
    [
        ("cut-clean@ev:1", 0),
        ("cut-clean@ev:7", 6),
        ("cut-clean@ev:-1", 45),
        ("cut-clean@type:ping", 2),
        ("cut-clean@type:text_delta#3", 5),
        ("cut-clean@type:message_stop#-1", 45),
        ("cut-clean@block:0", 1),
        ("cut-clean@time:1s", 15),
        ("cut-clean@byte:0", 0),
        ("cut-clean@mid", 23),
    ],
)
def test_a_point_is_just_before_the_event_that_it_names(fault, left):
    assert types(edit("hello", fault)) == types(load("hello"))[:left]


@pytest.mark.parametrize(
    ("position", "numbers"),
    [
        ("ev:3..5", [3, 4, 5]),
        ("ev:5..3", [5]),
        ("ev:-2..-1", [45, 46]),
        ("type:ping", [3]),
        ("type:text", [2]),
        ("type:text_delta#2", [5]),
        ("block:0", [2, *range(4, 45)]),
        ("byte:0", [1]),
        ("byte:700", [4]),
        ("time:2.1s", [45]),
        ("mid", [24]),
    ],
)
def test_the_events_of_a_position_are_those_that_it_names(position, numbers):
    recording = load("hello")
    events = events_at(parse_position(position), recording, CHANCE)
    whole = list(recording.events())
    assert [event.number for event in events] == numbers
    assert list(events) == [whole[number - 1] for number in numbers]
    if position == "byte:700":
        assert events[0].offset <= 700 < whole[4].offset


def test_a_fault_that_changes_events_leaves_the_others_as_they_were():
    whole = [event.block.raw_bytes for event in load("hello").events()]
    left = [event.block.raw_bytes for event in edit("hello", "drop@ev:3..5").events()]
    assert left == whole[:2] + whole[5:]


def test_a_random_position_goes_by_the_seed():
    sizes = {len(types(edit("hello", "cut-clean@random", seed=seed))) for seed in range(20)}
    assert len(sizes) > 5


def test_the_point_before_the_head_has_the_time_of_the_response():
    hello = load("hello")
    point = point_at(parse_position("head"), hello, CHANCE)
    assert point == Point(0, hello.response.t, head=True)


def test_a_point_at_the_end_comes_when_the_recording_ends():
    hello = load("hello")
    assert point_at(parse_position("end"), hello, CHANCE) == Point(len(hello.body), hello.end.t)


def test_a_point_inside_an_event_names_no_event():
    hello = load("hello")
    second = list(hello.events())[1]
    assert point_at(parse_position(f"byte:{second.offset}"), hello, CHANCE).event == second
    assert point_at(parse_position(f"byte:{second.offset + 1}"), hello, CHANCE).event is None


def test_a_body_without_events_has_a_middle():
    error = load("error_529")
    point = point_at(parse_position("mid"), error, CHANCE)
    assert (point.offset, point.event) == (len(error.body) // 2, None)


def test_positions_by_number_parse_only_the_events_that_they_name(monkeypatch):
    recorder = Recorder()
    body = b"".join(b'event: ping\ndata: {"type":"ping","n":%d}\n\n' % number for number in range(1000))
    blocks = (*recorder.feed([(1.0, body)]), *recorder.close())
    recording = Recording(Head("", Request(), Response(0.5)), blocks, End(1.0, Ending.COMPLETE))
    monkeypatch.setattr(Recording, "events", lambda self: pytest.fail("parsed every event"))
    for text, number in [("ev:7", 7), ("ev:-1", 1000), ("mid", 501), ("time:0.2", 1), ("byte:0", 1)]:
        (event,) = events_at(parse_position(text), recording, CHANCE)
        assert (event.number, event.data["n"]) == (number, number - 1)
        assert event.block == blocks[number - 1]
    assert point_at(parse_position("end"), recording, CHANCE).event is None


def test_a_recording_without_events_has_none_to_name():
    with pytest.raises(NotApplicableError, match="it has no events"):
        events_at(parse_position("type:ping"), load("error_529"), CHANCE)
