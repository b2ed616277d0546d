"""The tracker: the facts of the stream, and the moments at which rules are called."""

from __future__ import annotations

import tracemalloc

import pytest
from streams import (
    GOOD,
    PING,
    STOP,
    TEXT,
    delta,
    event,
    frame,
    message_delta,
    opens,
    recording,
    start,
    stops,
)

from inspector.checker import Limits, Profile, check
from inspector.checker.context import Context
from inspector.checker.rule import Moment
from inspector.checker.tracker import Tracker
from inspector.recording import Ending


class Track:
    """What the tracker made of a recording: the moments, and the context at the end or at a moment."""

    def __init__(self, sent, *, limits=None, timed=True, until=None):
        self.moments, self.seen = [], []
        self.context = Context(sent.head, Profile.ANTHROPIC, limits or Limits(), timed)
        self._until = until
        tracker = Tracker(self.context, self.announce, {})
        for block in sent.blocks:
            tracker.take(block)
        tracker.finish(sent.end, torn=sent.torn)

    def announce(self, moment):
        self.moments.append(moment)
        if moment is self._until:
            self.seen.append(self.context.event)


def moments(*reads, **options):
    return Track(recording(*reads), **options).moments


def test_moments_come_in_the_order_of_the_stream():
    assert moments(GOOD) == [
        Moment.HEAD,
        Moment.MESSAGE_START,
        Moment.BLOCK_START,
        Moment.DELTA,
        Moment.DELTA,
        Moment.BLOCK_END,
        Moment.MESSAGE_DELTA,
        Moment.MESSAGE_END,
        Moment.WHOLE_END,
    ]


@pytest.mark.parametrize(
    ("block", "expected"),
    [
        pytest.param(PING, [Moment.PING], id="ping"),
        pytest.param(event("vertex_event"), [Moment.OTHER], id="unknown"),
        pytest.param(b": comment\n\n", [Moment.FRAME], id="comment"),
        pytest.param(
            b'data: {"type": "ping"}\n\n', [Moment.FRAME, Moment.ODD_EVENT, Moment.PING], id="unnamed"
        ),
        pytest.param(frame("ping", b"{"), [Moment.PAYLOAD], id="not JSON"),
        pytest.param(frame("ping", b"7"), [Moment.PAYLOAD], id="not an object"),
        pytest.param(
            frame("ping", b'{"a": NaN}'), [Moment.PAYLOAD, Moment.ODD_EVENT, Moment.PING], id="JSON with NaN"
        ),
        pytest.param(event("error", error={"type": "x", "message": "y"}), [Moment.ERROR], id="error"),
        pytest.param(
            event("message_delta", delta={}),
            [Moment.SHAPE, Moment.MESSAGE_DELTA],
            id="a missing field",
        ),
        pytest.param(b"event: x\n", [Moment.FRAME], id="tail"),
        pytest.param(frame("pong", b'{"type": "ping"}'), [Moment.ODD_EVENT, Moment.PING], id="misnamed"),
        pytest.param(frame("ping", b"{}"), [Moment.ODD_EVENT, Moment.PING], id="without a type"),
        pytest.param(event("ping", a="é"), [Moment.ODD_EVENT, Moment.PING], id="not ASCII"),
        pytest.param(event("ping", a="x" * 65536), [Moment.ODD_EVENT, Moment.PING], id="long"),
    ],
)
def test_a_block_has_its_moments(block, expected):
    assert moments(start(), block)[2:-1] == expected


def test_a_plain_block_of_several_reads_is_cut_and_its_lines_are_as_they_should_be():
    sent = recording(start(), PING[:9], PING[9:], b": com", b"ment\n\n")
    assert [bool(block.cuts) for block in sent.blocks] == [False, True, True]
    assert Track(sent).moments[2:-1] == [Moment.CUT, Moment.PING, Moment.FRAME]


def test_long_silences_have_a_moment_of_their_own():
    sent = recording(start(), (100.0, PING))
    assert Moment.GAP in Track(sent).moments
    assert Moment.GAP not in Track(sent, timed=False).moments
    assert Moment.GAP not in Track(sent, limits=Limits(gap_idle=1000.0)).moments


def test_a_body_that_is_no_event_stream_has_no_events():
    track = Track(recording(b'{"type": "message"}\n\n', GOOD))
    assert track.moments == [Moment.HEAD, Moment.END]
    assert not track.context.stream.is_event_stream
    assert track.context.stream.body_start.startswith(b'{"type": "message"}')


def test_the_body_of_an_error_response_is_not_read_as_events():
    track = Track(recording(GOOD, status=529))
    assert track.moments == [Moment.HEAD, Moment.END]
    assert (track.context.stream.events, track.context.stream.size) == (0, len(GOOD))


def test_events_and_bytes_are_counted():
    stream = Track(recording(GOOD + PING, b": comment\n\n")).context.stream
    assert (stream.events, stream.has_known_events, stream.last_event) == (8, True, "ping")
    assert stream.size == len(GOOD + PING) + 11


