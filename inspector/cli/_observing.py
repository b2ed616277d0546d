"""Playing recordings to SDKs, for the commands that say what an SDK does with them.

The installed SDK runs in this process, another Python's in a process of its own. Neither is started, and
anthropic is not imported, before a recording needs it.
"""

from __future__ import annotations

import atexit
import functools
import os
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

import click

from inspector.errors import UsageError
from inspector.recording import Assembly, Head, Line, Recording, TimedBlock

if TYPE_CHECKING:  # imported when a recording needs them
    from inspector.checker import Report
    from inspector.play.observation import Observation
    from inspector.play.sdk_process import SdkProcess
    from inspector.record.sdk import SdkResult

__all__ = [
    "FEW_FILES",
    "INSTALLED",
    "KeptRecording",
    "SdkCommand",
    "Sdks",
    "has_problems",
    "live_outcome",
    "observed_text",
    "sdk_option",
    "sdks_of",
]

INSTALLED = "installed"
"""The value of `--sdk` that means the SDK beside inspector."""
FEW_FILES = 16
"""Up to this many files, and for this many recordings in them, there are observations without `--sdk`."""
_KEPT_BYTES = 64 * 1024 * 1024


class Sdks(NamedTuple):
    """Which SDKs get recordings, by interpreter, and how many recordings of a file; None means all."""

    pythons: tuple[str, ...] = ()
    most: int | None = None

    def observe(self, recording: Recording) -> tuple[Observation, ...]:
        """Play a recording to each SDK."""
        return tuple(_observe(python)(recording) for python in self.pythons)

    def start(self) -> None:
        """Start what will be needed. Raises `UsageError` for an interpreter that cannot be used."""
        for python in self.pythons:
            if python == INSTALLED:
                import anthropic  # noqa: F401 - once, before processes are forked
            else:
                _process(python, os.getpid())


class SdkCommand(click.Command):
    """A command whose option `--sdk` may stand before a FILE: it takes only an interpreter as its value."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Give each `--sdk` a value, if what follows is none."""
        given: list[str] = []
        rest = iter(args)
        for arg in rest:
            given.append(arg)
            if arg == "--":
                break
            if arg == "--sdk":
                from inspector.play.sdk_process import python_in

                value = next(rest, None)
                is_python = value is not None and (value == INSTALLED or python_in(value) is not None)
                given += [value] if is_python and value else [INSTALLED, *([value] if value else [])]
        return super().parse_args(ctx, [*given, *rest])


sdk_option = click.option(
    "--sdk",
    "pythons",
    metavar="[PYTHON]",
    multiple=True,
    help="Play recordings to the installed SDK, and say what it did, for any number of FILEs. PYTHON, an "
    "interpreter or virtual environment, stands for its SDK. Repeatable: `--sdk --sdk old/.venv` compares "
    "two versions.",
)
"""`--sdk`, for a command of the class `SdkCommand`."""


def sdks_of(pythons: Sequence[str], no_sdk: bool, files: int) -> Sdks:
    """Return which SDKs get the recordings of `files` files; `no_sdk` wins."""
    if no_sdk:
        return Sdks()
    if not pythons:
        return Sdks((INSTALLED,), FEW_FILES) if files <= FEW_FILES else Sdks()
    from inspector.play.sdk_process import python_in

    chosen = [python if python == INSTALLED else python_in(python) or python for python in pythons]
    return Sdks(tuple(dict.fromkeys(chosen)))


def observed_text(sdks: Sdks, kept: KeptRecording | None) -> str:
    """Return what SDKs did with a recording, on one line; empty without an SDK or a recording."""
    recording = kept.recording("") if kept and sdks.pythons else None
    return "; ".join(map(str, sdks.observe(recording))) if recording else ""


def has_problems(report: Report) -> bool:
    """Return whether a report has errors or warnings: others are not played to an SDK."""
    return any(finding.severity != "info" for finding in report.findings)


class KeptRecording:
    """The values of one recording, as long as they are not too many to be kept."""

    def __init__(self, head: Head) -> None:
        self._assembly: Assembly | None = Assembly(head)
        self._size = 0

    def add(self, value: Line) -> None:
        """Keep a value of the recording."""
        if isinstance(value, TimedBlock):
            self._size += len(value.raw) or len(value.data or b"")
        if self._size > _KEPT_BYTES:
            self._assembly = None
        if self._assembly is not None:
            self._assembly.add(value)

    def recording(self, source: str) -> Recording | None:
        """Return the recording; None if it is too long."""
        return self._assembly.recording(source) if self._assembly is not None else None


def live_outcome(result: SdkResult) -> str:
    """Say what the SDK did in a call that was made, as an observation says it of a recording."""
    import anthropic

    from inspector.play.observation import Outcome
    from inspector.play.sdk_calls import CREATE, describe_error

    raises = describe_error(result.error)["name"] if result.error else None
    outcome = Outcome(CREATE, raises, passed_on=result.events)
    return f"anthropic {anthropic.__version__}: {outcome}" + (f": {result.text}" if result.error else "")


def _observe(python: str) -> Callable[[Recording], Observation]:
    """Return what asks the SDK of one interpreter."""
    if python == INSTALLED:
        from inspector.play.observation import observe

        return observe
    return _process(python, os.getpid()).observe


@functools.cache
def _process(python: str, pid: int) -> SdkProcess:
    """Start an interpreter once for this process (`pid`): a forked one cannot share it."""
    from inspector.play.sdk_process import SdkProcess, SdkProcessError

    try:
        process = SdkProcess(python)
    except SdkProcessError as error:
        raise UsageError(str(error)) from error
    atexit.register(process.close)
    return process
