"""The payloads of events, as far as they can be read: also those that are not one plain JSON object."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

__all__ = [
    "PayloadProblem",
    "diagnose",
    "is_error",
    "joined_objects",
    "kind_of",
    "lines_of",
    "not_separated",
    "objects_of",
]

_LINE = re.compile(rb"[^\n]+")


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


def joined_objects(data: bytes) -> int:
    """Count the JSON objects in a payload that holds several, one a line; 0 for any other payload."""
    count = 0
    for line in lines_of(data):
        if not (line.startswith(b"{") and line.endswith(b"}")):
            return 0
        count += 1
    return count if count > 1 else 0


def not_separated(objects: int, frames: int = 1) -> str:
    """Say that frames hold several JSON objects each, `objects` together."""
    of = "one frame" if frames == 1 else f"{frames:,} frames"
    return f"{objects} JSON objects in {of}: no blank line separates their events"


def objects_of(data: bytes) -> list[dict[str, Any]]:
    """Return the objects of a payload that is odd: one, or several, one a line; none if it cannot be read."""
    value, readable, _ = diagnose(data)
    if readable:
        return [value] if isinstance(value, dict) else []
    values = [diagnose(line)[0] for line in lines_of(data)] if joined_objects(data) else []
    return values if all(isinstance(value, dict) for value in values) else []


def lines_of(data: bytes) -> Iterator[bytes]:
    """Yield the lines of a payload that are not blank, without the blanks around them."""
    return (line for match in _LINE.finditer(data) if (line := match[0].strip()))


def is_error(payload: dict[str, Any]) -> bool:
    """Return whether a payload is an error, in Anthropic's form or in one that servers invent."""
    kind = payload.get("type")
    if kind == "error" or payload.get("object") == "error":
        return True
    if isinstance(kind, str):
        return False
    return payload.get("error") is not None or set(payload) == {"detail"}


def kind_of(name: str | None, payload: dict[str, Any]) -> str | None:
    """Return what an event is: what its payload says, or else its name.

    An error is one in any form that servers invent.
    """
    if name != "error" and is_error(payload):
        return "error"
    kind = payload.get("type")
    return kind if isinstance(kind, str) else name
