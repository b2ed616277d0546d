"""Events as lines: words are whole, no line is too wide, and nothing from a stream drives a terminal."""

from __future__ import annotations

import re

import click
import pytest
from rich.cells import cell_len

import inspector
from inspector.cli._event_lines import Look, column_names, event_line, folded_lines
from inspector.recording.bundled import bundled_names, bundled_recording
from inspector.views.fold import folded
from inspector.views.timeline import Row, Timeline, Tone

HELLO = inspector.load(bundled_recording("hello"))
EVIL = "\x1b[2J\u202e[red]\r\x9b"
PLAIN = Look()


def first_recording(name):
    with bundled_recording(name).open("rb") as file:
        return next(inspector.recording.recordings(file))


def rows(recording):
    return list(Timeline().rows(recording.blocks))


def event_lines(recording, look):
    return [event_line(row, look) for row in rows(recording)]


def all_lines(recording, look):
    return [line for part in folded(rows(recording)) for line in folded_lines(part, look)]


def delta(number, content, t=1.0, tone=Tone.TEXT, kind="text"):
    return Row(number, t, 0.0, "content_block_delta", 0, kind, content, tone)


def text_lines(*contents, look=PLAIN, **fields):
    parts = folded(delta(at + 1, content, 1.0 + at / 100, **fields) for at, content in enumerate(contents))
    return [line for part in parts for line in folded_lines(part, look)]


def fact(content, **fields):
    return Row(1, 1.0, 0.0, "message_start", None, "", content, Tone.FACT)._replace(**fields)


both = pytest.mark.parametrize("lines", [event_lines, all_lines])


@both
@pytest.mark.parametrize("width", [60, 80, 100, 140])
@pytest.mark.parametrize("name", bundled_names())
def test_a_line_is_never_wider_than_the_screen(name, width, lines):
    shown = lines(first_recording(name), Look(width=width))
    assert max(map(cell_len, shown), default=0) <= width


@both
@pytest.mark.parametrize("name", bundled_names())
def test_colour_changes_no_text(name, lines):
    recording = first_recording(name)
    plain = lines(recording, Look(width=80))
    assert [click.unstyle(line).rstrip() for line in lines(recording, Look(True, 80))] == plain


def test_columns_stand_over_their_values():
    first = event_lines(HELLO, PLAIN)[0]
    names = column_names(PLAIN)
    assert names.index("event") == first.index("message_start")
    assert names.index("content") == first.index("claude-")


def test_without_a_width_the_content_is_whole():
    assert any(line.endswith('"celsius"}') for line in event_lines(first_recording("tool_use"), PLAIN))


def test_a_name_wider_than_the_screen_is_clipped_too():
    row = rows(HELLO)[0]._replace(name="n" * 500, kind="k" * 500)
    assert len(event_line(row, Look(width=80))) == 80
    assert max(map(len, folded_lines(row, Look(width=80)))) <= 80


def test_a_block_is_labelled_by_its_index_its_kind_and_what_happens_to_it():
    labels = [re.split(r" {2,}", line[23:])[0] for line in event_lines(HELLO, PLAIN)]
    assert labels[1] == "0 text start"
    assert labels[3] == "0 text"
    assert labels[-3] == "0 text stop"


def test_a_label_has_the_events_name_if_that_is_not_one_of_a_blocks():
    (row,) = Timeline().rows([HELLO.blocks[1]])
    assert "(unnamed) 0 text" in event_line(row._replace(name="(unnamed)"), PLAIN)
    assert "? text start" in event_line(row._replace(block=None), PLAIN)


@pytest.mark.parametrize(
    "gap, shown",
    [
        (0.0, "+0.000"),
        (9.999, "+9.999"),
        (9.9999, "+10.00"),
        (63.41, "+63.41"),
        (189.54, "+189.5"),
        (1895, "+1895"),
    ],
)
def test_a_gap_takes_six_columns(gap, shown):
    assert event_line(fact("x")._replace(gap=gap), PLAIN).split()[2] == shown


def test_a_stream_without_times_shows_none():
    lines = all_lines(HELLO, Look(timed=False))
    assert not any(re.search(r"\d\.\d{3}", line) for line in lines)
    assert "… 40 deltas, 251 characters" in "".join(lines)


