"""A recording is read back as it was written; a file is replaced whole, on request only, or not at all."""

from __future__ import annotations

import io
import os
import stat

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector.errors import RecordingError
from inspector.recording import (
    End,
    Ending,
    Head,
    Recorder,
    Recording,
    Request,
    Response,
    dump,
    load,
    load_all,
    recordings,
    save,
)

MICROSECONDS = st.integers(0, 10**9).map(lambda n: n / 1e6)
EXTRAS = st.none() | st.dictionaries(
    st.sampled_from(["note", "é"]), st.none() | st.text() | st.integers(0, 9), min_size=1
)
PIECES = [
    b"event: a\ndata: {}\n\n",
    b"data: 1\r\n\r\n",
    b"\xef\xbb\xbf",
    b": c\n\n",
    b"\xff",
    b"event: b\ndata: [\n",
    b"\n",
]
NOTES = [b'{"note":1}\n', b'{ "x": {"recording":1} }\n', b"{}\n"]


@st.composite
def some_recordings(draw):
    recorder = Recorder()
    reads = draw(st.lists(st.tuples(MICROSECONDS, st.sampled_from(PIECES)), max_size=6))
    blocks = [block._replace(extra=draw(EXTRAS)) for block in (*recorder.feed(reads), *recorder.close())]
    places = draw(st.lists(st.integers(0, len(blocks)), max_size=3))
    return Recording(
        head=Head(
            at=draw(st.text(max_size=3)),
            request=Request(
                body=draw(st.none() | st.sampled_from([b'{"a" : 1}', b"no"])), extra=draw(EXTRAS)
            ),
            response=draw(st.none() | st.builds(Response, t=MICROSECONDS, extra=EXTRAS)),
            recorder=draw(st.sampled_from([{}, {"name": "inspector"}])),
            extra=draw(EXTRAS),
        ),
        blocks=tuple(blocks),
        end=draw(
            st.none() | st.builds(End, MICROSECONDS, st.sampled_from(Ending), st.none() | st.text(), EXTRAS)
        ),
        others=tuple((place, draw(st.sampled_from(NOTES))) for place in sorted(places)),
    )


def reread(text):
    return list(recordings(io.BytesIO(text)))


@given(some_recordings())
def test_a_recording_is_read_back_as_it_was_written(recording):
    (back,) = reread(b"".join(dump(recording)))
    assert back == recording
    assert back.body == recording.body
    assert list(back.chunks()) == list(recording.chunks())


@given(some_recordings())
def test_writing_what_was_read_gives_the_same_file(recording):
    text = b"".join(dump(recording))
    assert b"".join(dump(*reread(text))) == text


@given(st.lists(some_recordings(), min_size=1, max_size=3))
def test_files_put_together_are_a_session(several):
    assert reread(b"".join(b"".join(dump(recording)) for recording in several)) == several


@given(some_recordings())
def test_a_recording_is_written_line_by_line(recording):
    assert all(line.endswith(b"\n") and line.count(b"\n") == 1 for line in dump(recording))


def test_the_bundled_recordings_are_written_as_they_stand(recordings_folder):
    for path in sorted(recordings_folder.rglob("*.jsonl")):
        text = path.read_bytes()
        text = text[: text.rindex(b"\n") + 1]  # a torn last line is not written again
        assert b"".join(line for recording in reread(text) for line in dump(recording)) == text, path.name


ONE = Recording(Head("one", Request()), (), End(1.0, Ending.COMPLETE))
TWO = Recording(Head("two", Request()), (), End(1.0, Ending.CUT, "the peer closed"))


def test_one_recording_is_saved(tmp_path):
    save(ONE, tmp_path / "x.jsonl")
    assert load(tmp_path / "x.jsonl") == ONE


def test_several_are_saved_as_a_session(tmp_path):
    save((recording for recording in (ONE, TWO)), tmp_path / "x.jsonl")
    assert load_all(str(tmp_path / "x.jsonl")) == [ONE, TWO]


def test_a_file_that_exists_is_overwritten_on_request_only(tmp_path):
    path = tmp_path / "x.jsonl"
    save(ONE, path)
    with pytest.raises(
        RecordingError,
        match=r"x\.jsonl: exists already; --overwrite, or overwrite=True in Python, replaces it$",
    ):
        save(TWO, path)
    assert load(path) == ONE
    save(TWO, path, overwrite=True)
    assert load(path) == TWO


def test_a_file_is_replaced_whole_or_not_at_all(tmp_path):
    def failing():
        yield TWO
        raise RuntimeError("no more")

    path = tmp_path / "x.jsonl"
    save(ONE, path)
    with pytest.raises(RuntimeError, match="no more"):
        save(failing(), path, overwrite=True)
    assert load(path) == ONE
    assert list(tmp_path.iterdir()) == [path]


def test_a_recording_may_replace_the_file_it_is_read_from(tmp_path):
    path = tmp_path / "x.jsonl"
    save([ONE, TWO], path)
    with path.open("rb") as file:
        save(recordings(file), path, overwrite=True)
    assert load_all(path) == [ONE, TWO]


def test_a_folder_that_is_not_there_is_said_to_be_so(tmp_path):
    with pytest.raises(RecordingError, match=r"x\.jsonl: cannot be written: No such file or directory$"):
        save(ONE, tmp_path / "none" / "x.jsonl")


def test_a_folder_cannot_be_overwritten(tmp_path):
    (tmp_path / "x.jsonl").mkdir()
    with pytest.raises(RecordingError, match=r"cannot be written: "):
        save(ONE, tmp_path / "x.jsonl", overwrite=True)
    assert [path.name for path in tmp_path.iterdir()] == ["x.jsonl"]


@pytest.mark.skipif(os.name == "nt", reason="there are no such permissions")
def test_a_file_has_the_permissions_of_a_file_opened_for_writing(tmp_path):
    (tmp_path / "plain").touch()
    save(ONE, tmp_path / "x.jsonl")
    modes = [stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("plain", "x.jsonl")]
    assert modes[0] == modes[1]


@pytest.mark.parametrize("name", ["x.har", "x.json", "x.SSE", "x.html", "x.yaml"])
def test_a_new_file_is_not_named_like_another_format(name, tmp_path):
    with pytest.raises(RecordingError, match="a recording is not written as"):
        save(ONE, tmp_path / name)
    assert list(tmp_path.iterdir()) == []
