"""Fixtures of a wider scope than a test that have sent requests while they were set up.

Their requests are those of the test that needs them first. The next test gets the value, so it needs no
request of its own.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest

__all__ = ["WideFixtures"]


class WideFixtures:
    """The fixtures of this session whose last set-up has sent requests."""

    def __init__(self) -> None:
        self._answered: set[pytest.FixtureDef[Any]] = set()

    @contextlib.contextmanager
    def noting(self, fixture: pytest.FixtureDef[Any], calls: Callable[[], int]) -> Iterator[None]:
        """Note whether a fixture sends requests in its set-up: `calls` counts those of the running test."""
        if fixture.scope == "function":
            yield
            return
        before = calls()
        try:
            yield
        finally:
            if calls() > before:
                self._answered.add(fixture)
            else:
                self._answered.discard(fixture)

    def used_by(self, item: pytest.Item) -> list[str]:
        """Return the names of those that a test uses, whichever test they were set up for."""
        request: pytest.FixtureRequest = item._request  # type: ignore[attr-defined]
        return sorted(name for name, fixture in request._fixture_defs.items() if fixture in self._answered)
