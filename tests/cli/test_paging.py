"""On a terminal, a pager shows what is longer than the screen, as git does it."""

from __future__ import annotations

import subprocess
import sys

import pytest
from terminal import on_terminal

from inspector.recording.bundled import bundled_recording

LONG = str(bundled_recording("thinking"))
SHORT = str(bundled_recording("error_529"))


@pytest.fixture
def pager(tmp_path):
    """A pager that notes what it got and which LESS it has, and then shows it."""
    script = tmp_path / "pager.py"
    script.write_text(
        "import os, pathlib, sys\n"
        "text = sys.stdin.read()\n"
        f"pathlib.Path({str(tmp_path / 'paged')!r}).write_text(os.environ.get('LESS', '') + chr(10) + text)\n"
        "print(text, end='')\n"
    )
    return f"{sys.executable} {script}", tmp_path / "paged"


def test_what_is_longer_than_the_screen_is_paged(pager):
    command, paged = pager
    status, text = on_terminal("show", LONG, PAGER=command)
    assert status == 0
    less, shown = paged.read_text().split("\n", 1)
    assert less == "-FRX"
    assert shown.strip() == text.strip()
    assert "message_stop" in text


def test_what_fits_is_not_paged(pager):
    command, paged = pager
    _, text = on_terminal("show", SHORT, PAGER=command)
    assert "overloaded_error" in text
    assert not paged.exists()


def test_a_line_that_the_terminal_breaks_counts_as_several(pager):
    command, paged = pager
    on_terminal("show", str(bundled_recording("error_429")), "--wide", PAGER=command, rows=18, columns=40)
    assert paged.exists()


@pytest.mark.parametrize("options", [["--no-pager"], ["--format", "text"], ["--format", "events"]])
def test_without_a_pager_nothing_is_paged(options, pager):
    command, paged = pager
    status, text = on_terminal("show", LONG, *options, PAGER=command, rows=5)
    assert (status, paged.exists()) == (0, False)
    assert "day" in text


@pytest.mark.parametrize("environment", [{"PAGER": ""}, {"PAGER": "cat"}, {"TERM": "dumb"}])
def test_an_environment_without_a_pager(environment, pager):
    command, paged = pager
    status, text = on_terminal("show", LONG, **{"PAGER": command, **environment})
    assert (status, paged.exists()) == (0, False)
    assert "message_stop" in text


def test_less_keeps_the_users_own_options(pager):
    command, paged = pager
    on_terminal("show", LONG, PAGER=command, LESS="-S")
    assert paged.read_text().startswith("-S\n")


def test_a_pager_that_is_not_there_shows_everything():
    status, text = on_terminal("show", LONG, PAGER="no-such-pager")
    assert status == 0
    assert "message_stop" in text
    assert "Traceback" not in text


def test_a_pager_that_is_left_early_ends_it_quietly():
    status, text = on_terminal("show", *[LONG] * 300, PAGER="head -n 3")
    assert (status, text.count("\n") <= 5) == (0, True)


def test_messages_come_after_the_pager_and_the_status_says_what_failed(pager, tmp_path):
    command, paged = pager
    bad = tmp_path / "bad.jsonl"
    bad.write_text("oops\n")
    status, text = on_terminal("show", str(bad), LONG, PAGER=command)
    assert status == 3
    assert f"inspector: {bad}:1: not a recording" in text[text.index("message_stop") :]
    assert "not a recording" not in paged.read_text()


def test_standard_input_is_shown_as_it_comes(pager):
    command, paged = pager
    with bundled_recording("thinking").open() as file:
        status, text = on_terminal("show", "-", PAGER=command, stdin=file)
    assert (status, paged.exists()) == (0, False)
    assert "message_stop" in text


def test_a_pipe_is_never_paged(pager, monkeypatch):
    command, paged = pager
    monkeypatch.setenv("PAGER", command)
    subprocess.run([sys.executable, "-m", "inspector", "show", *[LONG] * 3], check=True, capture_output=True)
    assert not paged.exists()
