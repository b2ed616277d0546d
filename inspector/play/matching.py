"""Which recording answers which request.

In order, a session is played turn by turn. By body, the first recording not yet used whose request says
the same answers; what is compared is the JSON, never the headers. Key order, spacing, escapes and secrets
that were masked do not count.
By name, the request says which, as often as it likes. Any: the next one, whatever is asked.
"""

from __future__ import annotations

import functools
import json
import re
import threading
from collections import defaultdict, deque
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import orjson

from inspector import _json
from inspector.recording import Head
from inspector.redact import Mask

__all__ = ["MATCHES", "NAME_HEADER", "Asked", "Matcher", "Miss", "differences", "endpoint"]

MATCHES = ("order", "body", "name", "any")
"""The ways to choose a recording."""

NAME_HEADER = "x-inspector-recording"
"""The request header that names a recording; without it the request's model does."""

_VOLATILE = frozenset({"metadata"})
"""Members of a request's body that may differ from run to run without meaning anything."""

_MASKED = re.compile(r"\*{8,}")


class Asked(NamedTuple):
    """A request as it came: method, URL, body, and the recording it names in `NAME_HEADER`, if it does."""

    method: str
    url: str
    body: bytes
    name: str | None = None


class Miss(NamedTuple):
    """No recording answers: why, and what to do, in words for the person at the client."""

    message: str


class Matcher:
    """Hand out the positions of recordings whose heads are known: each once, or with `loop` again and again.

    By name each is handed out as often as it is named, a session's recordings in turn. The first `used` have
    been handed out already.
    """

    def __init__(self, match: str, names: Sequence[str], *, loop: bool = False, used: int = 0) -> None:
        self._names = names
        self._loop = loop
        self._unused = deque([*range(used, len(names)), *(range(used) if loop else ())])
        self._never = set(range(used, len(names)))
        self._bodies: dict[bytes | None, deque[int]] | None = None
        self._named = _by_name(names) if match == "name" else {}
        self._choose = {
            "order": self._next_of_endpoint,
            "body": self._same_body,
            "name": self._of_that_name,
            "any": self._next,
        }[match]
        self._lock = threading.Lock()

    def take(self, asked: Asked, heads: Sequence[Head]) -> int | Miss:
        """Choose the recording that answers, and use it up."""
        with self._lock:
            if not self._unused:
                return Miss(_exhausted(asked, self._names))
            choice = self._choose(asked, heads)
            if not isinstance(choice, Miss):
                self._never.discard(choice)
            return choice

    @property
    def unused(self) -> list[str]:
        """The names of the recordings that have not been handed out once."""
        with self._lock:
            return [self._names[position] for position in sorted(self._never)]

    def _use(self, position: int) -> int:
        if self._loop:
            self._unused.append(position)
        return position

    def _next(self, asked: Asked, heads: Sequence[Head]) -> int | Miss:
        return self._use(self._unused.popleft())

    def _next_of_endpoint(self, asked: Asked, heads: Sequence[Head]) -> int | Miss:
        position = self._unused[0]
        different = list(differences(asked, heads[position], compare_body=False))
        if different:
            return Miss(_mismatch("order", self._names[position], different))
        return self._use(self._unused.popleft())

    def _same_body(self, asked: Asked, heads: Sequence[Head]) -> int | Miss:
        if self._bodies is None:
            self._bodies = defaultdict(deque)
            for position, head in enumerate(heads):
                self._bodies[_canonical(head.request.body or b"")].append(position)
        same = self._bodies.get(_canonical(asked.body), deque())
        for position in same:
            if not any(differences(asked, heads[position], compare_body=False)):
                return self._use_body(position, same)
        return self._nearest(asked, heads, self._bodies)

    def _use_body(self, position: int, same: deque[int]) -> int:
        same.remove(position)
        if self._loop:
            same.append(position)
        self._unused.remove(position)
        return self._use(position)

    def _nearest(
        self, asked: Asked, heads: Sequence[Head], bodies: dict[bytes | None, deque[int]]
    ) -> int | Miss:
        """Compare with every one that is left: to say what differs, or to find one that is equal."""
        candidates = []
        for position in self._unused:
            different = list(differences(asked, heads[position], compare_body=True))
            if not different:
                return self._use_body(position, bodies[_canonical(heads[position].request.body or b"")])
            candidates.append((len(different), position, different))
        _, position, different = min(candidates)
        return Miss(_mismatch("body", self._names[position], different))

    def _of_that_name(self, asked: Asked, heads: Sequence[Head]) -> int | Miss:
        wanted = asked.name
        if not wanted:
            body = _parsed(asked.body)
            model = body.get("model") if isinstance(body, dict) else None
            wanted = model if isinstance(model, str) else ""
        turns = self._named.get(wanted.removesuffix(".jsonl"))
        if turns is None:
            return Miss(_unnamed(wanted, self._names))
        turns.rotate(-1)
        return turns[-1]


