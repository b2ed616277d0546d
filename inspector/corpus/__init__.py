"""A million recordings: the same readings of each, spread over an engine, as tables.

`tabulate` reads sources into Arrow record batches, and `table_folder` keeps those as Parquet. `check` and
`stats` take record batches and return some, for Ray Data, Spark, and every engine that speaks Arrow.
"""

from inspector.corpus.batch_functions import check, stats

__all__ = ["check", "stats"]
