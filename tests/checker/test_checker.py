"""The pass: its two ways through a stream, what its caller passes in, and what it costs."""

from __future__ import annotations

import gc
import sys

import pytest
from check_examples import EXAMPLES
from streams import (
    ANTHROPIC,
    COMPAT,
    END,
    GOOD,
    STOP,
    delta,
    frame,
    opens,
    recording,
    start,
    stops,
    tool_delta,
)

from inspector.checker import Checker, Cursor, Profile, check
from inspector.checker.event_reading import read_recurring
from inspector.checker.tracker import Tracker
from inspector.redact import load_search

WORDS = ["A", "stream", "of", "words", "that", "no", "rule", "objects", "to", "."]
PLAIN = [delta(0, f" {word}") for word in WORDS]


def run(sent, **options):
    checker = Checker(sent.head, **options)
    checker.feed(sent.blocks)
    return checker.close(sent.end, torn=sent.torn)


def tracked(monkeypatch, body, **options):
    """How many blocks go through the tracker; the short cut takes the others."""
    taken = []
    take = Tracker.take
    monkeypatch.setattr(Tracker, "take", lambda self, block: (taken.append(block), take(self, block))[1])
    reads = body if isinstance(body, list) else [body]
    sent = recording(*reads)
    assert run(sent, **options) == run(sent, short_cut=False, **options)
    return len(taken) - len(sent.blocks)


def test_plain_deltas_take_the_short_cut(monkeypatch):
    body = start() + opens(0) + b"".join(PLAIN) + stops(0) + END
    assert tracked(monkeypatch, body) == 5


def test_the_deltas_of_a_tool_and_those_after_a_pause_take_the_short_cut(monkeypatch):
    tool = [
        opens(0, "tool_use") + tool_delta(0, ""),
        (2.0, tool_delta(0, '{"a":')),
        (9.0, tool_delta(0, "1}")),
    ]
    assert tracked(monkeypatch, [(1.0, start()), *tool, (9.1, stops(0) + END)]) == 5


def test_deltas_that_repeat_all_of_the_text_do_not(monkeypatch):
    texts = ["A", "A lo", "A long", "A long text", "A long text with all before it"]
    body = start() + opens(0) + b"".join(delta(0, text) for text in texts) + stops(0) + END
    assert tracked(monkeypatch, body) == 5 + 3


def test_deltas_after_a_whole_message_do_not(monkeypatch):
    whole = start(content=[{"type": "text", "text": "A"}], stop_reason="end_turn")
    assert tracked(monkeypatch, whole + opens(1) + delta(1, "B") + delta(1, "C") + stops(1) + END) == 5 + 2


@pytest.mark.parametrize(
    "odd",
    [
        pytest.param(delta(0, ""), id="empty"),
        pytest.param(delta(0, "\u2028"), id="line separator"),
        pytest.param(delta(0, "x" * 70_000), id="too long"),
        pytest.param(delta(0, f" {WORDS[-1]}"), id="the same again"),
        pytest.param(delta(0, "x", estimated_tokens=3), id="another known field"),
        pytest.param(delta(1, "x"), id="another block"),
        pytest.param(delta(0, "x", "thinking_delta"), id="another type"),
        pytest.param(frame("content_block_delta", b'{"type": "content_block_delta"}'), id="no delta"),
        pytest.param(frame("content_block_delta", b"{"), id="no JSON"),
        pytest.param(delta(0, "x").replace(b"data: ", b"data:"), id="not plain"),
        pytest.param((100.0, delta(0, "x")), id="late"),
    ],
)
def test_an_odd_delta_does_not(monkeypatch, odd):
    reads = [start() + opens(0) + b"".join(PLAIN), odd, stops(0) + END]
    legal = b"estimated_tokens" in (odd if isinstance(odd, bytes) else b"")
    assert tracked(monkeypatch, reads) == (5 if legal else 6)


def test_the_short_cut_counts_what_the_tracker_counts():
    reads = [
        start() + opens(0) + b"".join(PLAIN) + stops(0),
        opens(1, "tool_use") + tool_delta(1, "") + tool_delta(1, '{"a":') + tool_delta(1, "1}") + stops(1),
        END,
    ]
    long, short = (Checker(recording(*reads).head, short_cut=way) for way in (False, True))
    for checker in (long, short):
        checker.feed(recording(*reads).blocks)
    assert long._context.message == short._context.message
    assert long._context.stream == short._context.stream
    assert long._context.clock.progress.points == short._context.clock.progress.points


