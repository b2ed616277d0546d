"""Comparing recordings, sessions, files and folders: `diff` and `assert_same`."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from inspector.errors import UsageError
from inspector.formats import load_all, recording_paths
from inspector.recording import Recording, without_ending
from inspector.recording.one_recording import several_recordings
from inspector.storage import public_name
from inspector.storage.folders import holds_files, name_below
from inspector.views.alignment import paired, same_questions
from inspector.views.diff_choices import Choices
from inspector.views.difference_tree import Difference
from inspector.views.diffing import compared

__all__ = ["Source", "assert_same", "diff", "diff_paths", "diff_sessions"]

Source = Recording | Sequence[Recording] | str | os.PathLike[str]
"""A recording, a session, or the path of a file or a folder."""

Load = Callable[[str], Sequence[Recording] | None]
"""Loads a file; None if it cannot be read, and somebody else says why."""


def diff(
    one: Source,
    other: Source,
    *,
    ignore: Iterable[str] = (),
    exact: bool = False,
    timing: float | None = None,
) -> Difference:
    """Compare two recordings, sessions, files or folders in what they mean.

    Padding, ids, chunking, pings, times, and how the text is cut into deltas do not count. Nor does what
    `ignore` names: parts (`usage`, `text`, `headers`, `request`, …), and paths (`content[0].input.date`,
    `tools[*].name`). With `exact`, bytes and reads count too. Times count only with `timing`: the factor by
    which they may differ. Recordings of sessions are paired by their questions, files of folders by names.

    Raises `UsageError` for what is no part and no path, and for a folder beside something else, and
    `RecordingError` for a file that cannot be read.
    """
    choices = Choices.of(ignore, exact=exact, timing=timing)
    if _is_folder(one) != _is_folder(other):
        raise UsageError("a folder is compared with a folder, and a file or a recording with another")
    if isinstance(one, str | os.PathLike) and isinstance(other, str | os.PathLike):
        return diff_paths(public_name(one), public_name(other), choices, load_all)
    sessions = _session(one), _session(other)
    names = [_name(side, session) for side, session in zip((one, other), sessions, strict=True)]
    if names[0] == names[1] or not all(names):
        roles = zip(("one", "other"), names, strict=True)
        names = [f"{role} ({name})" if name else role for role, name in roles]
    return diff_sessions(*sessions, choices, (names[0], names[1]))


def _is_folder(source: Source) -> bool:
    return isinstance(source, str | os.PathLike) and holds_files(source)


def assert_same(
    one: Source,
    other: Source,
    *,
    ignore: Iterable[str] = (),
    exact: bool = False,
    timing: float | None = None,
) -> None:
    """Raise `AssertionError` if two recordings differ in what they mean. Arguments are as in `diff`.

    The message is what `inspector diff` prints.
    """
    __tracebackhide__ = True  # pytest shows the caller's line
    difference = diff(one, other, ignore=ignore, exact=exact, timing=timing)
    if not difference.same:
        raise AssertionError(f"\n{difference}")


def diff_sessions(
    one: Sequence[Recording], other: Sequence[Recording], choices: Choices, names: tuple[str, str]
) -> Difference:
    """Compare two sessions. Two of one recording each are compared as recordings."""
    if len(one) == len(other) == 1:
        return compared(one[0], other[0], choices, names)
    inner = []
    for left, right in paired(one, other):
        called = tuple(
            f"{name} #{place + 1}" if place is not None else None
            for name, place in zip(names, (left, right), strict=True)
        )
        if left is None or right is None:
            inner.append(Difference(called[0], called[1]))
        else:
            inner.append(compared(one[left], other[right], choices, (called[0] or "", called[1] or "")))
    return Difference(*names, inner=tuple(inner), compared=choices.compared)


def diff_paths(one: str, other: str, choices: Choices, load: Load) -> Difference:
    """Compare two files, or two folders or archives file by file, without those that `load` cannot read."""
    if not (holds_files(one) and holds_files(other)):
        return _diff_files(one, other, choices, load) or Difference(one, other)
    before, after = _by_name(one), _by_name(other)
    pairs = [(before[name], after[name]) for name in before if name in after]
    inner = [each for pair in pairs if (each := _diff_files(*pair, choices, load))]
    removed = [before[name] for name in before if name not in after]
    added = [after[name] for name in after if name not in before]
    inner += _renamed(removed, added, choices, load)
    return Difference(one, other, inner=tuple(inner), compared=choices.compared)


def _diff_files(one: str, other: str, choices: Choices, load: Load) -> Difference | None:
    before, after = load(one), load(other)
    if before is None or after is None:
        return None
    return diff_sessions(before, after, choices, (one, other))


def _renamed(one: list[str], other: list[str], choices: Choices, load: Load) -> list[Difference]:
    """Compare files whose names are only on one side, if their recordings have the same questions."""
    before, after = _named(one, load), _named(other, load)
    pairs = same_questions([each for _, each in before], [each for _, each in after])
    left, right = {pair[0] for pair in pairs}, {pair[1] for pair in pairs}
    return [
        *(
            compared(before[at][1], after[there][1], choices, (before[at][0], after[there][0]))
            for at, there in pairs
        ),
        *(Difference(name, None) for at, (name, _) in enumerate(before) if at not in left),
        *(Difference(None, name) for at, (name, _) in enumerate(after) if at not in right),
    ]


def _named(paths: list[str], load: Load) -> list[tuple[str, Recording]]:
    return [
        (f"{path} #{number}" if number > 1 else path, recording)
        for path in paths
        for number, recording in enumerate(load(path) or (), 1)
    ]


def _by_name(folder: str) -> dict[str, str]:
    """Return the paths of a folder's files by their names, without endings where those are unique."""
    paths = recording_paths([folder])
    names = [name_below(path, folder) for path in paths]
    stems = [without_ending(name) for name in names]
    counts = Counter(stems)
    return {
        stem if counts[stem] == 1 else name: path
        for stem, name, path in zip(stems, names, paths, strict=True)
    }


def _session(source: Source) -> Sequence[Recording]:
    return load_all(source) if isinstance(source, str | os.PathLike) else [*several_recordings(source)]


def _name(source: Source, session: Sequence[Recording]) -> str:
    if isinstance(source, str | os.PathLike):
        return public_name(source)
    return session[0].source if session else ""
