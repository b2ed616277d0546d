"""Files are read line by line; what is wrong with one is said once, clearly, with the place."""

from __future__ import annotations

import io
import os
import sys

import pytest

from inspector.errors import FormatError, InspectorError, RecordingError, RecordingWarning
from inspector.recording import (
    LINE_LIMIT,
    End,
    Ending,
    Head,
    Other,
    Request,
    TimedBlock,
    Torn,
    load,
    load_all,
    opened,
    read,
    reader,
    recordings,
)
from inspector.sse import BLOCK_LIMIT

HEAD = b'{"recording":1,"at":"2026-11-20T18:00:00Z","request":{"method":"POST"}}\n'
BLOCK = b'{"t":1.000000,"event":"a","data":{"n":1 }}\n'
END = b'{"t":2.000000,"end":"complete"}\n'
NOTE = b'{"note":"x"}\n'
WHOLE = HEAD + BLOCK + END

A_HEAD = Head("2026-11-20T18:00:00Z", Request("POST"))
A_BLOCK = TimedBlock(1.0, "a", b'{"n":1 }')
AN_END = End(2.0, Ending.COMPLETE)


def lines(text):
    return list(read(io.BytesIO(text), "x.jsonl"))


@pytest.fixture
def file(tmp_path):
    def write(text):
        path = tmp_path / "x.jsonl"
        path.write_bytes(text)
        return path

    return write


@pytest.mark.parametrize(
    "text, found",
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
    ],
)
def test_the_lines_of_a_file(text, found):
    assert lines(text) == found


@pytest.mark.parametrize("text", [HEAD + BLOCK, HEAD + '{"t":1,"raw":"é\u2028"}\n'.encode()])
def test_wherever_the_last_line_is_torn_what_stands_before_it_is_read(text):
    last = len(text) - len(HEAD)
    for size in range(1, last - 1):
        torn = text[: len(HEAD) + size]
        assert lines(torn) == [A_HEAD, Torn(torn[len(HEAD) :], 2)]


@pytest.mark.parametrize(
    "text, where, words",
    [
        pytest.param(b"hello\nworld\n", 1, "its first line must be a head", id="text"),
        pytest.param(b'{"a":1}\n', 1, "its first line must be a head", id="other JSON lines"),
        pytest.param(b"{\n", 1, "its first line must be a head", id="pretty JSON"),
        pytest.param(b"[1,2]", 1, "its first line must be a head", id="a JSON array"),
        pytest.param(BLOCK + HEAD, 1, "its first line must be a head", id="a block before the head"),
        pytest.param(END, 1, "its first line must be a head", id="an end before the head"),
        pytest.param(NOTE + HEAD, 1, "its first line must be a head", id="an unknown line before the head"),
        pytest.param(b"\xff\xfe\xfd\n", 1, "its first line must be a head", id="not UTF-8"),
        pytest.param(b"\x1f\x8b\x08\x00\x00\n", 1, "binary data", id="compressed"),
        pytest.param(WHOLE.decode().encode("utf-16"), 1, "binary data", id="UTF-16"),
        pytest.param(b"\xef\xbb\xbf" + WHOLE, 1, "byte order mark", id="byte order mark"),
        pytest.param(b"event: a\ndata: 1\n\n", 1, "bare event stream", id="bare event stream"),
        pytest.param(b"\ndata: 1\n\n", 2, "bare event stream", id="bare event stream after a blank line"),
        pytest.param(b": ok\n\ndata: 1\n\n", 1, "bare event stream", id="bare event stream with a comment"),
        pytest.param(HEAD[:30], 1, "the head is cut off in the middle", id="a torn head"),
        pytest.param(b'{"recording":2,"x":1}\n', 1, "recording format 2; this inspector reads 1", id="newer"),
        pytest.param(
            b'{"recording":2}', 1, "recording format 2; this inspector reads 1", id="newer without a line end"
        ),
        pytest.param(b'{"recording":1,}\n', 1, "not JSON at column 16", id="a head that is not JSON"),
        pytest.param(
            b'{"recording":1,"request":1}\n', 1, "`request` must be an object", id="a head of a wrong shape"
        ),
        pytest.param(HEAD + b"oops\n" + BLOCK, 2, "not JSON at column 1", id="not JSON between"),
        pytest.param(
            HEAD + BLOCK + b"oops\n", 3, "not JSON at column 1", id="not JSON at the end, but not torn"
        ),
        pytest.param(HEAD + b"\n\noops\n", 4, "not JSON at column 1", id="blank lines are counted"),
        pytest.param(
            HEAD + b'{"t":1,"raw":"\xff"}\n' + END, 2, "not UTF-8 at byte 15", id="not UTF-8 between"
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
            HEAD + BLOCK[:9] + WHOLE + b"oops\n", 5, "not JSON", id="lines are counted past a glued head"
        ),
    ],
)
def test_a_bad_line_is_one_message_with_its_place(file, text, where, words):
    path = file(text)
    with pytest.raises(FormatError) as caught:
        load_all(path)
    assert str(caught.value).startswith(f"{path}:{where}: ")
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)
    assert (caught.value.path, caught.value.line) == (str(path), where)


def test_without_a_name_the_line_is_still_told():
    with pytest.raises(FormatError, match=r"^line 2: not a line of a recording"):
        list(read(io.BytesIO(HEAD + b"oops\n")))


@pytest.mark.parametrize("text", [b"", b"\n", b"  \n\r\n"])
def test_an_empty_file_is_said_to_be_empty(file, text):
    with pytest.raises(RecordingError, match=r"x\.jsonl: is empty: no recording in it$"):
        load(file(text))


