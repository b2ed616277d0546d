"""A response drawn over its time."""

from __future__ import annotations

import dataclasses
import json

import pytest
from streams import END, GOOD, PING, delta, opens, recording, start, stops

from inspector import load, stats
from inspector.cli._stats_drawing import ASCII, UNICODE, drawing
from inspector.recording import recordings
from inspector.recording.bundled import bundled_names, bundled_recording


def drawn(sent, width=48, glyphs=ASCII):
    return ["".join(text for text, _ in line).rstrip() for line in drawing(stats(sent), width, glyphs)]


SENT = recording(
    (2.0, start() + opens(0, "thinking")),
    *((2.0 + 0.1 * number, delta(0, "thought", "thinking_delta")) for number in range(1, 31)),
    (10.0, PING),
    (20.0, stops(0) + opens(1, "tool_use", name="search")),
    *((20.0 + 0.5 * number, delta(1, "{", "input_json_delta")) for number in range(1, 20)),
    (30.0, stops(1) + END),
)


def test_blocks_are_lanes_with_their_silences():
    assert drawn(SENT) == [
        "waiting           ...",
        "0 thinking          ####..............#",
        "1 search                              ##########",
        "pings                       '",
        "silent            ...  ................",
        "characters/s        ###               __________",
        "                  0 s                     30.0 s",
    ]


def test_a_line_is_as_wide_as_it_may_be():
    for width in (40, 80, 120):
        for glyphs in (ASCII, UNICODE):
            assert max(map(len, drawn(SENT, width, glyphs))) == width


def test_silences_that_a_watchdog_does_not_bear_are_red():
    sent = recording((1.0, start() + opens(0)), (5.0, delta(0)), (30.0, stops(0) + END))
    lines = list(drawing(stats(sent), 80, UNICODE))
    (silent,) = (line for line in lines if line[0][0].startswith("silent"))
    assert [style.get("fg") for _, style in silent[1:] if style] == ["yellow", "red"]


def test_many_blocks_share_a_lane_by_their_type():
    body = start() + b"".join(opens(n) + delta(n) + stops(n) for n in range(30))
    lines = drawn(recording(body, (2.0, END)))
    assert [line.split("  ")[0] for line in lines if " x " in line] == ["30 x text"]


@pytest.mark.parametrize("name", ["x\x1b[31m", "天気を調べる道具の名前", "a" * 40])
def test_a_label_keeps_to_its_column(name):
    sent = recording((1.0, start() + opens(0, "tool_use", name=name)), (5.0, stops(0) + END))
    (lane,) = (line for line in drawing(stats(sent), 80, ASCII) if line[0][0].startswith("0 "))
    assert "\x1b" not in lane[0][0]
    assert "#" in lane[1][0]


def test_without_times_nothing_is_drawn(tmp_path):
    file = tmp_path / "x.sse"
    file.write_bytes(GOOD)
    assert drawn(load(file)) == []


def test_a_duration_without_other_times_is_not_drawn():
    """Some tools keep how long the answer took, and of nothing when it came."""
    sent = recording(GOOD)
    head = dataclasses.replace(sent.head, extra={"absent": ["reads", "times"], "duration": 0.963})
    sent = dataclasses.replace(sent, head=head)
    assert stats(sent).duration == 0.963
    assert drawn(sent) == []


def _last_event_of_blocks(sent):
    last = {}
    for block in sent.blocks:
        try:
            index = json.loads(block.data or b"").get("index")
        except (ValueError, AttributeError):
            continue
        if isinstance(index, int):
            last[index] = block.t
    return last


@pytest.mark.parametrize("name", sorted({*bundled_names()} - {"broken/spliced"}))
def test_no_bar_is_drawn_after_the_last_event_of_its_block(name):
    """A block that nobody closed ends with its last event. (Two messages share the indexes of `spliced`.)"""
    with bundled_recording(name).open("rb") as file:
        sent = next(recordings(file))
    lines, width = drawn(sent, 118), 100
    for index, t in _last_event_of_blocks(sent).items():
        for line in lines:
            if line.startswith(f"{index} "):
                bars = line[18:].rindex("#")
                assert bars <= int(t / (stats(sent).duration / width))
