"""Laws of width: on a terminal of any width, no line is wider than it. The C library is the second opinion.

A word alone in its line may be wider: a path or a URL that a person copies stays whole.
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import locale
import os
import pty
import struct
import sys
import termios
import threading
import unicodedata

import click
import pytest
from conftest import ROOT

from inspector.cli import cli
from inspector.cli._widths import beginning, cells, chopped, ending, filled
from inspector.escaping import escape

COMMANDS = {
    "show": ["show", "recordings/unicode.jsonl", "recordings/web_search.jsonl"],
    "show without folding": ["show", "--unfold", "recordings/tool_use.jsonl"],
    "show a body": ["show", "recordings/error_429.jsonl", "recordings/broken/html.jsonl"],
    "ls": ["ls", "--jobs", "1", "recordings"],
    "stats of one": ["stats", "recordings/pings.jsonl"],
    "stats without a response": ["stats", "recordings/broken/no_response.jsonl"],
    "stats of many": ["stats", "--jobs", "1", "recordings/*.jsonl"],
    "stats of a long silence": ["stats", "recordings/broken/timeout.jsonl"],
    "diff": ["diff", "recordings/unicode.jsonl", "recordings/tools_parallel.jsonl"],
    "check": ["check", "recordings/broken/spliced.jsonl", "recordings/unicode.jsonl"],
}
TEXTS = [
    "plain text, nothing else",
    "गुड मॉर्निंग, naïve e\u0301",
    "👨\u200d👩\u200d👧\u200d👦 a family, 👍🏽 a thumb, ☀\ufe0f and 1\ufe0f\u20e3",
    "日本語で挨拶してください",
    "\u0e01\u0e33 \ud55c\uad6d\uc5b4 \u1112\u1161\u11ab",
]


@pytest.fixture(scope="module")
def wcwidth():
    before = locale.setlocale(locale.LC_CTYPE)
    try:
        locale.setlocale(locale.LC_CTYPE, "C.UTF-8")
        width = ctypes.CDLL(None).wcwidth
    except (locale.Error, AttributeError, OSError, TypeError):
        pytest.skip("no C library that knows the widths of characters")
    yield lambda text: sum(max(width(ctypes.c_int(ord(char))), 0) for char in text)
    locale.setlocale(locale.LC_CTYPE, before)


def printed(arguments, columns, monkeypatch):
    """What a command prints on a terminal of so many columns. In this process: others start slowly."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    pieces = []

    def read():
        with contextlib.suppress(OSError):  # Linux: nobody has the other side open
            while piece := os.read(ours, 65536):
                pieces.append(piece)

    reader = threading.Thread(target=read)
    reader.start()
    with os.fdopen(theirs, "w", encoding="utf-8") as terminal:
        for name in ("stdout", "__stdout__", "stderr"):
            monkeypatch.setattr(sys, name, terminal)
        status = cli.main(arguments, standalone_mode=False)
        monkeypatch.undo()
    reader.join(30)
    os.close(ours)
    assert status in (0, 1, None)
    return [click.unstyle(line) for line in b"".join(pieces).decode().split("\r\n")]


@pytest.mark.parametrize("columns", [20, 40, 80, 200])
@pytest.mark.parametrize("arguments", COMMANDS.values(), ids=COMMANDS)
def test_no_line_is_wider_than_the_terminal(arguments, columns, wcwidth, monkeypatch):
    monkeypatch.chdir(ROOT)
    for name, value in {"PAGER": "cat", "TERM": "xterm", "NO_COLOR": "1"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("COLUMNS", raising=False)
    lines = printed(arguments, columns, monkeypatch)
    lines = [line for line in lines if not line.startswith("inspector: ")]  # messages, which nothing breaks
    assert len(lines) > 3
    wide = [line for line in lines if max(wcwidth(line), cells(line)) > columns]
    assert [line for line in wide if len(line.split()) > 1] == []


def test_no_character_is_wider_than_it_is_thought_to_be(wcwidth):
    chars = (chr(code) for code in range(0x20, 0x110000) if not 0xD800 <= code < 0xE000)
    texts = (escape("e" + char) for char in chars if unicodedata.category(char) != "Cn")
    assert [text for text in texts if wcwidth(text) > cells(text)] == []


@pytest.mark.parametrize("text", TEXTS)
def test_a_text_is_cut_at_every_width_between_what_a_reader_sees_as_characters(text):
    for width in range(2, 40):
        pieces = chopped(text, width)
        assert "".join(pieces) == text
        assert max(map(cells, pieces)) <= width
        assert text.startswith(beginning(text, width))
        assert text.endswith(ending(text, width))
        assert cells(filled(text, width)) == width
        for piece in (*pieces, ending(text, width)):
            assert not unicodedata.category(piece[:1] or "x").startswith("M"), "no mark loses its character"


def test_of_a_hostile_text_no_mark_is_one_character_too_many():
    text = "a" + "\u093e" * 10_000
    assert {cells(piece) for piece in chopped(text, 40)} == {40, 10_001 % 40}
