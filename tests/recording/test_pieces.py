"""Pieces may be iterated again until nobody needs that, and a line has a limit."""

from __future__ import annotations

import itertools

from inspector.recording.pieces import LINE_LIMIT, Rewindable, long_line

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
