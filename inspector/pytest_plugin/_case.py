"""One test and its recordings: answer the test from them, and judge its requests when it has run."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from inspector.errors import InspectorError, UsageError
from inspector.escaping import defused, escape
from inspector.pytest_plugin._marked_recordings import MarkedRecordings
from inspector.pytest_plugin._marker import Marker, read_marker
from inspector.recording import Recording
from inspector.redact import Mask, mask_text

if TYPE_CHECKING:
    from inspector.play.rendering import Timing
    from inspector.play.transport import ReplayTransport
    from inspector.pytest_plugin._configuration import Configuration
    from inspector.pytest_plugin._live import Live
    from inspector.pytest_plugin._mismatches import Judgement
    from inspector.pytest_plugin._wide_fixtures import WideFixtures
    from inspector.serve.server import Server

__all__ = ["KEYS", "Case", "lines", "without_traceback"]

KEYS = ("ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN")

RECORDING_SESSION = "inspector-recording-session"
"""The name of the plugin that is there when tests may ask the API."""

PATIENCE = 5.0
"""For how many seconds a server stays silent under --inspector-faults, for a client that does not give up."""


class Case:
    """A marked test: its recordings, what plays them, and what happened.

    All doors of a test share one player: a socket, a transport and what is caught on its way to a network.
    Nothing is read before the test needs it.
    """

    def __init__(self, item: pytest.Item, wide_fixtures: WideFixtures) -> None:
        self.item = item
        self._wide_fixtures = wide_fixtures
        self.mode = item.config.getoption("inspector_mode")
        self.failures: list[str] = []
        """What else is wrong with this test, besides its requests."""
        self.places: dict[int, str] = {}
        """By a request's number: who sent it, if no recording answers it."""
        self._instead: ReplayTransport | None = None
        self._was_split = False
        # They count as secrets even if the test sends no request. Later the environment may have a dummy.
        self._keys = [(name, os.environ[name]) for name in KEYS if name in os.environ]

    def uses(self, fixture: str) -> bool:
        """Return whether the test, or a fixture of it, has this fixture as an argument."""
        return fixture in getattr(self.item, "fixturenames", ())

    def fixture(self, name: str) -> Any:
        """Return the value of a fixture for this test."""
        request: pytest.FixtureRequest = self.item._request  # type: ignore[attr-defined]
        return request.getfixturevalue(name)

    @cached_property
    def marker(self) -> Marker:
        """The test's marker. It fails the test if it is wrong."""
        with without_traceback():
            return read_marker(self.item)

    @cached_property
    def folder(self) -> Path:
        """The folder of the test's recordings."""
        folder: object = self.fixture("recordings_dir")
        if isinstance(folder, str | os.PathLike):
            return Path(folder)
        with without_traceback():
            raise UsageError(f"the fixture recordings_dir returns the path of a folder, and not {folder!r}")

    @cached_property
    def live(self) -> Live | None:
        """What answers from the API, if this test is recorded or verified."""
        session = self.item.config.pluginmanager.get_plugin(RECORDING_SESSION)
        if session is None or self.marker.fault is not None or self.uses("every_split"):
            return None
        names = [name for name in self.marker.names if not isinstance(name, Recording)]
        if len(names) < len(self.marker.names):
            return None
        with without_traceback():
            live: Live | None = session.live(
                names, self.folder, self._configuration, own=self.marker.own, **self._matching
            )
            return live

    @cached_property
    def _configuration(self) -> Configuration:
        """What the fixture `inspector_config` returns for this test."""
        from inspector.pytest_plugin._configuration import configuration

        with without_traceback():
            return configuration(self.fixture("inspector_config"))

    @cached_property
    def _matching(self) -> dict[str, Any]:
        """How the test's requests find their recordings: `match` and `ignore`."""
        default = "request" if self.marker.own else "order"
        return {
            "match": self.marker.match or self._configuration.match or default,
            "ignore": self._configuration.ignored(self.marker.ignore),
        }

    @cached_property
    def _recordings(self) -> MarkedRecordings:
        beside = self.item.path.parent / "recordings"
        return MarkedRecordings(self.marker, self.folder, beside, is_split=self.uses("every_split"))

    @property
    def _strict(self) -> bool:
        return self.marker.strict or self.mode == "none"

    @cached_property
    def server(self) -> Server:
        """The server that plays the recordings, not started. Its player is that of the transport, too."""
        from inspector.serve.server import Server

        with without_traceback():
            recordings, loop = self._recordings.load()
            if self._recordings.missing is not None:
                return Server(*recordings, match="any", loop=True)
            limits = None
            if self.item.config.getoption("inspector_faults"):
                from inspector.serve.limits import ServerLimits

                limits = ServerLimits(stall=PATIENCE)
            return Server(
                *recordings,
                limits=limits,
                speed=self.marker.speed,
                loop=loop,
                strict=self._strict,
                **self._matching,
            )

    @property
    def transport(self) -> ReplayTransport:
        """A transport that plays the recordings in process. It fails the test if that has none yet."""
        if self._instead is not None:
            return self._instead
        player = self.server.player
        if (missing := self._recordings.missing) is not None:
            self.failures.append(missing)  # a thread may lose the exception
            pytest.fail(lines([missing]), pytrace=False)
        from inspector.play.transport import transport_of

        return transport_of(player, self._timing)

    @cached_property
    def _timing(self) -> Timing:
        """At once, or at the marker's speed; with `virtual_time` at the recorded pace, on that clock."""
        import time

        from inspector.play.pace import Pace
        from inspector.play.rendering import Timing

        if self.uses("virtual_time"):
            clock = self.fixture("virtual_time")
            return Timing(Pace(self.marker.speed or 1.0, None), clock.sleep, clock.time)
        return Timing(Pace(self.marker.speed, None), time.sleep, time.monotonic)

    def to_split(self) -> tuple[list[Recording], dict[str, Any]]:
        """Return the responses of the only recording that the marker names, and how to play them."""
        with without_traceback():
            recordings = self._recordings
            played, loop = recordings.load()
            if recordings.missing is not None:
                raise UsageError(recordings.missing)
            if recordings.count != 1:
                raise UsageError(f"every_split needs one recording, but the marker names {recordings.count}")
        return played, {"loop": loop, "speed": self.marker.speed, "strict": self._strict, **self._matching}

    @contextlib.contextmanager
    def answered_by(self, transport: ReplayTransport) -> Iterator[None]:
        """Let a transport answer in the place of the test's own, and judge its requests in the end."""
        self._instead, self._was_split = transport, True
        try:
            yield
        finally:
            self._instead = None
        failures = self._judged(transport).failures
        if failures and self._strict:
            pytest.fail(lines(failures), pytrace=False)

    def mask(self) -> Callable[[str], str]:
        """Return what hides secrets in texts, those with which the test's requests authenticate too."""
        requests = self._requests()
        mask = Mask([*self._keys, *(field for request in requests for field in request.headers.items())])
        for request in requests:
            mask.learn(request.body)
        return mask.text

    def finish(self, error: BaseException | None) -> None:
        """Report what was wrong with the requests. Fail the test for it, unless it has failed already."""
        failed = error is not None
        if self.live is not None:
            failures, notes = self.live.finish(failed=failed)
        else:
            failures, notes = self._mismatches()
        if failures and self._needs_no_request():
            failures, notes = [], failures + notes
        failures = [each for each in dict.fromkeys([*self.failures, *failures]) if each not in str(error)]
        if failed or not self._strict:
            failures, notes = [], failures + notes
        if self.marker.resilient and self.live is None:
            from inspector.pytest_plugin._program_end import client_verdict

            verdict = client_verdict(self.item, self.server, error)
            (failures if verdict.faults and not failed else notes).extend(verdict.lines())
        if notes:
            self.item.add_report_section("call", "inspector", lines(notes))
        if failures:
            pytest.fail(lines(failures), pytrace=False)

    def _requests(self) -> list[Any]:
        known = self.__dict__  # a report of a broken marker has no requests, and must not fail for the marker
        player = known.get("live") or known.get("server")
        return player.requests if player else []

    def _needs_no_request(self) -> bool:
        """Return whether this test may be silent: a fixture of it was answered in an earlier test."""
        from inspector.pytest_plugin._mismatches import calls_of

        if self.marker.fault is not None or calls_of(self.live or self.server):
            return False
        return bool(self._wide_fixtures.used_by(self.item))

    def _mismatches(self) -> tuple[list[str], list[str]]:
        """Compare the requests with the recordings; return what fails the test, and what only is noted."""
        from inspector.pytest_plugin._mismatches import calls_of

        if self.uses("every_split"):
            return [] if self._was_split else ["this test did not call every_split"], []
        if (missing := self._recordings.missing) is not None:
            return [missing] if calls_of(self.server) else [], []
        return self._judged(self.server)

    def _judged(self, player: Any) -> Judgement:
        from inspector.play.matching import comparison_for
        from inspector.pytest_plugin._mismatches import judged

        return judged(
            player,
            self._recordings.heads,
            self.places,
            match=self._matching["match"],
            comparison=comparison_for(**self._matching),
            faulty=self.marker.fault is not None,
            own=self.marker.own,
        )


def lines(messages: Iterable[str]) -> str:
    """Return messages as lines of a report, which terminals and logs of build services will show."""
    return "\n".join(defused(escape(mask_text(message))) for message in messages)


@contextlib.contextmanager
def without_traceback() -> Iterator[None]:
    """Fail the test with the message alone: what is wrong is the marker or a file, not this package."""
    try:
        yield
    except InspectorError as error:
        raise pytest.fail.Exception(f"inspector: {error}", pytrace=False) from None
