"""dask.distributed runs the same jobs: on a cluster here, and on one that was started by somebody else."""

from __future__ import annotations

import gc
import os
import re
import signal
import socket
import socketserver
import subprocess
import sys
import threading
from pathlib import Path

import corpus_jobs
import pytest
from corpus_jobs import Addresses, Dies, Fails, Names, Processes, flat, sources
from loopback import eventually

from inspector._version import __version__
from inspector.corpus.engines import dask_engine
from inspector.corpus.engines.dask_engine import DaskEngine
from inspector.corpus.engines.dask_needs import needs_of
from inspector.corpus.engines.dask_versions import VersionsDifferError, call_same_version, difference_of
from inspector.errors import EngineError
from inspector.storage import Source

distributed = pytest.importorskip("distributed")
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")

COUNT = 40
HERE = str(Path(corpus_jobs.__file__).parent)


@pytest.fixture(autouse=True)
def jobs_are_there(monkeypatch):
    """Workers import the jobs of the tests as they import those of inspector."""
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([HERE, os.environ.get("PYTHONPATH", "")]))


@pytest.fixture(autouse=True)
def long_limits(monkeypatch):
    """A worker that starts in two seconds may take a minute if the machine is busy. Wait for it."""
    for name in ("_CONNECT", "_WORKERS", "_GONE"):
        monkeypatch.setattr(dask_engine, name, 300.0)


def names(count=COUNT):
    return flat([Names()(sources(count))])


def test_results_are_in_the_order_of_the_sources():
    assert flat(DaskEngine(workers=2).run(Names(), sources(700))) == names(700)


def test_the_source_that_no_worker_survives_is_lost_and_another_death_loses_nothing(tmp_path):
    once = tmp_path / "once"
    once.touch()
    job = Dies(at=("0003",), way="kill", once=str(once))
    assert flat(DaskEngine(workers=2).run(job, sources(8))) == names(8)
    assert not once.exists()
    results = flat(DaskEngine(workers=2).run(Dies(at=("0001",)), sources(4)))
    assert results == ["0000", "0001 lost: the worker that read it died", "0002", "0003"]


def test_a_worker_that_is_killed_in_the_middle_loses_nothing():
    results = DaskEngine(workers=2).run(Processes(), sources(5000))
    first = next(results)
    os.kill(first[0][1], signal.SIGKILL)
    assert [name for name, _ in first + flat(results)] == names(5000)


def test_an_error_is_raised_here():
    with pytest.raises(ZeroDivisionError):
        list(DaskEngine(workers=1).run(Fails(), sources(COUNT)))


def test_a_scheduler_that_is_not_there_is_an_error_soon(monkeypatch):
    monkeypatch.setattr(dask_engine, "_CONNECT", 0.5)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{free.getsockname()[1]}"
        with pytest.raises(EngineError, match=f"the scheduler {address} cannot be reached: "):
            list(DaskEngine(address).run(Names(), sources(1)))


