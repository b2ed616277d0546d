"""The progress of a run: one line on a terminal, gone at the end, and nothing anywhere else."""

from __future__ import annotations

import contextlib
import io
import re

import pytest

from inspector.cli import _corpus_progress
from inspector.cli._corpus_progress import CorpusProgress
from inspector.corpus.jobs import Counts
from inspector.corpus.totals import Totals


class Screen(io.StringIO):
    def isatty(self):
        return True


class Sources:
    """A listing that has come so far."""

    def __init__(self, count, complete):
        self.count, self.complete = count, complete


@pytest.fixture
def screen(monkeypatch):
    """Standard error on a terminal, and a clock that goes on by a second with each look."""
    seconds = iter(range(10_000))
    monkeypatch.setattr(_corpus_progress.time, "monotonic", lambda: next(seconds))
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("TERM", "xterm")
    return Screen()


@contextlib.contextmanager
def progress_on(screen, sources, *, quiet=False):
    with contextlib.redirect_stderr(screen), CorpusProgress("checking", sources, quiet=quiet) as progress:
        yield progress


def lines(screen):
    text = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", screen.getvalue())
    return [
        " ".join(line.replace("━", "").replace("╸", "").replace("╺", "").split())
        for line in re.split(r"[\r\n]+", text)
    ]


def test_it_shows_how_far_how_fast_what_failed_and_the_time_left(screen):
    with progress_on(screen, Sources(20_000, True)) as progress:
        progress.show(Counts(4_000, Totals(read=3_997, unreadable=3)))
    assert "checking 4,000/20,000 4,000/s 3 unreadable 0:00:04 left" in lines(screen)


def test_while_files_are_listed_nobody_knows_how_many_are_left(screen):
    with progress_on(screen, Sources(5_000, False)) as progress:
        progress.show(Counts(4_000, Totals(read=4_000)))
    assert "checking 4,000 4,000/s" in lines(screen)


def test_the_line_is_taken_away_for_what_is_printed_and_at_the_end(screen):
    with contextlib.redirect_stdout(screen), progress_on(screen, Sources(2, True)) as progress:
        progress.show(Counts(1, Totals(read=1)))
        with progress.aside():
            screen.write("a report\n")
    before = screen.getvalue().partition("a report")[0]
    assert before.endswith("\r\x1b[2K")
    assert screen.getvalue().rpartition("checking")[2].count("\x1b[2K") == 1


@pytest.mark.parametrize("quiet", [True, False])
def test_it_is_drawn_on_a_terminal_only_and_not_if_quiet(screen, quiet, monkeypatch):
    if not quiet:
        monkeypatch.setattr(Screen, "isatty", lambda self: False)
    with progress_on(screen, Sources(2, True), quiet=quiet) as progress:
        progress.show(Counts(1, Totals(read=1)))
        with progress.aside():
            pass
    assert screen.getvalue() == ""
