"""Two long texts in one short line."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector.play.word_diff import first_difference, word_diff

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
