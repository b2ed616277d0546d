"""What of two requests is compared: the whole body, or only the question that it asks; less what is ignored.

The question is what a person would call the same request: the same messages and tools for a model of the same
family, with a stream or without. It leaves out what an upgrade of an SDK changes, and what changes by itself:

- how a message is spelt: a text may be a block of text; members that are null, `cache_control`, and the
  signatures of thinking do not count
- `<system-reminder>` texts, which Claude Code writes into messages: they hold the date and the folder
- the system prompt, `max_tokens`, `thinking`, betas, and every other parameter

`metadata` is never compared: it names the user and the session.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import orjson

from inspector.protocol import model_family
from inspector.views.json_paths import JSONPath, json_path, without

__all__ = ["QUESTION", "WHOLE", "Comparison", "canonical"]

_ALWAYS: tuple[JSONPath, ...] = (("metadata",),)
_OPEN, _CLOSE = "<system-reminder>", "</system-reminder>"
_TOOL = ("type", "name", "description", "input_schema")
_MEANING = {
    "text": ("text",),
    "thinking": ("thinking",),
    "tool_use": ("id", "name", "input"),
    "tool_result": ("tool_use_id", "content", "is_error"),
}
"""The members of a content block that count; of another block, all."""


class Comparison:
    """What is compared: the `question`, or the whole body; without the members that `ignore` names.

    Raises `UsageError` for a path in `ignore` that is none.
    """

    def __init__(self, *, question: bool = False, ignore: Iterable[str] = ()) -> None:
        self.question = question
        self.ignore = tuple(ignore)
        self._paths = (*_ALWAYS, *map(json_path, self.ignore))

    def value(self, body: Any) -> Any:
        """Return what is compared of a body's JSON, which stays as it is."""
        for path in self._paths:
            body = without(body, path)
        if self.question and isinstance(body, dict) and isinstance(body.get("messages"), list):
            return _question(body)
        return body


WHOLE = Comparison()
"""Compares all of a body but `metadata`."""

QUESTION = Comparison(question=True)
"""Compares the question that a body asks."""


def canonical(body: bytes, value: Any) -> bytes:
    """Return a body's JSON `value` in the form that equal values share; the body itself if it has none."""
    if value is None:
        return body
    try:
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    except TypeError:  # a lone surrogate, an integer beyond 64 bits, or nested deeply
        pass
    try:
        return json.dumps(value, sort_keys=True).encode()
    except RecursionError:  # nested more deeply
        return body


def _question(body: dict[str, Any]) -> dict[str, Any]:
    question: dict[str, Any] = {"messages": [*filter(None, map(_message, body["messages"]))]}
    if isinstance(body.get("model"), str):
        question["model"] = model_family(body["model"])
    if body.get("stream") is True:
        question["stream"] = True
    if isinstance(body.get("tools"), list) and body["tools"]:
        question["tools"] = [_members(tool, _TOOL) for tool in body["tools"]]
    return question


def _message(message: Any) -> Any:
    """Return a message as it is compared; None for one that belongs to the system prompt."""
    if not isinstance(message, dict):
        return message
    if message.get("role") == "system":
        return None
    return {"role": message.get("role"), "content": _content(message.get("content"))}


def _content(content: Any, *, inner: bool = False) -> Any:
    """Return content as a text, or as a list of blocks that is not only one text."""
    if isinstance(content, str):
        return _without_reminders(content)
    if not isinstance(content, list):
        return content
    blocks = [*filter(None, (_block(block, inner=inner) for block in content))]
    if not blocks:
        return ""
    return blocks[0]["text"] if len(blocks) == 1 and _is_text(blocks[0]) else blocks


def _block(block: Any, *, inner: bool) -> Any:
    """Return a block as it is compared; None for a text that is a reminder and nothing else."""
    if not isinstance(block, dict):
        return block
    kind = block.get("type")
    block = _members(block, ("type", *_MEANING.get(kind, block))) if isinstance(kind, str) else block
    if _is_text(block):
        block = {**block, "text": _without_reminders(block["text"])}
        return block if block["text"] else None
    if kind == "tool_result" and not inner:
        # The default is not always written. Results hold no results: this ends here.
        block = {**block, "content": _content(block.get("content"), inner=True)}
        if block.get("is_error") is False:
            del block["is_error"]
    return block


def _is_text(block: Any) -> bool:
    return isinstance(block, dict) and block.get("type") == "text" and isinstance(block.get("text"), str)


def _members(value: Any, names: Iterable[str]) -> Any:
    """Return those members of an object that are there and no null, without `cache_control`."""
    if not isinstance(value, dict):
        return value
    pairs = ((name, value.get(name)) for name in dict.fromkeys(names))
    return {name: member for name, member in pairs if member is not None and name != "cache_control"}


def _without_reminders(text: str) -> str:
    """Return a text without its reminders, and without blanks around it if it had some."""
    kept, at = [], 0
    while (begin := text.find(_OPEN, at)) >= 0 and (end := text.find(_CLOSE, begin)) >= 0:
        kept.append(text[at:begin])
        at = end + len(_CLOSE)
    return "".join([*kept, text[at:]]).strip() if at else text
