"""The terminal: lines and colour."""

from __future__ import annotations

import sys

import pytest

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
    ],
    ids=["no width", "short", "indented", "hanging", "a path stays whole"],
)
def test_text_is_wrapped_to_columns(text, width, indent, lines):
    assert wrap(text, width, indent=indent).splitlines() == lines


@pytest.mark.parametrize("width", range(1, 120, 7))
def test_wrapping_loses_no_word(width):
    text = "    the stream ended cleanly after ev 16 (content_block_delta) without message_stop"
    assert wrap(text, width).split() == text.split()
