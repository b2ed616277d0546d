"""Workers of a local cluster: forked of one process that has what they need, and gone with the run."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import corpus_jobs
import pytest
from corpus_jobs import Names, flat, sources
from loopback import eventually

from inspector.corpus.engines.dask_engine import DaskEngine
from inspector.corpus.engines.dask_workers import Workers

dask = pytest.importorskip("dask")
distributed = pytest.importorskip("distributed")
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")

FORKS = "fork" in multiprocessing.get_all_start_methods()
HERE = Path(__file__).parent
TICK = "distributed.admin.tick.interval"
CHILD = """
import os, signal, sys, tempfile
from corpus_jobs import Names, sources
from inspector.corpus.engines.dask_engine import DaskEngine

def main():
    tempfile.tempdir = sys.argv[1]
    results = DaskEngine(workers=2).run(Names(), sources(100_000))
    next(results)
    print(*sorted(os.listdir(sys.argv[1])), flush=True)
    os.kill(os.getpid(), signal.SIGKILL)

if __name__ == "__main__":
    main()
"""


@dataclass
class Origins(Names):
    """Return where each source was read: the worker's parent, and one of its settings of dask."""

    def __call__(self, sources):
        import dask

        return [(os.getppid(), dask.config.get(TICK)) for _ in sources]


@pytest.fixture(autouse=True)
def jobs_are_there(monkeypatch):
    """A new process imports the jobs of the tests as it imports those of inspector."""
    paths = [str(HERE), str(Path(corpus_jobs.__file__).parent), os.environ.get("PYTHONPATH", "")]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(paths))


@pytest.mark.skipif(not FORKS, reason="nothing forks here")
@pytest.mark.parametrize("fresh", [False, True])
def test_all_workers_come_from_one_process_and_have_the_settings_of_the_run(fresh):
    before = dask.config.get(TICK)
    ((keeper, tick),) = set(flat(DaskEngine(workers=2, fresh=fresh).run(Origins(), sources(700))))
    assert keeper != os.getpid()
    assert (tick, dask.config.get(TICK)) == ("1s", before)


@pytest.mark.parametrize("methods", [["spawn"], ["fork", "spawn"]] if FORKS else [["spawn"]])
def test_workers_started_anew_do_the_same_as_forked_ones(monkeypatch, methods):
    monkeypatch.setattr(multiprocessing, "get_all_start_methods", lambda: methods)
    assert flat(DaskEngine(workers=1).run(Names(), sources(40))) == flat([Names()(sources(40))])


@pytest.mark.skipif(not FORKS, reason="a process is killed by a signal here")
def test_workers_end_and_leave_no_folder_if_this_process_is_killed(tmp_path):
    script = tmp_path / "killed.py"
    script.write_text(CHILD)
    folder = tmp_path / "temporary"
    folder.mkdir()
    # Every worker has this pipe, too: its end says that all of them are gone.
    ended = subprocess.run([sys.executable, str(script), str(folder)], stdout=subprocess.PIPE, timeout=120)
    assert b"inspector-dask-" in ended.stdout
    assert list(folder.iterdir()) == []


@pytest.mark.skipif(not FORKS, reason="a process is killed by a signal here")
@pytest.mark.parametrize("killed", [False, True])
def test_a_run_leaves_no_folder_also_if_the_keeper_is_killed(monkeypatch, tmp_path, killed):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    results = DaskEngine(workers=2).run(Origins(), sources(700))
    first = next(results)
    assert [path.name.startswith("inspector-dask-") for path in tmp_path.iterdir()] == [True]
    if killed:
        os.kill(first[0][0], signal.SIGKILL)
    assert len(first + flat(results)) == 700
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(not FORKS, reason="a process is killed by a signal here")
def test_workers_end_at_once_also_if_their_keeper_is_killed(tmp_path):
    with distributed.LocalCluster(n_workers=0, dashboard_address="127.0.0.1:0") as cluster:
        workers = Workers(Names(), 2)
        workers.start()
        workers.connect(cluster.scheduler_address, str(tmp_path / "folder"))
        assert eventually(lambda: len(cluster.scheduler.workers) == 2)
        workers._keeper.kill()
        workers.close()
        assert eventually(lambda: not cluster.scheduler.workers, seconds=20)


@pytest.mark.skipif(not FORKS, reason="nothing forks here")
def test_workers_that_never_come_to_run_are_not_started_without_an_end(monkeypatch, tmp_path):
    monkeypatch.setattr("distributed.Worker", lambda *_, **__: 1 / 0)
    workers = Workers(Names(), 2)
    workers.start()
    workers.connect("tcp://127.0.0.1:1", str(tmp_path / "folder"))
    workers._keeper.join(60)
    assert workers._keeper.exitcode == 0
    workers.close()


def test_workers_that_nobody_connected_end_too():
    workers = Workers(Names(), 2)
    workers.start()
    workers.close()
    assert workers._keeper.exitcode == 0
