"""The protocol of the Messages API: names, grammar, errors, and how events make a Message.

Nothing here does I/O or reads a clock: parsed payloads go in, plain values come out.
"""

from inspector.protocol.api_errors import ERROR_TYPES, error_for_status, error_payload, status_of
from inspector.protocol.clients import (
    API_URL,
    DUMMY_API_KEY,
    SDK_READ_TIMEOUT,
    base_url_in,
    client_environment,
)
from inspector.protocol.endpoints import is_health_check, is_side_traffic
from inspector.protocol.events import (
    BLOCK_DELTAS,
    BLOCK_TYPES,
    DELTA_TEXT,
    EVENT_TYPES,
    STOP_REASONS,
    TOOL_BLOCKS,
    UNFINISHED_STOPS,
)
from inspector.protocol.model_names import DEFAULT_MODEL, model_family
from inspector.protocol.snapshot import Snapshot, fold

__all__ = [
    "API_URL",
    "BLOCK_DELTAS",
    "BLOCK_TYPES",
    "DEFAULT_MODEL",
    "DELTA_TEXT",
    "DUMMY_API_KEY",
    "ERROR_TYPES",
    "EVENT_TYPES",
    "SDK_READ_TIMEOUT",
    "STOP_REASONS",
    "TOOL_BLOCKS",
    "UNFINISHED_STOPS",
    "Snapshot",
    "base_url_in",
    "client_environment",
    "error_for_status",
    "error_payload",
    "fold",
    "is_health_check",
    "is_side_traffic",
    "model_family",
    "status_of",
]
