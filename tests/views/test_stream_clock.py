"""The clock of a response: shares of time, and places of silences."""

from __future__ import annotations

import pytest
from streams import END, PING, STOP, TEXT, delta, event, message_delta, opens, recording, start, stops

from inspector import Ending, stats


def shares(*reads, **options):
    return {each.kind: round(each.seconds, 6) for each in stats(recording(*reads, **options)).shares}


def test_time_goes_to_what_ends_it():
    sent = [
        (1.0, start()),
        (1.2, opens(0, "thinking")),
        (1.5, delta(0, "hm", "thinking_delta")),
        (3.5, stops(0) + opens(1)),
        (3.9, PING),
        (4.2, delta(1) + stops(1)),
        (4.3, message_delta()),
        (4.4, STOP),
    ]
    assert shares(*sent, end=9.0) == {
        "waiting": 1.0,
        "thinking": 0.5,
        "text": 0.7,
        "message": 0.2,
        "silent": 2.0,
        "end": 4.6,
    }


@pytest.mark.parametrize(
    ("reads", "place"),
    [
        ([(5.0, start())], "before the first event"),
        ([(5.0, b": comment\n\n"), start()], "before the first bytes"),
        ([start() + opens(0), (5.0, delta(0))], "inside text"),
        ([start() + opens(0, "tool_use", name="search"), (5.0, stops(0))], "inside tool_use search"),
        ([start(), (5.0, opens(0, "tool_use", name="search"))], "before tool_use search"),
        ([start(), (5.0, PING)], "between content blocks"),
        ([start() + TEXT, (5.0, message_delta())], "before message_delta"),
        ([start() + TEXT, (5.0, b"event: odd\ndata: {\n\n")], "before odd"),
        ([start() + TEXT + END, (5.0, PING)], "after the message"),
    ],
)
def test_a_silence_has_a_place(reads, place):
    assert stats(recording(*reads)).silences.bytes.place == place


def test_a_silence_at_the_end_is_before_it():
    s = stats(recording(start() + TEXT, how=Ending.TIMEOUT, end=20.0))
    assert (s.silences.bytes.place, s.silences.content.place) == ("before the end", "before the end")


def test_no_content_is_missed_after_an_error():
    failed = event("error", error={"type": "overloaded_error", "message": "no"})
    s = stats(recording((1.0, start()), (1.1, failed), how=Ending.CUT, end=60.0))
    assert s.silences.content.seconds < 1.0
    assert s.silences.bytes.place == "after the message"


def test_a_block_of_several_reads_is_no_silence():
    text = delta(0, "some text")
    s = stats(recording((1.0, start() + opens(0)), (1.8, text[:20]), (2.6, text[20:]), (2.7, stops(0) + END)))
    assert round(s.silences.bytes.seconds, 6) == 0.8
    assert round(s.silences.content.seconds, 6) == 1.6
