"""Which recording answers which request.

In order, a session is played turn by turn. By body, the first unused recording with the same request body
answers: its JSON is compared, so that key order, spacing and escapes do not count, nor secrets that were
masked. By name, the request names its recording, as often as it likes. Any: the next recording, whatever the
request. Headers are never compared.
"""

from __future__ import annotations

import functools
import json
import re
from collections import defaultdict, deque
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple, Protocol

import orjson

from inspector import _json
from inspector.errors import UsageError
from inspector.play import misses
from inspector.play.headers import header_value
from inspector.play.received import IncomingRequest, url_path
from inspector.play.sources import split_turn
from inspector.recording import Head, Request, without_ending
from inspector.redact import Mask

__all__ = ["MATCHES", "NAME_HEADER", "Matcher", "Miss", "differences", "endpoint", "parsed"]

MATCHES = ("order", "body", "name", "any")
"""The ways to choose a recording."""

NAME_HEADER = "x-inspector-recording"
"""The request header that names a recording; without it the request's model does."""

_VOLATILE = frozenset({"metadata"})
"""Members of a request's body that may differ from run to run without meaning anything."""

_MASKED = re.compile(r"\*{8,}")


class Miss(NamedTuple):
    """No recording answers: `message` says why, and what to do, to the person at the client."""

    message: str


class Matcher:
    """Hand out the positions of recordings whose heads are known: each once, or with `loop` again and again.

    By name each is handed out as often as it is named, a session's recordings in turn. The first `used`
    recordings have been handed out already. Raises `UsageError` for an unknown `match`. Not safe between
    threads.
    """

    def __init__(self, match: str, names: Sequence[str], *, loop: bool = False, used: int = 0) -> None:
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
        self._unused = deque([*range(used, len(names)), *(range(used) if loop else ())])
        self._never_used = set(range(used, len(names)))
        self._bodies: dict[bytes | None, deque[int]] | None = None
        self._named = _by_name(names) if match == "name" else {}

    def take(self, request: IncomingRequest, value: Any, heads: Sequence[Head]) -> int | Miss:
        """Choose the recording that answers, and use it up. `value` is the body's JSON, None without any."""
        if not self._unused:
            return Miss(misses.exhausted(request.method, url_path(request.url), self._names))
        choice = self._choose(request, value, heads)
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

    def _next(self, request: IncomingRequest, value: Any, heads: Sequence[Head]) -> int | Miss:
        return self._use(self._unused.popleft())

    def _next_of_endpoint(self, request: IncomingRequest, value: Any, heads: Sequence[Head]) -> int | Miss:
        position = self._unused[0]
        different = list(_of_target(request, heads[position].request))
        if different:
            return Miss(misses.another_request(self._names[position], different))
        return self._use(self._unused.popleft())

    def _same_body(self, request: IncomingRequest, value: Any, heads: Sequence[Head]) -> int | Miss:
        if self._bodies is None:
            self._bodies = defaultdict(deque)
            for position, head in enumerate(heads):
                self._bodies[_key_of(head)].append(position)
        same = self._bodies.get(_canonical(request.body, value), deque())
        for position in same:
            if not any(_of_target(request, heads[position].request)):
                return self._use_body(position, same)
        return self._nearest(request, value, heads, self._bodies)

    def _use_body(self, position: int, same: deque[int]) -> int:
        same.remove(position)
        if self._loop:
            same.append(position)
        self._unused.remove(position)
        return self._use(position)

    def _nearest(
        self,
        request: IncomingRequest,
        value: Any,
        heads: Sequence[Head],
        bodies: dict[bytes | None, deque[int]],
    ) -> int | Miss:
        """Compare with every unused recording: to say what differs, or to find one that was masked."""
        candidates = []
        body = _readable(request.body, value)
        for position in self._unused:
            recorded = heads[position].request
            different = [*_of_target(request, recorded), *_of_value("body", recorded.json(), body)]
            if not different:
                return self._use_body(position, bodies[_key_of(heads[position])])
            candidates.append((len(different), position, different))
        _, position, different = min(candidates)
        return Miss(misses.unrecorded_body(self._names[position], different))

    def _of_that_name(self, request: IncomingRequest, value: Any, heads: Sequence[Head]) -> int | Miss:
        wanted = header_value(request.raw_headers, NAME_HEADER)
        if not wanted:
            model = _json.as_object(value).get("model")
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


