"""What the Messages API puts on its stream: the names, and what goes with what.

Facts from the API's streaming documentation and the types of anthropic 2.11. All of these sets are open:
the API reserves the right to add members, so an unknown name is news and never a fault.
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
"""The eight kinds of event."""

TOOL_BLOCKS = frozenset({"tool_use", "server_tool_use", "mcp_tool_use"})
"""Content blocks whose `input` grows from `input_json_delta`s."""

BLOCK_DELTAS: dict[str, frozenset[str]] = {
    "text": frozenset({"text_delta", "citations_delta"}),
    "thinking": frozenset({"thinking_delta", "signature_delta"}),
    "compaction": frozenset({"compaction_delta"}),
    **dict.fromkeys(TOOL_BLOCKS, frozenset({"input_json_delta"})),
}
"""Which deltas may follow which content block; blocks that are not listed arrive whole in their start."""

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
"""Content block types known to this version."""

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
"""Stop reasons known to this version."""

UNFINISHED_STOPS = {
    "max_tokens": "the answer was cut off at max_tokens",
    "refusal": "the model declined; discard the partial answer",
    "pause_turn": "the turn is not finished; send the answer back to go on",
    "model_context_window_exceeded": "the answer was cut off at the end of the context window",
}
"""Stop reasons after which an answer is not simply done, and what to know about each."""
