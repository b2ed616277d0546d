"""Printers: each writes a recording's values to stdout in one format, as they come.

The same printers show a file, a replay and a live stream.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from inspector import _json
from inspector._json import as_text
from inspector.cli._printing import Output, say
from inspector.cli._recording_text import (
    block_line,
    column_names,
    head_line,
    summary_text,
    torn_line,
)
from inspector.cli._selection import Selection
from inspector.protocol import Snapshot
from inspector.recording import (
    End,
    Head,
    Line,
    TimedBlock,
    Torn,
    dump_block,
    dump_end,
    dump_head,
    is_binary,
)
from inspector.views.summary import Summary
from inspector.views.timeline import Timeline

__all__ = ["FORMATS", "Printer", "format_options", "printer"]


class Printer:
    """Print values as they come; `close` it after the last. With `live`, flush after each value."""

    summarizes = False
    """Whether the format needs the summary. A live printer keeps one in any format, for its caller."""

    def __init__(self, selection: Selection, out: Output, *, live: bool, color: bool) -> None:
        self.selection = selection
        self.out = out
        self.color = color
        self.live = live
        self.source = ""
        """The name of the recording, if several are printed; else empty."""
        self.sdk = ""
        """What the SDK did with the stream, if the SDK read it; else empty."""
        self.summary = Summary()
        self._timeline = Timeline()

    def add(self, value: Line) -> None:
        """Print the next value."""
        if isinstance(value, Head):
            self._finish()
            self.summary = Summary()
            self._timeline = Timeline(stream=_is_stream(value), binary=is_binary(value))
        if (self.live or self.summarizes) and isinstance(value, Head | TimedBlock | End):
            self.summary.add(value)
        self._print(value)
        if self.live:
            self.out.flush()

    def close(self) -> None:
        """Print what stands at the end of the last recording."""
        self._finish()
        self.out.flush()

    def _finish(self) -> None:
        """End the current recording, if there is one."""

    def _print(self, value: Line) -> None:
        """Print one value."""
        raise NotImplementedError


class _Pretty(Printer):
    """For people: a line for each block, then a summary."""

    summarizes = True

    def _print(self, value: Line) -> None:
        if isinstance(value, Head):
            self.out.line(head_line(value, self.source, color=self.color))
            if value.response:
                self.out.line(column_names(color=self.color))
        elif isinstance(value, TimedBlock):
            row = self._timeline.row(value)
            if self.selection.takes(row):
                self.out.line(block_line(row, color=self.color, width=self.out.width))
        elif isinstance(value, Torn):
            self.out.line(torn_line(value, color=self.color))

    def _finish(self) -> None:
        if self.summary.head is not None:
            self.out.line(summary_text(self.summary, self.sdk, color=self.color))
            self.summary = Summary()


class _Jsonl(Printer):
    """The recording's own lines."""

    def _print(self, value: Line) -> None:
        match value:
            case Head():
                self.out.data(dump_head(value))
            case TimedBlock() if self.selection.takes_block(self._timeline, value):
                self.out.data(dump_block(value))
            case End():
                self.out.data(dump_end(value))


class _Events(Printer):
    """The payloads of the events, one a line, verbatim."""

    def _print(self, value: Line) -> None:
        if not isinstance(value, TimedBlock) or not self.selection.takes_block(self._timeline, value):
            return
        if value.data is not None:
            self.out.data(value.data.replace(b"\n", b" ") + b"\n")


class _Raw(Printer):
    """The bytes of the response's body."""

    def _print(self, value: Line) -> None:
        if isinstance(value, TimedBlock) and self.selection.takes_block(self._timeline, value):
            self.out.data(value.raw_bytes)


class _Text(Printer):
    """The text of the answer, as it arrives, and nothing else."""

    _ended_line = True

    def _print(self, value: Line) -> None:
        if not isinstance(value, TimedBlock) or value.data is None or value.event in (None, "ping"):
            return
        if self.selection.takes_block(self._timeline, value):
            text = _text_of(value.data)
            if text:
                self.out.data(text.encode("utf-8", "replace"))
                self._ended_line = text.endswith("\n")

    def _finish(self) -> None:
        if not self._ended_line:
            self.out.data(b"\n")
            self._ended_line = True


class _Message(Printer):
    """The final Message as JSON, as the SDK's `get_final_message()` returns it.

    An event that cannot be read is left out of it, and standard error says so.
    """

    summarizes = True

    def __init__(self, selection: Selection, out: Output, *, live: bool, color: bool) -> None:
        super().__init__(selection, out, live=live, color=color)
        self._snapshot: Snapshot | None = None
        self._failed = False
        self._number = 0

    def _print(self, value: Line) -> None:
        if isinstance(value, Head):
            self._snapshot, self._failed, self._number = Snapshot(), False, 0
        elif isinstance(value, TimedBlock) and value.data is not None and self._snapshot and not self._failed:
            self._failed = value.event == "error"
            self._number += 1
            if not self._failed and self.selection.takes_block(self._timeline, value):
                try:
                    self._snapshot.add(value.event, _json.loads(value.data))
                except ValueError as error:
                    where = f"{self.source}: event {self._number}" if self.source else f"event {self._number}"
                    problem = error if isinstance(error, _json.TooDeepError) else "not JSON"
                    say(f"{where} is not in the message: its payload is {problem}")

    def _finish(self) -> None:
        if self._snapshot is not None:
            message = self._snapshot.message or self.summary.body_json
            self.out.data(_json.dumps_text(message, indent=2).encode() + b"\n")
            self._snapshot = None


def _is_stream(head: Head) -> bool:
    kind = head.response.headers.get("content-type", "") if head.response else ""
    return not kind or kind.startswith("text/event-stream")


def _text_of(data: bytes) -> str:
    try:
        event: Any = _json.loads(data)
        part = event["delta"] if event["type"] == "content_block_delta" else event["content_block"]
        return as_text(part["text"]) if part["type"] in ("text_delta", "text") else ""
    except (ValueError, KeyError, TypeError):
        return ""


FORMATS: dict[str, type[Printer]] = {
    "pretty": _Pretty,
    "jsonl": _Jsonl,
    "events": _Events,
    "text": _Text,
    "raw": _Raw,
    "message": _Message,
}
"""The printer of each format."""


def format_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that choose a format. A command gets them as `format_` and `raw_terminal`."""
    for option in (
        click.option(
            "--raw-terminal",
            is_flag=True,
            help="Write data to a terminal as it is. Else what could drive the terminal is shown as escapes.",
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
        command = option(command)
    return command


def printer(
    name: str,
    selection: Selection | None = None,
    *,
    live: bool = False,
    color: bool = False,
    raw_terminal: bool = False,
) -> Printer:
    """Make the printer for a format."""
    out = Output(live=live, raw=raw_terminal)
    return FORMATS[name](selection or Selection(), out, live=live, color=color)
