"""What the Messages API says: the names on its stream, and how events make a Message.

Nothing here knows of files, sockets or clocks: parsed payloads go in, plain values come out.
"""

from inspector.protocol.events import (
    BLOCK_DELTAS,
    BLOCK_TYPES,
    DELTA_TEXT,
    ERROR_TYPES,
    EVENT_TYPES,
    STOP_REASONS,
    TOOL_BLOCKS,
    UNFINISHED_STOPS,
    error_payload,
)
from inspector.protocol.message import Snapshot, fold

__all__ = [
    "BLOCK_DELTAS",
    "BLOCK_TYPES",
    "DELTA_TEXT",
    "ERROR_TYPES",
    "EVENT_TYPES",
    "STOP_REASONS",
    "TOOL_BLOCKS",
    "UNFINISHED_STOPS",
    "Snapshot",
    "error_payload",
    "fold",
]
