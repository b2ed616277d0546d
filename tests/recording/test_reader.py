"""A file is read value by value; a line that is wrong is one clear error with its place."""

from __future__ import annotations

import gzip
import io
import os
import threading

import pytest
from file_texts import A_BLOCK, A_HEAD, AN_END, BLOCK, END, HEAD, HTTP, NOTE, PAYLOADS, STREAM, WHOLE, lines
from zstd_library import zstd

from inspector.errors import FormatError, RecordingError
from inspector.recording import (
    LINE_LIMIT,
    Other,
    Reader,
    Torn,
    load_all,
    opened,
    reader,
)
from inspector.recording.parsing import HEAD_START
from inspector.sse import BLOCK_LIMIT


def numbered(text, name="x.jsonl"):
    """Every value's line and kind."""
    values = Reader(io.BytesIO(text), name)
    return [(values.line, type(value).__name__) for value in values]


@pytest.fixture
def file(tmp_path):
    def write(text):
        path = tmp_path / "x.jsonl"
        path.write_bytes(text)
        return path

    return write


# The lines of a recording


@pytest.mark.parametrize(
    "text, values",
    [
        pytest.param(HEAD, [A_HEAD], id="a head alone"),
        pytest.param(WHOLE, [A_HEAD, A_BLOCK, AN_END], id="whole"),
        pytest.param(
            WHOLE.replace(b"\n", b"\r\n"),
            [A_HEAD, A_BLOCK, AN_END],
            id="saved by an editor of another system",
        ),
        pytest.param(WHOLE[:-1], [A_HEAD, A_BLOCK, AN_END], id="no line end at the end"),
        pytest.param(b"\n \n" + HEAD + b"\n" + BLOCK + b"\r\n\n", [A_HEAD, A_BLOCK], id="blank lines"),
        pytest.param(HEAD + NOTE + BLOCK, [A_HEAD, Other(NOTE), A_BLOCK], id="a line of a kind not known"),
        pytest.param(WHOLE + NOTE, [A_HEAD, A_BLOCK, AN_END, Other(NOTE)], id="such a line after the end"),
        pytest.param(HEAD + NOTE[:-1], [A_HEAD, Other(NOTE)], id="such a line without its line end"),
        pytest.param(WHOLE + WHOLE, [A_HEAD, A_BLOCK, AN_END] * 2, id="two recordings"),
        pytest.param(
            HEAD + BLOCK + WHOLE, [A_HEAD, A_BLOCK, A_HEAD, A_BLOCK, AN_END], id="the first without an end"
        ),
        pytest.param(HEAD + HEAD, [A_HEAD, A_HEAD], id="two requests without an answer"),
        pytest.param(WHOLE[:-1] + WHOLE, [A_HEAD, A_BLOCK, AN_END] * 2, id="joined without a line end"),
        pytest.param(HEAD + BLOCK[:9], [A_HEAD, Torn(BLOCK[:9], 2)], id="torn"),
        pytest.param(
            HEAD + BLOCK[:9] + b"\n" + HEAD,
            [A_HEAD, Torn(BLOCK[:9] + b"\n", 2), A_HEAD],
            id="torn, then a head",
        ),
        pytest.param(
            HEAD + BLOCK[:9] + WHOLE,
            [A_HEAD, Torn(BLOCK[:9], 2), A_HEAD, A_BLOCK, AN_END],
            id="torn and appended to",
        ),
        pytest.param(
            HEAD + b"\x00" * 50, [A_HEAD, Torn(b"\x00" * 50, 2)], id="zeros, as a crash leaves them"
        ),
        pytest.param(
            HEAD.replace(b'{"recording":1,', b'{ "recording" : 1 , ') + BLOCK,
            [A_HEAD, A_BLOCK],
            id="a head that a person wrote",
        ),
        pytest.param(
            b'{"at":"2026-11-20T18:00:00Z","request":{"method":"POST"},"recording":1}\n' + BLOCK,
            [A_HEAD, A_BLOCK],
            id="a head with its keys in another order",
        ),
    ],
)
def test_the_lines_of_a_file(text, values):
    assert lines(text) == values


