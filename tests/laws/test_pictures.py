"""The pictures of the README show what the program does now."""

from __future__ import annotations

import re
import struct
from xml.etree import ElementTree

import pytest
from pictures import PICTURES, STREAM, left_on_screen, svg_text, terminal_output
from terminal_emulator import Terminal

SVG = (PICTURES / "stream.svg").read_text(encoding="utf-8")
ESCAPES = re.compile(r"\x1b\[[?\d;]*[A-Za-z]")


def without_times(lines):
    text = " ".join(" ".join(lines).split())
    text = re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", "DATE", text)
    text = re.sub(r"\banthropic \d+\.\d+\.\d+", "anthropic VERSION", text)
    return re.sub(r"\b[\d,.]+/s|[+]?\d+\.\d{3}", "TIME", text)


@pytest.mark.parametrize("speed", ["1000", "4"])
def test_the_terminal_says_what_the_program_prints(speed):
    drawn = svg_text(SVG)
    assert drawn[0] == f"$ inspector {' '.join(STREAM)}"
    written = terminal_output(*STREAM, "--speed", speed)
    assert without_times(drawn[1:]) == without_times(ESCAPES.sub("", left_on_screen(written)).splitlines())


def test_what_is_left_on_screen_is_what_a_terminal_emulator_leaves():
    written = terminal_output(*STREAM, "--speed", "4")
    assert "\x1b[J" in written, "nothing was drawn twice, so this proves nothing"
    emulator = Terminal(80, 40)
    emulator.feed(written)
    assert ESCAPES.sub("", left_on_screen(written)) == emulator.text


def test_the_picture_loads_nothing_from_elsewhere():
    ElementTree.fromstring(SVG)
    assert re.findall(r"https?:[^\"'<\s]*", re.sub(r">[^<>]*<", "><", SVG)) == ["http://www.w3.org/2000/svg"]
    assert not re.search(r"url\((?!#)|@import|@font-face|<(script|image|foreignObject)|\bhref", SVG)


def test_the_picture_of_the_page_is_small():
    data = (PICTURES / "report.png").read_bytes()
    assert data.startswith(b"\x89PNG")
    assert len(data) < 150_000
    width, height = struct.unpack(">II", data[16:24])
    assert (width, height) == (1100, 780)
