"""Exports: what comes out is imported again with the same events, and what is lost is said."""

from __future__ import annotations

import json

import pytest
from aws_frame_bytes import bedrock, frames_of
from conftest import ROOT
from streams import GOOD, PING, recording

import inspector
from inspector import Ending, UsageError, load_all
from inspector.errors import RecordingError
from inspector.formats.exporting import EXPORT_FORMATS, export, losses
from inspector.recording import Absent

FILES = sorted(path for path in ROOT.glob("recordings/**/*.jsonl") if path.stem != "torn")
READABLE = ("sse", "curl", "data", "har", "vcrpy")

every_file = pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)


def again(recordings, name, tmp_path):
    file = tmp_path / f"exported{EXPORT_FORMATS[name].ending}"
    file.write_bytes(export(recordings, name))
    return load_all(file)


def payloads(each):
    return [block.data for block in each.blocks if block.data is not None]


@pytest.mark.parametrize("name", READABLE)
@every_file
def test_an_export_is_imported_with_the_same_events_and_body(path, name, tmp_path):
    for each in load_all(path):
        if each.response is None or (name != "data" and not each.body):
            continue
        if name == "data" and not payloads(each):
            continue
        try:
            (made,) = again([each], name, tmp_path)
        except RecordingError as error:
            # Bodies without an event are read where a request says that they answer the Messages API.
            assert name in ("sse", "data", "curl") or "no exchange" in str(error)
            assert not any(event.valid for event in each.events()) or name == "data"
            continue
        kept = {Absent.FRAMING} & EXPORT_FORMATS[name].lacks
        if kept:
            assert [data.replace(b"\n", b" ") for data in payloads(each)] == payloads(made)
        else:
            assert payloads(made) == payloads(each)
            assert made.body == each.body
        if name not in ("sse", "data"):
            assert made.response.status == each.response.status
        # What a format has no place for is what its import misses; an archive keeps the text of an error.
        known = {
            Absent.REQUEST,
            Absent.HEADERS,
            Absent.SENT,
            *([Absent.END] if each.end and each.end.error else []),
        }
        assert EXPORT_FORMATS[name].lacks - known <= made.head.absent


@every_file
def test_an_archive_keeps_the_time_of_each_event(path, tmp_path):
    for each in load_all(path):
        if payloads(each) and each.response:
            (made,) = again([each], "har", tmp_path)
            ours = [(event.t, event.name) for event in made.events()]
            assert ours == [(pytest.approx(event.t, abs=2e-6), event.name) for event in each.events()]


@every_file
def test_an_archive_names_its_streams_as_browsers_list_their_events(path):
    """Chrome's DevTools pass the events over if the type has a charset. The header keeps it."""
    for each in load_all(path):
        (entry,) = json.loads(export([each], "har"))["log"]["entries"]
        kind = each.response.headers.get("content-type", "") if each.response else ""
        stream = kind.startswith("text/event-stream")
        assert entry["response"]["content"]["mimeType"] == ("text/event-stream" if stream else kind)
        assert {"name": "content-type", "value": kind} in entry["response"]["headers"] or not kind


def test_a_session_is_one_archive_and_one_cassette(tmp_path):
    session = load_all(ROOT / "recordings/tool_session.jsonl")
    for name in ("har", "vcrpy"):
        made = again(session, name, tmp_path)
        assert [each.body for each in made] == [each.body for each in session]
        assert [each.request.body for each in made] == [each.request.body for each in session]


def test_binary_frames_are_written_as_the_text_of_their_events(tmp_path):
    (made,) = again([bedrock(*frames_of(GOOD))], "sse", tmp_path)
    assert made.message() == recording(GOOD).message()
    assert "the binary frames of AWS; their events are written as text" in losses(
        [bedrock(*frames_of(GOOD))], "sse"
    )


def test_binary_frames_survive_an_archive_and_a_cassette(tmp_path):
    url = (
        "https://bedrock-runtime.us-east-1.amazonaws.com/model/anthropic.claude-m/invoke-with-response-stream"
    )
    whole = bedrock(*frames_of(GOOD), url=url)
    for name in ("har", "vcrpy"):
        (made,) = again([whole], name, tmp_path)
        assert made.body == whole.body
        assert payloads(made) == payloads(whole)


# What is lost


@pytest.mark.parametrize("name", EXPORT_FORMATS)
def test_a_cut_end_is_said_where_a_format_cannot_hold_it(name):
    cut = recording(GOOD[:200], how=Ending.CUT)
    said = "; ".join(losses([cut], name))
    assert ("how the response ended" in said) == (Absent.END in EXPORT_FORMATS[name].lacks)


def test_what_the_recording_does_not_have_is_no_loss(tmp_path):
    (made,) = again([recording(GOOD)], "sse", tmp_path)
    assert list(losses([made], "sse")) == []


def test_a_loss_names_the_recordings():
    cut = [recording(PING, how=Ending.RESET)] * 5
    (said,) = [each for each in losses(cut, "har") if "ended" in each]
    assert said.endswith("and 2 more)")


def test_a_request_without_a_response_is_said():
    none = recording(status=None, how=Ending.RESET)
    assert "requests without a response (1 of 1)" in list(losses([none], "vcrpy"))
    assert b"interactions: []" in export([none], "vcrpy")


@pytest.mark.parametrize("name", EXPORT_FORMATS)
@every_file
def test_every_recording_is_exported(path, name):
    if name == "parquet":
        pytest.importorskip("pyarrow")
    for each in load_all(path):
        try:
            data = export([each], name)
        except UsageError as error:
            assert "no times" in str(error)
            continue
        if name in ("har", "aimock", "trace"):
            json.loads(data)


def test_several_recordings_do_not_fit_into_one_body():
    with pytest.raises(UsageError, match="holds one recording"):
        export([recording(GOOD)] * 2, "sse")


def test_an_unknown_format_is_named():
    with pytest.raises(UsageError, match="no format 'xml'"):
        export([], "xml")


def test_a_secret_stays_masked():
    made = inspector.load(ROOT / "recordings/hello.jsonl")
    assert "authorization" not in json.loads(export([made], "har"))["log"]["entries"][0]["request"]["headers"]
