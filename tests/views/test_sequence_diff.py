"""The one alignment: what it matches is equal and in order, short sequences are matched as well as can be."""

from __future__ import annotations

import random
from difflib import SequenceMatcher

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector.views import sequence_diff
from inspector.views.sequence_diff import matches

ITEMS = st.lists(st.sampled_from(["a", "b", "c", ("d", 1), 97]), max_size=40)


def check(one, other, matched):
    i = j = 0
    for at, there, size in matched:
        assert at >= i and there >= j and size > 0
        assert one[at : at + size] == other[there : there + size]
        i, j = at + size, there + size
    assert i <= len(one) and j <= len(other)


@given(ITEMS, ITEMS)
def test_what_is_matched_is_equal_and_in_order_and_no_less_than_difflib_matches(one, other):
    matched = list(matches(one, other))
    check(one, other, matched)
    naive = SequenceMatcher(None, one, other, autojunk=False).get_matching_blocks()
    assert sum(size for *_, size in matched) >= sum(block.size for block in naive)


@given(ITEMS, ITEMS)
def test_small_windows_match_too(one, other):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sequence_diff, "_WINDOW", 8)
        patch.setattr(sequence_diff, "_STEP", 4)
        check(one, other, list(matches(one, other)))


def test_long_sequences_with_changes_here_and_there_are_matched_nearly_whole():
    dice = random.Random(1)
    one = [dice.randrange(200) for _ in range(50_000)]
    other = list(one)
    for at in sorted(dice.sample(range(50_000), 300), reverse=True):
        del other[at]
    matched = list(matches(one, other))
    check(one, other, matched)
    assert sum(size for *_, size in matched) == len(other)


def test_sequences_that_have_nothing_in_common_end_too():
    assert list(matches(["a"] * 9000, ["b"] * 30_000)) == []
    assert list(matches([], [])) == list(matches(["a"], [])) == []
