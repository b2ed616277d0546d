"""A test answered by the API: recorded, or compared with what was recorded.

Nothing is written where recordings are before the test has passed: what comes goes to a temporary file.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from inspector.errors import InspectorError, UsageError
from inspector.protocol import API_URL
from inspector.pytest_plugin._marker import found_path, meant_path
from inspector.recording import Recording, load_all, save

__all__ = ["Live", "live_for"]

Name = str | os.PathLike[str]


def live_for(mode: str, names: Sequence[Name], folder: Path) -> Live | None:
    """Return what answers a test from the API in this mode; None where its recordings do.

    Bundled recordings are played in every mode: nobody can make them again. Raises `UsageError` where only
    some of a test's recordings are missing.
    """
    own = [name for name in names if (folder / name).exists() or meant_path(name, folder).exists()]
    missing = [name for name in names if found_path(name, folder) is None]
    if mode == "record" and missing and len(missing) < len(names):
        named = ", ".join(str(name) for name in missing)
        raise UsageError(
            f"of this test's recordings only {named} is missing, and parts of a "
            "conversation cannot be recorded apart: --inspector=rewrite records all of them again"
        )
    if (mode == "record" and missing) or (mode == "rewrite" and len(own) + len(missing) == len(names)):
        return Live(names, folder, None)
    if mode == "verify" and len(own) == len(names):
        return Live(names, folder, [each for name in names for each in _loaded(name, folder)])
    return None


class Live:
    """One test that calls the API. With `recorded` it is compared with that, without it is recorded."""

    def __init__(self, names: Sequence[Name], folder: Path, recorded: Sequence[Recording] | None) -> None:
        from inspector.record.tap import tap

        self._names = names
        self._folder = folder
        self._recorded = recorded
        self._temporary = tempfile.TemporaryDirectory(prefix="inspector-", ignore_cleanup_errors=True)
        self._file = Path(self._temporary.name) / "live.jsonl"
        self._tap = tap(self._file)
        self._stops: list[Callable[[], None]] = []

    @contextlib.contextmanager
    def server(self) -> Iterator[Any]:
        """Pass what the application asks on to where its environment says, or else to the API."""
        from inspector.proxy.forwarder import Forwarder

        forwarder = Forwarder(os.environ.get("ANTHROPIC_BASE_URL") or API_URL, self._tap)
        self._stops.append(forwarder.stop)
        forwarder.start()
        try:
            yield forwarder
        finally:
            forwarder.stop()

    @contextlib.contextmanager
    def transport(self) -> Iterator[Any]:
        """Call the network as the SDK's own transport does."""
        from inspector.proxy.forwarder import recording_transport

        yield recording_transport(self._tap)

    def conclude(self, *, failed: bool) -> tuple[list[str], list[str]]:
        """Write or compare what came, when the test has run; what is wrong, and what is to be told."""
        for stop in self._stops:
            stop()
        self._tap.flush()
        try:
            found = load_all(self._file) if self._file.exists() else []
            came = sorted(found, key=lambda each: each.head.at)
            if self._tap.failure:
                return [f"not recorded: {self._tap.failure}"], []
            if self._recorded is not None:
                return self._compared(came), []
            if failed:
                return [], ["not recorded, as the test failed: recordings are as they were"]
            return self._written(came)
        except InspectorError as error:
            return [f"not recorded: {error}"], []
        finally:
            self._temporary.cleanup()

    def _written(self, came: list[Recording]) -> tuple[list[str], list[str]]:
        """A file for each name in turn; the last one gets what is left, as a session."""
        count = len(self._names)
        if len(came) < count:
            return [f"not recorded: {count} recordings are named, and only {len(came)} responses came"], []
        parts = [[each] for each in came[: count - 1]] + [came[count - 1 :]]
        paths = [meant_path(name, self._folder) for name in self._names]
        for path, part in zip(paths, parts, strict=True):
            path.parent.mkdir(parents=True, exist_ok=True)
            save(part, path, overwrite=True)
        return [], [f"recorded: {path}" for path in paths]

    def _compared(self, came: list[Recording]) -> list[str]:
        recorded = list(self._recorded or ())
        if len(came) != len(recorded):
            return [f"{len(recorded)} responses are recorded, and {len(came)} came"]
        return [
            f"response {number} is not as recorded in {then.source}: {words}"
            for number, (now, then) in enumerate(zip(came, recorded, strict=True), 1)
            for words in _changes(now, then)
        ]


def _changes(now: Recording, then: Recording) -> Iterator[str]:
    """What a test could notice: another request, another shape of the answer, a stream that is not clean."""
    from inspector.checker import check
    from inspector.play.matching import differences

    yield from differences(now.request, then.request)
    for what, new, old in zip(("status", "stop reason", "content"), _shape(now), _shape(then), strict=True):
        if new != old:
            yield f"{what} was {old}, and is {new}"
    yield from (str(each) for each in check(now) if each.severity.value == "error")


def _shape(recording: Recording) -> tuple[Any, Any, Any]:
    message = recording.message() or {}
    content = [block.get("type") for block in message.get("content") or ()]
    return recording.response and recording.response.status, message.get("stop_reason"), content


def _loaded(name: Name, folder: Path) -> list[Recording]:
    path = found_path(name, folder)
    if path is None or path.is_dir():
        raise UsageError(f"{os.fspath(name)!r} is a folder: to compare, name its recordings one by one")
    return load_all(path)
