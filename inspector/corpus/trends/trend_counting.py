"""What the rows of a set hold, counted: verdicts, endings, stop reasons, statuses, rules, unreadable sources.

Rule 1: a row without a verdict is no recording: nothing could be read of its file. A row with an `error` is
the last of a file that could not be read to its end, and may be a recording.
Rule 2: memory does not grow with the rows. A stream can bring any stop reason, so names are limited.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from inspector.corpus.trends.trend_sets import ResponseSet

__all__ = ["NAMED", "Counted", "Group", "count_rows", "groups_of", "split"]

Group = str | None
"""A value of the column by which rows are grouped, `none` for null; None if they are not grouped."""

NAMED = {"verdict": "none", "ending": "unseen", "stop_reason": "none", "status": "none"}
"""The columns whose values are counted, and what null is called there."""

_NO_GROUP = "none"
_MOST_NAMES = 10_000  # of one column, in one set


@dataclass(slots=True)
class Counted:
    """The counts of a set, or of one group in it.

    `timed` are the recordings of which it is known when their first event came. `first` and `last` are the
    times of the earliest and of the latest request. `names` has the counts of a column's values, and under
    `rule` of the recordings in which each rule fires.
    """

    files: int = 0
    unreadable: int = 0
    recordings: int = 0
    timed: int = 0
    first: datetime | None = None
    last: datetime | None = None
    versions: Counter[str] = field(default_factory=Counter)
    names: dict[str, Counter[str]] = field(
        default_factory=lambda: {kind: Counter() for kind in (*NAMED, "rule")}
    )

    def share_of(self, kind: str, name: str) -> tuple[int, int]:
        """Return how many recordings have a value, and of how many: an ending is one of those seen."""
        if kind == "unreadable":
            return self.unreadable, self.files
        count, of = self.names[kind][name], self.recordings
        if kind == "ending" and name != NAMED[kind]:
            of -= self.names[kind][NAMED[kind]]
        return count, of

    def add(self, batch: Any) -> None:
        """Count the rows of a batch."""
        import pyarrow.compute as pc

        # The rows of a file follow each other: the first has number 1, or none if there is no recording.
        self.files += pc.sum(pc.fill_null(pc.equal(batch["number"], "1"), True), min_count=0).as_py()
        self.unreadable += len(batch) - batch["error"].null_count
        batch = batch.filter(pc.is_valid(batch["verdict"]))
        self.recordings += len(batch)
        _add_counts(self.versions, batch["inspector_version"].drop_null())
        for kind, null in NAMED.items():
            _add_counts(self.names[kind], batch[kind].fill_null(null))
        _add_counts(self.names["rule"], _fired(batch["rules"]))
        self.timed += len(batch) - batch["time_to_first_event"].null_count
        times = pc.min_max(batch["at"]).as_py()
        self.first = min(filter(None, (self.first, times["min"])), default=None)
        self.last = max(filter(None, (self.last, times["max"])), default=None)


def count_rows(
    rows: ResponseSet, by: str | None, groups: Collection[Group]
) -> tuple[Counted, dict[Group, Counted]]:
    """Count all rows, and those of each group, in one pass."""
    total = Counted()
    counted = {group: Counted() if by else total for group in groups}
    names = ["number", "error", "inspector_version", "at", "time_to_first_event", "rules", *NAMED]
    for batch in rows.batches(_with(names, by)):
        total.add(batch)
        if by:
            for group, part in _divided(batch, by, groups):
                counted[group].add(part)
    return total, counted


def groups_of(sets: Iterable[ResponseSet], by: str, most: int) -> tuple[list[str], int]:
    """Return the values of the column `by` that most recordings have, and how many more values there are."""
    import pyarrow.compute as pc

    counts: Counter[str] = Counter()
    for rows in sets:
        for batch in rows.batches(_with(["verdict"], by)):
            _add_counts(counts, _groups(batch.filter(pc.is_valid(batch["verdict"])), by))
    return [value for value, _ in counts.most_common(most)], max(0, len(counts) - most)


def split(
    rows: ResponseSet, names: Sequence[str], by: str | None, groups: Collection[Group]
) -> Iterator[tuple[Group, Any]]:
    """Yield batches with these columns, each with the one group that all its rows belong to."""
    for batch in rows.batches(_with(names, by)):
        yield from _divided(batch, by, groups) if by else [(None, batch)]


def _with(names: Sequence[str], by: str | None) -> Sequence[str]:
    return names if by is None or by in names else [*names, by]


def _divided(batch: Any, by: str, groups: Collection[Group]) -> Iterator[tuple[Group, Any]]:
    import pyarrow.compute as pc

    values = _groups(batch, by)
    for group in groups:
        yield group, batch.filter(pc.equal(values, group))


def _groups(batch: Any, by: str) -> Any:
    return batch[by].fill_null(_NO_GROUP)


def _fired(rules: Any) -> Any:
    """Return the rules of all rows, each once for a row."""
    import pyarrow
    import pyarrow.compute as pc

    pairs = pyarrow.table({"row": pc.list_parent_indices(rules), "rule": pc.list_flatten(rules)})
    return pairs.group_by(["row", "rule"]).aggregate([])["rule"].drop_null()


def _add_counts(counts: Counter[str], values: Any) -> None:
    for each in values.value_counts().to_pylist():
        name = each["values"]
        if name in counts or len(counts) < _MOST_NAMES:
            counts[name] += each["counts"]
