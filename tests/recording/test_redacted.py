"""A redacted recording has the same bytes in number, the same events, and the same findings."""

from __future__ import annotations

import base64
import json
import warnings
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import ROOT

import inspector
from inspector.recording import Recorder
from inspector.recording.redacted import redacted
from inspector.redact import CONTENT, Redaction

EVERYTHING = Redaction([*CONTENT], key="k")
FILES = sorted((ROOT / "recordings").rglob("*.jsonl"))
# What is said in them is what is wrong with them: bytes that are no UTF-8, line separators in a text.
SAID = {"bad_utf8.jsonl", "unicode.jsonl"}
KEY = "sk-ant-api03-q7W2e9R4t1Y6u3I8"


def recordings(file):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", inspector.RecordingWarning)
        return inspector.load_all(file)


def rules(recording):
    return [finding.rule for finding in inspector.check(recording)]


@pytest.mark.parametrize("redaction", [None, EVERYTHING], ids=["default", "everything"])
@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_recording_checks_as_before_and_nothing_is_hidden_twice(file, redaction):
    for recording in recordings(file):
        hidden = redacted(recording, redaction)
        assert [len(block.raw_bytes) for block in hidden.blocks] == [
            len(b.raw_bytes) for b in recording.blocks
        ]
        assert [event.type for event in hidden.events()] == [event.type for event in recording.events()]
        assert redacted(hidden, redaction) == hidden
        if file.name not in SAID:
            assert rules(hidden) == rules(recording)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_nothing_that_was_said_can_be_read(file):
    for recording in recordings(file):
        said = [
            text
            for event in recording.events()
            if isinstance(event.data, dict) and isinstance(event.data.get("delta"), dict)
            for name, text in event.data["delta"].items()
            if name in ("text", "thinking", "signature") and isinstance(text, str) and len(text) > 12
        ]
        body = redacted(recording, EVERYTHING).body.decode("utf-8", "replace")
        assert [text for text in said if json.dumps(text)[1:-1] in body or text in body] == []


def streamed(*payloads, body=b"{}"):
    reads = [(n / 10, f"event: e\ndata: {payload}\n\n".encode()) for n, payload in enumerate(payloads, 1)]
    recorder = Recorder()
    blocks = tuple(recorder.feed(reads))
    head = inspector.Head("", inspector.Request(url="https://h/", body=body), inspector.Response(0.0))
    return inspector.Recording(head, blocks, inspector.End(9.0, inspector.Ending.COMPLETE))


def delta(text, index=0):
    return json.dumps({"index": index, "delta": {"type": "text_delta", "text": text}})


def texts(recording):
    return "".join(event.data["delta"]["text"] for event in recording.events())


@pytest.mark.parametrize("size", [1, 2, 5])
def test_a_pattern_is_matched_across_deltas(size):
    said = "the card 4111-1111 of ACME"
    pieces = [said[at : at + size] for at in range(0, len(said), size)]
    hidden = redacted(streamed(*map(delta, pieces)), Redaction(patterns={"card": r"\d{4}-\d{4}"}))
    assert texts(hidden) == "the card ********* of ACME"
    assert hidden.end.extra == {"redacted": {"card": 1}}


def test_secrets_and_patterns_in_the_request_are_hidden():
    recording = streamed(delta("a"), body=json.dumps({"messages": f"{KEY} T-1"}).encode())
    hidden = redacted(recording, Redaction(patterns={"ticket": r"T-\d"}))
    assert hidden.request.json() == {"messages": "sk-ant-" + "*" * (len(KEY) - 7) + " ***"}
    assert hidden.end.extra == {"redacted": {"key": 1, "ticket": 1}}


def test_headers_that_another_program_kept_are_withheld():
    head = inspector.Head(
        "",
        inspector.Request(headers={"x-api-key": KEY, "accept": "a"}, withheld=("cookie",)),
        inspector.Response(0.0, headers={"set-cookie": f"a={KEY}", "server": f"s {KEY}"}),
    )
    hidden = redacted(inspector.Recording(head))
    assert (hidden.request.headers, hidden.request.withheld) == ({"accept": "a"}, ("cookie", "x-api-key"))
    assert hidden.response.withheld == ("set-cookie",)
    assert KEY[7:] not in repr(hidden)


def test_a_recording_without_an_end_says_in_its_head_what_was_hidden():
    head = inspector.Head("", inspector.Request(url=f"https://h/?key={KEY}"))
    assert redacted(inspector.Recording(head)).head.extra == {"redacted": {"key": 1}}


def test_lines_of_other_kinds_are_masked_also_in_base64(tmp_path):
    encoded = base64.b64encode(f"x {KEY}".encode()).decode()
    file = tmp_path / "a.jsonl"
    lines = [
        '{"recording":1}',
        f'{{"t":1,"undecoded":{{"base64":"{encoded}"}}}}',
        f'{{"t":1,"note":"{KEY}"}}',
    ]
    file.write_text("\n".join(lines) + "\n")
    hidden = redacted(inspector.load(file))
    inspector.save(hidden, tmp_path / "b.jsonl")
    written = Path(tmp_path / "b.jsonl").read_text()
    assert KEY[7:] not in written and encoded not in written
    assert len(written.splitlines()) == 4


@pytest.mark.parametrize("where", ["request", "response"])
@pytest.mark.parametrize("name", ["x-api-key", "request-id", "accept"])
def test_half_a_surrogate_pair_in_a_header_ends_nothing(where, name):
    recording = inspector.load(ROOT / "recordings/hello.jsonl")
    part = getattr(recording.head, where)
    head = replace(
        recording.head, **{where: replace(part, headers={**part.headers, name: "v_\ud800abcdefgh"})}
    )
    assert inspector.redacted(replace(recording, head=head)).blocks == recording.blocks
