"""A dask cluster on this machine: the scheduler runs here, the workers in processes of their own."""

from __future__ import annotations

import contextlib
import logging
import tempfile
from collections.abc import Iterator, Mapping
from typing import Any

from inspector.corpus.engines.dask_workers import Workers, import_dask
from inspector.corpus.engines.held_signals import signals_held

__all__ = ["local_cluster"]

_CONFIG = {  # of dask, for a cluster that has one job
    # dask's processes look after themselves fifty times a second, which the job would feel.
    "distributed.admin.tick.interval": "1s",
    "distributed.admin.system-monitor.interval": "1s",
    # For its dashboard, a worker looks at the job's stack, by default a hundred times a second.
    "distributed.worker.profile.interval": "100ms",
    # The folder of the workers is their own: nobody else's are to be removed there.
    "distributed.worker.use-file-locking": False,
    # A batch waits for the worker that has it beside another one. At the end, an idle worker takes it.
    "distributed.scheduler.work-stealing-interval": "100ms",
}


@contextlib.contextmanager
def local_cluster(job: Any, count: int, settings: Mapping[str, Any], *, fresh: bool) -> Iterator[Any]:
    """Yield a cluster with `count` workers. They connect to it soon; `settings` are more settings of dask."""
    with contextlib.closing(Workers(job, count, fresh=fresh)) as workers:
        workers.start()
        import_dask()
        import dask
        import distributed
        from distributed.gc import disable_gc_diagnosis

        with contextlib.ExitStack() as stack:
            # A worker may be there for a moment yet. The keeper removes the folder if this process is killed.
            temporary = tempfile.TemporaryDirectory(prefix="inspector-dask-", ignore_cleanup_errors=True)
            folder = stack.enter_context(temporary)
            own = {**_CONFIG, **settings, "temporary-directory": folder}
            stack.enter_context(dask.config.set(own))
            # Ctrl-C is for this thread, and waits until the cluster can end.
            with signals_held(spawns=False):
                cluster = distributed.LocalCluster(  # type: ignore[no-untyped-call]
                    n_workers=0, dashboard_address="127.0.0.1:0", silence_logs=logging.CRITICAL + 1
                )
                stack.enter_context(cluster)
                # The scheduler writes a log of each garbage collection, which nobody reads. What a signal
                # raises in there is lost: the run would go on.
                disable_gc_diagnosis()  # type: ignore[no-untyped-call]
            stack.callback(workers.close)  # they end first: the cluster would let them finish
            workers.connect(cluster.scheduler_address, folder)
            yield cluster
