"""The numbers of one recording as a page of text, and those of many as a table."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from operator import attrgetter

from inspector.cli._printing import Styles, echo, shown
from inspector.cli._stats_drawing import ASCII, UNICODE, Glyphs, drawing
from inspector.cli._tables import Cell, Column, below_folder, print_table
from inspector.cli._terminal import screen_width, wrap
from inspector.protocol.watchdogs import Measure, crossed
from inspector.views.aggregate import MEASURES, aggregate
from inspector.views.distribution import Distribution
from inspector.views.key_numbers import Level, headline, rate_text, seconds_text
from inspector.views.silences import Silence
from inspector.views.statistics import Gaps, Statistics

__all__ = ["print_page", "print_table_of"]

_WIDTH = 80
_WIDEST = 120
_LISTED = 8
_INDENT = 12
_LEVELS: dict[Level, Styles] = {
    Level.OK: {"fg": "green"},
    Level.WARNING: {"fg": "yellow"},
    Level.ERROR: {"fg": "red"},
}
_BOLD: Styles = {"bold": True}
_PARTS = ("p50", "p90", "p99")


def print_page(s: Statistics) -> None:
    """Print all numbers of one recording, and a drawing of it over its time."""
    _Page(s).print()


class _Page:
    """Prints the numbers of one recording."""

    def __init__(self, s: Statistics) -> None:
        self._s = s
        self._glyphs = _glyphs()
        self._width = min(screen_width() or _WIDTH, _WIDEST)

    def print(self) -> None:
        """Print everything, in sections; what is unknown is left out."""
        s = self._s
        at = (s.at or "")[:19].replace("T", " ")
        about = (_name(s), s.model, at, s.status and str(s.status), s.outcome)
        echo(*_wrapped(self._joined(about), screen_width(), indent=2), **_BOLD)
        line = headline(s)
        said = _wrapped("".join(text for text, _ in line.parts), screen_width())
        if len(said) > 1:
            echo(*said, **_LEVELS[line.level])
        else:
            echo([(text, {**_LEVELS[line.level], "bold": strong}) for text, strong in line.parts])
        for problem in s.problems[1:]:
            self._fact("also", problem)
        echo()
        drawn = list(drawing(s, self._width, self._glyphs))
        if drawn:
            echo(*drawn)
            echo()
        self._times()
        self._silences()
        self._rates()
        self._counts()
        self._blocks()
        self._usage()

    def _times(self) -> None:
        s = self._s
        known = [
            ("headers", s.headers),
            ("first byte", s.first_byte),
            ("first event", s.first_event),
            ("first token", s.first_token),
            ("end" if s.end else "last byte" if s.headers is not None else "duration", s.duration),
        ]
        times = [f"{name} {seconds_text(t)}" for name, t in known if t is not None]
        self._fact("times", self._joined(times))
        total = s.duration or 0.0
        shares = sorted(s.shares, key=lambda share: -share.seconds)
        parts = [f"{share.kind} {share.seconds / total:.0%}" for share in shares if total]
        self._fact("time went to", self._joined(part for part in parts if not part.endswith(" 0%")))
        rows = [
            _gap_row(name, gaps)
            for name, gaps in (("events", s.event_gaps), ("tokens", s.token_gaps))
            if gaps is not None
        ]
        spread = (Column(part, right=True, rank=rank) for rank, part in enumerate(_PARTS, 1))
        longest = Column("longest", right=True), Column("which ends at", least=8, rank=4)
        print_table([Column("gaps between", least=6), *spread, *longest], rows)

    def _silences(self) -> None:
        s = self._s
        for name, silence in (("bytes", s.silences.bytes), ("content", s.silences.content)):
            if silence is not None:
                self._fact(f"no {name}", f"{_silence_text(silence)}{_who(silence)}")
        late = list(crossed(s.headers or 0.0, Measure.BYTES))
        if late:
            self._fact("no head", f"for {seconds_text(s.headers)}; longer than {', '.join(map(str, late))}")
        self._fact("delivery", f"{s.buffering.kind.value}: {s.buffering.reason}")

    def _rates(self) -> None:
        s = self._s
        rates = (("output tokens", s.rates.output_tokens), ("characters", s.rates.characters))
        known = (f"{rate_text(rate)} {what}/s" for what, rate in rates if rate is not None)
        self._fact("rate", self._joined(known))
        busy = [window for window in s.rates.windows if window.characters]
        if len(busy) > 1:
            low, high = (pick(busy, key=attrgetter("characters_per_second")) for pick in (min, max))
            span = seconds_text(s.rates.windows[0].t1 - s.rates.windows[0].t0)
            text = f"{rate_text(low.characters_per_second)} to {rate_text(high.characters_per_second)}"
            self._fact("", f"in {len(busy)} windows of {span} with text: {text} characters/s")

    def _counts(self) -> None:
        s = self._s
        sizes = [
            _many(s.bytes, "byte"),
            _many(s.reads, "read"),
            _many(s.events, "event"),
            f"{s.characters:,} characters" if s.characters else "",
        ]
        self._fact("size", self._joined(sizes))
        self._fact("events", self._listed(s.kinds))
        self._fact("deltas", self._listed(s.deltas))
        if s.unreadable:
            payloads = "payload of an event is" if s.unreadable == 1 else "payloads of events are"
            self._fact("unreadable", f"{s.unreadable:,} {payloads} not JSON")
        if s.pings and (s.pings.count or s.pings.comments):
            gaps = s.pings.gaps
            ends = dict.fromkeys(map(seconds_text, (gaps.least, gaps.most))) if gaps else ()
            cadence = f"{' to '.join(ends)} apart" if ends else ""
            comments = _many(s.pings.comments, "comment") if s.pings.comments else ""
            self._fact("pings", self._joined([_many(s.pings.count, "ping"), cadence, comments]))
        self._fact("absent", self._joined(s.absent))

    def _blocks(self) -> None:
        s = self._s
        if not s.blocks:
            return
        echo()
        rows = [
            [
                "" if block.index is None else str(block.index),
                " ".join(filter(None, (block.type, block.name))),
                _seconds(block.start),
                _seconds(block.first_token),
                _seconds(block.stop),
                "" if block.deltas is None else f"{block.deltas:,}",
                f"{block.characters:,}",
                "" if block.characters_per_second is None else rate_text(block.characters_per_second),
                _seconds(block.gaps.most if block.gaps else None),
            ]
            for block in s.blocks[: 5 * _LISTED]
        ]
        titles = ("start", "first token", "stop", "deltas", "chars", "chars/s", "longest gap")
        ranks = (5, 1, 6, 4, 2, 3, 7)
        numbers = [Column(title, right=True, rank=rank) for title, rank in zip(titles, ranks, strict=True)]
        print_table([Column("#", right=True), Column("content block", least=16), *numbers], rows)
        if len(s.blocks) > len(rows):
            echo(f"and {len(s.blocks) - len(rows):,} more content blocks")

    def _usage(self) -> None:
        s = self._s
        if not s.usage:
            return
        echo()
        names = ("input", "output", "cache_read", "cache_write", "thinking")
        rows = [
            [
                _seconds(point.t),
                str(point.event),
                *("" if (n := getattr(point, name)) is None else f"{n:,}" for name in names),
            ]
            for point in s.usage[: 2 * _LISTED]
        ]
        titles = ("tokens at", "event", "input", "output", "from cache", "to cache", "thinking")
        ranks = (0, 5, 1, 0, 2, 3, 4)
        columns = [Column(title, right=True, rank=rank) for title, rank in zip(titles, ranks, strict=True)]
        print_table(columns, rows)
        if len(s.usage) > len(rows):
            echo(f"and {len(s.usage) - len(rows):,} more counts")

    def _fact(self, name: str, text: str) -> None:
        """Print a line with its name, wrapped at words; nothing without a text."""
        if text:
            lines = _wrapped(f"{name:<{_INDENT}}  {text}", self._width, indent=_INDENT + 2)
            echo([(lines[0][: _INDENT + 2], _BOLD), (lines[0][_INDENT + 2 :], {})], *lines[1:])

    def _joined(self, parts: Iterable[str | int | None]) -> str:
        return self._glyphs.separator.join(str(part) for part in parts if part)

    def _listed(self, counts: dict[str, int]) -> str:
        names = list(counts)
        parts = [f"{name} {counts[name]:,}" for name in names[:_LISTED]]
        more = f"{len(names) - _LISTED:,} more kinds" if len(names) > _LISTED else ""
        return self._joined([*parts, more])


def print_table_of(recordings: Sequence[Statistics]) -> None:
    """Print a row for each recording, and the percentiles over all of them."""
    columns = [
        Column("file", least=20, keep_end=True),
        Column("model", least=12, rank=9),
        Column("first event", right=True, rank=5),
        Column("first token", right=True, rank=1),
        Column("tokens/s", right=True, rank=3),
        Column("silence", right=True, rank=2),
        Column("time", right=True),
        Column("events", right=True, rank=7),
        Column("outcome", least=10, rank=6),
        Column("delivery", least=12, rank=8),
    ]
    names = below_folder(map(_name, recordings))
    rows = [_row(name, each) for name, each in zip(names, recordings, strict=True)]
    print_table(columns, [*rows, *_percentiles(recordings)])


def _row(name: str, s: Statistics) -> list[Cell]:
    values = {name: measure(s) for name, measure in MEASURES.items()}
    level = headline(s).level
    return [
        name,
        s.model or "",
        *_values(values),
        "" if s.events is None else f"{s.events:,}",
        (s.outcome, {} if level is Level.OK else _LEVELS[level]),
        s.buffering.kind.value,
    ]


def _percentiles(recordings: Sequence[Statistics]) -> Iterator[list[Cell]]:
    over = aggregate(recordings)
    spreads: dict[str, Distribution | None] = {name: getattr(over, name) for name in MEASURES}
    if not any(spreads.values()):
        return
    for part in _PARTS:
        values = {name: getattr(spread, part, None) for name, spread in spreads.items()}
        yield [(cell, _BOLD) for cell in (part, "", *_values(values), "", "", "")]
    counts = (f"{spread.count:,}" if spread else "" for spread in spreads.values())
    yield [(cell, {"dim": True}) for cell in ("of values", "", *counts, "", "", "")]


def _values(values: dict[str, float | None]) -> Iterator[str]:
    for name, value in values.items():
        text = rate_text if name.endswith("per_second") else seconds_text
        yield "" if value is None else text(value)


def _wrapped(text: str, width: int | None, *, indent: int | None = None) -> list[str]:
    """Escape a text, then break it into lines: escapes take columns, and a line break becomes one."""
    return wrap(shown(text), width, indent=indent).split("\n")


def _glyphs() -> Glyphs:
    """Return the characters that stdout can show."""
    encoding = (sys.stdout.encoding or "").lower().replace("-", "")
    return UNICODE if encoding == "utf8" else ASCII


def _name(s: Statistics) -> str:
    """Return the file, and which recording of it this is if it is not the first."""
    return s.source if s.number == 1 else f"{s.source} #{s.number}"


def _gap_row(name: str, gaps: Gaps) -> list[Cell]:
    longest = gaps.longest
    block = "" if longest.block is None else f" in block {longest.block}"
    spread = [seconds_text(getattr(gaps.spread, part)) for part in _PARTS]
    at = f"event {longest.event} @{longest.offset:,}{block}"
    return [name, *spread, seconds_text(longest.seconds), at]


def _silence_text(silence: Silence) -> str:
    event = "" if silence.event is None else f", after event {silence.event}"
    block = "" if silence.block is None else f" (block {silence.block})"
    seconds = f"{seconds_text(silence.seconds)} from {silence.t0:.1f} s on"
    return f"{seconds}, {silence.place}{block}{event}, before byte {silence.offset:,}"


def _who(silence: Silence) -> str:
    watchdogs = [str(each) for each in crossed(silence.seconds, silence.by)]
    return f"; longer than {', '.join(watchdogs)}" if watchdogs else ""


def _many(count: int | None, what: str) -> str:
    return "" if count is None else f"{count:,} {what}{'s' * (count != 1)}"


def _seconds(seconds: float | None) -> str:
    return "" if seconds is None else seconds_text(seconds)
