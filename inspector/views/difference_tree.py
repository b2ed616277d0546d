"""The result of a comparison: a tree of differences, each with its changes, and its text.

A `Difference` of two recordings has changes, one of two sessions or folders has a `Difference` for each pair.
What is only on one side is a `Difference` without the other.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from inspector.recording.masked_repr import masked_repr
from inspector.views.changes import Change, Note, Part, masked
from inspector.views.diff_text import Line, change_lines, note_text

__all__ = ["Difference", "diff_lines"]

_LABEL = 13  # columns of the part's name, and two before it


@dataclass(frozen=True, slots=True)
class Difference:
    """What differs between `one` and `other`, which are names; None for a side that has nothing to compare.

    `changes` differ in meaning, `notes` differ besides, and `inner` has the pairs of a session or a folder.
    `uncompared` says which parts were not compared, and why; `compared` in words what was.
    """

    one: str | None
    other: str | None
    changes: tuple[Change, ...] = ()
    notes: tuple[Note, ...] = ()
    inner: tuple[Difference, ...] = ()
    uncompared: tuple[str, ...] = ()
    compared: str = "meaning"

    @property
    def same(self) -> bool:
        """Whether both sides mean the same."""
        if self.one is None or self.other is None or self.changes:
            return False
        return all(each.same for each in self.inner)

    @property
    def parts(self) -> list[Part]:
        """The parts in which the sides differ, in the order of `Part`."""
        parts = {change.part for each in self.walk() for change in each.changes}
        return [part for part in Part if part in parts]

    def walk(self) -> Iterator[Difference]:
        """Yield this difference, and every one inside it."""
        yield self
        for each in self.inner:
            yield from each.walk()

    def to_dict(self) -> dict[str, Any]:
        """Return the same as plain JSON values, secrets masked."""
        return {
            "same": self.same,
            "one": masked(self.one),
            "other": masked(self.other),
            "changes": [change.to_dict() for change in self.changes],
            "notes": [note._asdict() for note in self.notes],
            "uncompared": [masked(each) for each in self.uncompared],
            "inner": [each.to_dict() for each in self.inner],
        }

    def __str__(self) -> str:
        return "\n".join(line.plain() for line in diff_lines(self))


Difference.__repr__ = masked_repr  # type: ignore[method-assign]


def diff_lines(difference: Difference) -> Iterator[Line]:
    """Yield a difference: of a session or folder one pair after another, then what is only on one side."""
    yield _title(difference)
    if difference.inner:
        for each in difference.inner:
            if not each.same:
                yield from diff_lines(each)
        return
    part = ""
    for change in difference.changes:
        for number, line in enumerate(change_lines(change)):
            label = change.part if change.part != part and not number else ""
            yield Line(2, (("quiet", f"{label:<{_LABEL}}"), *line))
        part = change.part
    if difference.one is not None and difference.other is not None:
        yield from _beside(difference)


def _title(difference: Difference) -> Line:
    one, other = difference.one, difference.other
    if one is None or other is None:
        side = "second" if one is None else "first"
        return Line(0, (("different", f"{one or other}: only in the {side}"),))
    if difference.inner:
        count = len(difference.inner)
        differ = sum(not each.same for each in difference.inner)
        same = f"all {count} are the same in {difference.compared}"
        what = f"{differ} of {count} differ" if differ else same
    elif difference.same:
        what = f"the same in {difference.compared}"
    else:
        what = f"differs in {', '.join(difference.parts)}"
    style = "same" if difference.same else "different"
    return Line(0, ((style, f"{one} → {other}: {what}"),))


def _beside(difference: Difference) -> Iterator[Line]:
    """Say what differs besides, and what was not compared."""
    notes = [*map(note_text, difference.notes)]
    for label, texts in (("besides", notes), ("not compared", difference.uncompared)):
        if texts:
            yield Line(2, (("quiet", f"{label:<{_LABEL}}"), ("quiet", " · ".join(texts))))
