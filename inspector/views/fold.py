"""Fold: the rows of a timeline, with runs of rows that belong together as one.

Two kinds of runs are folded:

- deltas of one content block and one kind, whose contents make one text;
- signs of life: pings, comments and blank blocks. Between the deltas of a run they do not end it, but count.

Everything else is passed on as it is: what is odd, an error, an unknown delta, an event without a name. So is
a run of one row. A silence that stands out ends a run, so that it is seen where it happened. A very long text
ends it too, so that its memory is bounded.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from inspector.views.timeline import Row, Tone

__all__ = ["LIFE_SIGNS", "Fold", "Run", "folded"]

LIFE_SIGNS = frozenset({"ping", "(comment)", "(blank)"})
"""The names of rows that only say that the connection lives."""

_GROWING = (Tone.TEXT, Tone.THINKING, Tone.JSON)
"""The tones of deltas whose content is a piece of a text."""

_LONGEST_TEXT = 100_000  # characters of one run
_MOST_KINDS = 8  # of signs of life in one run that are counted apart

_SHORTEST_SILENCE = 1.0  # seconds; a shorter pause says nothing of a model or a network
_FAR = 4  # times the stream's own pace


class Run:
    """A run of at least two rows. An open one grows; a finished one stays as it is.

    Times are seconds. The first row came at `t` after the request and `gap` after the row before it, the
    last one at `until`. `longest` is the longest silence between two deltas; of signs of life, between two of
    them. `first` and `last` are numbers of events, None if no row has one.
    """

    __slots__ = (
        "_first_text",
        "_last_text",
        "_later",
        "block",
        "characters",
        "deltas",
        "empty",
        "first",
        "gap",
        "kind",
        "last",
        "life_signs",
        "longest",
        "longest_after",
        "name",
        "pieces",
        "row",
        "t",
        "tone",
        "until",
    )

    def __init__(self, row: Row) -> None:
        self.row = row
        """The first row."""
        self.name, self.block, self.kind, self.tone = row.name, row.block, row.kind, row.tone
        self.t = self.until = row.t
        self.gap = row.gap
        self.first = self.last = row.number
        self.longest = 0.0
        self.longest_after: int | None = None
        """The number of the event before the longest silence."""
        self.deltas = 0
        """How many deltas have content, as in `Statistics`."""
        self.empty = 0
        """How many deltas have none."""
        self.pieces: list[str] = []
        """The contents of the deltas, without empty ones."""
        self.characters = 0
        """The length of the text."""
        self.life_signs: dict[tuple[str, str], int] = {}
        """How many signs of life came, by name and content; those beyond a few kinds by name and `…`."""
        self._first_text = self._last_text = row.t
        self._later = 0  # characters
        self._take(row)

    def add(self, row: Row) -> None:
        """Take the next row, which belongs to this run."""
        if row.t - self.until > self.longest:
            self.longest, self.longest_after = row.t - self.until, self.last
        self.until = row.t
        self._take(row)

    def _take(self, row: Row) -> None:
        if row.number is not None:
            self.last = row.number
            if self.first is None:
                self.first = row.number
        if row.name in LIFE_SIGNS:
            self._count((row.name, row.content), 1)
            return
        if not row.content:
            self.empty += 1
            return
        if not self.deltas:
            self._first_text = row.t
        elif row.t > self._first_text:
            self._later += len(row.content)
        self._last_text = row.t
        self.deltas += 1
        self.characters += len(row.content)
        self.pieces.append(row.content)

    def absorb(self, signs: Run) -> None:
        """Count signs of life that came between two deltas of this run."""
        for kind, count in signs.life_signs.items():
            self._count(kind, count)
        self.last = signs.last if signs.last is not None else self.last

    def _count(self, kind: tuple[str, str], count: int) -> None:
        if kind not in self.life_signs and len(self.life_signs) >= _MOST_KINDS:
            kind = kind[0], "…"
        self.life_signs[kind] = self.life_signs.get(kind, 0) + count

    @property
    def rows(self) -> int:
        """How many rows the run holds."""
        return self.deltas + self.empty + sum(self.life_signs.values())

    @property
    def span(self) -> float:
        """The seconds from the first content to the last; if the run has no text, from row to row."""
        return self._last_text - self._first_text if self.deltas else self.until - self.t

    @property
    def rate(self) -> float | None:
        """Characters a second after the first read that brought some, as in `Statistics`; None if all did."""
        return self._later / self.span if self._later else None

    @property
    def text(self) -> str:
        """The text of the deltas. To join it takes time in proportion to its length: see `tail`."""
        return "".join(self.pieces)

    def tail(self, characters: int) -> str:
        """Return the end of the text: that length, or a little more. The cost does not grow with the run."""
        pieces: list[str] = []
        for piece in reversed(self.pieces):
            pieces.append(piece)
            characters -= len(piece)
            if characters <= 0:
                break
        return "".join(reversed(pieces))


class Fold:
    """Fold rows as they come: `add` each, and `end` after the last.

    Both return the rows and runs that are finished, in order. `open` is what is not finished yet.
    """

    def __init__(self) -> None:
        self._run: Run | None = None
        self._signs: Run | None = None  # since the run's last delta, or without a run
        self._seconds = self._squares = 0.0  # of the silences between deltas

    def add(self, row: Row) -> list[Row | Run]:
        """Take the next row; return what it finishes, and the row itself if it can be in no run."""
        if row.tone in _GROWING and row.name == "content_block_delta":
            return self._add_delta(row)
        if row.tone is Tone.QUIET and row.name in LIFE_SIGNS:
            if self._signs is None:
                self._signs = Run(row)
            else:
                self._signs.add(row)
            return []
        return [*self.end(), row]

    def end(self) -> list[Row | Run]:
        """Finish what is open, and return it."""
        finished = self.open
        self._run = self._signs = None
        return finished

    @property
    def open(self) -> list[Row | Run]:
        """What is not finished: a run that may grow, then the signs of life since its last row."""
        runs = (self._run, self._signs)
        return [run.row if run.rows == 1 else run for run in runs if run is not None]

    def _add_delta(self, row: Row) -> list[Row | Run]:
        run = self._run
        if run is not None and self._continues(run, row):
            if self._signs is not None:
                run.absorb(self._signs)
                self._signs = None
            run.add(row)
            return []
        finished = self.end()
        self._run = Run(row)
        return finished

    def _continues(self, run: Run, row: Row) -> bool:
        if run.block != row.block or run.kind != row.kind:
            return False
        return not self._stands_out(row.t - run.until) and run.characters < _LONGEST_TEXT

    def _stands_out(self, silence: float) -> bool:
        """Return whether a silence between two deltas is long, and far above the pace of those before it.

        The pace is the mean length of a silence, weighted by that length: of a stream that comes in bursts,
        it is the time between bursts. What stands out counts as twice the pace, or as a short silence if that
        is longer. So the next long silence stands out too, and the pace follows a stream that stays slow.
        """
        stands_out = silence >= _SHORTEST_SILENCE and silence * self._seconds >= _FAR * self._squares
        if stands_out:
            pace = self._squares / self._seconds if self._seconds else 0.0
            silence = max(_SHORTEST_SILENCE, 2 * pace)
        self._seconds += silence
        self._squares += silence * silence
        return stands_out


def folded(rows: Iterable[Row]) -> Iterator[Row | Run]:
    """Yield the rows and runs of a whole timeline."""
    fold = Fold()
    for row in rows:
        yield from fold.add(row)
    yield from fold.end()
