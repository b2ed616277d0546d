"""Bedrock's streams as recordings: each frame is a block, and what it dispatches is what the SDK reads."""

from __future__ import annotations

import base64
import contextlib
import json

import anthropic
import pytest
from aws_frame_bytes import EVENT, URL, aws_frame, bedrock, chunk_frame, exception_frame, frames_of
from conftest import CORPUS
from hypothesis import given
from hypothesis import strategies as st
from sdk import OLD
from streams import GOOD, PING, delta

import inspector
from inspector import Ending, load_all, save
from inspector.aws_frames import parse_frame
from inspector.faults import apply_plans
from inspector.recording import Recorder, dump, with_data
from inspector.recording.bedrock import parse_block
from inspector.recording.redacted import redacted
from inspector.redact import Mask, Redaction

FRAMES = frames_of(GOOD)
KEY = "sk-ant-api03-" + "Abc123_-" * 5
FILES = sorted(CORPUS.glob("eventstream/*/*.bin"))


def reloaded(recording, tmp_path):
    save(recording, tmp_path / "again.jsonl", overwrite=True)
    return load_all(tmp_path / "again.jsonl")[0]


def events_of(recording):
    return [(event.name, event.data) for event in recording.events()]


@contextlib.contextmanager
def bedrock_client(transport):
    pytest.importorskip("boto3")
    http = anthropic.DefaultHttpxClient(transport=transport)
    yield anthropic.AnthropicBedrock(
        aws_access_key="k", aws_secret_key="s", aws_region="us-east-1", http_client=http, max_retries=0
    )
    http.close()


def streamed(recording, **options):
    """The events that the SDK's client of Bedrock passes on."""
    with bedrock_client(inspector.replay(recording, **options)) as client:
        stream = client.messages.create(
            model="claude-m", max_tokens=9, messages=[{"role": "user", "content": "?"}], stream=True
        )
        return [event.to_dict() for event in stream]


def test_a_frame_is_a_block_with_its_bytes_and_its_event():
    recording = bedrock(*FRAMES)
    assert [block.raw for block in recording.blocks] == FRAMES
    assert recording.body == b"".join(FRAMES)
    assert [event.type for event in recording.events()] == [
        json.loads(line.removeprefix(b"data: "))["type"] for line in GOOD.split(b"\n") if line[:4] == b"data"
    ]
    assert recording.message()["content"] == [{"type": "text", "text": "Hello there"}]


def test_a_line_has_the_frame_and_what_it_dispatches(tmp_path):
    recording = bedrock(*FRAMES)
    line = json.loads(list(dump(recording))[1])
    assert base64.b64decode(line["raw"]["base64"]) == FRAMES[0]
    assert (line["event"], line["data"]["type"]) == ("message_start", "message_start")
    assert reloaded(recording, tmp_path).blocks == recording.blocks


@given(st.lists(st.binary(max_size=60), max_size=6), st.binary(max_size=40))
def test_any_body_is_kept_and_read_again(tmp_path_factory, payloads, tail):
    body = b"".join([chunk_frame(payload) for payload in payloads] + [tail])
    recording = bedrock(body)
    assert recording.body == body
    assert reloaded(recording, tmp_path_factory.getbasetemp()).blocks == recording.blocks


def test_reads_that_cut_frames_come_back(tmp_path):
    body = b"".join(FRAMES)
    reads = [body[at : at + 100] for at in range(0, len(body), 100)]
    recording = bedrock(*reads)
    assert [chunk for _, chunk in recording.chunks()] == reads
    assert reloaded(recording, tmp_path).blocks == recording.blocks


@pytest.mark.parametrize("path", FILES or [None], ids=lambda path: path.name if path else "none")
def test_the_events_of_real_streams_are_those_in_the_corpus(path):
    if path is None:
        pytest.skip("the streams of real servers are not here")
    lines = path.with_name(path.name.replace(".eventstream.bin", ".jsonl")).read_bytes().splitlines()
    recording = bedrock(path.read_bytes())
    assert [block.data for block in recording.blocks] == lines
    findings = [finding.rule for finding in inspector.check(recording) if finding.severity == "error"]
    assert findings == []


# What the SDK makes of it


@pytest.mark.skipif(OLD, reason="its decoder of exceptions is another")
@pytest.mark.parametrize("speed", [None, 1000])
def test_the_sdk_reads_a_replay(speed):
    recording = bedrock(*FRAMES)
    assert streamed(recording, speed=speed) == [data for _, data in events_of(recording)]


