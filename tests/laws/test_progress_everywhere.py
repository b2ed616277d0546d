"""Every command that can work long shows its progress on a terminal, and none in a pipe or if it is quiet.

So that no test waits, the bar is drawn at once here, and not after half a second.
"""

from __future__ import annotations

import contextlib
import io
import os
import pty
import re
import signal
import subprocess
import sys
from pathlib import Path

import click
import pytest
from conftest import ROOT

from inspector.cli import _progress, cli
from inspector.cli._progress import Progress

PROGRAM = (
    "import sys; from inspector.cli import _progress, cli;"
    "_progress._MOMENT = -1; _progress._REFRESH = 0; cli.main(sys.argv[1:], prog_name='inspector')"
)
HELLO = ROOT / "recordings/hello.jsonl"

WORKS_LONG = {
    "check": ["check", "--no-sdk", "many"],
    "check by workers": ["check", "--no-sdk", "-j", "2", "many"],
    "check of one file": ["check", "--no-sdk", "many/0.jsonl"],
    "check into tables": ["check", "-o", "tables/", "many"],
    "ls": ["ls", "many"],
    "stats": ["stats", "many"],
    "stats into tables": ["stats", "-o", "tables/", "many"],
    "stats of tables": ["stats", "before/", "after/"],
    "export": ["export", "--format", "har", "-o", "all.har", "many"],
    "export into a folder": ["export", "--format", "har", "-o", "har/", "many"],
    "export --pack": ["export", "--pack", "-o", "packs/", "many"],
    "export --unpack": ["export", "--unpack", "-o", "files/", "packed"],
    "import": ["import", "-o", "imported/", "many"],
    "report": ["report", "--no-sdk", "many"],
    "redact": ["redact", "-o", "safe", "many"],
    "redact of one file": ["redact", "-o", "safe.jsonl", "many/0.jsonl"],
    "redact --in-place": ["redact", "--in-place", "many"],
    "redact --scan": ["redact", "--scan", "many"],
    "diff": ["diff", "many", "many"],
    "edit": ["edit", "many/0.jsonl", "--fault", "cut-clean"],
    "probe": ["probe", "--base-url", "http://127.0.0.1:1", "--only", "text"],
}
LIVE = {"stream", "show", "replay", "serve", "proxy"}
"""Commands that show what they do while they do it."""
AT_ONCE = {"rules", "faults", "completion"}

every_command = pytest.mark.parametrize("arguments", WORKS_LONG.values(), ids=WORKS_LONG)


@pytest.fixture(scope="module")
def sets(tmp_path_factory):
    """Two sets of tables, and a pack."""
    folder = tmp_path_factory.mktemp("sets")
    for arguments in (
        ["check", "-o", "before/", str(HELLO)],
        ["check", "-o", "after/", str(HELLO)],
        ["export", "--pack", "-o", "packed/", str(HELLO)],
    ):
        assert cli.main(_below(folder, arguments), standalone_mode=False) == 0
    return folder


def _below(folder, arguments):
    return [str(folder / each) + "/" if each.endswith("/") else each for each in arguments]


@pytest.fixture
def place(tmp_path, sets):
    """A folder to work in, with some recordings, tables and a pack."""
    (tmp_path / "many").mkdir()
    (tmp_path / "safe").mkdir()
    for number in range(4):
        (tmp_path / "many" / f"{number}.jsonl").write_bytes(HELLO.read_bytes())
    for name in ("before", "after", "packed"):
        (tmp_path / name).symlink_to(sets / name)
    return tmp_path


class Screen(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture
def run(place, monkeypatch):
    """Return what runs a command, and returns what it wrote on standard error: a terminal, or no terminal."""
    monkeypatch.chdir(place)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setattr(_progress, "_MOMENT", -1)
    monkeypatch.setattr(_progress, "_REFRESH", 0)

    def run_(arguments, stderr):
        with (
            Path(os.devnull).open("w") as nowhere,
            contextlib.suppress(SystemExit),
            contextlib.redirect_stdout(nowhere),
            contextlib.redirect_stderr(stderr),
        ):
            cli.main(arguments, prog_name="inspector", standalone_mode=False)
        return stderr.getvalue()

    return run_


@every_command
def test_on_a_terminal_it_shows_its_progress_and_takes_it_away(arguments, run):
    written = run(arguments, Screen())
    assert re.search(r"\r\x1b\[2K[a-z ]+ .*━", written), written
    assert "━" not in written.rpartition("\x1b[2K")[2], "the line is erased at the end"
    assert "\x1b[?25l" not in written, "the cursor is not hidden"


@every_command
def test_a_pipe_never_gets_it(arguments, run, monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")
    written = run(arguments, io.StringIO())
    assert "━" not in written and "\x1b[2K" not in written and "\r" not in written


@every_command
def test_quiet_silences_it(arguments, run):
    written = run([arguments[0], "-q", *arguments[1:]], Screen())
    assert "━" not in written and "\x1b[2K" not in written
    assert "no such option" not in written.lower()


def test_after_ctrl_c_nothing_of_it_is_left_on_the_terminal(place):
    os.mkfifo(place / "endless")
    ours, theirs = pty.openpty()
    program = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, "redact", "--scan", "endless"],
        **dict.fromkeys(("stdin", "stdout", "stderr"), theirs),
        cwd=place,
        env={**os.environ, "TERM": "xterm", "COLUMNS": "80", "PYTHONPATH": str(ROOT)},
    )
    os.close(theirs)
    written = b""
    while "━".encode() not in written:
        written += os.read(ours, 65536)
    program.send_signal(signal.SIGINT)
    with contextlib.suppress(OSError):  # the other side is closed
        while data := os.read(ours, 65536):
            written += data
    os.close(ours)
    assert program.wait(60) == 130
    assert written.rstrip().endswith(b"\r\x1b[2K")
    assert b"\x1b[?25" not in written


def test_every_command_is_in_one_of_these_lists():
    works_long = {arguments[0] for arguments in WORKS_LONG.values()}
    assert [*works_long & LIVE, *works_long & AT_ONCE, *LIVE & AT_ONCE] == []
    assert works_long | LIVE | AT_ONCE == set(cli.list_commands(None))


def test_what_works_long_has_the_same_option():
    for name in {arguments[0] for arguments in WORKS_LONG.values()}:
        command = cli.get_command(click.Context(cli), name)
        assert ["-q", "--quiet"] in [option.opts for option in command.params], name


def test_there_is_one_bar():
    made = [
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "inspector").rglob("*.py")
        if re.search(r"rich\.(progress|live|status)|tqdm|progressbar", path.read_text())
    ]
    assert made == [f"inspector/cli/{Progress.__module__.rpartition('.')[2]}.py"]
