"""What the tests of this room share: a body, secrets, the recordings in a folder, and a child process."""

from __future__ import annotations

import subprocess
import sys
import textwrap

from conftest import ROOT

from inspector import load
from inspector.record.destination import Observer

PARTS = [b'event: a\ndata: {"n":%d}\n\n' % n for n in range(1, 6)]
BODY = b"".join(PARTS)
KEY = "sk-ant-api03-" + "Abc123_-" * 5
SECRET = "hush-hush-0123456789"


class Seeing(Observer):
    """An observer that calls a function with each value."""

    def __init__(self, see, file_name=""):
        self.add = see
        self.file_name = file_name


def only(folder):
    """Load the only recording in a folder."""
    (file,) = folder.glob("*")
    return load(file)


def by_time(folder):
    """Load the recordings in a folder, in the order in which their requests were sent."""
    return [load(file) for file in sorted(folder.glob("*.jsonl"))]


def chunks_of(recording):
    """List what each read returned."""
    return [data for _, data in recording.chunks()]


def python(code, *arguments, **options):
    """Start Python as a process of its own, with warnings as errors."""
    warnings = ("-W", "error", "-W", "ignore:unclosed:ResourceWarning")
    return subprocess.Popen(
        [sys.executable, *warnings, "-c", textwrap.dedent(code), *map(str, arguments)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **options,
    )
