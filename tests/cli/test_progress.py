"""The progress of long work: one line on a terminal, gone at the end, and nothing anywhere else."""

from __future__ import annotations

import contextlib
import io
import re

import pytest
from rich.cells import cell_len
from terminal_emulator import Terminal

from inspector.cli import _progress
from inspector.cli._printing import bars, echo, print_pieces, print_shown, say
from inspector.cli._progress import Progress

ERASED = "\r\x1b[2K"
CSI = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]")


class Screen(io.StringIO):
    def isatty(self):
        return True


class Clock:
    """A clock that goes on by a second with each look, and at once if somebody waits."""

    def __init__(self):
        self.now = 0.0

    def monotonic(self):
        self.now += 1
        return self.now


@pytest.fixture
def screen(monkeypatch):
    """Standard error on a terminal. Nothing but the steps draws: no thread does."""
    monkeypatch.setattr(_progress, "time", Clock())
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    return Screen()


@contextlib.contextmanager
def progress_on(screen, label="checking", total=None, **how):
    with contextlib.redirect_stderr(screen), Progress(label, total, forks=True, **how) as progress:
        yield progress


def lines(screen):
    bare = [CSI.sub("", line) for line in re.split(r"[\r\n]+", screen.getvalue())]
    return [" ".join(re.sub("[━╸╺]", "", line).split()) for line in bare]


def test_it_shows_how_far_how_fast_what_failed_and_the_time_left(screen):
    with progress_on(screen, total=20_000) as progress:
        progress.show(4_000, unreadable=3)
    assert "checking 4,000/20,000 2,000/s 3 unreadable 0:00:08 left" in lines(screen)


def test_while_nobody_knows_how_many_steps_there_are_it_shows_the_time_so_far(screen):
    known = iter([None, 20_000])
    with progress_on(screen, total=lambda: next(known)) as progress:
        progress.show(4_000)
        progress.step(4_000)
    shown = lines(screen)
    assert "checking 4,000 2,000/s 0:00:02" in shown
    assert any(line.startswith("checking 8,000/20,000") and line.endswith("left") for line in shown)


def test_work_of_one_step_shows_that_it_goes_on(screen):
    with progress_on(screen, total=1) as progress:
        progress.show(0)
    assert "checking 0/1 0:00:02" in lines(screen)


def test_a_thread_draws_while_a_step_takes_long(monkeypatch):
    drawn = []
    monkeypatch.setattr(_progress, "_MOMENT", 0)
    monkeypatch.setattr(_progress, "_REFRESH", 0)
    screen = Screen()
    write = screen.write
    screen.write = lambda text: (write(text), drawn.append(text), drawn_twice())
    from threading import Event

    twice = Event()

    def drawn_twice():
        if len(drawn) > 1:
            twice.set()

    with contextlib.redirect_stderr(screen), Progress("checking", 1):
        assert twice.wait(60)
    assert "checking" in screen.getvalue()
    assert screen.getvalue().endswith(ERASED)


def test_work_that_may_fork_this_process_starts_no_thread(screen, monkeypatch):
    import threading

    monkeypatch.setattr(threading, "Thread", None)
    with progress_on(screen) as progress:
        progress.show(1)
    assert "checking" in screen.getvalue()


def test_short_work_draws_nothing(screen, monkeypatch):
    monkeypatch.setattr(_progress, "_MOMENT", 1000)
    with progress_on(screen, total=3) as progress:
        progress.step()
    assert screen.getvalue() == ""


@pytest.mark.parametrize("why", ["a pipe", "quiet", "TERM=dumb"])
def test_it_is_drawn_on_a_terminal_only_and_not_if_quiet(screen, why, monkeypatch):
    if why == "a pipe":
        monkeypatch.setattr(Screen, "isatty", lambda self: False)
    if why == "TERM=dumb":
        monkeypatch.setenv("TERM", "dumb")
    with progress_on(screen, total=2, quiet=why == "quiet") as progress:
        progress.step()
        assert bars == []
    assert screen.getvalue() == ""


def test_without_colour_it_is_plain_text(screen, monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    with progress_on(screen, total=2) as progress:
        progress.step()
    assert set(CSI.findall(screen.getvalue())) == {"\x1b[2K"}


def test_a_label_is_text_and_no_markup(screen):
    with progress_on(screen, "read [bold]\x07") as progress:
        progress.step()
    assert any(line.startswith(r"read [bold]\x07 1") for line in lines(screen))


PRINTS = {
    "echo": lambda: echo("a report"),
    "print_shown": lambda: print_shown("a report\n"),
    "say": lambda: say("a report"),
    "print_pieces": lambda: print_pieces([b"a report\n"]),
}


@pytest.mark.parametrize("print_", PRINTS.values(), ids=PRINTS)
def test_what_is_printed_stands_above_it(print_, screen):
    with contextlib.redirect_stdout(screen), progress_on(screen, total=2) as progress:
        progress.step()
        before = screen.getvalue()
        print_()
        after = screen.getvalue().removeprefix(before).replace("\x1b[0m\n", "\n")
        assert re.fullmatch(rf"{re.escape(ERASED)}(inspector: )?a report\n.*checking.*", after)
    assert bars == []


def test_at_the_end_it_is_gone_also_after_an_error(screen):
    with pytest.raises(KeyboardInterrupt), progress_on(screen, total=2) as progress:
        progress.step()
        raise KeyboardInterrupt
    assert screen.getvalue().endswith(ERASED)
    assert bars == []
    assert "\x1b[?25" not in screen.getvalue()  # the cursor was never hidden


@pytest.mark.parametrize("columns", [20, 40, 80, 200])
def test_it_is_one_line_and_leaves_room_for_what_the_terminal_shows_on_ctrl_c(columns, screen, monkeypatch):
    monkeypatch.setenv("COLUMNS", str(columns))
    with progress_on(screen, total=2_000_000_000) as progress:
        progress.show(1_234_567_890, unreadable=1_234)
        line = CSI.sub("", screen.getvalue()).strip("\r")
        terminal = Terminal(columns=columns)
        terminal.feed(line + "^C")
    assert "\n" not in terminal.text and cell_len(terminal.text) < columns


def test_a_process_that_was_forked_draws_nothing(screen, monkeypatch):
    with progress_on(screen, total=2) as progress:
        progress.step()
        drawn = screen.getvalue()
        monkeypatch.setattr(_progress.os, "getpid", lambda: -1)
        progress.step()
        echo("x", err=True)
        assert CSI.sub("", screen.getvalue().removeprefix(drawn)) == "x\n"
        monkeypatch.undo()


def test_a_terminal_that_goes_away_ends_nothing(screen):
    with progress_on(screen, total=2) as progress:
        screen.write = lambda text: (_ for _ in ()).throw(OSError(5, "Input/output error"))
        progress.step()
