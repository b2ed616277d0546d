"""What a tap changes before it writes: nothing of it is on disk before, and a refusal leaves nothing."""

from __future__ import annotations

import json
import warnings
from dataclasses import replace

import pytest
from loopback import END, Server, chunk, chunked, head
from recorded import BODY, PARTS, by_time, only

import inspector
from inspector import tap
from inspector.record import holding

PAYLOAD = b'{"index":0,"delta":{"type":"text_delta","text":"Ann said T-4711"}}'
SAID = b"event: content_block_delta\ndata: " + PAYLOAD + b"\n\n"


def written(folder):
    return b"".join(file.read_bytes() for file in folder.rglob("*") if file.is_file())


def test_the_function_gets_the_whole_recording_and_what_it_returns_is_written(caller, tmp_path):
    seen = []

    def before(recording):
        seen.append(recording)
        return replace(recording, head=replace(recording.head, extra={"note": "changed"}))

    with Server(chunked(PARTS)) as server:
        caller.fetch(server.url, event_hooks=tap(tmp_path, before_record=before))
    assert [each.body for each in seen] == [BODY]
    assert seen[0].end.how is inspector.Ending.COMPLETE
    assert only(tmp_path).head.extra == {"note": "changed"}
    assert only(tmp_path).body == BODY


@pytest.mark.parametrize("name", ["folder", "file.jsonl"])
def test_none_drops_a_recording(caller, tmp_path, name):
    def before(recording):
        return None if b"drop" in recording.request.body else recording

    hooks = tap(tmp_path / name, before_record=before)
    with Server(*[chunked(PARTS)] * 3) as server:
        for content in (b'"drop"', b'"keep"', b'"drop"'):
            caller.fetch(server.url, event_hooks=hooks, content=content)
    (recording,) = inspector.load_all(tmp_path / name)
    assert recording.request.json() == "keep"


def test_nothing_is_on_disk_before_the_end(caller, tmp_path):
    if caller.mode != "sync":
        pytest.skip("one way of reading is enough to look in between")
    hooks = tap(tmp_path, redact="outputs")
    with Server([head(transfer_encoding="chunked"), chunk(SAID), chunk(SAID), END]) as server:
        client = caller.library.Client(event_hooks=hooks, trust_env=False)
        with client, client.stream("POST", server.url, content=b"{}") as response:
            for _ in response.iter_raw(len(SAID)):
                hooks.flush()
                assert list(tmp_path.iterdir()) == []
    assert [event.data["delta"]["text"] for event in only(tmp_path).events()] == ["*" * 15] * 2


@pytest.mark.parametrize(
    ("redact", "text"),
    [
        ("prompts,outputs", "*" * 15),
        (["outputs"], "*" * 15),
        (inspector.Redaction(patterns={"ticket": r"T-\d+"}), "Ann said ******"),
    ],
    ids=["names", "list", "pattern"],
)
def test_a_tap_takes_a_redaction(caller, tmp_path, redact, text):
    with Server(chunked([SAID])) as server:
        fetched = caller.fetch(server.url, event_hooks=tap(tmp_path, redact=redact))
    assert b"".join(fetched.chunks) == SAID
    (event,) = only(tmp_path).events()
    assert event.data["delta"]["text"] == text
    assert only(tmp_path).end.extra["redacted"]
    assert b"T-4711" not in written(tmp_path)


def test_the_function_gets_what_is_redacted_already(caller, tmp_path):
    def before(recording):
        assert b"T-4711" not in recording.body
        return recording

    with Server(chunked([SAID])) as server:
        caller.fetch(server.url, event_hooks=tap(tmp_path, redact="outputs", before_record=before))
    assert b"T-4711" not in only(tmp_path).body


@pytest.mark.parametrize(
    ("before", "message"),
    [
        (lambda _: 1 / 0, "ZeroDivisionError: division by zero"),
        (lambda _: "text", "before_record returned str"),
    ],
    ids=["raises", "no recording"],
)
def test_a_function_that_fails_leaves_nothing_and_the_stream_goes_on(caller, tmp_path, before, message):
    with warnings.catch_warnings(record=True) as caught, Server(chunked(PARTS)) as server:
        warnings.simplefilter("always")
        fetched = caller.fetch(server.url, event_hooks=tap(tmp_path, before_record=before))
    assert b"".join(fetched.chunks) == BODY
    assert [message in str(warning.message) for warning in caught] == [True]
    assert list(tmp_path.iterdir()) == []


def test_a_recording_too_long_to_be_held_is_not_written(caller, tmp_path, monkeypatch):
    monkeypatch.setattr(holding, "_LIMIT", 500)
    with warnings.catch_warnings(record=True) as caught, Server(chunked(PARTS * 20)) as server:
        warnings.simplefilter("always")
        fetched = caller.fetch(server.url, event_hooks=tap(tmp_path, redact="outputs"))
    assert b"".join(fetched.chunks) == BODY * 20
    assert ["too long to be held" in str(warning.message) for warning in caught] == [True]
    assert list(tmp_path.iterdir()) == []


def test_recordings_of_one_file_are_a_session(caller, tmp_path):
    hooks = tap(tmp_path / "a.jsonl", redact="prompts")
    with Server(chunked(PARTS), chunked(PARTS)) as server:
        for text in ("one", "three"):
            caller.fetch(server.url, event_hooks=hooks, content=json.dumps({"system": text}).encode())
    assert [each.request.json()["system"] for each in inspector.load_all(tmp_path / "a.jsonl")] == [
        "***",
        "*****",
    ]


def test_an_unknown_name_is_refused(tmp_path):
    with pytest.raises(inspector.UsageError, match="'prompt' cannot be redacted; known are prompts,"):
        tap(tmp_path, redact="prompt")


def test_a_folder_has_a_file_for_each(caller, tmp_path):
    hooks = tap(tmp_path, redact="outputs")
    with Server(chunked([SAID]), chunked([SAID])) as server:
        for _ in range(2):
            caller.fetch(server.url, event_hooks=hooks)
    assert len(by_time(tmp_path)) == 2
