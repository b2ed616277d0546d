"""The live area: what is printed stays, what is drawn is replaced, whatever the sizes."""

from __future__ import annotations

import io
import os
import random
import sys

import pytest
from terminal_emulator import Terminal

from inspector.cli._live_area import LiveArea, can_redraw


class Tty(io.StringIO):
    """A file that is a terminal."""

    def __init__(self, terminal):
        super().__init__()
        self.terminal = terminal
        self.writes = 0

    def isatty(self):
        return True

    def write(self, text):
        self.writes += 1
        self.terminal.feed(text)
        return len(text)


def area(columns=40, rows=10):
    terminal = Terminal(columns, rows)
    file = Tty(terminal)
    return LiveArea(file, lambda: os.terminal_size((terminal.columns, terminal.rows))), terminal, file


def test_rows_replace_each_other_and_printed_lines_stay_above():
    live, terminal, _ = area()
    live.draw(["one", "two"])
    assert terminal.text == "one\ntwo"
    live.draw(["one", "two!", "three"])
    assert terminal.text == "one\ntwo!\nthree"
    live.draw(["open"], "done\n")
    assert terminal.text == "done\nopen"
    live.clear()
    assert terminal.lines == ["done", ""]


@pytest.mark.parametrize("seed", range(30))
def test_whatever_is_drawn_only_what_was_printed_and_the_last_rows_are_left(seed):
    chance = random.Random(seed)
    live, terminal, _ = area(chance.choice([20, 40, 80]), chance.choice([3, 10, 24]))
    printed, rows = [], []
    words = ["a", "日本語", "👋🏽", "e\u0301", "x" * 90, "", "\x1b[2mfaint\x1b[0m"]
    for _ in range(40):
        new = [f"p{len(printed)}"] * chance.choice([0, 0, 1, 3])
        printed += new
        rows = [" ".join(chance.sample(words, 3)) for _ in range(chance.randrange(8))]
        live.draw(rows, "".join(f"{line}\n" for line in new))
        lines = terminal.text.split("\n") if terminal.text else []
        assert lines[: len(printed)] == printed
        assert len(lines) <= len(printed) + min(len(rows), terminal.rows - 1)
    live.clear()
    assert terminal.text == "\n".join(printed)


def test_a_frame_is_one_write_and_an_equal_one_is_none():
    live, _, file = area()
    live.draw(["one", "two"], "printed\n")
    live.draw(["one", "two"])
    assert file.writes == 1


def test_rows_that_stay_are_not_written_again():
    live, terminal, _file = area()
    live.draw(["a long first row", "two"])
    seen = []
    terminal.feed = seen.append
    live.draw(["a long first row", "two and more"])
    assert "first row" not in "".join(seen)


def test_rows_are_as_many_as_the_terminal_has_room_for():
    live, terminal, _ = area(rows=5)
    live.draw([str(number) for number in range(100)])
    assert terminal.text == "96\n97\n98\n99"


def test_a_terminal_that_became_narrower_has_broken_the_rows_and_they_go_all_the_same():
    live, terminal, _ = area(columns=40)
    live.draw(["x" * 40, "y" * 30])
    terminal.columns = 20
    terminal.lines = ["x" * 20, "x" * 20, "y" * 20, "y" * 10]  # as most terminals do it
    terminal.at, terminal.column = 3, 10
    live.draw(["z"])
    assert terminal.text == "z"


def test_messages_on_standard_error_come_above_the_rows(monkeypatch):
    live, terminal, file = area()
    monkeypatch.setattr(sys, "stderr", file)
    live.draw(["open"])
    with live.above_errors():
        print("warn", end="", file=sys.stderr)
        print("ing", file=sys.stderr)
        live.draw(["open"])
        assert terminal.text == "warning\nopen"
    assert sys.stderr is file


@pytest.mark.parametrize(
    "terminal, kind, draws",
    [(True, "xterm", True), (True, "dumb", False), (True, None, False), (False, "xterm", False)],
)
def test_only_a_terminal_that_knows_its_cursor_is_drawn_on(terminal, kind, draws, monkeypatch):
    monkeypatch.delenv("TERM", raising=False)
    if kind:
        monkeypatch.setenv("TERM", kind)
    file = Tty(None) if terminal else io.StringIO()
    assert can_redraw(file) is draws
