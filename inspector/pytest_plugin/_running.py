"""The marked test that runs now, and what it changes in this process: one of them for a session.

From a marked test's first fixture to its tear-down, requests of Anthropic clients are caught, the variables
that clients read point to loopback, and the API's name cannot be looked up. After the test all is as it was.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from inspector.protocol import API_URL, DUMMY_API_KEY, client_environment
from inspector.pytest_plugin._case import Case
from inspector.pytest_plugin._guard import without_hosts
from inspector.pytest_plugin._in_process import Played, Recorded, Refused
from inspector.pytest_plugin._interception import Door, Interception
from inspector.pytest_plugin._loopback import Loopback
from inspector.pytest_plugin._mismatches import calls_of
from inspector.pytest_plugin._redirecting import Redirected
from inspector.pytest_plugin._wide_fixtures import WideFixtures

if TYPE_CHECKING:
    from inspector.pytest_plugin._live import Live

__all__ = ["Running"]

_NOBODY = "http://127.0.0.1:9"  # nobody answers at this port: in RFC 863 it is that of the service "discard"


class Running:
    """At most one marked test at a time, and what answers it."""

    def __init__(self) -> None:
        self.case: Case | None = None
        self.server: Any = None
        """What knows the test's requests: the server that plays, or what records."""
        self.problem: BaseException | None = None
        """Why the test cannot be answered."""
        self.url = ""
        """Where the server answers. It is the same for every test that is not recorded."""
        self.recorder: Any = None
        """A transport that calls the API and records; None in a test that is replayed."""
        self._door: Door | None = None
        self._began = False
        self._interception = Interception(lambda: self._door)
        self._loopback: Loopback | None = None
        self._wide_fixtures = WideFixtures()
        self._addresses: set[str] = set()
        self._refused: set[str] = set()  # hosts that the test may not look up
        self._undo = contextlib.ExitStack()

    @property
    def transport(self) -> Any:
        """What answers in process: a transport that plays the test's recordings, or one that records."""
        return self.case.transport if self.case and not self.recorder else self.recorder

    def begin(self, item: pytest.Item) -> Case:
        """Begin with a test. `ready` follows when its fixtures can be set up."""
        self.end()
        self.case = Case(item, self._wide_fixtures)
        if self._loopback is None:
            # Now, before pytest-socket takes the sockets away. If it did already: in process needs none.
            with contextlib.suppress(OSError, RuntimeError):
                self._loopback = Loopback()
        # Before pytest-socket's guard, which removes itself at the end only if none is above it.
        self._undo.enter_context(without_hosts(self._refused, self.case.failures.append))
        return self.case

    def ready(self) -> None:
        """Catch the test's requests from now on: before its first fixture is set up."""
        case = self.case
        if case is None or self._began:
            return
        self._began = True  # the folder of its recordings is a fixture, too
        try:
            self._door = self._replayed(case) if case.live is None else self._recorded(case, case.live)
        except (Exception, pytest.fail.Exception, pytest.skip.Exception) as error:
            # pytest sets up no fixture a second time whose first set-up a hook has failed: so fail later.
            self.problem, self._door = error, Refused(error)
            self._lead_others_to(_NOBODY)  # a fixture may start a program before the failure is reported
        self._interception.cover()

    def claim(self, request: Any) -> None:
        """Prepare a request for the test's transport, which the test itself gave to its client."""
        if isinstance(self._door, Recorded):
            self._door.claim(request)

    def set_up(self, fixture: pytest.FixtureDef[Any]) -> contextlib.AbstractContextManager[None]:
        """Set a fixture up: whose requests it sends is known then."""
        self.ready()
        return self._wide_fixtures.noting(fixture, lambda: len(calls_of(self.server)) if self.server else 0)

    def end(self) -> None:
        """Leave everything as it was before the test. Without a test this does nothing."""
        self._door = self.case = self.server = self.recorder = None
        self.problem, self._began = None, False
        self._interception.remove()
        self._undo.close()
        self._refused.clear()

    def close(self) -> None:
        """End the session."""
        self.end()
        if self._loopback is not None:
            self._loopback.close()

    def _lead_others_to(self, url: str) -> None:
        """Give other programs and clients of other libraries this base URL. Refuse them the API's name."""
        self._refused.update(urlsplit(each).hostname or "" for each in (API_URL, _upstream()))
        self._undo.enter_context(_environment(client_environment(url, os.environ, key=DUMMY_API_KEY)))

    def _replayed(self, case: Case) -> Door:
        self.server, loopback = case.server, self._loopback
        self.url = loopback.url if loopback else _NOBODY
        if loopback is not None:
            loopback.answer_from(case.server, case.failures.append)
            self._undo.callback(loopback.answer_no_more)
        self._lead_others_to(self.url)
        return Played(case, self.url, loopback if case.uses("replay_server") else None)

    def _recorded(self, case: Case, live: Live) -> Door:
        upstream = _upstream()
        self._undo.callback(live.close)
        front = self._undo.enter_context(live.server())
        self.server, self.url = live, front.url
        self.recorder = self._undo.enter_context(live.transport())
        self._addresses.add(self.url)
        # The key is the user's own. Without one the SDK says so itself.
        self._undo.enter_context(_environment(client_environment(self.url, os.environ, key=None)))
        if live.answers_itself:
            return Redirected(front)
        door = Recorded(live.tap, upstream, self.url, self._addresses)
        live.add(door)
        return door


def _upstream() -> str:
    return os.environ.get("ANTHROPIC_BASE_URL") or API_URL


@contextlib.contextmanager
def _environment(changes: Mapping[str, str | None]) -> Iterator[None]:
    """Change variables. At the end restore those that nobody else has changed since."""
    before = {name: os.environ.get(name) for name in changes}
    _set(changes)
    try:
        yield
    finally:
        _set({name: before[name] for name, value in changes.items() if os.environ.get(name) == value})


def _set(values: Mapping[str, str | None]) -> None:
    for name, value in values.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value
