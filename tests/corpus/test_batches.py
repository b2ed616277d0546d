"""Batches: every source once and in order, small ones first, bounded in number and in bytes."""

from __future__ import annotations

import pytest
from corpus_jobs import sources
from hypothesis import given
from hypothesis import strategies as st

from inspector.corpus.batches import AHEAD, LEAST, MANY, MANY_BYTES, MOST, MOST_BYTES, Batches, are_many
from inspector.storage import Source


def taken(batches):
    return list(iter(batches.take, []))


@given(st.integers(0, 3000), st.integers(1, 9), st.lists(st.booleans(), max_size=20))
def test_every_source_is_in_one_batch_in_order_however_far_one_looks_ahead(count, workers, looks):
    batches = Batches(sources(count), workers)
    first = []
    for looks_ahead in looks:
        if looks_ahead:
            batches.look_ahead()
        else:
            first += batches.take()
    assert first + [source for batch in taken(batches) for source in batch] == sources(count)


def test_batches_are_small_at_first_and_hundreds_later():
    lengths = list(map(len, taken(Batches(sources(20_000), 2))))
    assert lengths[0] == LEAST
    assert max(lengths) == MOST
    assert lengths[:-1] == sorted(lengths[:-1])


@pytest.mark.parametrize("size", [None, 2**22])  # files, and the parts of packs
def test_batches_are_small_again_at_an_end_that_is_known(size):
    batches = Batches([Source(str(number), size) for number in range(6_000)], 2)
    while batches.look_ahead():
        pass
    lengths = list(map(len, taken(batches)))
    largest = lengths.index(max(lengths))
    assert lengths[:largest] == sorted(lengths[:largest])
    assert lengths[largest:] == sorted(lengths[largest:], reverse=True)
    assert lengths[-1] <= (1 if size else LEAST)
    assert sum(lengths[-2:]) / 6_000 < 0.01


def test_a_batch_of_parts_of_packs_is_small_at_first():
    batches = Batches([Source("pack", 2**22, frames=(at, at + 4)) for at in range(0, 4 * 90, 4)], 2)
    assert list(map(len, taken(batches)))[:9] == [1] * 9


def test_big_sources_are_alone():
    batches = Batches([Source(str(number), MOST_BYTES) for number in range(3)])
    assert list(map(len, taken(batches))) == [1, 1, 1]


def test_looking_ahead_ends_at_a_limit():
    batches = Batches(sources(2 * AHEAD))
    steps = sum(1 for _ in iter(batches.look_ahead, False))
    assert steps * 64 == pytest.approx(AHEAD, abs=64)


@pytest.mark.parametrize(
    ("count", "size", "many"),
    [
        (MANY, 1, True),
        (MANY - 1, 1, False),
        (2, MANY_BYTES, True),
        (1, MANY_BYTES, False),
        (2, None, False),
        (0, 1, False),
    ],
)
def test_workers_are_worth_their_start_for_many_sources_or_many_bytes(count, size, many):
    assert are_many([Source(str(number), size) for number in range(count)]) is many
