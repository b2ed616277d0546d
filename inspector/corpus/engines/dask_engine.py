"""The engine for clusters: dask.distributed, https://distributed.dask.org.

Without an address it starts a cluster on this machine. Work stealing, retries on other workers and the
dashboard are dask's own. A batch that dask gives up, because its workers die, is halved, down to the one
source that does it.
"""

from __future__ import annotations

import contextlib
import importlib.util
import logging
import time
import warnings
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import CancelledError
from typing import Any

from inspector._version import __version__
from inspector.corpus.batches import Batches
from inspector.corpus.engines.dask_cluster import local_cluster
from inspector.corpus.engines.dask_dashboard import page_is_there
from inspector.corpus.engines.dask_greeting import greet
from inspector.corpus.engines.dask_needs import lack_of, missing, needs_of
from inspector.corpus.engines.dask_versions import (
    VersionsDifferError,
    call_same_version,
    difference_of,
    own_version,
)
from inspector.corpus.engines.dask_workers import import_dask
from inspector.corpus.engines.held_signals import signals_held
from inspector.corpus.engines.process_pool import cores
from inspector.corpus.engines.this_process import OUT_OF_MEMORY
from inspector.corpus.jobs import Job, Result
from inspector.errors import EngineError
from inspector.storage import Source

__all__ = ["DaskEngine"]

_CONNECT = 10.0  # seconds until a scheduler must have answered
_GONE = 15.0  # seconds without a scheduler, or without any worker, until the run ends
_WORKERS = 30.0  # seconds until the first worker must be there
_POLL = 0.2  # seconds
_INFO = 1.0  # seconds: the list of a big cluster's workers is long
_WINDOW = 4  # batches under way for each thread of a worker

_CONFIG = {  # of dask, while a run lasts
    "distributed.comm.timeouts.connect": f"{_CONNECT:g}s",
    "distributed.client.scheduler-info-interval": "1s",
    # A batch that ends its worker once is halved here; dask would try the whole of it four times.
    "distributed.scheduler.allowed-failures": 0,
}


class DaskEngine:
    """Call a job on the workers of `scheduler`, or of a cluster that is started here with `workers` of them.

    `fresh` is that of the process pool. `announce` gets the address of the dashboard.
    """

    def __init__(
        self,
        scheduler: str | None = None,
        workers: int | None = None,
        *,
        fresh: bool = False,
        announce: Callable[[str], object] = lambda line: None,
    ) -> None:
        if importlib.util.find_spec("distributed") is None:
            raise EngineError('--engine dask needs dask.distributed: pip install "sse-inspector[dask]"')
        self._scheduler, self._announce = scheduler, announce
        self._own_workers = (workers or cores()) if scheduler is None else 0
        self._fresh = fresh

    def run(self, job: Job[Result], sources: Iterable[Source]) -> Iterator[Result]:
        """Yield the results of all batches, in the order of the sources.

        Raises what the job raises, and `EngineError` for a scheduler or workers that are not there, are gone,
        or have other versions than this process.
        """
        with _silent_dask(), self._client(job) as client, _while_connected(client):
            yield from _Run(client, job, sources, self._own_workers).results()

    @contextlib.contextmanager
    def _client(self, job: Job[Any]) -> Iterator[Any]:
        if self._scheduler is None:
            cluster = local_cluster(job, self._own_workers, _CONFIG, fresh=self._fresh)
        else:
            cluster = self._cluster_there(self._scheduler)
        with contextlib.ExitStack() as stack:
            address = stack.enter_context(cluster)
            try:
                # Half a client ends in 20 seconds. So a signal waits for the whole of it: `_CONNECT` at most.
                with signals_held(spawns=False):
                    client = stack.enter_context(_connected(address))
            except (OSError, ValueError) as error:
                raise EngineError(f"the scheduler {self._scheduler} cannot be reached: {error}") from error
            if self._scheduler is not None:
                with _while_connected(client):
                    self._check(client)
            if "dashboard" in client.scheduler_info()["services"] and page_is_there(client.dashboard_link):
                self._announce(f"the dashboard is at {client.dashboard_link}")
            yield client

    @contextlib.contextmanager
    def _cluster_there(self, address: str) -> Iterator[str]:
        import_dask()  # its settings must be there before some are changed
        import dask

        with dask.config.set(_CONFIG):
            greet(address, _CONNECT)
            yield address

    def _check(self, client: Any) -> None:
        """Refuse a cluster without workers, or with other versions."""
        try:
            client.wait_for_workers(1, timeout=_WORKERS)
        except TimeoutError:
            message = f"the scheduler {self._scheduler} has no workers after {_WORKERS:g} seconds"
            raise EngineError(message) from None
        difference = difference_of(client.get_versions(), client.run(own_version, on_error="return"))
        if difference:
            raise EngineError(difference)


class _GivenUpError(Exception):
    """dask gave up a batch, because workers died of it, or of another one that they had."""


