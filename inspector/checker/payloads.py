"""Payloads that are not plain JSON objects, and the JSON of a tool's input: what is wrong with them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import jiter
import orjson

__all__ = [
    "AWS_EVENTS",
    "PayloadProblem",
    "ToolJson",
    "diagnose",
    "find_separator",
    "heartbeat",
    "is_error",
    "joined_objects",
    "judge_tool_json",
    "lines_of",
]


AWS_EVENTS = b"\0\0"
"""How Amazon's binary event stream begins, in which Bedrock sends events: a length of less than 64 KiB."""


class PayloadProblem(NamedTuple):
    """One thing that is wrong with a payload: the id of the rule that reports it, and the details."""

    rule: str
    detail: str


def diagnose(data: bytes) -> tuple[Any, bool, tuple[PayloadProblem, ...]]:
    """Read a payload that orjson refuses: (value, whether it could be read, what is wrong with it)."""
    problems: list[PayloadProblem] = []
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        text = data.decode("utf-8", "replace")
        detail = f"byte 0x{data[error.start]:02x}, {error.start} bytes into the payload, is not UTF-8"
        problems.append(PayloadProblem("utf8-invalid", detail))
    nonfinite: list[str] = []

    def to_float(digits: str) -> float:
        if abs(value := float(digits)) == float("inf"):
            nonfinite.append(digits)
        return value

    try:
        value = json.loads(text, parse_constant=nonfinite.append, parse_float=to_float)
    except json.JSONDecodeError as error:
        if not problems:
            near = text[max(error.pos - 12, 0) : error.pos + 12]
            what = error.msg.lower().removesuffix(" at")
            detail = f"{what} at character {error.pos + 1} of the payload, near {near!r}"
            problems.append(PayloadProblem("json-invalid", detail))
        return None, False, tuple(problems)
    except RecursionError:
        return None, False, (*problems, PayloadProblem("json-invalid", "nested too deeply to read"))
    except ValueError:  # an integer of more digits than Python converts
        return (
            None,
            False,
            (*problems, PayloadProblem("json-invalid", "a number has too many digits to read")),
        )
    if nonfinite:
        problems.append(PayloadProblem("number-nonfinite", f"{nonfinite[0]} is not JSON"))
    lone = _lone_surrogate(text)
    if lone:
        problems.append(PayloadProblem("surrogate-lone", f"the escape {lone} is half a character"))
    return value, True, tuple(problems)


_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|.)", re.DOTALL)


def _lone_surrogate(text: str) -> str:
    """Return the first escape of half a character that stands alone; empty if there is none."""
    high: re.Match[str] | None = None
    for match in _ESCAPE.finditer(text):
        code = int(match[1], 16) if match[1] else 0
        follows = high is not None and high.end() == match.start()
        if 0xDC00 <= code <= 0xDFFF and follows:
            high = None
            continue
        if high is not None:
            return high[0]
        if 0xDC00 <= code <= 0xDFFF:
            return match[0]
        high = match if 0xD800 <= code <= 0xDBFF else None
    return high[0] if high is not None else ""


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


def joined_objects(data: bytes) -> int:
    """Count the JSON objects in a payload that holds several, one a line; 0 for any other payload."""
    count = 0
    for line in lines_of(data):
        if not (line.startswith(b"{") and line.endswith(b"}")):
            return 0
        count += 1
    return count if count > 1 else 0


def lines_of(data: bytes) -> Iterator[bytes]:
    """Yield the lines of a payload that are not blank, without the blanks around them."""
    return (line for match in _LINE.finditer(data) if (line := match[0].strip()))


find_separator = re.compile(rb"\xe2\x80[\xa8\xa9]|\xc2\x85|[\x0b\x0c]").search
"""Search bytes for a character that line readers take for the end of a line, and the standard does not."""

_LINE = re.compile(rb"[^\n]+")
_HEARTBEAT = re.compile(
    rb":[ \t]*(?:ping|keep-?alive|heart-?beat|processing)[^\n]{0,40}$", re.IGNORECASE | re.MULTILINE
)


def heartbeat(data: bytes) -> str:
    """Return the keep-alive comment inside a payload that is not JSON; empty if there is none."""
    match = _HEARTBEAT.search(data)
    return match[0].decode("utf-8", "replace") if match else ""


def is_error(payload: dict[str, Any]) -> bool:
    """Return whether a payload is an error, in Anthropic's form or in one that servers invent."""
    kind = payload.get("type")
    if kind == "error" or payload.get("object") == "error":
        return True
    if isinstance(kind, str):
        return False
    return payload.get("error") is not None or set(payload) == {"detail"}
