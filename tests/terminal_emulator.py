"""A terminal that knows what inspector sends: text, CR, LF, cursor up, erase, autowrap, colour."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios

from rich.cells import cell_len

_TOKEN = re.compile(r"\x1b\[(\??)(\d*(?:;\d+)*)([A-Za-z])|[\r\n]|[^\x00-\x1f\x7f]|(.)", re.S)


class Terminal:
    """All lines since the beginning, as people see them who scroll back. Any other control is an error."""

    def __init__(self, columns=80, rows=24):
        self.columns, self.rows = columns, rows
        self.lines = [""]
        self.at = self.column = 0
        self.wraps = True

    def feed(self, text):
        for match in _TOKEN.finditer(text):
            private, number, final, odd = match.groups()
            assert not odd, f"the terminal got {odd!r}"
            if final:
                self._control(private, number, final)
            elif match[0] == "\r":
                self.column = 0
            elif match[0] == "\n":
                self._down()
            else:
                self._put(match[0])

    def _control(self, private, number, final):
        if (private, final) == ("", "A"):
            self.at -= int(number or 1)
            assert self.at >= max(0, len(self.lines) - self.rows), "no cursor goes above the screen"
        elif (private, final) == ("", "J"):
            assert number in ("", "0")
            del self.lines[self.at + 1 :]
            self.lines[self.at] = self.lines[self.at][: self.column]
        elif (private, number, final) == ("", "2", "K"):
            self.lines[self.at] = ""
        elif private and final in "hl":
            assert number in ("7", "25")  # wrapping; the cursor, which a progress bar hides
            self.wraps = final == "h" if number == "7" else self.wraps
        else:
            assert final == "m", f"the terminal got {private}{number}{final}"

    def _down(self):
        self.at, self.column = self.at + 1, 0
        if self.at == len(self.lines):
            self.lines.append("")

    def _put(self, char):
        width = cell_len(char)
        line = self.lines[self.at]
        if cell_len(line) + width > self.columns and self.column >= len(line):
            if not self.wraps:
                return
            self._down()
            line = ""
        self.lines[self.at] = line[: self.column] + char + line[self.column + 1 :]
        self.column += 1

    @property
    def text(self):
        """What stands there, without empty lines at the end."""
        return "\n".join(self.lines).rstrip("\n")


def on_terminal(*arguments, columns=80, rows=24, env=None, cwd=None, seen=None):
    """Run inspector on a terminal of this size; return its exit status, and all that it wrote.

    `seen` is called with the process, all that has come by then, and the terminal, whenever something comes.
    """
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
    environment = {**os.environ, "TERM": "xterm-256color", "NO_COLOR": "1", "PAGER": "cat", **(env or {})}
    for name in ("COLUMNS", "LINES", "CI"):
        environment.pop(name, None)
    process = subprocess.Popen(
        [sys.executable, "-m", "inspector", *arguments],
        **dict.fromkeys(("stdin", "stdout", "stderr"), theirs),
        env=environment,
        cwd=cwd,
        start_new_session=True,
    )
    os.close(theirs)
    written = b""
    try:
        while True:
            try:
                piece = os.read(ours, 65536)
            except OSError:  # the process has closed it
                break
            if not piece:
                break
            written += piece
            if seen:
                seen(process, written.decode("utf-8", "replace"), ours)
        return process.wait(60), written.decode().replace("\r\n", "\n")
    finally:
        process.kill()
        os.close(ours)
