"""Tools: their ids, and the JSON of their input."""

from __future__ import annotations

import re

from inspector._json import as_object
from inspector.checker.citations import DOC_FGTS, DOC_STREAM, TYPES, thread
from inspector.checker.context import Context
from inspector.checker.facts import BlockFacts
from inspector.checker.rule import ERROR, INFO, WARNING, Judgement, Moment, Note, quote, rule
from inspector.protocol import TOOL_BLOCKS

__all__: list[str] = []

_ANSWERED = ("server_tool_use", "mcp_tool_use")
"""Calls whose results are in the same message."""
_find_refused = re.compile("[^a-zA-Z0-9_-]").search
"""Search an id or a name for a character that the API takes in none."""


def _tool(c: Context) -> BlockFacts | None:
    return c.content if c.content and c.content.is_tool else None


def _json_is(state: str, block: BlockFacts | None) -> str | None:
    """Return the details of a tool's JSON if it is in this state."""
    return block.json.detail if block and block.json and block.json.state == state else None


@rule(
    on=Moment.BLOCK_START,
    severity=ERROR,
    source=TYPES + " " + thread("HKUDS/nanobot#4442"),
    blocks=TOOL_BLOCKS,
)
def tool_id_missing(c: Context) -> Judgement:
    """A tool call has an `id`.

    Example: block 0 (tool_use get_weather) has no id
    """
    block = _tool(c)
    return f"{block} has no id" if block and not block.id else None


@rule(on=Moment.BLOCK_START, severity=ERROR, source=TYPES, blocks=TOOL_BLOCKS)
def tool_name_missing(c: Context) -> Judgement:
    """A tool call has a `name`.

    Example: block 0 (tool_use) has no name
    """
    block = _tool(c)
    return f"{block} has no name" if block and not block.name else None


@rule(
    on=Moment.BLOCK_START,
    severity=ERROR,
    source=thread("HKUDS/nanobot#4442", "anthropics/anthropic-sdk-csharp#53"),
    blocks=TOOL_BLOCKS,
)
def tool_id_duplicate(c: Context) -> Judgement:
    """Every tool call has an id of its own; if not, the next request fails.

    Example: block 0 already uses the tool id toolu_0
    """
    block = _tool(c)
    first = c.message.tool_ids.get(block.id) if block else None
    if block is None or first in (None, block.index):
        return None
    return f"block {first} already uses the tool id {block.id}"


@rule(on=Moment.BLOCK_START, severity=WARNING, source=TYPES, blocks=("tool_use",))
def tool_name_refused(c: Context) -> Judgement:
    """A tool call's `id` and `name` have letters, digits, `_` and `-` only: the API refuses others.

    Example: block 0 (tool_use get weather) has the name "get weather"; the API refuses it in the next request
    """
    block = c.content
    if block is None or block.type != "tool_use":
        return None
    for field, text in (("id", block.id), ("name", block.name)):
        if text and _find_refused(text):
            return f"{block} has the {field} {quote(text)}; the API refuses it in the next request"
    return None


@rule(
    on=Moment.BLOCK_START,
    severity=WARNING,
    source=DOC_STREAM + " " + thread("ggml-org/llama.cpp#22960"),
    faulty=True,
)
def tool_input_missing(c: Context) -> Judgement:
    """The start of a tool call has `"input": {}`.

    Example: block 0 (tool_use get_weather) starts without "input": {}; strict clients fail on it
    """
    block = c.content
    if block is None or block.misfilled or not c.event.faults_for("tool-input-missing"):
        return None  # tool-json-not-object reports an input that is no object
    return f'{block} starts without "input": {{}}; strict clients fail on it'


@rule(on=Moment.BLOCK_END, severity=INFO, source=thread("Yeachan-Heo/gajae-code#1895"), blocks=TOOL_BLOCKS)
def tool_input_prefilled(c: Context) -> Judgement:
    """A tool's input comes in deltas; a whole input in the start is legal, but some clients lose it.

    Example: block 0 (tool_use get_weather) has its input in the start, and no deltas
    """
    block = c.content
    if block is None or block.json is None or not block.prefilled:
        return None
    if block.json.state == "empty":
        return f"{block} has its input in the start, and no deltas"
    return Note(f"{block} has its input in the start, and deltas that replace it", WARNING)


@rule(
    on=Moment.BLOCK_END,
    severity=INFO,
    source=DOC_STREAM + " " + thread("spring-projects/spring-ai#2735"),
    blocks=TOOL_BLOCKS,
)
def tool_args_empty(c: Context) -> Judgement:
    """A tool without arguments has no JSON at all; that means `{}`.

    Example: block 0 (tool_use get_weather) has no JSON; its input is {}
    """
    block = c.content
    if block is None or block.prefilled or block.misfilled or _json_is("empty", block) is None:
        return None
    return f"{block} has no JSON; its input is {{}}"


