"""The files of `inspector probe` beside the recordings: known failures, and the badge."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from inspector.cli._printing import say
from inspector.errors import UsageError
from inspector.recording import replace_file

if TYPE_CHECKING:
    from inspector.conformance.scoring.expectations import Expected
    from inspector.conformance.scoring.scorecard import Scorecard

__all__ = ["ProbeFiles", "file_options", "files_of"]

_Function = TypeVar("_Function", bound=Callable[..., Any])

_BADGES = (".svg", ".json")


def file_options(function: _Function) -> _Function:
    """Add the options for these files: they are for `files_of`."""
    for option in (
        click.option(
            "--write-expect", metavar="FILE", help="Write what fails now as known failures, for --expect."
        ),
        click.option(
            "--expect", metavar="FILE", help="Known failures: only others fail, and those that pass now."
        ),
        click.option(
            "--badge", metavar="FILE", help="Write a badge of one line: .svg, or .json for shields.io."
        ),
    ):
        function = option(function)
    return function


@dataclass(frozen=True, slots=True)
class ProbeFiles:
    """The files that a call names, and the known failures that were read."""

    badge: str | None
    expect: str | None
    write_expect: str | None
    expected: Mapping[str, Expected] = field(default_factory=dict)

    def applied(self, card: Scorecard) -> Scorecard:
        """Return a scorecard with its known failures: those of the file, or all if they are to be written."""
        from inspector.conformance.scoring.expectations import expected_of, with_expectations

        if self.write_expect is not None:
            return with_expectations(card, expected_of(card, self.expected), self.write_expect)
        return card if self.expect is None else with_expectations(card, self.expected, self.expect)

    def write(self, card: Scorecard) -> None:
        """Write the files of a scorecard, after it was shown: a disk may be full."""
        from inspector.conformance.scoring.badge import badge_json, badge_svg

        if self.write_expect is not None:
            self._write_known(card, self.write_expect)
        if self.badge is not None:
            write = badge_svg if self.badge.endswith(".svg") else badge_json
            replace_file(Path(self.badge), [write(card).encode()], overwrite=True)

    def _write_known(self, card: Scorecard, file: str) -> None:
        """Write what fails as known failures. Those of the file that exists keep their reasons and links."""
        from inspector.conformance.scoring.expectations import dump_expectations, expected_of

        if card.reason or not card.tested:
            say(f"{file} is not written: nothing {'can be judged' if card.tested else 'was tested'}")
            return
        known = expected_of(card, self.expected)
        replace_file(Path(file), [dump_expectations(known).encode()], overwrite=True)
        say(f"{file} has {len(known)} known failure{'' if len(known) == 1 else 's'}; give each its reason")


def files_of(options: dict[str, Any]) -> ProbeFiles:
    """Take the options of `file_options` out of `options`, and read the known failures.

    Raises `UsageError` if these cannot be read.
    """
    files = ProbeFiles(*(options.pop(name) for name in ("badge", "expect", "write_expect")))
    if files.badge is not None and not files.badge.endswith(_BADGES):
        raise click.UsageError(f"--badge {files.badge}: the file's name must end in {' or '.join(_BADGES)}")
    if files.expect is not None and files.write_expect is not None:
        raise click.UsageError("--expect reads known failures, --write-expect writes them: give one of both")
    before = files.write_expect if files.write_expect and Path(files.write_expect).exists() else files.expect
    return files if before is None else replace(files, expected=_read(before))


def _read(file: str) -> dict[str, Expected]:
    from inspector.conformance.scoring.expectations import load_expectations
    from inspector.conformance.sets import SETS

    try:
        text = Path(file).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise UsageError(f"{file}: {reason}") from error
    return load_expectations(text, file, {key.partition("@")[0] for names in SETS.values() for key in names})
