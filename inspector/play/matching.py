"""Which recording answers which request.

In order, a session is played turn by turn. By body, the first unused recording with the same request body
answers: its JSON is compared, so that key order, spacing and escapes do not count, nor secrets that were
masked. By name, the request names its recording, as often as it likes. Any: the next recording, whatever the
request. Headers are never compared.

No request holds up the others for long: bodies are looked up by a digest, and a miss is explained by a
bounded comparison.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import defaultdict, deque
from collections.abc import Collection, Iterable, Iterator, Sequence
from heapq import nsmallest
from itertools import islice
from typing import Any, NamedTuple

import orjson

from inspector import _json
from inspector.errors import UsageError
from inspector.play import misses
from inspector.play.differences import (
    VOLATILE,
    AnyRequest,
    Difference,
    body_differences,
    endpoint,
    readable,
    target_differences,
)
from inspector.play.headers import header_value
from inspector.play.received import IncomingRequest, url_path
from inspector.play.sources import split_turn
from inspector.recording import Head, Request, without_ending

__all__ = ["MATCHES", "NAME_HEADER", "Matcher", "Miss", "differences", "endpoint", "parsed"]

MATCHES = ("order", "body", "name", "any")
"""The ways to choose a recording."""

NAME_HEADER = "x-inspector-recording"
"""The request header that names a recording; without it the request's model does."""

_VALUES = 500_000
"""A body of more JSON values than this is compared byte by byte: parsing it would hold up other clients."""

_COMPARED = 32
"""With how many recordings a request that is in none is compared, to explain it: with the nearest in size."""

_COMPARED_BYTES = 1024 * 1024
"""How many bytes their bodies may have together; the first may have more."""

_COMPARED_VALUES = 5_000
"""How many values of each are compared."""

_COUNTED = 200
"""How many differences are counted: what differs in more is as far away."""


_Heads = Sequence[Head]
_Values = Sequence[Any]


class Miss(NamedTuple):
    """No recording answers: `message` says why, and what to do, to the person at the client."""

    message: str


class Matcher:
    """Hand out the positions of recordings whose heads are known: each once, or with `loop` again and again.

    By name each is handed out as often as it is named, a session's recordings in turn. The positions in
    `beside` are never handed out, and of the others the first `used` have been already. Raises `UsageError`
    for an unknown `match`. Not safe between threads.
    """

    def __init__(
        self,
        match: str,
        names: Sequence[str],
        *,
        loop: bool = False,
        used: int = 0,
        beside: Collection[int] = (),
    ) -> None:
        choices = {
            "order": self._next_of_endpoint,
            "body": self._same_body,
            "name": self._of_that_name,
            "any": self._next,
        }
        if match not in choices:
            raise UsageError(f"match={match!r} is not known; known are {', '.join(MATCHES)}")
        self._choose = choices[match]
        self._names = names
        self._loop = loop
        positions = [position for position in range(len(names)) if position not in set(beside)]
        self._unused = deque(positions[used:] + (positions[:used] if loop else []))
        self._never_used = set(positions[used:])
        self._bodies: _Bodies | None = None
        self._named = _by_name(names) if match == "name" else {}

    def take(self, request: IncomingRequest, heads: _Heads, *values: Any) -> int | Miss:
        """Choose the recording that answers, and use it up.

        `values` are the body's JSON, None without any, and further values that may stand for it.
        """
        if not self._unused:
            return Miss(misses.exhausted(request.method, url_path(request.url), self._names))
        choice = self._choose(request, heads, values)
        if not isinstance(choice, Miss):
            self._never_used.discard(choice)
        return choice

    @property
    def unused(self) -> list[str]:
        """The names of the recordings that have never been handed out."""
        return [self._names[position] for position in sorted(self._never_used)]

    def _use(self, position: int) -> int:
        if self._loop:
            self._unused.append(position)
        return position

    def _next(self, request: IncomingRequest, heads: _Heads, values: _Values) -> int | Miss:
        return self._use(self._unused.popleft())

    def _next_of_endpoint(self, request: IncomingRequest, heads: _Heads, values: _Values) -> int | Miss:
        position = self._unused[0]
        different = list(target_differences(request, heads[position].request))
        if different:
            return Miss(misses.another_request(self._names[position], different))
        return self._use(self._unused.popleft())

    def _same_body(self, request: IncomingRequest, heads: _Heads, values: _Values) -> int | Miss:
        if self._bodies is None:
            self._bodies = _Bodies(heads, self._unused)
        for value in values:
            position = self._bodies.find(request, value, heads)
            if position is not None:
                return self._use_body(self._bodies, position)
        return self._nearest(self._bodies, request, heads, values[-1])

    def _use_body(self, bodies: _Bodies, position: int) -> int:
        bodies.use(position, again=self._loop)
        self._unused.remove(position)
        return self._use(position)

    def _nearest(self, bodies: _Bodies, request: IncomingRequest, heads: _Heads, value: Any) -> int | Miss:
        """Compare with some recordings whose bodies are as long, to say what differs."""
        body = readable(request.body, value)

        def distance(position: int) -> tuple[int, int, int]:
            recorded = heads[position].request
            another = len(list(target_differences(request, recorded)))
            return another, abs(len(recorded.body or b"") - len(request.body)), position

        candidates: list[tuple[bool, int, int, list[Difference | None]]] = []
        compared = 0
        for position in nsmallest(_COMPARED, self._unused, distance):
            recorded = heads[position].request
            compared += len(recorded.body or b"")
            if candidates and compared > _COMPARED_BYTES:
                break
            different = [
                *target_differences(request, recorded),
                *islice(body_differences(parsed(recorded.body or b""), body, _COMPARED_VALUES), _COUNTED),
            ]
            if not different:  # only its digest differs: by -0.0 for 0.0, or it is nested too deeply for one
                return self._use_body(bodies, position)
            candidates.append((None in different, len(different), position, different))
        _, _, position, different = min(candidates)
        known = [each for each in different if each is not None]
        among = len(candidates) if len(candidates) < len(self._unused) else None
        return Miss(misses.unrecorded_body(self._names[position], known, among))

    def _of_that_name(self, request: IncomingRequest, heads: _Heads, values: _Values) -> int | Miss:
        wanted = header_value(request.raw_headers, NAME_HEADER)
        if not wanted:
            model = _json.as_object(values[0]).get("model")
            wanted = model if isinstance(model, str) else ""
        turns = self._named.get(without_ending(wanted))
        if turns is None:
            return Miss(misses.no_such_name(wanted, self._names, NAME_HEADER))
        turns.rotate(-1)
        return turns[-1]


