"""The direct probes, a module for each group. Importing a module registers its probes, in this order."""

from __future__ import annotations

import importlib

__all__: list[str] = []

for _module in (
    "plain_answers",
    "tool_use",
    "reasoning",
    "attachments",
    "refusals",
    "transfer",
    "side_calls",
):
    importlib.import_module(f"{__name__}.{_module}")
