"""Files that are made of values: JSON, JSON Lines, YAML, TOML. Each value comes with its line."""

from __future__ import annotations

import contextlib
import json
import re
import tomllib
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any

from inspector import _json
from inspector.errors import FormatError, RecordingError
from inspector.recording.pieces import LINE_LIMIT, long_line
from inspector.sse import BOM
from inspector.storage.piecewise import buffered

__all__ = ["Document", "documents"]

Document = tuple[int, Any]
"""The line at which a value begins, counted from 1, and the value."""

_TOML = re.compile(rb"\s*(#[^\n]*\n\s*)*(\[\[?[\w.\"-]+\]\]?[ \t]*\r?\n|[\w.\"-]+[ \t]*=[ \t])")
_LIMIT = 1024 * 1024 * 1024
"""Bytes of a file that is read whole."""


def documents(pieces: Iterable[bytes], name: str | None, *, text: bool) -> Iterator[Document]:
    """Yield the values of a file, each when it is needed. `text` allows YAML and TOML besides JSON.

    A file whose first line is a JSON value by itself is JSON Lines, and is read line by line. Raises
    `FormatError` with the line of a fault.
    """
    file = buffered(pieces)
    first = file.readline(LINE_LIMIT + 1)
    blank = 0
    while first and not first.removeprefix(BOM).strip():
        blank += 1
        first = file.readline(LINE_LIMIT + 1)
    first = first.removeprefix(BOM)
    is_json = first.lstrip().startswith((b"{", b"["))
    if is_json:
        with contextlib.suppress(ValueError):  # not a value by itself
            value = _json.loads(first)  # once: it may be the whole file
            lines = iter(lambda: file.readline(LINE_LIMIT + 1), b"")
            return chain([(blank + 1, value)], _lines(lines, blank + 2, name))
    whole = b"\n" * blank + first + file.read(_LIMIT)
    if len(whole) > _LIMIT:
        raise RecordingError(f"is larger than {_LIMIT >> 30} GiB, and must be read whole", path=name)
    if text and _TOML.match(whole):
        return _toml(whole, name)
    if is_json:
        return _json_document(whole, name)
    if not text:
        return iter(())
    from inspector.formats.yaml_values import yaml_documents

    return yaml_documents(whole, name)


def _lines(texts: Iterable[bytes], number: int, name: str | None) -> Iterator[Document]:
    for line, text in enumerate(texts, number):
        if len(text) > LINE_LIMIT:
            raise long_line(LINE_LIMIT, name, line)
        if text.strip():
            yield line, _value(text, line, name)


def _json_document(whole: bytes, name: str | None) -> Iterator[Document]:
    yield 1, _value(whole, 1, name)


def _value(text: bytes, line: int, name: str | None) -> Any:
    try:
        return _json.loads(text)
    except ValueError as error:
        reason, at = str(error), line
        if isinstance(error, json.JSONDecodeError):
            reason, at = error.msg, line + error.lineno - 1
        raise FormatError(f"not JSON: {reason}", path=name, line=at) from None


def _toml(whole: bytes, name: str | None) -> Iterator[Document]:
    try:
        yield 1, tomllib.loads(whole.decode())
    except UnicodeDecodeError as error:
        line = whole.count(b"\n", 0, error.start) + 1
        raise FormatError("not TOML: it is not UTF-8", path=name, line=line) from None
    except tomllib.TOMLDecodeError as error:
        at = re.search(r"at line (\d+)", str(error))
        line = int(at[1]) if at else max(whole.count(b"\n"), 1)
        raise FormatError(f"not TOML: {error}", path=name, line=line) from None
    except RecursionError:
        raise RecordingError("is TOML that is nested too deeply", path=name) from None
