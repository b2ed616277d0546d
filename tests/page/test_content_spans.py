"""The content blocks as spans of lines."""

from __future__ import annotations

from streams import END, STOP, delta, opens, recording, start, stops

from inspector.page.content_spans import ContentSpans
from inspector.page.line_columns import LineColumns


def spans_of(*pieces):
    columns, spans = LineColumns(), ContentSpans()
    for value in recording(*pieces).blocks:
        columns.add(value, b"\n")
        spans.add(columns)
    return spans


def places(spans):
    return [(each["index"], each["first"], each["last"], each["closed"]) for each in spans.to_list()]


def test_a_span_goes_from_the_start_of_a_content_block_to_its_stop():
    spans = spans_of(start(), opens(0), delta(0), stops(0), opens(1, "tool_use"), stops(1), END)
    assert places(spans) == [(0, 1, 3, True), (1, 4, 5, True)]
    assert [(each["kind"], each["name"]) for each in spans.to_list()] == [
        ("text", ""),
        ("tool_use", "get_weather"),
    ]


def test_a_content_block_without_a_stop_stays_open():
    assert places(spans_of(start(), opens(0), delta(0), STOP)) == [(0, 1, 2, False)]


def test_a_delta_without_a_start_begins_a_span():
    spans = spans_of(start(), delta(4, kind="thinking_delta"), delta(4))
    assert places(spans) == [(4, 1, 2, False)]
    assert spans.to_list()[0]["kind"] == "thinking"


def test_an_index_that_starts_twice_is_two_spans():
    assert places(spans_of(opens(0), delta(0), opens(0), delta(0), stops(0))) == [
        (0, 0, 1, False),
        (0, 2, 4, True),
    ]


def test_no_more_than_ten_thousand_spans_are_kept():
    spans = spans_of(b"".join(opens(0) + stops(0) for _ in range(10_001)))
    assert len(spans.to_list()) == 10_000
