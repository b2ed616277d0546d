"""Escapes are undone for the search, and every place of the plain text is found in the text with escapes."""

from __future__ import annotations

import itertools
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector.redact.escapes import plain


@pytest.mark.parametrize(
    "text, without",
    [
        (rb"sk\u002dant", b"sk-ant"),
        (rb"sk\\u002dant", b"sk-ant"),
        (rb"sk\\\\u002Dant", b"sk-ant"),
        (rb"https:\/\/h\/", b"https://h/"),
        (rb"sk\x2dant", b"sk-ant"),
        (rb"\u0022a\u005c\u0027", rb"\u0022a\u005c\u0027"),
        (rb"\u000a\u00e9\u2028\/", rb"\u000a\u00e9\u2028/"),
    ],
)
def test_escapes_of_ordinary_characters_are_undone(text, without):
    assert plain(text).text == without


def test_a_text_without_such_escapes_needs_no_work():
    assert plain(rb"a\n\"b\" \u2028") is None


@given(st.text(alphabet='a-/\\"u0\n2d'))
def test_each_character_is_found_where_it_was_written(text):
    written = json.dumps(text).replace("-", "\\u002d").replace("/", "\\/").encode()
    escaped = plain(written)
    if escaped:
        places = [escaped.where(at) for at in range(len(escaped.text) + 1)]
        assert (places[0], places[-1]) == (0, len(written)) and places == sorted(set(places))
        for at, (start, end) in enumerate(itertools.pairwise(places)):
            piece = written[start:end]
            assert piece == escaped.text[at : at + 1] or piece.startswith(b"\\")
