"""Many files on several cores give what they give on one, in order."""

from __future__ import annotations

import os

import pytest
from check_runs import CUT, run
from streams import GOOD, recording

from inspector.cli import _parallel
from inspector.cli._parallel import for_each_file
from inspector.recording import save

NAMES = [f"{number:03}" for number in range(8)]


@pytest.fixture
def parallel_from_6(monkeypatch):
    """Start processes for few files too: each costs time."""
    monkeypatch.setattr(_parallel, "PARALLEL_FROM", 6)


pytestmark = pytest.mark.usefixtures("parallel_from_6")


def test_check_says_the_same_on_two_cores_as_on_one(tmp_path):
    for number in range(60):
        save(CUT if number % 7 == 0 else recording(GOOD), tmp_path / f"{number:02}.jsonl")
    one, two = run("-j", 1, tmp_path), run("-j", 2, tmp_path)
    assert (one.stdout, one.exit_code) == (two.stdout, two.exit_code)
    assert one.stdout.count(": complete: ") == 51


@pytest.mark.parametrize("jobs", [1, 2, 3, 8, 11, None])
def test_results_are_in_the_order_of_the_names(jobs):
    assert for_each_file(str.upper, NAMES, jobs) == NAMES


def test_several_processes_share_many_files():
    assert len(set(for_each_file(lambda name: os.getpid(), NAMES, 3))) == 3


@pytest.mark.parametrize("names", [NAMES[:5], ["-", *NAMES]], ids=["few files", "standard input"])
def test_one_process_reads_few_files_and_standard_input(names):
    assert set(for_each_file(lambda name: os.getpid(), names, 3)) == {os.getpid()}


def test_the_share_of_a_process_that_dies_is_done_here():
    parent = os.getpid()

    def die_in_a_child(name):
        if os.getpid() != parent:
            os._exit(9)
        return name

    assert for_each_file(die_in_a_child, NAMES, 2) == NAMES


def test_an_error_is_raised_here_wherever_it_happens():
    def fail(name):
        if name == NAMES[1]:  # the second file is in the share of a child
            raise ZeroDivisionError(name)

    with pytest.raises(ZeroDivisionError):
        for_each_file(fail, NAMES, 2)
