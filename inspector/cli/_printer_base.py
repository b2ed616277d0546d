"""What a printer is: it takes the values of recordings as they come, and writes them to stdout in one format.

The same printers show a file, a replay and a live stream.
"""

from __future__ import annotations

from dataclasses import dataclass

from inspector.cli._printing import Output, say
from inspector.cli._selection import Selection
from inspector.recording import End, Head, Line, TimedBlock, is_binary
from inspector.views.summary import Summary
from inspector.views.timeline import Timeline, claims_stream

__all__ = ["Printer", "View"]


@dataclass(frozen=True, slots=True)
class View:
    """How `pretty` shows events.

    `fold`: fold runs of events; None leaves it to the printer. `wide`: neither break nor cut lines.
    `summary_only`: show no events.
    """

    fold: bool | None = None
    wide: bool = False
    summary_only: bool = False


class Printer:
    """Print values as they come; `close` it after the last. With `live`, flush after each value."""

    summarizes = False
    """Whether the format needs the summary. A live printer keeps one in any format, for its caller."""

    def __init__(
        self, selection: Selection, out: Output, *, live: bool, color: bool, view: View | None = None
    ) -> None:
        self.selection = selection
        self.out = out
        self.view = view or View()
        self.color = color
        self.live = live
        self.source = ""
        """The name of the recording, if several are printed; else empty."""
        self.file = ""
        """The file that the recordings come from: those after its first are called `FILE #2` and so on."""
        self.number = 0
        """The place of the current recording in its file, from 1."""
        self.sdk = ""
        """What the SDK did with the stream, if the SDK read it; else empty."""
        self.said = ""
        """The problem that the printer itself has said on standard error; else empty."""
        self.summary = Summary()
        self.timeline = Timeline()
        self._taken = self._hidden = 0
        self._hides_body = False

    def add(self, value: Line) -> None:
        """Print the next value."""
        if isinstance(value, Head):
            self._end()
            self.number += 1
            if self.number > 1 and self.file:
                self.source = f"{self.file} #{self.number}"
            self.summary = Summary()
            self.timeline = Timeline(stream=claims_stream(value), binary=is_binary(value))
        if (self.live or self.summarizes) and isinstance(value, Head | TimedBlock | End):
            self.summary.add(value)
        self._print(value)
        if self.live:
            self.out.flush()

    def interrupt(self) -> None:
        """Note that what follows of the recording will not come, because somebody stopped the command."""
        self.summary.interrupted = True

    def close(self) -> None:
        """Print what stands at the end of the last recording."""
        self._end()
        self.out.flush()

    def _end(self) -> None:
        """End the current recording, if there is one; say if the selection left nothing of it."""
        self._finish()
        if (self._hidden or self._hides_body) and not self._taken and not self.selection.unknown:
            what = "1 event is" if self._hidden == 1 else f"{self._hidden:,} events are"
            what = what if self._hidden else "the body is"
            say(f"{f'{self.source}: ' if self.source else ''}nothing is selected: {what} left out")
        self._taken = self._hidden = 0
        self._hides_body = False

    def _takes(self, block: TimedBlock) -> bool:
        """Whether the selection takes the next block."""
        return self._counted(self.selection.takes_block(self.timeline, block), block)

    def _counted(self, taken: bool, block: TimedBlock) -> bool:
        """Count what the selection takes, and what it leaves out: events, or a body that is no stream."""
        self._taken += taken
        self._hidden += not taken and block.data is not None
        self._hides_body |= not taken and not self.timeline.stream
        return taken

    def _finish(self) -> None:
        """End the current recording, if there is one."""

    def _print(self, value: Line) -> None:
        """Print one value."""
        raise NotImplementedError
