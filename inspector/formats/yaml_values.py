"""Reading YAML 1.1 from strangers: the parser's events, put together without recursion.

PyYAML's own composer recurses in C, so deep nesting ends the process. Its resolver turns plain text into
dates and numbers in base 60, which is never meant in a cassette. Here plain text is null, a truth value or an
integer if it looks like one in YAML's core schema, and text otherwise. `!!binary` is bytes, whoever's tag it
is. Other tags are ignored: nothing is ever constructed from them.

An alias is a reference to the value of its anchor. A file whose aliases would expand to more than
`EXPANDED_LIMIT` values is refused, as is one that is nested deeper than `DEPTH_LIMIT`.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from typing import Any

import yaml

from inspector.errors import FormatError

__all__ = ["DEPTH_LIMIT", "EXPANDED_LIMIT", "Mapping", "yaml_documents"]

DEPTH_LIMIT = 200
"""The deepest nesting that is read, in levels."""

EXPANDED_LIMIT = 5_000_000
"""The most values that a file may stand for, its aliases expanded."""

_PARSER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # wheels have libyaml; others parse slowly
_CONSTANTS: dict[str, Any] = {"": None, "~": None, "null": None, "Null": None, "NULL": None}
_CONSTANTS |= dict.fromkeys(("true", "True", "TRUE"), True)
_CONSTANTS |= dict.fromkeys(("false", "False", "FALSE"), False)
_INTEGER = re.compile(r"[-+]?[0-9]{1,18}")


class Mapping(dict[str, Any]):
    """A mapping, and the line at which it begins, counted from 1."""

    __slots__ = ("line",)

    def __init__(self, line: int) -> None:
        super().__init__()
        self.line = line


class _Open:
    """A collection whose end has not come."""

    __slots__ = ("anchor", "key", "size", "value")

    def __init__(self, value: Any, anchor: str | None) -> None:
        self.value = value
        self.anchor = anchor
        self.key: str | None = None
        self.size = 1

    def add(self, value: Any, size: int) -> None:
        self.size += size
        if isinstance(self.value, list):
            self.value.append(value)
        elif self.key is None:
            self.key = value if isinstance(value, str) else str(value)
        else:
            self.value[self.key] = value
            self.key = None


def yaml_documents(text: bytes, name: str | None) -> Iterator[tuple[int, Any]]:
    """Yield the line and the value of each document. Raises `FormatError` with the line of a fault."""
    parser = None
    try:
        parser = _PARSER(text)
        while True:
            event = parser.get_event()
            if isinstance(event, yaml.DocumentStartEvent):
                yield event.start_mark.line + 1, _document(parser, name)
            elif event is None or isinstance(event, yaml.StreamEndEvent):
                return
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        problem = " ".join(filter(None, (error.context, error.problem)))
        raise FormatError(f"not YAML: {problem}", path=name, line=mark.line + 1 if mark else 1) from None
    except yaml.YAMLError as error:  # of the reader of its characters
        line = text.count(b"\n", 0, getattr(error, "position", None) or 0) + 1
        problem = f"not YAML: {getattr(error, 'reason', None) or error}"
        raise FormatError(problem, path=name, line=line) from None
    finally:
        if parser is not None:
            parser.dispose()


def _document(parser: Any, name: str | None) -> Any:
    """Build the value of the document that has begun."""
    open_: list[_Open] = [_Open([], None)]
    anchors: dict[str, tuple[Any, int]] = {}
    scalar, ends = yaml.ScalarEvent, (yaml.MappingEndEvent, yaml.SequenceEndEvent)
    while True:
        event = parser.get_event()
        if isinstance(event, scalar):
            value, size = _scalar(event, name), 1
            if event.anchor:
                anchors[event.anchor] = value, size
        elif isinstance(event, ends):
            ended = open_.pop()
            value, size = ended.value, ended.size
            if ended.anchor:
                anchors[ended.anchor] = value, size
        elif isinstance(event, yaml.AliasEvent):
            if event.anchor not in anchors:
                message = f"not YAML that can be read: *{event.anchor} has no anchor, or is inside of it"
                raise FormatError(message, path=name, line=event.start_mark.line + 1)
            value, size = anchors[event.anchor]
        elif isinstance(event, yaml.DocumentEndEvent):
            return open_[0].value[0] if open_[0].value else None
        else:
            mapping = isinstance(event, yaml.MappingStartEvent)
            line = event.start_mark.line + 1
            if len(open_) > DEPTH_LIMIT:
                raise FormatError(f"nested deeper than {DEPTH_LIMIT} levels", path=name, line=line)
            open_.append(_Open(Mapping(line) if mapping else [], event.anchor))
            continue
        inside = open_[-1]
        inside.add(value, size)
        if inside.size > EXPANDED_LIMIT:
            message = f"its aliases stand for more than {EXPANDED_LIMIT:,} values"
            raise FormatError(message, path=name, line=event.start_mark.line + 1)


def _scalar(event: Any, name: str | None) -> Any:
    text, tag = event.value, event.tag
    if tag is not None and tag.endswith("binary"):
        try:
            return base64.b64decode(text)
        except (binascii.Error, ValueError) as error:
            line = event.start_mark.line + 1
            raise FormatError(f"!!binary is not base64: {error}", path=name, line=line) from None
    if event.style or tag not in (None, "tag:yaml.org,2002:int"):
        return text
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    return int(text) if _INTEGER.fullmatch(text) else text
