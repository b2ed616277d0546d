"""Paths of members in a request's body, as a person writes them to leave members out, or to replace them.

    metadata    messages[0].content    messages[*].content[*].cache_control    tools[*].description

A path is spelt as a miss prints it; `body.` before it, or `$.` as in JSONPath, is accepted. `*` stands for
every member or item. A member whose name has a dot or a bracket cannot be written.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from inspector.errors import UsageError

__all__ = ["JSONPath", "json_path", "replaced", "without"]

JSONPath = tuple[str | int, ...]
"""The steps of a path: names of members, positions of items, and `*` for all."""

_STEP = re.compile(r"\.?([^.\[\]]+)|\[(\d+|\*|)\]")


def json_path(text: str) -> JSONPath:
    """Parse a path. Raises `UsageError` if it is none."""
    rest = re.sub(r"^(?:\$|body)(?=[.\[])\.?", "", text)
    steps: list[str | int] = []
    at = 0
    while match := _STEP.match(rest, at):
        name, index = match[1], match[2]
        steps.append(name if name is not None else int(index) if index.isdigit() else "*")
        at = match.end()
    if not steps or at < len(rest):
        raise UsageError(
            f"ignore={text!r} is no path in a body; paths are such as metadata, tools[*].description or "
            "messages[0].content"
        )
    return tuple(steps)


def without(value: Any, path: JSONPath) -> Any:
    """Return the value without what the path names, and leave the argument as it is.

    An item of a list becomes None, so that the items after it keep their positions.
    """

    def leave_out(container: Any, key: Any) -> None:
        if isinstance(container, list):
            container[key] = None
        else:
            del container[key]

    return _changed(value, path, leave_out)


def replaced(value: Any, path: JSONPath, new: Any) -> Any:
    """Return the value with `new` for what the path names, and leave the argument as it is."""
    return _changed(value, path, lambda container, key: container.__setitem__(key, new))


def _changed(value: Any, path: JSONPath, change: Callable[[Any, Any], object]) -> Any:
    """Copy the containers on the way to what the path names, and change the last of them."""
    keys = _keys(value, path[0])
    if not keys:
        return value
    copy = value.copy()
    for key in keys:
        if len(path) > 1:
            copy[key] = _changed(copy[key], path[1:], change)
        else:
            change(copy, key)
    return copy


def _keys(value: Any, step: str | int) -> list[Any]:
    """Return the keys of the members or items that a step names."""
    if isinstance(value, dict):
        return list(value) if step == "*" else [step] if step in value else []
    if isinstance(value, list):
        positions = range(len(value))
        return list(positions) if step == "*" else [step] if step in positions else []
    return []