def test_a_short_text_stands_beside_its_label():
    assert text_lines("Hello", " you", look=Look(width=80)) == [
        "    1    1.000 +0.000  0 text        Hello you",
        "    2    1.010         … 2 deltas, 9 characters in 0.010 s, 400/s",
    ]


def test_a_long_text_has_lines_of_its_own():
    first, *text, last = text_lines(*(["word "] * 40), look=Look(width=80))
    assert first == "    1    1.000 +0.000  0 text"
    assert {line[:8] for line in text} == {" " * 8}
    assert " ".join(line.strip() for line in text).split() == ["word"] * 40
    assert last.split()[0] == "40"


def test_line_breaks_in_a_text_stay():
    _, *text, _ = text_lines("# One\n\n- two", "\n\tthree\r\n", look=Look(width=80))
    assert text == ["        # One", "", "        - two", "            three"]


def test_a_text_of_line_breaks_only_shows_them():
    assert text_lines("\n\n")[0].endswith(r"0 text        \n\n")


def test_one_delta_is_text_as_well():
    lines = text_lines("word " * 40, look=Look(width=80))
    assert len(lines) == 4
    assert "delta" not in "".join(lines)


def test_text_is_never_cut_and_facts_are():
    words = " ".join(map(str, range(2000)))
    text = text_lines(words, look=Look(width=80))
    assert " ".join(line.strip() for line in text[1:]) == words
    lines = list(folded_lines(fact(words), Look(width=80)))
    assert len(lines) == 7
    kept = " ".join(" ".join(line[23:] for line in lines[:-1]).split()[1:])
    assert words.startswith(kept)
    assert lines[-1].strip() == f"… {len(words) - len(kept):,} more characters (--wide shows them)"


def test_a_silence_in_a_run_is_named():
    run = [delta(1, "a", 0.0), delta(2, "b", 0.9), delta(3, "c", 1.8), delta(4, "d", 4.3), delta(5, "e", 4.4)]
    parts = list(folded(run))
    assert len(parts) == 1
    assert list(folded_lines(parts[0], PLAIN))[-1].endswith("silent for 2.5 s after 3")


def test_signs_of_life_are_counted_with_what_comments_say():
    ping = Row(2, 1.01, 0.0, "ping", None, "", "", Tone.QUIET)
    comment = ping._replace(number=None, name="(comment)", content="wait " * 20)
    parts = folded([delta(1, "a"), ping, comment, comment, delta(3, "b", 1.02)])
    *_, last = folded_lines(next(parts), PLAIN)
    assert last.endswith("1 ping, 2 comments “wait wait wait wait wait wait…”")


def test_pings_are_one_line_and_how_far_apart_they_are():
    pings = [Row(at + 1, 10.0 * at, 10.0, "ping", None, "", "", Tone.QUIET) for at in range(3)]
    (run,) = folded(pings)
    assert [line[23:] for line in folded_lines(run, PLAIN)] == [
        "ping",
        "… 3 pings in 20.000 s, at most 10.000 s apart",
    ]


@pytest.mark.parametrize("width", [None, 80])
def test_nothing_from_a_stream_drives_a_terminal(width):
    look = Look(width=width)
    evil = fact(EVIL, name=EVIL, kind=EVIL)
    lines = [
        event_line(evil, look),
        *folded_lines(evil, look),
        *text_lines(EVIL, EVIL + "\n" + EVIL, look=look),
    ]
    comment = Row(None, 1.0, 0.0, "(comment)", None, "", EVIL, Tone.QUIET)
    lines += [line for part in folded([comment] * 2) for line in folded_lines(part, look)]
    text = "".join(lines)
    assert not re.search("[\x00-\x1f\x7f-\x9f\u202e]", text)
    assert "[red]" in text


def test_a_secret_that_deltas_divide_is_masked_in_their_text():
    key = "sk-ant-api03-" + "Ab3" * 30
    text = "".join(text_lines("my key: ", key[:20], key[20:50], key[50:], look=Look(width=80)))
    assert key[20:50] not in text
    assert "****" in text


@pytest.mark.parametrize("letter", ["x", "\n", " ", "[", "漢", "\u202e"])
def test_a_huge_text_takes_one_pass(letter):
    assert list(folded_lines(delta(1, letter * 200_000), Look(width=80)))
    assert list(folded_lines(fact(letter * 200_000), Look(width=80)))
