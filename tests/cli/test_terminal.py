"""The terminal: lines and colour."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from terminal import on_terminal

from inspector.cli import cli
from inspector.cli._terminal import use_color, wrap


@pytest.mark.parametrize(
    "environment, terminal, color",
    [
        ({}, True, True),
        ({}, False, False),
        ({"NO_COLOR": "1"}, True, False),
        ({"FORCE_COLOR": "1"}, False, True),
        ({"NO_COLOR": "1", "FORCE_COLOR": "1"}, True, False),
        ({"TERM": "dumb"}, True, False),
    ],
)
def test_colour_is_for_terminals_by_default(environment, terminal, color, monkeypatch):
    for name in ("NO_COLOR", "FORCE_COLOR", "TERM"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys.stdout, "isatty", lambda: terminal, raising=False)
    assert use_color() is color


@pytest.mark.parametrize(
    "text, width, indent, lines",
    [
        ("one two three", None, None, ["one two three"]),
        ("  one two three", 40, None, ["  one two three"]),
        ("  " + "word " * 9 + "end", 30, None, ["  word word word word word", "  word word word word end"]),
        ("- " + "word " * 9 + "end", 30, 2, ["- word word word word word", "  word word word word end"]),
        ("see " + "/long" * 10, 30, 4, ["see", "    " + "/long" * 10]),
        ("see " + "/long" * 5 + " end", 28, 8, ["see", "  " + "/long" * 5, "        end"]),
        ("see " + "/long" * 5, 25, 4, ["see", "/long" * 5]),
    ],
    ids=[
        "no width",
        "short",
        "indented",
        "hanging",
        "a path stays whole",
        "a path begins further left",
        "a path takes a whole line",
    ],
)
def test_text_is_wrapped_to_columns(text, width, indent, lines):
    assert wrap(text, width, indent=indent).splitlines() == lines


@pytest.mark.parametrize("width", range(1, 120, 7))
def test_wrapping_loses_no_word(width):
    text = "    the stream ended cleanly after ev 16 (content_block_delta) without message_stop"
    assert wrap(text, width).split() == text.split()


def run_with_closed(descriptor, *arguments):
    command = ["sh", "-c", f'exec "$0" -m inspector "$@" {descriptor}>&-', sys.executable, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)


ROOT = Path(__file__).parents[2]
HELLO = "recordings/hello.jsonl"


@pytest.mark.parametrize(
    "arguments",
    [
        ["show", HELLO],
        ["show", HELLO, "--format", "raw"],
        ["ls", HELLO],
        ["check", HELLO],
        ["stats", HELLO],
        ["diff", HELLO, HELLO],
        ["faults"],
        *([name, "--help"] for name in cli.list_commands(None)),
    ],
    ids=" ".join,
)
def test_a_closed_stdout_is_an_error_of_one_line(arguments):
    result = run_with_closed(1, *arguments)
    assert (result.returncode, result.stderr) == (3, "inspector: standard output: Bad file descriptor\n")


def test_a_closed_stdout_is_none_if_nothing_is_written_to_it():
    assert run_with_closed(1, "diff", "--quiet", HELLO, HELLO).returncode == 0


def test_without_stderr_messages_go_to_nowhere():
    assert run_with_closed(2, "show", "nosuch").returncode == 3
    assert run_with_closed(2, "ls", HELLO).returncode == 0


@pytest.mark.parametrize("plain", [{"NO_COLOR": "1"}, {"NO_COLOR": "", "TERM": "dumb"}], ids=["wish", "dumb"])
@pytest.mark.parametrize(
    "command",
    [
        ["check", "recordings/broken/abandoned.jsonl", "recordings/broken/bad_json.jsonl"],
        ["check", "-v", "recordings"],
        ["check", "nothing-here"],
        ["rules"],
        ["rules", "usage"],
        ["faults"],
        ["ls", "recordings"],
        ["show", "recordings/hello.jsonl"],
        ["stats", "recordings"],
        ["diff", "recordings/hello.jsonl", "recordings/tool_use.jsonl"],
        ["stream", "--offline", "hello"],
        ["show", "--help"],
    ],
    ids=" ".join,
)
def test_no_command_styles_text_where_nobody_wants_it(command, plain, monkeypatch):
    monkeypatch.chdir(ROOT)
    arguments = [*command, "--no-sdk"] if command[0] == "check" else command
    _, written = on_terminal(*arguments, PAGER="cat", FORCE_COLOR="", **plain)
    assert written.strip()
    assert not re.search(r"\x1b" if "TERM" in plain else r"\x1b\[[\d;]*m|\x1b\]", written)
