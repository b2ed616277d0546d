"""The rows of an open run are the last ones of what is printed at its end."""

from __future__ import annotations

import json

import pytest

from inspector import Head, Request, Response, TimedBlock
from inspector.cli._open_rows import OpenRows
from inspector.cli._pretty import Pretty
from inspector.cli._printer_base import View
from inspector.cli._printing import Output
from inspector.cli._selection import Selection

HEAD = Head("", Request("POST", "https://x/v1/messages", {}), Response(0.5, 200, {}))


class Kept(Output):
    """Output of a terminal of 40 columns that keeps its lines."""

    width = 40

    def __init__(self):
        super().__init__(live=True)
        self.lines = []

    def line(self, text):
        self.lines += text.split("\n")

    def flush(self):
        pass


def delta(number, text, kind="text"):
    data = {"type": "content_block_delta", "index": 0, "delta": {"type": f"{kind}_delta", kind: text}}
    return TimedBlock(1 + number / 100, "content_block_delta", json.dumps(data).encode())


def printing(*, fold=True):
    printer = Pretty(Selection(), Kept(), live=True, color=False, view=View(fold=fold))
    printer.add(HEAD)
    printer.out.lines.clear()
    return printer, OpenRows(printer)


def test_a_short_run_is_drawn_as_it_will_be_printed():
    printer, rows = printing()
    for number in range(20):
        printer.add(delta(number, f"quick {number} fox "))
    assert printer.out.lines == []
    drawn = rows.rows(20)
    printer._print_parts(printer.fold.end())
    assert drawn == printer.out.lines
    assert rows.rows(20) == []


@pytest.mark.parametrize("words", [500, 5000])
def test_a_long_run_has_its_label_its_last_words_and_its_numbers(words):
    printer, rows = printing()
    for number in range(words):
        printer.add(delta(number, f"word{number} " if number % 50 else f"word{number}\n"))
        if number % 10 == 0:
            drawn = rows.rows(6)
            assert len(drawn) <= 6
            assert "0 text" in drawn[0]
            assert f"word{number}" in " ".join(drawn)
    assert f"{words - 9:,} deltas" in " ".join(drawn)


def test_one_huge_delta_is_cut_to_what_is_seen():
    printer, rows = printing()
    printer.add(delta(0, "a "))
    printer.add(delta(1, "b" * 90_000 + " end"))
    drawn = rows.rows(5)
    assert len(drawn) == 5
    assert "end" in " ".join(drawn)


def test_a_frame_looks_at_no_more_of_a_longer_run():
    class Counted(str):
        read = 0

        def __len__(self):
            Counted.read += 1
            return super().__len__()

    printer, rows = printing()
    for number in range(3000):
        printer.add(delta(number, "word "))
    run = printer.fold.open[0]
    rows.rows(6)
    run.pieces[:] = map(Counted, run.pieces)
    for number in range(3000, 3010):
        printer.add(delta(number, "word "))
    Counted.read = 0
    rows.rows(6)
    assert Counted.read < 500


def test_hostile_text_is_escaped_in_open_rows():
    printer, rows = printing()
    for number, text in enumerate(["\x1b[2J", "\x1b]0;title\x07", "[b]x[/b]", "\u202eevil", "\r"]):
        printer.add(delta(number, text))
    drawn = "".join(rows.rows(20))
    assert drawn.isprintable()
    assert "[b]x[/b]" in drawn


def test_unfolded_there_is_nothing_open():
    printer, rows = printing(fold=False)
    printer.add(delta(0, "a"))
    assert rows.rows(20) == []
