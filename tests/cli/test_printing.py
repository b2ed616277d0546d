"""What the command line writes: nothing that drives a terminal or a log, and data in a pipe exactly."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from stream_command import CLOSE, LAST, OPEN, START, STOP, frame

from inspector.cli import cli
from inspector.cli._printing import echo, say, shown

HOSTILE = "\n::error ::pwned\x1b]52;c;aGk=\x07\r\x9b2J\u202e##[add-path]/tmp"
PLAIN = re.compile(r"[^\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]*")
COMMAND = re.compile(r"^\s*::|##[a-z]*\[", re.MULTILINE)


def command(body):
    return CliRunner().invoke(click.command()(body))


def harmless(text):
    return bool(PLAIN.fullmatch(text)) and not COMMAND.search(text)


def test_a_line_is_one_line_and_drives_nothing():
    result = command(lambda: echo(f"a{HOSTILE}", [("b", {"bold": True}), (HOSTILE, {})]))
    assert len(result.stdout.splitlines()) == 2
    assert harmless(result.stdout)


def test_a_message_stands_on_standard_error_behind_the_name_of_the_program():
    result = command(lambda: say(HOSTILE, "::second"))
    first, second = result.stderr.splitlines()
    assert first.startswith("inspector: \\n")
    assert second == "\\x3a:second"
    assert harmless(result.stderr)
    assert result.stdout == ""


@given(st.text(st.characters(codec=None, exclude_categories=())))
def test_any_text_is_shown_harmless(text):
    assert harmless(shown(text))


@pytest.fixture
def hostile_file(tmp_path, monkeypatch):
    """A file whose name and content are hostile in every place that is printed."""
    monkeypatch.chdir(tmp_path)
    name = "::error ::" + HOSTILE.replace("/", "") + ".sse"
    message = {**frame_message(), "id": HOSTILE, "model": HOSTILE}
    frames = [
        frame("message_start", message=message),
        frame(
            "content_block_start", index=0, content_block={"type": "tool_use", "id": HOSTILE, "name": HOSTILE}
        ),
        frame("content_block_delta", index=0, delta={"type": HOSTILE, "text": HOSTILE}),
        f"event: {HOSTILE.splitlines()[0]}x\x1b[2J\ndata: {{\x1b]0;x\x07\n\n".encode(),
        b"\x1b]52;c;aGk=\x07 :\n\n",
        frame("error", error={"type": HOSTILE, "message": HOSTILE}),
        frame("message_delta", delta={"stop_reason": HOSTILE}, usage={}),
        b"data: \x1b[2J\x9b",
    ]
    Path(name).write_bytes(b"".join(frames))
    return name


def frame_message():
    return {"type": "message", "role": "assistant", "content": [], "usage": {}}


@pytest.mark.parametrize(
    "arguments",
    [
        ["show", "NAME"],
        ["show", "NAME", "NAME", "./nosuch\n::error ::"],
        ["show", "--format", "message", "NAME"],
        ["replay", "NAME"],
        ["check", "-v", "NAME"],
        ["check", "--format", "json", "NAME", "nosuch##[x]"],
        ["check", "--format", "sarif", "NAME", "nosuch##[x]"],
        ["check", "--format", "junit", "NAME", "nosuch##[x]"],
        ["edit", "NAME", "--fault", HOSTILE],
        ["edit", "NAME", "--fault", f"cut-fin@{HOSTILE}"],
        ["edit", "NAME", "--fault", "cut-fin", "-o", f"no/such{HOSTILE}"],
        ["show", f"--{HOSTILE}"],
        ["show", "--range", HOSTILE, "NAME"],
        ["show", "--only", HOSTILE, "NAME"],
        ["check", "--limit", f"{HOSTILE}=1", "NAME"],
        ["check", "--limit", f"gap-idle={HOSTILE}", "NAME"],
        ["check", "--select", HOSTILE, "NAME"],
        ["check", "--format", HOSTILE, "NAME"],
        ["rules", HOSTILE],
        ["faults", HOSTILE],
        ["serve", f"nosuch{HOSTILE}"],
        ["stream", "hi", "--header", HOSTILE],
        ["stream", "--request", f"nosuch{HOSTILE}"],
        ["stream", "--offline", f"nosuch{HOSTILE}"],
        [HOSTILE],
    ],
    ids=lambda arguments: ascii(" ".join(arguments))[:60],
)
def test_nothing_that_a_command_prints_drives_a_terminal_or_a_build_service(hostile_file, arguments):
    arguments = [hostile_file if each == "NAME" else each for each in arguments]
    result = CliRunner().invoke(cli, arguments, prog_name="inspector")
    assert result.exception is None or isinstance(result.exception, SystemExit)
    assert result.output
    assert harmless(result.stderr), result.stderr
    if arguments[:3] != ["show", "--format", "message"]:  # data in a pipe is exact
        assert harmless(result.stdout), result.stdout


def test_the_only_commands_in_annotations_for_github_are_its_own(hostile_file):
    result = CliRunner().invoke(cli, ["check", "--format", "github", "-v", hostile_file])
    lines = result.stdout.splitlines()
    assert lines
    assert PLAIN.fullmatch(result.stdout)
    name = (
        "%3A%3Aerror %3A%3A%0A%3A%3Aerror %3A%3Apwned\\e]52;c;aGk=\\x07%0D\\x9b2J\\u202e##[add-path]tmp.sse"
    )
    for line in lines:
        assert re.match(r"::(error|warning|notice) file=", line)
        assert line.split("file=")[1].startswith((f"{name},line=", f"{name},title="))


TEXT = "plain\ttab\nnext \x1b]52;c;aGk=\x07\x1b[2J\rover\u202e é 日本"
DATA = b"".join(
    [
        START,
        OPEN,
        frame("content_block_delta", index=0, delta={"type": "text_delta", "text": TEXT}),
        CLOSE,
        b"event: x\ndata: {\x1b[?1049h\xff\n\n",
        STOP,
        LAST,
    ]
)


def on_a_terminal(*arguments, stdin):
    """Run a command whose standard output is a terminal, and return the bytes that the terminal got."""
    ours, theirs = pty.openpty()
    program = [sys.executable, "-m", "inspector", *arguments]
    with subprocess.Popen(
        program, stdin=subprocess.PIPE, stdout=theirs, stderr=subprocess.DEVNULL
    ) as process:
        os.close(theirs)
        process.stdin.write(stdin)
        process.stdin.close()
        got = b""
        while True:
            try:
                piece = os.read(ours, 65536)
            except OSError:  # Linux: the other end is closed
                break
            if not piece:
                break
            got += piece
    os.close(ours)
    return got.replace(b"\r\n", b"\n")


@pytest.mark.parametrize("format_", ["pretty", "text", "events", "raw", "jsonl", "message"])
def test_a_terminal_gets_every_format_escaped(format_):
    got = on_a_terminal("show", "--format", format_, "-", stdin=DATA).decode()
    assert PLAIN.fullmatch(re.sub(r"\x1b\[[0-9;]*m", "", got) if format_ == "pretty" else got)


def test_text_on_a_terminal_keeps_its_lines_and_tabs():
    got = on_a_terminal("show", "--format", "text", "-", stdin=DATA).decode()
    assert got == "plain\ttab\nnext \\e]52;c;aGk=\\x07\\e[2J\\rover\\u202e é 日本\n"


def test_bytes_that_are_not_utf_8_are_shown_on_a_terminal():
    assert b"\\e[?1049h\\xff" in on_a_terminal("show", "--format", "raw", "-", stdin=DATA)


@pytest.mark.parametrize(("format_", "raw"), [("raw", DATA), ("text", TEXT.encode() + b"\n")])
def test_a_terminal_gets_data_as_it_is_on_request_and_a_pipe_always(format_, raw):
    assert on_a_terminal("show", "--raw-terminal", "--format", format_, "-", stdin=DATA) == raw
    assert CliRunner().invoke(cli, ["show", "--format", format_, "-"], input=DATA).stdout_bytes == raw
