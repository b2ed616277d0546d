"""The events of several exchanges at a time on one terminal."""

from __future__ import annotations

import os
import sys

from conftest import ROOT
from terminal_emulator import Terminal

from inspector import load
from inspector.cli._traffic import Passed
from inspector.cli._traffic_events import TrafficEvents
from inspector.views.summary import Summary

HELLO = load(ROOT / "recordings" / "hello.jsonl")
VALUES = [HELLO.head, *HELLO.blocks, HELLO.end]


class Screen:
    """A terminal as standard output, and a clock."""

    encoding = "utf-8"

    def __init__(self, monkeypatch, columns=80, rows=24):
        self.terminal = Terminal(columns, rows)
        self.now = 0.0
        monkeypatch.setenv("TERM", "xterm")
        monkeypatch.setenv("NO_COLOR", "1")
        monkeypatch.setattr(sys, "stdout", self)
        monkeypatch.setattr("shutil.get_terminal_size", lambda *_, **__: os.terminal_size((columns, rows)))
        self.events = TrafficEvents(err=False, clock=lambda: self.now)
        monkeypatch.setattr(self.events.area, "_size", lambda: os.terminal_size((columns, rows)))

    def isatty(self):
        return True

    def write(self, text):
        self.terminal.feed(text)

    def flush(self):
        pass

    def add(self, number, *values):
        for value in values:
            self.events.add(Passed(number, value, "", Summary(), None), str)

    def drawn(self):
        self.events.draw()
        return self.terminal.text


def test_what_has_no_head_yet_is_waited_for(monkeypatch):
    screen = Screen(monkeypatch)
    screen.add(1, None)
    screen.now = 5.0
    screen.add(2, None)
    screen.now = 12.0
    assert screen.drawn().splitlines() == [
        "#1 waiting 12 s for the response's head",
        "#2 waiting 7 s for the response's head",
    ]


def test_a_lone_exchange_is_folded_without_tags_and_nothing_is_left_of_its_rows(monkeypatch):
    screen = Screen(monkeypatch)
    screen.add(3, None, *VALUES[:9])
    assert "deltas" in screen.drawn()
    screen.add(3, *VALUES[9:])
    screen.events.close()
    lines = screen.terminal.text.splitlines()
    assert lines[0].startswith("#3 · POST") or "#3" in lines[0]
    assert not any(line.startswith("#3 ") and "deltas" in line for line in lines)
    assert sum("deltas" in line for line in lines) == 1


def test_overlapping_exchanges_have_tags_and_their_texts_stay_whole(monkeypatch):
    screen = Screen(monkeypatch)
    for number in (1, 2):
        screen.add(number, None)
    for value in VALUES:
        screen.add(1, value)
        screen.add(2, value)
        screen.drawn()
    screen.events.close()
    lines = screen.terminal.text.splitlines()
    text = "".join(part.get("text", "") for part in HELLO.message()["content"])
    for number in (1, 2):
        mine = " ".join(
            line.removeprefix(f"#{number}").strip() for line in lines if line.startswith(f"#{number}")
        )
        assert [word for word in text.split() if word not in mine] == []
        assert mine.count("complete at") == 1


def test_more_exchanges_than_rows_are_counted(monkeypatch):
    screen = Screen(monkeypatch, rows=10)
    for number in range(1, 101):
        screen.add(number, None)
    screen.now = 5.0
    lines = screen.drawn().splitlines()
    assert len(lines) <= 9
    assert lines[-1] == "… and 98 more under way"


def test_where_another_program_prints_nothing_is_drawn_again(monkeypatch):
    monkeypatch.setenv("TERM", "xterm")
    assert TrafficEvents(err=True, redraw=False).area is None
