"""A file comes in pieces, as its reads return them, and pieces are a file again."""

from __future__ import annotations

import io

import pytest

from inspector.errors import RecordingError
from inspector.storage.piecewise import buffered, pieces_of

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
