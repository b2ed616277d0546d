"""Faults of pace: the same bytes sooner, later, or in other pieces. A correct client sees no difference."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import accumulate, pairwise
from random import Random

from inspector.faults.contents import NotApplicableError
from inspector.faults.edits import Read, rebuilt, response_of
from inspector.faults.parameters import Parameter, count, fraction, seconds
from inspector.faults.registry import fault
from inspector.recording import Recording

__all__ = ["burst", "rechunk", "slow"]

_INSIDE = {
    "utf8": re.compile(rb"[\xc2-\xf4](?=[\x80-\xbf])"),
    "crlf": re.compile(rb"\r(?=\n)|\n(?=\n)"),
    "frame": re.compile(rb"(?:\r\n|\n|\r(?!\n))(?:\r\n|\n|\r(?!\n))"),
}
"""What stands before each cut."""

_NOWHERE = {
    "utf8": "its body is ASCII, so no character has several bytes",
    "crlf": "its body has no line end to cut in two",
    "frame": "its body has no event to cut after",
}
_SIZES = {
    "N": "reads of N bytes",
    "random": "reads of random sizes, by the seed",
    "utf8": "cut inside characters of several bytes",
    "crlf": "cut inside CRLF, and inside blank lines",
    "frame": "cut between events",
    "coalesce": "several reads become one",
}


def _read_hold(value: str) -> str:
    if not re.fullmatch(r"all|(?:\d{1,6}(?:\.\d+)?)s|[1-9]\d{0,11}", value) or not value.strip("0.s"):
        raise ValueError("expected all, a time such as 2s, or a number of bytes such as 4096")
    return value


def _read_size(value: str) -> str:
    names = [name for name in _SIZES if name != "N"]
    if value not in names and not re.fullmatch(r"[1-9]\d{0,8}", value):
        raise ValueError(f"expected a number of bytes, or one of {', '.join(names)}")
    return value


@fault(
    "slow",
    fraction("factor", "how many times as long each wait gets", 4.0, most=1e6),
    seconds("min", "the shortest wait", 0.0),
    seconds("max", "the longest wait; default: no limit", None),
    seconds("jitter", "the most that is added to each wait at random, by the seed", 0.0),
    client="show each event when it comes",
)
def slow(
    recording: Recording, factor: float, min_: float, max_: float | None, jitter: float, chance: Random
) -> Recording:
    """Every wait between two reads gets longer, or shorter."""
    before = now = response_of(recording).t

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
    Parameter(
        "hold",
        "how much the proxy holds back",
        "all|SECONDSs|BYTES",
        "all",
        _read_hold,
        {"all": "the whole body", "SECONDSs": "what comes within this time", "BYTES": "this many bytes"},
    ),
    incident="https://github.com/confidential-dot-ai/c8s/issues/140",
    client="not confuse the pace of the stream with that of the model",
)
def burst(recording: Recording, hold: str) -> Recording:
    """A proxy holds the body back, and passes it on at once or in lumps."""
    response_of(recording)
    seconds = float(hold[:-1]) if hold.endswith("s") else None
    size = int(hold) if hold.isdigit() else None
    return rebuilt(recording, map(_joined, _lumps(recording.chunks(), seconds, size)))


def _lumps(reads: Iterable[Read], seconds: float | None, size: int | None) -> Iterator[list[Read]]:
    """Group reads: those of one window of `seconds`, or as many as it takes to have `size` bytes."""
    lump: list[Read] = []
    held = window = 0
    for t, chunk in reads:
        now = int(t / seconds) if seconds else 0
        if lump and (now != window or (size is not None and held >= size)):
            yield lump
            lump, held = [], 0
        lump.append((t, chunk))
        held, window = held + len(chunk), now
    if lump:
        yield lump


def _joined(reads: list[Read]) -> Read:
    """Join reads into one that comes with the last of them."""
    return reads[-1][0], b"".join(chunk for _, chunk in reads)


@fault(
    "rechunk",
    Parameter(
        "size",
        "the size of the new reads, or where they are cut",
        "|".join(_SIZES),
        "1",
        _read_size,
        _SIZES,
    ),
    count("most", "random: the size of the largest read; coalesce: how many reads become one", 16, least=1),
    incident="https://github.com/api7/aisix/issues/111",
    client="decode and parse incrementally",
)
def rechunk(recording: Recording, size: str, most: int, chance: Random) -> Recording:
    """The same bytes come in other pieces, those of one read a microsecond apart."""
    response_of(recording)
    reads = list(recording.chunks())
    if size == "coalesce":
        return rebuilt(recording, [_joined(reads[n : n + most]) for n in range(0, len(reads), most)])
    body = recording.body
    edges = {0, len(body)}
    if size.isdigit():
        points = edges.union(range(0, len(body), int(size)))
    elif size == "random":
        points = edges.union(_random_points(len(body), most, chance))
    else:
        inside = {match.end() for match in _INSIDE[size].finditer(body)}
        if not inside - edges:
            raise NotApplicableError(_NOWHERE[size])
        points = edges.union(inside, () if size == "frame" else _ends(reads))
    return rebuilt(recording, _cut_again(reads, body, sorted(points)))


def _random_points(size: int, most: int, chance: Random) -> Iterator[int]:
    at = 0
    while at < size:
        yield at
        at += chance.randint(1, most)


def _ends(reads: Iterable[Read]) -> list[int]:
    return list(accumulate(len(chunk) for _, chunk in reads))


def _cut_again(reads: list[Read], body: bytes, points: Iterable[int]) -> Iterator[Read]:
    """Cut the body at these points. Each piece comes when its last byte did."""
    ends = _ends(reads)
    number = 0
    for start, stop in pairwise(points):
        while ends[number] < stop:
            number += 1
        yield reads[number][0], body[start:stop]
