"""Which recording answers which request.

In order, a session is played turn by turn. By request, the first unused recording of the same question
answers, by body that of the same body: `inspector.views.comparison` says what is compared. A function of the
user's own compares each unused recording in turn. By name, the request names its recording, as often as it
likes. Any: the next recording, whatever the request. Headers are never compared.

No request holds up the others for long: bodies are looked up by a digest, and a miss is explained by a
bounded comparison.
"""

from __future__ import annotations

import re
from collections import defaultdict, deque
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from inspector import _json
from inspector.errors import UsageError
from inspector.play import misses
from inspector.play.bodies import Bodies, parsed
from inspector.play.differences import (
    AnyRequest,
    Difference,
    body_differences,
    endpoint,
    readable,
    target_differences,
)
from inspector.play.headers import header_value
from inspector.play.nearest import Nearest, nearest
from inspector.play.received import IncomingRequest, url_path
from inspector.play.sources import split_turn
from inspector.recording import Head, Request, without_ending
from inspector.views.comparison import WHOLE, Comparison

__all__ = [
    "MATCHES",
    "NAME_HEADER",
    "Match",
    "Matcher",
    "Miss",
    "comparison_for",
    "differences",
    "endpoint",
    "parsed",
]

MATCHES = ("order", "request", "body", "name", "any")
"""The ways to choose a recording."""

NAME_HEADER = "x-inspector-recording"
"""The request header that names a recording; without it the request's model does."""

Match = str | Callable[[Request, Request], bool | None]
"""One of `MATCHES`, or a function of a request and a recorded one.

It says whether the recording answers: it returns a truth value or, as an assertion does, None or raises
`AssertionError`. Header names are in lower case.
"""

_Heads = Sequence[Head]
_Values = Sequence[Any]


class Miss(NamedTuple):
    """No recording answers: `message` says why, and what to do, to the person at the client.

    `differences` are those from the nearest recording, if there was one to compare with.
    """

    message: str
    differences: tuple[str, ...] = ()


def comparison_for(match: Match, ignore: Iterable[str] = ()) -> Comparison:
    """Return what is compared of two requests: the question or the body, without the paths in `ignore`."""
    return Comparison(question=match == "request", ignore=ignore)


