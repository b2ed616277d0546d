"""Bedrock's invocation logs, and records of LiteLLM and Langfuse with raw chunks."""

from __future__ import annotations

import gzip
import json

import pytest
from streams import GOOD, recording

from inspector import RecordingError, load_all
from inspector.recording import Absent

EVENTS = [event.data for event in recording(GOOD).events()]
REQUEST = {"anthropic_version": "bedrock-2023-05-31", "max_tokens": 9, "messages": []}


def record(output=EVENTS, model="anthropic.claude-sonnet-5", **more):
    return {
        "schemaType": "ModelInvocationLog",
        "schemaVersion": "1.0",
        "timestamp": "2026-11-21T12:00:00Z",
        "region": "eu-west-1",
        "requestId": "0b8b",
        "operation": "InvokeModelWithResponseStream",
        "modelId": model,
        "input": {"inputContentType": "application/json", "inputBodyJson": REQUEST},
        "output": {"outputContentType": "application/json", "outputBodyJson": output},
        **more,
    }


@pytest.fixture
def read(tmp_path):
    def load(*records, name="log.json.gz"):
        file = tmp_path / name
        text = "".join(json.dumps(each) + "\n" for each in records).encode()
        file.write_bytes(gzip.compress(text) if name.endswith(".gz") else text)
        return load_all(file)

    return load


def test_a_stream_of_bedrock_is_its_events(read):
    first, second = read(record(), record())
    assert [event.data for event in first.events()] == EVENTS
    assert first.request.url == (
        "https://bedrock-runtime.eu-west-1.amazonaws.com"
        "/model/anthropic.claude-sonnet-5/invoke-with-response-stream"
    )
    assert first.request.json() == REQUEST
    assert {Absent.TIMES, Absent.FRAMING, Absent.SPELLING} <= second.head.absent


def test_other_output_is_one_object(read):
    message = recording(GOOD).message()
    (made,) = read(record(message))
    assert made.message() == message


def test_other_models_are_left_out(read):
    with pytest.warns(UserWarning, match="1 exchange is left out"):
        assert len(read(record(), record({"outputText": "x"}, "amazon.titan-text"))) == 1


def test_a_call_that_failed_has_no_response(read):
    (made,) = read(record(None, errorCode="ThrottlingException"))
    assert (made.response, made.end.error) == (None, "ThrottlingException")


@pytest.mark.parametrize(
    "answer",
    [GOOD.decode(), EVENTS, {"chunks": EVENTS}, GOOD.decode().splitlines(keepends=True), json.dumps(EVENTS)],
    ids=["text", "events", "chunks", "lines", "events as text"],
)
@pytest.mark.parametrize("place", ["response", "output"])
def test_raw_chunks_in_a_record_are_a_stream(answer, place, read):
    request = {"messages": [{"role": "user", "content": "hi"}]}
    (made,) = read(
        {"id": "1", "startTime": "2026-11-21T12:00:00Z", "input": request, place: answer}, name="x.jsonl"
    )
    assert [event.data for event in made.events()] == EVENTS
    assert made.request.json() == request
    assert made.head.at == "2026-11-21T12:00:00.000000Z"


@pytest.mark.parametrize("answer", [EVENTS, GOOD.decode()], ids=["events", "stream"])
def test_what_langfuse_answers_is_read(answer, read):
    """Its API has the records in `data`, and keeps what goes in and comes out as text."""
    request = {"messages": [{"role": "user", "content": "hi"}]}
    text = answer if isinstance(answer, str) else json.dumps(answer)
    observation = {"startTime": "2026-11-21T12:00:00Z", "input": json.dumps(request), "output": text}
    one, other = read({"data": [observation] * 2, "meta": {}}, name="x.json")
    assert [event.data for event in one.events()] == [event.data for event in other.events()] == EVENTS
    assert one.request.json() == request


@pytest.mark.parametrize("text", ["[", '{"a":', "[1, 2]", "{}", "[\ud800]"])
def test_a_text_that_is_no_json_of_events_is_no_stream(text, read):
    with pytest.raises(RecordingError):
        read({"id": "1", "output": text}, name="x.json")


def test_an_array_of_records_is_a_session(read):
    records = [{"id": "1", "response": GOOD.decode()}, {"id": "2", "response": {"choices": []}}]
    with pytest.warns(UserWarning, match="left out"):
        assert len(read(records, name="spend.json")) == 1


def test_records_without_chunks_are_no_recordings(read):
    with pytest.raises(RecordingError):
        read({"id": "1", "response": {"choices": []}}, name="x.json")