def test_the_end_is_a_place_of_its_own():
    track = Track(recording(GOOD, how=Ending.CUT, end=9.0))
    context = track.context
    assert context.stream.closed and context.stream.ending is Ending.CUT
    assert context.place == (7, len(GOOD), 9.0, None)


@pytest.mark.parametrize(
    ("tail", "facts"),
    [
        (b"event: message_stop\ndata: {}", ("message_stop", b"{}", True, None)),
        (b'data: {"type": "ping"}\n', (None, b'{"type": "ping"}', True, "ping")),
        (b"event: ping\ndata: {", ("ping", b"{", False, None)),
        (b"event: ping", (None, None, False, None)),
        (b": comment", (None, None, False, None)),
    ],
)
def test_an_unfinished_tail_is_read_as_if_a_blank_line_followed(tail, facts):
    stream = Track(recording(start() + tail)).context.stream
    assert stream.tail[1:] == facts
    assert stream.tail.raw == tail


def test_several_events_in_one_block_are_read_one_by_one():
    glued = GOOD.replace(b"\n\n", b"\n")
    context = Track(recording(glued + b"\n")).context
    assert context.stream.stop_at is not None
    assert [block.type for block in context.message.blocks] == ["text"]


def test_done_stands_for_message_stop_unless_that_has_come():
    assert Track(recording(start() + b"data: [DONE]\n\n")).context.stream.stop_assumed
    assert not Track(recording(GOOD + b"data: [DONE]\n\n")).context.stream.stop_assumed


@pytest.mark.parametrize(
    ("reads", "first", "mixed"),
    [
        ([GOOD], "", False),
        ([GOOD.replace(b"\n", b"\r\n")], "CRLF", False),
        ([GOOD.replace(b"\n", b"\r")], "CR", False),
        ([start(), TEXT.replace(b"\n", b"\r\n")], "LF", False),
        ([b": comment\n\n"], "LF", False),
        ([start().replace(b"\n\n", b"\n\r\n")], "", True),
    ],
)
def test_line_endings_are_those_of_the_first_block(reads, first, mixed):
    framing = Track(recording(*reads)).context.framing
    assert (framing.first_line_ending, framing.mixed_blank_line) == (first, mixed)


def test_the_fields_of_the_first_block_have_no_byte_order_mark():
    track = Track(recording(b"\xef\xbb\xbfevent: x\nid: 7\n\n", start()))
    assert track.context.framing.fields == {b"event": b"x", b"id": b"7"}
    assert track.context.framing.id_seen


def test_the_rest_of_a_spliced_payload_begins_where_the_keep_alive_ended():
    spliced = frame("content_block_delta", b'{"type": "content_block_delta", : keepalive')
    track = Track(recording(start() + spliced + b"lo\n\n"), until=Moment.PAYLOAD)
    assert track.seen[0].heartbeat == ": keepalive"
    assert track.context.framing.splice_end == len(start() + spliced)


@pytest.mark.parametrize(
    ("payload", "kind"),
    [
        (b'{"type": "ping"}', "ping"),
        (b'{"type": 7}', "name"),
        (b"{}", "name"),
        (b'{"error": "boom"}', "error"),
        (b'{"object": "error"}', "error"),
    ],
)
def test_the_kind_is_the_payloads_type_or_else_the_events_name(payload, kind):
    track = Track(recording(start() + frame("name", payload)), until=Moment.ODD_EVENT)
    assert track.seen[-1].kind == kind


def test_faults_are_those_of_the_event_that_came():
    track = Track(recording(start() + frame("message_delta", b"{}")), until=Moment.SHAPE)
    assert {fault.path for fault in track.seen[0].faults} == {"type", "delta", "usage"}
    # An error in another shape is none of the API's events.
    assert Moment.SHAPE not in moments(start() + frame("message", b'{"error": 7}'))


def test_lone_blank_lines_change_no_finding():
    for ending in (b"\n", b"\r\n"):
        body = GOOD.replace(b"\n", ending)
        whole = check(recording(body.replace(ending * 2, ending * 5)))
        assert [finding.rule for finding in whole] == [finding.rule for finding in check(recording(body))]


def test_a_frame_of_many_lines_takes_no_memory_for_each_line():
    sent = recording(start() + b"".join(b":%d\n" % number for number in range(20_000)) + b"\n")
    tracemalloc.start()
    findings = check(sent)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert "comment-present" in {finding.rule for finding in findings}
    assert peak < 8 * len(sent.body)


def test_several_events_in_one_block_are_each_read():
    lines = [each.split(b"\n")[1] for each in (opens(0), delta(0), stops(0))]
    sent = recording(start() + b"event: x\n" + b"\n".join(lines) + b"\n\n" + message_delta() + STOP)
    assert "block-unclosed" not in {finding.rule for finding in check(sent)}
