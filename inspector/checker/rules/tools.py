"""Tools: their ids, and the JSON of their input."""

from __future__ import annotations

from inspector.checker.citations import DOC_FGTS, DOC_STREAM, TYPES, thread
from inspector.checker.context import BlockFacts, Scene
from inspector.checker.findings import Severity
from inspector.checker.payloads import ToolJson
from inspector.checker.reactions import HANDLED, Reaction
from inspector.checker.rule import Judgement, Moment, Note, rule
from inspector.protocol import TOOL_BLOCKS

__all__: list[str] = []

ERROR, WARNING, INFO = Severity.ERROR, Severity.WARNING, Severity.INFO


def _tool(s: Scene) -> BlockFacts | None:
    return s.content if s.content and s.content.type in TOOL_BLOCKS else None


def _judged(s: Scene) -> tuple[BlockFacts, ToolJson] | None:
    """The tool whose block has just stopped, and what became of its JSON."""
    block = s.content
    return (block, block.json) if block and block.json else None


@rule(
    on=Moment.BLOCK_START,
    severity=ERROR,
    source=TYPES + " " + thread("HKUDS/nanobot#4442"),
    sdk=HANDLED,
    example="block 0 (tool_use get_weather) has no id",
)
def tool_id_missing(s: Scene) -> Judgement:
    """A tool call has an `id`."""
    block = _tool(s)
    return f"{block} has no id" if block and not block.id else None


@rule(
    on=Moment.BLOCK_START, severity=ERROR, source=TYPES, sdk=HANDLED, example="block 0 (tool_use) has no name"
)
def tool_name_missing(s: Scene) -> Judgement:
    """A tool call has a `name`."""
    block = _tool(s)
    return f"{block} has no name" if block and not block.name else None


@rule(
    on=Moment.BLOCK_START,
    severity=ERROR,
    source=thread("HKUDS/nanobot#4442", "anthropics/anthropic-sdk-csharp#53"),
    sdk=HANDLED,
    example="the tool id toolu_0 is already used by block 0",
)
def tool_id_duplicate(s: Scene) -> Judgement:
    """Every tool call has an id of its own; the next request fails otherwise."""
    block = _tool(s)
    if block is None or block.id not in s.message.tool_ids or s.message.tool_ids[block.id] == block.index:
        return None
    return f"the tool id {block.id} is already used by block {s.message.tool_ids[block.id]}"


@rule(
    on=Moment.BLOCK_START,
    severity=WARNING,
    source=DOC_STREAM + " " + thread("ggml-org/llama.cpp#22960"),
    sdk=HANDLED,
    example='block 0 (tool_use get_weather) starts without "input": {}; strict clients fail on it',
)
def tool_input_missing(s: Scene) -> Judgement:
    """The start of a tool call has `"input": {}`."""
    block, start = _tool(s), s.payload.get("content_block")
    lacks = isinstance(start, dict) and not isinstance(start.get("input"), dict)
    return f'{block} starts without "input": {{}}; strict clients fail on it' if block and lacks else None


@rule(
    on=Moment.BLOCK_END,
    severity=INFO,
    source=thread("Yeachan-Heo/gajae-code#1895"),
    sdk=HANDLED,
    example="block 0 (tool_use get_weather) has its input in the start, and no deltas",
)
def tool_input_prefilled(s: Scene) -> Judgement:
    """A tool's input comes by deltas; whole in the start it is legal, and some clients lose it."""
    judged = _judged(s)
    if judged is None or not judged[0].prefilled:
        return None
    block, found = judged
    if found.state != "empty":
        both = Reaction("takes the input of the deltas alone")
        return Note(f"{block} has its input in the start, and deltas that replace it", WARNING, both)
    return f"{block} has its input in the start, and no deltas"


@rule(
    on=Moment.BLOCK_END,
    severity=INFO,
    source=DOC_STREAM + " " + thread("spring-projects/spring-ai#2735"),
    sdk=HANDLED,
    example="block 0 (tool_use get_weather) has no JSON; its input is {}",
)
def tool_args_empty(s: Scene) -> Judgement:
    """A tool without arguments has no JSON bytes at all; that means `{}`."""
    judged = _judged(s)
    if judged is None or judged[0].prefilled or judged[1].state != "empty":
        return None
    return f"{judged[0]} has no JSON; its input is {{}}"


