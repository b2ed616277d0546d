"""`inspector show`: recordings as a table of events, or in another format."""

from __future__ import annotations

import sys

import click

from inspector.cli._inputs import expand, files_argument
from inspector.cli._printers import Printer, format_option, printer
from inspector.cli._selection import Selection, selection_options
from inspector.cli._terminal import use_color
from inspector.errors import RecordingError
from inspector.recording import Torn, opened, read

__all__ = ["command"]


@click.command("show")
@files_argument
@format_option
@selection_options
def command(
    files: tuple[str, ...],
    format_: str,
    only: tuple[str, ...],
    block: tuple[int, ...],
    range_: tuple[int, int | None],
) -> None:
    """Show recordings as a table of events, or in another format.

    FILE is a recording, a folder or a pattern of recordings, or `-` for standard input.

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
    names = expand(files)
    failed = False
    for number, name in enumerate(names):
        out = printer(format_, selection, live=name == "-", color=use_color())
        out.source = name if len(names) > 1 else ""
        if number and format_ == "pretty":
            click.echo()
        # Show all that can be read: of this file up to the error, and of the other files.
        try:
            _show(name, out)
        except RecordingError as error:
            out.close()
            click.echo(f"inspector: {error}", err=True)
            failed = True
    if failed:
        sys.exit(3)


def _show(name: str, out: Printer) -> None:
    with opened(name) as (file, label):
        for line in read(file, label):
            out.add(line)
            if isinstance(line, Torn):
                message = f"inspector: {label}:{line.line}: the line is torn; what stands before it is shown"
                click.echo(message, err=True)
    out.close()
