"""The columns of the tables. `docs/tables.md` says what each means; a test compares the two.

`responses` has a row for each response, and one for each file that cannot be read. `findings` has a row for
each finding, `events` for each event. `sources` says what became of each source, so that a run can go on.
"""

from __future__ import annotations

__all__ = ["COLUMNS", "SCHEMA_VERSION"]

SCHEMA_VERSION = 1
"""Changes when a column changes its name, its type or its meaning. A new column changes nothing."""

_WHERE = {"source": "string", "number": "int64"}

COLUMNS = {
    "responses": {
        **_WHERE,
        "sha256": "string",
        "size": "int64",
        "modified": "timestamp",
        "at": "timestamp",
        "host": "string",
        "status": "int64",
        "model": "string",
        "message_id": "string",
        "request_id": "string",
        "verdict": "string",
        "ending": "string",
        "stop_reason": "string",
        "events": "int64",
        "pings": "int64",
        "bytes": "int64",
        "time_to_first_byte": "double",
        "time_to_first_event": "double",
        "time_to_first_text": "double",
        "duration": "double",
        "longest_gap": "double",
        "longest_silence": "double",
        "input_tokens": "int64",
        "cache_read_tokens": "int64",
        "cache_creation_tokens": "int64",
        "output_tokens": "int64",
        "thinking_tokens": "int64",
        "errors": "int64",
        "warnings": "int64",
        "rules": "list<string>",
        "inspector_version": "string",
        "error": "string",
    },
    "findings": {
        **_WHERE,
        "rule": "string",
        "severity": "string",
        "event": "int64",
        "byte": "int64",
        "t": "double",
        "content_block": "int64",
        "message": "string",
        "more": "int64",
    },
    "events": {
        **_WHERE,
        "event": "int64",
        "t": "double",
        "name": "string",
        "type": "string",
        "content_block": "int64",
        "delta": "string",
        "characters": "int64",
        "byte": "int64",
        "bytes": "int64",
    },
    "sources": {
        "source": "string",
        "key": "binary",
        "size": "int64",
        "modified": "timestamp",
        "complete": "bool",
        "files_read": "int64",
        "files_unreadable": "int64",
        "files_of_something_else": "int64",
        "recordings": "int64",
        "responses": "int64",
        "findings": "int64",
        "events": "int64",
    },
}
"""The type of each column, by table. Times of day are in UTC, to the microsecond; `double`s are seconds."""
