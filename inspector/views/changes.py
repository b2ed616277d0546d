"""One difference in meaning, the part of a recording that it belongs to, and what differs besides."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple

from inspector import _json
from inspector.recording.masked_repr import masked_repr
from inspector.redact import mask_text
from inspector.views.json_diff import ABSENT, path_text
from inspector.views.json_paths import JSONPath

__all__ = ["Change", "Note", "Part", "masked", "part_of"]


class Part(StrEnum):
    """The parts of a recording that are compared, in the order in which they are shown."""

    REQUEST = "request"
    """The method, the path, the headers and the body of the request."""
    STATUS = "status"
    """The response's HTTP status."""
    HEADERS = "headers"
    """Those of its headers that mean something to a client."""
    FORM = "form"
    """Whether the body is an event stream, a whole message, other JSON, text, or nothing."""
    EVENTS = "events"
    """Which events come after which; a run of deltas is one step."""
    CONTENT = "content"
    """The content blocks: their types, names, citations and other members."""
    TEXT = "text"
    """The text of a block, word by word."""
    THINKING = "thinking"
    """The thinking of a block, word by word."""
    TOOL_INPUT = "tool_input"
    """The input of a tool, path by path."""
    STOP_REASON = "stop_reason"
    """The stop reason, the stop sequence and the details."""
    USAGE = "usage"
    """The last value of each count."""
    MESSAGE = "message"
    """The message's other members, such as the model."""
    ERROR = "error"
    """The payload of an `error` event."""
    BODY = "body"
    """A body that is neither a stream nor a message."""
    END = "end"
    """How the body ended."""
    FINDINGS = "findings"
    """The rules whose errors or warnings came or went."""
    TIMING = "timing"
    """The times, if a factor is given."""
    BYTES = "bytes"
    """The bytes of the body, if the comparison is exact."""
    READS = "reads"
    """The reads in which the body came, if the comparison is exact."""


_OF_ROOT = {
    "stop_sequence": Part.STOP_REASON,
    "stop_details": Part.STOP_REASON,
    "unknown": Part.EVENTS,
    "response": Part.BODY,
}
_OF_MEMBER = {
    "text": Part.TEXT,
    "thinking": Part.THINKING,
    "input": Part.TOOL_INPUT,
    "input_text": Part.TOOL_INPUT,
}


def part_of(path: JSONPath) -> Part:
    """Return the part that a path leads into."""
    root = str(path[0])
    if root == Part.CONTENT and len(path) > 2:
        return _OF_MEMBER.get(str(path[2]), Part.CONTENT)
    return _OF_ROOT.get(root) or Part(root)


@dataclass(frozen=True, slots=True)
class Change:
    """One difference in meaning: the path of a value, and the value on either side, or `ABSENT`."""

    path: JSONPath
    before: Any
    after: Any

    @property
    def part(self) -> Part:
        """The part of the recording that the value belongs to."""
        return part_of(self.path)

    @property
    def where(self) -> str:
        """The path as `ignore` takes it: `content[0].text`."""
        return path_text(self.path)

    def to_dict(self) -> dict[str, Any]:
        """Return the same as plain JSON values, secrets masked. A side without the value is left out."""
        sides = {"before": self.before, "after": self.after}
        values = {name: masked(value) for name, value in sides.items() if value is not ABSENT}
        return {"part": self.part.value, "where": masked(self.where), **values}


class Note(NamedTuple):
    """What differs besides: a count, or a time in seconds. It is no difference in meaning."""

    what: str
    before: Any
    after: Any


def masked(value: Any) -> Any:
    """Return a value without secrets, and with text that UTF-8 can hold."""
    text = value if isinstance(value, str) else _json.dumps_text(value)
    masked = mask_text(text.encode("utf-8", "backslashreplace").decode())
    return masked if isinstance(value, str) else _json.loads(masked.encode())


Change.__repr__ = masked_repr  # type: ignore[method-assign]
