"""Pieces may be iterated again until nobody needs that, and a line has a limit."""

from __future__ import annotations

import itertools

import pytest

from inspector.recording.pieces import LINE_LIMIT, Rewindable, long_line, skip_blank_lines
from inspector.storage.piecewise import buffered

PARTS = [b"one\n", b"two", b"", b"\nthree\nfour"]


def test_pieces_are_iterated_again_and_again_from_the_first():
    pieces = Rewindable(PARTS)
    assert list(itertools.islice(pieces, 2)) == PARTS[:2]
    assert list(itertools.islice(pieces, 3)) == PARTS[:3]
    assert list(pieces) == list(pieces) == list(pieces.rewound()) == PARTS
    assert list(pieces.rewound()) == []


def test_what_is_forgotten_is_only_in_iterations_that_have_begun():
    pieces = Rewindable(PARTS)
    list(itertools.islice(pieces, 2))
    begun = iter(pieces)
    assert next(begun) == PARTS[0]
    pieces.forget()
    assert list(begun) == PARTS[1:]
    assert list(pieces) == []


def test_a_line_that_is_too_long_is_said_to_be_so_with_its_place():
    error = long_line(LINE_LIMIT, "x.jsonl", 7)
    assert str(error) == "x.jsonl:7: a line of more than 64 MiB is not one of a recording"
    assert (error.path, error.line) == ("x.jsonl", 7)


@pytest.mark.parametrize(
    ("pieces", "count", "rest"),
    [
        ([b"\n\r\n", b" \t\n", b"  a\n\n"], 3, b"  a\n\n"),
        ([b"\n" * 100_000, b"\n" * 100_000, b"a"], 200_000, b"a"),
        ([b"a\n\n"], 0, b"a\n\n"),
        ([b"\n", b" \r"], 1, b" \r"),
        ([b"\x0b\n"], 0, b"\x0b\n"),
        ([], 0, b""),
    ],
)
def test_blank_lines_are_skipped_up_to_the_first_other_one(pieces, count, rest):
    file = buffered(pieces)
    assert skip_blank_lines(file) == count
    assert file.read() == rest


def test_skipping_takes_no_piece_more_than_reading_the_next_line_would():
    taken = []
    file = buffered(taken.append(piece) or piece for piece in (b"\n", b"a\n", b"b\n"))
    assert skip_blank_lines(file) == 1
    assert taken == [b"\n", b"a\n"]
