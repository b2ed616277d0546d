"""Faults of pace: the same bytes sooner, later, or in other pieces."""

from __future__ import annotations

import itertools

import pytest
from edited import edit, load

from inspector.errors import UsageError


def gaps(recording):
    return [b - a for a, b in itertools.pairwise([recording.response.t, *(t for t, _ in recording.chunks())])]


def test_slow_makes_every_wait_longer():
    expected = [10 * gap for gap in gaps(load("hello"))]
    assert gaps(edit("hello", "slow=10")) == pytest.approx(expected, abs=1e-4)


def test_slow_has_a_shortest_and_a_longest_wait():
    assert max(gaps(edit("hello", "slow=10,max=300ms"))) == pytest.approx(0.3)
    assert min(gaps(edit("hello", "slow=1,min=100ms"))) == pytest.approx(0.1)


def test_jitter_goes_by_the_seed():
    before, after = gaps(load("hello")), gaps(edit("hello", "slow=1,jitter=1s"))
    jitter = [late - gap for gap, late in zip(before, after, strict=True)]
    assert 0 <= min(jitter) < 0.3 < 0.7 < max(jitter) <= 1
    assert edit("hello", "slow,jitter=1s", seed=1) != edit("hello", "slow,jitter=1s", seed=2)


@pytest.mark.parametrize(
    ("fault", "check"),
    [
        ("burst", lambda reads: len(reads) == 1 and reads[0][0] == pytest.approx(2.113744)),
        ("burst=1s", lambda reads: [int(t) for t, _ in reads] == [0, 1, 2]),
        ("burst=1000", lambda reads: all(len(chunk) >= 1000 for _, chunk in reads[:-1]) and len(reads) > 3),
        ("rechunk=1", lambda reads: {len(chunk) for _, chunk in reads} == {1}),
        ("rechunk=7", lambda reads: {len(chunk) for _, chunk in reads[:-1]} == {7}),
        ("rechunk=random,most=3", lambda reads: {len(chunk) for _, chunk in reads} == {1, 2, 3}),
        (
            "rechunk=frame",
            lambda reads: all(chunk.endswith(b"\n\n") for _, chunk in reads) and len(reads) == 46,
        ),
        ("rechunk=coalesce,most=6", lambda reads: len(reads) == 6),
        ("rechunk=crlf", lambda reads: sum(chunk.endswith(b"}\n") for _, chunk in reads) == 46),
        ("rechunk=utf8", lambda reads: any(0xC2 <= chunk[-1] <= 0xF4 for _, chunk in reads)),
    ],
)
def test_the_same_bytes_come_in_other_pieces(fault, check):
    edited = edit("hello", fault)
    assert edited.body == load("hello").body
    assert next(iter(edited.events())).data == next(load("hello").events()).data
    assert check(list(edited.chunks()))


def test_a_body_without_a_byte_is_nothing_to_hold_back():
    with pytest.raises(UsageError, match="it would change nothing"):
        edit("hello", ["http-200-wrong-body=empty", "burst"])