@pytest.mark.parametrize("text", [HEAD + BLOCK, HEAD + '{"t":1,"raw":"é\u2028"}\n'.encode()])
def test_wherever_the_last_line_is_torn_what_stands_before_it_is_read(text):
    last = len(text) - len(HEAD)
    for size in range(1, last - 1):
        torn = text[: len(HEAD) + size]
        assert lines(torn) == [A_HEAD, Torn(torn[len(HEAD) :], 2)]
        # A later writer ends the line, and may be killed too.
        ended = Torn(torn[len(HEAD) :] + b"\n", 2)
        assert lines(torn + b"\n") == lines(torn + b"\n\n") == [A_HEAD, ended]
        assert lines(torn + b"\n" + WHOLE) == [A_HEAD, ended, A_HEAD, A_BLOCK, AN_END]


def test_a_torn_head_does_not_hide_the_recordings_after_it():
    for size in range(len(HEAD_START), len(HEAD) - 2):
        torn = HEAD[:size] + b"\n"
        assert lines(torn + WHOLE) == [Torn(torn, 1), A_HEAD, A_BLOCK, AN_END]
        assert lines(WHOLE + torn + WHOLE)[3:5] == [Torn(torn, 4), A_HEAD]


@pytest.mark.parametrize(
    "text, where, message",
    [
        pytest.param(b"hello\nworld\n", 1, "its first line must be a head", id="text"),
        pytest.param(b'{"a":1}\n', 1, "its first line must be a head", id="other JSON lines"),
        pytest.param(b"{\n", 1, "its first line must be a head", id="pretty JSON"),
        pytest.param(b"[1,2]", 1, "its first line must be a head", id="a JSON array"),
        pytest.param(b'{"type":"error"}', 1, "its first line must be a head", id="a JSON error"),
        pytest.param(b"<html>", 1, "its first line must be a head", id="a page"),
        pytest.param(BLOCK + HEAD, 1, "its first line must be a head", id="a block before the head"),
        pytest.param(END, 1, "its first line must be a head", id="an end before the head"),
        pytest.param(NOTE + HEAD, 1, "its first line must be a head", id="an unknown line before the head"),
        pytest.param(b"\xff\xfe\xfd\n", 1, "its first line must be a head", id="not UTF-8"),
        pytest.param(b"\x1f\x8b\x08\x00\x00\n", 1, "compressed data without a recording", id="compressed"),
        pytest.param(gzip.compress(STREAM), 1, "compressed data without a recording", id="compressed body"),
        pytest.param(WHOLE.decode().encode("utf-16"), 1, "binary data", id="UTF-16"),
        pytest.param(b"\xef\xbb\xbf" + WHOLE, 1, "byte order mark", id="byte order mark"),
        pytest.param(HEAD[:30], 1, "the head is cut off in the middle", id="a torn head"),
        pytest.param(b'{"recording":2,"x":1}\n', 1, "recording format 2; this inspector reads 1", id="newer"),
        pytest.param(
            b'{"recording":2}', 1, "recording format 2; this inspector reads 1", id="newer without a line end"
        ),
        pytest.param(b'{"recording":1,2}\n', 1, "not JSON at column 16", id="a head that is not JSON"),
        pytest.param(
            b'{"recording":1,"request":1}\n', 1, "`request` must be an object", id="a head of a wrong shape"
        ),
        pytest.param(HEAD + b"oops\n" + BLOCK, 2, "not JSON at column 1", id="not JSON between"),
        pytest.param(
            HEAD + BLOCK + b'{"t":2,"end":1}\n', 3, "unknown end 1", id="JSON at the end, so not torn"
        ),
        pytest.param(HEAD + b"oops\n\n" + NOTE, 2, "not JSON at column 1", id="blank lines after it"),
        pytest.param(HEAD + b"\n\noops\n" + NOTE, 4, "not JSON at column 1", id="blank lines are counted"),
        pytest.param(
            HEAD + b'{"t":1,"raw":"\xff"}\n' + END, 2, "not UTF-8 at byte 15", id="not UTF-8 between"
        ),
        pytest.param(
            HEAD + b'{"t":1,"event":"\xff","data":1}\n' + END,
            2,
            "not UTF-8 at byte 17",
            id="a name not UTF-8",
        ),
        pytest.param(HEAD + b"[1]\n" + END, 2, "JSON object, this is an array", id="an array between"),
        pytest.param(HEAD + b'{"t":-1,"end":"cut"}\n', 2, "`t` must be", id="bad time"),
        pytest.param(HEAD + b'{"t":1,"cuts":[1],"raw":""}\n', 2, "`cuts` must be", id="bad cuts"),
        pytest.param(HEAD + b'{"t":1,"raw":{"base64":"a"}}\n', 2, "not base64", id="bad base64"),
        pytest.param(HEAD + b'{"t":1,"end":"x"}\n', 2, "unknown end 'x'", id="bad end"),
        pytest.param(WHOLE + BLOCK, 4, "after the recording's end", id="a block after the end"),
        pytest.param(WHOLE + END, 4, "after the recording's end", id="an end after the end"),
        pytest.param(
            WHOLE + NOTE + BLOCK, 5, "after the recording's end", id="a block after the end and a note"
        ),
        pytest.param(
            HEAD + BLOCK[:9] + WHOLE + b"oops\n" + NOTE,
            5,
            "not JSON",
            id="lines are counted past a glued head",
        ),
    ],
)
def test_a_bad_line_is_one_message_with_its_place(file, text, where, message):
    path = file(text)
    with pytest.raises(FormatError) as caught:
        load_all(path)
    assert str(caught.value).startswith(f"{path}:{where}: ")
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)
    assert (caught.value.path, caught.value.line) == (str(path), where)


