"""A test that calls the API: its responses are recorded, or compared with its recordings.

Responses are written to a temporary file first. Recordings change only after the test has passed.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from inspector.errors import InspectorError, UsageError
from inspector.formats import load_all
from inspector.protocol import API_URL
from inspector.pytest_plugin._marker import find_recording, recording_path
from inspector.recording import Recording, save

if TYPE_CHECKING:
    from inspector.record.tap import Tap

__all__ = ["Live", "live_for"]

Name = str | os.PathLike[str]


def live_for(mode: str, names: Sequence[Name], folder: Path) -> Live | None:
    """Return what answers a test from the API in this mode; None if its recordings answer it.

    Bundled recordings answer in every mode, because a user cannot record them again. Raises `UsageError` if
    only some of a test's recordings are missing.
    """
    own = [name for name in names if (folder / name).exists() or recording_path(name, folder).exists()]
    missing = [name for name in names if find_recording(name, folder) is None]
    if mode == "record" and missing and len(missing) < len(names):
        listed = ", ".join(str(name) for name in missing)
        raise UsageError(
            f"of this test's recordings only {listed} is missing, but the turns of a conversation can only "
            "be recorded together. Run it with --inspector=rewrite to record all of them again"
        )
    if (mode == "record" and missing) or (mode == "rewrite" and len(own) + len(missing) == len(names)):
        return Live(names, folder, None)
    if mode == "verify" and len(own) == len(names):
        return Live(names, folder, [each for name in names for each in _load(name, folder)])
    return None


class Live:
    """One test that calls the API. With `recorded`, compare its responses with those; else record them."""

    def __init__(self, names: Sequence[Name], folder: Path, recorded: Sequence[Recording] | None) -> None:
        from inspector.record.tap import tap

        self._names = names
        self._folder = folder
        self._recorded = recorded
        self._temporary = tempfile.TemporaryDirectory(prefix="inspector-", ignore_cleanup_errors=True)
        self._file = Path(self._temporary.name) / "live.jsonl"
        self._tap = tap(self._file)
        self._stops: list[Callable[[], None]] = []
        self._doors: list[Any] = []

    @property
    def requests(self) -> list[Any]:
        """The requests that the test sent."""
        return [each for door in self._doors for each in door.requests]

    @property
    def tap(self) -> Tap:
        """What records."""
        return self._tap

    def add(self, door: Any) -> None:
        """Count the requests of one more door, which records through the tap."""
        self._doors.append(door)

    def close(self) -> None:
        """Remove what was not written: a test whose set-up fails never finishes."""
        self._temporary.cleanup()

    @contextlib.contextmanager
    def server(self) -> Iterator[Any]:
        """Forward the application's requests to `ANTHROPIC_BASE_URL` if it is set, else to the API."""
        from inspector.proxy.forwarder import Forwarder

        forwarder = Forwarder(os.environ.get("ANTHROPIC_BASE_URL") or API_URL, self._tap)
        self._stops.append(forwarder.stop)
        self._doors.append(forwarder)
        forwarder.start()
        try:
            yield forwarder
        finally:
            forwarder.stop()

    @contextlib.contextmanager
    def transport(self) -> Iterator[Any]:
        """Call the network as the SDK's own transport does."""
        from inspector.proxy.forwarder import recording_transport

        transport = recording_transport(self._tap)
        self._doors.append(transport)
        yield transport

    def finish(self, *, failed: bool) -> tuple[list[str], list[str]]:
        """Write or compare the responses when the test has run; return what fails it, and what is noted."""
        for stop in self._stops:
            stop()
        self._tap.flush()
        try:
            recordings = load_all(self._file) if self._file.exists() else []
            # Concurrent responses end in any order; a conversation is in the order of its requests.
            responses = sorted(recordings, key=lambda each: each.head.at)
            if self._tap.failure:
                return [f"not recorded: {self._tap.failure}"], []
            if self._recorded is not None:
                return _compare(responses, self._recorded), []
            if failed:
                return [], ["not recorded, because the test failed. Its recordings are unchanged"]
            return self._write(responses)
        except InspectorError as error:
            return [f"not recorded: {error}"], []
        finally:
            self._temporary.cleanup()

    def _write(self, responses: list[Recording]) -> tuple[list[str], list[str]]:
        """Write one response to each named file; the last file gets the rest, as a session."""
        count = len(self._names)
        if len(responses) < count:
            return [
                f"not recorded: the marker names {count} recordings, but the API answered {len(responses)} "
                "requests. Name one recording for each request"
            ], []
        parts = [[each] for each in responses[: count - 1]] + [responses[count - 1 :]]
        paths = [recording_path(name, self._folder) for name in self._names]
        for path, part in zip(paths, parts, strict=True):
            path.parent.mkdir(parents=True, exist_ok=True)
            save(part, path, overwrite=True)
        return [], [f"recorded: {path}" for path in paths]


def _compare(responses: Sequence[Recording], recorded: Sequence[Recording]) -> list[str]:
    if len(responses) != len(recorded):
        return [f"{len(recorded)} responses are recorded, but the API answered {len(responses)} requests"]
    return [
        f"response {number} is not as recorded in {then.source}: {change}"
        for number, (now, then) in enumerate(zip(responses, recorded, strict=True), 1)
        for change in _changes(now, then)
    ]


def _changes(now: Recording, then: Recording) -> Iterator[str]:
    """Describe what a test could notice: another request, another shape of the answer, a broken stream."""
    from inspector.checker import check
    from inspector.play.matching import differences

    yield from differences(now.request, then.request)
    for name, new, old in zip(("status", "stop reason", "content"), _shape(now), _shape(then), strict=True):
        if new != old:
            yield f"{name} was {old}, and is {new}"
    yield from (str(each) for each in check(now) if each.severity.value == "error")


def _shape(recording: Recording) -> tuple[Any, Any, Any]:
    message = recording.message() or {}
    content = [block.get("type") for block in message.get("content") or ()]
    return recording.response and recording.response.status, message.get("stop_reason"), content


def _load(name: Name, folder: Path) -> list[Recording]:
    path = find_recording(name, folder)
    if path is None or path.is_dir():
        raise UsageError(f"{os.fspath(name)!r} is a folder: name its recordings one by one to verify them")
    return load_all(path)
