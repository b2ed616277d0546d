"""The names of files that say what is in them: `0003-claude-sonnet-5-tool_use.jsonl`.

The number counts the requests, so that the names sort in the order of the requests. A folder may have
recordings already: numbers go on after theirs.
"""

from __future__ import annotations

import contextlib
import os
import re
from pathlib import Path

from inspector._json import as_object
from inspector.recording import Head

__all__ = ["exchange_name", "first_number", "subject_of"]

_NUMBERED = re.compile(r"(\d{4,})-(?!\d\d-\d\d_)")  # not the year of a file that a tap named by its time
_UNSAFE = re.compile(r"[^A-Za-z0-9._]+")  # what some file system or shell does not take
_LONGEST = 60  # characters of a part
_MESSAGES = "messages"
_BEGINNING = 4096  # bytes
_MODEL = re.compile(rb'\s*\{(?:\s*"\w+"\s*:\s*(?:"[^"\\]*"|[\w.+-]+)\s*,)*\s*"model"\s*:\s*"([^"\\]+)"')
"""The model of a body of which only the beginning is there, if nothing but plain members stands before it."""


def exchange_name(number: int, head: Head, outcome: str) -> str:
    """Return what to call the file of an exchange, without an ending."""
    return f"{number:04}-{_safe(subject_of(head))}-{_safe(outcome)}"


def subject_of(head: Head) -> str:
    """Say in a word what a request is about: the model of a message, else the end of the path."""
    path = head.request.url.partition("://")[2].partition("?")[0].partition("/")[2]
    last = path.rstrip("/").rpartition("/")[2]
    model = _model(head)
    if isinstance(model, str) and model:
        return model if last == _MESSAGES else f"{model}-{last}"
    return last


def _model(head: Head) -> object:
    request = head.request
    if "body_length" not in (request.extra or {}):
        return as_object(request.json()).get("model")
    match = _MODEL.match((request.body or b"")[:_BEGINNING])
    return match and match[1].decode(errors="replace")


def first_number(folder: Path) -> int:
    """Return the number after the highest that a file of the folder has; 1 if there is none."""
    numbers = [0]
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        numbers += [int(match[1]) for entry in entries if (match := _NUMBERED.match(entry.name))]
    return max(numbers) + 1


def _safe(part: str) -> str:
    """Return a part of a name that every file system takes, and no shell takes for anything else."""
    return _UNSAFE.sub("-", part)[:_LONGEST].strip("-.") or "request"