def test_without_a_name_the_line_is_still_in_the_message():
    with pytest.raises(FormatError, match=r"^line 2: not a line of a recording"):
        list(Reader(io.BytesIO(HEAD + b"oops\n" + END)))


@pytest.mark.parametrize("text", [b"", b"\n", b"  \n\r\n", b"\n" * 2_000_000])
def test_an_empty_file_is_said_to_be_empty(text):
    with pytest.raises(RecordingError, match=r"x\.jsonl: is empty: no recording in it$"):
        lines(text)


def test_a_file_that_fails_while_it_is_read_is_said_to_be_so():
    class Failing(io.BytesIO):
        def read1(self, size=-1):
            raise OSError(5, "Input/output error")

    with pytest.raises(RecordingError, match=r"^x\.jsonl: cannot be read: Input/output error$"):
        list(Reader(Failing(), "x.jsonl"))


# The line of each value


@pytest.mark.parametrize(
    "text, expected",
    [
        pytest.param(WHOLE, [(1, "Head"), (2, "TimedBlock"), (3, "End")], id="every line a value"),
        pytest.param(
            b"\n \n" + HEAD + b"\n\n" + BLOCK + b"\r\n" + END + b"\n",
            [(3, "Head"), (6, "TimedBlock"), (8, "End")],
            id="blank lines",
        ),
        pytest.param(WHOLE.replace(b"\n", b"\r\n"), [(1, "Head"), (2, "TimedBlock"), (3, "End")], id="CRLF"),
        pytest.param(
            HEAD + BLOCK[:9] + WHOLE,
            [(1, "Head"), (2, "Torn"), (2, "Head"), (3, "TimedBlock"), (4, "End")],
            id="a head glued to a torn line",
        ),
        pytest.param(
            WHOLE[:-1] + HEAD + NOTE,
            [(1, "Head"), (2, "TimedBlock"), (3, "End"), (3, "Head"), (4, "Other")],
            id="a head glued to a whole line",
        ),
        pytest.param(
            STREAM, [(1, "Head"), (1, "TimedBlock"), (4, "TimedBlock"), (5, "End")], id="a bare stream"
        ),
        pytest.param(
            HTTP + STREAM,
            [(1, "Head"), (4, "TimedBlock"), (7, "TimedBlock"), (8, "End")],
            id="what curl -i prints",
        ),
        pytest.param(
            b"\n" + PAYLOADS.replace(b"\n", b"\n\n"),
            [(1, "Head"), (2, "TimedBlock"), (4, "TimedBlock"), (5, "End")],
            id="payloads",
        ),
    ],
)
def test_the_line_of_each_value(text, expected):
    assert numbered(text) == expected
    assert numbered(gzip.compress(text), "x.gz") == expected


