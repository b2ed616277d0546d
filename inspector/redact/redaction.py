"""What a recording loses when it is written, beyond headers and secrets: the choices of its user."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

__all__ = ["CONTENT", "KEEP_IDS", "Redaction"]

CONTENT = {
    "prompts": "the texts of the request: system prompt, messages, descriptions of tools",
    "outputs": "the texts of the response: text, thinking, citations, results of server tools",
    "tool-inputs": "the strings and numbers in the inputs of tool calls, in the request too",
    "signatures": "signatures of thinking, redacted thinking and other encrypted content",
}
"""The kinds of content that can be masked, each with what it is."""

KEEP_IDS = "no-ids"
"""The name that keeps request, organization and user ids as they are."""

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,39}")


class Redaction:
    """What is masked in a recording besides secrets.

    `what` lists names of `CONTENT`, as one text with commas or as several texts; `no-ids` keeps the ids of
    requests, organizations and users, which else become pseudonyms. `patterns` are regular expressions in the
    syntax of RE2 (https://github.com/google/re2/wiki/Syntax) by the names under which their matches are
    counted. `key` makes the pseudonyms: sessions with the same key have the same ones. Without it, the
    environment variable INSPECTOR_REDACT_KEY is the key, or else each process has one of its own.

    Raises `ValueError`, with a message for people, for an unknown name and for what is no pattern.
    """

    __slots__ = ("content", "ids", "key", "patterns")

    def __init__(
        self,
        what: str | Iterable[str] = (),
        *,
        patterns: Mapping[str, str] | None = None,
        key: str | None = None,
    ) -> None:
        names = _names(what)
        for name in names:
            if name not in CONTENT and name != KEEP_IDS:
                raise ValueError(f"{name!r} cannot be redacted; known are {', '.join([*CONTENT, KEEP_IDS])}")
        self.content = frozenset(names) - {KEEP_IDS}
        self.ids = KEEP_IDS not in names
        self.patterns: dict[str, str] = dict(patterns or {})
        self.key = key
        if self.patterns:
            from inspector.redact.searching import compiled  # loads RE2

            for name, pattern in self.patterns.items():
                if not _NAME.fullmatch(name):
                    raise ValueError(f"{name!r} is no name for a pattern: use letters, digits, - and _")
                compiled(pattern)

    @property
    def whole(self) -> bool:
        """Whether a recording must be there as a whole before it can be written.

        What a pattern matches, or which string of a tool's input a delta goes on with, shows only later.
        """
        return bool(self.content or self.patterns)


def _names(what: str | Iterable[str]) -> list[str]:
    texts = [what] if isinstance(what, str) else list(what)
    return [name.strip() for text in texts for name in text.split(",") if name.strip()]
