"""Tables: harmless text, aligned, and no wider than the terminal."""

from __future__ import annotations

import click
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from inspector.cli import _printing, _tables
from inspector.cli._tables import Column, print_table

COLUMNS = [
    Column("file", least=8, keep_end=True),
    Column("events", right=True),
    Column("prompt", least=10),
    Column("model", rank=1),
    Column("stop", rank=2),
]
ROWS = [
    ["recordings/hello.jsonl", "46", "Say hello in many languages, please", "claude-haiku-4-5", "end_turn"],
    ["a.jsonl", "1,200", "日本語で挨拶してください、お願いします", "claude-opus-4-1", "refusal"],
]


def printed(columns, rows, width=None, color=False, **options):
    """The lines that are printed on a terminal of `width` columns, or without one into a pipe."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_printing, "screen_width", lambda *, err=False: width)
        patch.setattr(_tables, "use_color", lambda *, err=False: color)
        command = click.command()(lambda: print_table(columns, rows, **options))
        result = CliRunner().invoke(command, color=True, catch_exceptions=False)
    return result.stdout.splitlines()


def test_a_pipe_gets_every_column_whole_and_aligned():
    assert printed(COLUMNS, ROWS) == [
        "file                    events  prompt                                  model             stop",
        "recordings/hello.jsonl      46  Say hello in many languages, please     claude-haiku-4-5  end_turn",
        "a.jsonl                  1,200  日本語で挨拶してください、お願いします  claude-opus-4-1   refusal",
    ]


@pytest.mark.parametrize("width", range(30, 130))
def test_no_line_is_wider_than_the_terminal(width):
    lines = printed(COLUMNS, ROWS, width)
    assert max(map(cell_len, lines)) <= width
    assert len({cell_len(line[: line.index("46") + 2]) for line in lines if "46" in line}) == 1


def test_a_narrow_terminal_loses_the_columns_of_the_highest_rank_and_then_cuts_cells():
    titles = {width: printed(COLUMNS, ROWS, width)[0].split() for width in (120, 60, 48, 36)}
    assert titles == {
        120: ["file", "events", "prompt", "model", "stop"],
        60: ["file", "events", "prompt", "model", "stop"],
        48: ["file", "events", "prompt", "model"],
        36: ["file", "events", "prompt"],
    }
    assert printed(COLUMNS, ROWS, 36) == [
        "file           events  prompt",
        "…/hello.jsonl      46  Say hello in…",
        "a.jsonl         1,200  日本語で挨拶…",
    ]


def test_the_widest_cells_are_cut_first_so_that_short_ones_stay_whole():
    [_, first, second] = printed([Column("a", least=5), Column("b", least=5)], [["x" * 12, "y" * 40]] * 2, 34)
    assert first == second == "x" * 12 + "  " + "y" * 19 + "…"


def test_an_empty_column_is_left_out():
    assert printed([Column("a"), Column("b"), Column("c")], [["1", "", "3"]]) == ["a  c", "1  3"]


@pytest.mark.parametrize("rows", [[], [["", "", "", "", ""]]])
def test_a_table_without_any_text_is_not_printed(rows):
    assert printed(COLUMNS, rows) == []


def test_lines_begin_after_an_indent():
    assert printed([Column("a")], [["1"]], 3, indent=2) == ["  a", "  1"]


def test_colour_changes_no_width():
    rows = [[("hello", {"fg": "red"}), ("1", {"bold": True})], ["x", "10"]]
    columns = [Column("name", least=3), Column("n", right=True)]
    for width in (None, 7):
        plain = printed(columns, rows, width)
        coloured = printed(columns, rows, width, color=True)
        assert coloured != plain
        assert [click.unstyle(line) for line in coloured] == plain


HOSTILE = "[bold]x[/bold]\x1b]52;c;aGk=\x07\r\n::error ::\u202e"


def test_text_is_never_markup_and_drives_nothing():
    shown = "[bold]x[/bold]\\e]52;c;aGk=\\x07\\r\\n::error ::\\u202e"
    assert printed([Column(HOSTILE)], [[HOSTILE]]) == [shown, shown]


def test_a_secret_is_masked_before_it_is_cut():
    key = "sk-ant-api03-" + "Ab1" * 30
    for width in (None, 40, 20):
        assert "Ab1Ab1" not in "".join(printed([Column("key", least=4)], [[key]], width))


@given(st.lists(st.text(st.characters(codec=None, exclude_categories=())), min_size=1), st.integers(8, 60))
def test_any_text_keeps_its_line_and_the_width(texts, width):
    lines = printed([Column("text", least=2, keep_end=width % 2 == 0)], [[text] for text in texts], width)
    assert len(lines) == (len(texts) + 1 if any(texts) else 0)
    assert all(cell_len(line) <= width for line in lines)


def test_a_long_cell_takes_no_longer_to_cut_than_to_read():
    [_, line] = printed([Column("text", least=2)], [["x" * 5_000_000]], 80)
    assert line == "x" * 79 + "…"
