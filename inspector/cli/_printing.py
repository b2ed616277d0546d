"""The one place of the command line that writes.

Rule 1: what people read goes through `echo` and `say`, or is made of `shown` text. Secrets in it are masked,
and it is escaped: it drives no terminal, hides nothing, and no build service takes it for a command.
One argument is one line: a line break inside it is escaped too.
Rule 2: data goes through `Output.data`, byte for byte into a file or a pipe. A terminal gets it escaped, with
its line breaks and tabs, unless the user wants it raw.
Rule 3: a document for machines goes through `print_document`. Its format says how its texts are escaped.
Rule 4: what is printed while a progress bar is drawn stands above it.
"""

from __future__ import annotations

import codecs
import contextlib
import functools
import io
import json
import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import chain
from typing import Any, Protocol, TextIO

import click

from inspector.cli._terminal import screen_width, use_links
from inspector.cli._widths import cells
from inspector.escaping import defused, escape
from inspector.manual import MANUAL
from inspector.redact import mask_text

__all__ = [
    "Output",
    "PagedOutput",
    "Styles",
    "bars",
    "echo",
    "json_document",
    "linked",
    "plain",
    "print_bar",
    "print_document",
    "print_pieces",
    "print_shown",
    "say",
    "show_wrong_use",
    "shown",
    "shown_paragraphs",
    "styled",
]

Styles = Mapping[str, Any]
"""Arguments of `click.style`; and `page`, the address in the manual to which a text links."""


class _Bar(Protocol):
    """A progress bar that is drawn."""

    def hidden(self) -> contextlib.AbstractContextManager[None]:
        """Take it off the screen in this context."""


bars: list[_Bar] = []
"""The bar that is drawn on standard error, if there is one."""

_SHORT = 32  # characters
_WITHIN_LINES = re.compile(r"[^\n\t]+")


def shown(text: str) -> str:
    """Return a text as people may see it in a line."""
    return _short(text) if len(text) < _SHORT else defused(escape(mask_text(text)))


def shown_paragraphs(text: str) -> list[str]:
    """Return a text as people may see it in several lines: one for each paragraph, with its tabs as blanks.

    Secrets are masked in the whole text, so also one that a line break divides.
    """
    lines = mask_text(text).replace("\r\n", "\n").expandtabs(4).split("\n")
    return [defused(escape(line)) for line in lines]


@functools.lru_cache(4096)
def _short(text: str) -> str:
    # The names of events and types come again and again, and to search one for secrets takes 10 µs.
    return defused(escape(mask_text(text)))


def echo(*lines: str | Iterable[tuple[str, Styles]], err: bool = False, **styles: Any) -> None:
    """Print lines on stdout, or with `err` on stderr; without any, an empty line.

    A line is a text, printed in `styles`, or pieces of text that have a style each.
    """
    with _above_bars(err=err):
        if not lines:
            click.echo(err=err)
        for line in lines:
            pieces = [(line, styles)] if isinstance(line, str) else line
            click.echo("".join(_piece(text, err=err, **style) for text, style in pieces), err=err)


@contextlib.contextmanager
def _above_bars(*, err: bool = False) -> Iterator[None]:
    with contextlib.ExitStack() as hidden:
        if bars and (err or sys.stdout.isatty()):
            for bar in bars:
                hidden.enter_context(bar.hidden())
        yield


def _piece(text: str, *, err: bool, page: str = "", **styles: Any) -> str:
    piece = click.style(shown(text), **styles)
    return linked(piece, page) if page and use_links(err=err) else piece


def styled(text: str, **styles: Any) -> str:
    """Return `shown` text in styles, for `print_shown`."""
    return click.style(text, **styles)


def linked(text: str, page: str) -> str:
    """Return `shown` text that links to a page of the manual, on a terminal that knows links (OSC 8).

    No other address goes into it, so nothing of a stream does.
    """
    assert page.startswith(MANUAL), page
    return f"\x1b]8;;{page}\x1b\\{text}\x1b]8;;\x1b\\"


def print_shown(text: str, *, err: bool = False) -> None:
    """Print whole lines of `shown` text, which may be `styled`, on stdout or on stderr."""
    with _above_bars(err=err):
        click.echo(text, nl=False, err=err)


def print_bar(text: str) -> None:
    """Print a part of a progress bar on stderr, which is a terminal. Its label is `shown` text."""
    sys.stderr.write(text)
    sys.stderr.flush()


def say(*lines: str) -> None:
    """Print a message on stderr, in one line or several. It is no error if nobody reads it."""
    first, *more = lines
    with contextlib.suppress(BrokenPipeError):
        echo(f"inspector: {first}", *more, err=True)


