"""The edits that faults are made of: bytes, times, headers and payloads."""

from __future__ import annotations

import itertools
import random

import pytest
from edited import edit, load

import inspector
from inspector import faults
from inspector.faults.contents import NotApplicableError
from inspector.faults.edits import (
    frame,
    parsed_payload,
    reads_after,
    reads_before,
    rebuilt,
    repetitions,
    spliced,
    with_payload,
    with_tail,
)
from inspector.faults.positions import Point
from inspector.recording import Ending, Head, Recording, Request, Response
from inspector.recording.bundled import bundled_names, bundled_recording


@pytest.mark.parametrize("name", bundled_names())
def test_an_edit_without_a_change_gives_an_equal_recording(name):
    for recording in inspector.load_all(bundled_recording(name)) if name != "broken/torn" else []:
        assert rebuilt(recording, recording.chunks()) == recording
        assert spliced(recording, []) == recording


def test_a_splice_changes_the_body_as_it_changes_bytes():
    chance = random.Random(20261121)
    body = bytes(range(40))
    for _ in range(300):
        points = sorted(chance.sample(range(1, 40), k=chance.randrange(0, 8)))
        reads = [(1.0 + n, body[a:b]) for n, (a, b) in enumerate(itertools.pairwise([0, *points, 40]), 1)]
        recording = rebuilt(Recording(Head("", Request(), Response(0.0))), reads)
        places = sorted(chance.sample(range(41), k=2 * chance.randrange(0, 4)))
        pairs = zip(places[::2], places[1::2], strict=True)
        splices = [(a, b, chance.randbytes(chance.randrange(5))) for a, b in pairs]
        expected, at = b"", 0
        for first, stop, new in splices:
            expected, at = expected + body[at:first] + new, stop
        edited = spliced(recording, splices)
        assert edited.body == expected + body[at:]
        assert {t for t, _ in edited.chunks()} <= {t for t, _ in reads}


@pytest.mark.parametrize("offset", [0, 1, 500, 6215, 6216])
def test_the_reads_before_and_after_an_offset_are_the_body(offset):
    hello = load("hello")
    before = b"".join(chunk for _, chunk in reads_before(hello, offset))
    after = b"".join(chunk for _, chunk in reads_after(hello, offset))
    assert (before, after) == (hello.body[:offset], hello.body[offset:])


@pytest.mark.parametrize(
    ("every", "end", "times", "ending"),
    [(0.0, Ending.COMPLETE, [9.0], 9.0), (2.0, Ending.CUT, [11.0, 13.0], 13.0)],
)
def test_a_tail_comes_at_once_or_at_its_interval(every, end, times, ending):
    hello = load("hello")
    edited = with_tail(hello, Point(0, 9.0), [b": 1\n\n", b": 2\n\n"][: len(times)], every=every, end=end)
    assert [t for t, _ in edited.chunks()] == times
    assert (edited.end.t, edited.end.how) == (ending, end)


@pytest.mark.parametrize(
    ("duration", "interval", "count"), [(60, 15, 4), (59, 15, 3), (1, 15, 1), (10, 10, 1)]
)
def test_something_is_repeated_as_often_as_it_fits_but_once_at_least(duration, interval, count):
    assert repetitions(duration, interval) == count


@pytest.mark.parametrize(("duration", "interval"), [(1, 0), (1_000_001, 1)])
def test_too_many_repetitions_are_refused(duration, interval):
    with pytest.raises(NotApplicableError, match="is more than 1000000 times"):
        repetitions(duration, interval, most=1_000_000)


def test_a_content_length_is_removed_when_the_length_changes():
    with_length = edit("hello", "content-length=5")
    assert "content-length" not in faults.apply(with_length, "dup").response.headers
    assert "content-length" in faults.apply(with_length, "rechunk=1").response.headers


def test_payloads_keep_their_padding_and_other_events_their_bytes():
    before, after = list(load("hello").events()), list(edit("hello", "usage=null").events())
    changed = [one.number for one, other in zip(before, after, strict=True) if one.block != other.block]
    assert changed == [45]
    assert after[44].block.data.endswith(b'"usage":null       }')


def test_a_changed_payload_keeps_the_line_ends_of_its_stream():
    edited = edit("crlf", "stop=null")
    assert b'"stop_reason":null' in edited.body
    assert b"\n" not in edited.body.replace(b"\r\n", b"")


def test_a_payload_keeps_the_digits_of_large_integers():
    raw = b'event: ping\ndata: {"n":123456789012345678901234567890}\n\n'
    (event,) = rebuilt(Recording(Head("", Request(), Response(0.0))), [(1.0, raw)]).events()
    payload = parsed_payload(event)
    assert payload == {"n": 123456789012345678901234567890}
    assert with_payload(event, payload) == raw
    assert payload is not event.data


def test_a_payload_that_is_no_object_is_not_for_changes():
    raw = b"event: ping\ndata: [1]\n\n"
    (event,) = rebuilt(Recording(Head("", Request(), Response(0.0))), [(1.0, raw)]).events()
    with pytest.raises(NotApplicableError, match="event 1 is not a JSON object"):
        parsed_payload(event)


@pytest.mark.parametrize(
    ("name", "data", "raw"),
    [
        ("ping", {"type": "ping"}, b'event: ping\ndata: {"type":"ping"}\n\n'),
        (None, {"é": 1}, 'data: {"é":1}\n\n'.encode()),
        ("done", b"[DONE]", b"event: done\ndata: [DONE]\n\n"),
    ],
)
def test_an_event_is_written_in_the_plain_form(name, data, raw):
    assert frame(name, data) == raw


def test_a_payload_of_several_lines_is_written_on_one():
    raw = b'event: ping\ndata: {"type":\ndata: "ping"}\n\n'
    (event,) = rebuilt(Recording(Head("", Request(), Response(0.0))), [(1.0, raw)]).events()
    assert with_payload(event, {"type": "ping"}) == b'event: ping\ndata: {"type":"ping"}\n\n'


def test_notes_stay_at_the_blocks_that_stay():
    hello = load("hello")
    block = hello.blocks[3]._replace(extra={"note": "look"})
    noted = Recording(
        hello.head, (*hello.blocks[:3], block, *hello.blocks[4:]), hello.end, others=((40, b"{}\n"),)
    )
    edited = faults.apply(noted, "cut-fin@ev:7")
    assert edited.blocks[3].extra == {"note": "look"}
    assert edited.others == ((6, b"{}\n"),)
