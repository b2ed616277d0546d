"""Whole corpora: the same readings of a million recordings, spread over an engine, as reports and as tables.

    sources ── Batches ──► engine ──► job(batch), in a worker ──► results, in the order of the sources
                             │
                             ├── ThisProcess     small inputs
                             ├── ProcessPool     the cores of this machine
                             └── DaskEngine      a cluster, here or far away

`tabulate` is the job that reads sources into Arrow record batches, and `table_folder` keeps those as Parquet.
`check` and `stats` take record batches and return some, for Ray Data, Spark, and every engine that speaks
Arrow; `schema` says what comes out.
"""

from inspector.corpus.tabulation.arrow_tables import schema
from inspector.corpus.tabulation.batch_functions import check, stats

__all__ = ["check", "schema", "stats"]
