"""How a program ended, from what a test or a shell knows: a value, an exception, an exit status."""

from __future__ import annotations

from typing import Any

from inspector.protocol import TOOL_BLOCKS
from inspector.resilience.attempts import Conclusion, Program

__all__ = ["class_name", "exited", "program_of"]


def program_of(
    *, returned: Any = ..., raised: BaseException | None = None, reported: bool = False
) -> Program:
    """Say how a program ended: it `raised`, it `reported` that there is no whole answer, or it `returned`.

    Of what it returned, text is read, and a Message: the SDK's, or the same as a dict. `...` is no value.
    `raised` counts more than `reported`, and that more than `returned`. Without any of them it is not known.
    """
    if raised is not None:
        name = class_name(type(raised))
        message = " ".join(str(raised).split())[:200]
        detail = f"it raised {name}{f': {message}' if message else ''}"
        return Program(Conclusion.RAISED, detail, exception=name, is_api_error=_is_api_error(raised))
    if returned is ...:
        return Program(Conclusion.REPORTED, "it reported a failure") if reported else Program()
    text, tools = _answer(returned)
    if reported:
        return Program(Conclusion.REPORTED, "it reported a failure", text, tools)
    return Program(Conclusion.RETURNED, "the program returned as after a success", text, tools)


def exited(status: int) -> Program:
    """Say how a command ended, from its exit status as a shell gives it: 128 + N if signal N ended it."""
    if not status:
        return Program(Conclusion.RETURNED, "the command exited with status 0")
    return Program(Conclusion.EXITED, f"the command exited with status {status}")


def class_name(kind: type) -> str:
    """Name an exception's class as programs write it: `httpx2.ReadError`, `IndexError`."""
    package = kind.__module__.partition(".")[0]
    return kind.__qualname__ if package == "builtins" else f"{package}.{kind.__qualname__}"


def _is_api_error(error: BaseException) -> bool:
    return any(class_name(kind) == "anthropic.APIError" for kind in type(error).__mro__)


def _answer(value: Any) -> tuple[str | None, tuple[tuple[str, Any], ...] | None]:
    """Read the text and the tool calls of a value; None for what it does not say."""
    if isinstance(value, str):
        return value, None
    content = _member(value, "content")
    if not isinstance(content, list):
        return None, None
    text = "".join(str(_member(block, "text") or "") for block in content if _member(block, "type") == "text")
    tools = [
        (str(_member(block, "name")), _member(block, "input"))
        for block in content
        if _member(block, "type") in TOOL_BLOCKS
    ]
    return text, tuple(tools)


def _member(value: Any, name: str) -> Any:
    return value.get(name) if isinstance(value, dict) else getattr(value, name, None)
