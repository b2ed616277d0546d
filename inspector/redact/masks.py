"""The mask: the same text, with `*` in place of every byte of a secret."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Callable, Iterable
from typing import NamedTuple

from inspector.redact.escapes import plain
from inspector.redact.identifiers import (
    ID_KINDS,
    id_kind,
    is_id,
    may_hold_request_id,
    metadata_ids,
    request_ids,
)
from inspector.redact.json_values import Place
from inspector.redact.known_values import KnownValues
from inspector.redact.own_secrets import header_bytes, is_word, own_secrets
from inspector.redact.prefilter import may_hold_secret
from inspector.redact.pseudonyms import Pseudonyms

__all__ = ["Mask", "load_search", "mask_text", "mask_url"]

_OWN = "key"  # the kind of what a request authenticates with
_BEFORE_NUMBER = re.compile(rb"[:,\[0-9][\s.eE+-]*$")  # a string would have its quote there
_LEARNED = 4096  # secrets of one request
_FEW = 16 * 1024  # bytes that are searched without RE2
_Span = tuple[int, int, str]  # as `searching` has it

_URL_USER = re.compile(r"^([^/?#]*//|)[^/?#]*@")  # also without its scheme


class _Hidden(NamedTuple):
    """Bytes that are hidden by `fill`; `kind` is empty for a further part of what was hidden before."""

    start: int
    end: int
    kind: str
    fill: bytes


class Mask:
    """Hide secrets in bytes: by shape, by name, and the values with which a request authenticates.

    `headers` are those of the request; the `response` has secrets, too: its cookies. With `pseudonyms`, ids
    become pseudonyms: those of headers, of the request's `metadata`, and request ids in the response.
    """

    __slots__ = ("_known", "_metadata", "counts", "pseudonyms")

    def __init__(
        self,
        headers: Iterable[tuple[str, str]] = (),
        response: Iterable[tuple[str, str]] = (),
        *,
        pseudonyms: Pseudonyms | None = None,
    ) -> None:
        fields = [(name.lower(), value) for name, value in headers]
        answered = [(name.lower(), value) for name, value in response]
        self.pseudonyms = pseudonyms
        self.counts: Counter[str] = Counter()
        """How many secrets and ids of each kind were hidden by `counted`, `counting`, `url` and `request`."""
        self._metadata: tuple[bytes, list[Place]] = (b"", [])  # a body, and the ids of its metadata
        self._known = KnownValues()
        self._known.add((form, _OWN) for form in own_secrets(fields, answered))
        if pseudonyms:
            ids = ((header_bytes(value), id_kind(name)) for name, value in fields + answered)
            self._known.add((value, kind) for value, kind in ids if kind and is_id(value))

    def learn(self, text: bytes) -> None:
        """Hide the secrets and the ids of `text`, which the request sends, wherever else they stand."""
        escaped = plain(text)
        flat = escaped.text if escaped else text
        spans = itertools.islice(_by_pattern(flat, part=False), _LEARNED)
        values = [flat[start:end] for start, end, _ in spans]
        self._known.add((value, _OWN) for value in values if len(value) >= 8 and not is_word(value))
        if self.pseudonyms:
            ids = [(text[start:end], kind) for start, end, kind in self._ids(text)]
            self._known.add((value, kind) for value, kind in ids if is_id(value))

    def __call__(self, text: bytes) -> bytes:
        """Return `text` with every byte of a secret replaced by `*`; `text` itself if it has no secret."""
        return _filled(text, self._find(text))

    def part(self, text: bytes) -> bytes:
        """Mask text that goes on later: also hide the beginning of a secret at its end."""
        return _filled(text, self._find(text, part=True))

    def text(self, text: str) -> str:
        """Mask a string."""
        data = text.encode("utf-8", "surrogatepass")
        masked = self(data)
        return text if masked is data else masked.decode("utf-8", "surrogatepass")

    def counting(self, text: bytes, *, part: bool = False, since: int = 0) -> tuple[bytes, int]:
        """Mask, and count what begins at `since` or later. Return also where the last of it ends."""
        hidden = self._find(text, part=part)
        return _filled(text, hidden), self._count(hidden, since)

    def counted(self, text: str) -> str:
        """Mask a string, and count."""
        return self.counting(text.encode("utf-8", "surrogatepass"))[0].decode("utf-8", "surrogatepass")

    def url(self, url: str) -> str:
        """Return a URL without its user, and with its secrets masked, and count."""
        bare = _URL_USER.sub(r"\1", url)
        self.counts.update({"url_user": 1} if bare != url else {})
        return self.counted(bare)

    def request(self, body: bytes) -> bytes:
        """Mask the body of a request, and count.

        The ids in its `metadata` become pseudonyms. Elsewhere they become stars, which equal any text that is
        as long: so a request whose ids are others is still the same request.
        """
        hidden = self._find(body, is_request=True)
        if pseudonyms := self.pseudonyms:
            for start, end, kind in self._ids(body):
                hidden.append(_Hidden(start, end, kind, _fill(body, start, end, kind, pseudonyms)))
        self._count(hidden, 0)
        return _filled(body, hidden)

    def _find(self, text: bytes, *, part: bool = False, is_request: bool = False) -> list[_Hidden]:
        escaped = plain(text)
        flat = escaped.text if escaped else text
        pseudonyms = None if is_request else self.pseudonyms
        spans = self._known.spans(flat, part=part)
        spans += _by_pattern(flat, part=part)
        if pseudonyms and may_hold_request_id(flat):
            spans = [*request_ids(flat), *spans]
        hidden, name = [], ""
        for start, end, kind in spans:
            name = kind or name
            fill = _fill(flat, start, end, name, pseudonyms)
            if escaped:
                start, end = escaped.where(start), escaped.where(end)
                fill = fill.ljust(end - start, fill[-1:])
            hidden.append(_Hidden(start, end, kind, fill))
        return hidden

    def _count(self, hidden: list[_Hidden], since: int) -> int:
        for start, end, kind, _ in sorted(hidden):
            if kind and start >= since:
                self.counts[kind] += 1
            since = max(since, end)
        return since

    def _ids(self, body: bytes) -> list[Place]:
        """Return the ids of a body's metadata. A body is learned first, and then masked."""
        if self._metadata[0] is not body:
            self._metadata = body, list(metadata_ids(body))
        return self._metadata[1]