def test_a_missing_file_is_said_to_be_missing(tmp_path):
    with pytest.raises(RecordingError, match=r"none\.jsonl: cannot be read: No such file or directory$"):
        load(tmp_path / "none.jsonl")


def test_a_folder_is_said_to_be_one(tmp_path):
    with pytest.raises(RecordingError, match=r": this is a folder; name a recording in it$"):
        load(tmp_path)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="nothing is forbidden to root")
def test_a_file_that_may_not_be_read_is_said_to_be_so(file):
    path = file(WHOLE)
    path.chmod(0)
    with pytest.raises(RecordingError, match=r"cannot be read: Permission denied$"):
        load(path)


def test_a_file_that_fails_while_it_is_read_is_said_to_be_so():
    class Failing(io.BytesIO):
        def readline(self, size=-1):
            raise OSError(5, "Input/output error")

    with pytest.raises(RecordingError, match=r"^x\.jsonl: cannot be read: Input/output error$"):
        list(read(Failing(), "x.jsonl"))


def test_every_error_is_of_the_one_base(tmp_path):
    with pytest.raises(InspectorError):
        load(tmp_path / "none.jsonl")
    assert issubclass(FormatError, RecordingError)


# Limits


def test_a_line_beyond_the_limit_is_refused_and_never_held_whole(monkeypatch):
    class Careful(io.BytesIO):
        def readline(self, size=-1):
            assert 0 < size <= (1 << 20) + 1
            return super().readline(size)

    monkeypatch.setattr(reader, "LINE_LIMIT", 1 << 20)
    found = read(Careful(HEAD + b'{"t":1,"raw":"' + b"x" * (1 << 20) + b'"}\n'), "x.jsonl")
    assert next(found) == A_HEAD
    with pytest.raises(
        FormatError, match=r"^x\.jsonl:2: a line of more than 1 MiB is not one of a recording$"
    ):
        next(found)


def test_a_line_at_the_limit_is_read(monkeypatch):
    monkeypatch.setattr(reader, "LINE_LIMIT", len(HEAD))
    assert lines(HEAD) == [A_HEAD]


def test_the_line_of_the_longest_block_is_within_the_limit():
    assert LINE_LIMIT > 3 * BLOCK_LIMIT + 1_000_000


# Streaming


def test_a_line_is_yielded_before_the_next_is_read():
    file = io.BytesIO(WHOLE)
    taken = [file.tell() for _ in read(file)]
    assert taken == [len(HEAD), len(HEAD + BLOCK), len(WHOLE)]


def test_what_stands_before_a_bad_line_is_yielded():
    found = read(io.BytesIO(HEAD + BLOCK + b"oops\n"))
    assert [next(found), next(found)] == [A_HEAD, A_BLOCK]
    with pytest.raises(FormatError):
        next(found)


def test_a_recording_is_yielded_before_a_bad_one():
    found = recordings(io.BytesIO(WHOLE + HEAD + b"oops\n"))
    assert next(found).end == AN_END
    with pytest.raises(FormatError):
        next(found)


# Whole recordings


def test_a_recording_is_loaded_whole(file):
    path = file(HEAD + NOTE + BLOCK + NOTE + END)
    recording = load(path)
    assert (recording.head, recording.blocks, recording.end) == (A_HEAD, (A_BLOCK,), AN_END)
    assert recording.others == ((0, NOTE), (1, NOTE))
    assert (recording.torn, recording.source) == (False, str(path))


def test_a_session_is_loaded_in_order(file):
    found = load_all(file(WHOLE + HEAD + HEAD + END))
    assert [(len(r.blocks), r.end) for r in found] == [(1, AN_END), (0, None), (0, AN_END)]


def test_load_wants_one_recording_and_names_the_remedy(file):
    with pytest.raises(RecordingError, match=r"x\.jsonl: holds 2 recordings; use load_all$"):
        load(file(WHOLE + WHOLE))


def test_a_torn_line_is_a_warning_and_the_rest_is_there(file):
    with pytest.warns(
        RecordingWarning, match=r"x\.jsonl: the last line is torn; what stands before it is read$"
    ):
        recording = load(file(HEAD + BLOCK + END[:9]))
    assert (recording.blocks, recording.end, recording.torn) == ((A_BLOCK,), None, True)


@pytest.mark.parametrize("between", [b"\n", b""], ids=["with a line end", "without"])
def test_a_recording_that_was_torn_and_appended_to_loses_only_the_torn_line(file, between):
    with pytest.warns(RecordingWarning):
        first, second = load_all(file(HEAD + BLOCK + END[:9] + between + WHOLE))
    assert (first.blocks, first.end, first.torn) == ((A_BLOCK,), None, True)
    assert (second.blocks, second.end, second.torn) == ((A_BLOCK,), AN_END, False)


def test_a_recording_without_an_end_is_no_warning(file):
    assert load(file(HEAD + BLOCK)).end is None


def test_a_byte_order_mark_begins_the_first_block_of_every_recording(file):
    marked = '{"t":1,"raw":"\ufeffdata: 1\\n\\n"}\n'.encode()
    assert [[b.data for b in r.blocks] for r in load_all(file((HEAD + marked + marked) * 2))] == [
        [b"1", None]
    ] * 2


def test_a_dash_is_standard_input(monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(WHOLE)))
    recording = load("-")
    assert (recording.blocks, recording.source) == ((A_BLOCK,), "-")


def test_opened_closes_the_file(file):
    with opened(file(WHOLE)) as (opening, name):
        assert (opening.read(), name) == (WHOLE, str(file(WHOLE)))
    assert opening.closed
