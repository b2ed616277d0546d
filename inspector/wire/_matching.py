"""Which recording answers which request.

In order, a session is played turn by turn. By body, the first recording not yet used whose request says
the same answers; what is compared is the JSON (key order, spacing and escapes apart), never the headers.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from inspector import _json
from inspector.recording import Head

__all__ = ["MATCHES", "Asked", "Matcher", "Miss"]

MATCHES = ("order", "body")
"""The ways to choose a recording."""

_VOLATILE = frozenset({"metadata"})
"""Members of a request's body that may differ from run to run without meaning anything."""


class Asked(NamedTuple):
    """A request as it came: method, URL, body."""

    method: str
    url: str
    body: bytes


class Miss(NamedTuple):
    """No recording answers: why, and what to do, in words for the person at the client."""

    message: str


class Matcher:
    """Hand out the positions of recordings whose heads are known: each once, with `loop` again."""

    def __init__(self, match: str, names: Sequence[str], *, loop: bool = False) -> None:
        self._match = match
        self._loop = loop
        self._names = names
        self._unused = list(range(len(names)))
        self._lock = threading.Lock()

    def take(self, asked: Asked, heads: Sequence[Head]) -> int | Miss:
        """Choose the recording that answers, and use it up."""
        with self._lock:
            if not self._unused:
                return Miss(_exhausted(asked, self._names))
            candidates = self._unused if self._match == "body" else self._unused[:1]
            differences = []
            for position in candidates:
                different = list(_differences(asked, heads[position], compare_body=self._match == "body"))
                if not different:
                    self._unused.remove(position)
                    if self._loop:
                        self._unused.append(position)
                    return position
                differences.append((len(different), position, different))
            _, position, different = min(differences)
            return Miss(_mismatch(self._match, self._names[position], different))


def _exhausted(asked: Asked, names: Sequence[str]) -> str:
    count = (
        f"all {len(names)} recordings have been played" if len(names) > 1 else "the recording has been played"
    )
    return (
        f"inspector: no recording is left for {asked.method} {urlsplit(asked.url).path}: {count} "
        f"({_listing(names)}). Add a recording for this request, or find out why it is made."
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


def _differences(asked: Asked, head: Head, *, compare_body: bool) -> Iterator[str]:
    """Say in which ways a request is not the recorded one."""
    if asked.method != head.request.method:
        yield f"method is {head.request.method}, asked was {asked.method}"
    ours, theirs = _endpoint(asked.url), _endpoint(head.request.url)
    if ours and theirs and ours != theirs:
        yield f"path is {theirs}, asked was {ours}"
    if compare_body:
        yield from _json_differences("body", head.request.json(), _parsed(asked.body))


def _endpoint(url: str) -> str:
    """The path from `/v1/` on: what stands before it belongs to a gateway. Empty where there is none."""
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
    elif recorded != asked or type(recorded) is not type(asked):
        yield f"{path} is {_short(recorded)}, asked was {_short(asked)}"


def _short(value: Any) -> str:
    text = _json.dumps_text(value)
    return text if len(text) <= 60 else text[:59] + "…"
