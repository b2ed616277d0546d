"""The faults, one module for each group. Importing a module registers its faults."""

from inspector.faults.catalogue import (  # noqa: F401, I001 - in the order in which users see the groups
    http_response,
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

__all__ = ["FAULTS", "GROUPS"]

GROUPS = {
    "http_response": "the connection and HTTP",
    "waiting": "waiting",
    "pacing": "pace and pieces",
    "lines": "lines and blank lines",
    "corruption": "inside one event",
    "order": "the order of events",
    "content_blocks": "content blocks",
    "message_fields": "the message",
    "tool_calls": "tool calls and thinking",
}
"""What users read in place of the name of a fault's group."""
