"""The choices beside the table of shapes, made by hand.

They say which fields may be absent, which rule reports a fault, and how bad it is. A path names a field of an
event: the event's kind, then the fields down to this one.
"""

from __future__ import annotations

from collections.abc import Mapping

__all__ = [
    "ANY_TYPE",
    "CONSTANTS",
    "ERRORS",
    "FIELD_MISSING",
    "FIELD_TYPE_WRONG",
    "FIELD_VALUE_WRONG",
    "MAY_BE_NEGATIVE",
    "NAME_MISSPELLED",
    "NEVER_EMPTY",
    "OPTIONAL",
    "REPORTED_BY",
]

FIELD_MISSING, FIELD_TYPE_WRONG = "field-missing", "field-type-wrong"
FIELD_VALUE_WRONG, NAME_MISSPELLED = "field-value-wrong", "name-misspelled"
"""The general rules: they report every fault that no other rule reports."""

_NO_COUNT = "a count that does not apply may be left out"

OPTIONAL: Mapping[str, str] = {
    "ServerToolUsage": "older streams have one of the two counts",
    "CacheCreation": _NO_COUNT,
    "OutputTokensDetails": _NO_COUNT,
    "MessageIterationUsage": _NO_COUNT,
    "CompactionIterationUsage": _NO_COUNT,
    "AdvisorMessageIterationUsage": _NO_COUNT,
    "FallbackMessageIterationUsage": _NO_COUNT,
    "FallbackBlock.trigger": "older streams do not have it",
}
"""Fields that may be absent although the SDK's models require them, and why.

An object's name stands for all of its fields but `type`.
"""

ANY_TYPE: Mapping[str, str] = {
    "Message": "message_start holds nothing else, whatever its type says",
}
"""Objects that are compared whatever their `type` says, and why. Others of an unknown type are legal."""

CONSTANTS: Mapping[str, str] = {"Message.type": "message", "Message.role": "assistant"}
"""Fields of one value."""

NEVER_EMPTY = frozenset(
    {
        "id",
        "file_id",
        "mcp_server_name",
        "model",
        "name",
        "server_name",
        "skill_id",
        "tool_name",
        "tool_use_id",
    }
)
"""Fields that name something, in every object: the empty text names nothing."""

MAY_BE_NEGATIVE: Mapping[str, str] = {"return_code": "a process that a signal ended has a negative one"}
"""Integers that are no counts, and why."""

_START, _BLOCK, _DELTA = (
    "message_start.message",
    "content_block_start.content_block",
    "content_block_delta.delta",
)
_BLOCK_EVENTS = ("content_block_start", "content_block_delta", "content_block_stop")
_EVENTS = ("message_start", *_BLOCK_EVENTS, "message_delta", "message_stop")


def _both(rule: str, *paths: str) -> dict[str, tuple[str, str]]:
    return dict.fromkeys(paths, (rule, rule))


def _missing(rule: str, *paths: str) -> dict[str, tuple[str, str]]:
    return dict.fromkeys(paths, (rule, FIELD_TYPE_WRONG))


_START_FIELDS = (
    "id",
    "type",
    "role",
    "model",
    "content",
    "usage",
    "usage.input_tokens",
    "usage.output_tokens",
)
_DELTA_FIELDS = ("type", "text", "thinking", "partial_json", "signature")

REPORTED_BY: Mapping[str, tuple[str, str]] = {
    **_both("type-missing", *(f"{event}.type" for event in _EVENTS)),
    **_both("index-missing", *(f"{event}.index" for event in _BLOCK_EVENTS)),
    **_both("start-field-missing", _START),
    **_missing("start-field-missing", *(f"{_START}.{field}" for field in _START_FIELDS)),
    **_both("block-invalid", _BLOCK, f"{_BLOCK}.type"),
    **_both("tool-id-missing", f"{_BLOCK}.id"),
    **_both("tool-name-missing", f"{_BLOCK}.name"),
    **_both("tool-input-missing", f"{_BLOCK}.input"),
    **_missing("redacted-data-missing", f"{_BLOCK}.data"),
    **_missing("thinking-start-no-signature", f"{_BLOCK}.signature"),
    **_both("delta-field-missing", _DELTA, *(f"{_DELTA}.{field}" for field in _DELTA_FIELDS)),
    **_both("message-delta-invalid", "message_delta.delta"),
    **_both("stop-reason-unknown", "message_delta.delta.stop_reason"),
    **_both("usage-missing", "message_delta.usage", "message_delta.usage.output_tokens"),
    **_both("error-shape", "error.type", "error.error", "error.error.type", "error.error.message"),
}
"""By path, the rule that reports a missing field, and the one that reports a wrong type or value."""

ERRORS: Mapping[str, str] = {
    f"{_START}.content": "the SDK raises AttributeError",
    f"{_START}.usage": "the SDK raises AttributeError",
    f"{_START}.content[]": "the SDK raises AttributeError at the first delta",
    f"{_START}.role": "the TypeScript SDK finds no message of the assistant",
    **{
        f"{block}.{field}": reason
        for block in (_BLOCK, f"{_START}.content[]")
        for field, reason in (
            ("type", "the content of the block is lost"),
            ("text", "the SDK raises TypeError at the first delta"),
            ("thinking", "the SDK raises TypeError at the first delta"),
            ("citations", "the SDK raises AttributeError at the first citation"),
        )
    },
    f"{_DELTA}.type": "the content of the delta is lost",
    f"{_BLOCK}.signature": "the next request cannot send the block back",
    f"{_BLOCK}.data": "the next request cannot send the block back",
    f"{_BLOCK}.tool_use_id": "nobody can tell whose result this is",
    f"{_BLOCK}.content": "the result of a tool, or a summary, is lost",
    f"{_DELTA}.citation": "the citation is lost",
    f"{_DELTA}.content": "the summary is lost",
    f"{_DELTA}.encrypted_content": "the summary is lost",
}
"""The paths for which a general rule reports an error, and why. It warns for every other path.

`[]` stands for every member of an array.
"""
