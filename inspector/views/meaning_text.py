"""What a recording means, as lines of text that a line diff compares well: git's, for example.

Two recordings that mean the same give the same lines. A sentence has a line of its own.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from inspector import _json
from inspector.checker import report
from inspector.recording import Recording
from inspector.views.changes import Part
from inspector.views.diff_choices import Choices
from inspector.views.diffing import lasting_findings
from inspector.views.meaning import Meaning, meaning_of

__all__ = ["meaning_lines"]

_SENTENCE = re.compile("(?<=[.!?]) +|(?<=[\u3002\uff01\uff1f])")  # the last three are of Chinese and Japanese
_TEXTS = {
    "text": Part.TEXT,
    "thinking": Part.THINKING,
    "input_text": Part.TOOL_INPUT,
    "input": Part.TOOL_INPUT,
}


def meaning_lines(recording: Recording, choices: Choices) -> Iterator[str]:
    """Yield the lines of a recording, without the parts that the choices ignore. They are not escaped."""
    meaning = meaning_of(recording)
    if choices.wants(Part.REQUEST):
        yield f"{meaning.request['method']} {meaning.request['path']}"
        yield from _members("request.headers.", meaning.request["headers"])
        if "body" in meaning.request:
            yield from _value("request.body", meaning.request["body"])
    if choices.wants(Part.STATUS):
        yield f"status {meaning.status}: {meaning.form}"
    if choices.wants(Part.HEADERS):
        yield from _members("headers.", meaning.headers)
    yield from _said(meaning, choices)
    if choices.wants(Part.END):
        yield f"end {meaning.end}"
    if choices.wants(Part.FINDINGS):
        yield from (
            f"{text.partition(':')[0]} {rule}" for rule, text in lasting_findings(report(recording)).items()
        )


def _said(meaning: Meaning, choices: Choices) -> Iterator[str]:
    for number, block in enumerate(meaning.content):
        rest = {name: value for name, value in block.items() if name not in _TEXTS}
        if choices.wants(Part.CONTENT):
            yield f"content[{number}] {_json.dumps_text(rest)}"
        for name, part in _TEXTS.items():
            if name in block and choices.wants(part):
                yield from _value(name, block[name])
    for part, start, values in (
        (Part.STOP_REASON, "", meaning.stop),
        (Part.USAGE, "usage.", meaning.usage),
        (Part.MESSAGE, "message.", meaning.message),
    ):
        if choices.wants(part):
            yield from _members(start, values)
    if choices.wants(Part.ERROR):
        for error in meaning.errors:
            yield from _value("error", error)
    if choices.wants(Part.BODY) and meaning.body is not None:
        yield from _value("body", meaning.body)
    if choices.wants(Part.EVENTS):
        yield from (f"event {step}" for step in meaning.steps)
        for payload in meaning.unknown:
            yield from _value("unknown", payload)


def _members(start: str, values: Mapping[str, Any]) -> Iterator[str]:
    yield from (f"{start}{name}: {_json.as_text(value)}" for name, value in sorted(values.items()))


def _value(name: str, value: Any) -> Iterator[str]:
    """Yield a text sentence by sentence, and any other value as JSON over several lines."""
    yield name
    if isinstance(value, str):
        for line in value.split("\n"):
            yield from (f"  {sentence}" for sentence in _SENTENCE.split(line) if sentence)
    else:
        yield from (f"  {line}" for line in _sorted_text(value).split("\n"))


def _sorted_text(value: Any) -> str:
    """Write a value as JSON, its members sorted: their order says nothing."""
    try:
        return _json.dumps_text(json.loads(json.dumps(value, sort_keys=True)), indent=2)
    except RecursionError:
        return _json.dumps_text(value, indent=2)
