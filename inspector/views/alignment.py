"""Which recording of one session belongs to which of another: the one of the same question, else the next."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Hashable, Sequence

from inspector.protocol.urls import endpoint
from inspector.recording import Recording
from inspector.views.comparison import QUESTION, canonical

__all__ = ["paired", "same_questions"]

Pair = tuple[int | None, int | None]
"""Positions in two sessions; None if the other one has nothing for it."""


def paired(one: Sequence[Recording], other: Sequence[Recording]) -> list[Pair]:
    """Pair the recordings of two sessions: by their questions, and what is left in order."""
    pairs = same_questions(one, other)
    left = [position for position in range(len(one)) if position not in dict(pairs)]
    right = [position for position in range(len(other)) if position not in {there for _, there in pairs}]
    alike = list(zip(left, right, strict=False))
    rest: list[Pair] = [*pairs, *alike, *((position, None) for position in left[len(alike) :])]
    rest.sort(key=lambda pair: -1 if pair[0] is None else pair[0])
    return [*rest, *((None, position) for position in right[len(alike) :])]


def same_questions(one: Sequence[Recording], other: Sequence[Recording]) -> list[tuple[int, int]]:
    """Pair the recordings whose requests ask the same question; those that ask it again, in order."""
    waiting: defaultdict[Hashable, deque[int]] = defaultdict(deque)
    for position, recording in enumerate(other):
        waiting[_question(recording)].append(position)
    pairs = []
    for position, recording in enumerate(one):
        question = _question(recording)
        if question is not None and waiting[question]:
            pairs.append((position, waiting[question].popleft()))
    return pairs


def _question(recording: Recording) -> Hashable:
    """Return what equal questions share; None for a request that is not known."""
    request = recording.request
    if not request.body:
        return None
    value = request.json()
    return request.method, endpoint(request.url), canonical(request.body, value and QUESTION.value(value))
