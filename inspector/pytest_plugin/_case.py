"""One test and its recordings: answer the test from them, and judge its requests when it has run."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from inspector.errors import InspectorError, UsageError
from inspector.escaping import defused, escape
from inspector.protocol import DUMMY_API_KEY, client_environment
from inspector.pytest_plugin._marker import find_recording, read_marker, recording_path
from inspector.recording import Head, Recording
from inspector.redact import Mask, mask_text

if TYPE_CHECKING:
    from inspector.pytest_plugin._live import Live
    from inspector.pytest_plugin._virtual import VirtualTime

__all__ = ["Case"]

_KEYS = ("ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN")


class Case:
    """A test: the recordings that its marker names, and the servers and transports that played them."""

    def __init__(self, item: pytest.Item, folder: Path) -> None:
        with _without_traceback():
            self._marker = read_marker(item)
        self._folder = folder
        self._fault = self._marker.fault
        self._mode = item.config.getoption("inspector_mode")
        self._heads: dict[str, Head] = {}
        self._players: list[Any] = []
        self._live: Live | None = None
        # They count as secrets even if the test sends no request. Later the environment may have a dummy.
        self._keys = [(name, os.environ[name]) for name in _KEYS if name in os.environ]

    @contextlib.contextmanager
    def server(self, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
        """Answer over loopback, and point Anthropic clients there."""
        if (live := self._start_live()) is not None:
            with live.server() as server:
                _point_clients_to(server.url, monkeypatch, key=None)
                yield server
            return
        from inspector.serve.server import Server

        with _without_traceback():
            recordings, loop = self._recordings()
            server = Server(*recordings, speed=self._marker.speed, match=self._marker.match, loop=loop)
        self._players.append(server)
        with server:
            _point_clients_to(server.url, monkeypatch, key=DUMMY_API_KEY)
            yield server

    @contextlib.contextmanager
    def transport(self, clock: VirtualTime | None) -> Iterator[Any]:
        """Answer in process. With a clock, play at the recorded pace on that clock."""
        if (live := self._start_live()) is not None:
            with live.transport() as transport:
                yield transport
            return
        from inspector.play.transport import replay

        options: dict[str, Any] = {"speed": self._marker.speed, "match": self._marker.match}
        if clock is not None:
            options.update(sleep=clock.sleep, clock=clock.time, speed=self._marker.speed or 1.0)
        with _without_traceback():
            recordings, loop = self._recordings()
            transport = replay(*recordings, loop=loop, **options)
        self._players.append(transport)
        yield transport

    def one_recording(self) -> Recording:
        """Return the only recording that the marker names."""
        with _without_traceback():
            recordings, _ = self._recordings()
            if len(recordings) != 1:
                raise UsageError(f"every_split needs one recording, but the marker names {len(recordings)}")
        return recordings[0]

    def mask(self) -> Callable[[str], str]:
        """Return what hides secrets in texts, those with which the test's requests authenticate too."""
        requests = [each for player in self._players for each in player.requests]
        requests += self._live.requests if self._live else []
        mask = Mask([*self._keys, *(field for request in requests for field in request.headers.items())])
        for request in requests:
            mask.learn(request.body)
        return mask.text

    def finish(self, item: pytest.Item, *, failed: bool) -> None:
        """Report what was wrong with the requests. Fail the test for it, unless it has failed already."""
        failures, notes = self._live.finish(failed=failed) if self._live else self._mismatches()
        if failed or not self._marker.strict:
            failures, notes = [], failures + notes
        if notes:
            item.add_report_section("call", "inspector", _lines(notes))
        if failures:
            pytest.fail(_lines(failures), pytrace=False)

    def _mismatches(self) -> tuple[list[str], list[str]]:
        """Compare the requests with the recordings; return what fails the test, and what only is noted."""
        from inspector.pytest_plugin._mismatches import changed, missed, unplayed

        failures, notes = missed(self._players), []
        if self._marker.match == "order":  # the other ways compare the body, or are not meant to
            notes += changed(self._players, self._heads)
        # Under a fault an application may well stop early. By name, recordings are there to choose from.
        may_be_left = self._fault is not None or self._marker.match == "name"
        (notes if may_be_left else failures).extend(unplayed(self._players))
        return failures, notes

    def _start_live(self) -> Live | None:
        """Return what answers from the API, if this test is recorded or verified; else None."""
        if self._mode == "replay" or self._fault is not None or self._live is not None:
            return self._live
        from inspector.pytest_plugin._live import live_for

        with _without_traceback():
            names = [name for name in self._marker.names if not isinstance(name, Recording)]
            if len(names) == len(self._marker.names):
                self._live = live_for(self._mode, names, self._folder)
        return self._live

    def _recordings(self) -> tuple[list[Recording], bool]:
        """Load the marker's recordings, with the fault in them; return also whether to loop over them."""
        from inspector.play.faulted import with_faults
        from inspector.play.sources import loaded

        names = [name if isinstance(name, Recording) else self._path(name) for name in self._marker.names]
        recordings = loaded(names)
        self._heads.update((each.source, each.head) for each in recordings)
        try:
            played, for_every_request = with_faults(recordings, self._fault)
        except UsageError as error:
            if self._marker.one_of_many and "cannot be applied" in str(error):
                pytest.skip(str(error))  # one of many: not every fault fits every recording
            raise
        return played, for_every_request or self._marker.loop

    def _path(self, name: str | os.PathLike[str]) -> Path:
        path = find_recording(name, self._folder)
        if path is None and self._marker.own:
            raise UsageError(
                f"this test has no recording yet: there is no {recording_path(name, self._folder)}. "
                "Run the test with --inspector=record to record it from the API"
            )
        if path is None:
            raise UsageError(
                f"there is no recording {os.fspath(name)!r}: neither {recording_path(name, self._folder)} "
                "nor a bundled one. Run this test with --inspector=record to record it from the API"
            )
        return path


def _lines(messages: Iterable[str]) -> str:
    """Return messages as lines of a report, which terminals and logs of build services will show."""
    return "\n".join(defused(escape(mask_text(message))) for message in messages)


@contextlib.contextmanager
def _without_traceback() -> Iterator[None]:
    """Fail the test with the message alone: what is wrong is the marker or a file, not this package."""
    try:
        yield
    except InspectorError as error:
        raise pytest.fail.Exception(f"inspector: {error}", pytrace=False) from None


def _point_clients_to(url: str, monkeypatch: pytest.MonkeyPatch, *, key: str | None) -> None:
    """Let every Anthropic client of this process, and of the programs it starts, call `url`."""
    for name, value in client_environment(url, os.environ, key=key).items():
        if value is None:
            monkeypatch.delenv(name, raising=False)
        else:
            monkeypatch.setenv(name, value)
