"""The names on the stream of the Messages API, and which of them go together.

They come from the API's streaming documentation and from the types of anthropic 2.11. The API reserves the
right to add names to all of these sets, so an unknown name is new, not wrong.
"""

from __future__ import annotations

__all__ = [
    "BLOCK_DELTAS",
    "BLOCK_TYPES",
    "DELTA_TEXT",
    "EVENT_TYPES",
    "STOP_REASONS",
    "TOOL_BLOCKS",
    "UNFINISHED_STOPS",
]

EVENT_TYPES = frozenset(
    {
        "message_start",
        "content_block_start",
        "content_block_delta",
        "content_block_stop",
        "message_delta",
        "message_stop",
        "ping",
        "error",
    }
)
"""The types of events."""

TOOL_BLOCKS = frozenset({"tool_use", "server_tool_use", "mcp_tool_use"})
"""Content blocks whose `input` comes in `input_json_delta`s."""

BLOCK_DELTAS: dict[str, frozenset[str]] = {
    "text": frozenset({"text_delta", "citations_delta"}),
    "thinking": frozenset({"thinking_delta", "signature_delta"}),
    "compaction": frozenset({"compaction_delta"}),
    **dict.fromkeys(TOOL_BLOCKS, frozenset({"input_json_delta"})),
}
"""The deltas that each content block may have. Blocks that are not listed arrive whole in their start."""

DELTA_TEXT = {
    "text_delta": "text",
    "thinking_delta": "thinking",
    "input_json_delta": "partial_json",
    "signature_delta": "signature",
    "compaction_delta": "content",
}
"""The field of each delta that holds its text."""

BLOCK_TYPES = frozenset(
    {
        *BLOCK_DELTAS,
        "redacted_thinking",
        "web_search_tool_result",
        "web_fetch_tool_result",
        "code_execution_tool_result",
        "bash_code_execution_tool_result",
        "text_editor_code_execution_tool_result",
        "tool_search_tool_result",
        "container_upload",
        "advisor_tool_result",
        "mcp_tool_result",
        "fallback",
        "mcp_tool_listing",
    }
)
"""The content block types that this version knows."""

STOP_REASONS = frozenset(
    {
        "end_turn",
        "max_tokens",
        "stop_sequence",
        "tool_use",
        "pause_turn",
        "refusal",
        "model_context_window_exceeded",
        "compaction",
    }
)
"""The stop reasons that this version knows."""

UNFINISHED_STOPS = {
    "max_tokens": "the answer was cut off at max_tokens",
    "refusal": "the model declined; discard the partial answer",
    "pause_turn": "the turn is not finished; send the answer back to continue it",
    "model_context_window_exceeded": "the answer was cut off at the end of the context window",
}
"""Stop reasons after which an answer is not complete, and what to know about each."""
