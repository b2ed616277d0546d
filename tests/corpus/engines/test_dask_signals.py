"""A signal that comes while a run of dask starts ends it at once, and leaves nothing half made."""

from __future__ import annotations

import gc
import signal
import threading
from pathlib import Path

import pytest
from corpus_jobs import Names, sources

from inspector.corpus.engines.dask_engine import DaskEngine
from inspector.corpus.engines.held_signals import signals_held

distributed = pytest.importorskip("distributed")
pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning"),
    pytest.mark.skipif(not hasattr(signal, "pthread_sigmask"), reason="signals do not wait here"),
]


@pytest.mark.parametrize("name", ["Client", "LocalCluster"])
def test_what_starts_while_a_signal_comes_has_ended_when_the_run_does(monkeypatch, name):
    made = []

    class Interrupted(getattr(distributed, name)):
        async def _start(self, *arguments, **named):
            made.append(self)
            # To the thread that holds it back: this process may have threads of others, as under xdist.
            signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)
            return await super()._start(*arguments, **named)

    monkeypatch.setattr(distributed, name, Interrupted)
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [])
    with pytest.raises(KeyboardInterrupt) as interruption:
        list(DaskEngine(workers=1).run(Names(), sources(4)))
    assert [str(each.status).split(".")[-1] for each in made] == ["closed"]
    # Nothing of dask was interrupted: it would be half made.
    assert not [entry for entry in interruption.traceback if "distributed" in Path(entry.path).parts]
    assert signal.pthread_sigmask(signal.SIG_BLOCK, []) == before


def test_no_code_runs_in_garbage_collections_where_what_a_signal_raises_would_be_lost():
    before = list(gc.callbacks)  # there may be that of another run in this process
    results = DaskEngine(workers=1).run(Names(), sources(700))
    next(results)
    assert [each for each in gc.callbacks if each not in before] == []
    results.close()
    assert [each for each in gc.callbacks if each not in before] == []


def test_a_signal_that_comes_while_the_others_are_held_back_leaves_none_of_them_held(monkeypatch):
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [])
    mask = signal.pthread_sigmask

    def late(how, numbers):
        old = mask(how, numbers)
        if numbers and how == signal.SIG_BLOCK:
            raise KeyboardInterrupt
        return old

    monkeypatch.setattr(signal, "pthread_sigmask", late)
    with pytest.raises(KeyboardInterrupt), signals_held(spawns=False):
        pass
    assert mask(signal.SIG_BLOCK, []) == before
