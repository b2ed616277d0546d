"""Printers: a recording's values go in, in order, and come out on stdout in a format, at once.

The same printers serve what is read from a file, what is replayed, and what arrives live.
"""

from __future__ import annotations

import sys
from typing import Any, TextIO

import click

from inspector import _json
from inspector.cli import _pretty
from inspector.cli._selection import Selection
from inspector.cli._terminal import screen_width
from inspector.protocol import Snapshot
from inspector.recording import End, Head, Line, TimedBlock, Torn, dump_block, dump_end, dump_head
from inspector.views.summary import Summary
from inspector.views.timeline import Timeline

__all__ = ["FORMATS", "Printer", "format_option", "printer"]


class Printer:
    """Print values as they come; `close` after the last. What it prints is flushed when `live`."""

    summarizes = False
    """Whether the format itself needs the summary; who shows something live asks for it in any format."""

    def __init__(self, selection: Selection, *, live: bool, color: bool) -> None:
        self.selection = selection
        self.color = color
        self.live = live
        self.source = ""
        """What to call the recording, where there are several."""
        self.sdk = ""
        """What the SDK made of the recording, where it was asked."""
        self.summary = Summary()
        self._timeline = Timeline()
        self._out: TextIO = sys.stdout

    def add(self, value: Line) -> None:
        """Print the next value."""
        if isinstance(value, Head):
            self._finish()
            self.summary, self._timeline = Summary(), Timeline(stream=_is_stream(value))
        if (self.live or self.summarizes) and isinstance(value, Head | TimedBlock | End):
            self.summary.add(value)
        self._print(value)
        if self.live:
            self._out.flush()

    def close(self) -> None:
        """Print what is left to say."""
        self._finish()
        self._out.flush()

    def _finish(self) -> None:
        """The recording that was being printed is over, or none was."""

    def _print(self, value: Line) -> None:
        raise NotImplementedError

    def _write(self, text: bytes) -> None:
        self._out.flush()
        self._out.buffer.write(text)
        if self.live:
            self._out.buffer.flush()


class _Pretty(Printer):
    """For people: a row for each block, then a summary."""

    summarizes = True

    def _print(self, value: Line) -> None:
        if isinstance(value, Head):
            self._say(_pretty.head(value, self.source, color=self.color))
            if value.response:
                self._say(_pretty.columns(color=self.color))
        elif isinstance(value, TimedBlock):
            row = self._timeline.row(value)
            if self.selection.takes(row):
                self._say(_pretty.row(row, color=self.color, width=screen_width()))
        elif isinstance(value, Torn):
            self._say(_pretty.torn(value, color=self.color))

    def _finish(self) -> None:
        if self.summary.head is not None:
            self._say(_pretty.summary(self.summary, self.sdk, color=self.color))
            self.summary = Summary()

    def _say(self, text: str) -> None:
        self._out.write(text + "\n")


class _Jsonl(Printer):
    """The recording's own lines."""

    def _print(self, value: Line) -> None:
        match value:
            case Head():
                self._write(dump_head(value))
            case TimedBlock() if self.selection.takes_block(self._timeline, value):
                self._write(dump_block(value))
            case End():
                self._write(dump_end(value))


class _Events(Printer):
    """The bare payloads, one a line, verbatim."""

    def _print(self, value: Line) -> None:
        if not isinstance(value, TimedBlock) or not self.selection.takes_block(self._timeline, value):
            return
        if value.data is not None:
            self._write(value.data.replace(b"\n", b" ") + b"\n")


class _Raw(Printer):
    """The body's bytes."""

    def _print(self, value: Line) -> None:
        if isinstance(value, TimedBlock) and self.selection.takes_block(self._timeline, value):
            self._write(value.raw_bytes)


class _Text(Printer):
    """The answer's text as it grows, and nothing else."""

    _ended_line = True

    def _print(self, value: Line) -> None:
        if not isinstance(value, TimedBlock) or value.data is None or value.event in (None, "ping"):
            return
        if self.selection.takes_block(self._timeline, value):
            text = _text_of(value.data)
            if text:
                self._write(text.encode("utf-8", "replace"))
                self._ended_line = text.endswith("\n")

    def _finish(self) -> None:
        if not self._ended_line:
            self._write(b"\n")
            self._ended_line = True


class _Message(Printer):
    """The final Message, as JSON."""

    summarizes = True

    def __init__(self, selection: Selection, *, live: bool, color: bool) -> None:
        super().__init__(selection, live=live, color=color)
        self._snapshot: Snapshot | None = None
        self._failed = False

    def _print(self, value: Line) -> None:
        if isinstance(value, Head):
            self._snapshot, self._failed = Snapshot(), False
        elif isinstance(value, TimedBlock) and value.data is not None and self._snapshot and not self._failed:
            self._failed = value.event == "error"
            if not self._failed and self.selection.takes_block(self._timeline, value):
                try:
                    self._snapshot.add(value.event, _json.loads(value.data))
                except ValueError:
                    return

    def _finish(self) -> None:
        if self._snapshot is not None:
            message = self._snapshot.message or self.summary.body_json
            self._write(_json.dumps_text(message, indent=2).encode() + b"\n")
            self._snapshot = None


def _is_stream(head: Head) -> bool:
    kind = head.response.headers.get("content-type", "") if head.response else ""
    return not kind or kind.startswith("text/event-stream")


def _text_of(data: bytes) -> str:
    try:
        event: Any = _json.loads(data)
        part = event["delta"] if event["type"] == "content_block_delta" else event["content_block"]
        return str(part["text"]) if part["type"] in ("text_delta", "text") else ""
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
"""Every format that recordings are printed in."""


format_option = click.option(
    "--format",
    "format_",
    type=click.Choice(list(FORMATS)),
    default="pretty",
    show_default=True,
    help="How to print; `inspector show --help` explains each.",
)


def printer(
    name: str, selection: Selection | None = None, *, live: bool = False, color: bool = False
) -> Printer:
    """Make a printer for a format's name."""
    return FORMATS[name](selection or Selection(), live=live, color=color)
