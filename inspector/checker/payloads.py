"""Reading a payload that is not plainly JSON, and saying what is wrong with it; and a tool's JSON."""

from __future__ import annotations

import json
import re
from typing import Any

import jiter

__all__ = ["ToolJson", "diagnose", "glued", "tool_json"]

_CONSTANT = "number-nonfinite"


def diagnose(data: bytes) -> tuple[Any, bool, tuple[tuple[str, str], ...]]:
    """Read a payload that orjson refuses: (value, whether it could be read, what is wrong with it).

    What is wrong is a list of (rule id, words). A value is given wherever one can be made out.
    """
    problems: list[tuple[str, str]] = []
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        text = data.decode("utf-8", "replace")
        words = f"byte 0x{data[error.start]:02x}, {error.start} bytes into the payload, is not UTF-8"
        problems.append(("utf8-invalid", words))
    odd: list[str] = []
    try:
        value = json.loads(text, parse_constant=odd.append, parse_float=lambda digits: _float(digits, odd))
    except json.JSONDecodeError as error:
        if not problems:
            near = text[max(error.pos - 12, 0) : error.pos + 12]
            words = f"{error.msg.lower()} at character {error.pos + 1} of the payload, near {near!r}"
            problems.append(("json-invalid", words))
        return None, False, tuple(problems)
    except RecursionError:
        return None, False, (*problems, ("json-invalid", "nested too deeply to read"))
    except ValueError as error:  # an integer of more digits than Python converts
        return None, False, (*problems, ("json-invalid", str(error)))
    if odd:
        problems.append((_CONSTANT, f"{odd[0]} is not JSON"))
    lone = _lone_surrogate(text)
    if lone:
        problems.append(("surrogate-lone", f"the escape {lone} is half a character"))
    return value, True, tuple(problems)


def _float(digits: str, odd: list[str]) -> float:
    value = float(digits)
    if value in (float("inf"), float("-inf")):
        odd.append(digits)
    return value


_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|.)", re.DOTALL)


def _lone_surrogate(text: str) -> str:
    """The first \\uD8xx without its other half, or the other half without it; empty where there is none."""
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


class ToolJson:
    """How the JSON of a tool's input came out: `state` is what it is, `words` the evidence.

    States: `empty`, `object`, `not-object`, `truncated`, `trailing`, `invalid`.
    """

    __slots__ = ("size", "state", "words")

    def __init__(self, state: str, size: int, words: str = "") -> None:
        self.state = state
        self.size = size
        self.words = words


def tool_json(pieces: list[str]) -> ToolJson:
    """Judge the concatenated `partial_json` of a block."""
    text = "".join(pieces)
    size = len(text.encode("utf-8", "replace"))
    if not text.strip():
        return ToolJson("empty", size)
    try:
        value, end = json.JSONDecoder(strict=True).raw_decode(text.lstrip())
    except RecursionError:
        return ToolJson("invalid", size, "it is nested too deeply to read")
    except ValueError as error:
        return _broken(text, size, error)
    rest = text.lstrip()[end:].strip()
    if rest:
        return ToolJson("trailing", size, f"after {text.strip()[:end][-20:]!r} comes {rest[:20]!r}")
    if not isinstance(value, dict):
        kinds = {list: "an array", str: "text", bool: "true or false", type(None): "null"}
        return ToolJson("not-object", size, kinds.get(type(value), "a number"))
    return ToolJson("object", size)


def _broken(text: str, size: int, error: ValueError) -> ToolJson:
    """Tell JSON that stops too early from what is not JSON at all."""
    data = text.encode("utf-8", "replace")
    try:
        jiter.from_json(data, partial_mode=True)
    except ValueError as reason:
        cut = "EOF" in str(reason) or "unexpected end" in str(reason)
        at = min(getattr(error, "pos", 0), len(text) - 1)
        if not cut:
            return ToolJson(
                "invalid", size, f"at character {at + 1}, near {text[max(at - 15, 0) : at + 15]!r}"
            )
    return ToolJson("truncated", size, f"the last is {text[-24:]!r}")


def glued(data: bytes) -> int:
    """Count the JSON objects that stand in a payload, one a line; 0 where it is something else."""
    parts = [part for part in data.split(b"\n") if part.strip()]
    whole = all(part.lstrip().startswith(b"{") and part.rstrip().endswith(b"}") for part in parts)
    return len(parts) if whole and len(parts) > 1 else 0
