"""Many sources on several cores give what they give on one, in order, also when workers die."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import corpus_jobs
import pytest
from corpus_jobs import Dies, Fails, Names, Processes, flat, sources

from inspector.corpus.engines.process_pool import ProcessPool
from inspector.corpus.engines.this_process import ThisProcess
from inspector.errors import EngineError, FormatError

COUNT = 40


def names(count=COUNT):
    return flat([Names()(sources(count))])


@pytest.mark.parametrize("workers", [1, 2, 3, 50])
@pytest.mark.parametrize("count", [0, 1, 40, 700])
def test_results_are_in_the_order_of_the_sources(workers, count):
    assert flat(ProcessPool(workers).run(Names(), sources(count))) == names(count)


def test_several_processes_share_many_sources_and_none_is_this_one():
    taken = dict(flat(ProcessPool(3).run(Processes(), sources(COUNT))))
    assert os.getpid() not in taken.values()
    assert len(set(taken.values())) <= 3


def test_workers_that_are_started_anew_do_the_same():
    assert flat(ProcessPool(2, fresh=True).run(Names(), sources(COUNT))) == names()


@pytest.mark.parametrize("way", ["exit", "kill", "memory"])
@pytest.mark.parametrize("workers", [1, 2])
def test_only_the_source_that_no_worker_survives_is_lost(way, workers):
    results = flat(ProcessPool(workers).run(Dies(way=way), sources(COUNT)))
    why = {
        "exit": "the process that read it ended with status 9",
        "kill": "the process that read it was killed by SIGKILL; there may be too little memory",
        "memory": "reading it takes more memory than there is",
    }
    assert results == [f"{name} lost: {why[way]}" if name == "0007" else name for name in names()]


def test_several_sources_are_lost_and_the_rest_stays_in_order():
    lost = ("0000", "0001", "0019", "0039")
    results = flat(ProcessPool(2).run(Dies(at=lost), sources(COUNT)))
    assert [each.split()[0] for each in results] == names()
    assert [each.split()[0] for each in results if " lost" in each] == list(lost)


@pytest.mark.parametrize("way", ["exit", "kill", "memory"])
def test_a_batch_whose_worker_dies_once_is_done_by_another(way, tmp_path):
    once = tmp_path / "once"
    once.touch()
    assert flat(ProcessPool(2).run(Dies(way=way, once=str(once)), sources(COUNT))) == names()
    assert not once.exists()


def test_this_process_halves_a_batch_that_takes_too_much_memory():
    results = flat(ThisProcess().run(Dies(way="memory"), sources(COUNT)))
    assert [each for each in results if " lost" in each] == [
        "0007 lost: reading it takes more memory than there is"
    ]
    assert [each.split()[0] for each in results] == names()


@pytest.mark.parametrize(
    "error", [ZeroDivisionError("x"), FormatError("odd", path="a", line=3)], ids=["any", "not picklable"]
)
@pytest.mark.parametrize("workers", [1, 2])
def test_an_error_is_raised_here_with_what_it_says(error, workers):
    # An error that cannot be pickled is a RuntimeError. dask, once imported, makes more of them picklable.
    with pytest.raises((type(error), RuntimeError)) as raised:
        list(ProcessPool(workers).run(Fails(error), sources(COUNT)))
    assert str(error) in str(raised.value)


def test_workers_that_cannot_start_are_an_error(monkeypatch):
    monkeypatch.setattr(
        "inspector.corpus.engines.worker_process.leave_signals_to_parent", lambda: os._exit(7)
    )
    with pytest.raises(EngineError, match="no worker can be started: the process ended with status 7"):
        list(ProcessPool(2).run(Names(), sources(COUNT)))


def test_no_more_is_listed_than_is_under_way_and_looked_ahead():
    taken = []

    def endless():
        for source in sources(10**6):
            taken.append(source)
            yield source

    results = ProcessPool(2).run(Names(), endless())
    first = next(results)
    results.close()
    assert first[0] == "0000"
    assert len(taken) < 100_000 + 10_000


def test_a_run_that_is_left_ends_its_workers():
    results = ProcessPool(2).run(Processes(), sources(1000))
    workers = {process for _, process in next(results)}
    results.close()
    assert not workers & {child.pid for child in multiprocessing.active_children()}


ORPHANS = """
import os, sys
sys.path[:0] = sys.argv[1:]
from corpus_jobs import Processes, sources
from inspector.corpus.engines.process_pool import ProcessPool
results = ProcessPool(2).run(Processes(), sources(100000))
seen = set()
for result in results:
    seen |= {process for _, process in result}
    if len(seen) == 2:
        break
print(*seen, flush=True)
os.kill(os.getpid(), 9)
"""


def test_workers_end_when_their_process_is_killed():
    folder = str(Path(corpus_jobs.__file__).parent)
    run = subprocess.run([sys.executable, "-c", ORPHANS, folder], stdout=subprocess.PIPE, text=True)
    assert run.returncode == -signal.SIGKILL
    left = list(map(int, run.stdout.split()))
    assert len(left) == 2
    deadline = time.monotonic() + 30
    while any(map(_runs, left)):
        assert time.monotonic() < deadline


def _runs(process):
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
