"""`inspector show` and `inspector replay`."""

from __future__ import annotations

import contextlib
import itertools
import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

import inspector
from inspector.cli import cli, replay
from inspector.recording.bundled import bundled_names, bundled_recording

TOOL = str(bundled_recording("tool_use"))
SESSION = str(bundled_recording("tool_session"))


def show(*options, command="show", **more):
    return CliRunner().invoke(cli, [command, *options], **more)


@pytest.mark.parametrize("name", bundled_names())
def test_raw_is_the_body_byte_for_byte(name):
    path = bundled_recording(name)
    shown = show("--format", "raw", str(path)).stdout_bytes
    with pytest.warns(inspector.RecordingWarning) if name == "broken/torn" else contextlib.nullcontext():
        assert shown == b"".join(recording.body for recording in inspector.load_all(path))


@pytest.mark.parametrize("name", [name for name in bundled_names() if name != "broken/torn"])
def test_jsonl_is_the_file_itself(name):
    path = bundled_recording(name)
    assert show("--format", "jsonl", str(path)).stdout_bytes == path.read_bytes()


@pytest.mark.parametrize("name", bundled_names())
def test_pretty_has_a_row_for_every_block_and_nothing_that_drives_a_terminal(name):
    result = show(str(bundled_recording(name)))
    assert result.exit_code == 0
    assert "\x1b" not in result.stdout
    lines = show("--format", "jsonl", str(bundled_recording(name))).stdout_bytes.splitlines()
    blocks = sum(
        b'"raw":' in line or b'"data":' in line for line in lines if b'"recording":' not in line[:13]
    )
    timed = [
        line for line in result.stdout.splitlines() if re.match(r"( {5}|[ 0-9]{5}) +\d+\.\d{3} +\+\d", line)
    ]
    assert len(timed) == blocks


def test_events_are_the_payloads_verbatim():
    recording = inspector.load(TOOL)
    assert show("--format", "events", TOOL).stdout_bytes.splitlines() == [b.data for b in recording.blocks]


def test_message_is_json_for_every_recording_of_a_session():
    decoder, text, messages = json.JSONDecoder(), show("--format", "message", SESSION).stdout, []
    while text.strip():
        message, at = decoder.raw_decode(text)
        messages.append(message)
        text = text[at:].lstrip()
    assert messages == [recording.message() for recording in inspector.load_all(SESSION)]


