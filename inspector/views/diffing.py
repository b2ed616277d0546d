"""In what two recordings differ: parts of the meaning, the findings of `check`, and the facts beside it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from inspector import _json
from inspector.checker import RULES, Profile, Report, Severity, report
from inspector.recording import Absent, Recording
from inspector.views.changes import Change, Note, Part
from inspector.views.diff_choices import Choices
from inspector.views.difference_tree import Difference
from inspector.views.exact_diff import exact_changes
from inspector.views.json_diff import ABSENT, changes
from inspector.views.json_paths import JSONPath
from inspector.views.meaning import Meaning, meaning_of
from inspector.views.sequence_diff import matches

__all__ = ["compared", "lasting_findings"]

_DELIVERY = frozenset(
    {
        *("chunk-splits-utf8", "comment-keepalive-only", "comment-present", "delta-duplicate-frame"),
        *("delta-empty", "delta-snapshot", "frame-oversize", "ping-shape"),
    }
)
"""Rules about what is no part of the meaning: reads, padding, the size of deltas, pings and comments."""

_TIMING = "timing"
_TIMES = ("head", "first event", "end", "longest silence")
_INSTANT = 0.001  # seconds: two times that are nearer are the same


def compared(one: Recording, other: Recording, choices: Choices, names: tuple[str, str]) -> Difference:
    """Compare two recordings, which are called `names`."""
    before, after = meaning_of(one), meaning_of(other)
    absent = before.absent | after.absent
    made: list[Change] = []
    if choices.wants(Part.REQUEST) and Absent.REQUEST not in absent:
        made += _values(("request",), before.request, after.request)
    made += _response(before, after, absent)
    if choices.wants(Part.FINDINGS):
        made += _findings([(one, before), (other, after)])
    if choices.timing:
        made += _times(before, after, choices.timing)
    if choices.exact:
        made += exact_changes(one, other)
    order = list(Part)
    counted = sorted(filter(choices.counts, made), key=lambda change: order.index(change.part))
    return Difference(
        *names,
        changes=tuple(counted),
        notes=tuple(_notes(before.facts, after.facts)),
        uncompared=tuple(_uncompared(before, after, names)),
        compared=choices.compared,
    )


def _response(before: Meaning, after: Meaning, absent: frozenset[str]) -> Iterator[Change]:
    if Absent.STATUS not in absent:
        yield from _values(("status",), before.status, after.status)
    if Absent.HEADERS not in absent:
        yield from _values(("headers",), before.headers, after.headers)
    yield from _values(("form",), before.form, after.form)
    if before.form == after.form and Absent.EVENTS not in absent:
        yield from _events(before, after)
    yield from _content(before.content, after.content)
    yield from _values((), before.stop, after.stop)
    if Absent.USAGE not in absent:
        yield from _values(("usage",), before.usage, after.usage)
    yield from _values(("message",), before.message, after.message)
    yield from _values(("error",), list(before.errors), list(after.errors))
    yield from _values(("unknown",), list(before.unknown), list(after.unknown))
    yield from _values(("response", "body"), before.body, after.body)
    if Absent.END not in absent:
        yield from _values(("end",), before.end, after.end)


def _values(path: JSONPath, before: Any, after: Any) -> Iterator[Change]:
    """Compare two JSON values. A null is as good as nothing; further items of a list are single changes."""
    for each in changes(before, after, path):
        if each is None or (_is_nothing(each.before) and _is_nothing(each.after)):
            continue
        one, other = each.before, each.after
        if isinstance(one, list) and isinstance(other, list):
            for at in range(min(len(one), len(other)), max(len(one), len(other))):
                yield Change((*each.path, at), _item(one, at), _item(other, at))
        elif not any(changes(other, one)):  # masked on the other side
            continue
        else:
            yield Change(each.path, one, other)


def _is_nothing(value: Any) -> bool:
    return value is None or value is ABSENT


def _item(items: list[Any], at: int) -> Any:
    return items[at] if at < len(items) else ABSENT


class _Run(NamedTuple):
    """Where a run begins and ends in two sequences, and whether they have it in common."""

    i: int
    at: int
    j: int
    there: int
    common: bool


def _runs(one: Sequence[Any], other: Sequence[Any]) -> Iterator[_Run]:
    """Yield all of two sequences: what they have in common, and what not."""
    i = j = 0
    for at, there, size in (*matches(one, other), (len(one), len(other), 0)):
        if i < at or j < there:
            yield _Run(i, at, j, there, common=False)
        i, j = at + size, there + size
        if size:
            yield _Run(at, i, there, j, common=True)


def _events(before: Meaning, after: Meaning) -> Iterator[Change]:
    for run in _runs(before.steps, after.steps):
        if not run.common:
            removed, added = list(before.steps[run.i : run.at]), list(after.steps[run.j : run.there])
            place = before.places[run.i] if removed else after.places[run.j]
            yield Change(("events", place), removed or ABSENT, added or ABSENT)


def _content(before: Sequence[dict[str, Any]], after: Sequence[dict[str, Any]]) -> Iterator[Change]:
    """Compare content blocks: those that are equal belong together, then those of a name, then of a type."""
    for i, j in _aligned(before, after, (_json.dumps, _kind, lambda block: str(block.get("type")))):
        if i is not None and j is not None:
            yield from _values(("content", i), before[i], after[j])
        elif i is not None:
            yield Change(("content", i), before[i], ABSENT)
        elif j is not None:
            yield Change(("content", j), ABSENT, after[j])


def _aligned(
    one: Sequence[Any], other: Sequence[Any], keys: Sequence[Callable[[Any], Any]]
) -> Iterator[tuple[int | None, int | None]]:
    """Yield the positions of items that belong together: by the first key, what that leaves by the next."""
    for run in _runs([*map(keys[0], one)], [*map(keys[0], other)]):
        if run.common:
            yield from zip(range(run.i, run.at), range(run.j, run.there), strict=True)
        elif len(keys) > 1:
            for i, j in _aligned(one[run.i : run.at], other[run.j : run.there], keys[1:]):
                yield None if i is None else run.i + i, None if j is None else run.j + j
        else:
            yield from ((i, None) for i in range(run.i, run.at))
            yield from ((None, j) for j in range(run.j, run.there))


def _kind(block: dict[str, Any]) -> str:
    return f"{block.get('type')} {block.get('name')}"


def _findings(sides: Sequence[tuple[Recording, Meaning]]) -> Iterator[Change]:
    """Compare which rules have findings. Both sides are checked by the rules for one sender.

    Condensed, a side has findings of the same rules, and is quickly checked. Only if those differ are both
    checked whole, for what the findings say. A Content-Length is true of the whole only.
    """
    whole = [recording for recording, _ in sides]
    condensed = [meaning.condensed or recording for recording, meaning in sides]
    if not any(each.response and "content-length" in each.response.headers for each in whole):
        if _same_blocks(*condensed):
            return
        before, after = _lasting(condensed)
        if before.keys() == after.keys():
            return
    before, after = _lasting(whole)
    for rule in dict.fromkeys([*before, *after]):
        if (rule in before) != (rule in after):
            yield Change(("findings", rule), before.get(rule, ABSENT), after.get(rule, ABSENT))


def _same_blocks(one: Recording, other: Recording) -> bool:
    """Return whether all that a rule may judge is the same, apart from times and padding."""
    sides = [
        (
            each.request,
            each.response and replace(each.response, t=0),
            each.end and each.end.how,
            each.torn,
            [(block.event, _unpadded(block.data), block.raw) for block in each.blocks],
        )
        for each in (one, other)
    ]
    return sides[0] == sides[1]


def _unpadded(data: bytes | None) -> bytes | None:
    """Return a payload without the blanks before its last brace, with which the API pads it."""
    return data[:-1].rstrip(b" ") if data and data.endswith(b"}") else data


def _lasting(recordings: Sequence[Recording]) -> list[dict[str, str]]:
    reports = [*map(report, recordings)]
    if len({each.profile for each in reports}) > 1:
        reports = [report(each, profile=Profile.COMPAT) for each in recordings]
    return [*map(lasting_findings, reports)]


def lasting_findings(report: Report) -> dict[str, str]:
    """Return the first error or warning of each rule, without those about times, reads, deltas and pings."""
    lasting: dict[str, str] = {}
    for each in report.findings:
        if each.severity is not Severity.INFO and not _of_delivery(each.rule):
            lasting.setdefault(each.rule, f"{each.severity}: {each.message}")
    return lasting


def _of_delivery(rule: str) -> bool:
    return rule in _DELIVERY or RULES[rule].group == _TIMING


def _times(before: Meaning, after: Meaning, factor: float) -> Iterator[Change]:
    for name in _TIMES:
        one, other = before.facts.get(name), after.facts.get(name)
        if one is not None and other is not None and max(one, other) > factor * min(one, other) + _INSTANT:
            yield Change(("timing", name), one, other)


def _notes(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Note]:
    for name, one in before.items():
        other = after.get(name)
        if other is not None and one != other:
            yield Note(name, one, other)


def _uncompared(before: Meaning, after: Meaning, names: tuple[str, str]) -> Iterator[str]:
    """Say which parts one side does not have, so that they cannot differ."""
    for part in (Absent.REQUEST, Absent.STATUS, Absent.HEADERS, Absent.EVENTS, Absent.USAGE, Absent.END):
        lacking = [name for name, side in zip(names, (before, after), strict=True) if part in side.absent]
        if lacking:
            yield f"{part}: not in {' and '.join(dict.fromkeys(lacking))}"