def show_wrong_use(error: click.ClickException) -> None:
    """Print what is wrong with a call, in one line; if Click found it, after the usage."""
    if not isinstance(error, click.UsageError):
        say(error.format_message())
        return
    if context := error.ctx:
        echo(*context.get_usage().splitlines(), err=True)
        if context.command.get_help_option(context):
            echo(f"Try '{context.command_path} {context.help_option_names[0]}' for help.", "", err=True)
    echo(f"Error: {error.format_message()}", err=True)


def print_document(text: str) -> None:
    """Print a document that its format has made harmless for its readers."""
    print_pieces([text.encode(), b"\n"])


def print_pieces(pieces: Iterable[bytes]) -> None:
    """Print pieces of such a document."""
    out = Output()
    with _above_bars():
        for piece in pieces:
            out.data(piece)
        out.flush()


def json_document(value: Any) -> str:
    """Write a value as a JSON document that drives no terminal and no build service that prints it."""
    # In ASCII, no text drives a terminal. GitHub and Azure run `##[…` and `##vso[…` anywhere in a line.
    text = json.dumps(value, indent=2, allow_nan=False)
    return text.replace("\x7f", "\\u007f").replace("##", "#\\u0023")


def plain(text: str) -> str:
    """Return a text for a document: secrets are masked, half characters (UTF-8 has none) escaped."""
    return mask_text(text.encode("utf-8", "backslashreplace").decode())


class Output:
    """Standard output, or with `err` standard error. `raw`: a terminal gets data as it is.

    With `live`, each piece is written at once. `reveal` puts ids in the place of their pseudonyms in lines.
    """

    redraws = False
    """Whether rows that are not finished can be drawn again and again."""

    def __init__(self, *, live: bool = False, raw: bool = False, err: bool = False) -> None:
        self._file: TextIO = sys.stderr if err else sys.stdout
        self._err = err
        self._live = live
        self._escapes = not raw and self._file.isatty()
        self.reveal: Callable[[str], str] = lambda line: line
        self._decode = codecs.getincrementaldecoder("utf-8")("backslashreplace").decode

    @property
    def width(self) -> int | None:
        """How many columns a line has; None if there is no limit."""
        return screen_width(err=self._err)

    def line(self, text: str) -> None:
        """Write a line of `shown` text, which may be styled."""
        self._file.write(self.reveal(text) + "\n")

    def data(self, data: bytes) -> None:
        """Write data: to a terminal escaped, into a file or a pipe byte for byte."""
        if self._escapes:
            text = self._decode(data)
            self._file.write(_WITHIN_LINES.sub(lambda match: escape(match[0]), text))
        else:
            self._file.flush()
            self._file.buffer.write(data)
            if self._live:
                self._file.buffer.flush()

    def flush(self) -> None:
        """Write what is still in a buffer."""
        self._file.flush()


class PagedOutput(Output):
    """Standard output of which a pager shows what does not fit on the screen, as git does it.

    It keeps lines; `print` writes them while `steps` makes them. `PAGER` names the program; if it is empty or
    `cat`, there is none. `less` leaves what it showed on the screen, and shows colours.
    """

    def __init__(self) -> None:
        super().__init__()
        self._lines: list[str] = []

    @staticmethod
    def is_possible() -> bool:
        """Return whether stdout is a terminal on which a pager may run."""
        wanted = os.environ.get("PAGER", "less") not in ("", "cat")
        return wanted and sys.stdout.isatty() and os.environ.get("TERM") != "dumb"

    def line(self, text: str) -> None:
        """Keep a line of `shown` text, which may be styled."""
        self._lines.append(self.reveal(text) + "\n")

    def print(self, steps: Iterator[object]) -> None:
        """Take all steps, and print the lines that they keep. Messages on stderr come after a pager's end."""
        messages = io.StringIO()
        try:
            with contextlib.redirect_stderr(messages):
                self._print(steps)
        finally:
            self.flush()
            sys.stderr.write(messages.getvalue())

    def _print(self, steps: Iterator[object]) -> None:
        import shutil

        size = shutil.get_terminal_size()
        rows = 1  # the prompt comes back in a row of its own
        first: list[str] = []
        for _ in steps:
            taken = self._taken()
            first += taken
            rows += sum(-(-cells(click.unstyle(line[:-1])) // size.columns) or 1 for line in taken)
            if rows > size.lines:
                os.environ.setdefault("LESS", "-FRX")
                rest = (line for _ in steps for line in self._taken())
                click.echo_via_pager(chain(first, rest), color=True)
                return
        self._file.write("".join(first))

    def _taken(self) -> list[str]:
        lines, self._lines = self._lines, []
        return lines