def _by_name(names: Sequence[str]) -> dict[str, deque[int]]:
    """Every name that a recording goes by: its file's without suffix, and with any part of the path."""
    found: dict[str, deque[int]] = defaultdict(deque)
    for position, name in enumerate(names):
        path, number, turn = name.partition(".jsonl#")
        parts = re.split(r"[/\\]", path.removesuffix(".jsonl"))
        for start in range(len(parts)):
            called = "/".join(parts[start:])
            found[called].append(position)
            if number:
                found[f"{called}#{turn}"].append(position)
    return dict(found)


def _canonical(body: bytes) -> bytes | None:
    """The body's JSON, spelt in the one way that equal ones share; None for what is none."""
    try:
        value = _json.loads(body)
    except ValueError:
        return body or None
    if isinstance(value, dict):
        value = {key: member for key, member in value.items() if key not in _VOLATILE}
    try:
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    except TypeError:
        return json.dumps(value, sort_keys=True).encode()


def _exhausted(asked: Asked, names: Sequence[str]) -> str:
    count = (
        f"all {len(names)} recordings have been played" if len(names) > 1 else "the recording has been played"
    )
    return (
        f"inspector: no recording is left for {asked.method} {urlsplit(asked.url).path}: {count} "
        f"({_listing(names)}). Add a recording for this request, or find out why it is made."
    )


def _unnamed(wanted: str, names: Sequence[str]) -> str:
    known = list(dict.fromkeys(re.split(r"[/\\]", name)[-1].partition(".jsonl")[0] for name in names))
    return (
        f"inspector: no recording is called {wanted!r}; there are {_listing(known)}. "
        f"Name one in the header {NAME_HEADER} or as the model."
    )


def _mismatch(match: str, name: str, different: Sequence[str]) -> str:
    kind = (
        "the next recording is for another request" if match == "order" else "no recording has this request"
    )
    return (
        f"inspector: {kind}. Nearest is {name}, where {'; '.join(different[:5])}. "
        "Record this request, or make the same one."
    )


def _listing(names: Sequence[str]) -> str:
    return ", ".join(names[:5]) + (", …" if len(names) > 5 else "")


def differences(asked: Asked, head: Head, *, compare_body: bool) -> Iterator[str]:
    """Say in which ways a request is not the recorded one, a sentence each."""
    if asked.method != head.request.method:
        yield f"method is {head.request.method}, asked was {asked.method}"
    ours, theirs = endpoint(asked.url), endpoint(head.request.url)
    if ours and theirs and ours != theirs:
        yield f"path is {theirs}, asked was {ours}"
    if compare_body:
        yield from _json_differences("body", head.request.json(), _parsed(asked.body))


@functools.lru_cache(maxsize=256)
def endpoint(url: str) -> str:
    """Return the path from `/v1/` on: what stands before it is a gateway's. Empty where there is none."""
    found = re.search(r"/v1/.*", urlsplit(url).path)
    return found[0].rstrip("/") if found else ""


def _parsed(body: bytes) -> Any:
    try:
        return _json.loads(body) if body else None
    except ValueError:
        return body.decode("utf-8", "replace")


def _json_differences(path: str, recorded: Any, asked: Any) -> Iterator[str]:
    if isinstance(recorded, dict) and isinstance(asked, dict):
        for key in sorted({*recorded, *asked} - (_VOLATILE if path == "body" else frozenset())):
            if key not in asked:
                yield f"{path}.{key} is {_short(recorded[key])}, asked was nothing"
            elif key not in recorded:
                yield f"{path}.{key} is absent, asked was {_short(asked[key])}"
            else:
                yield from _json_differences(f"{path}.{key}", recorded[key], asked[key])
    elif isinstance(recorded, list) and isinstance(asked, list) and len(recorded) == len(asked):
        for index, (one, other) in enumerate(zip(recorded, asked, strict=True)):
            yield from _json_differences(f"{path}[{index}]", one, other)
    elif isinstance(recorded, list) and isinstance(asked, list):
        yield f"{path} has {len(recorded)} items, asked were {len(asked)}"
    elif not _same(recorded, asked):
        yield f"{path} is {_short(recorded)}, asked was {_short(asked)}"


def _same(recorded: Any, asked: Any) -> bool:
    """Compare two plain values; what was masked when it was recorded may be anything of that length."""
    if isinstance(recorded, str) and isinstance(asked, str) and _MASKED.search(recorded):
        pattern = "".join(
            f".{{{len(part)}}}" if _MASKED.fullmatch(part) else re.escape(part)
            for part in re.split(f"({_MASKED.pattern})", recorded)
        )
        return re.fullmatch(pattern, asked, re.DOTALL) is not None
    return bool(recorded == asked) and type(recorded) is type(asked)


def _short(value: Any) -> str:
    text = Mask()(_json.dumps_text(value).encode()).decode()
    return text if len(text) <= 60 else text[:59] + "…"
