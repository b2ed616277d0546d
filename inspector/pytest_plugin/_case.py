"""One test and its recordings: what answers it, what it asked, and what to say of that."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from inspector.errors import InspectorError, UsageError
from inspector.protocol import DUMMY_API_KEY, client_environment
from inspector.pytest_plugin._key import CASE
from inspector.pytest_plugin._marker import Asking, asking_of, found_path, meant_path
from inspector.recording import Head, Recording

if TYPE_CHECKING:
    from inspector.pytest_plugin._live import Live
    from inspector.pytest_plugin._virtual import VirtualTime

__all__ = ["Case", "case_of"]


def case_of(request: pytest.FixtureRequest, folder: Path, fault: Any) -> Case:
    """Return the test's case, which its fixtures share. A wrong marker fails the test in plain words."""
    item = request.node
    case: Case | None = item.stash.get(CASE, None)
    if case is None:
        with _plainly():
            mode = request.config.getoption("inspector_mode")
            case = item.stash[CASE] = Case(asking_of(item), folder, fault, mode)
            request.addfinalizer(lambda: item.stash.__delitem__(CASE))  # for plugins that run a test again
    return case


class Case:
    """One test: the recordings its marker names, and what it made of them."""

    def __init__(self, asking: Asking, folder: Path, fault: Any, mode: str) -> None:
        self._asking = asking
        self._folder = folder
        self._fault = fault
        self._mode = mode
        self._heads: dict[str, Head] = {}
        self._answering: list[Any] = []
        self.live: Live | None = None

    @contextlib.contextmanager
    def server(self, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
        """Answer over loopback, and point Anthropic clients there."""
        if (live := self._live()) is not None:
            with live.server() as server:
                _point_at(server.url, monkeypatch, key=None)
                yield server
            return
        from inspector.serve.server import Server

        with _plainly():
            recordings, lasting = self._recordings()
            server = Server(*recordings, speed=self._asking.speed, match=self._asking.match, loop=lasting)
        self._answering.append(server)
        with server:
            _point_at(server.url, monkeypatch, key=DUMMY_API_KEY)
            yield server

    @contextlib.contextmanager
    def transport(self, clock: VirtualTime | None) -> Iterator[Any]:
        """Answer in process."""
        if (live := self._live()) is not None:
            with live.transport() as transport:
                yield transport
            return
        from inspector.play.transport import replay

        options: dict[str, Any] = {"speed": self._asking.speed, "match": self._asking.match}
        if clock is not None:
            options.update(sleep=clock.sleep, clock=clock.time, speed=self._asking.speed or 1.0)
        with _plainly():
            recordings, lasting = self._recordings()
            transport = replay(*recordings, loop=lasting, **options)
        self._answering.append(transport)
        yield transport

    def one_recording(self) -> Recording:
        """The one recording that the marker names."""
        with _plainly():
            recordings, _ = self._recordings()
            if len(recordings) != 1:
                raise UsageError(f"every_split needs one recording, and {len(recordings)} are named")
        return recordings[0]

    def conclude(self, item: pytest.Item, *, failed: bool) -> None:
        """Say what was wrong with the requests, when the test has run: by failing it, if nothing else has."""
        if self.live is not None:
            wrong, remarks = self.live.conclude(failed=failed)
        else:
            wrong, remarks = self._misses(), self._differences()
            lenient = self._fault is not None or self._asking.match == "name"
            (remarks if lenient else wrong).extend(self._unused())
        if not self._asking.strict:
            wrong, remarks = [], wrong + remarks
        if failed:
            wrong, remarks = [], wrong + remarks
        if remarks:
            item.add_report_section("call", "inspector", "\n".join(remarks))
        if wrong:
            pytest.fail("\n".join(wrong), pytrace=False)

    def _live(self) -> Live | None:
        """What answers from the API, where this test is to be recorded or compared."""
        if self._mode == "replay" or self._fault is not None or self.live is not None:
            return self.live
        from inspector.pytest_plugin._live import live_for

        with _plainly():
            names = [name for name in self._asking.names if not isinstance(name, Recording)]
            if len(names) == len(self._asking.names):
                self.live = live_for(self._mode, names, self._folder)
        return self.live

    def _recordings(self) -> tuple[list[Recording], bool]:
        """The recordings in the order of their names, with the fault in them; whether to begin again."""
        from inspector.play.faulted import with_faults
        from inspector.play.sources import loaded

        meant = [name if isinstance(name, Recording) else self._path(name) for name in self._asking.names]
        recordings = loaded(meant)
        self._heads.update((each.source, each.head) for each in recordings)
        try:
            return with_faults(recordings, self._fault)
        except UsageError as error:
            if isinstance(self._asking.fault, list | tuple) and "cannot be applied" in str(error):
                pytest.skip(str(error))  # one of many: not every fault fits every recording
            raise

    def _path(self, name: str | os.PathLike[str]) -> Path:
        path = found_path(name, self._folder)
        if path is None:
            raise UsageError(
                f"there is no recording {os.fspath(name)!r}: neither {meant_path(name, self._folder)} nor a "
                "bundled one. Run this test with --inspector=record to record it from the API"
            )
        return path

    def _misses(self) -> list[str]:
        return [
            f"request {number}, {_called(each)}: {each.miss.removeprefix('inspector: ')}"
            for answering in self._answering
            for number, each in enumerate(answering.requests, 1)
            if each.miss
        ]

    def _unused(self) -> list[str]:
        """What no fixture of this test played."""
        left = [answering.unused for answering in self._answering]
        never = [name for name in left[0] if all(name in each for each in left)] if left else []
        return [f"never asked for: {name}. Take it off the marker, or find out why" for name in never]

    def _differences(self) -> list[str]:
        """Requests that were answered although the recorded ones say something else."""
        from inspector.play.matching import differences

        if self._asking.match != "order":  # the others compare themselves, or are not meant to
            return []
        found = []
        for answering in self._answering:
            for number, each in enumerate(answering.requests, 1):
                head = self._heads.get(each.recording or "")
                if head is None or not head.request.body:
                    continue
                different = "; ".join(list(differences(each, head.request))[:5])
                if different:
                    found.append(
                        f"request {number} is not the one recorded in {each.recording}: {different}. "
                        'With match="body" this would fail the test'
                    )
        return found


@contextlib.contextmanager
def _plainly() -> Iterator[None]:
    """A wrong marker is the test's author's: say so without a traceback through this package."""
    try:
        yield
    except InspectorError as error:
        pytest.fail(f"inspector: {error}", pytrace=False)


def _called(request: Any) -> str:
    return f"{request.method} {request.path}"


def _point_at(url: str, monkeypatch: pytest.MonkeyPatch, *, key: str | None) -> None:
    """Let every Anthropic client of this process, and of those it starts, call `url`."""
    for name, value in client_environment(url, os.environ, key=key).items():
        if value is None:
            monkeypatch.delenv(name, raising=False)
        else:
            monkeypatch.setenv(name, value)
