"""The faults, a module for each group. Importing a module registers its faults, in this order."""

from inspector.faults.catalogue import (  # noqa: F401, I001 - the order in which they are explained
    connection,
    waiting,
    pacing,
    lines,
    corruption,
    order,
    content_blocks,
    message_fields,
    tool_calls,
)
from inspector.faults.registry import FAULTS

__all__ = ["FAULTS"]
