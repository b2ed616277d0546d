"""Looking for secrets without changing anything: for a check before a commit, an import, a report.

A line that says `gitleaks:allow` or `pragma: allowlist secret`, as the secret scanners gitleaks and
detect-secrets have it, is passed over: somebody has looked at it.
"""

from __future__ import annotations

from collections.abc import Iterator

from inspector.redact.escapes import plain

__all__ = ["scan"]

_ALLOWED = (b"gitleaks:allow", b"pragma: allowlist secret")


def scan(text: bytes) -> Iterator[tuple[int, str]]:
    """Yield (offset in bytes, kind) for every secret of a text, in order; `KINDS` lists the kinds.

    A secret that is masked is none. `text` may be anything: a recording, a cassette, source code. Keys are
    found by shape, strings of JSON members and parts of URLs by name. Nothing is said of the secret itself.
    """
    from inspector.redact.searching import find_secrets  # loads RE2

    escaped = plain(text)
    for start, _, kind in find_secrets(escaped.text if escaped else text):
        if kind:
            at = escaped.where(start) if escaped else start
            if not _is_allowed(text, at):
                yield at, kind


def _is_allowed(text: bytes, at: int) -> bool:
    """Whether the line around `at` says that it has no secret."""
    start = text.rfind(b"\n", 0, at) + 1
    end = text.find(b"\n", at)
    line = text[start : end if end >= 0 else len(text)]
    return any(map(line.__contains__, _ALLOWED))
