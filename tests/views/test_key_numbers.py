"""The sentence that a person reads first, and the three numbers."""

from __future__ import annotations

import pytest
from streams import END, GOOD, PING, STOP, TEXT, delta, message_delta, opens, recording, start, stops

from inspector import Ending, load, stats
from inspector.views.key_numbers import Level, headline, numbers, seconds_text

SILENT = [(1.0, start() + opens(0, "thinking")), *((1.0 + 20 * n, PING) for n in (1, 2)), (51.0, stops(0))]


@pytest.mark.parametrize(
    ("sent", "level", "text"),
    [
        (recording(GOOD), "ok", "Complete in 510 ms"),
        (recording(*SILENT, END), "warning", "Complete, but silent for 50.0 s inside thinking"),
        (recording(start(), (15.0, TEXT), END), "warning", "Complete, but silent for 14.5 s before text"),
        (recording((15.0, start()), TEXT, END), "warning",
         "Complete, but silent for 14.5 s before the first event"),
        (recording(GOOD, end=30.0), "warning", "Complete, but silent for 29.5 s after the message"),
        (recording((8.0, GOOD + GOOD)), "warning", "Complete, but delivered all in one read"),
        (recording(start(), TEXT, how=Ending.CUT), "error", "The connection was closed before the end"),
        (recording(start(), opens(0), how=Ending.TIMEOUT, end=20.0), "error",
         "Nothing more came, and the reader gave up waiting, after a silence of 19.5 s inside text"),
        (recording(status=None, how=Ending.RESET), "error", "No response came"),
    ],
)  # fmt: skip
def test_the_headline(sent, level, text):
    line = headline(stats(sent))
    assert line.level == level
    assert str(line) == text


def test_an_answer_that_is_cut_off_is_said_to_be(recordings_folder):
    line = headline(stats(load(recordings_folder / "max_tokens.jsonl")))
    assert (str(line), line.level) == (
        "Complete in 1.8 s: the answer was cut off at max_tokens",
        Level.WARNING,
    )
    assert [text for text, strong in line.parts if strong] == ["1.8 s"]


def test_the_three_numbers_of_a_slow_stream():
    deltas = [(60.0 + number, delta(0, "some text ")) for number in range(10)]
    sent = recording(
        (16.0, start() + opens(0)), *deltas, (131.0, stops(0) + message_delta(output=500) + STOP)
    )
    assert [(each.text, each.bad) for each in numbers(stats(sent))] == [
        ("16.0 s", True),
        ("62.0 s", False),
        ("4.3", False),
    ]


def test_what_is_unknown_is_a_dash(tmp_path):
    bare = tmp_path / "bare.sse"
    bare.write_bytes(GOOD)
    assert {each.text for each in numbers(stats(load(bare)))} == {"–"}
    assert str(headline(stats(load(bare)))) == "Complete"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(None, "–"), (0.0, "0 ms"), (0.9994, "999 ms"), (0.9996, "1.0 s"), (99.94, "99.9 s"), (99.96, "100 s"),
     (599.9, "600 s"), (600.0, "10 min 0 s"), (7265.0, "2 h 1 min")],
)  # fmt: skip
def test_a_time_in_words(seconds, text):
    assert seconds_text(seconds) == text
