"""Parts of a block hold its bytes until its own line replaces them, and are its tail if that never comes."""

from __future__ import annotations

import io
import itertools
import random

import pytest
from file_texts import A_BLOCK, A_HEAD, AN_END, BLOCK, END, HEAD, NOTE, lines
from hypothesis import given
from hypothesis import strategies as st

from inspector.errors import FormatError
from inspector.recording import (
    Other,
    Reader,
    Recorder,
    TimedBlock,
    Torn,
    chunks,
    parse_line,
    recordings,
)
from inspector.recording import unfinished as unfinished_module
from inspector.recording.dumping import dump_part
from inspector.recording.values import Part

PART = b'{"t":1.500000,"part":"event: b\\nda"}\n'
MORE = b'{"t":1.750000,"cuts":[[2,1.600000]],"part":"ta: {}"}\n'
TAIL = TimedBlock(1.75, None, None, b"event: b\ndata: {}", ((11, 1.5), (13, 1.6)))

BODY = (
    b'event: a\ndata: {"n":1}\n\n: c\r\n\r\nevent: b\ndata: \xff\n\nevent: h\xc3\xa9\ndata: {"x":"'
    + b"y" * 50
)
READS = st.lists(st.integers(1, len(BODY)), max_size=12)


@pytest.mark.parametrize(
    "text, values",
    [
        pytest.param(PART + BLOCK, [A_BLOCK], id="its block follows"),
        pytest.param(PART + MORE + BLOCK + END, [A_BLOCK, AN_END], id="several parts, then its block"),
        pytest.param(
            PART + MORE + b'{"t":1.000000,"raw":"x"}\n', [TimedBlock(1.0, None, None, b"x")], id="raw"
        ),
        pytest.param(PART + MORE, [TAIL], id="the recorder died"),
        pytest.param(BLOCK + PART + MORE, [A_BLOCK, TAIL], id="the recorder died after a block"),
        pytest.param(PART + MORE + b'{"t":1.8,"pa', [TAIL, Torn(b'{"t":1.8,"pa', 4)], id="in a part"),
        pytest.param(PART + MORE + HEAD, [TAIL, A_HEAD], id="another recording follows"),
        pytest.param(PART + MORE + END, [TAIL, AN_END], id="an end follows"),
        pytest.param(PART + NOTE + MORE, [Other(NOTE), TAIL], id="a line of a kind not known between"),
    ],
)
def test_parts_are_the_tail_unless_their_block_follows(text, values):
    assert lines(HEAD + text) == [A_HEAD, *values]


def test_the_line_of_a_tail_is_that_of_its_first_part():
    values = Reader(io.BytesIO(HEAD + b"\n" + PART + MORE + END))
    assert [(values.line, type(value).__name__) for value in values] == [
        (1, "Head"),
        (3, "TimedBlock"),
        (5, "End"),
    ]


@pytest.mark.parametrize("text", [PART + HEAD, HEAD + END + PART])
def test_a_part_stands_inside_a_recording(text):
    with pytest.raises(FormatError, match="a head"):
        lines(text)


def test_endless_parts_are_refused(monkeypatch):
    monkeypatch.setattr(unfinished_module.sse, "BLOCK_LIMIT", 20)
    with pytest.raises(FormatError, match=r"^x.jsonl:3: the parts of one block are longer than any block"):
        lines(HEAD + PART + PART)


@given(st.binary(), st.lists(st.tuples(st.integers(0, 100), st.integers(0, 10**6).map(lambda n: n / 1e6))))
def test_every_part_is_read_back_as_it_was_written(raw, cuts):
    part = Part(1.0, raw, tuple(cuts))
    assert parse_line(dump_part(part)) == part


def written(reads, batch):
    """Return the file of a recorder that writes parts after each batch of reads, and what its end adds."""
    recorder, text = Recorder(), HEAD
    for at in range(0, len(reads), batch):
        text += b"".join(recorder.dump(reads[at : at + batch]))
        text += recorder.unfinished()
    return text, recorder.close()


@given(READS, st.integers(1, 3))
def test_at_any_moment_the_file_has_every_byte_and_every_read(cuts, batch):
    points = sorted({0, *cuts, len(BODY)})
    reads = [(float(n), BODY[a:b]) for n, (a, b) in enumerate(itertools.pairwise(points), 1)]
    text, rest = written(reads, batch)
    (died,) = recordings(io.BytesIO(text))
    assert list(died.chunks()) == reads
    # The end replaces the parts by the tail, and the tail is the same.
    assert [block.raw_bytes for block in rest] == [died.blocks[-1].raw_bytes]
    assert list(chunks((*died.blocks[:-1], *rest))) == reads


def test_a_part_is_not_shown_twice():
    recorder = Recorder()
    recorder.dump([(1.0, b"event: a\nda")])
    assert recorder.unfinished()
    assert recorder.unfinished() == b""
    recorder.dump([(2.0, b"ta: {}\n\n")])
    assert recorder.unfinished() == b""


def test_a_secret_that_two_parts_share_is_hidden_in_both():
    secret = b"hush-hush-" + random.Random(1).randbytes(8).hex().encode()
    recorder = Recorder(lambda text: text.replace(secret, b"*" * len(secret)))
    recorder.dump([(1.0, b"data: " + secret[:12])])
    first = recorder.unfinished()
    recorder.dump([(2.0, secret[12:] + b" " + secret)])
    second = recorder.unfinished()
    assert secret not in first + second
    assert secret[12:] not in second
    assert parse_line(second).raw == b"*" * (len(secret) - 12) + b" " + b"*" * len(secret)
