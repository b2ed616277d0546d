"""The files of `inspector probe` beside the recordings: known failures, and the badge."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
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
        """Write the files of a scorecard; return the scorecard with its known failures."""
        from inspector.conformance.scoring.badge import badge_json, badge_svg
        from inspector.conformance.scoring.expectations import with_expectations

        if self.write_expect is not None:
            card = _with_written(card, self.write_expect)
        elif self.expect is not None:
            card = with_expectations(card, self.expected, self.expect)
        if self.badge is not None:
            write = badge_svg if self.badge.endswith(".svg") else badge_json
            replace_file(Path(self.badge), [write(card).encode()], overwrite=True)
        return card


def files_of(options: dict[str, Any]) -> ProbeFiles:
    """Take the options of `file_options` out of `options`, and read the known failures.

    Raises `UsageError` if these cannot be read.
    """
    files = ProbeFiles(*(options.pop(name) for name in ("badge", "expect", "write_expect")))
    if files.badge is not None and not files.badge.endswith(_BADGES):
        raise click.UsageError(f"--badge {files.badge}: the file's name must end in {' or '.join(_BADGES)}")
    if files.expect is None:
        return files
    if files.write_expect is not None:
        raise click.UsageError("--expect reads known failures, --write-expect writes them: give one of both")
    expected = _read(files.expect)
    return ProbeFiles(files.badge, files.expect, None, expected)


def _read(file: str) -> dict[str, Expected]:
    from inspector.conformance.scoring.expectations import load_expectations
    from inspector.conformance.sets import SETS

    try:
        text = Path(file).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise UsageError(f"{file}: {reason}") from error
    return load_expectations(text, file, {key.partition("@")[0] for names in SETS.values() for key in names})


def _with_written(card: Scorecard, file: str) -> Scorecard:
    """Write what fails as known failures. A file that exists keeps its reasons and links."""
    from inspector.conformance.scoring.expectations import dump_expectations, expected_of, with_expectations

    if card.reason or not card.tested:
        say(f"{file} is not written: nothing {'can be judged' if card.tested else 'was tested'}")
        return card
    expected = expected_of(card, _read(file) if Path(file).exists() else {})
    replace_file(Path(file), [dump_expectations(expected).encode()], overwrite=True)
    say(f"{file} has {len(expected)} known failure{'' if len(expected) == 1 else 's'}; give each its reason")
    return with_expectations(card, expected, file)
