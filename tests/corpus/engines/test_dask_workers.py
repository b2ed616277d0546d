"""Workers of a local cluster: forked of a process that has what they need, where processes are forked."""

from __future__ import annotations

import multiprocessing
import subprocess
import sys

import pytest

from inspector.corpus.engines.dask_workers import start_ahead

pytest.importorskip("distributed")

CHILD = """
import multiprocessing, sys
from inspector.corpus.engines.dask_workers import start_ahead
from inspector.corpus.member_reading import ReadJob

def main():
    method = start_ahead(ReadJob(list, "read"))
    import sys_modules_of_a_child
    context = multiprocessing.get_context(method)
    queue = context.SimpleQueue()
    context.Process(target=sys_modules_of_a_child.tell, args=(queue,)).start()
    print(method, *queue.get())

if __name__ == "__main__":
    main()
"""
TELL = """
import sys

def tell(queue):
    names = "distributed", "inspector.corpus.member_reading", "pandas"
    queue.put([name for name in names if name in sys.modules])
"""


@pytest.mark.skipif("forkserver" not in multiprocessing.get_all_start_methods(), reason="forks")
def test_a_worker_has_dask_and_the_job_from_its_first_moment_on(tmp_path):
    (tmp_path / "child.py").write_text(CHILD)
    (tmp_path / "sys_modules_of_a_child.py").write_text(TELL)
    command = [sys.executable, str(tmp_path / "child.py")]
    said = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    assert said.stdout.split() == ["forkserver", "distributed", "inspector.corpus.member_reading"]


def test_workers_are_started_anew_where_nothing_forks(monkeypatch):
    monkeypatch.setattr(multiprocessing, "get_all_start_methods", lambda: ["spawn"])
    assert start_ahead(print) == "spawn"