class _Run:
    """One run of a job: the batches that are under way, in order.

    `own_workers` is how many this process has started; they may be connecting yet. 0: others did.
    """

    def __init__(self, client: Any, job: Job[Any], sources: Iterable[Source], own_workers: int = 0) -> None:
        self._client, self._job, self._own_workers = client, job, own_workers
        self._seen, self._known_threads = -_INFO, 0
        self._batches = Batches(sources, self._width())
        self._order: deque[tuple[Sequence[Source], Any]] = deque()
        self._number = 0
        self._needs: set[str] = set()

    def results(self) -> Iterator[Any]:
        """Yield the results in order, as soon as they are there."""
        while True:
            window = _WINDOW * self._width()
            while len(self._order) < window and (batch := self._batches.take()):
                self._order.append(self._submitted(batch))
            if not self._order:
                return
            yield from self._first()

    def _width(self) -> int:
        """Return how many batches can run at once. Workers come and go."""
        return self._own_workers or max(self._threads(), 1)

    def _threads(self) -> int:
        """Return how many threads the workers have, as it was a second ago at most."""
        if time.monotonic() - self._seen >= _INFO:
            workers = self._client.scheduler_info(n_workers=-1)["workers"].values()
            self._known_threads = sum(worker["nthreads"] for worker in workers)
            self._seen = time.monotonic()
        return self._known_threads

    def _submitted(self, sources: Sequence[Source]) -> tuple[Sequence[Source], Any]:
        self._number += 1
        needs = needs_of(sources) if not self._own_workers else []
        if not self._needs.issuperset(needs):  # before anything that has such needs is read
            if lack := lack_of(self._client.run(missing, needs, on_error="return")):
                raise EngineError(lack)
            self._needs.update(needs)
        future = self._client.submit(
            call_same_version, __version__, self._job, sources, needs, pure=False, priority=-self._number
        )
        return sources, future

    def _first(self) -> Iterator[Any]:
        """Wait for the first batch. Yield its results, or hand out its halves."""
        sources, future = self._order.popleft()
        try:
            yield self._result(future)
        except _GivenUpError:
            if len(sources) == 1:
                yield self._alone(sources[0])
                return
            middle = len(sources) // 2
            halves = [self._submitted(sources[:middle]), self._submitted(sources[middle:])]
            self._order.extendleft(reversed(halves))

    def _alone(self, source: Source) -> Any:
        """Try a source once more while nothing else runs, and return its result, or that it is lost.

        dask gives up every batch that a worker has when it dies, also those that only wait there.
        """
        for _, future in self._order:
            self._wait(future)
        _, future = self._submitted([source])
        try:
            return self._result(future)
        except _GivenUpError as error:
            return self._job.lost(source, str(error))

    def _result(self, future: Any) -> Any:
        """Wait for a result, and return it. Raise `_GivenUpError` if dask gave its batch up."""
        from distributed import KilledWorker

        self._wait(future)
        try:
            return future.result()
        except KilledWorker:
            raise _GivenUpError("the worker that read it died") from None
        except MemoryError:
            raise _GivenUpError(OUT_OF_MEMORY) from None
        except VersionsDifferError as error:
            raise EngineError(str(error)) from None
        except Exception as error:
            # Of a batch cancelled while it is fetched, dask raises an UnboundLocalError. The client may not
            # know yet that its scheduler is gone.
            if isinstance(error, CancelledError) or future.cancelled():
                raise EngineError(f"{self._address()} is gone: the run ends here") from None
            raise

    def _wait(self, future: Any) -> None:
        """Wait until a batch is over; list more sources meanwhile. Raise if nobody is there to end it."""
        seen = time.monotonic()
        while not future.done():
            if self._batches.look_ahead():
                continue
            with contextlib.suppress(Exception):  # when it is done, it comes once more
                future.exception(timeout=_POLL)  # unlike `result`, this fetches nothing
            now = time.monotonic()
            if self._client.status == "running" and self._threads():
                seen = now
            elif now - seen > _GONE:
                raise self._gone()

    def _gone(self) -> EngineError:
        if self._client.status == "running":
            message = f"{self._address()} has had no workers for {_GONE:g} seconds: the run ends here"
            return EngineError(message)
        return EngineError(f"{self._address()} is gone: the run ends here")

    def _address(self) -> str:
        return self._client.scheduler.address if self._client.scheduler else "the scheduler"


def _connected(address: Any) -> Any:
    import distributed

    return distributed.Client(address, timeout=_CONNECT, set_as_default=False)  # type: ignore[no-untyped-call]


@contextlib.contextmanager
def _while_connected(client: Any) -> Iterator[None]:
    """Raise `EngineError` for what fails because the scheduler is gone, whichever call notices it."""
    from distributed.comm.core import CommClosedError

    address = client.scheduler.address  # which the client forgets when it gives up
    try:
        yield
    except EngineError:
        raise
    except Exception as error:
        # A call under way fails before the client knows. Once it knows, each of its methods fails in a way of
        # its own.
        if isinstance(error, CommClosedError) or client.status != "running":
            raise EngineError(f"{address} is gone: the run ends here") from None
        raise


@contextlib.contextmanager
def _silent_dask() -> Iterator[None]:
    """What happens to workers is in the results; dask's log of it is for its own users."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", module=r"distributed\b.*")
        try:
            yield
        finally:
            logging.disable(before)
