"""What the fixtures `replay_server` and `replay_transport` return: one object each for a whole session.

A fixture of any scope may ask for them. What they answer is the running test's: its marker decides.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from inspector.http_library import sdk_library

if TYPE_CHECKING:
    from inspector.pytest_plugin._running import Running

__all__ = ["CurrentServer", "current_transport"]


class CurrentServer:
    """The server of the test that runs now: `.url`, `.requests`, and all that it has."""

    def __init__(self, running: Running) -> None:
        self._running = running

    @property
    def url(self) -> str:
        """Where it answers, for a client's base URL. It stays the same from test to test."""
        _of_a_test(self._running.server)
        return self._running.url

    def __getattr__(self, name: str) -> Any:
        return _attribute(self._running.server, name)


def current_transport(running: Running) -> Any:
    """Return a transport, sync and async, that answers as the test that runs now."""
    library = sdk_library()

    class CurrentTransport(library.BaseTransport, library.AsyncBaseTransport):  # type: ignore[name-defined,misc]
        """Hands each request on to the transport of the test that runs."""

        def handle_request(self, request: Any) -> Any:
            running.claim(request)
            return _of_a_test(running.transport).handle_request(request)

        async def handle_async_request(self, request: Any) -> Any:
            running.claim(request)
            return await _of_a_test(running.transport).handle_async_request(request)

        def close(self) -> None:
            if running.recorder is not None:
                running.recorder.close()

        async def aclose(self) -> None:
            if running.recorder is not None:
                await running.recorder.aclose()

        def __getattr__(self, name: str) -> Any:
            return _attribute(running.server, name)

    return CurrentTransport()


def _attribute(value: Any, name: str) -> Any:
    if name.startswith("__"):  # programs look for those in any object
        raise AttributeError(name)
    if name == "verdict" and not hasattr(_of_a_test(value), name):
        return _nothing_seen
    return getattr(_of_a_test(value), name)


def _nothing_seen(**_: Any) -> Any:
    """Judge the client of a test that is recorded: nothing was played to it."""
    from inspector.resilience import ClientLog, judge_client

    return judge_client(ClientLog())


def _of_a_test(value: Any) -> Any:
    if value is None:
        pytest.fail(
            "inspector: replay_server and replay_transport answer while a test with @pytest.mark.recording "
            "runs, and none runs now",
            pytrace=False,
        )
    return value
