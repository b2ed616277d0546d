"""Probes of tools: calls in a stream, and their results on the way back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from inspector import _json
from inspector.conformance.arrival import shown
from inspector.conformance.calling import Endpoint
from inspector.conformance.evidence import Answer
from inspector.conformance.probes import NotTested, probe
from inspector.conformance.prompts import NOW, WEATHER, Turns, tool_result, user
from inspector.conformance.scoring.scorecard import Deviation
from inspector.recording import Event

__all__: list[str] = []

_TOOLS = "https://platform.claude.com/docs/en/agents-and-tools/tool-use/overview"
_STREAM = "https://platform.claude.com/docs/en/build-with-claude/streaming"
_FORCED = {"type": "tool", "name": WEATHER["name"]}
_PARIS = user("What is the weather in Paris? Use the tool.")


@probe(
    "tool",
    "A tool's input begins empty and comes in deltas that make JSON; the message stops for `tool_use`.",
    requests=1,
    max_tokens=512,
    source=_STREAM,
    seen=(
        "https://github.com/maximhq/bifrost/issues/6123",
        "https://github.com/can1357/oh-my-pi/issues/12224",
    ),
)
def tool(endpoint: Endpoint) -> Iterator[Deviation]:
    """Force the call of a tool."""
    answer = endpoint.ask(_PARIS, max_tokens=512, tools=[WEATHER], tool_choice=_FORCED).accepted()
    yield from answer.ended()
    call = _calls(answer)[0]
    yield from _well_made(answer)
    if call.get("name") != WEATHER["name"]:
        yield answer.fail(f"it calls {shown(call.get('name'))}; the only tool is {shown(WEATHER['name'])}")
    arguments = _json.as_object(call.get("input"))
    if not isinstance(arguments.get("city"), str):
        yield answer.warn(f"the input {shown(arguments)} is not what the tool's schema demands")


@probe(
    "tool-without-arguments",
    "The input of a tool without arguments is `{}`.",
    requests=1,
    max_tokens=512,
    source=_TOOLS,
)
def tool_without_arguments(endpoint: Endpoint) -> Iterator[Deviation]:
    """Force the call of a tool whose schema has no properties."""
    choice = {"type": "tool", "name": NOW["name"]}
    turns = user("What time is it? Use the tool.")
    answer = endpoint.ask(turns, max_tokens=512, tools=[NOW], tool_choice=choice).accepted()
    yield from answer.clean()
    call = _calls(answer)[0]
    yield from _well_made(answer)
    if call.get("input") != {}:
        yield answer.warn(f"the input is {shown(call.get('input'))}, and the schema has no properties")


@probe(
    "text-and-tool",
    "Text and a tool call are blocks 0 and 1, one after the other.",
    requests=1,
    max_tokens=512,
    source=_STREAM,
    seen=("https://github.com/QuantumNous/new-api/issues/5483",),
)
def text_and_tool(endpoint: Endpoint) -> Iterator[Deviation]:
    """Have the model say something before it calls a tool."""
    turns = user("First write the sentence 'Let me look.' Then call the tool for the weather in Paris.")
    answer = endpoint.ask(turns, max_tokens=512, tools=[WEATHER]).accepted()
    yield from answer.clean()
    yield from _indexes(answer)
    _calls(answer)
    yield from _well_made(answer)
    if not answer.blocks("text"):
        raise NotTested("the model wrote no text before its call")


@probe(
    "parallel-tools",
    "Two calls in one message are two blocks, with two ids and whole JSON each.",
    requests=1,
    max_tokens=512,
    source=_TOOLS,
)
def parallel_tools(endpoint: Endpoint) -> Iterator[Deviation]:
    """Ask for the weather in two cities."""
    turns = user("Call the tool twice in one turn: for the weather in Paris, and for the weather in Oslo.")
    answer = endpoint.ask(turns, max_tokens=512, tools=[WEATHER]).accepted()
    yield from answer.clean()
    yield from _indexes(answer)
    calls = _calls(answer)
    yield from _well_made(answer)
    ids = [call.get("id") for call in calls]
    if len(set(map(str, ids))) < len(ids):
        yield answer.fail(f"{len(ids)} calls share the id {shown(ids[0])}")
    elif len(calls) < 2:
        raise NotTested("the model made one call, and not two")


@probe(
    "tool-round-trip",
    "The result of a call goes back, also as an error and as blocks, and is answered.",
    requests=4,
    max_tokens=1280,
    source=_TOOLS,
)
def tool_round_trip(endpoint: Endpoint) -> Iterator[Deviation]:
    """Send a call back with its result, in each form that a result may have."""
    first = endpoint.ask(_PARIS, max_tokens=512, tools=[WEATHER], tool_choice=_FORCED).accepted()
    call = next(iter(first.blocks("tool_use")), None)
    turn: list[Any] = first.sent_back
    if call is None:  # any history must be accepted, also one that another model has written
        call = {"type": "tool_use", "id": "toolu_inspector1", "name": WEATHER["name"]}
        turn = [{**call, "input": {"city": "Paris"}}]
    blocks = [{"type": "text", "text": "Sunny, 21 degrees"}]
    results = {
        "a result as text": tool_result(call["id"], "Sunny, 21 degrees"),
        "a result as blocks": tool_result(call["id"], blocks),
        "a result with is_error": tool_result(call["id"], "no connection", is_error=True),
    }
    for name, result in results.items():
        turns: Turns = [
            *_PARIS,
            {"role": "assistant", "content": turn},
            {"role": "user", "content": [result]},
        ]
        answer = endpoint.ask(turns, max_tokens=256, tools=[WEATHER])
        if answer.status == 400:
            yield answer.fail(f"{name} is refused: {answer.said}")
            continue
        yield from answer.accepted().clean("message-empty")


def _calls(answer: Answer) -> list[Mapping[str, Any]]:
    """Return the calls of an answer. Raises `NotTested` if there is none: a small model may not call."""
    calls = answer.blocks("tool_use")
    if not calls:
        raise NotTested("the model called no tool")
    return calls


def _well_made(answer: Answer) -> Iterator[Deviation]:
    """Judge what must hold of every answer with a call."""
    if answer.stop_reason not in ("tool_use", "max_tokens"):
        yield answer.fail(f'a message with a call {answer.stops}; it should be "tool_use"')
    for event in _starts(answer):
        block = _json.as_object(_json.as_object(event.data).get("content_block"))
        if block.get("type") == "tool_use" and block.get("input") not in ({}, None):
            yield answer.fail(
                "the start of a call holds its input; it should be {}, and deltas follow", event
            )
    for call in answer.blocks("tool_use"):
        if not isinstance(call.get("input"), dict):
            yield answer.fail(f"the input of a call is {shown(call.get('input'))}, and no JSON object")


def _indexes(answer: Answer) -> Iterator[Deviation]:
    """Judge the indexes of content blocks: 0, 1, 2, one after the other. The checker judges the rest."""
    if any(finding.rule.startswith(("index-", "block-")) for finding in answer.report.findings):
        return
    for expected, event in enumerate(_starts(answer)):
        index = _json.as_object(event.data).get("index")
        if index != expected:
            yield answer.fail(f"a content block has the index {shown(index)}; its place is {expected}", event)
            return


def _starts(answer: Answer) -> list[Event]:
    return [event for event in answer.events if event.type == "content_block_start"]
