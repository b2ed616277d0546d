"""Writing what a test has recorded: only if it says something new, and with a line for the run's summary."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from inspector import _json
from inspector.errors import InspectorError
from inspector.formats import load_all
from inspector.recording import Recording, save
from inspector.views.diff_choices import Choices
from inspector.views.diffing import compared

__all__ = ["Summary", "save_changed"]

_MASK = b"*" * 8
_MEANING = Choices.of(["usage", "findings"])
"""What `inspector diff` compares, without the counts of tokens, which differ each time."""
_SHOWN = 4  # names of header fields


class Summary:
    """What the tests of this process have written, as lines for people."""

    def __init__(self) -> None:
        self._lines: list[str] = []

    def note(self, what: str, path: Path, recordings: Sequence[Recording]) -> None:
        """Add a line on a file, and one on what it holds."""
        self._lines += [f"{what:<10} {_relative(path)}", f"{'':<10} {_contents(recordings)}"]

    def note_failure(self, path: Path, why: str) -> None:
        """Add a line on a file that was to be written."""
        self._lines.append(f"{'failed':<10} {_relative(path)} was not recorded: {why}")

    def note_unplayed(self, name: str) -> None:
        """Add a line on a recording that no request used while new ones were added."""
        self._lines.append(
            f"{'not played':<10} {_relative(Path(name))}: a replay fails. --inspector=rewrite removes it"
        )

    def take(self) -> list[str]:
        """Return the lines since the last time."""
        lines, self._lines = self._lines, []
        return lines


def save_changed(path: Path, recordings: Sequence[Recording], summary: Summary, *, kept: int = 0) -> str:
    """Write recordings to a file, unless it says the same already; return what was done.

    The first `kept` of them are those that the file had. Two recordings say the same if `inspector diff` sees
    no difference in meaning, apart from counts of tokens. Raises `RecordingError` if it cannot be written.
    """
    before = _recordings_of(path)
    if before and _mean_the_same(before, recordings):
        what = "unchanged"
    else:
        what = "recorded" if before is None else "appended" if kept else "rewritten"
        path.parent.mkdir(parents=True, exist_ok=True)
        save(recordings, path, overwrite=True)
    summary.note(what, path, recordings[kept:] or recordings)
    return what


def _recordings_of(path: Path) -> list[Recording] | None:
    """Return what a file holds; None without one, and nothing if it cannot be read."""
    if not path.exists():
        return None
    try:
        return load_all(path)
    except InspectorError:
        return []


def _mean_the_same(before: Sequence[Recording], now: Sequence[Recording]) -> bool:
    return len(before) == len(now) and all(
        compared(one, other, _MEANING, ("before", "now")).same for one, other in zip(before, now, strict=True)
    )


def _contents(recordings: Sequence[Recording]) -> str:
    """Describe recordings: models, events, size, and what was left out."""
    models = dict.fromkeys(filter(None, map(_model, recordings)))
    events = sum(1 for each in recordings for block in each.blocks if block.event is not None)
    size = sum(len(each.body) for each in recordings)
    parts = [
        ", ".join(models) or "no model",
        *([_count(len(recordings), "response")] if len(recordings) > 1 else []),
        _count(events, "event"),
        f"{_count(size, 'byte')}",
        *_redacted(recordings),
    ]
    return " · ".join(parts)


def _model(recording: Recording) -> str | None:
    model = _json.as_object(recording.request.json()).get("model")
    return model if isinstance(model, str) else None


def _redacted(recordings: Sequence[Recording]) -> Iterator[str]:
    names = dict.fromkeys(name for each in recordings for name in _withheld(each))
    if names:
        more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
        yield f"without the values of {', '.join([*names][:_SHOWN])}{more}"
    masked = sum(1 for each in recordings if _MASK in (each.request.body or b"") or _MASK in each.body)
    if masked:
        yield "secrets masked in " + _count(masked, "response")


def _withheld(recording: Recording) -> Iterable[str]:
    response = recording.response
    return (*recording.request.withheld, *(response.withheld if response else ()))


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}" + "s" * (number != 1)


def _relative(path: Path) -> str:
    return os.path.relpath(path)
