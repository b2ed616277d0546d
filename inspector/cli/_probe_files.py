"""The files of `inspector probe` beside the recordings: known failures, and the badge."""

from __future__ import annotations

from pathlib import Path

from inspector.cli._printing import say
from inspector.conformance.badge import badge_json, badge_svg
from inspector.conformance.expectations import (
    Expected,
    dump_expectations,
    expected_of,
    load_expectations,
    with_expectations,
)
from inspector.conformance.probes import PROBES
from inspector.conformance.scorecard import Scorecard
from inspector.errors import UsageError
from inspector.recording import replace_file

__all__ = ["BADGES", "read_expected", "write_badge", "write_expected"]

BADGES = {".svg": badge_svg, ".json": badge_json}
"""What writes a badge, by the ending of the file."""


def read_expected(file: str | None) -> dict[str, Expected]:
    """Read a file of known failures; without one there are none. Raises `UsageError` if it cannot be read."""
    if file is None:
        return {}
    try:
        text = Path(file).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise UsageError(f"--expect {file}: {reason}") from error
    return load_expectations(text, file, {each.name for each in PROBES.values()})


def write_expected(card: Scorecard, file: str) -> Scorecard:
    """Write what fails as known failures, and return the scorecard with them.

    A file that exists keeps its reasons and links. Without anything tested, nothing is written.
    """
    before = read_expected(file if Path(file).exists() else None)
    if not card.tested:
        say(f"{file} is not written: nothing was tested")
        return card
    expected = expected_of(card, before)
    replace_file(Path(file), [dump_expectations(expected).encode()], overwrite=True)
    say(f"{file} has {len(expected)} known failure{'' if len(expected) == 1 else 's'}; give each its reason")
    return with_expectations(card, expected, file)


def write_badge(card: Scorecard, file: str) -> None:
    """Write the badge, in the form that the file's ending names."""
    replace_file(Path(file), [BADGES[Path(file).suffix](card).encode()], overwrite=True)