def test_before_the_first_value_there_is_no_line():
    values = Reader(io.BytesIO(WHOLE))
    assert values.line == 0
    assert (next(values), values.line) == (A_HEAD, 1)
    assert (list(values), values.line) == ([A_BLOCK, AN_END], 3)


# Limits


def test_a_line_beyond_the_limit_is_refused_and_never_held_whole(monkeypatch):
    class Careful(io.BytesIO):
        def read1(self, size=-1):
            assert self.tell() < (2 << 20)
            return super().read1(size)

    monkeypatch.setattr(reader, "LINE_LIMIT", 1 << 20)
    values = Reader(Careful(HEAD + b'{"t":1,"raw":"' + b"x" * (4 << 20) + b'"}\n'), "x.jsonl")
    assert next(values) == A_HEAD
    with pytest.raises(
        FormatError, match=r"^x\.jsonl:2: a line of more than 1 MiB is not one of a recording$"
    ):
        next(values)


def test_a_line_at_the_limit_is_read(monkeypatch):
    monkeypatch.setattr(reader, "LINE_LIMIT", len(HEAD))
    assert lines(HEAD) == [A_HEAD]
    monkeypatch.setattr(reader, "LINE_LIMIT", len(HEAD) - 1)
    with pytest.raises(FormatError, match="a line of more than"):
        lines(HEAD)


def test_the_line_of_the_longest_block_is_within_the_limit():
    assert LINE_LIMIT > 3 * BLOCK_LIMIT + 1_000_000


# Streaming


@pytest.mark.parametrize(
    "parts",
    [
        pytest.param([HEAD, BLOCK, END], id="a recording"),
        pytest.param([HTTP + b":\n\n", b"data: 1\n\n", b"data: 2\n\n"], id="what curl -i prints"),
        pytest.param(PAYLOADS.splitlines(keepends=True), id="payloads"),
        pytest.param(list(map(zstd.compress, [HEAD, BLOCK, END])), id="compressed"),
    ],
)
def test_a_value_is_handed_out_before_the_next_is_written(parts):
    reading, writing = os.pipe()
    with open(reading, "rb") as file:  # noqa: PTH123 - a descriptor
        values = Reader(file, "-")
        os.write(writing, parts[0])
        received = [next(values)]
        if not received[0].timed:
            received.append(next(values))  # the first block, after a head that stands nowhere
        for part in parts[1:]:
            os.write(writing, part)
            received.append(next(values))
        os.close(writing)
        rest = list(values)
    assert len(rest) <= 1
    assert received + rest == list(Reader(io.BytesIO(b"".join(parts)), "-"))


def test_a_writer_that_is_slow_to_begin_is_waited_for():
    reading, writing = os.pipe()
    begin = threading.Event()

    def write():
        begin.wait()
        for at in range(0, len(STREAM), 5):
            os.write(writing, STREAM[at : at + 5])
        os.close(writing)

    thread = threading.Thread(target=write)
    thread.start()
    with open(reading, "rb") as file:  # noqa: PTH123 - a descriptor
        values = Reader(file, "-")
        begin.set()
        assert list(values) == lines(STREAM)
    thread.join()


def test_what_stands_before_a_bad_line_is_handed_out():
    values = Reader(io.BytesIO(HEAD + BLOCK + b"oops\n" + END))
    assert [next(values), next(values)] == [A_HEAD, A_BLOCK]
    with pytest.raises(FormatError):
        next(values)


def test_opened_closes_the_file(file):
    path = file(WHOLE)
    with opened(path) as values:
        assert (list(values), values.name) == ([A_HEAD, A_BLOCK, AN_END], str(path))
    with opened(path) as values:
        pass
    with pytest.raises(ValueError, match="closed file"):
        next(values)


def test_a_folder_cannot_be_opened(tmp_path):
    with (
        pytest.raises(RecordingError, match=r": this is a folder; name a recording in it$"),
        opened(tmp_path),
    ):
        pass
