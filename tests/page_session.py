"""Runs the examples of a Markdown page, as a reader would who tries one after the other.

Laws:

- All examples of a page run in one folder. So a page reads as one session.
- `serve` and `proxy` without a command of their own listen until the page ends. So does what ends in `&`;
  `kill %1` stops it.
- A reader pastes a whole block. So the command after one that ends in `&` does not wait for it: what that one
  prints is read at the end of the block.
- A port that a page names becomes a free one. Nothing reaches another machine.
"""

from __future__ import annotations

import contextlib
import difflib
import io
import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import traceback
from dataclasses import dataclass, field
from pathlib import Path
from unittest import mock

from click.testing import CliRunner
from console_blocks import Block, Command, blocks, matches
from terminal_emulator import Terminal, on_terminal

from inspector.cli import cli

__all__ = ["Session", "problems_of"]

ROOT = Path(__file__).parents[1]
RECORDINGS = ROOT / "recordings"
PYTEST = "-m pytest -p inspector.pytest_plugin"  # the other plugins of this machine are not the reader's
_PORT = re.compile(r"(?:--port[ =]|--behind[ =]|127\.0\.0\.1:|localhost:)(\d{4,5})\b")
_BOUND = 600  # seconds; nothing takes as long, on a busy machine either
_SHELL = re.compile(r"[|&;<>$`*?~]")
_COMMENT = re.compile(r"\s+# .*")
_LISTENS = re.compile(r"inspector (serve|proxy)\b(?!.* -- ).*|.*&", re.DOTALL)
_LIVE_COMMANDS = re.compile(r"\binspector (stream|serve|proxy|probe|replay)\b|\b(pytest|curl|node|python)\b")
_STARTS_PROGRAMS = re.compile(r"inspector (serve|proxy|probe)\b|--open\b")  # their output passes by Python's


def problems_of(page: Path, folder: Path, *, but: tuple[str, ...] = (), checkout: bool = True) -> list[str]:
    """Run the examples of a page in a new folder below `folder`; return what is not as the page says.

    Blocks in the languages `but` are left out. Without `checkout` the folder is empty, as a stranger's is.
    """
    with Session(page, folder, checkout) as session:
        for block in blocks(page):
            if block.runs and block.language not in but:
                session.run(block)
    return session.problems


