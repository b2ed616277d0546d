r"""Secrets that a name gives away outside JSON: `MY_API_KEY=…` in an environment, `x-api-key: …` in a header.

A value may be a word, a variable, an expression or what a manual has in place of a key: these are not hidden.
It ends at a blank, a quote or a backslash, so JSON around it stays JSON, at every depth.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from inspector.redact.members import looks_random

__all__ = ["ASSIGNED", "assigned_secrets"]

_NAMES = (
    "API_?KEY|ACCESS_KEY|SECRET_KEY|PRIVATE_KEY|SIGNING_KEY|ENCRYPTION_KEY|ACCOUNT_KEY|SUBSCRIPTION_KEY"
    "|PASSWORD|PASSWD|PASSPHRASE|SECRET|TOKEN|CREDENTIALS?"
)
_QUOTE = r"""(?:\\*["']|\\+u002[27])"""
ASSIGNED = rf"(?:{_NAMES})(?:=| ?= ?{_QUOTE})|(?i:api-?key|authorization): ?"
"""Begins a secret with a name, as a pattern: capitals and `=`, or the name of a header and `:`."""

_LEAST, _UNFINISHED = 8, 4  # characters of a value, and of one at the end of a part
_DECIDING = 256  # characters that decide: looking at all might take long
_OPENING = re.compile(_QUOTE.encode())
_VALUE = re.compile(rb"""[^\s"'\\<>`\x00-\x1f]+""")
_AFTER = b"),;]}."  # what ends a sentence or an expression, and no secret
_SCHEME = re.compile(rb"(?i)(?!bearer |basic )[a-z][a-z0-9-]{2,19} (?=[^\s])")
_WORDY_NAME = re.compile(rb"(?:SECRET|TOKEN|CREDENTIALS?) ?=")  # a word may be called so, too

_IS_NONE = re.compile(
    rb"""(?ix)
    [$%{\[(&*@!] .*                             # a variable, a template, an array, a command
    | [a-z][a-z0-9+.-]*:// .*                   # a URL hides its own secrets
    | (?-i: (?:~|\.{1,2})? / (?: [^A-Z]* | .*\.[a-z]{1,5} ))       # a path
    | [a-z_][a-z0-9_]* (?: \.[a-z_][a-z0-9_]* )* [(\[] .*          # a call, an item
    | (?: process|os|env|self|config|settings|secrets|import|this|args|options ) \. .*
    | [a-z_]+ (?: \.[a-z_]+ )+                  # a member
    | [a-z]{1,19} | [a-z]*_[a-z_]*                          # a word, the name of a variable
    | (.)\1* | [x.*#_-]+                        # xxxx, ....
    | sk-ant- .*                                # its shape decides
    | .* \*{4} .*                               # hidden already
    | [a-z0-9]*-? x{4,} .* | .*\.{3} .*         # sk-xxxx, sk-...
    | [a-z_.-]* (?: your|my|example|here|dummy|fake|test|mock|sample|placeholder|change|replace|insert|todo
      | secret|token|password|key ) [a-z_.-]*
    | (?: your|my|test|fake|dummy|mock|example|sample|not )[_-] .*
    """,
    re.DOTALL,
)


def assigned_secrets(text: bytes, at: int, after: int, part: bool) -> Iterator[tuple[int, int]]:
    """Yield the value behind a name, if it looks like a secret. The name's end begins at `at`.

    `after` is behind what `ASSIGNED` matches. `part`: more text follows later.
    """
    called = text[at:after]
    is_header = b":" in called
    if opening := _OPENING.match(text, after):
        after = opening.end()
    if is_header and (scheme := _SCHEME.match(text, after)):
        after = scheme.end()
    value = _VALUE.match(text, after, after + _DECIDING)
    if not value:
        return
    goes_on = part and value.end() == len(text)
    least = _UNFINISHED if goes_on else _LEAST
    deciding = value[0] if goes_on else value[0].rstrip(_AFTER)
    if len(deciding) < least or _IS_NONE.fullmatch(deciding):
        return
    needs_chance = is_header or goes_on or _WORDY_NAME.match(called)
    if not needs_chance or looks_random(deciding, least):
        whole = _VALUE.match(text, after)
        secret = whole[0] if whole else value[0]
        yield after, after + len(secret if goes_on else secret.rstrip(_AFTER))