def _by_name(names: Sequence[str]) -> dict[str, deque[int]]:
    """Index every name of a recording: its file's without an ending, and that with any part of the path."""
    positions: dict[str, deque[int]] = defaultdict(deque)
    for position, name in enumerate(names):
        path, turn = split_turn(name)
        parts = re.split(r"[/\\]", without_ending(path))
        for start in range(len(parts)):
            called = "/".join(parts[start:])
            positions[called].append(position)
            if turn:
                positions[f"{called}#{turn}"].append(position)
    return dict(positions)


class _Bodies:
    """The unused recordings by the digest of their requests' bodies, and those whose body was masked."""

    def __init__(self, heads: _Heads, unused: Iterable[int]) -> None:
        self._digests: dict[int, bytes] = {}
        self._positions: dict[bytes, deque[int]] = defaultdict(deque)
        self._masked: deque[int] = deque()
        for position in unused:
            body = heads[position].request.body or b""
            self._digests[position] = digest = _digest(body, parsed(body))
            self._positions[digest].append(position)
            if b"********" in body:
                self._masked.append(position)

    def find(self, request: IncomingRequest, value: Any, heads: _Heads) -> int | None:
        """Return the first recording of the same request; None if there is none."""
        for position in self._positions.get(_digest(request.body, value), ()):
            if not any(target_differences(request, heads[position].request)):
                return position
        body = readable(request.body, value) if self._masked else None
        for position in self._masked:
            recorded = heads[position].request
            if not any(target_differences(request, recorded)) and not any(
                True for _ in body_differences(parsed(recorded.body or b""), body)
            ):
                return position
        return None

    def use(self, position: int, *, again: bool) -> None:
        """Take a recording out; put it last if it is to be found `again`."""
        for positions in (self._positions[self._digests[position]], self._masked):
            if position in positions:
                positions.remove(position)
                if again:
                    positions.append(position)


def parsed(body: bytes) -> Any:
    """Return the JSON of a body; None if it has none, or too many values to parse it in a short time."""
    if not body or (len(body) > _VALUES and sum(map(body.count, (b",", b"[", b"{"))) > _VALUES):
        return None
    try:
        return _json.loads(body)
    except ValueError:
        return None


def _digest(body: bytes, value: Any) -> bytes:
    """Return a digest of the body's JSON in canonical form, so that equal bodies have equal digests."""
    return hashlib.sha256(_canonical(body, value), usedforsecurity=False).digest()


def _canonical(body: bytes, value: Any) -> bytes:
    if value is None:
        return body
    if isinstance(value, dict) and not VOLATILE.isdisjoint(value):
        value = {key: member for key, member in value.items() if key not in VOLATILE}
    try:
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    except TypeError:  # a lone surrogate, an integer beyond 64 bits, or nested deeply
        pass
    try:
        return json.dumps(value, sort_keys=True).encode()
    except RecursionError:  # nested more deeply
        return body


def differences(request: AnyRequest, recorded: Request) -> Iterator[str]:
    """Say in what a request differs from a recorded one: a phrase for each difference."""
    body = request.body or b""
    different: Iterator[Difference | None] = body_differences(recorded.json(), readable(body, parsed(body)))
    for each in (*target_differences(request, recorded), *different):
        yield str(each)