@rule(
    on=Moment.BLOCK_END,
    severity=ERROR,
    source=DOC_FGTS + " " + thread("dust-tt/dust#24414", "anthropics/anthropic-sdk-python#794"),
    sdk=Reaction(stream="ValueError", says="leaves the parsing to the caller"),
    example=(
        "block 0 (tool_use get_weather): the input is not JSON at character 14, near '{\"keywords\": Dave'"
    ),
)
def tool_json_invalid(s: Scene) -> Judgement:
    """The JSON of a tool's input is JSON."""
    judged = _judged(s)
    if judged is None or judged[1].state != "invalid":
        return None
    return Note(f"{judged[0]}: the input is not JSON {judged[1].words}", WARNING if _eager(s) else None)


def _eager(s: Scene) -> bool:
    """Whether the request asked for input that is not checked before it is sent."""
    body = s.head.request.json()
    tools = body.get("tools") if isinstance(body, dict) else None
    listed = tools if isinstance(tools, list) else []
    asked = any(isinstance(tool, dict) and tool.get("eager_input_streaming") for tool in listed)
    return asked or "fine-grained-tool-streaming" in s.head.request.headers.get("anthropic-beta", "")


@rule(
    on=(Moment.MESSAGE_END, Moment.END),
    severity=ERROR,
    source=DOC_FGTS + " " + thread("BerriAI/litellm#32159"),
    sdk=Reaction("gives the tool the part of its input that parses, at worst {}"),
    example=(
        "block 0 (tool_use get_weather): the input is cut after 13 bytes, the last is "
        '\'{"city": "Par\' (stop_reason tool_use); do not run this tool'
    ),
)
def tool_json_truncated(s: Scene) -> Judgement:
    """The JSON of a tool's input is whole."""
    if s.end is not None and s.stop_at:
        return None  # told at message_stop
    reason = s.message.stop_reason
    unfinished = reason in ("max_tokens", "model_context_window_exceeded", "refusal")
    return [
        Note(
            f"{block}: the input is cut after {block.json.size} bytes, {block.json.words} "
            f"(stop_reason {reason}); do not run this tool",
            WARNING if unfinished else None,
            at=block.stopped,
            block=block,
        )
        for block in s.message.blocks
        if block.json and block.json.state == "truncated"
    ]


@rule(
    on=Moment.BLOCK_END,
    severity=ERROR,
    source=thread("langgraph4j/langgraph4j#196"),
    sdk=Reaction("ignores what follows the first value"),
    example=(
        "block 0 (tool_use get_weather): the input goes on after its end: after '{\"a\": 1}' "
        "comes '{\"a\": 2}'"
    ),
)
def tool_json_trailing(s: Scene) -> Judgement:
    """The JSON of a tool's input is one value, with nothing after it."""
    judged = _judged(s)
    if judged is None or judged[1].state != "trailing":
        return None
    return f"{judged[0]}: the input goes on after its end: {judged[1].words}"


@rule(
    on=Moment.BLOCK_END,
    severity=ERROR,
    source=DOC_STREAM,
    sdk=HANDLED,
    example="block 0 (tool_use get_weather): the input is an array, not an object",
)
def tool_json_not_object(s: Scene) -> Judgement:
    """The input of a tool is a JSON object."""
    judged = _judged(s)
    if judged is None or judged[1].state != "not-object":
        return None
    return f"{judged[0]}: the input is {judged[1].words}, not an object"


@rule(
    on=Moment.MESSAGE_END,
    severity=INFO,
    source=DOC_STREAM,
    sdk=HANDLED,
    example="block 0 (server_tool_use web_search) srvtoolu_0 has no result block",
)
def server_tool_unpaired(s: Scene) -> Judgement:
    """The result of a server tool follows its call in the same message."""
    message = s.message
    if message.stop_reason in ("pause_turn", "tool_use", "max_tokens", "refusal") or message.prefilled:
        return None
    return [
        Note(f"{block} {block.id} has no result block", at=block.at, block=block)
        for block in message.blocks
        if block.type in ("server_tool_use", "mcp_tool_use") and block.id not in message.results
    ]
