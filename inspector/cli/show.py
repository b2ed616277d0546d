"""`inspector show`: recordings as a table of events, or in another format."""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import click

from inspector.cli._inputs import files_argument, paths_of, values_of
from inspector.cli._observing import KeptRecording, SdkCommand, Sdks, observed_text, sdk_option, sdks_of
from inspector.cli._printers import FORMATS, Printer, View, format_options, printer
from inspector.cli._printing import Output, PagedOutput, say
from inspector.cli._selection import Selection, refuse_unknown, selection_options
from inspector.cli._signals import ending_on_signals
from inspector.cli._terminal import use_color
from inspector.errors import RecordingError
from inspector.recording import Head

__all__ = ["command"]


@click.command("show", cls=SdkCommand)
@files_argument
@format_options
@click.option("--no-pager", is_flag=True, help="Use no pager on a terminal where the output is longer.")
@sdk_option
@selection_options
@click.option(
    "--follow", is_flag=True, help="Show one file while it is written, until its recording ends, or Ctrl-C."
)
def command(
    files: tuple[str, ...],
    format_: str,
    raw_terminal: bool,
    view: View,
    no_pager: bool,
    pythons: tuple[str, ...],
    only: tuple[str, ...],
    block: tuple[int, ...],
    range_: tuple[int, int | None],
    follow: bool,
) -> None:
    """Show recordings as a table of events, or in another format.

    FILE is a file, a folder, a pattern, or `-` for standard input. It may hold a recording, an event stream
    as `curl -N` or `curl -i` prints it, or bare payloads, one a line; compressed ones too.

    \b
    Formats:
      pretty   the events, deltas of a content block as one text, and a summary
      jsonl    the lines of the recording's file
      events   the payload of every event, verbatim, one a line
      text     the text of the answer
      raw      the response's body, byte for byte
      message  the final Message, as the SDK's get_final_message() returns it

    On a terminal, PAGER (default: less) shows what is longer than the screen.
    """
    selection = Selection(only, block, *range_)
    sdks = sdks_of(pythons, no_sdk=not pythons, files=0) if format_ == "pretty" else Sdks()
    if follow:
        sys.exit(_follow(files, selection, format_=format_, raw_terminal=raw_terminal, view=view, sdks=sdks))
    paths = list(paths_of(files))
    names = [path for path in paths if isinstance(path, str)]
    missing = [path for path in paths if isinstance(path, RecordingError)]
    refuse_unknown(selection, names)
    view = replace(view, fold=view.fold is not False)
    showing = _Showing(names, format_, selection, view, sdks)
    if format_ == "pretty" and not no_pager and "-" not in names and PagedOutput.is_possible():
        paged = PagedOutput()
        paged.print(showing.steps(paged))
    else:
        deque(showing.steps(Output(live="-" in names, raw=raw_terminal)), maxlen=0)
    for bad in missing:
        say(str(bad))
    if showing.failed or missing:
        sys.exit(3)
    selection.refuse_misspelt()


def _follow(files: tuple[str, ...], selection: Selection, *, format_: str, sdks: Sdks, **how: Any) -> int:
    from inspector.cli._follow import follow  # what draws, no other use of this command needs

    if files == ("-",):
        raise click.UsageError("--follow is for a file; standard input is shown as it comes without it")
    if len(files) > 1 or sdks.pythons:
        raise click.UsageError("--follow is for one file, and goes without --sdk")
    refuse_unknown(selection, files)
    out = printer(format_, selection, live=True, color=use_color(), redraw=True, **how)
    out.file = files[0]
    with ending_on_signals():
        return follow(files[0], out)


@dataclass(slots=True)
class _Showing:
    """What `show` prints: all files, one after another. `failed`: one could not be read."""

    names: list[str]
    format_: str
    selection: Selection
    view: View
    sdks: Sdks
    failed: bool = False

    def steps(self, out: Output) -> Iterator[None]:
        """Print all files, value by value."""
        for number, name in enumerate(self.names):
            if number and self.format_ == "pretty":
                out.line("")
            made = FORMATS[self.format_](
                self.selection, out, live=name == "-", color=use_color(), view=self.view
            )
            made.file, made.source = name, name if len(self.names) > 1 else ""
            # Show all that can be read: of this file up to the error, and of the other files.
            try:
                yield from self._values(made, name)
            except RecordingError as error:
                made.close()
                say(str(error))
                self.failed = True
            else:
                made.close()
            yield

    def _values(self, out: Printer, name: str) -> Iterator[None]:
        """Print a file. What SDKs did with a recording stands in its summary, which follows the last line."""
        kept: KeptRecording | None = None
        for value in values_of(name):
            if isinstance(value, Head):
                out.sdk = observed_text(self.sdks, kept)
                kept = KeptRecording(value) if self.sdks.pythons else None
            elif kept:
                kept.add(value)
            out.add(value)
            yield
        out.sdk = observed_text(self.sdks, kept)