def test_without_the_library_the_error_names_the_extra(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(EngineError, match=r'pip install "sse-inspector\[dask\]"'):
        DaskEngine()


class Cluster:
    """A scheduler and a worker of it, as a user starts them."""

    def __init__(self, *options):
        self.scheduler = self._start("dask_scheduler", "--port", "0", "--no-dashboard")
        line = next(line for line in self.scheduler.stderr if "Scheduler at:" in line)
        self.address = line.split()[-1]
        self.worker = self._start("dask_worker", self.address, "--nthreads", "1", "--no-dashboard", *options)

    def _start(self, what, *options):
        command = [sys.executable, "-m", f"distributed.cli.{what}", "--host", "127.0.0.1", *options]
        if what == "dask_scheduler":
            return subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        return subprocess.Popen(command, stderr=subprocess.DEVNULL)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for process in (self.worker, self.scheduler):
            process.kill()
            process.wait()
        self.scheduler.stderr.close()


def test_a_scheduler_that_dies_in_the_middle_is_an_error_and_what_came_before_is_there(monkeypatch):
    with Cluster() as cluster:
        results = DaskEngine(cluster.address).run(Names(), sources(100_000))
        assert next(results)[0] == "0000"
        monkeypatch.setattr(dask_engine, "_GONE", 2.0)
        cluster.scheduler.kill()
        with pytest.raises(EngineError, match=f"{cluster.address} is gone: the run ends here"):
            list(results)


def test_a_scheduler_that_is_gone_before_the_next_batch_is_the_same_error(monkeypatch):
    clients = []
    connect = dask_engine._connected
    monkeypatch.setattr(
        dask_engine, "_connected", lambda address: clients.append(connect(address)) or clients[0]
    )
    with Cluster() as cluster:
        results = DaskEngine(cluster.address).run(Names(), sources(100_000))
        assert next(results)[0] == "0000"
        clients[0]._timeout = 0.1  # seconds in which it would connect again
        cluster.scheduler.kill()
        assert eventually(lambda: clients[0].status == "closed")
        with pytest.raises(EngineError, match=f"{cluster.address} is gone: the run ends here"):
            list(results)


def test_a_scheduler_that_is_gone_while_a_result_is_fetched_is_the_same_error(monkeypatch):
    def fetched(future):
        raise distributed.comm.CommClosedError("in <TCP (closed) ConnectionPool.gather …>")

    monkeypatch.setattr("distributed.Future.result", fetched)
    with pytest.raises(EngineError, match=r"tcp://127\.0\.0\.1:\d+ is gone: the run ends here"):
        list(DaskEngine(workers=1).run(Names(), sources(1)))


def test_a_result_is_fetched_once(monkeypatch):
    fetched = []
    result = distributed.Future.result

    def counted(future, **limit):
        fetched.append(future.key)
        return result(future, **limit)

    monkeypatch.setattr(distributed.Future, "result", counted)
    batches = len(list(DaskEngine(workers=1).run(Names(), sources(COUNT))))
    assert len(fetched) == len(set(fetched)) == batches


def test_an_error_of_the_system_that_the_job_raises_is_raised_here():
    with pytest.raises(PermissionError):
        list(DaskEngine(workers=1).run(Fails(error=PermissionError()), sources(COUNT)))


@pytest.mark.parametrize("when", ["while it runs", "while it is fetched"])
def test_a_batch_that_dask_cancels_is_an_error_in_a_sentence(monkeypatch, when):
    def fetched(future):
        raise UnboundLocalError("cannot access local variable 'result'")  # as distributed 2026.8 does

    monkeypatch.setattr(dask_engine._Run, "_wait", lambda run, future: future.cancel())
    if when == "while it is fetched":
        monkeypatch.setattr("distributed.Future.result", fetched)
    with pytest.raises(EngineError, match=r"tcp://127\.0\.0\.1:\d+ is gone: the run ends here"):
        list(DaskEngine(workers=1).run(Names(), sources(1)))


@pytest.mark.parametrize("call", ["wait_for_workers", "get_versions", "run"])
def test_a_scheduler_that_dies_while_it_is_checked_is_the_same_error(monkeypatch, call):
    from distributed.comm import CommClosedError

    def broken(client, *arguments, **options):
        raise CommClosedError("in <TCP (closed) ConnectionPool.broadcast>")

    monkeypatch.setattr(f"distributed.Client.{call}", broken)
    with Cluster() as cluster, pytest.raises(EngineError, match=f"{cluster.address} is gone: the run ends"):
        list(DaskEngine(cluster.address).run(Names(), sources(1)))


def test_a_cluster_without_workers_is_an_error_soon(monkeypatch):
    monkeypatch.setattr(dask_engine, "_WORKERS", 0.5)
    with Cluster() as cluster:
        cluster.worker.kill()
        cluster.worker.wait()
        with pytest.raises(EngineError, match=r"has no workers after 0\.5 seconds"):
            list(DaskEngine(cluster.address).run(Names(), sources(1)))


def test_a_worker_of_another_version_is_refused_in_a_sentence(tmp_path):
    preload = tmp_path / "older.py"
    preload.write_text("import inspector._version\ninspector._version.__version__ = '0.0.1'\n")
    with Cluster("--preload", str(preload)) as cluster, pytest.raises(EngineError) as raised:
        list(DaskEngine(cluster.address).run(Names(), sources(1)))
    assert f"has sse-inspector 0.0.1, and this process {__version__}: install " in str(raised.value)
    assert len(str(raised.value).splitlines()) == 1


def test_a_worker_without_the_library_of_the_sources_is_refused_by_its_address(tmp_path):
    preload = tmp_path / "without.py"
    preload.write_text("import sys\nsys.modules['obstore'] = None\n")
    with Cluster("--preload", str(preload)) as cluster:
        assert flat(DaskEngine(cluster.address).run(Names(), sources(COUNT))) == names()
        with pytest.raises(EngineError) as raised:
            list(DaskEngine(cluster.address).run(Names(), [*sources(2), Source("s3://bucket/a")]))
    (line,) = str(raised.value).splitlines()
    assert re.match(
        r"the worker tcp://127\.0\.0\.1:\d+ has no obstore, which reading these sources takes: ", line
    )


def test_a_worker_that_joins_later_without_the_library_is_refused_too(monkeypatch):
    assert needs_of([Source("s3://bucket/a.zst"), Source("a")]) == ["backports.zstd", "obstore"]
    monkeypatch.setitem(sys.modules, "obstore", None)
    with pytest.raises(VersionsDifferError, match="has no obstore, which reading these sources takes"):
        call_same_version(__version__, Names(), sources(1), ["obstore"])
    assert needs_of([Source("s3://bucket/a")]) == []  # this process could not read it either


def replying(data):
    """A server that says something to whoever comes, whatever it is asked."""

    class Handler(socketserver.BaseRequestHandler):
        def handle(self):
            self.request.sendall(data)
            while self.request.recv(1000):
                pass

    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    return server


OTHERS = {
    "HTTP": (b"HTTP/1.1 400 Bad Request\r\n\r\n", 300.0, "what answers there speaks another protocol"),
    "another": (b"\5\0\0\0\0\0\0\0hello", 300.0, "what answers there speaks another protocol"),
    "silence": (b"", 0.5, "it does not answer as one"),
}
"""What comes, the limit in seconds, and what is said. Only silence is not waited for."""


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
@pytest.mark.parametrize(("data", "limit", "why"), OTHERS.values(), ids=OTHERS)
def test_a_port_that_is_no_scheduler_is_one_line_and_dask_says_nothing(monkeypatch, capfd, data, limit, why):
    monkeypatch.setattr(dask_engine, "_CONNECT", limit)
    server = replying(data)
    address = f"tcp://127.0.0.1:{server.server_address[1]}"
    with pytest.raises(EngineError) as raised:
        list(DaskEngine(address).run(Names(), sources(1)))
    server.shutdown()
    server.server_close()
    gc.collect()
    assert str(raised.value) == f"{address} is no dask scheduler: {why}"
    assert capfd.readouterr() == ("", "")


def test_the_address_of_a_worker_is_no_scheduler():
    with Cluster() as cluster:
        (address,) = {
            address for _, address in next(DaskEngine(cluster.address).run(Addresses(), sources(1)))
        }
        with pytest.raises(EngineError, match="it is a Worker of dask; name the scheduler's own address"):
            list(DaskEngine(address).run(Names(), sources(1)))


def test_a_worker_that_joins_later_is_refused_too():
    with pytest.raises(VersionsDifferError, match=f"a worker has sse-inspector {__version__}, and this"):
        call_same_version("0.0.1", Names(), sources(1))


OURS = {"python": "3.11.7.final.0", "dask": "1", "distributed": "1", "numpy": "1"}


@pytest.mark.parametrize(
    ("side", "changes", "sentence"),
    [
        ("workers", {}, ""),
        ("workers", {"python": "3.11.9.final.0", "numpy": "9"}, ""),
        ("workers", {"python": "3.12.0.final.0"}, "the worker a has python 3.12, and this process 3.11: "),
        ("scheduler", {"distributed": "0"}, "the scheduler has distributed 0, and this process 1: "),
    ],
)
def test_which_versions_must_be_the_same(side, changes, sentence):
    versions = {"client": OURS, "scheduler": OURS, "workers": OURS}
    versions[side] = {**OURS, **changes}
    described = {name: {"packages": packages} for name, packages in versions.items()}
    described["workers"] = {"a": described["workers"]}
    difference = difference_of(described, {"a": __version__})
    assert difference.startswith(sentence) and bool(difference) is bool(sentence)


def test_a_worker_without_inspector_is_refused():
    described = {name: {"packages": OURS} for name in ("client", "scheduler")} | {"workers": {}}
    difference = difference_of(described, {"a": ModuleNotFoundError("inspector")})
    assert difference.startswith(f"the worker a has no sse-inspector, and this process {__version__}: ")
