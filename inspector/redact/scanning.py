"""Looking for secrets without changing anything: for a check before a commit, an import, a report.

A line that says `gitleaks:allow` or `pragma: allowlist secret`, as the secret scanners gitleaks and
detect-secrets have it, is passed over: somebody has looked at it.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator

from inspector.redact.escapes import plain

__all__ = ["scan"]

_BASE64 = re.compile(rb'"base64": ?"([A-Za-z0-9+/]{16,}={0,2})"')  # as a recording has bytes that are no text
_ALLOWED = (b"gitleaks:allow", b"pragma: allowlist secret")


def scan(text: bytes) -> Iterator[tuple[int, str]]:
    """Yield (offset in bytes, kind) for every secret of a text, in order; `KINDS` lists the kinds.

    A secret that is masked is none. `text` may be anything: a recording, a cassette, source code. Keys are
    found by shape, strings of JSON members, assignments and parts of URLs by name; also in what a
    recording has in base64. Nothing is said of the secret itself.
    """
    places = [place for place in _secrets(text) if not _is_allowed(text, place[0])]
    yield from sorted(places + list(_in_base64(text)) if b'"base64"' in text else places)


def _secrets(text: bytes) -> Iterator[tuple[int, str]]:
    from inspector.redact.searching import find_secrets  # loads RE2

    escaped = plain(text)
    for start, _, kind in find_secrets(escaped.text if escaped else text):
        if kind:
            yield escaped.where(start) if escaped else start, kind


def _in_base64(text: bytes) -> Iterator[tuple[int, str]]:
    """Yield what stands in base64; its place is where the base64 begins."""
    for match in _BASE64.finditer(text):
        try:
            decoded = base64.b64decode(match[1], validate=True)
        except binascii.Error:
            continue
        yield from ((match.start(1), kind) for _, kind in _secrets(decoded))


def _is_allowed(text: bytes, at: int) -> bool:
    """Whether the line around `at` says that it has no secret."""
    start = text.rfind(b"\n", 0, at) + 1
    end = text.find(b"\n", at)
    line = text[start : end if end >= 0 else len(text)]
    return any(map(line.__contains__, _ALLOWED))
