"""What rules look for in payloads, and the JSON of a tool's input: what is wrong with it."""

from __future__ import annotations

import json
import re
from typing import Any, NamedTuple

import jiter
import orjson

from inspector.protocol.event_payloads import diagnose

__all__ = [
    "AWS_EVENTS",
    "ToolJson",
    "find_separator",
    "heartbeat",
    "judge_tool_json",
]


AWS_EVENTS = b"\0\0"
"""How Amazon's binary event stream begins, in which Bedrock sends events: a length of less than 64 KiB."""


class ToolJson(NamedTuple):
    """What the JSON of a tool's input is: its state, its size in characters, and the evidence.

    States: `empty`, `object`, `not-object`, `truncated`, `trailing`, `invalid`.
    """

    state: str
    size: int
    detail: str = ""


_DECODER = json.JSONDecoder(parse_int=float)  # int() refuses very long numbers, which are JSON all the same
_SURROGATE = re.compile("[\ud800-\udfff]")
_KINDS = {list: "an array", str: "text", bool: "true or false", type(None): "null"}
_TOO_DEEP = "it is nested too deeply to read"


def judge_tool_json(pieces: list[str]) -> ToolJson:
    """Judge the `partial_json` of all deltas of a block.

    A parser reads the pieces as they come, and the whole at the end: all of it must be right for both.
    """
    text = "".join(pieces)
    size = len(text)
    if not text:
        return ToolJson("empty", size)
    try:
        orjson.loads(text)
        value = jiter.from_json(text.encode())
    except ValueError:
        return _judge_odd(text, pieces)
    return _judge_value(value, pieces, size)


def _judge_value(value: Any, pieces: list[str], size: int) -> ToolJson:
    if next(filter(None, pieces)).isspace():
        return ToolJson(
            "invalid", size, "its first piece is blank, and parsers of unfinished JSON fail there"
        )
    if not isinstance(value, dict):
        return ToolJson("not-object", size, _KINDS.get(type(value), "a number"))
    return ToolJson("object", size)


def _judge_odd(text: str, pieces: list[str]) -> ToolJson:
    """Judge JSON that a strict parser refuses."""
    size = len(text)
    if not text.strip():
        return ToolJson("invalid", size, "it is blank")
    try:
        _, end = _DECODER.raw_decode(text.lstrip())
    except RecursionError:
        return ToolJson("invalid", size, _TOO_DEEP)
    except ValueError as error:
        return _judge_broken(text, getattr(error, "pos", 0))
    rest = text.lstrip()[end:].strip()
    if rest:
        return ToolJson("trailing", size, f"after {text.strip()[:end][-20:]!r} comes {rest[:20]!r}")
    if half := _SURROGATE.search(text):
        return ToolJson("invalid", size, f"it holds half a character, \\u{ord(half[0]):04x}")
    _, _, problems = diagnose(text.encode())
    if problems:
        return ToolJson("invalid", size, problems[0].detail)
    try:  # integers that no double holds are JSON
        return _judge_value(jiter.from_json(text.encode()), pieces, size)
    except ValueError as error:
        return ToolJson("invalid", size, _TOO_DEEP if "recursion" in str(error) else str(error))


def _judge_broken(text: str, at: int) -> ToolJson:
    """Tell JSON that stops too early from text that is not JSON."""
    try:
        jiter.from_json(text.encode("utf-8", "replace"), partial_mode=True)
    except ValueError as reason:
        if "recursion" in str(reason):
            return ToolJson("invalid", len(text), _TOO_DEEP)
        at = min(at, len(text) - 1)
        near = text[max(at - 15, 0) : at + 15]
        return ToolJson("invalid", len(text), f"at character {at + 1}, near {near!r}")
    return ToolJson("truncated", len(text), f"the last is {text[-24:]!r}")


find_separator = re.compile(rb"\xe2\x80[\xa8\xa9]|\xc2\x85|[\x0b\x0c]").search
"""Search bytes for a character that line readers take for the end of a line, and the standard does not."""

_HEARTBEAT = re.compile(
    rb":[ \t]*(?:ping|keep-?alive|heart-?beat|processing)[^\n]{0,40}$", re.IGNORECASE | re.MULTILINE
)


def heartbeat(data: bytes) -> str:
    """Return the keep-alive comment inside a payload that is not JSON; empty if there is none."""
    match = _HEARTBEAT.search(data)
    return match[0].decode("utf-8", "replace") if match else ""