def test_the_sdk_reads_every_real_stream():
    for path in FILES:
        recording = bedrock(path.read_bytes())
        assert len(streamed(recording)) == len(recording.blocks)


@pytest.mark.skipif(OLD, reason="its decoder of exceptions is another")
def test_an_exception_is_the_error_that_the_sdk_raises():
    recording = bedrock(*FRAMES[:3], exception_frame())
    name, data = events_of(recording)[-1]
    with pytest.raises(anthropic.APIStatusError) as raised:
        streamed(recording)
    assert name == "error"
    assert raised.value.body == data
    assert data["error"] == {"type": "throttlingException", "message": "Too many requests"}


@pytest.mark.skipif(OLD, reason="its decoder of exceptions is another")
@pytest.mark.parametrize(
    "frame",
    [
        aws_frame(b"", {":message-type": "error", ":error-code": "500", ":error-message": "Oh"}),
        aws_frame(
            b'{"message":"Oh"}', {":message-type": "exception", ":exception-type": "modelTimeoutException"}
        ),
        aws_frame(b"not JSON", {":message-type": "error", ":error-code": "x"}),
    ],
    ids=["error", "exception", "not JSON"],
)
def test_every_form_of_an_error_is_read_as_the_sdk_reads_it(frame):
    recording = bedrock(frame)
    with pytest.raises(anthropic.APIStatusError) as raised:
        streamed(recording)
    assert events_of(recording) == [("error", raised.value.body)]


@pytest.mark.parametrize(
    ("inner", "name"),
    [
        (b'{"type":"ping"}', "ping"),
        (b"not JSON", "completion"),
        (b'{"completion":"x"}', "completion"),
        (b"[1]", "completion"),
        (b'{"a":1}', None),
    ],
)
def test_an_event_has_the_name_that_the_sdk_gives_it(inner, name):
    decoder = pytest.importorskip("anthropic.lib.bedrock._stream_decoder")
    pytest.importorskip("botocore")
    recording = bedrock(chunk_frame(inner))
    (theirs,) = list(decoder.AWSEventStreamDecoder().iter_bytes(iter([recording.body]))) or [None]
    assert [event.name for event in recording.events()] == [name]
    if not OLD:
        assert (theirs and theirs.event) == name


def test_events_of_other_operations_keep_their_own_name():
    converse = aws_frame(b'{"role":"assistant"}', {**EVENT, ":event-type": "messageStart"})
    assert events_of(bedrock(converse)) == [("messageStart", {"role": "assistant"})]
    assert events_of(bedrock(aws_frame(b'{"no":"bytes"}'))) == [("chunk", {"no": "bytes"})]


# Secrets


def recorded_with_secrets(*reads):
    recorder = Recorder(Mask(), binary=True)
    blocks = [block for at, read in enumerate(reads) for block in recorder.feed([(at / 10, read)])]
    return blocks + recorder.close()


def everything_in(blocks):
    raw = b"".join(block.raw for block in blocks)
    inner = b"".join(base64.b64decode(part.split(b'"')[0]) for part in raw.split(b'{"bytes": "')[1:])
    return raw + inner + b"".join(block.data or b"" for block in blocks)


@pytest.mark.parametrize(
    "frames",
    [
        frames_of(delta(0, f"the key is {KEY}!")),
        frames_of(delta(0, f"the key is {KEY[:20]}") + delta(0, f"{KEY[20:]}!")),
        [exception_frame(f"no access with {KEY}")],
        [aws_frame(json.dumps({"text": KEY}).encode(), {**EVENT, ":event-type": "other"})],
        [frames_of(delta(0, KEY))[0][:-1] + b"?"],
        [frames_of(delta(0, KEY))[0][:-8]],
    ],
    ids=["a delta", "two deltas", "an exception", "another event", "a wrong CRC", "a cut frame"],
)
def test_no_secret_is_kept_in_a_frame(frames):
    blocks = recorded_with_secrets(*frames)
    assert KEY[20:].encode() not in everything_in(blocks)
    assert sum(len(block.raw) for block in blocks) == sum(map(len, frames))
    for block in blocks:
        assert (block.data is None) == bool(parse_frame(block.raw).problem)


SAID = frames_of(delta(0, "Attack at dawn"))[0]