@pytest.mark.parametrize(
    "options, names",
    [
        (["--only", "ping"], {"ping"}),
        (["--only", "message_start", "--only", "message_stop"], {"message_start", "message_stop"}),
        (["--only", "input_json_delta"], {"content_block_delta"}),
        (["--only", "tool_use"], {"content_block_start", "content_block_delta", "content_block_stop"}),
        (["--block", "0"], {"content_block_start", "content_block_delta", "content_block_stop"}),
        (["--range", "1..2"], {"message_start", "content_block_start"}),
        (["--range", "1"], {"message_start"}),
        (["--range", "18.."], {"message_delta", "message_stop"}),
        (["--range", "..1"], {"message_start"}),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_selection_is_the_same_in_every_format(options, names):
    lines = show("--format", "jsonl", TOOL, *options).stdout_bytes.splitlines()
    chosen = [json.loads(line) for line in lines]
    events = [line for line in chosen if "data" in line]
    assert {line["event"] for line in events} == names
    payloads = show("--format", "events", TOOL, *options).stdout_bytes.splitlines()
    assert [json.loads(p) for p in payloads] == [line["data"] for line in events]
    rows = show(TOOL, *options).stdout.splitlines()
    assert sum(line[:5].strip().isdigit() for line in rows) == len(events)


@pytest.mark.parametrize("text", ["x", "1-2", "..", "3..1x"])
def test_a_range_that_is_none_is_wrong_use(text):
    result = show(TOOL, "--range", text)
    assert result.exit_code == 2
    assert "is not a range" in result.stderr


def test_standard_input_is_a_file():
    result = show("-", "--format", "text", input=Path(TOOL).read_bytes())
    assert result.exit_code == 0


def test_globs_and_folders_mean_the_recordings_in_them(tmp_path):
    for name in ("b", "a"):
        (tmp_path / f"{name}.jsonl").write_bytes(Path(TOOL).read_bytes())
    (tmp_path / "note.txt").write_text("no recording")
    one = show(TOOL, "--format", "raw").stdout_bytes
    assert show(str(tmp_path), "--format", "raw").stdout_bytes == one * 2
    assert show(str(tmp_path / "*.jsonl"), "--format", "raw").stdout_bytes == one * 2
    names = [line for line in show(str(tmp_path)).stdout.splitlines() if "POST" in line]
    assert [Path(line.split(" · ")[0]).name for line in names] == ["a.jsonl", "b.jsonl"]


HEAD = b'{"recording":1,"at":"2026-11-20T18:00:00.000000Z","request":{"method":"POST","url":"u"}}\n'
BAD = {
    "empty": (b"", "is empty"),
    "text": (b"hello\n", ":1: not a recording"),
    "json": (b'{"a":1}\n', ":1: not a recording"),
    "list": (b"[1]\n", ":1: not a recording"),
    "half a head": (HEAD[:40], ":1: not a recording"),
    "event stream": (b"event: ping\ndata: {}\n\n", "bare event stream"),
    "byte order mark": (b"\xef\xbb\xbf" + HEAD, "byte order mark"),
    "binary": (b"\x7fELF\x00\x01\n\x00", ":1: not a recording"),
    "invalid UTF-8": (HEAD + b'{"t":1,"event":"x","data":"\xff"}\n' + b"{}\n", ":2: "),
    "newer": (HEAD.replace(b'"recording":1', b'"recording":9'), "format 9"),
    "a line that is none": (HEAD + b"oops\n{}\n", ":2: not a line of a recording"),
    "a block before any head": (b'{"t":1,"event":"x","data":{}}\n', "first line must be a head"),
}


@pytest.mark.parametrize("command", ["show", "replay"])
@pytest.mark.parametrize("content, words", BAD.values(), ids=BAD)
def test_what_is_no_recording_is_one_clear_line(content, words, command, tmp_path):
    file = tmp_path / "x.jsonl"
    file.write_bytes(content)
    result = show(str(file), command=command)
    assert result.exit_code == 3
    assert words in result.stderr
    assert str(file) in result.stderr
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize(
    "name, words", [("none.jsonl", "No such file"), ("", "no recordings"), ("*.nope", "no file matches")]
)
def test_what_is_not_there_is_one_clear_line(name, words, tmp_path):
    result = show(f"{tmp_path}/{name}")
    assert result.exit_code == 3
    assert words in result.stderr


def test_a_line_beyond_the_limit_is_refused_without_being_read(tmp_path, monkeypatch):
    monkeypatch.setattr("inspector.recording.reader.LINE_LIMIT", 1000)
    file = tmp_path / "x.jsonl"
    file.write_bytes(HEAD + b'{"t":1,"event":"x","data":"' + b"x" * 5000 + b'"}\n')
    result = show(str(file))
    assert result.exit_code == 3
    assert f"{file}:2: a line of more than" in result.stderr


def test_what_can_be_read_of_a_damaged_file_is_shown(tmp_path):
    file = tmp_path / "x.jsonl"
    file.write_bytes(
        HEAD + b'{"t":1.5,"event":"ping","data":{"type": "ping"}}\noops\n{"t":2,"end":"complete"}\n'
    )
    result = show(str(file))
    assert result.exit_code == 3
    assert "ping" in result.stdout
    assert f"{file}:3:" in result.stderr


def test_a_file_that_is_no_recording_does_not_hide_the_others(tmp_path):
    bad = tmp_path / "a.jsonl"
    bad.write_bytes(b"oops\n")
    result = show(str(bad), TOOL, "--format", "raw")
    assert result.exit_code == 3
    assert result.stdout_bytes == inspector.load(TOOL).body


def test_a_torn_last_line_is_told_and_not_fatal():
    result = show(str(bundled_recording("broken/torn")))
    assert result.exit_code == 0
    assert "torn" in result.stderr


class Clock:
    """A clock that moves only when somebody sleeps on it."""

    def __init__(self):
        self.now = 100.0
        self.naps = []

    def monotonic(self):
        return self.now

    def sleep(self, seconds):
        self.naps.append(seconds)
        self.now += seconds


class TestReplay:
    def play(self, monkeypatch, *options):
        clock = Clock()
        monkeypatch.setattr(replay, "time", clock)
        start = clock.now
        assert show(TOOL, *options, command="replay").exit_code == 0
        return clock, clock.now - start

    def test_it_takes_the_recorded_time(self, monkeypatch):
        _, seconds = self.play(monkeypatch)
        assert seconds == pytest.approx(inspector.load(TOOL).end.t)

    def test_twice_the_speed_is_half_the_time(self, monkeypatch):
        _, seconds = self.play(monkeypatch, "--speed", "2")
        assert seconds == pytest.approx(inspector.load(TOOL).end.t / 2)

    def test_no_wait_is_longer_than_the_longest_gap_allowed(self, monkeypatch):
        clock, seconds = self.play(monkeypatch, "--max-gap", "0.03")
        assert max(clock.naps) == pytest.approx(0.03)
        times = [0.0, inspector.load(TOOL).response.t, *(b.t for b in inspector.load(TOOL).blocks)]
        times.append(inspector.load(TOOL).end.t)
        assert seconds == pytest.approx(sum(min(b - a, 0.03) for a, b in itertools.pairwise(times)))

    def test_it_prints_what_show_prints(self, monkeypatch):
        monkeypatch.setattr(replay, "time", Clock())
        for name in ("tool_session", "broken/html", "unicode"):
            path = str(bundled_recording(name))
            assert show(path, command="replay").stdout == show(path).stdout
