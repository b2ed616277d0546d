"""A file's bytes come in pieces, as reads return them, and may be iterated again until nobody needs that."""

from __future__ import annotations

import io
import itertools

import pytest

from inspector.errors import RecordingError
from inspector.recording.pieces import LINE_LIMIT, Rewindable, buffered, long_line, pieces_of

PARTS = [b"one\n", b"two", b"", b"\nthree\nfour"]


class Raw(io.RawIOBase):
    def __init__(self, parts):
        self._parts = iter(parts)

    def readable(self):
        return True

    def readinto(self, buffer):
        part = next(self._parts, b"")
        buffer[: len(part)] = part
        return len(part)


@pytest.mark.parametrize(
    "file", [Raw([b"a", b"bc"]), io.BufferedReader(Raw([b"a", b"bc"]))], ids=["raw", "buffered"]
)
def test_a_piece_is_what_one_read_returns(file):
    assert list(pieces_of(file, None)) == [b"a", b"bc"]


def test_a_file_in_memory_comes_in_pieces_of_one_size():
    assert [len(piece) for piece in pieces_of(io.BytesIO(b"x" * 100_000), None)] == [65_536, 34_464]


def test_a_read_that_fails_names_the_file():
    class Failing(io.BytesIO):
        def read1(self, size=-1):
            raise OSError(5, "Input/output error")

    with pytest.raises(RecordingError, match=r"^x: cannot be read: Input/output error$"):
        list(pieces_of(Failing(), "x"))


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


def test_lines_are_read_from_pieces_whose_next_is_taken_only_when_it_is_needed():
    taken = []
    file = buffered(taken.append(part) or part for part in PARTS if part)
    assert (file.readline(), len(taken)) == (b"one\n", 1)
    assert (file.readline(), len(taken)) == (b"two\n", 3)
    assert (file.readline(3), file.readline(), file.readline(), file.readline()) == (
        b"thr",
        b"ee\n",
        b"four",
        b"",
    )


def test_a_piece_may_be_larger_than_the_buffer():
    assert buffered([b"x" * 200_000 + b"\n", b"y"]).read() == b"x" * 200_000 + b"\ny"


def test_a_line_that_is_too_long_is_said_to_be_so_with_its_place():
    error = long_line(LINE_LIMIT, "x.jsonl", 7)
    assert str(error) == "x.jsonl:7: a line of more than 64 MiB is not one of a recording"
    assert (error.path, error.line) == ("x.jsonl", 7)