@rule(
    on=(Moment.BLOCK_END, Moment.BLOCK_LEFT),
    severity=ERROR,
    source=DOC_FGTS + " " + thread("dust-tt/dust#24414", "anthropics/anthropic-sdk-python#794"),
    blocks=TOOL_BLOCKS,
)
def tool_json_invalid(c: Context) -> Judgement:
    """A tool's input is JSON, as far as it came.

    Example: block 0 (tool_use get_weather): the input is not JSON: at character 14, near
    '{"keywords": Dave'
    """
    detail = _json_is("invalid", c.content)
    if detail is None:
        return None
    return Note(f"{c.content}: the input is not JSON: {detail}", WARNING if _is_unchecked(c) else None)


def _is_unchecked(c: Context) -> bool:
    """Return whether the request wants input that the server does not check before it sends it."""
    tools = (c.request_object or {}).get("tools")
    tools = tools if isinstance(tools, list) else []
    eager = any(as_object(tool).get("eager_input_streaming") for tool in tools)
    return eager or "fine-grained-tool-streaming" in c.head.request.headers.get("anthropic-beta", "")


@rule(
    on=(Moment.MESSAGE_END, Moment.END),
    severity=ERROR,
    source=DOC_FGTS + " " + thread("BerriAI/litellm#32159"),
)
def tool_json_truncated(c: Context) -> Judgement:
    """The JSON of a tool's input is whole.

    Example: block 0 (tool_use get_weather): the input is cut after 13 characters, the last is '{"city":
    "Par' (stop_reason tool_use); do not run this tool
    """
    if c.stream.closed and c.stream.stop_at:
        return None  # MESSAGE_END came before END
    reason = c.message.stop_reason
    severity = WARNING if reason in ("max_tokens", "model_context_window_exceeded", "refusal") else None
    after = f"(stop_reason {reason}); do not run this tool"
    return [
        Note(
            f"{block}: the input is cut after {block.json.size} characters, {block.json.detail} {after}",
            severity,
            at=block.stopped,
            block=block,
        )
        for block in c.message.blocks
        if block.stopped and block.json and block.json.state == "truncated"
    ]


@rule(
    on=(Moment.BLOCK_END, Moment.BLOCK_LEFT),
    severity=ERROR,
    source=thread("langgraph4j/langgraph4j#196"),
    blocks=TOOL_BLOCKS,
)
def tool_json_trailing(c: Context) -> Judgement:
    """The JSON of a tool's input is one value, and nothing follows it.

    Example: block 0 (tool_use get_weather): the input goes on after its end: after '{"a": 1}' comes
    '{"a": 2}'
    """
    detail = _json_is("trailing", c.content)
    return None if detail is None else f"{c.content}: the input goes on after its end: {detail}"


@rule(
    on=(Moment.BLOCK_START, Moment.BLOCK_END, Moment.BLOCK_LEFT),
    severity=ERROR,
    source=DOC_STREAM,
    blocks=TOOL_BLOCKS,
)
def tool_json_not_object(c: Context) -> Judgement:
    """The input of a tool is a JSON object.

    Example: block 0 (tool_use get_weather): the input is an array, not an object
    """
    fault = next(iter(c.event.faults_for("tool-input-missing")), None)
    if fault and c.content and c.content.misfilled:
        return f"{c.content}: the input in the start is {fault.actual}, not an object"
    detail = _json_is("not-object", c.content)
    return None if detail is None else f"{c.content}: the input is {detail}, not an object"


@rule(on=Moment.MESSAGE_END, severity=WARNING, source=DOC_STREAM)
def server_tool_mismatched(c: Context) -> Judgement:
    """A result names the call that it answers: no call is left over beside a result that answers none.

    Example: block 1 (web_search_tool_result) answers "srvtoolu_x", but the call without a result
    is srvtoolu_0
    """
    message = c.message
    # A result alone may answer a call of the turn before, and a call alone may be answered in the next.
    left = [block for block in message.blocks if block.type in _ANSWERED and block.id not in message.results]
    odd = (block for block in message.blocks if block.answers and block.answers not in message.tool_ids)
    return [
        Note(
            f"{block} answers {quote(block.answers)}, but the call without a result is {call.id}", block=block
        )
        for block, call in zip(odd, left, strict=False)
    ]


@rule(on=Moment.MESSAGE_END, severity=INFO, source=DOC_STREAM)
def server_tool_unpaired(c: Context) -> Judgement:
    """The result of a server tool follows its call in the same message.

    Example: block 0 (server_tool_use web_search) srvtoolu_0 has no result block
    """
    message = c.message
    if message.stop_reason in ("pause_turn", "tool_use", "max_tokens", "refusal") or message.prefilled:
        return None
    return [
        Note(f"{block} {block.id} has no result block", at=block.at, block=block)
        for block in message.blocks
        if block.type in _ANSWERED and block.id not in message.results
    ]
