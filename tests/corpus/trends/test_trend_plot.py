"""The plot is drawn without a display, is the same each time, and shows any name as it is."""

from __future__ import annotations

import itertools
import re
import subprocess
import sys
import warnings
from dataclasses import replace
from xml.etree import ElementTree

import pytest
from response_sets import response, some_responses, write_set

from inspector.corpus.trends.comparing_sets import compare
from inspector.errors import RecordingError, UsageError

pytest.importorskip("matplotlib")
from inspector.corpus.trends.trend_plot import plot

BEGINNINGS = {"svg": b"<?xml", "png": b"\x89PNG", "pdf": b"%PDF"}


def compared(tmp_path, *all_rows, by=None):
    return compare([write_set(tmp_path / str(n), rows) for n, rows in enumerate(all_rows)], by=by)


@pytest.fixture
def trends(tmp_path):
    return compared(tmp_path, some_responses(900, 1), some_responses(900, 2, slow=2, broken=0.1))


def texts(svg):
    return [each.text for each in ElementTree.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")]


@pytest.mark.parametrize("form", list(BEGINNINGS))
def test_a_plot_is_a_file_of_its_kind_and_always_the_same(trends, form):
    made = plot(trends, form, everything=False)
    assert made.startswith(BEGINNINGS[form])
    assert made == plot(trends, form, everything=False)


def test_a_plot_has_a_row_for_each_number_that_changed(trends):
    shown = texts(plot(trends, "svg", everything=False))
    assert "ending cut" in shown
    assert "first text p90" in shown
    assert "longest gap p50" not in shown
    assert any(text.startswith(f"{len(trends.changed)} of ") for text in shown)
    assert "longest gap p50" in texts(plot(trends, "svg", everything=True))


def test_if_nothing_changed_the_plot_shows_that(tmp_path):
    rows = list(some_responses(200, 1))
    shown = texts(plot(compared(tmp_path, rows, rows), "svg", everything=False))
    assert any(text.startswith("None of ") for text in shown)
    assert "duration p50" in shown


@pytest.mark.parametrize(
    ("low", "high"),
    [(900, 1_300), (400_000, 2_600_000), (20, 500), (90_000, 26_000_000), (3, 20_000_000), (0, 5_000)],
)
def test_the_ticks_of_tokens_are_plain_numbers_that_do_not_meet(tmp_path, low, high):
    """Narrow ranges, one decade, many decades, and zero."""
    row = response(input_tokens=low, output_tokens=high, cache_read_tokens=None, cache_creation_tokens=None)
    rows = [row] * 1_000
    trends = compared(tmp_path, rows, rows)
    trends = replace(trends, lines=tuple(line for line in trends.lines if line.kind == "tokens"))
    svg = ElementTree.fromstring(plot(trends, "svg", everything=True))
    groups = svg.iter("{http://www.w3.org/2000/svg}g")
    axis = next(group for group in groups if group.get("id") == "matplotlib.axis_1")
    ticks = [text for text in axis.iter("{http://www.w3.org/2000/svg}text") if text.text != "tokens"]
    assert len(ticks) >= 2
    assert all(re.fullmatch(r"[\d,]+(\.\d+)?", text.text) for text in ticks)
    places = sorted((float(text.get("x")), len(text.text)) for text in ticks)
    letter = 6  # points, at a size of 9
    for (one, letters), (two, more) in itertools.pairwise(places):
        assert two - one > letter * (letters + more) / 2


def test_rows_that_have_no_place_are_counted(tmp_path):
    names = [f"reason {number}" for number in range(60)]
    rows = [response(stop_reason=name) for name in names]
    trends = compared(tmp_path, rows, rows)
    trends = replace(trends, lines=tuple(line for line in trends.lines if line.kind == "stop_reason"))
    shown = texts(plot(trends, "svg", everything=True))
    assert len([text for text in shown if text and text.startswith("stop reason")]) == 40
    assert any(text.endswith(" 20 more are not drawn.") for text in shown)


@pytest.mark.parametrize("name", ["$x^2$ <b>&", "\x1b]0;owned\x07\u202e", "中文 مرحبا", "x" * 300, r"\frac"])
def test_any_name_is_drawn_as_it_is(tmp_path, name):
    rows = [response(stop_reason=name)] * 50
    trends = compared(tmp_path, rows, rows)
    trends = replace(trends, lines=tuple(line for line in trends.lines if line.kind == "stop_reason"))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        made = {form: plot(trends, form, everything=True) for form in BEGINNINGS}
    shown = "".join(filter(None, texts(made["svg"])))
    assert name[-40:].removesuffix("\u202e") in shown or "\\e]0;owned\\x07" in shown
    assert "\x1b" not in shown


@pytest.mark.parametrize("rows", [[[response()]], [[], [response()]], [[response()]] * 3])
def test_what_cannot_be_drawn_is_said(tmp_path, rows):
    with pytest.raises(UsageError, match=r"a plot compares two sets|no number to draw"):
        plot(compared(tmp_path, *rows), "svg", everything=False)


def test_without_matplotlib_the_extra_is_named(trends, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(RecordingError, match=r"sse-inspector\[plot\]"):
        plot(trends, "svg", everything=False)


def test_what_does_not_draw_does_not_import_matplotlib():
    code = "import sys, inspector.corpus.trends.trend_plot, inspector.cli.stats"
    code += "; assert 'matplotlib' not in sys.modules; assert 'pyarrow' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
