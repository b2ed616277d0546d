"""`inspector report`: a page to look at recordings in a browser."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from inspector.cli._inputs import files_argument, paths_of
from inspector.cli._observing import SdkCommand, Sdks, sdk_option, sdks_of
from inspector.cli._printing import Output, say
from inspector.cli._progress import Progress, quiet_option
from inspector.cli._redacting import redact_options
from inspector.errors import RecordingError
from inspector.formats import load_all
from inspector.recording import Recording, replace_file
from inspector.redact import Redaction

if TYPE_CHECKING:
    from inspector.page.building import Page

__all__ = ["command"]

_LONGEST = 5_000
"""How many blocks a recording has that is played to an SDK without `--sdk`: 10,000 take three seconds."""


@click.command("report", cls=SdkCommand)
@files_argument
@click.option(
    "-o",
    "--output",
    default="report.html",
    show_default=True,
    metavar="FILE",
    help="Where to write the page; `-` for standard output.",
)
@click.option("--overwrite", is_flag=True, help="Replace the page if it exists.")
@click.option("--open", "open_", is_flag=True, help="Open the page in the browser.")
@redact_options
@sdk_option
@click.option("--no-sdk", is_flag=True, help="Play no recording to the SDK.")
@quiet_option
def command(
    files: tuple[str, ...],
    output: str,
    overwrite: bool,
    open_: bool,
    redaction: Redaction,
    pythons: tuple[str, ...],
    no_sdk: bool,
    quiet: bool,
) -> None:
    """Write a page to look at recordings in a browser.

    FILE is whatever `inspector show` reads. The page is one file. It needs no network, opens from disk, and
    can be sent: it has the recordings as `inspector redact` writes them, without secrets and ids.

    \b
    inspector report hello.jsonl
    inspector report direct.jsonl gateway.jsonl -o both.html --open

    A page has at most 100 recordings and 256 MiB of lines; what is left out is counted. A recording with
    errors or warnings is also played to the installed SDK if it has at most 5,000 events: with up to 16
    FILEs, and for 16 recordings. `--sdk` plays all of them, `--no-sdk` none.

    Exit status: 0; 3 if a FILE cannot be read, or the page cannot be written.
    """
    from inspector.page.building import Page

    target = None if output == "-" else Path(output)
    if target is None and open_:
        raise click.UsageError("--open needs a file: leave out `-o -`")
    if target is not None and target.exists() and not overwrite:  # before minutes of work
        replace_file(target, [])
    page = Page(redaction)
    failed = _fill(page, files, pythons, no_sdk=no_sdk, quiet=quiet)
    if not page.count:
        sys.exit(3)
    if target is None:
        out = Output()
        for piece in page.pieces():
            out.data(piece)
        out.flush()
    else:
        replace_file(target, page.pieces(), overwrite=overwrite)
    _say_result(page, output)
    if open_:
        click.launch(output)
    if failed:
        sys.exit(3)


def _fill(page: Page, files: Sequence[str], pythons: Sequence[str], *, no_sdk: bool, quiet: bool) -> bool:
    """Add all that can be read; say what cannot, and return whether there is any."""
    failed = False
    paths = list(paths_of(files))
    observe = _observer(sdks_of(pythons, no_sdk, len(paths)), bool(pythons))
    with Progress("reading recordings", len(paths), quiet=quiet) as progress:
        for path in paths:
            progress.step()
            if page.full:
                page.omitted += 1
                continue
            try:
                if isinstance(path, RecordingError):
                    raise path
                for recording in load_all(path):
                    page.add(recording, observe)
            except RecordingError as error:
                say(str(error))
                failed = True
    return failed


def _observer(sdks: Sdks, every: bool) -> Callable[[Recording], Sequence[str]]:
    """Return what says what SDKs do with a recording: with `every` one, or with the first short ones."""
    left = sdks.most

    def observe(recording: Recording) -> Sequence[str]:
        nonlocal left
        if left == 0 or not sdks.pythons:
            return ()
        if not every and len(recording.blocks) > _LONGEST:
            return (f"not played to the SDK: it has more than {_LONGEST:,} events; --sdk plays it",)
        left = left and left - 1
        return [line for each in sdks.observe(recording) for line in each.lines()]

    return observe


def _say_result(page: Page, output: str) -> None:
    count = "1 recording" if page.count == 1 else f"{page.count} recordings"
    size = f"{page.size / 1e6:.1f} MB" if page.size >= 1e6 else f"{page.size / 1e3:.0f} kB"
    say(f"{'the page' if output == '-' else output} has {count}, {size}")
    if page.omitted:
        say(f"{page.omitted:,} more are left out: a page has at most 100 recordings and 256 MiB of lines")
