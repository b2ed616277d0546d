"""Recordings with faults in them, for whatever plays them: the transport, the server, a test's fixtures."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import TypeVar

from inspector.errors import UsageError
from inspector.formats import load
from inspector.play.sources import loaded
from inspector.recording import Head, Recording

__all__ = ["answers_once", "with_faults"]


AnyRecording = TypeVar("AnyRecording", bound=str | os.PathLike[str] | Recording)


def with_faults(
    recordings: Iterable[AnyRecording], fault: str | Iterable[str] | None, *, seed: int = 0
) -> tuple[list[AnyRecording | Recording], bool]:
    """Return what to play for recordings with faults in them, and whether the faults are for every request.

    If they are, play in a loop: a client that tries again meets the fault again. Without a fault the
    recordings come back as they are, not read yet. Raises `UsageError` for an unknown fault and for one that
    cannot be applied, `RecordingError` for a path that is no recording.
    """
    texts = [fault] if isinstance(fault, str) else list(fault or ())
    if not texts:
        return list(recordings), False
    from inspector import faults

    edited, for_every_request = faults.apply_plans(loaded(recordings), texts, seed=seed, load=load)
    return [*edited], for_every_request


def answers_once(head: Head) -> bool:
    """Return whether a fault for a limited number of requests (`on=1..2`) made this recording.

    It is over when it has been played: what repeats the recordings repeats those without such a fault.
    """
    applied = (head.extra or {}).get("faults")
    return isinstance(applied, list) and any(_is_limited(text) for text in applied)


def _is_limited(text: object) -> bool:
    from inspector.faults import parse  # the catalogue of faults, which most replays do not need

    try:
        return isinstance(text, str) and parse(text).on.last is not None
    except UsageError:  # a person, or another version, wrote it
        return False
