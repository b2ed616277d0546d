"""A response drawn over its time, in lines of text: content blocks as lanes of bars, pings, silences, a rate.

waiting      ░░░░░
0 thinking        ██████░░░░░░░██
1 text                           █████████
pings                    ╷   ╷
silent                  ░░░░░░░
characters        ▂▃▃▂▁          ▄▆█▇▆▅▃▂▁
             0 s                          4.2 s
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from inspector.cli._printing import Styles, shown
from inspector.cli._widths import beginning, cells, filled
from inspector.protocol.watchdogs import Measure, crossed
from inspector.views.key_numbers import seconds_text
from inspector.views.silences import Silence
from inspector.views.statistics import Statistics

__all__ = ["ASCII", "UNICODE", "Glyphs", "drawing"]

_LABEL = 18
_LANES = 12
_LEAST = 20  # columns of time

Line = list[tuple[str, Styles]]


class Glyphs(NamedTuple):
    """The characters that a drawing is made of; `rates` are from the lowest to the highest."""

    bar: str
    silence: str
    ping: str
    rates: str
    separator: str
    unknown: str


UNICODE = Glyphs("█", "░", "╷", "▁▂▃▄▅▆▇█", " · ", "–")  # noqa: RUF001
ASCII = Glyphs("#", ".", "'", "_.:-=+*#", ", ", "-")

_COLOURS: dict[str, Styles] = {
    "text": {"fg": "green"},
    "thinking": {"fg": "magenta"},
    "tool_use": {"fg": "cyan"},
    "server_tool_use": {"fg": "cyan"},
    "mcp_tool_use": {"fg": "cyan"},
}
_DIM: Styles = {"dim": True}
_SILENT: Styles = {"fg": "yellow"}
_CROSSED: Styles = {"fg": "red"}


class _Lane(NamedTuple):
    """A row of bars: from when to when each is."""

    label: str
    kind: str
    spans: list[tuple[float, float]]


def drawing(s: Statistics, width: int, glyphs: Glyphs) -> Iterator[Line]:
    """Yield the lines of a drawing of `width` columns; none without times, or if there is nothing to draw."""
    if not s.timed or not s.duration or width < _LABEL + _LEAST:
        return
    scale = _Scale(s.duration, width - _LABEL)
    lines = [*_rows(s, s.duration, scale, glyphs)]
    if lines:
        yield from lines
        end = seconds_text(s.duration)
        yield [(_label("") + "0 s".ljust(scale.width - len(end)) + end, _DIM)]


def _rows(s: Statistics, duration: float, scale: _Scale, glyphs: Glyphs) -> Iterator[Line]:
    silent = [each for each in s.silences.listed if each.by is Measure.CONTENT]
    waiting = next((t for t in (s.first_event, s.headers, s.first_byte) if t is not None), duration)
    if waiting:
        yield _line("waiting", scale.cells([(0.0, waiting)], glyphs.silence), _DIM)
    quiet = scale.columns((each.t0, each.t1) for each in silent)
    for lane in _lanes(s):
        cells = scale.cells(lane.spans, glyphs.bar)
        cells = [glyphs.silence if cell != " " and at in quiet else cell for at, cell in enumerate(cells)]
        yield _line(lane.label, cells, _COLOURS.get(lane.kind, {"fg": "blue"}))
    if s.pings and s.pings.count:
        spans = [(window.t0, window.t0) for window in s.rates.windows if window.pings]
        yield _line("pings", scale.cells(spans, glyphs.ping), _DIM)
    if s.silences.listed:
        yield [(_label("silent"), {}), *_silent_pieces(s.silences.listed, scale, glyphs.silence)]
    if any(window.characters for window in s.rates.windows):
        yield _line("characters/s", _rates(s, scale, glyphs.rates), _DIM)


class _Scale:
    """Time as columns."""

    def __init__(self, duration: float, width: int) -> None:
        self.width = width
        self.column_time = duration / width

    def column(self, t: float) -> int:
        return min(self.width - 1, max(0, int(t / self.column_time)))

    def columns(self, spans: Iterable[tuple[float, float]]) -> set[int]:
        """Return the columns that lie within spans."""
        inside: set[int] = set()
        for t0, t1 in spans:
            inside.update(range(self.column(t0) + 1, self.column(t1)))
        return inside

    def cells(self, spans: Iterable[tuple[float, float]], glyph: str) -> list[str]:
        cells = [" "] * self.width
        for t0, t1 in spans:
            for at in range(self.column(t0), self.column(t1) + 1):
                cells[at] = glyph
        return cells


def _lanes(s: Statistics) -> list[_Lane]:
    """Return a lane for each content block; one for each type if there are too many."""
    lanes: list[_Lane] = []
    for block in s.blocks:
        start = block.start if block.start is not None else block.first_token
        if start is None:
            continue
        # What nobody closed ends with the last of it that came, and not with the wait for more.
        end = next(t for t in (block.stop, block.last_token, start) if t is not None)
        index = "?" if block.index is None else block.index
        lanes.append(_Lane(f"{index} {block.name or block.type}", block.type, [(start, end)]))
    if len(lanes) <= _LANES:
        return lanes
    by_type: dict[str, _Lane] = {}
    for lane in lanes:
        by_type.setdefault(lane.kind, _Lane(lane.kind, lane.kind, [])).spans.extend(lane.spans)
    merged = [lane._replace(label=f"{len(lane.spans):,} x {lane.label}") for lane in by_type.values()]
    return merged[:_LANES]


def _silent_pieces(silences: Sequence[Silence], scale: _Scale, glyph: str) -> Line:
    """Return the silences, those that a watchdog would not have borne in red."""
    cells: list[tuple[str, Styles]] = [(" ", {})] * scale.width
    styled = [(any(crossed(each.seconds, each.by)), each) for each in silences]
    for is_crossed, silence in sorted(styled, key=lambda pair: pair[0]):
        style = _CROSSED if is_crossed else _SILENT
        for at in range(scale.column(silence.t0), scale.column(silence.t1) + 1):
            cells[at] = (glyph, style)
    pieces: Line = []
    for cell, style in cells:
        if pieces and pieces[-1][1] == style:
            pieces[-1] = (pieces[-1][0] + cell, style)
        else:
            pieces.append((cell, style))
    return pieces if pieces[-1][0].strip() else pieces[:-1]


def _rates(s: Statistics, scale: _Scale, glyphs: str) -> list[str]:
    windows = s.rates.windows
    most = max(window.characters_per_second for window in windows)
    cells = []
    for at in range(scale.width):
        middle = (at + 0.5) * scale.column_time
        window = next((each for each in windows if middle < each.t1), windows[-1])
        rate = window.characters_per_second
        cells.append(glyphs[min(len(glyphs) - 1, int(rate / most * len(glyphs)))] if rate else " ")
    return cells


def _line(label: str, cells: Sequence[str], style: Styles) -> Line:
    return [(_label(label), {}), ("".join(cells).rstrip(), style)]


def _label(text: str) -> str:
    """Return a label, escaped, in the width of its column."""
    text = shown(text)
    if cells(text) >= _LABEL:
        text = beginning(text, _LABEL - 4).rstrip() + "..."
    return filled(text, _LABEL)
