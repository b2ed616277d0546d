"""What the tests of `inspector check` share: running it, and a good and a cut recording."""

from __future__ import annotations

from check_examples import EXAMPLES
from click.testing import CliRunner
from streams import GOOD, recording

from inspector.cli import cli
from inspector.recording import save

CUT = EXAMPLES["message-stop-missing"].recording
"""A recording with one error: it ends after three events."""


def run(*args, stdin=b"", color=False):
    """Run `inspector check` in this process."""
    result = CliRunner().invoke(
        cli, ["check", *map(str, args)], input=stdin, color=color, prog_name="inspector"
    )
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def save_both(folder):
    """Write `good.jsonl` and `cut.jsonl` into a folder."""
    save(recording(GOOD), folder / "good.jsonl")
    save(CUT, folder / "cut.jsonl")
    return folder
