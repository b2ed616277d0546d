"""A reader keeps recordings for SDKs while they are checked."""

from __future__ import annotations

import io

import pytest

import inspector
from inspector.cli._kept_reader import KeptReader
from inspector.errors import RecordingError
from inspector.formats import opened
from inspector.recording import Reader
from inspector.recording.bundled import bundled_recording

CUT = bundled_recording("broken/cut_tool")


def test_a_reader_keeps_each_recording_until_it_is_taken():
    with opened(CUT) as reader:
        kept = KeptReader(reader)
        values = list(kept)
        assert (kept.name, kept.line) == (reader.name, reader.line)
    assert len(values) == len(inspector.load(CUT).blocks) + 2
    assert kept.take() == inspector.load(CUT)
    assert kept.take() is None


def test_after_an_error_what_was_read_is_there_and_nothing_more_comes():
    kept = KeptReader(Reader(io.BytesIO(CUT.read_bytes() + b"oops\n{}\n"), "x.jsonl"))
    with pytest.raises(RecordingError):
        list(kept)
    assert list(kept) == []
    assert kept.take().body == inspector.load(CUT).body
