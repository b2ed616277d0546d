"""Requests that their reader gives up before a response comes.

HTTP libraries call no event hook for them. They trace the steps of a request
(https://www.python-httpx.org/advanced/extensions/#trace). If one is interrupted or cancelled, a step fails.
A failure of the network is left alone: the library may try again after it, and does not say so.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, MutableMapping
from typing import Any

__all__ = ["watch"]

Extensions = MutableMapping[str, Any]


class _Steps:
    """The trace of a request. The caller's own trace, `others`, goes on."""

    def __init__(self, others: Callable[[str, dict[str, Any]], Any] | None, given_up: _GivenUp) -> None:
        self._others = others
        self._given_up = given_up

    def note(self, name: str, info: dict[str, Any]) -> None:
        """Take a step, of a sync client."""
        self._look(name, info)
        if self._others is not None:
            self._others(name, info)

    async def anote(self, name: str, info: dict[str, Any]) -> None:
        """Take a step, of an async client."""
        self._look(name, info)
        if self._others is not None:
            await self._others(name, info)

    def _look(self, name: str, info: dict[str, Any]) -> None:
        error = info.get("exception")
        if name.endswith(".failed") and isinstance(error, BaseException) and not isinstance(error, Exception):
            self._given_up(error)


_GivenUp = Callable[[BaseException], None]


class _Watching:
    """What a request hook returns: async clients await it, and need a trace that is a coroutine."""

    def __init__(self, extensions: Extensions, steps: _Steps) -> None:
        self._extensions = extensions
        self._steps = steps

    def __await__(self) -> Generator[None, None, None]:
        self._extensions["trace"] = self._steps.anote
        yield from ()


def watch(extensions: Extensions, given_up: _GivenUp) -> _Watching:
    """Call `given_up` if the request of these extensions ends by Ctrl-C, a cancelled task or the like.

    It must not raise, and must not hold the request, whose body may be large. It is called in the body of a
    response, too. Return what the request hook must return.
    """
    steps = _Steps(extensions.get("trace"), given_up)
    extensions["trace"] = steps.note
    return _Watching(extensions, steps)
