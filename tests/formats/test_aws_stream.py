"""A bare body of Bedrock, as a file: read by what it holds, and replayed to Bedrock's client."""

from __future__ import annotations

import anthropic
import pytest
from aws_frame_bytes import aws_frame, frames_of
from streams import GOOD

import inspector
from inspector import RecordingError, load
from inspector.formats import load_all
from inspector.formats.aws_stream import claims
from inspector.recording import Absent

FRAMES = frames_of(GOOD)


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "stream.bin"
    path.write_bytes(b"".join(FRAMES))
    return path


def test_a_file_of_frames_is_one_recording(file):
    recording = load(file)
    assert [block.raw for block in recording.blocks] == FRAMES
    assert recording.message()["stop_reason"] == "end_turn"
    assert {Absent.TIMES, Absent.READS, Absent.END, Absent.REQUEST} <= recording.head.absent
    assert [each.rule for each in inspector.check(recording)] == []


def test_a_folder_is_searched_for_such_files(file):
    assert len(load_all(file.parent)) == 1


def test_the_client_of_bedrock_reads_it(file):
    pytest.importorskip("boto3")
    http = anthropic.DefaultHttpxClient(transport=inspector.replay(file))
    keys = {"aws_access_key": "k", "aws_secret_key": "s", "aws_region": "us-east-1"}
    with anthropic.AnthropicBedrock(**keys, http_client=http, max_retries=0) as client:
        call = {"model": "any.model", "max_tokens": 9, "messages": [{"role": "user", "content": "?"}]}
        assert len(list(client.messages.create(**call, stream=True))) == len(FRAMES)


def test_a_torn_file_is_read_up_to_its_tail(file):
    file.write_bytes(b"".join(FRAMES)[:-20])
    findings = {each.rule: each for each in inspector.check(load(file))}
    assert "breaks off" in findings["frame-unterminated"].message


def test_frames_of_another_service_are_no_recording(file):
    file.write_bytes(aws_frame(b"{}", {":event-type": "TranscriptEvent", ":message-type": "event"}))
    with pytest.raises(RecordingError, match="no exchange of the Messages API"):
        load(file)


def test_other_binary_data_is_not_claimed():
    assert not claims(b"\0\0\0\x7b\0\0\0\x4b????")
    assert not claims(b"\0")
