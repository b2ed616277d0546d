"""Whole corpora: the same functions over many sources, on an engine.

sources ── Batches ──► engine ──► job(batch), in a worker ──► results, in the order of the sources
                         │
                         ├── ThisProcess     small inputs
                         ├── ProcessPool     the cores of this machine
                         └── DaskEngine      a cluster, here or far away
"""

from inspector.corpus.jobs import Counts, Engine, Job, Problem

__all__ = ["Counts", "Engine", "Job", "Problem"]
