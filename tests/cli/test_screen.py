"""`inspector stream` as a process: it shows and records at once, whatever happens to it or its reader."""

from __future__ import annotations

import json
import subprocess
import threading

from loopback import END, STALL, Server, chunk, chunked, eventually, head
from stream_command import CLOSE, HELLO, LAST, OPEN, START, STOP, WHOLE, frame, interrupt, start

import inspector


def test_an_event_is_shown_while_the_stream_still_runs():
    go_on = threading.Event()
    script = [head(transfer_encoding="chunked"), chunk(START), go_on.wait, *map(chunk, WHOLE[1:]), END]
    with Server(script) as server, start("hi", "--base-url", server.url, "--format", "events") as process:
        assert json.loads(process.stdout.readline())["type"] == "message_start"
        go_on.set()
        assert len(process.stdout.read().splitlines()) == 6
    assert process.returncode == 0


def test_ctrl_c_keeps_what_has_arrived(tmp_path):
    file = tmp_path / "r.jsonl"
    script = [head(transfer_encoding="chunked"), chunk(START), STALL]
    options = ["hi", "--format", "events", "-o", str(file)]
    with Server(script) as server, start(*options, "--base-url", server.url) as process:
        process.stdout.readline()
        interrupt(process)
    assert process.returncode == 130
    recording = inspector.load(file)
    assert recording.end.how == "abandoned"
    assert recording.body == START


def test_kill_9_leaves_every_line_that_was_shown(tmp_path):
    file = tmp_path / "r.jsonl"
    script = [head(transfer_encoding="chunked"), chunk(START), chunk(OPEN), STALL]
    options = ["hi", "--format", "events", "-o", str(file)]
    with Server(script) as server, start(*options, "--base-url", server.url) as process:
        process.stdout.readline()
        process.stdout.readline()
        process.kill()
    recording = inspector.load(file)
    assert recording.end is None
    assert recording.body == START + OPEN


def test_a_reader_that_closes_the_output_ends_it_without_a_message():
    # More than a pipe holds: else all may be written before the reader closes it.
    page = frame("content_block_delta", index=0, delta={"type": "text_delta", "text": "Hello" * 1000})
    script = [head(transfer_encoding="chunked"), *map(chunk, [START, OPEN, *[page] * 100]), STALL]
    with Server(script) as server:
        process = start("hi", "--base-url", server.url, stderr=subprocess.PIPE)
        process.stdout.readline()
        process.stdout.close()
        assert process.wait(60) == 0
        assert process.stderr.read() == b""
        process.stderr.close()


def test_a_reader_that_closes_the_output_does_not_end_a_recording(tmp_path):
    file = tmp_path / "r.jsonl"
    with Server(chunked([START, OPEN, *[HELLO] * 3000, CLOSE, STOP, LAST])) as server:
        process = start("hi", "--base-url", server.url, "-o", str(file), stderr=subprocess.PIPE)
        process.stdout.readline()
        process.stdout.close()
        assert process.wait(60) == 0
        assert process.stderr.read() == b""
        process.stderr.close()
    assert inspector.load(file).end.how == "complete"


def test_a_slow_reader_does_not_delay_the_recording(tmp_path):
    # Nobody reads our output until the client has taken the whole stream.
    file = tmp_path / "r.jsonl"
    parts = [START, OPEN, *[HELLO] * 4000, CLOSE, STOP, LAST]
    sent = threading.Event()
    script = [*chunked(parts)[:-1], sent.set, END]
    with Server(script) as server, start("hi", "--base-url", server.url, "-o", str(file)) as process:
        assert sent.wait(60)
        assert eventually(lambda: file.exists() and b'"end"' in file.read_bytes())
        process.stdout.read()
    assert inspector.load(file).body == b"".join(parts)