@dataclass
class Session:
    """Runs the examples of one page in a folder. A context manager: what still runs is stopped at the end."""

    page: Path
    folder: Path
    checkout: bool
    problems: list[str] = field(default_factory=list)

    def __enter__(self) -> Session:
        self.live = False
        self._status = 0
        self._background: list[subprocess.Popen[str]] = []
        self._starting: list[tuple[Command, subprocess.Popen[str]]] = []
        self._here = self.folder / "here"
        self._here.mkdir()
        if self.checkout:
            shutil.copytree(RECORDINGS, self._here / "recordings")
        self._ports = _free_ports(_PORT.findall(self.page.read_text(encoding="utf-8")))
        self._environ = self._clean_environment()
        return self

    def __exit__(self, *_: object) -> None:
        for process in self._background:
            _stop(process)

    def run(self, block: Block) -> None:
        """Run a block, and note in `problems` what is not as the page says."""
        for text in block.before:
            printed = self._printed(Command(block.line, text, ()), None)
            if self._status:
                self.problems.append(f"{self.page.name}:{block.line}: before: {text}\n{printed}")
        if block.file:
            path = self._here / block.file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(self._with_ports(block.text), encoding="utf-8")
        elif block.language == "python":
            self._run_python(block)
        else:
            for command in block.commands():
                self._compare(command, block.columns)
            for command, process in self._starting:
                self._compare_printed(command, self._first_lines(process, len(command.shown)))
            self._starting.clear()

    def _run_python(self, block: Block) -> None:
        try:
            with (
                contextlib.chdir(self._here),
                contextlib.redirect_stdout(io.StringIO()),
                mock.patch.dict(os.environ, self._environ, clear=True),
            ):
                exec(self._with_ports(block.text), {"__name__": "__main__"})
        except Exception:
            self.problems.append(f"{self.page.name}:{block.line}: {traceback.format_exc()}")

    def _compare(self, command: Command, columns: int | None) -> None:
        self.live = self.live or bool(_LIVE_COMMANDS.search(command.text))
        if (text := _COMMENT.sub("", self._with_ports(command.text))).endswith("&"):
            self._status = 0
            self._starting.append((command, self._start(text)))
        else:
            self._compare_printed(command, self._printed(command, columns))

    def _compare_printed(self, command: Command, printed: str) -> None:
        lines = [line.rstrip() for line in printed.replace(str(self._here), "/home/you").splitlines()]
        where = f"{self.page.name}:{command.line}: $ {command.text}"
        if command.shown and not matches(list(command.shown), lines, live=self.live):
            compared = difflib.unified_diff(command.shown, lines, "the page", "printed", lineterm="")
            self.problems.append("\n".join([where, *compared]))
        elif not command.shown and self._status not in (0, 1):
            self.problems.append(f"{where}\nexit status {self._status}\n{printed}")

    def _printed(self, command: Command, columns: int | None) -> str:
        """Run a command, and return what it printed, with the ports that the page has."""
        text = _COMMENT.sub("", self._with_ports(command.text))
        before, self._status = self._status, 0
        if text.startswith(("export ", "unset ")):
            self._set(text)
            return ""
        if re.fullmatch(r"kill %\d", text):
            _stop(self._background[int(text[-1]) - 1])
            return ""
        if _LISTENS.fullmatch(text):
            printed = self._first_lines(self._start(text), len(command.shown))
        elif columns and text.startswith("inspector "):
            printed = self._on_terminal(text, columns)
        elif self._fits_in_process(text):
            printed = self._in_process(text)
        else:
            printed = self._in_shell(f"(exit {before})\n{text}")  # so that `echo $?` works
        return self._with_shown_ports(printed)

    def _set(self, text: str) -> None:
        """Set variables, or unset them, for what follows."""
        verb, *words = shlex.split(text)
        for word in words:
            name, _, value = word.partition("=")
            self._environ.pop(name, None)
            if verb == "export":
                self._environ[name] = value

    @staticmethod
    def _fits_in_process(text: str) -> bool:
        return text.startswith("inspector ") and not (_SHELL.search(text) or _STARTS_PROGRAMS.search(text))

    def _in_process(self, text: str) -> str:
        with contextlib.chdir(self._here):
            arguments = shlex.split(text, comments=True)[1:]
            result = CliRunner().invoke(cli, arguments, env=self._changed(), prog_name="inspector")
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        self._status = result.exit_code
        return result.output

    def _in_shell(self, script: str) -> str:
        result = subprocess.run(
            ["bash", "-c", script],
            cwd=self._here,
            env=self._environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=_BOUND,
        )
        self._status = result.returncode
        return result.stdout

    def _on_terminal(self, text: str, columns: int) -> str:
        """Run inspector on a terminal, and return what stands there at the end."""
        terminal = Terminal(columns, 500)
        with mock.patch.dict(os.environ, self._environ, clear=True):
            words = shlex.split(text)[1:]
            self._status, written = on_terminal(*words, columns=columns, rows=500, cwd=self._here)
        terminal.feed(written)
        return terminal.text

    def _start(self, text: str) -> subprocess.Popen[str]:
        """Start a command that goes on."""
        process = subprocess.Popen(
            ["bash", "-c", f"exec {text.removesuffix('&')}"],
            cwd=self._here,
            env=self._environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._background.append(process)
        return process

    def _first_lines(self, process: subprocess.Popen[str], lines: int) -> str:
        """Wait for the first lines of a command that goes on, at least one."""
        assert process.stdout is not None
        printed = "".join(process.stdout.readline() for _ in range(max(lines, 1)))
        return self._with_shown_ports(printed)

    def _with_ports(self, text: str) -> str:
        for shown, free in self._ports.items():
            text = re.sub(rf"\b{shown}\b", free, text)
        return text

    def _with_shown_ports(self, printed: str) -> str:
        for shown, free in self._ports.items():
            printed = printed.replace(free, shown)
        return printed

    def _changed(self) -> dict[str, str | None]:
        """The environment as a change of this process's own."""
        return {**dict.fromkeys(os.environ), **self._environ}

    def _clean_environment(self) -> dict[str, str]:
        """The environment of a reader: this Python's programs, no key, and no way out of this machine."""
        programs = self.folder / "bin"
        programs.mkdir()
        for name, line in {"inspector": "-m inspector", "pytest": PYTEST, "python": ""}.items():
            (programs / name).write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} {line} "$@"\n')
            (programs / name).chmod(0o755)
        kept = {
            name: value
            for name, value in os.environ.items()
            if not re.match(
                r"ANTHROPIC_|INSPECTOR_|PYTEST_|CI$|GITHUB_|COV_|COLUMNS|LINES|\w+_PROXY$|\w+_proxy$", name
            )
        }
        modules = [str(ROOT), str(ROOT / "tests"), os.environ.get("PYTHONPATH", "")]
        return {
            **kept,
            "BROWSER": "true",  # `--open` opens nothing
            "HOME": str(self.folder),
            "HTTPS_PROXY": "http://127.0.0.1:9",  # the discard port, on which nothing listens
            "NO_PROXY": "127.0.0.1,localhost",
            "NO_COLOR": "1",
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
            "RECORDINGS": str(RECORDINGS),
            "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
            "PYTHONPATH": os.pathsep.join(filter(None, modules)),
        }


def _free_ports(shown: list[str]) -> dict[str, str]:
    """Return a free port for each that a page shows."""
    with contextlib.ExitStack() as stack:
        found = {}
        for port in dict.fromkeys(shown):
            listener = stack.enter_context(socket.socket())
            listener.bind(("127.0.0.1", 0))
            found[port] = str(listener.getsockname()[1])
        return found


def _stop(process: subprocess.Popen[str]) -> None:
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
    process.communicate(timeout=_BOUND)