@pytest.mark.parametrize(
    ("url", "profile"),
    [
        (ANTHROPIC, Profile.ANTHROPIC),
        ("https://anthropic.com", Profile.ANTHROPIC),
        (COMPAT, Profile.COMPAT),
        ("https://anthropic.com.evil.example/", Profile.COMPAT),
        ("http://[", Profile.COMPAT),
        ("", Profile.COMPAT),
    ],
)
def test_the_recorded_host_chooses_the_profile(url, profile):
    assert run(recording(GOOD, url=url)).profile is profile


def test_without_real_times_no_rule_of_time_speaks():
    sent = EXAMPLES["gap-idle"].recording
    assert run(sent, timed=False).findings == ()
    assert {f.rule for f in run(sent).findings} == {"gap-idle"}


def test_findings_have_the_line_that_the_caller_has_come_to():
    cursor = Cursor(1)
    sent = recording(GOOD + STOP)
    checker = Checker(sent.head, cursor=cursor, file="a.jsonl", number=3)
    for block in sent.blocks:
        cursor.line += 1
        checker.feed([block])
    whole = checker.close(sent.end)
    assert [(finding.line, finding.file) for finding in whole.findings] == [(9, "a.jsonl")]
    assert (whole.file, whole.number) == ("a.jsonl", 3)


def test_a_cursor_is_anything_with_a_line():
    class Reader:
        line = 12

    assert {f.line for f in run(EXAMPLES["bom"].recording, cursor=Reader()).findings} == {12}


def test_a_session_shares_its_message_ids():
    ids = {}
    rules = [[f.rule for f in run(recording(GOOD), ids=ids).findings] for _ in range(3)]
    assert rules == [[], ["message-id-reused"], ["message-id-reused"]]


def test_a_recording_without_an_end_is_reported_up_to_there():
    sent = recording(GOOD[:-60], how=None)
    assert [f.rule for f in run(sent).findings] == ["recording-unfinished"]
    mixed = recording(GOOD.replace(b"\n\n", b"\n\r\n"), how=None)
    (finding,) = [f for f in run(mixed).findings if f.rule == "line-ending-mixed"]
    assert finding.more == check(recording(GOOD.replace(b"\n\n", b"\n\r\n")))[1].more


LONG = {
    "unclosed blocks": lambda n: b"".join(opens(index) + delta(index) for index in range(n)),
    "closed blocks": lambda n: b"".join(opens(index) + delta(index) + stops(index) for index in range(n)),
    "unreadable payloads with open blocks": lambda n: b"".join(
        opens(index) + frame("content_block_delta", b"{") for index in range(n)
    ),
    "blocks with wrong indexes": lambda n: b"".join(
        opens(2 * index) + stops(2 * index) for index in range(n)
    ),
    "tools left open": lambda n: b"".join(
        opens(index, "tool_use") + tool_delta(index, '{"a": ') for index in range(2 * n)
    ),
    "calls and results that do not match": lambda n: b"".join(
        opens(index, "server_tool_use") + stops(index) + opens(index + 1, "mcp_tool_result", tool_use_id="x")
        for index in range(0, 2 * n, 2)
    ),
    "events without an index": lambda n: b"".join(
        opens(index) + delta(index).replace(b'"index"', b'"place"') for index in range(n)
    ),
    "all of the text in every delta": lambda n: (
        opens(0) + b"".join(delta(0, "word " * (index // 40 + 1)) for index in range(4 * n))
    ),
    "blocks with one index": lambda n: (opens(0) + stops(0)) * n,
    "unnamed errors with open blocks": lambda n: b"".join(
        opens(index) + frame("x", b'{"error": "e"}') for index in range(n)
    ),
    "deltas": lambda n: opens(0) + b"".join(delta(0, f"{index} ") for index in range(4 * n)),
    "pings": lambda n: b'event: ping\ndata: {"type": "ping"}\n\n' * 4 * n,
}


def work(sent):
    """How many instructions of Python a check takes: unlike time, the same on every run.

    What a process loads once does not count, whichever run is the first to need it: the search for secrets,
    after some texts, and what is kept of the table of shapes. Of the events that recur nothing is kept here:
    a long stream has more of them than are kept.
    """
    load_search()
    run(sent)
    read_recurring.cache_clear()
    steps = 0

    def trace(frame, event, argument):
        nonlocal steps
        frame.f_trace_opcodes = True
        steps += event == "opcode"
        return trace

    before = sys.gettrace()
    gc.disable()  # what a library does after each collection would count too
    sys.settrace(trace)
    try:
        run(sent)
    finally:
        sys.settrace(before)
        gc.enable()
    return steps


@pytest.mark.parametrize("what", LONG)
def test_the_cost_grows_with_the_stream_and_no_faster(what):
    small, large = (recording(start() + LONG[what](blocks) + END) for blocks in (150, 600))
    assert work(large) < 4.2 * work(small)
