"""Two long texts in one short line."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector.views.word_diff import first_difference, pieces, word_diff

LONG = "The quick brown fox jumps over the lazy dog. " * 20


@pytest.mark.parametrize(
    "recorded, received, text",
    [
        ("capital of France?", "capital of Spain?", "capital of [-France-]{+Spain+}?"),
        ("one two three", "one three", "one [-two -]three"),
        ("one three", "one two three", "one {+two +}three"),
        ("same", "same longer", "same{+ longer+}"),
        ("sunny", "sunday", "[-sunny-]{+sunday+}"),
        ("red apples", "blue pears", "[-red apples-]{+blue pears+}"),
        (LONG + "Then a cat.", LONG + "Then a cow.", "…jumps over the lazy dog. Then a [-cat-]{+cow+}."),
    ],
)
def test_the_words_that_differ_are_marked(recorded, received, text):
    assert word_diff(recorded, received).endswith(text.removeprefix("…jumps over "))


def test_it_is_short_and_quick_whatever_the_texts():
    for one, other in [
        (LONG * 5000, "x" + LONG * 5000),
        ("a" * 9_000_000, "a" * 8_999_999 + "b"),
        (LONG, ""),
    ]:
        assert len(word_diff(one, other)) < 400


@given(st.text("ab ", max_size=30), st.text("ab ", max_size=30))
def test_the_first_difference_is_where_the_common_beginning_ends(one, other):
    at = first_difference(one, other)
    assert one[:at] == other[:at]
    assert one[at : at + 1] != other[at : at + 1] or at == min(len(one), len(other))


@given(st.text("ab .", max_size=40), st.text("ab .", max_size=40))
def test_texts_that_differ_have_a_mark(one, other):
    assert ("-]" in word_diff(one, other) or "+}" in word_diff(one, other)) is (one != other)


@given(st.text("ab é.\n日", max_size=60), st.text("ab é.\n日", max_size=60))
def test_the_pieces_are_both_texts(one, other):
    made = list(pieces(one, other))
    assert "".join(text for sign, text in made if sign != "+") == one
    assert "".join(text for sign, text in made if sign != "-") == other
    assert all(text for _, text in made)


def test_pieces_are_whole_words_and_of_ideographs_single_ones():
    assert [*pieces("it is sunny today", "it is sunday today")] == [
        ("=", "it is "),
        ("-", "sunny"),
        ("+", "sunday"),
        ("=", " today"),
    ]
    assert [*pieces("今日は晴れです", "今日は雨です")] == [
        ("=", "今日は"),
        ("-", "晴れ"),
        ("+", "雨"),
        ("=", "です"),
    ]


def test_what_is_the_same_by_chance_belongs_to_the_changes_around_it():
    one, other = "a green apple and a large pear", "some bread and old cheese"
    assert [sign for sign, _ in pieces(one, other)] == ["-", "+"]