def parsed(body: bytes) -> Any:
    """Return the JSON of a body; None if it has none."""
    try:
        return _json.loads(body) if body else None
    except ValueError:
        return None


def _key_of(head: Head) -> bytes | None:
    body = head.request.body or b""
    return _canonical(body, parsed(body))


def _canonical(body: bytes, value: Any) -> bytes | None:
    """Return the body's JSON in canonical form, so that equal bodies compare equal; None for no body."""
    if value is None:
        return body or None
    if isinstance(value, dict):
        value = {key: member for key, member in value.items() if key not in _VOLATILE}
    try:
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    except TypeError:  # a lone surrogate, or an integer beyond 64 bits
        return json.dumps(value, sort_keys=True).encode()


class _AnyRequest(Protocol):
    """A request, whether recorded or received."""

    @property
    def method(self) -> str: ...
    @property
    def url(self) -> str: ...
    @property
    def body(self) -> bytes | None: ...


def differences(request: _AnyRequest, recorded: Request) -> Iterator[str]:
    """Say in what a request differs from a recorded one: a phrase for each difference."""
    yield from _of_target(request, recorded)
    body = request.body or b""
    yield from _of_value("body", recorded.json(), _readable(body, parsed(body)))


def _of_target(request: _AnyRequest, recorded: Request) -> Iterator[str]:
    if request.method != recorded.method:
        yield _phrase("method", recorded.method, request.method)
    ours, theirs = endpoint(request.url), endpoint(recorded.url)
    if ours and theirs and ours != theirs:
        yield _phrase("path", theirs, ours)


@functools.lru_cache(maxsize=256)
def endpoint(url: str) -> str:
    """Return the path from `/v1/` on: what stands before it is a gateway's. Empty for any other path."""
    match = re.search(r"/v1/.*", url_path(url))
    return match[0].rstrip("/") if match else ""


def _readable(body: bytes, value: Any) -> Any:
    return body.decode("utf-8", "replace") if value is None and body else value


def _of_value(path: str, recorded: Any, received: Any) -> Iterator[str]:
    if isinstance(recorded, dict) and isinstance(received, dict):
        for key in sorted({*recorded, *received} - (_VOLATILE if path == "body" else frozenset())):
            if key not in received:
                yield _phrase(f"{path}.{key}", _short(recorded[key]), "missing")
            elif key not in recorded:
                yield _phrase(f"{path}.{key}", "nothing", _short(received[key]))
            else:
                yield from _of_value(f"{path}.{key}", recorded[key], received[key])
    elif isinstance(recorded, list) and isinstance(received, list) and len(recorded) == len(received):
        for index, (one, other) in enumerate(zip(recorded, received, strict=True)):
            yield from _of_value(f"{path}[{index}]", one, other)
    elif isinstance(recorded, list) and isinstance(received, list):
        yield f"{path} has {len(received)} items, recorded were {len(recorded)}"
    elif not _same(recorded, received):
        yield _phrase(path, _short(recorded), _short(received))


def _phrase(what: str, recorded: str, received: str) -> str:
    return f"{what} is {received}, recorded was {recorded}"


def _same(recorded: Any, received: Any) -> bool:
    """Compare two plain values. A text that was masked when it was recorded equals any of its length."""
    if isinstance(recorded, str) and isinstance(received, str) and _MASKED.search(recorded):
        pattern = "".join(
            f".{{{len(part)}}}" if _MASKED.fullmatch(part) else re.escape(part)
            for part in re.split(f"({_MASKED.pattern})", recorded)
        )
        return re.fullmatch(pattern, received, re.DOTALL) is not None
    return bool(recorded == received) and type(recorded) is type(received)


def _short(value: Any) -> str:
    text = Mask()(_json.dumps_text(value).encode()).decode()
    return text if len(text) <= 60 else text[:59] + "…"
