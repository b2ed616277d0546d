"""Following a file gives what reading it gives, as soon as it is written, however it is written."""

from __future__ import annotations

import pytest
from conftest import ROOT

from inspector import End, RecordingError
from inspector.recording import Head, Torn, opened
from inspector.recording.following import followed

TEXT = (ROOT / "recordings" / "tool_use.jsonl").read_bytes()
SHORT = (
    b'{"recording":1,"at":"2026-11-20T18:00:00.000000Z","request":{"method":"POST","url":"u","headers":{}}}\n'
    b'{"t":1.000000,"end":"abandoned"}\n'
)


class Writer:
    """Does the next step of a script whenever the follower pauses."""

    def __init__(self, path, *steps):
        self.path = path
        self.steps = list(steps)

    def __call__(self):
        assert self.steps, "nothing more will come, and it still waits"
        step = self.steps.pop(0)
        if callable(step):
            step()
        else:
            with self.path.open("ab") as file:
                file.write(step)


def read(path):
    with opened(path) as reader:
        return list(reader)


@pytest.mark.parametrize("size", [1, 7, 1000, 10**6])
def test_the_values_are_those_of_the_whole_file_wherever_writes_end(tmp_path, size):
    path = tmp_path / "r.jsonl"
    pieces = [TEXT[at : at + size] for at in range(0, len(TEXT), size)]
    assert list(followed(path, Writer(path, *pieces))) == read(ROOT / "recordings" / "tool_use.jsonl")


def test_a_value_comes_as_soon_as_its_line_does(tmp_path):
    path = tmp_path / "r.jsonl"
    lines = TEXT.splitlines(keepends=True)
    writer = Writer(path, *lines)
    for number, _ in enumerate(followed(path, writer), 1):
        assert len(lines) - len(writer.steps) == number


def test_a_line_that_is_not_whole_is_waited_for_and_is_not_torn(tmp_path):
    path = tmp_path / "r.jsonl"
    values = list(followed(path, Writer(path, TEXT[:-10], TEXT[-10:-1], b"\n")))
    assert isinstance(values[-1], End)
    assert not any(isinstance(value, Torn) for value in values)


def test_a_block_that_is_still_coming_is_waited_for(tmp_path):
    path = tmp_path / "r.jsonl"
    head, first, *rest = TEXT.splitlines(keepends=True)
    part = b'{"t":0.400000,"part":"event: mess"}\n'
    assert list(followed(path, Writer(path, head, part, first, *rest))) == read(
        ROOT / "recordings" / "tool_use.jsonl"
    )


def test_a_finished_recording_ends_at_once(tmp_path):
    path = tmp_path / "r.jsonl"
    path.write_bytes(TEXT)
    assert list(followed(path, Writer(path))) == read(path)


def test_a_session_goes_on(tmp_path):
    path = tmp_path / "r.jsonl"
    path.write_bytes(SHORT + SHORT)
    values = followed(path, Writer(path, lambda: None, SHORT))
    assert [type(next(values)) for _ in range(6)] == [Head, End] * 3


@pytest.mark.parametrize("there", [TEXT[:500], TEXT[:-40], b""])
def test_a_file_that_takes_the_place_is_read_from_its_beginning(tmp_path, there):
    path, new = tmp_path / "r.jsonl", tmp_path / "new"
    path.write_bytes(there)
    new.write_bytes(SHORT)
    values = list(followed(path, Writer(path, lambda: new.replace(path))))
    assert values[-2:] == read(path)


def test_a_file_that_is_emptied_is_read_from_its_beginning(tmp_path):
    path = tmp_path / "r.jsonl"
    path.write_bytes(TEXT[:2000])
    values = list(followed(path, Writer(path, lambda: path.write_bytes(SHORT))))
    assert values[-2:] == read(path)


def test_a_file_that_is_renamed_is_read_to_its_end(tmp_path):
    path, other = tmp_path / "r-unfinished.jsonl", tmp_path / "r-tool_use.jsonl"
    path.write_bytes(TEXT[:2000])
    rename = lambda: path.rename(other)  # noqa: E731
    values = list(followed(path, Writer(other, rename, TEXT[2000:])))
    assert values == read(other)


def test_a_folder_is_refused(tmp_path):
    with pytest.raises(RecordingError, match="this is a folder"):
        list(followed(tmp_path, Writer(tmp_path)))


def test_a_file_that_is_no_recording_is_refused(tmp_path):
    path = tmp_path / "r.jsonl"
    with pytest.raises(RecordingError, match="not a recording"):
        list(followed(path, Writer(path, b"once upon ", b"a time\n", b"and so on\n")))
