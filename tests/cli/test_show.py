"""`inspector show`: which files it reads, what is wrong with them, and the exit status."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from terminal import on_terminal

import inspector
from inspector.cli import cli
from inspector.recording.bundled import bundled_recording

TOOL = str(bundled_recording("tool_use"))
SESSION, HELLO = str(bundled_recording("tool_session")), str(bundled_recording("hello"))


def show(*options, command="show", **more):
    return CliRunner().invoke(cli, [command, *options], **more)


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


def test_a_folder_below_a_folder_is_read_too(tmp_path):
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "b" / "c.jsonl").write_bytes(Path(TOOL).read_bytes())
    assert show(str(tmp_path), "--format", "raw").stdout_bytes == inspector.load(TOOL).body


def test_the_summary_alone():
    result = show("--summary", TOOL, str(bundled_recording("hello")))
    labels = [line.split()[0] for line in result.stdout.splitlines() if line.startswith(" ")]
    assert labels == ["end", "body", "stop", "usage", "first", "request"] * 2
    assert result.stdout.count("POST https") == 2


def test_the_summary_alone_is_for_people():
    result = show("--summary", "--format", "raw", TOOL)
    assert result.exit_code == 2
    assert "--summary is for the format pretty, not for raw" in result.stderr


def test_wide_lines_are_neither_broken_nor_cut():
    narrow = on_terminal("show", "--no-pager", TOOL, columns=60)[1]
    wide = on_terminal("show", "--no-pager", "--wide", TOOL, columns=60)[1]
    assert max(map(len, narrow.splitlines())) <= 60
    assert wide == show(TOOL).stdout


def test_an_unfolded_row_is_one_line_of_the_terminal():
    shown = on_terminal("show", "--no-pager", "--unfold", TOOL, columns=60)[1]
    rows = [line for line in shown.splitlines() if re.match(r" {3}[ \d]\d +\d+\.", line)]
    assert len(rows) == len(inspector.load(TOOL).blocks)
    assert max(map(len, rows)) == 60


def test_the_end_of_a_tools_input_does_not_repeat_it():
    assert show(TOOL).stdout.count('"unit": "celsius"') == 1
    assert show("--unfold", TOOL).stdout.count('"unit": "celsius"') == 1
    broken = show(str(bundled_recording("broken/glued_tool"))).stdout
    assert 'input is not valid JSON: {"room": "hall"}{"room": "kitchen"}' in broken


def test_a_recording_is_shown_as_if_it_were_alone(tmp_path):
    bursts = [
        f'{{"t":{at * 3 + 1},"event":"content_block_delta","data":{{"type":"content_block_delta","index":0,'
        f'"delta":{{"type":"text_delta","text":"word {at} "}}}}}}\n'
        for at in range(9)
    ]
    slow = tmp_path / "slow.jsonl"
    slow.write_bytes(HEAD + "".join(bursts).encode() + b'{"t":99,"end":"complete"}\n')
    comments = bundled_recording("comments")
    both = tmp_path / "both.jsonl"
    both.write_bytes(slow.read_bytes() + comments.read_bytes())
    second = show(str(both)).stdout.removeprefix(show(str(slow)).stdout)
    assert second == f"\n{both} #2 · {show(str(comments)).stdout}"


def test_two_thousand_events_are_some_dozens_of_rows(tmp_path):
    delta = {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "word "}}
    block = f"event: content_block_delta\ndata: {json.dumps(delta)}\n\n"
    file = tmp_path / "long.sse"
    file.write_text(block * 2000)
    shown = on_terminal("show", "--no-pager", str(file))[1]
    assert shown.count("word") == 2000
    assert len(shown.splitlines()) < 160


HOSTILE = {
    "a hundred thousand pings": b'event: ping\ndata: {"type":"ping"}\n\n' * 100_000,
    "controls": b': \x1b[2J\xc2\x9b\n\nevent: \x1b]0;x\x07\ndata: {"type":"\\u001b[2J\\u202e"}\n\n',
    "markup": b'event: error\ndata: {"type":"error","error":{"type":"[red]","message":"[/] [link=x]"}}\n\n',
    "a huge line": b"data: " + b"x" * 3_000_000 + b"\n\n",
    "a huge line of wide characters": b"data: " + "\u6f22".encode() * 300_000 + b"\n\n",
    "half a block": b"event: content_block_de",
    "nearly nothing but line ends": b":\n" + b"\n" * 200_000,
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize("option", ["--fold", "--unfold"])
def test_hostile_streams_are_shown_and_drive_no_terminal(text, option, tmp_path):
    file = tmp_path / "x.sse"
    file.write_bytes(text)
    status, shown = on_terminal("show", "--no-pager", option, str(file))
    assert status == 0
    assert "Traceback" not in shown
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", shown)
    if option == "--fold":
        assert len(shown.splitlines()) < 60


def test_a_stream_without_times_is_shown_without_them(tmp_path):
    file = tmp_path / "x.sse"
    file.write_bytes(inspector.load(TOOL).body)
    lines = show(str(file)).stdout.splitlines()
    assert lines[0] == "200, without times"
    summary = [line.split() for line in lines if re.match(" +(end|body|first|stop) ", line)]
    assert summary[0] == ["end", "unseen"]
    assert summary[1][-1] == "bytes"
    assert "first" not in [line[0] for line in summary]


def test_payloads_that_show_prints_are_read_by_show():
    payloads = show(TOOL, "--format", "events").stdout_bytes
    assert show("-", "--format", "events", input=payloads).stdout_bytes == payloads


HEAD = b'{"recording":1,"at":"2026-11-20T18:00:00.000000Z","request":{"method":"POST","url":"u"}}\n'
BAD = {
    "empty": (b"", "is empty"),
    "text": (b"hello\n", ":1: not a recording"),
    "json": (b'{"a":1}\n', ":1: not a recording"),
    "list": (b"[1]\n", ":1: not a recording"),
    "half a head": (HEAD[:40], ":1: not a recording"),
    "compressed": (b"\x1f\x8b\x08\x00\n", "compressed data without a recording"),
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


def test_an_argument_that_names_no_file_is_reported_and_the_others_are_shown(tmp_path):
    result = show("--format", "raw", TOOL, str(tmp_path / "no*.jsonl"), TOOL)
    assert result.exit_code == 3
    assert result.stdout_bytes == inspector.load(TOOL).body * 2
    assert "no file matches this pattern" in result.stderr


def test_show_imports_neither_the_checker_nor_the_player():
    code = (
        "import sys; from inspector.cli import cli\n"
        f"cli.main(['show', {TOOL!r}, '--format', 'raw'], standalone_mode=False)\n"
        "heavy = ('inspector.checker', 'inspector.play', 'inspector.faults', 'inspector.record', 're2')\n"
        "print([name for name in heavy if name in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert done.stderr == b"[]\n"


@pytest.mark.parametrize("files", [[SESSION], [SESSION, HELLO]], ids=["one file", "two files"])
def test_the_recordings_of_a_session_are_numbered_as_ls_numbers_them(files):
    """One file alone needs no name for its first recording."""
    shown = CliRunner().invoke(cli, ["show", "--summary", *files]).stdout.split("\n\n")
    listed = json.loads(CliRunner().invoke(cli, ["ls", "--format", "json", *files]).stdout)["recordings"]
    names = [f"{row['file']} #{row['number']}" if row["number"] > 1 else row["file"] for row in listed]
    begins = [text.split(" · ")[0] for text in shown]
    assert begins[1:] == names[1:]
    assert begins[0] == names[0] if len(files) > 1 else begins[0].startswith("POST ")
