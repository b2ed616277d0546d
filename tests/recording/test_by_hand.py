"""Recordings that a person wrote, or edited: they may leave out what a person has no use for."""

from __future__ import annotations

from io import BytesIO

import pytest

from inspector import End, Ending, FormatError, Severity, check
from inspector.recording import dump, recordings

START = (
    b'{"event":"message_start","data":{"type":"message_start","message":{"id":"msg_1","type":"message",'
    b'"role":"assistant","model":"claude-haiku-4-5","content":[],"stop_reason":null,"stop_sequence":null,'
    b'"usage":{"input_tokens":1,"output_tokens":1}}}}\n'
)
REST = (
    b'{"event":"message_delta","data":{"type":"message_delta","delta":{"stop_reason":"end_turn",'
    b'"stop_sequence":null},"usage":{"output_tokens":1}}}\n'
    b'{"event":"message_stop","data":{"type":"message_stop"}}\n'
)
STREAM = START + REST
HEAD = b'{"recording":1}\n'


def read(text):
    return list(recordings(BytesIO(text), "mine.jsonl"))


def test_a_head_with_nothing_but_the_version_is_enough():
    (recording,) = read(HEAD + STREAM)
    assert recording.response and recording.response.status == 200
    assert recording.end == End(0.0, Ending.COMPLETE)
    assert not recording.head.timed
    assert [finding for finding in check(recording) if finding.severity is not Severity.INFO] == []


def test_a_session_of_such_recordings_ends_each_of_them():
    first, second = read(HEAD + STREAM + HEAD + STREAM)
    assert first.end == second.end == End(0.0, Ending.COMPLETE)


def test_its_own_end_and_its_own_response_count():
    head = b'{"recording":1,"response":{"status":529,"headers":{"retry-after":"1"}}}\n'
    (recording,) = read(head + b'{"body":{"type":"error"}}\n{"t":2,"end":"cut"}\n')
    assert recording.response and recording.response.status == 529
    assert recording.end == End(2.0, Ending.CUT)
    assert recording.body == b'{"type":"error"}'


def test_a_response_that_is_null_never_came():
    (recording,) = read(b'{"recording":1,"response":null}\n{"end":"reset"}\n')
    assert recording.response is None


def test_without_its_end_a_recording_of_a_recorder_has_none():
    (recording,) = read(b'{"recording":1,"at":"2026-11-20T18:00:00Z","response":{"t":0.1}}\n' + STREAM)
    assert recording.end is None


def test_a_line_without_a_time_came_with_the_line_before():
    early = START.replace(b'{"event"', b'{"t":0.5,"event"')
    (recording,) = read(HEAD + early + REST)
    assert [block.t for block in recording.blocks] == [0.5, 0.5, 0.5]
    assert recording.end == End(0.5, Ending.COMPLETE)


def test_what_is_written_again_reads_the_same():
    (recording,) = read(HEAD + STREAM)
    assert read(b"".join(dump(recording))) == [recording]


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        pytest.param(
            HEAD + START.replace(b'"event":"message_start",', b"") + REST, 2, "event's name", id="name"
        ),
        pytest.param(HEAD + START[:-3] + b"\n" + REST, 2, "not JSON at column", id="a bracket"),
        pytest.param(HEAD + STREAM[:-2] + b"\n", 4, "not JSON at column 55", id="a bracket in the last line"),
        pytest.param(HEAD + STREAM[:-9], 4, "not JSON at column", id="half a last line"),
        pytest.param(HEAD + STREAM[:-2] + b"\n" + HEAD + STREAM, 4, "not JSON at column", id="before a head"),
        pytest.param(HEAD + START + b'{"end":"done"}\n', 3, "unknown end 'done'", id="end"),
        pytest.param(STREAM, 1, "its first line must be a head", id="no head"),
        pytest.param(HEAD + b'{"end":"complete"}\n' + START, 3, "a head must come first", id="after the end"),
        pytest.param(b'{"recording":1,"response":{"status":"200"}}\n' + STREAM, 1, "`status`", id="status"),
        pytest.param(HEAD + b'{"t":"1","event":"ping","data":{}}\n' + REST, 2, "`t` must be", id="time"),
        pytest.param(b'{"recording":2}\n' + STREAM, 1, "recording format 2", id="version"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(text, line, message):
    with pytest.raises(FormatError, match=f"(?s)mine.jsonl:{line}: .*{message}"):
        read(text)