class Matcher:
    """Hand out the positions of recordings whose heads are known: each once, or with `loop` again and again.

    By name each is handed out as often as it is named, a session's recordings in turn. The positions in
    `once` are handed out once in both cases, those in `beside` never, and of the others the first `used` have
    been already. Raises `UsageError` for an unknown `match`. Not safe between threads.
    """

    def __init__(
        self,
        match: Match,
        names: Sequence[str],
        *,
        comparison: Comparison = WHOLE,
        loop: bool = False,
        used: int = 0,
        once: Collection[int] = (),
        beside: Collection[int] = (),
    ) -> None:
        self._choose = self._chooser(match)
        self._comparison = comparison
        self._names = names
        self._loop = loop
        self._once = frozenset(once)
        positions = [position for position in range(len(names)) if position not in set(beside)]
        again = [position for position in positions[:used] if self._comes_again(position)]
        self._unused = deque(positions[used:] + again)
        self._never_used = set(positions[used:])
        self._bodies: Bodies | None = None
        self._named = _by_name(names) if match == "name" else {}

    def _chooser(self, match: Match) -> Callable[[IncomingRequest, _Heads, _Values], int | Miss]:
        choices = {
            "order": self._next_of_endpoint,
            "request": self._same_body,
            "body": self._same_body,
            "name": self._of_that_name,
            "any": self._next,
        }
        if callable(match):
            self._function = match
            return self._accepted
        if match not in choices:
            raise UsageError(f"match={match!r} is not known; known are {', '.join(MATCHES)}, or a function")
        return choices[match]

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

    def _comes_again(self, position: int) -> bool:
        return self._loop and position not in self._once

    def _use(self, position: int) -> int:
        if self._comes_again(position):
            self._unused.append(position)
        return position

    def _next(self, request: IncomingRequest, heads: _Heads, values: _Values) -> int | Miss:
        return self._use(self._unused.popleft())

    def _next_of_endpoint(self, request: IncomingRequest, heads: _Heads, values: _Values) -> int | Miss:
        position = self._unused[0]
        different = [str(each) for each in target_differences(request, heads[position].request)]
        if different:
            return Miss(misses.another_request(self._names[position], different), tuple(different))
        return self._use(self._unused.popleft())

    def _same_body(self, request: IncomingRequest, heads: _Heads, values: _Values) -> int | Miss:
        if self._bodies is None:
            self._bodies = Bodies(heads, self._unused, self._comparison)
        compared = [self._comparison.value(value) for value in values]
        for value in compared:
            position = self._bodies.find(request, value)
            if position is not None:
                return self._use_body(self._bodies, position)
        tries = [nearest(request, value, heads, self._unused, self._comparison) for value in compared]
        for each in tries:
            if each.complete and not each.differences:
                # Only its digest differs: by -0.0 for 0.0, or it is nested too deeply for one.
                return self._use_body(self._bodies, each.position)
        for value in compared:
            played = self._bodies.played(request, value)
            if played is not None:
                return Miss(misses.played_already(self._names[played]))
        return self._explained(min(tries, key=lambda each: len(each.differences)))

    def _use_body(self, bodies: Bodies, position: int) -> int:
        bodies.use(position, again=self._comes_again(position))
        self._unused.remove(position)
        return self._use(position)

    def _explained(self, closest: Nearest, refusal: str | None = None) -> Miss:
        different = [str(each) for each in closest.differences]
        name = self._names[closest.position]
        if refusal is None:
            return Miss(misses.unrecorded_body(name, different, closest.among), tuple(different))
        return Miss(misses.refused(refusal, name, different), tuple(different))

    def _accepted(self, request: IncomingRequest, heads: _Heads, values: _Values) -> int | Miss:
        """Let the user's function choose among the recordings for this path."""
        ours = Request(
            request.method,
            request.url,
            {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in request.raw_headers},
            request.body or None,
        )
        reason = ""
        for position in self._unused:
            recorded = heads[position].request
            if any(target_differences(request, recorded)):
                continue
            try:
                accepted = self._function(ours, recorded)
            except AssertionError as error:
                accepted, reason = False, reason or str(error).partition("\n")[0]
            except Exception as error:
                return Miss(misses.failed_function(_name_of(self._function), error))
            if accepted is None or accepted:
                self._unused.remove(position)
                return self._use(position)
        closest = nearest(request, self._comparison.value(values[0]), heads, self._unused, self._comparison)
        return self._explained(closest, _name_of(self._function) + (f" ({reason})" if reason else ""))

    def _of_that_name(self, request: IncomingRequest, heads: _Heads, values: _Values) -> int | Miss:
        wanted = header_value(request.raw_headers, NAME_HEADER)
        if not wanted:
            model = _json.as_object(values[0]).get("model")
            wanted = model if isinstance(model, str) else ""
        turns = self._named.get(without_ending(wanted))
        if turns is None:
            return Miss(misses.no_such_name(wanted, self._names, NAME_HEADER))
        over = self._once - self._never_used
        while turns and turns[0] in over:  # also those that another of its names has used up
            turns.popleft()
        if not turns:
            return Miss(misses.played_already(wanted))
        turns.rotate(-1)
        return turns[-1]


def _name_of(function: object) -> str:
    return getattr(function, "__name__", type(function).__name__)


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


def differences(request: AnyRequest, recorded: Request, comparison: Comparison = WHOLE) -> Iterator[str]:
    """Say in what a request differs from a recorded one: a phrase for each difference."""
    body = request.body or b""
    ours, theirs = comparison.value(readable(body, parsed(body))), comparison.value(recorded.json())
    different: Iterator[Difference | None] = body_differences(theirs, ours)
    for each in (*target_differences(request, recorded), *different):
        yield str(each)
