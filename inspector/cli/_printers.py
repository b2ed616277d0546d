"""The formats: `pretty` for people, and those that write data as it is. Options choose one."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from typing import Any

import click

from inspector import _json
from inspector._json import as_text
from inspector.cli._live_area import can_redraw
from inspector.cli._pretty import Pretty
from inspector.cli._printer_base import Printer, View
from inspector.cli._printing import Output, say
from inspector.cli._selection import Selection
from inspector.protocol import Snapshot
from inspector.recording import (
    End,
    Head,
    Line,
    TimedBlock,
    dump_block,
    dump_end,
    dump_head,
)

__all__ = ["FORMATS", "Printer", "View", "format_options", "printer"]


class _Jsonl(Printer):
    """The recording's own lines."""

    def _print(self, value: Line) -> None:
        match value:
            case Head():
                self.out.data(dump_head(value))
            case TimedBlock() if self._takes(value):
                self.out.data(dump_block(value))
            case End():
                self.out.data(dump_end(value))


class _Events(Printer):
    """The payloads of the events, one a line, verbatim."""

    def _print(self, value: Line) -> None:
        if not isinstance(value, TimedBlock) or not self._takes(value):
            return
        if value.data is not None:
            self.out.data(value.data.replace(b"\n", b" ") + b"\n")


class _Raw(Printer):
    """The bytes of the response's body."""

    def _print(self, value: Line) -> None:
        if isinstance(value, TimedBlock) and self._takes(value):
            self.out.data(value.raw_bytes)


class _Text(Printer):
    """The text of the answer, as it arrives, and nothing else.

    If an answer has no text, standard error says what came.
    """

    summarizes = True
    _ended_line = True
    _is_empty = True

    def _print(self, value: Line) -> None:
        if isinstance(value, Head):
            self._is_empty = True
        if isinstance(value, TimedBlock) and self._takes(value) and value.event is not None:
            text = _text_of(value.data or b"")
            if text:
                self.out.data(text.encode("utf-8", "replace"))
                self._ended_line, self._is_empty = text.endswith("\n"), False

    def _finish(self) -> None:
        if not self._ended_line:
            self.out.data(b"\n")
            self._ended_line = True
        source = f"{self.source}: " if self.source else ""
        if self._is_empty and self._taken and not self.selection.everything:
            say(f"{source}no text in what is selected")
        elif self._is_empty and self.summary.head is not None and self.selection.everything:
            self.said = what = next(iter(self.summary.problems), self.summary.outcome)
            said = self.summary.error_text if self.summary.http_error is not None else ""
            none = "no text can be read" if self.summary.merged_frames else "no text in it"
            say(f"{source}{none}: {what}{f': {said}' if said else ''}")


class _Message(Printer):
    """The final Message as JSON, as the SDK's `get_final_message()` returns it.

    An event that cannot be read is left out of it, and standard error says so. It also says why a message is
    not whole.
    """

    summarizes = True

    def __init__(
        self, selection: Selection, out: Output, *, live: bool, color: bool, view: View | None = None
    ) -> None:
        super().__init__(selection, out, live=live, color=color, view=view)
        self._snapshot: Snapshot | None = None
        self._failed = self._left_out = False
        self._number = 0

    def _print(self, value: Line) -> None:
        if isinstance(value, Head):
            self._snapshot, self._number = Snapshot(), 0
            self._failed = self._left_out = False
        elif isinstance(value, TimedBlock) and value.data is not None and self._snapshot and not self._failed:
            self._failed = value.event == "error"
            self._number += 1
            if not self._failed and self._takes(value):
                self._add(self._snapshot, value.event, value.data)

    def _add(self, snapshot: Snapshot, name: str | None, data: bytes) -> None:
        before = snapshot.missing
        try:
            snapshot.add(name, _json.loads(data))
        except ValueError as error:
            self._leave_out(
                f"its payload is {error if isinstance(error, _json.TooDeepError) else 'not JSON'}"
            )
        if snapshot.missing not in (None, before) and self.selection.everything:
            self._leave_out(f"no content block {snapshot.missing} has started")

    def _leave_out(self, why: str) -> None:
        self._left_out = True
        say(f"{self._prefix}event {self._number} is not in the message: {why}")

    @property
    def _prefix(self) -> str:
        return f"{self.source}: " if self.source else ""

    def _finish(self) -> None:
        if self._snapshot is not None:
            message = self._snapshot.message or self.summary.body_json
            self.out.data(_json.dumps_text(message, indent=2).encode() + b"\n")
            problem = next(iter(self.summary.problems), "")
            if problem and not self._left_out:
                self.said = problem
                say(f"{self._prefix}{'not a whole' if self._snapshot.message else 'no'} message: {problem}")
            self._snapshot = None


def _text_of(data: bytes) -> str:
    try:
        event: Any = _json.loads(data)
        part = event["delta"] if event["type"] == "content_block_delta" else event["content_block"]
        return as_text(part["text"]) if part["type"] in ("text_delta", "text") else ""
    except (ValueError, KeyError, TypeError):
        return ""


FORMATS: dict[str, type[Printer]] = {
    "pretty": Pretty,
    "jsonl": _Jsonl,
    "events": _Events,
    "text": _Text,
    "raw": _Raw,
    "message": _Message,
}
"""The printer of each format."""


def format_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that choose a format. A command gets `format_`, `raw_terminal` and `view`."""

    @functools.wraps(command)
    def with_view(
        *arguments: Any, format_: str, fold: bool | None, wide: bool, summary: bool, **options: Any
    ) -> Any:
        if summary and format_ != "pretty":
            raise click.UsageError(f"--summary is for the format pretty, not for {format_}")
        return command(*arguments, format_=format_, view=View(fold, wide, summary), **options)

    for option in (
        click.option(
            "--raw-terminal",
            is_flag=True,
            help="Write data to a terminal as it is. Else what could drive the terminal is shown as escapes.",
        ),
        click.option("--summary", is_flag=True, help="Show no events: only the head line and the summary."),
        click.option("--wide", is_flag=True, help="Neither break nor cut the lines of `pretty`."),
        click.option(
            "--fold/--unfold",
            default=None,
            help="Show the deltas of a content block as one text, or a line for every event. Default: fold, "
            "but not what comes live into a pipe.",
        ),
        click.option(
            "--format",
            "format_",
            type=click.Choice(list(FORMATS)),
            default="pretty",
            show_default=True,
            help="The output format; `inspector show --help` explains each.",
        ),
    ):
        with_view = option(with_view)
    return with_view


def printer(
    name: str,
    selection: Selection | None = None,
    *,
    live: bool = False,
    color: bool = False,
    raw_terminal: bool = False,
    view: View | None = None,
    redraw: bool = False,
) -> Printer:
    """Make the printer for a format. With `redraw`, a `Screen` draws what is not finished, on a terminal."""
    out = Output(live=live, raw=raw_terminal)
    if redraw and name == "pretty" and can_redraw(sys.stdout):
        from inspector.cli._live_output import LiveOutput

        out = LiveOutput()
    return FORMATS[name](selection or Selection(), out, live=live, color=color, view=view)
