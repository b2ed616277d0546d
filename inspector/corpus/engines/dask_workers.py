"""Starting the workers of a local dask cluster quickly.

dask starts each worker as a new Python, which imports dask and the job once more, and after this process has
imported dask itself. Here one process imports both, at the same time as this process does, and each worker is
forked of it. Nothing runs in that process: it has no event loop and no Python thread that a fork could break.
"""

from __future__ import annotations

import multiprocessing
from typing import Any

from inspector.corpus.engines.held_signals import signals_held

__all__ = ["start_ahead"]


def start_ahead(job: Any) -> str:
    """Begin to import what the workers of this job need; return how `multiprocessing` starts them."""
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return "spawn"
    from multiprocessing import forkserver

    forkserver.set_forkserver_preload(["distributed", type(job).__module__])
    with signals_held(spawns=True):  # Ctrl-C reaches every process of a terminal, and is for this one
        forkserver.ensure_running()
    return "forkserver"
