"""JSON of any depth, in any place of a stream: every reading ends, and none in a RecursionError."""

from __future__ import annotations

import json
import sys

import pytest
from click.testing import CliRunner
from streams import STOP, delta, event, message_delta, opens, start, stops

import inspector
from inspector.cli import cli

FRAMES = [
    start(),
    opens(0, "thinking"),
    delta(0, "Hm", "thinking_delta"),
    delta(0, "EqQB", "signature_delta"),
    stops(0),
    opens(1, citations=[]),
    delta(1, "Hello"),
    delta(1, kind="citations_delta", citation={"type": "page_location", "cited_text": "a", "title": "b"}),
    stops(1),
    opens(2, "tool_use"),
    delta(2, "{}", "input_json_delta"),
    stops(2),
    opens(3, "redacted_thinking", data="x"),
    stops(3),
    opens(4, "fallback", to={"model": "m"}),
    stops(4),
    event("ping"),
    event("new", member=1),
    message_delta(),
    event("error", error={"type": "overloaded_error", "message": "Overloaded"}),
    STOP,
]


def changed(value):
    """Yield an object with "DEEP" in place of one of its values, for each of them."""
    yield "DEEP"
    for key, member in value.items() if isinstance(value, dict) else ():
        yield from ({**value, key: other} for other in changed(member))
    if isinstance(value, dict):
        yield {**value, "more": "DEEP"}


def places():
    """Yield streams, each with "DEEP" in another place."""
    for number, each in enumerate(FRAMES):
        name, data = each.decode().removeprefix("event: ").strip().split("\ndata: ")
        for payload in changed(json.loads(data)):
            other = f"event: {name}\ndata: {json.dumps(payload)}\n\n".encode()
            yield b"".join([*FRAMES[:number], other, *FRAMES[number + 1 :]])
    yield b'data: "DEEP"\n\n'
    yield b'{"type":"message","more":"DEEP"}'
    yield b'{"type":"error","error":{"type":"DEEP","message":"DEEP"}}'


PLACES = list(places())


def deep(body, depth):
    """Put JSON of that depth in the place of "DEEP"."""
    return body.replace(b'"DEEP"', b"[" * depth + b"]" * depth)


A_BLOCK = start() + opens(0, "new", x="DEEP") + stops(0) + message_delta() + STOP


def deep_input(depth):
    """A tool whose input is so deep."""
    text = '{"a":' + "[" * depth + "]" * depth + "}"
    return start() + opens(0, "tool_use") + delta(0, text, "input_json_delta") + stops(0) + STOP


@pytest.mark.parametrize(
    "body",
    [
        *(pytest.param(deep(body, 1000), id=f"place {number}") for number, body in enumerate(PLACES)),
        *(pytest.param(deep(A_BLOCK, depth), id=f"a block {depth} deep") for depth in (300, 900, 100_000)),
        *(
            pytest.param(deep_input(depth), id=f"a tool's input {depth} deep")
            for depth in (300, 1000, 100_000)
        ),
    ],
)
def test_every_reading_of_a_deep_stream_ends_without_a_recursion(body):
    for command in (
        ["show"],
        ["show", "--format", "message"],
        ["show", "--format", "text"],
        ["show", "--format", "events"],
        ["show", "--format", "jsonl"],
        ["check"],
        ["check", "--format", "json"],
        ["edit", "--fault", "rename-event"],
        ["edit", "--fault", "newlines"],
    ):
        result = CliRunner().invoke(cli, [*command, "-"], input=body)  # in this process: deep in a stack
        assert result.exception is None or isinstance(result.exception, SystemExit), command
        assert result.exit_code in (0, 1, 2), command


def test_the_message_of_deep_json_is_whole_as_the_sdk_has_it(tmp_path):
    (tmp_path / "deep.sse").write_bytes(deep(A_BLOCK, 900))
    message = inspector.load(tmp_path / "deep.sse").message()
    inner, depth = message["content"][0]["x"], 1
    while inner:
        inner, depth = inner[0], depth + 1
    assert depth == 900


def test_an_event_that_is_too_deep_is_named_and_left_out(tmp_path):
    (tmp_path / "deep.sse").write_bytes(deep(A_BLOCK, 2000))
    result = CliRunner().invoke(cli, ["show", "--format", "message", str(tmp_path / "deep.sse")])
    assert json.loads(result.stdout)["content"] == []
    assert result.stderr == (
        "inspector: event 2 is not in the message: its payload is nested deeper than 1024 levels\n"
    )
    shown = CliRunner().invoke(cli, ["show", str(tmp_path / "deep.sse")])
    assert "nested deeper than 1024 levels: {" in shown.stdout


def test_it_does_not_depend_on_the_stack_of_the_caller(tmp_path):
    (tmp_path / "deep.sse").write_bytes(deep(A_BLOCK, 900))
    recording = inspector.load(tmp_path / "deep.sse")

    def from_below(levels):
        return recording.message() if levels == 0 else from_below(levels - 1)

    assert from_below(sys.getrecursionlimit() // 2)["content"]
