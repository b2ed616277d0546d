"""`inspector show`: recordings as a table of events, or in another format."""

from __future__ import annotations

import sys

import click

from inspector.cli._inputs import files_argument, paths_of, values_of
from inspector.cli._observing import KeptRecording, SdkCommand, Sdks, observed_text, sdk_option, sdks_of
from inspector.cli._printers import Printer, View, format_options, printer
from inspector.cli._printing import echo, say
from inspector.cli._selection import Selection, selection_options
from inspector.cli._terminal import use_color
from inspector.errors import RecordingError
from inspector.recording import Head

__all__ = ["command"]


@click.command("show", cls=SdkCommand)
@files_argument
@format_options
@sdk_option
@selection_options
def command(
    files: tuple[str, ...],
    format_: str,
    raw_terminal: bool,
    view: View,
    pythons: tuple[str, ...],
    only: tuple[str, ...],
    block: tuple[int, ...],
    range_: tuple[int, int | None],
) -> None:
    """Show recordings as a table of events, or in another format.

    FILE is a file, a folder, a pattern, or `-` for standard input. It may hold a recording, an event stream
    as `curl -N` or `curl -i` prints it, or bare payloads, one a line; compressed ones too.

    \b
    Formats:
      pretty   a line for every event, also if the SDK hides it, and a summary
      jsonl    the lines of the recording's file
      events   the payload of every event, verbatim, one a line
      text     the text of the answer
      raw      the response's body, byte for byte
      message  the final Message, as the SDK's get_final_message() returns it
    """
    selection = Selection(only, block, *range_)
    sdks = sdks_of(pythons, no_sdk=not pythons, files=0) if format_ == "pretty" else Sdks()
    paths = list(paths_of(files))
    names = [path for path in paths if isinstance(path, str)]
    missing = [path for path in paths if isinstance(path, RecordingError)]
    failed = False
    for number, name in enumerate(names):
        live = name == "-"
        out = printer(format_, selection, live=live, color=use_color(), raw_terminal=raw_terminal, view=view)
        out.source = name if len(names) > 1 else ""
        if number and format_ == "pretty":
            echo()
        # Show all that can be read: of this file up to the error, and of the other files.
        try:
            _show(out, name, sdks)
        except RecordingError as error:
            out.close()
            say(str(error))
            failed = True
        else:
            out.close()
    for bad in missing:
        say(str(bad))
    if failed or missing:
        sys.exit(3)
    selection.refuse_misspelt()


def _show(out: Printer, name: str, sdks: Sdks) -> None:
    """Print a file. What SDKs did with a recording stands in its summary, which follows the last line."""
    kept: KeptRecording | None = None
    for value in values_of(name):
        if isinstance(value, Head):
            out.sdk = observed_text(sdks, kept)
            kept = KeptRecording(value) if sdks.pythons else None
        elif kept:
            kept.add(value)
        out.add(value)
    out.sdk = observed_text(sdks, kept)
