"""The numbers of a recording: laws, a second implementation, and what a recording cannot know."""

from __future__ import annotations

import dataclasses
import io

import pytest
from measured_streams import BUNDLED, STREAMS
from naive_statistics import naive
from streams import (
    END,
    GOOD,
    PING,
    STOP,
    TEXT,
    delta,
    message_delta,
    opens,
    recording,
    start,
    stops,
)

from inspector import Ending, stats
from inspector.checker.buffering import BufferingKind
from inspector.formats import opened
from inspector.recording import End, Head, Reader, Recording, Request, Response, TimedBlock, dump
from inspector.views.listing import listing
from inspector.views.measuring import session_statistics

of_bundled = pytest.mark.parametrize("sent", BUNDLED, ids=lambda sent: sent.source.rpartition("/")[2])

of_streams = pytest.mark.parametrize("sent", STREAMS, ids=range(len(STREAMS)))


def spread(distribution):
    return None if distribution is None else dataclasses.asdict(distribution)


def near(expected):
    return None if expected is None else pytest.approx(expected, abs=1e-9)


@of_streams
def test_every_number_is_the_one_of_a_naive_second_implementation(sent):
    s, expected = stats(sent), naive(sent)
    for name in (
        "bytes",
        "reads",
        "events",
        "kinds",
        "first_byte",
        "first_event",
        "first_token",
        "characters",
    ):
        assert getattr(s, name) == expected[name], name
    assert s.duration == expected["duration"]
    assert s.rates.characters == near(expected["rate"])
    assert s.pings.count == expected["pings"]
    assert spread(s.pings.gaps) == near(expected["ping_gaps"])
    assert spread(s.event_gaps and s.event_gaps.spread) == near(expected["event_gaps"])
    assert spread(s.token_gaps and s.token_gaps.spread) == near(expected["token_gaps"])
    assert [(block.index, block.deltas) for block in s.blocks] == expected["blocks"]
    if "silent_bytes" in expected:
        assert (s.silences.bytes.seconds if s.silences.bytes else 0.0) == near(expected["silent_bytes"])
        if s.events:
            assert (s.silences.content.seconds if s.silences.content else 0.0) == near(
                expected["silent_content"]
            )


@of_streams
def test_the_parts_add_up(sent):
    s = stats(sent)
    assert sum(share.seconds for share in s.shares) == pytest.approx(s.duration)
    assert all(share.seconds >= 0 for share in s.shares)
    assert sum(window.events for window in s.rates.windows) == (s.events if s.duration else 0)
    assert sum(window.pings for window in s.rates.windows) == (s.pings.count if s.duration else 0)
    assert sum(window.characters for window in s.rates.windows) == s.characters
    assert sum(s.kinds.values()) == s.events
    assert sum(s.deltas.values()) == s.kinds.get("content_block_delta", 0) - broken_deltas(sent)
    for gaps in filter(None, (s.event_gaps, s.token_gaps)):
        assert gaps.longest.seconds == pytest.approx(gaps.spread.most)


def broken_deltas(sent):
    return sum(1 for each in sent.events() if each.name == "content_block_delta" and not each.data)


@of_streams
def test_the_longest_gap_is_where_it_is_said_to_be(sent):
    s = stats(sent)
    if s.event_gaps:
        longest, events = s.event_gaps.longest, list(sent.events())
        at = events[longest.event - 1]
        assert at.t - events[longest.event - 2].t == pytest.approx(longest.seconds)
        assert at.offset == longest.offset


@of_bundled
def test_without_times_there_is_no_time_anywhere(sent):
    head = dataclasses.replace(sent.head, extra={"absent": ["times", "reads"]})
    made = stats(dataclasses.replace(sent, head=head)).to_dict()
    for name in (
        "headers",
        "first_byte",
        "first_event",
        "first_token",
        "duration",
        "event_gaps",
        "token_gaps",
    ):
        assert made[name] is None, name
    assert made["silences"] == {"bytes": None, "content": None, "listed": [], "count": 0}
    assert made["rates"] == {"output_tokens": None, "characters": None, "intervals": [], "windows": []}
    assert (made["shares"], made["watchdogs"], made["reads"]) == ([], [], None)
    assert made["pings"]["gaps"] is None
    assert {point["t"] for point in made["usage"]} <= {None}
    floats = [value for block in made["blocks"] for value in block.values() if isinstance(value, float)]
    assert floats == []
    assert made["buffering"] == {"kind": "cannot say", "reason": "times absent"}
    assert made["bytes"] == len(sent.body)


@pytest.mark.parametrize(
    ("absent", "gone"),
    [
        ("usage", {"usage": []}),
        ("events", {"first_event": None, "first_token": None, "event_gaps": None, "shares": []}),
        ("events", {"silences": {"bytes": None, "content": None, "listed": [], "count": 0}}),
        ("events", {"events": None, "kinds": {}, "pings": None, "bytes": None, "reads": None}),
        ("framing", {"bytes": None}),
        ("spelling", {"bytes": None}),
        ("reads", {"reads": None}),
        ("end", {"end": None}),
    ],
)
def test_what_is_absent_is_not_made_up(absent, gone):
    sent = recording(GOOD)
    head = dataclasses.replace(sent.head, extra={"absent": [absent]})
    made = stats(dataclasses.replace(sent, head=head)).to_dict()
    assert made | gone == made
    assert made["absent"] == [absent]


