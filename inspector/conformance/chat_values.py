"""What Chat Completions calls things: finish reasons, token counts and errors of OpenAI's API.

From https://platform.openai.com/docs/api-reference/chat and the types of openai 3.54. Several stop reasons
share one finish reason, so a bridge cannot know which one it was.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from inspector import _json

__all__ = ["chat_error", "chat_status", "chat_usage", "finish_reason", "possible_stop_reasons"]

_FINISH_REASONS = {
    "end_turn": "stop",
    "stop_sequence": "stop",
    "pause_turn": "stop",
    "compaction": "stop",
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "tool_use": "tool_calls",
    "refusal": "content_filter",
}
_ERRORS: dict[str, tuple[str, str | None]] = {
    "authentication_error": ("invalid_request_error", "invalid_api_key"),
    "not_found_error": ("invalid_request_error", "model_not_found"),
    "billing_error": ("insufficient_quota", "insufficient_quota"),
    "rate_limit_error": ("requests", "rate_limit_exceeded"),
    "api_error": ("server_error", None),
    "timeout_error": ("server_error", None),
    "overloaded_error": ("server_error", None),
}
"""The type and the code of an error; those of others are `invalid_request_error` and none."""

_STATUSES = {529: 503}


def finish_reason(stop_reason: str) -> str:
    """Return the finish reason for a stop reason; `stop` for one that this version does not know."""
    return _FINISH_REASONS.get(stop_reason, "stop")


def possible_stop_reasons(stop_reason: str) -> frozenset[str]:
    """Return the stop reasons that have the same finish reason as this one."""
    reason = finish_reason(stop_reason)
    return frozenset({stop_reason} | {stop for stop, finish in _FINISH_REASONS.items() if finish == reason})


def chat_usage(usage: Mapping[str, Any]) -> dict[str, Any]:
    """Return token counts as OpenAI counts them: what the cache held is a part of the prompt."""
    cached = _count(usage, "cache_read_input_tokens")
    prompt = _count(usage, "input_tokens") + _count(usage, "cache_creation_input_tokens") + cached
    completion = _count(usage, "output_tokens")
    thinking = _count(_json.as_object(usage.get("output_tokens_details")), "thinking_tokens")
    return {
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": prompt + completion,
        "prompt_tokens_details": {"cached_tokens": cached},
        "completion_tokens_details": {"reasoning_tokens": thinking},
    }


def _count(usage: Mapping[str, Any], name: str) -> int:
    value = usage.get(name)
    return value if isinstance(value, int) else 0


def chat_error(payload: Any) -> dict[str, Any]:
    """Return the payload of an error of the Messages API as OpenAI sends it: in a body, and in a stream."""
    error = _json.as_object(_json.as_object(payload).get("error"))
    kind, code = _ERRORS.get(str(error.get("type")), ("invalid_request_error", None))
    return {"error": {"message": error.get("message"), "type": kind, "param": None, "code": code}}


def chat_status(status: int) -> int:
    """Return the HTTP status with which OpenAI says the same: it knows no 529."""
    return _STATUSES.get(status, status)
