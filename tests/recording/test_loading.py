"""Whole recordings: of a file, of a session, of everything in a folder."""

from __future__ import annotations

import gzip
import io
import os
import sys

import pytest
from file_texts import A_BLOCK, A_HEAD, AN_END, BLOCK, END, HEAD, NOTE, WHOLE

from inspector.errors import FormatError, InspectorError, RecordingError, RecordingWarning
from inspector.recording import holds_several, load, load_all, recordings

STREAM = b"event: a\ndata: 1\n\n"


@pytest.fixture
def file(tmp_path):
    def write(text, name="x.jsonl"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text)
        return path

    return write


def test_a_recording_is_loaded_whole(file):
    path = file(HEAD + NOTE + BLOCK + NOTE + END)
    recording = load(path)
    assert (recording.head, recording.blocks, recording.end) == (A_HEAD, (A_BLOCK,), AN_END)
    assert recording.others == ((0, NOTE), (1, NOTE))
    assert (recording.torn, recording.source) == (False, str(path))


def test_a_session_is_loaded_in_order(file):
    loaded = load_all(file(WHOLE + HEAD + HEAD + END))
    assert [(len(r.blocks), r.end) for r in loaded] == [(1, AN_END), (0, None), (0, AN_END)]


def test_a_folder_is_loaded_file_by_file(file, tmp_path):
    file(WHOLE, "b.jsonl")
    file(STREAM, "a.sse")
    file(gzip.compress(WHOLE + WHOLE), "c/d.jsonl.gz")
    sources = [os.path.relpath(recording.source, tmp_path) for recording in load_all(tmp_path)]
    assert sources == ["a.sse", "b.jsonl", "c/d.jsonl.gz", "c/d.jsonl.gz"]


def test_a_pattern_is_loaded_file_by_file(file, tmp_path):
    for name in ("a.jsonl", "b.jsonl", "c.txt"):
        file(WHOLE, name)
    assert len(load_all(tmp_path / "*.jsonl")) == 2


def test_load_wants_one_recording_and_names_the_remedy(file, tmp_path):
    with pytest.raises(RecordingError, match=r"x\.jsonl: holds 2 recordings; use load_all$"):
        load(file(WHOLE + WHOLE))
    file(WHOLE)
    assert load(tmp_path).end == AN_END
    file(WHOLE, "y.jsonl")
    with pytest.raises(RecordingError, match=r": holds 2 recordings; use load_all$"):
        load(tmp_path)


def test_a_torn_line_is_a_warning_and_the_rest_is_there(file):
    with pytest.warns(
        RecordingWarning, match=r"x\.jsonl:3: the line is torn; what stands before it is read$"
    ) as caught:
        recording = load_all(file(HEAD + BLOCK + END[:9]))[0]
    assert (recording.blocks, recording.end, recording.torn) == ((A_BLOCK,), None, True)
    assert caught[0].filename == __file__


def test_a_torn_compressed_file_is_a_warning_too(file):
    with pytest.warns(
        RecordingWarning, match="the gzip data breaks off here; what stands before it is read$"
    ):
        assert load(file(gzip.compress(WHOLE)[:-4])).end == AN_END


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
    loaded = load_all(file((HEAD + marked + marked) * 2))
    assert [[block.data for block in recording.blocks] for recording in loaded] == [[b"1", None]] * 2


def test_a_dash_is_standard_input(monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(WHOLE)))
    recording = load("-")
    assert (recording.blocks, recording.source) == ((A_BLOCK,), "-")


def test_a_recording_is_yielded_before_a_bad_one():
    several = recordings(io.BytesIO(WHOLE + HEAD + b"oops\n" + END))
    assert next(several).end == AN_END
    with pytest.raises(FormatError):
        next(several)


def test_the_recordings_of_a_file_object_carry_its_name():
    assert [each.source for each in recordings(io.BytesIO(WHOLE))] == [""]
    assert [each.source for each in recordings(io.BytesIO(WHOLE), "mine")] == ["mine"]


def test_a_missing_file_is_said_to_be_missing(tmp_path):
    with pytest.raises(RecordingError, match=r"none\.jsonl: cannot be read: No such file or directory$"):
        load(tmp_path / "none.jsonl")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="nothing is forbidden to root")
def test_a_file_that_may_not_be_read_is_said_to_be_so(file):
    path = file(WHOLE)
    path.chmod(0)
    with pytest.raises(RecordingError, match=r"cannot be read: Permission denied$"):
        load(path)


def test_every_error_is_of_the_one_base(tmp_path):
    with pytest.raises(InspectorError):
        load(tmp_path / "none.jsonl")
    assert issubclass(FormatError, RecordingError)


# Whether a file holds several

BIG = b'{"t":1,"event":"a","data":"' + b"x" * 65_000 + b'"}\n'


@pytest.mark.parametrize(
    "text, several",
    [
        pytest.param(WHOLE, False, id="one"),
        pytest.param(WHOLE + WHOLE, True, id="two"),
        pytest.param(WHOLE[:-1] + WHOLE, True, id="two, glued"),
        pytest.param(HEAD + BIG * 5 + END, False, id="one long one"),
        *(
            pytest.param(HEAD + BIG + b" " * blanks + BIG + b"\n" + HEAD, True, id=f"far behind, {blanks}")
            for blanks in range(65_536 * 2 - len(HEAD + BIG * 2) - 16, 65_536 * 2 - len(HEAD + BIG * 2))
        ),
        pytest.param(STREAM, False, id="a stream"),
        pytest.param(b'event: a\ndata: {"recording":1}\n\n', False, id="a stream of what looks like one"),
    ],
)
def test_a_second_head_is_found_wherever_it_stands(file, text, several):
    assert holds_several(file(text)) is several
    assert holds_several(file(gzip.compress(text), "x.gz")) is several
