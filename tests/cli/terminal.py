"""Run `inspector` on a terminal of a given size, and read what a person would see."""

from __future__ import annotations

import fcntl
import os
import pty
import struct
import subprocess
import sys
import termios
import threading

__all__ = ["on_terminal"]


def on_terminal(*arguments, rows=24, columns=80, stdin=None, **environment):
    """Return the exit status, and all that was written on the terminal, with its escapes."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
    inherited = {
        name: value for name, value in os.environ.items() if name not in ("LINES", "COLUMNS", "LESS")
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "inspector", *arguments],
        stdin=theirs if stdin is None else stdin,
        stdout=theirs,
        stderr=theirs,
        env={**inherited, "TERM": "xterm", "NO_COLOR": "1", **environment},
    )
    os.close(theirs)
    written = []
    reader = threading.Thread(target=_read, args=(ours, written))
    reader.start()
    status = process.wait(120)
    reader.join(30)
    os.close(ours)
    return status, b"".join(written).decode().replace("\r\n", "\n")


def _read(terminal, written):
    while True:
        try:
            data = os.read(terminal, 65536)
        except OSError:  # Linux: nobody has the other side open
            return
        if not data:
            return
        written.append(data)
