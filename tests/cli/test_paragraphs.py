"""Text in columns: never wider than the terminal, never broken inside a word that fits in a line."""

from __future__ import annotations

import textwrap

import hypothesis
import pytest
from hypothesis import strategies as st
from rich.cells import cell_len

from inspector.cli._paragraphs import broken, clip
from inspector.cli._widths import cells

PROSE = (
    "Hello! I arrive a few letters at a time, so you can read the beginning of this sentence before its end."
)


@pytest.mark.parametrize(
    "text, width, clipped",
    [
        ("abc", 3, "abc"),
        ("abcd", 3, "ab…"),
        ("日本語", 6, "日本語"),
        ("日本語", 5, "日本…"),
        ("日本語", 4, "日…"),
        ("é" * 9, 4, "ééé…"),
        ("abc", None, "abc"),
        ("日本", 1, "…"),
    ],
)
def test_text_is_clipped_to_columns(text, width, clipped):
    assert clip(text, width) == clipped


@pytest.mark.parametrize("width", range(20, 90, 7))
def test_prose_is_broken_where_the_standard_library_breaks_it(width):
    assert list(broken(PROSE, width)) == textwrap.wrap(PROSE, width, break_on_hyphens=False)


@pytest.mark.parametrize("text", [PROSE, PROSE.replace("e", "é")], ids=["ASCII", "other"])
@pytest.mark.parametrize("first", [0, 3, 10, 30])
def test_the_first_line_may_be_shorter(text, first):
    one, *others = broken(text, 40, first=first)
    assert len(one) <= first
    assert max(map(len, others)) <= 40
    assert " ".join(filter(None, [one, *others])) == text


@pytest.mark.parametrize("letter", ["x", "é"])
def test_only_a_word_longer_than_a_line_is_broken(letter):
    word = letter * 100
    lines = list(broken(f"see {word} there", 40))
    assert lines[0] == "see"
    assert max(map(cells, lines)) <= 40
    assert "".join(lines).replace(" ", "") == f"see{word}there"


def test_indentation_and_blanks_inside_a_line_stay():
    assert list(broken("    x = 1    # one", 40)) == ["    x = 1    # one"]


def test_ideographs_are_broken_between_characters_but_not_before_a_closing_mark():
    lines = list(broken("日本語のテキストは、空白がありません。だから、行はどこでも終わります。", 20))
    assert max(map(cells, lines)) <= 20
    assert not any(line[0] in "、。" for line in lines)


def test_an_emoji_of_several_characters_is_not_divided():
    family = "👩‍👩‍👧"
    lines = list(broken(family * 40, 21))
    assert "".join(lines) == family * 40
    assert all(len(line) % len(family) == 0 for line in lines)


def test_no_text_is_one_empty_line():
    assert list(broken("", 40)) == list(broken("   ", 40)) == [""]


texts = st.text(
    st.one_of(
        st.characters(codec="ascii", categories=["L", "P", "N", "Zs"]), st.sampled_from("é漢、👍🏽 \u0301—")
    )
)


@hypothesis.given(texts, st.integers(20, 50), st.none() | st.integers(0, 60))
def test_no_line_is_too_wide_and_nothing_but_blanks_is_lost(text, width, first):
    lines = list(broken(text, width, first=first))
    assert all(cell_len(line) <= width for line in lines)
    if first is not None:
        assert cell_len(lines[0]) <= first
    assert "".join("".join(lines).split()) == "".join(text.split())


@hypothesis.given(texts, st.integers(1, 30))
def test_what_is_clipped_fits_and_begins_as_the_text(text, width):
    shown = clip(text, width)
    assert cell_len(shown) <= max(width, 1)
    assert shown == text or text.startswith(shown[:-1])


@pytest.mark.parametrize("letter", ["x", "é", "漢", "👍🏽", "e\u0301"])
def test_a_megabyte_without_a_blank_is_broken_in_one_pass(letter):
    text = letter * 200_000
    assert "".join(broken(text, 80)) == text
