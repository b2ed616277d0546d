"""A run with `--inspector=record`, `new`, `rewrite` or `verify`: which tests ask the API, what was written.

    record   a test whose recordings are missing; they are written
    new      as record; and what an existing own recording does not answer is appended to it
    rewrite  every test with recordings of its project; they are replaced
    verify   the same; the answers are compared with the recordings, which stay

Bundled recordings answer in every mode, because a user cannot record them again.
"""

from __future__ import annotations

import os
from collections.abc import Generator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from inspector.errors import UsageError
from inspector.formats import load_all
from inspector.pytest_plugin._claims import Claims
from inspector.pytest_plugin._marker import find_recording, recording_path
from inspector.pytest_plugin._saving import Summary
from inspector.recording import Recording

if TYPE_CHECKING:
    from inspector.play.matching import Match
    from inspector.pytest_plugin._configuration import Configuration
    from inspector.pytest_plugin._live import Live

__all__ = ["RecordingSession"]

Name = str | os.PathLike[str]


class RecordingSession:
    """What the tests of this process share. In the controller of xdist: what the workers have written."""

    def __init__(self, mode: str, run: str | None = None) -> None:
        self.mode = mode
        self.claims = Claims(run)
        self.summary = Summary()
        self._lines: list[str] = []

    def live(
        self,
        names: Sequence[Name],
        folder: Path,
        configuration: Configuration,
        *,
        own: bool,
        match: Match,
        ignore: Sequence[str],
    ) -> Live | None:
        """Return what answers a test from the API; None if its recordings answer it.

        Raises `UsageError` if only some of a test's recordings are missing.
        """
        files = [recording_path(name, folder) for name in names if not _is_bundled(name, folder)]
        self.claims.hold(files)
        try:
            plan = self._plan(names, folder, files, own=own)
            recorded = (
                [] if plan in (None, "record") else [each for name in names for each in _load(name, folder)]
            )
            if plan is None:
                self.claims.release()
                return None
            from inspector.pytest_plugin._live import Live

            return Live(
                self.claims,
                self.summary,
                plan,
                files,
                recorded,
                configuration,
                match=match,
                ignore=ignore,
                own=own,
            )
        except BaseException:
            self.claims.release()
            raise

    def _plan(self, names: Sequence[Name], folder: Path, files: list[Path], *, own: bool) -> str | None:
        """Return what to do with a test: `record`, `append`, `verify`, or nothing."""
        missing = [name for name in names if find_recording(name, folder) is None]
        all_ours = len(files) == len(names)
        if self.mode in ("record", "new") and missing:
            if len(missing) < len(names):
                listed = ", ".join(str(name) for name in missing)
                raise UsageError(
                    f"of this test's recordings only {listed} is missing, but the turns of a conversation "
                    "can only be recorded together. Run it with --inspector=rewrite to record all of them "
                    "again"
                )
            return "record"
        if self.mode == "new" and own:
            return "append"
        if self.mode == "rewrite" and all_ours and not any(map(self.claims.is_written, files)):
            return "record"
        return "verify" if self.mode == "verify" and all_ours and not missing else None

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self) -> Generator[None, Any, Any]:
        """Send what was written with the test's report, which xdist takes to the controller."""
        report = yield
        if lines := self.summary.take():
            report.inspector_written = lines
        return report

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Collect what was written."""
        self._lines += getattr(report, "inspector_written", ())

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """Print what was written."""
        if self.mode == "verify":
            return
        terminalreporter.section("inspector recordings")
        for line in self._lines or [
            "nothing was recorded: the tests that ran have their recordings, or are not marked"
        ]:
            terminalreporter.write_line(line)


def _is_bundled(name: Name, folder: Path) -> bool:
    """Return whether a recording is one of this package, and not of the user's project."""
    found_at = find_recording(name, folder)
    return found_at is not None and found_at not in (folder / name, recording_path(name, folder))


def _load(name: Name, folder: Path) -> list[Recording]:
    path = find_recording(name, folder)
    if path is None or Path(path).is_dir():
        raise UsageError(f"{os.fspath(name)!r} is a folder: name its recordings one by one to verify them")
    return load_all(path)
