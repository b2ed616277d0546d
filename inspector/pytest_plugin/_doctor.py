"""`pytest --inspector-doctor`: run the tests, and then say which recordings need attention, and why.

A recording is used if a test, or what it calls, opened its file in this process or in one of xdist's workers.
So recordings count that tests load themselves, and those that only a program read that a test started do not.
"""

from __future__ import annotations

import importlib.metadata
import os
import sys
import warnings
from collections.abc import Generator, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from inspector.errors import InspectorError, RecordingWarning
from inspector.escaping import defused, escape
from inspector.formats import load_all, opened, recording_paths
from inspector.recording import Recording
from inspector.redact import mask_text, scan

__all__ = ["Doctor"]

_SHOWN = 3
"""How many findings of a kind are shown for one recording."""


class Doctor:
    """Notes what tests open, and judges the recordings in their folders when all have run."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._opened: set[str] = set()
        self._folders: set[str] = set()
        self._running = True
        self._sick: dict[str, list[str]] = {}
        self._total = 0
        self._deselected = 0
        sys.addaudithook(self._audit)  # which nobody can remove: it does nothing after the last test

    def _audit(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open" and self._running and isinstance(arguments[0], str | bytes | os.PathLike):
            self._opened.add(_absolute(os.fsdecode(arguments[0])))

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Note the folders in which the tests' recordings may be."""
        root = self._config.rootpath / "recordings"
        beside = {item.path.parent / "recordings" for item in session.items}
        self._folders |= {str(folder) for folder in {root, *beside} if folder.is_dir()}

    def pytest_deselected(self, items: list[pytest.Item]) -> None:
        """Note that recordings of tests that do not run look as if nobody used them."""
        self._deselected += len(items)

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(self, fixturedef: Any) -> Generator[None, object, object]:
        """Note the folder that a project's own `recordings_dir` names."""
        value = yield
        if fixturedef.argname == "recordings_dir":
            self._folders.add(str(value))
        return value

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Take what one of xdist's workers has noted."""
        folders, files = getattr(node, "workeroutput", {}).get("inspector_doctor", ((), ()))
        self._folders.update(folders)
        self._opened.update(files)

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Judge the recordings, and fail the run if one needs attention."""
        self._running = False
        output = getattr(self._config, "workeroutput", None)
        if output is not None:
            files = {file for file in self._opened if file.startswith(tuple(self._folders))}
            output["inspector_doctor"] = (sorted(self._folders), sorted(files))
            return
        for path in _recordings_in(self._folders):
            self._total += 1
            if reasons := list(self._reasons(path)):
                self._sick[path] = reasons
        if self._sick and not session.exitstatus:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """Print the recordings that need attention, and what is wrong with each."""
        terminalreporter.section("inspector doctor")
        for path, reasons in sorted(self._sick.items()):
            terminalreporter.write_line(_line(os.path.relpath(path, self._config.rootpath)), bold=True)
            for reason in reasons:
                terminalreporter.write_line(f"  {_line(reason)}")
        sick, total = len(self._sick), self._total
        recordings = "1 recording" if total == 1 else f"{total} recordings"
        terminalreporter.write_line(f"{recordings}, {sick or 'none'} need{'s' * (sick == 1)} attention")
        if self._deselected and sick:
            terminalreporter.write_line(
                f"{self._deselected} tests were deselected: their recordings look as if no test used them"
            )

    def _reasons(self, path: str) -> Iterator[str]:
        """Say what is wrong with one file."""
        if path not in self._opened:
            yield "no test that ran has opened it: delete it, or find out why"
        try:
            with opened(path) as reader:
                text = b"".join(reader.unpacked()[1])
            with warnings.catch_warnings(category=RecordingWarning, action="ignore"):
                recordings = load_all(path)
        except InspectorError as error:
            yield f"cannot be read: {error}"
            return
        yield from _secrets(text)
        yield from dict.fromkeys(reason for each in recordings for reason in _age(each))
        for number, each in enumerate(recordings, 1):
            turn = f"recording {number}: " if len(recordings) > 1 else ""
            yield from (turn + objection for objection in _objections(each))


def _absolute(path: str) -> str:
    return os.path.abspath(path)  # noqa: PTH100 - every open file comes by here, and `Path` is slow


def _recordings_in(folders: Iterable[str]) -> list[str]:
    """Return every recording in the folders, each once."""
    paths: dict[str, None] = {}
    for folder in sorted(folders):
        if Path(folder).is_dir() and any(Path(folder).iterdir()):
            try:
                paths.update(dict.fromkeys(map(_absolute, recording_paths([folder]))))
            except InspectorError:  # a folder without recordings
                continue
    return list(paths)


def _secrets(text: bytes) -> Iterator[str]:
    places = list(scan(text))
    for offset, kind in places[:_SHOWN]:
        line = text.count(b"\n", 0, offset) + 1
        yield f"line {line} holds a secret ({kind}): mask it, and revoke it if the file was shared"
    if len(places) > _SHOWN:
        yield f"and {len(places) - _SHOWN} more secrets"


def _age(recording: Recording) -> Iterator[str]:
    """Say whether the model, or the SDK, is long gone."""
    import anthropic.resources.messages.messages as messages

    ends: dict[str, str] = getattr(messages, "DEPRECATED_MODELS", {})
    request = recording.request.json()
    wanted = request.get("model") if isinstance(request, dict) else None
    answered = (recording.message() or {}).get("model")
    for model in dict.fromkeys(name for name in (wanted, answered) if isinstance(name, str)):
        if model in ends:
            yield f"is from {model}, whose end of life is {ends[model]}: record it again from a newer model"
    headers = recording.request.headers
    recorded, installed = (
        headers.get("x-stainless-package-version", ""),
        importlib.metadata.version("anthropic"),
    )
    python = headers.get("x-stainless-lang") == "python"
    if python and _major(recorded) < _major(installed):
        yield f"was recorded with anthropic {recorded}, and {installed} is installed: record it again"


def _major(version: str) -> int:
    first = version.partition(".")[0]
    return int(first) if first.isdecimal() and len(first) < 6 else sys.maxsize


def _objections(recording: Recording) -> Iterator[str]:
    """Say what `check` says of a whole message. A recording of a failure is meant to be one."""
    from inspector.checker import Severity, Verdict
    from inspector.checker.api import report

    whole = report(recording)
    if whole.verdict is Verdict.COMPLETE:
        errors = [each for each in whole.findings if each.severity is Severity.ERROR]
        yield from (f"{each.rule}: {each.message}" for each in errors[:_SHOWN])
        if len(errors) > _SHOWN:
            yield f"and {len(errors) - _SHOWN} more errors: see `inspector check`"


def _line(text: str) -> str:
    return defused(escape(mask_text(text)))
