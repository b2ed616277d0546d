"""Faults of pace: the same bytes, sooner, later, or in other pieces. A correct client sees no difference."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import pairwise
from random import Random

from inspector.faults.edits import Read, answered, rebuilt
from inspector.faults.parameters import count, fraction, seconds, shaped
from inspector.faults.positions import Unfit
from inspector.faults.registry import fault
from inspector.recording import Recording

__all__ = ["burst", "rechunk", "slow"]

_RECHUNKS = ("random", "utf8", "crlf", "frame", "coalesce")
_INSIDE = {
    "utf8": re.compile(rb"[\xc2-\xf4](?=[\x80-\xbf])"),
    "crlf": re.compile(rb"\r(?=\n)|\n(?=\n)"),
    "frame": re.compile(rb"(?:\r\n|\n|\r(?!\n))(?:\r\n|\n|\r(?!\n))"),
}


def _hold(given: str) -> str:
    if not re.fullmatch(r"all|(?:\d{1,6}(?:\.\d+)?)s|[1-9]\d{0,11}", given) or not given.strip("0.s"):
        raise ValueError("it is all, a time such as 2s, or a number of bytes such as 4096")
    return given


def _size(given: str) -> str:
    if given not in _RECHUNKS and not re.fullmatch(r"[1-9]\d{0,8}", given):
        raise ValueError(f"it is a number of bytes, or one of {', '.join(_RECHUNKS)}")
    return given


@fault(
    "slow",
    fraction("factor", "how many times as long every wait is", 4.0, most=1e6),
    seconds("min", "no wait is shorter", 0.0),
    seconds("max", "no wait is longer", None),
    seconds("jitter", "up to so much is added to each, by the seed", 0.0),
    sdk="nothing: it waits, unless a wait is longer than the read timeout",
    client="show what has come as it comes",
)
def slow(
    recording: Recording, factor: float, min_: float, max_: float | None, jitter: float, chance: Random
) -> Recording:
    """Every wait between two reads is longer, or shorter."""
    before = now = answered(recording).t

    def wait(t: float) -> float:
        gap = max((t - before) * factor, min_)
        return (gap if max_ is None else min(gap, max_)) + jitter * chance.random()

    reads = []
    for t, chunk in recording.chunks():
        now, before = now + wait(t), t
        reads.append((now, chunk))
    end = recording.end and recording.end._replace(t=now + max((recording.end.t - before) * factor, 0.0))
    return rebuilt(recording, reads, end)


@fault(
    "burst",
    shaped(
        "hold",
        "until when to hold: the end, every so many seconds, every so many bytes",
        "all",
        "all|SECONDSs|BYTES",
        _hold,
    ),
    incident="https://github.com/confidential-dot-ai/c8s/issues/140",
    sdk="nothing: the events come late, many at once",
    client="not take the pace of a stream for the pace of the model",
)
def burst(recording: Recording, hold: str) -> Recording:
    """A proxy holds the body back, and lets it go at once or in lumps."""
    answered(recording)
    return rebuilt(recording, _joined(recording.chunks(), _lump(hold)))


class _Lump:
    """Says after which read what was held is let go."""

    def __init__(self, seconds: float | None, size: int | None) -> None:
        self.seconds, self.size = seconds, size
        self.held = 0
        self.window: int | None = None

    def opens(self, t: float, chunk: bytes) -> bool:
        """Say whether a read begins another lump."""
        window = int(t / self.seconds) if self.seconds else 0
        full = self.size is not None and self.held >= self.size
        begins = self.window is not None and (window != self.window or full)
        self.held = len(chunk) + (0 if begins else self.held)
        self.window = window
        return begins


def _lump(hold: str) -> _Lump:
    if hold == "all":
        return _Lump(None, None)
    return _Lump(float(hold[:-1]), None) if hold.endswith("s") else _Lump(None, int(hold))


def _joined(reads: Iterable[Read], lump: _Lump) -> Iterator[Read]:
    held: list[Read] = []
    for t, chunk in reads:
        if lump.opens(t, chunk):
            yield held[-1][0], b"".join(piece for _, piece in held)
            held = []
        held.append((t, chunk))
    if held:
        yield held[-1][0], b"".join(piece for _, piece in held)


@fault(
    "rechunk",
    shaped(
        "size",
        (
            "bytes a read, or where: at random, inside characters, inside line ends, between events, or "
            "several reads together"
        ),
        "1",
        "N|" + "|".join(_RECHUNKS),
        _size,
    ),
    count("most", "random: the largest read; coalesce: how many reads make one", 16, least=1),
    incident="https://github.com/api7/aisix/issues/111",
    sdk="nothing: it reads bytes, and decodes whole lines",
    client="decode and parse incrementally",
)
def rechunk(recording: Recording, size: str, most: int, chance: Random) -> Recording:
    """The same bytes come in other pieces, each a microsecond after the one before."""
    answered(recording)
    reads = list(recording.chunks())
    if size == "coalesce":
        groups = [reads[n : n + most] for n in range(0, len(reads), most)]
        return rebuilt(recording, [(group[-1][0], b"".join(piece for _, piece in group)) for group in groups])
    body = recording.body
    kept = {0, len(body)}
    if size.isdigit():
        points = {*range(0, len(body), int(size)), *kept}
    elif size == "random":
        points = {*_random_points(len(body), most, chance), *kept}
    else:
        inside = {match.end() for match in _INSIDE[size].finditer(body)}
        if not inside - kept:
            raise Unfit(_NOWHERE[size])
        points = {*inside, *kept, *(() if size == "frame" else _ends(reads))}
    return rebuilt(recording, _recut(reads, sorted(points)))


_NOWHERE = {
    "utf8": "its body is ASCII, there is no character of several bytes to cut in two",
    "crlf": "there is no line end to cut in two",
    "frame": "there is no event to cut after",
}


def _random_points(size: int, most: int, chance: Random) -> Iterator[int]:
    at = 0
    while at < size:
        yield at
        at += chance.randint(1, most)


def _ends(reads: Iterable[Read]) -> Iterator[int]:
    at = 0
    for _, chunk in reads:
        at += len(chunk)
        yield at


def _recut(reads: Iterable[Read], points: Iterable[int]) -> Iterator[Read]:
    """Cut the same bytes at these points; each piece comes when its last byte did."""
    reads = list(reads)
    body = b"".join(chunk for _, chunk in reads)
    ends = list(_ends(reads))
    number = 0
    for start, stop in pairwise(points):
        while ends[number] < stop:
            number += 1
        yield reads[number][0], body[start:stop]
