"""The FILE arguments that commands share, and what is read from them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import click

from inspector.cli._printing import say
from inspector.errors import RecordingError
from inspector.formats import names_of, opened
from inspector.recording import Line, Torn, waiting_notices
from inspector.storage import public_name

__all__ = ["FILE", "files_argument", "paths_of", "values_of"]


FILE = public_name
"""The type of every argument that names what is read: a command gets no secrets of a URL, and prints none."""


def _stdin_once(ctx: click.Context, parameter: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...]:
    if values.count("-") > 1:
        raise click.BadParameter("`-` is standard input, which can be read only once")
    return values


files_argument = click.argument(
    "files", metavar="FILE...", nargs=-1, required=True, type=FILE, callback=_stdin_once
)
"""One or more arguments, each as `recording_paths` reads it."""


def paths_of(arguments: Iterable[str]) -> Iterator[str | RecordingError]:
    """Yield the name of every file that the arguments mean, or why something of them cannot be read.

    Say on standard error which files lack recordings that wait to be appended to them.
    """
    known: list[str] = []
    for argument in arguments:
        for each in names_of(argument):
            if isinstance(each, str):
                known.append(each)
            yield each
    for notice in waiting_notices(known):
        say(notice)


def values_of(path: str) -> Iterator[Line]:
    """Yield what a file holds, and say on standard error if its last line is torn, or something is left out.

    Raises `RecordingError` as a `Reader` does.
    """
    with opened(path) as reader:
        for value in reader:
            yield value
            if isinstance(value, Torn):
                what = reader.cut or "the line is torn"
                say(f"{path}:{value.line}: {what}; what stands before it is shown")
        for notice in reader.notices:
            say(f"{path}: {notice}")
