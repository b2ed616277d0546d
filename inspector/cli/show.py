"""`inspector show`: recordings as people read them, or in another form."""

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
    """Show recordings: files, globs, folders, or `-`.

    \b
    pretty   a row for every block, then a summary
    jsonl    the recording's own lines
    events   the bare payloads, one a line, verbatim
    text     the answer's text
    raw      the response body, byte for byte
    message  the final Message, as the SDK's get_final_message() has it
    """
    selection = Selection(only, block, *range_)
    names = expand(files)
    failed = False
    for number, name in enumerate(names):
        out = printer(format_, selection, live=name == "-", color=use_color())
        out.source = name if len(names) > 1 else ""
        if number and format_ == "pretty":
            click.echo()
        # What can be read is shown, of this file and of the others.
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