def _filled(text: bytes, hidden: list[_Hidden]) -> bytes:
    if not hidden:
        return text
    masked = bytearray(text)
    for start, end, _, fill in hidden:
        masked[start:end] = fill
    return text if masked == text else bytes(masked)


def _fill(text: bytes, start: int, end: int, kind: str, pseudonyms: Pseudonyms | None) -> bytes:
    """Return what stands in place of a secret or an id, as long as it."""
    value = text[start:end]
    if (kind in ID_KINDS or kind == "credential") and _is_number(text, start, end):
        return b"1" * len(value)
    return pseudonyms.of(value) if pseudonyms and kind in ID_KINDS else b"*" * len(value)


def _is_number(text: bytes, start: int, end: int) -> bool:
    """Whether the digits between `start` and `end` are a JSON number, which must stay one."""
    return text[start:end].isdigit() and _BEFORE_NUMBER.search(text, max(0, start - 32), start) is not None


class _Search:
    """Find secrets by shape and by name.

    To load RE2 takes some milliseconds, which a command that shows a few short texts need not pay. For long
    texts it is far faster than the search for literals.
    """

    def __init__(self) -> None:
        self._find: Callable[..., Iterable[_Span]] | None = None
        self._seen = 0  # bytes

    def __call__(self, text: bytes, *, part: bool) -> Iterable[_Span]:
        if self._find is None:
            self._seen += len(text)
            if self._seen < _FEW and not may_hold_secret(text):
                return ()
            self.load()
        assert self._find is not None
        return self._find(text, part=part)

    def load(self) -> None:
        """Load RE2 and the patterns."""
        from inspector.redact.searching import find_secrets

        self._find = find_secrets


_by_pattern = _Search()
_by_shape = Mask()


def load_search() -> None:
    """Load RE2 and the patterns now, which takes some 10 ms: a first text would wait for them."""
    _by_pattern.load()


def mask_text(text: str) -> str:
    """Return `text` with a `*` for every byte of what looks like a secret. For all that people or logs see.

    It hides keys by shape, JSON strings by name, and secrets in URLs, and knows no request's own secrets.
    """
    return _by_shape.text(text)


def mask_url(url: str) -> str:
    """Return `url` without its user part, and with the values of parameters that have secret names masked."""
    return mask_text(_URL_USER.sub(r"\1", url))
