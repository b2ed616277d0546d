"""The direct probes, a module for each group. Importing a module registers its probes, in this order."""

from inspector.conformance.direct import plain_answers, refusals  # noqa: F401 - the order of the table

__all__: list[str] = []