def test_a_source_may_know_the_duration_and_nothing_else():
    sent = recording(GOOD)
    head = dataclasses.replace(sent.head, extra={"absent": ["times"], "duration": 2.5})
    assert stats(dataclasses.replace(sent, head=head)).duration == 2.5


def test_tokens_are_those_that_the_api_counted():
    usage = {"input_tokens": 20, "output_tokens": 5, "cache_read_input_tokens": 7}
    first = recording(
        (1.0, start(usage=usage) + opens(0)),
        (2.0, delta(0, "word " * 400)),
        (3.0, stops(0) + message_delta(usage={"output_tokens": 45, "cache_creation_input_tokens": 3})),
        (
            5.0,
            message_delta(usage={"output_tokens": 65, "output_tokens_details": {"thinking_tokens": 9}})
            + STOP,
        ),
    )
    s = stats(first)
    assert dataclasses.asdict(s.tokens) == {
        "input": 20,
        "output": 65,
        "cache_read": 7,
        "cache_write": 3,
        "thinking": 9,
    }
    assert [(point.t, point.output, point.event) for point in s.usage] == [
        (1.0, 5, 1),
        (3.0, 45, 5),
        (5.0, 65, 6),
    ]
    assert s.rates.output_tokens == 15.0
    assert [(each.tokens, each.per_second) for each in s.rates.intervals] == [(40, 20.0), (20, 10.0)]


@pytest.mark.parametrize("count", [None, True, 2.5, "7"])
def test_a_count_that_is_none_is_not_counted(count):
    s = stats(recording(start(usage={"input_tokens": 3, "output_tokens": count}), TEXT, END))
    assert s.usage[0].output is None
    assert s.rates.output_tokens is None


def test_a_silence_is_measured_by_bytes_and_by_content():
    pings = [(1.0 + 30 * number, PING) for number in range(1, 5)]
    s = stats(recording((1.0, start() + opens(4, "thinking")), *pings, (141.0, stops(4) + END)))
    assert (s.silences.bytes.seconds, s.silences.content.seconds) == (30.0, 140.0)
    where = s.silences.content
    assert (where.t0, where.t1, where.event, where.block, where.place) == (
        1.0,
        141.0,
        6,
        4,
        "inside thinking",
    )
    assert [str(each.seconds) for each in s.watchdogs if each.crossed] == ["20", "90"]


def test_the_wait_for_the_head_counts_for_watchdogs_and_is_no_silence():
    s = stats(recording((130.1, GOOD), t=130.0))
    assert s.silences.count == 0
    assert max(each.seconds for each in s.watchdogs if each.crossed) == 125


def test_a_time_that_goes_back_counts_as_the_one_before():
    s = stats(recording((2.0, start() + opens(0)), (1.0, delta(0)), (3.0, delta(0) + stops(0) + END)))
    assert sum(share.seconds for share in s.shares) == pytest.approx(s.duration)
    assert s.event_gaps.spread.least == 0.0


def test_a_request_without_response_only_waited():
    s = stats(recording(status=None, how=Ending.RESET, end=12.0))
    assert [(share.kind, share.seconds) for share in s.shares] == [("waiting", 12.0)]
    assert (s.status, s.outcome, s.headers, s.silences.bytes) == (None, "no_response", None, None)


def test_a_body_that_is_no_stream_has_no_silence_of_content():
    s = stats(recording((2.0, b'{"type":"error"}'), status=529, headers={"content-type": "application/json"}))
    assert s.silences.content is None
    assert [share.kind for share in s.shares] == ["waiting", "body"]
    assert s.buffering.kind is BufferingKind.UNKNOWN


def test_recordings_of_a_file_are_measured_while_it_is_read(tmp_path):
    session = tmp_path / "session.jsonl"
    session.write_bytes(b"".join(b"".join(dump(each)) for each in BUNDLED[:5]) + b'{"t":1,"da')
    with opened(session) as reader:
        made = list(session_statistics(reader))
    assert [each.to_dict() | {"source": "", "number": 1} for each in made[:4]] == [
        stats(each).to_dict() | {"source": ""} for each in BUNDLED[:4]
    ]
    assert [each.number for each in made] == [1, 2, 3, 4, 5]
    assert [each.torn for each in made] == [False, False, False, False, True]


def test_an_empty_recording_has_what_it_has():
    s = stats(Recording(Head("", recording().head.request)))
    assert (s.events, s.bytes, s.duration, s.shares[0].seconds) == (0, 0, 0.0, 0.0)


def test_a_whole_message_of_an_imported_file_is_measured_as_it_is_listed():
    """The model is the one that answered, and the duration is what the source says."""
    message = b'{"type":"message","model":"answered","content":[],"stop_reason":"end_turn"}'
    request = Request(body=b'{"model":"requested"}')
    head = Head("", request, Response(0.0), extra={"absent": ["times"], "duration": 1.5})
    made = Recording(head, (TimedBlock(0.0, None, None, message),), End(0.0, Ending.COMPLETE))
    (row,) = listing(Reader(io.BytesIO(b"".join(dump(made)))), check=False)
    measured = stats(made)
    assert (measured.model, measured.duration, measured.at) == ("answered", 1.5, None)
    assert (row.model, row.duration, row.at) == ("answered", 1.5, None)
