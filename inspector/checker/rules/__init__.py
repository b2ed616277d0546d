"""The rules of `check`, a module for each group. Importing a module registers its rules, in this order."""

from inspector.checker.rule import RULES
from inspector.checker.rules import (  # noqa: F401 - the order in which rules are listed
    blocks,
    deltas,
    ending,
    fields,
    framing,
    http,
    json,
    sequence,
    start,
    stop,
    structure,
    thinking,
    timing,
    tools,
    unstreamed,
    usage,
)

__all__ = ["RULES"]