@pytest.mark.parametrize(
    "frame",
    [SAID[:-1] + b"?", SAID[:-8], SAID[:120], SAID[1:]],
    ids=["a wrong CRC", "no CRC", "half a frame", "no start"],
)
def test_what_an_unsound_frame_says_is_hidden_as_well(frame):
    recording = bedrock(*FRAMES[:2], frame)
    hidden = redacted(recording, Redaction("outputs"))
    event = SAID[SAID.index(b'"bytes"') + 10 :][:12]
    assert event in recording.blocks[-1].raw
    assert event not in hidden.blocks[-1].raw
    assert len(hidden.body) == len(recording.body)
    rules = [each.rule for each in inspector.check(recording)]
    assert [each.rule for each in inspector.check(hidden)] == rules


def test_frames_without_a_secret_stay_as_they_are():
    assert b"".join(block.raw for block in recorded_with_secrets(*FRAMES)) == b"".join(FRAMES)


def test_half_a_frame_is_not_shown_before_it_is_whole():
    recorder = Recorder(Mask(), binary=True)
    recorder.feed([(0.1, FRAMES[0] + FRAMES[1][:40])])
    assert recorder.unfinished() == b""


# Bad input


def test_broken_frames_are_findings_with_their_offset():
    wrong = FRAMES[2][:-1] + bytes([FRAMES[2][-1] ^ 1])
    recording = bedrock(*FRAMES[:2], wrong, *FRAMES[3:])
    (finding,) = [each for each in inspector.check(recording) if each.rule == "aws-frame-invalid"]
    assert finding.offset == len(FRAMES[0] + FRAMES[1])
    assert "CRC" in finding.message


def test_garbage_between_frames_is_one_finding_and_ends_the_stream():
    recording = bedrock(*FRAMES[:2], b"garbage garbage", *FRAMES[2:])
    findings = {each.rule: each for each in inspector.check(recording)}
    assert findings["aws-frame-invalid"].offset == len(FRAMES[0] + FRAMES[1])
    assert len(events_of(recording)) == 2


@pytest.mark.parametrize("how", [Ending.COMPLETE, Ending.CUT])
def test_a_torn_frame_is_an_unfinished_stream(how):
    recording = bedrock(*FRAMES[:3], FRAMES[3][:50], how=how)
    rules = {each.rule: each.message for each in inspector.check(recording)}
    rule = "frame-unterminated" if how is Ending.COMPLETE else "body-truncated"
    assert "in the middle of a frame" in rules[rule]
    assert "aws-frame-invalid" not in rules


def test_a_page_in_place_of_frames_is_no_event_stream():
    recording = bedrock(b"<html>Sign in</html>")
    assert "body-not-sse" in {each.rule for each in inspector.check(recording)}


@given(st.binary(max_size=200))
def test_any_body_that_says_it_has_frames_is_checked(body):
    recording = bedrock(body)
    inspector.check(recording)
    assert recording.body == body


# Edits


def test_a_fault_changes_the_event_in_its_frame():
    recording = bedrock(*FRAMES)
    (edited,), _ = apply_plans([recording], ["big-frame"], seed=0)
    assert len(edited.message()["content"][0]["text"]) > 10_000
    assert not any(parse_frame(block.raw).problem for block in edited.blocks)


def test_a_fault_cuts_between_two_frames():
    (edited,), _ = apply_plans([bedrock(*FRAMES)], ["cut-clean@ev:3"], seed=0)
    assert [block.raw for block in edited.blocks] == FRAMES[:2]


def test_the_padding_of_a_frame_stays_with_another_event():
    frame = with_data(FRAMES[0], PING)
    payload = json.loads(parse_frame(frame).payload)
    assert payload == {"bytes": base64.b64encode(PING).decode(), "p": "abcdefgh"}


def test_a_fault_that_writes_text_does_not_apply():
    with pytest.raises(inspector.UsageError, match="binary event stream"):
        apply_plans([bedrock(*FRAMES)], ["done-sentinel"], seed=0)


def test_the_url_of_bedrock_is_its_own():
    assert bedrock(*FRAMES).request.url == URL


# Redaction of what exists


def test_redaction_reaches_into_frames():
    whole = bedrock(*frames_of(delta(0, f"Hi {KEY}")), exception_frame(f"no {KEY}"))
    hidden = redacted(whole)
    assert KEY[20:].encode() not in everything_in(hidden.blocks)
    assert len(hidden.body) == len(whole.body)
    assert [parse_block(block.raw, binary=True).data for block in hidden.blocks] == [
        block.data for block in hidden.blocks
    ]
