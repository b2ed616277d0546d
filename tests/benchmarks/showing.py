"""`inspector show`: what folding costs against a row for every event, and whether it grows with the file."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from unittest import mock

from inspector.cli import cli
from tests.benchmarks import _streams
from tests.benchmarks._measure import Result, Row, interleaved, ratio

__all__ = ["rows"]

_FOLDED, _UNFOLDED = "--fold", "--unfold"


def rows(*, quick: bool) -> Iterator[Row]:
    """Show streams of two sizes, on a terminal of 80 columns and in a pipe."""
    counts = (4_000, 16_000) if quick else (10_000, 80_000)
    with tempfile.TemporaryDirectory() as folder:
        files = {count: Path(folder) / f"{count}.sse" for count in counts}
        for count, file in files.items():
            file.write_bytes(b"".join(_streams.events(count)))
        for width, where in ((80, "80 columns"), (None, "a pipe")):
            # All four take turns, so that what disturbs a round disturbs each of them.
            each = [(count, option) for count in counts for option in (_FOLDED, _UNFOLDED)]
            contestants = [_show(files[count], option, width) for count, option in each]
            results = dict(zip(each, interleaved(5 if quick else 11, contestants), strict=True))
            yield from _compared(results, counts, where)


def _compared(results: dict[tuple[int, str], Result], counts: tuple[int, int], where: str) -> Iterator[Row]:
    for count in counts:
        folded, unfolded = results[count, _FOLDED], results[count, _UNFOLDED]
        what, versus = (
            f"show, {count:,} events, folded, {where}",
            f"--unfold, {unfolded.each(count)} an event",
        )
        yield Row(what, folded.each(count), versus, ratio(folded, unfolded), 1.1)
    small, large = counts
    one, other = results[small, _FOLDED], results[large, _FOLDED]
    growth = ratio(other, one) * small / large
    yield Row(
        f"show, folded, {where}: an event of {large:,}", other.each(large), f"one of {small:,}", growth, 1.2
    )


def _show(file: Path, option: str, width: int | None) -> Callable[[], object]:
    def run() -> None:
        on_terminal = mock.patch("inspector.cli._printing.screen_width", lambda err: width)
        with on_terminal, Path(os.devnull).open("w") as nowhere, contextlib.redirect_stdout(nowhere):
            cli.main(["show", option, str(file)], standalone_mode=False)

    return run
